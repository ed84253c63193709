"""
How the pictures of a clip are shown: fields become frames, the picture stands upright, lies on black and is bright as it was meant.

One list of filters for whatever shows a picture, be it a film or a single frame. Nothing runs here; filters are built from
numbers that were measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from storyreel.media.look import HDR_TRANSFERS, UNSPECIFIED, Look

BT709, BT2020, RGB_MATRIX = 1, 9, 0  # ITU-T H.273 (07/2021), tables 2 and 4

SCALER = "bicubic+accurate_rnd+full_chroma_int"
MATRICES = {BT709: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", BT2020: "bt2020"}
"""ffmpeg's words for the matrices of ITU-T H.273 (07/2021), table 4."""


class Filter(NamedTuple):
    """A filter of ffmpeg's with its options. Its text is what ffmpeg reads; no value of ours has to be quoted in it."""

    name: str
    options: Mapping[str, str | int] = {}

    @property
    def arguments(self) -> str:
        """Its options as ffmpeg reads them."""
        return ":".join(f"{key}={value}" for key, value in self.options.items())


def deinterlaced(look: Look) -> Iterator[Filter]:
    """Make one frame of each two fields. Wants the frames before and after."""
    if look.interlaced:
        yield Filter("bwdif", {"mode": "send_frame"})


def turned(look: Look) -> Iterator[Filter]:
    """
    Mirror and turn as the display matrix says, which ffmpeg itself does as it decodes. What is not a quarter turn leaves
    black corners.
    """
    if look.mirrored:
        yield Filter("hflip")
    match look.rotation:
        case 0:
            pass
        case 90:
            yield Filter("transpose", {"dir": "clock"})
        case 180:
            yield Filter("hflip")
            yield Filter("vflip")
        case 270:
            yield Filter("transpose", {"dir": "cclock"})
        case degrees:
            yield Filter("rotate", {"angle": f"{degrees}*PI/180"})


def on_black(look: Look) -> Iterator[Filter]:
    """Lay what can be seen through on black. What lies under it is what an editor left there, and was never meant to be seen."""
    if look.alpha:
        deep = "" if look.depth <= 8 else "16le"
        yield Filter("scale", {"flags": SCALER, **_read_as(look)})
        yield Filter("format", {"pix_fmts": f"gbrap{deep}"})
        yield Filter("premultiply", {"inplace": 1})
        yield Filter("format", {"pix_fmts": f"gbrp{deep}"})


def tone_mapped(look: Look) -> Iterator[Filter]:
    """
    Bring HLG and PQ to bt709. Phones film in HLG; shown as it is it looks grey. One white for all, since what was graded is
    not known. Where a clip says no more than its curve, its colours are bt2020, as BT.2100 has it.
    """
    if look.transfer not in HDR_TRANSFERS:
        return
    matrix, full = (RGB_MATRIX, True) if look.alpha or look.rgb else (look.matrix, look.full_range)
    yield Filter(
        "setparams",
        {
            "color_primaries": BT2020 if look.primaries == UNSPECIFIED else look.primaries,
            "color_trc": look.transfer,
            "colorspace": BT2020 if matrix == UNSPECIFIED else matrix,
            "range": "pc" if full else "tv",
        },
    )
    yield Filter("zscale", {"transfer": "linear", "npl": 100})
    yield Filter("format", {"pix_fmts": "gbrpf32le"})
    yield Filter("zscale", {"primaries": "bt709"})
    yield Filter("tonemap", {"tonemap": "hable", "desat": 0})
    yield Filter("zscale", {"transfer": "bt709", "matrix": "bt709", "range": "tv"})
    # Colours of half size want even lengths.
    odd = look.width % 2 or look.height % 2
    yield Filter("format", {"pix_fmts": "yuv444p" if odd else "yuv420p"})


def read_as(look: Look) -> dict[str, str]:
    """Return how the filter `scale` is to read a picture that has come through all of the above."""
    if look.transfer in HDR_TRANSFERS:
        return {"in_color_matrix": "bt709", "in_range": "tv"}
    return {} if look.alpha else _read_as(look)


def _read_as(look: Look) -> dict[str, str]:
    if look.rgb:
        return {}
    matrix = assumed_matrix(look.matrix, look.width, look.height)
    return {"in_color_matrix": matrix, "in_range": "pc" if look.full_range else "tv"}


def assumed_matrix(matrix: int, width: int, height: int) -> str:
    """
    Return the colour matrix to read a picture with. One that is not told is taken for what its size makes likely.

    Source: the rule of mpv's player (mp_csp_guess_colorspace): from 1280 wide or over 576 high it is bt709.
    """
    if matrix == UNSPECIFIED:
        return "bt709" if width >= 1280 or height > 576 else "bt601"
    return MATRICES.get(matrix, "auto")
