"""
Read how words are written on a picture: their colour, their font, and whether they can be set there at all.
"""

from __future__ import annotations

from storyreel.fonts import FACE
from storyreel.fonts.typeset import letters, standing_at, typeset_to_fit, unset, unwritable
from storyreel.model.drawn import FontFile, Place
from storyreel.storyboard import fields
from storyreel.storyboard.colors import as_color, color_meant
from storyreel.storyboard.files import Missing
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.nodes import Trail
from storyreel.storyboard.values import described


class Letters:
    """
    Words of a storyboard that are drawn.

    Args:
        shape: The ratio and the resolution of the film: words have to fit into it.
    """

    def __init__(self, findings: Findings, shape: fields.Defaults) -> None:
        self._findings = findings
        ratios = findings.catalog.sizes.get(shape.resolution, {})
        self._size = ratios.get(shape.aspect_ratio, (1280, 720))

    def color(self, trail: Trail, written: str | None) -> str | None:
        """Return the colour of letters, white where none is written; None if it is none, which is told."""
        color = "#ffffff" if written is None else as_color(written)
        if color is None and written is not None:
            message = f"color is {described(written)}, and that is no colour"
            self._findings.tell("wrong-value", trail, message, color_meant(written))
        return color

    def font(self, trail: Trail, written: str) -> FontFile | None:
        """Return the font that a path means; None if there is none, which is told."""
        try:
            return self._findings.folder.font(written)
        except Missing as missing:
            self._findings.tell(missing.code, trail, missing.message, missing.remedy)
            return None

    def judge(self, trail: Trail, text: str, font: FontFile | None, size: float) -> None:
        """
        Tell why words cannot be set on the film's picture, if they cannot.

        Args:
            trail: Where they are written, with `text` and `size`.
            font: None for the package's own.
            size: Of their letters, in percent of the film's height.
        """
        what = (text, FACE if font is None else font.path, size, self._size)
        if what not in (judged := self._findings.judged_words):
            judged[what] = unset(*what)
        wrong = judged[what]
        if wrong is not None:
            field = "size" if wrong.code == "words-too-large" and self._findings.has((*trail, "size")) else "text"
            self._findings.tell(wrong.code, (*trail, field), wrong.message, wrong.remedy)

    def stand_at(
        self, text: str, font: FontFile | None, size: float, place: Place
    ) -> tuple[float, float, float, float]:
        """Return where words stand on the film's picture: left, top, right and bottom, in pixels."""
        face = FACE if font is None else font.path
        setting = typeset_to_fit(text, face, letters(size, self._size[1]), self._size)
        return standing_at(setting, place, self._size)

    def judge_captions(self, trail: Trail, text: str, font: FontFile | None) -> None:
        """Tell why captions cannot be written into the film's picture, if they cannot, once for each place."""
        wrong = unwritable(text, FACE if font is None else font.path)
        if wrong is not None:
            remedy = wrong.remedy.replace("font: fonts", "captions: {font: fonts").replace("....ttf", "....ttf}")
            self._findings.tell_once(wrong.code, trail, wrong.message, remedy)
