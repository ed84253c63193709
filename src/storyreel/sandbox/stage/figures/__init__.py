"""What can stand and move in a place."""
