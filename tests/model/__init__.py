"""What the model promises."""
