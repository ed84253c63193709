"""
Change a clip as an edit's words ask: weather laid over it, its light and colours turned to another time or look.

A look moves brightness along a line and colours around grey, which is cheap and can be foreseen: where a clip is such
that the change would hardly be seen (night on a black clip), the look is turned the other way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import ImageStat

from storyreel.sandbox.stage.clips_in import Planes


@dataclass(frozen=True)
class Look:
    """
    A change of light and colour: luma `y * gain + lift`, chroma `(c - 128) * colour + 128 + tint`.

    `weather` names what is laid over it, or is empty.
    """

    name: str
    gain: float = 1.0
    lift: float = 0.0
    colour: float = 1.0
    tint: tuple[float, float] = (0.0, 0.0)
    weather: str = ""

    def filters(self) -> str:
        """Return the look as ffmpeg's filter."""
        y = f"clip(val*{self.gain:.3f}+{self.lift:.2f}\\,16\\,235)"
        u, v = (f"clip((val-128)*{self.colour:.3f}+{128 + tint:.2f}\\,16\\,240)" for tint in self.tint)
        return f"lutyuv=y={y}:u={u}:v={v}"

    def moves(self, frames: Sequence[Planes]) -> float:
        """Return by how much luma changes on average over these frames, in levels, without the weather."""
        lut = [abs(min(235.0, max(16.0, v * self.gain + self.lift)) - v) for v in range(256)]
        total = sum(ImageStat.Stat(y).count[0] for y, _, _ in frames)
        return sum(n * lut[v] for y, _, _ in frames for v, n in enumerate(y.histogram())) / max(total, 1)


LOOKS: tuple[tuple[str, Look], ...] = (
    (r"black.?and.?white|monochrome|noir|grey ?scale|gray ?scale", Look("noir", 1.25, -42, 0.0)),
    (r"sepia|vintage|old film|old photo|antique", Look("sepia", 0.84, 10, 0.12, (-16, 11))),
    (r"snow|blizzard|winter|frost|icy", Look("snow", 0.72, 66, 0.5, (7, -5), "snow")),
    (r"thunder|lightning|storm|tempest", Look("storm", 0.58, 8, 0.45, (6, -6), "storm")),
    (r"rain|drizzle|downpour|wet", Look("rain", 0.64, 12, 0.55, (6, -6), "rain")),
    (r"fog|mist|haze|smoke", Look("fog", 0.45, 104, 0.45, (2, -2), "fog")),
    (r"neon|cyberpunk|synthwave|vaporwave", Look("neon", 0.74, 2, 1.5, (20, 16), "neon")),
    (r"night|midnight|dark|moonlit|moonlight", Look("night", 0.42, 8, 0.55, (14, -10), "stars")),
    (r"sunset|sunrise|golden|dusk|dawn|evening", Look("sunset", 0.84, -2, 1.05, (-24, 24), "sun")),
    (r"warm|summer|autumn|orange|sunny|bright|day", Look("warm", 1.0, 22, 1.1, (-18, 13))),
    (r"cold|cool|blue|teal|underwater|ocean", Look("cold", 0.8, 2, 0.8, (20, -14))),
    (r"green|forest|jungle|matrix", Look("green", 0.84, 0, 0.9, (-10, -16))),
    (r"red|blood|fire|mars", Look("red", 0.82, 0, 0.9, (-8, 30), "embers")),
    (r"faded|pastel|soft|dream", Look("dream", 0.66, 64, 0.7, (2, 6))),
)
DEFAULT = Look("graded", 0.76, 0, 1.12, (10, -8))
SEEN = 15.0


def look_for(prompt: str, frames: Sequence[Planes]) -> Look:
    """Return the look that the words ask for, strong enough to be seen on these sampled frames."""
    words = prompt.lower()
    look = next((look for pattern, look in LOOKS if re.search(rf"\b(?:{pattern})", words)), DEFAULT)
    if not frames or look.moves(frames) >= SEEN:
        return look
    # More of the same first, then its opposite; one of them shows on any picture.
    tries = [replace(look, lift=look.lift + way * step) for step in (12, 24, 36, 48, 64) for way in (-1, 1)]
    return next((t for t in tries if t.moves(frames) >= SEEN), max(tries, key=lambda t: t.moves(frames)))
