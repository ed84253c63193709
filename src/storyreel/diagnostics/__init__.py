"""What there is to say of a storyboard: each with a code, a place and a remedy, for people and for programs."""
