"""
More films of one storyboard: another size, another order, other words and sound.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import StrictBool

from storyreel.storyboard.fields.cut import Order
from storyreel.storyboard.fields.drawn import Fit
from storyreel.storyboard.fields.words import About, Part, Ratio, Resolution


class Delivery(Part):
    """One more film. What it does not say is as in the master."""

    TITLE: ClassVar[str] = "An entry of `deliver`"
    IN: ClassVar[str] = "in a delivery"
    INTO: ClassVar[str] = "into an entry of `deliver`"

    aspect_ratio: Ratio | None = None
    """Of this film; default: that of `defaults`."""
    resolution: Resolution | None = None
    """Of this film; default: that of `defaults`."""
    regenerate: Annotated[StrictBool, About("true or false", ("reshoot", "rebuy"))] = False
    """Whether scenes are bought again in this film's ratio, for money; default: false, they are fitted."""
    fit: Fit | None = None
    """How scenes fill it that do not say so themselves: pad, crop or blur; default: pad."""
    order: Order | None = None
    """What it shows, as in `cut.order`; default: that of `cut`."""
