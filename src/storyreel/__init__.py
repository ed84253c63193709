"""storyreel: a storyboard becomes a finished film, and nothing is ever paid for twice."""
