"""Places that a scene can be set in."""
