"""
Read a storyboard and find it right - or find everything that is wrong with it.

`load` takes a file and returns a `Storyboard` in which nothing is left open: defaults filled in, prompts rendered, pictures
measured, limits and continuity checked. Nothing is planned, bought or sent here.
"""

from storyreel.storyboard.load import load
from storyreel.storyboard.schema import schema

__all__ = ["load", "schema"]
