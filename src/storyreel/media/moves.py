"""
Where a camera looks that seems to move over a picture: a window that glides, never by whole pixels. Pure.
"""

from __future__ import annotations

from storyreel.model.drawn import Move

Box = tuple[float, float, float, float]

ZOOM_A_SECOND, LEAST_ZOOM, MOST_ZOOM = 0.035, 0.05, 0.25
"""By how much more is seen of a picture at one end of a push or a pull than at the other, as shares."""
PAN_A_SECOND = 0.05
"""How fast a camera pans, in widths (or heights) of what it sees."""
PAN_ZOOM = 1.15
"""How much nearer a camera stands that pans, so that it has somewhere to go in a picture of the film's own ratio."""
BEYOND = 0.35
"""How much of its way a push or a pull has left at either end, so that it does not stop within a transition."""
WAYS: dict[str, tuple[int, int]] = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def cropped(picture: tuple[int, int], size: tuple[int, int], focus: tuple[float, float], zoom: float = 1.0) -> Box:
    """
    Return the box of a picture that has the ratio of a size: as much as there is, its middle as near to `focus` as can be.

    Args:
        zoom: 2 returns one of half as many pixels across and down.
    """
    width, height = picture
    scale = min(width / size[0], height / size[1]) / zoom
    # Of a picture that is seen whole the product may come out a hair larger than the picture.
    across, down = min(size[0] * scale, width), min(size[1] * scale, height)
    left = min(max(focus[0] * width - across / 2, 0.0), width - across)
    top = min(max(focus[1] * height - down / 2, 0.0), height - down)
    return left, top, left + across, top + down


def window(
    move: Move, at: float, seconds: float, picture: tuple[int, int], size: tuple[int, int], focus: tuple[float, float]
) -> Box:
    """
    Return what is seen of a picture at a moment, as a box of it: left, top, right, bottom, in pixels and parts of them.

    Before the clip begins and after it ends the camera goes on as it went, as far as there is picture, and then stands.

    Args:
        at: The moment, as a share of the clip: 0 is its first frame, 1 its end.
        seconds: How long the clip is.
    """
    if move == "none":
        return cropped(picture, size, focus)
    if move in ("push-in", "pull-out"):
        growth = 1 + min(max(ZOOM_A_SECOND * seconds, LEAST_ZOOM), MOST_ZOOM)
        done = min(max(at if move == "push-in" else 1 - at, -BEYOND), 1 + BEYOND)
        return cropped(picture, size, focus, growth ** (done + BEYOND))
    left, top, right, bottom = cropped(picture, size, focus, PAN_ZOOM)
    across, down = WAYS[move]
    return (
        _along(left, right, picture[0], across, at, seconds)[0],
        _along(top, bottom, picture[1], down, at, seconds)[0],
        _along(left, right, picture[0], across, at, seconds)[1],
        _along(top, bottom, picture[1], down, at, seconds)[1],
    )


def _along(first: float, last: float, extent: int, way: int, at: float, seconds: float) -> tuple[float, float]:
    """Return where the window begins and ends along one side of the picture; `way` is -1, 0 or 1."""
    if not way:
        return first, last
    length = last - first
    room = extent - length
    path = min(0.7 * room, PAN_A_SECOND * seconds * length)
    middle = min(max(first, path / 2), room - path / 2)
    begins = min(max(middle + way * path * (at - 0.5), 0.0), room)
    return begins, begins + length
