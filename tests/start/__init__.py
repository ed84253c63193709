"""How somebody begins."""
