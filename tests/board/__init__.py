"""What the board promises."""
