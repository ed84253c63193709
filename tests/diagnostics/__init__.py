"""What is said of a storyboard: codes, excerpts, formats."""
