"""
Put a board's page into its folder: `<slug>/page/index.html`, and beside it, in `media`, the files that it shows.

Files are linked where the disk can, so that they take no room twice, and copied elsewhere: the folder can be moved, or put into an archive.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from storyreel.delivery.page.shelf import MEDIA
from storyreel.errors import MediaError
from storyreel.files.place import LEFT_AFTER_S, link_read_only, place_bytes, place_copy, refused

PAGE = "page"
"""The folder of a board's page, in that of its films."""
HALF = re.compile(r"\.[0-9a-f]{16}\.half")


def page_place(out: Path, slug: str) -> Path:
    """Return where the page of a board is."""
    return out / slug / PAGE / "index.html"


def place_page(html: str, media: Mapping[str, Path], to: Path) -> None:
    """
    Put a page at `to`, and the files that it shows beside it. What a former page showed and this one does not is taken away.

    Args:
        html: The page.
        media: Its files, by the names that they get.

    Raises:
        MediaError: A file cannot be written, or a folder leads elsewhere.
    """
    folder = to.parent / MEDIA
    for each in (to.parent, folder):
        if each.is_symlink() or (each.exists() and not each.is_dir()):
            raise MediaError(f"{each} is no folder of its own, and a page is to be put there; move it away")
    with refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, path in media.items():
        _linked(path, folder / name)
    place_bytes(html.encode("utf-8", "replace"), to)
    ours = _names(to.parent.parent.name)
    for left in folder.iterdir():
        with suppress(OSError):
            if left.name not in media and left.is_file() and (ours.fullmatch(left.name) or _is_left_over(left)):
                left.unlink()


def _names(slug: str) -> re.Pattern[str]:
    """Return what the files in `media` are called: a clip's name, or that of a film of this board. A person's own are called otherwise."""
    clip = rf"{re.escape(slug.upper())}_\d{{3,}}_[^/]+"
    return re.compile(rf"{clip}|{re.escape(slug)}([.-][^/]*)?\.(mp4|mov)")


def _is_left_over(path: Path) -> bool:
    """Whether it is what somebody who was killed has left on the way to a name."""
    return HALF.fullmatch(path.name) is not None and time.time() - path.lstat().st_ctime > LEFT_AFTER_S


def _linked(path: Path, to: Path) -> None:
    """Link a file to another name, or copy it where it cannot be linked."""
    with suppress(OSError):
        if to.samefile(path):
            return
    half = to.with_name(f".{secrets.token_hex(8)}.half")
    path = path.resolve()
    try:
        # A film beside the page is a person's to write over; a clip is the vault's.
        if path.is_relative_to(to.parents[2].resolve()):
            os.link(path, half)
        else:
            link_read_only(path, half)
    except OSError:
        place_copy(path, to)
        return
    with refused(to):
        half.replace(to)
