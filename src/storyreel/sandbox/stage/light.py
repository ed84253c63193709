"""
The light of an hour: the sky's colours, sun or moon, the haze that swallows distance, the tint that falls on things.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyreel.sandbox.stage.paint import Colour, mix, times

Stops = tuple[tuple[float, Colour], ...]


@dataclass(frozen=True)
class Air:
    """
    One hour's light.

    Args:
        sky: Gradient from the zenith (0) to the horizon (1).
        orb: Colour of sun or moon.
        orb_size: Its radius, as a part of the frame's shorter side; 0 for a covered sky.
        orb_height: Its middle, from 0 at the top to 1 at the horizon.
        haze: What far things turn to.
        deep: What the nearest silhouettes turn to.
        tint: The light on things, per channel.
        stars: How many.
        lamp: The colour of lit windows; they are lit where `lamps`.
        lamps: Whether it is dark enough for them.
        clouds: Their colour.
        moon: Whether the orb is the moon.
    """

    sky: Stops
    orb: Colour
    orb_size: float
    orb_height: float
    haze: Colour
    deep: Colour
    tint: tuple[float, float, float]
    stars: int
    clouds: Colour
    lamps: bool = False
    moon: bool = False
    lamp: Colour = (255, 208, 120)

    def lit(self, colour: Colour, distance: float = 0.0) -> Colour:
        """Return how a thing of this colour looks, near (0) or so far that it is all haze (1)."""
        return mix(times(colour, self.tint), self.haze, distance)


HOURS: dict[str, Air] = {
    "dawn": Air(
        ((0, (62, 84, 138)), (0.45, (150, 136, 170)), (0.75, (240, 178, 158)), (1, (255, 224, 184))),
        (255, 242, 214), 0.055, 0.80, (244, 204, 186), (40, 48, 84), (0.88, 0.82, 0.88), 18, (255, 206, 190), lamps=True,
    ),
    "day": Air(
        ((0, (44, 124, 206)), (0.55, (118, 186, 232)), (1, (222, 240, 244))),
        (255, 252, 226), 0.05, 0.28, (206, 226, 236), (30, 74, 84), (1.0, 1.0, 0.98), 0, (255, 255, 255),
    ),
    "sunset": Air(
        ((0, (68, 92, 160)), (0.4, (178, 128, 150)), (0.72, (250, 164, 92)), (1, (255, 220, 138))),
        (255, 240, 190), 0.075, 0.74, (252, 196, 130), (64, 36, 48), (1.0, 0.82, 0.66), 0, (255, 196, 150),
    ),
    "dusk": Air(
        ((0, (18, 26, 66)), (0.42, (70, 62, 122)), (0.74, (196, 106, 116)), (1, (255, 186, 122))),
        (255, 216, 160), 0.06, 0.93, (204, 132, 130), (20, 20, 46), (0.70, 0.60, 0.72), 46, (196, 120, 140), lamps=True,
    ),
    "night": Air(
        ((0, (5, 9, 28)), (0.5, (14, 26, 62)), (1, (48, 66, 116))),
        (240, 240, 222), 0.05, 0.30, (50, 66, 112), (5, 9, 24), (0.44, 0.52, 0.76), 150, (58, 72, 118), lamps=True, moon=True,
    ),
    "neon": Air(
        ((0, (8, 6, 30)), (0.5, (44, 16, 86)), (0.85, (170, 36, 126)), (1, (240, 86, 140))),
        (255, 150, 196), 0.10, 0.72, (132, 44, 132), (10, 6, 30), (0.60, 0.50, 0.84), 34, (120, 50, 130),
        lamps=True, lamp=(120, 236, 255),
    ),
    "storm": Air(
        ((0, (24, 30, 44)), (0.5, (64, 78, 94)), (1, (142, 154, 156))),
        (220, 226, 226), 0.0, 0.3, (122, 136, 142), (18, 26, 36), (0.62, 0.68, 0.74), 0, (52, 62, 76), lamps=True,
    ),
    "pale": Air(
        ((0, (128, 154, 188)), (0.55, (180, 200, 220)), (1, (234, 240, 244))),
        (255, 255, 250), 0.045, 0.36, (214, 224, 234), (46, 66, 92), (0.90, 0.94, 1.0), 0, (240, 244, 250), lamps=True,
    ),
}  # fmt: skip
