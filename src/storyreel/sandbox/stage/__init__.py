"""Clips from words: what the sandbox shows where the service shows what a model made."""
