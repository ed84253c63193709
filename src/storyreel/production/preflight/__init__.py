"""What is looked at before a shoot, by itself: each check is bounded in time, hides no other, spends nothing and leaves nothing behind."""
