"""
Take away from a scene what no frame of it shows, so that ffmpeg has less to lay: empty margins, what is always covered.

What is seen stays the same to the pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.paint import lay

_SOLID = [0] * 255 + [255]


def pare(layers: Sequence[Layer], width: int, height: int, frames: int) -> list[Layer]:
    """
    Return layers that look the same over the same backdrop, with less to lay.

    Args:
        layers: The deepest first.
        width, height: Of the frame, in pixels.
        frames: Of the scene.
    """
    visible: list[Layer] = []
    covered = height  # from here down, something nearer hides everything
    for layer in reversed(layers):
        top = layer.y.least(frames)
        if (
            layer.between is None
            and layer.rhythm is None
            and layer.x.most(frames) <= 0
            and layer.x.least(frames) + layer.picture.width // layer.cells >= width
        ):
            solid = _solid_from(layer)
            low = layer.y.most(frames) + solid
            if solid < layer.picture.height and layer.y.least(frames) + layer.picture.height >= covered:
                shorter = _trimmed(layer, min(layer.picture.height, covered - top))
                covered = min(covered, max(0, low))
                visible += shorter
                continue
        if top < covered:
            visible += _trimmed(layer, min(layer.picture.height, covered - top))
    return _merged(list(reversed(visible)), width, height)


def _solid_from(layer: Layer) -> int:
    """Return the first row of a picture from which all rows down to the last are opaque from edge to edge."""
    alpha = layer.picture.getchannel("A").point(_SOLID)
    rows = alpha.resize((1, alpha.height), Image.Resampling.BOX).tobytes()
    row = alpha.height
    while row and rows[row - 1] == 255:
        row -= 1
    return row


def _trimmed(layer: Layer, height: int) -> list[Layer]:
    """Return the layer cut to this height and to what is painted on it; nothing where nothing is."""
    picture = layer.picture
    wide = picture.width // layer.cells
    if layer.cells > 1:
        if height >= picture.height:
            return [layer]
        return [replace(layer, picture=picture.crop((0, 0, picture.width, height)))] if height > 0 else []
    box = picture.getchannel("A").crop((0, 0, wide, max(0, height))).getbbox() if height > 0 else None
    if box is None:
        return []
    # Corners stay even: everything moves by two.
    left, top = box[0] // 2 * 2, box[1] // 2 * 2
    if (left, top, *box[2:]) == (0, 0, *picture.size):
        return [layer]
    return [
        replace(
            layer,
            picture=picture.crop((left, top, box[2], box[3])),
            x=replace(layer.x, start=layer.x.start + left),
            y=replace(layer.y, start=layer.y.start + top),
        )
    ]


def _same_way(a: Track, b: Track) -> bool:
    return replace(a, start=0.0) == replace(b, start=0.0) and (a.start - b.start) % 2 == 0


def _merged(layers: list[Layer], width: int, height: int) -> list[Layer]:
    """Return the layers with neighbours that move alike painted into one, where that wastes little."""
    done: list[Layer] = []
    for layer in layers:
        last = done[-1] if done else None
        simple = (
            last is not None
            and last.cells == layer.cells == 1
            and not (last.between or layer.between or last.rhythm or layer.rhythm)
        )
        if last is None or not simple or not (_same_way(last.x, layer.x) and _same_way(last.y, layer.y)):
            done.append(layer)
            continue
        left, top = min(last.x.start, layer.x.start), min(last.y.start, layer.y.start)
        right = max(one.x.start + one.picture.width for one in (last, layer))
        low = max(one.y.start + one.picture.height for one in (last, layer))
        area = (right - left) * (low - top)
        # One more layer costs as much as some area, about a third of a frame.
        if area > sum(one.picture.width * one.picture.height for one in (last, layer)) + width * height / 3:
            done.append(layer)
            continue
        both = Image.new("RGBA", (round(right - left), round(low - top)))
        for one in (last, layer):
            lay(one.picture, both, one.x.start - left, one.y.start - top)
        done[-1] = replace(last, picture=both, x=replace(last.x, start=left), y=replace(last.y, start=top))
    return done
