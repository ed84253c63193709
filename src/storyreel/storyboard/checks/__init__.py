"""What is held against a storyboard, check by check."""
