"""Words on pictures."""
