"""What can be seen and heard to be wrong with a clip."""
