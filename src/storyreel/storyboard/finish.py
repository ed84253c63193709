"""
Read how a film is handed over: its codec, its rate, what is laid over all of its pictures.
"""

from __future__ import annotations

from fractions import Fraction

from storyreel.model.finish import Finish, Overlay
from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.drawn import own_picture
from storyreel.storyboard.fields.deliver import RATES
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.sizes import listed
from storyreel.storyboard.text.nodes import Trail


def finish(findings: Findings, trail: Trail, film: fields.Delivery, cast: Cast) -> Finish:
    """Return how a film is handed over. What cannot be is told."""
    rate = None if film.rate is None else _rate(findings, (*trail, "rate"), film.rate)
    overlay = None if film.overlay is None else _overlay(findings, (*trail, "overlay"), film.overlay, cast)
    return Finish(codec=film.codec, rate=rate, burn_in=film.burn_in, overlay=overlay)


def _rate(findings: Findings, here: Trail, written: float) -> Fraction | None:
    if written in RATES:
        whole = round(written)
        return Fraction(whole) if written == whole else Fraction(whole * 1000, 1001)
    nearest = min(RATES, key=lambda rate: abs(rate - written))
    message = f"rate is {written:g}; a film has {listed([f'{rate:g}' for rate in RATES])} frames a second"
    findings.tell("wrong-value", here, message, f"the nearest to it is {nearest:g}")
    return None


def _overlay(findings: Findings, here: Trail, written: fields.Overlay, cast: Cast) -> Overlay | None:
    name = findings.words((*here, "file"), written.file, cast.known(), what="file")
    picture = None if name is None else own_picture(findings, (*here, "file"), name)
    return None if picture is None else Overlay(picture, written.place, written.opacity)
