"""What travels through the house, as frozen values."""
