"""What waits for a person, and who has approved it."""
