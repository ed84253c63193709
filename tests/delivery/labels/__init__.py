"""Labels of films."""
