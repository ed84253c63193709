"""What delivery promises."""
