"""
Make of any text what can name a file: lower-case Latin letters, digits and hyphens.
"""

from __future__ import annotations

import re


def as_slug(text: str) -> str:
    """
    Return a text as a slug: `São Paulo` is `sao-paulo`, `Санкт-Петербург` `sankt-peterburg`; empty if nothing of it can be in one.

    Other scripts are written in Latin letters by their sounds, Chinese characters by their Chinese ones, as anyascii has them.
    """
    from anyascii import anyascii  # its tables take time to load, and few boards need them

    return "-".join(re.findall("[a-z0-9]+", anyascii(text).lower()))
