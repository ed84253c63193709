"""
The storyboard language, version 1: every field once, with its shape, its meaning, and the words that people use for it.

These models hold what is written, nothing more: no default is filled in, no file is looked at, no limit of the service is
known. What else speaks of a field is made from here: the JSON schema that editors use (`schema.py`), the tables of the
language's reference (`reference.py`), and what is said of a value or a key that does not fit (`checks/shape.py`).
"""

from storyreel.storyboard.fields.board import Defaults, Sheet, StillDefaults
from storyreel.storyboard.fields.captions import Captions, Line
from storyreel.storyboard.fields.cut import Cut, Item, Transition, Trim
from storyreel.storyboard.fields.deliver import Delivery, Overlay, OwnTake
from storyreel.storyboard.fields.drawn import Card
from storyreel.storyboard.fields.pictures import (
    FrameOf,
    Image,
    Keyframe,
    LastFrameOf,
    Member,
    Reference,
    References,
    Still,
    is_file,
)
from storyreel.storyboard.fields.scene import Edit, Extension, Link, Scene
from storyreel.storyboard.fields.sound import Laid, Music, OwnSound
from storyreel.storyboard.fields.titles import Title
from storyreel.storyboard.fields.variants import Variant, VariantScene
from storyreel.storyboard.fields.words import LONGEST_NAME, NAME, UNNAMED, About, Part

__all__ = [
    "LONGEST_NAME",
    "NAME",
    "UNNAMED",
    "About",
    "Captions",
    "Card",
    "Cut",
    "Defaults",
    "Delivery",
    "Edit",
    "Extension",
    "FrameOf",
    "Image",
    "Item",
    "Keyframe",
    "Laid",
    "LastFrameOf",
    "Line",
    "Link",
    "Member",
    "Music",
    "Overlay",
    "OwnSound",
    "OwnTake",
    "Part",
    "Reference",
    "References",
    "Scene",
    "Sheet",
    "Still",
    "StillDefaults",
    "Title",
    "Transition",
    "Trim",
    "Variant",
    "VariantScene",
    "is_file",
]
