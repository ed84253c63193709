"""Lists of shots, as people have them in spreadsheets and from other programs."""
