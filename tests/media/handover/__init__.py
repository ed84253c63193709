"""Films as they are handed over."""
