"""What the door to files promises."""
