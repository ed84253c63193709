"""What is set, by whom, and what a stranger may not say."""
