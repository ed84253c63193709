"""
Colours as people write them: `#rrggbb`, or a name of CSS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyreel.did_you_mean import nearest

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def as_color(written: str) -> str | None:
    """Return a colour as `#rrggbb` in small letters; None where it is none."""
    if _HEX.fullmatch(written):
        return written.lower()
    return _named().get(written.lower())


def color_meant(written: str) -> str:
    """Return what to write instead of something that is no colour."""
    bare = f"#{written.lstrip('#')}"
    if as_color(bare):
        return f'write "{bare}"'
    if re.fullmatch(r"#?[0-9A-Fa-f]{3}", written):
        return f'write "#{"".join(2 * digit for digit in written.lstrip("#"))}"'
    likely = nearest(written, _named())
    usual = 'write it as "#rrggbb", or as a CSS name such as white, navy or gold'
    return f"did you mean '{likely}'?" if likely else usual


def _named() -> Mapping[str, str]:
    """Return the colours that CSS names; CSS Color Module Level 4 (W3C), section 6.1."""
    from PIL import ImageColor  # which a board without a colour need not wait for

    # Pillow puts three numbers in the place of a name's digits once it has drawn with that name.
    return {
        name: value if isinstance(value, str) else "#{:02x}{:02x}{:02x}".format(*value[:3])
        for name, value in ImageColor.colormap.items()
    }
