"""
Read a storyboard and find it right - or find everything that is wrong with it.

`load` takes a file and returns a `Storyboard` in which nothing is left open: defaults filled in, prompts rendered, pictures
measured, limits and continuity checked; `load_all` returns one for each variant. Nothing is planned, bought or sent here.
"""

from storyreel.storyboard.load import load, load_all
from storyreel.storyboard.schema import schema

__all__ = ["load", "load_all", "schema"]
