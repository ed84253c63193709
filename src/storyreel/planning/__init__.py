"""From a storyboard to a plan: steps, recipes, seconds and dollars. Pure."""
