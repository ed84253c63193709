"""What the variables of the environment promise."""
