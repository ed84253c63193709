"""A storyboard as text: where everything is written, and hints about YAML."""
