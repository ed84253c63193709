"""Prompts: templates, and what they may do."""
