"""
From a storyboard's file to a `Storyboard`: the order of the checks.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.did_you_mean import nearest_file
from storyreel.errors import StoryboardError
from storyreel.files.regular import NotPlain, read_plain
from storyreel.model.footage import Footage
from storyreel.model.sound import SoundFile
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.build import resolve
from storyreel.storyboard.checks.shape import judge
from storyreel.storyboard.files import Folder
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.text.source import MAX_BYTES, read_source


def load(
    path: Path,
    *,
    catalog: Catalog,
    measure: Callable[[Path], Footage],
    measure_sound: Callable[[Path], SoundFile] | None = None,
    text: str | None = None,
    root: Path = Path(),
) -> Storyboard:
    """
    Read a storyboard and check it whole: its words, its limits, its media, its continuity.

    Args:
        path: Of the file, as the user gave it; places in problems begin with it. Media are looked for beside it.

        catalog: What the service allows.

        measure: Says what a media file is; called once for each file that the storyboard names, raises `MediaError`
            for what is neither a picture nor a clip.

        measure_sound: Says what a sound is, in the same way; raises `WrongMedia` for what is none.

        text: The storyboard's text, where it is not to be read from `path`.

        root: Where a relative path starts, if not where this process is.

    Raises:
        StoryboardError: Something is wrong; it has all problems, each with its place, in the order of the file.
    """
    source = read_source(_text(path, root / path) if text is None else text, str(path))
    findings = Findings(source, catalog, Folder(root / path, measure, measure_sound))
    sheet = judge(findings)
    board = resolve(findings, sheet, path) if sheet is not None else None
    if board is None or findings.problems:
        raise StoryboardError(findings.problems)
    return board


_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, where it says so: each character is two bytes, and of Latin ones every other byte is nought."""


def _text(shown: Path, path: Path) -> str:
    def refuse(message: str, remedy: str, line: int = 1, column: int = 1) -> StoryboardError:
        return StoryboardError([Diagnostic("unreadable-file", Place(str(shown), line, column), message, remedy)])

    try:
        if path.is_dir():
            raise refuse("this is a folder; a storyboard is one file", "name the YAML file in it")
        raw = read_plain(path, MAX_BYTES)
    except NotPlain as error:
        if error.errno == errno.EFBIG:
            raise refuse(
                f"the file is larger than {MAX_BYTES // 1024**2} MiB", "a storyboard holds words only"
            ) from None
        raise refuse("this is no plain file", "a storyboard is one YAML file") from None
    except FileNotFoundError:
        raise refuse("there is no such file", nearest_file(path) or "name a storyboard, a YAML file") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise refuse(f"the file cannot be read: {why}", "look at its name and its permissions") from None
    if raw[:2] in _MARKS or max(raw[::2].count(0), raw[1::2].count(0)) > len(raw) // 4:
        raise refuse("the file is UTF-16, and no UTF-8", "save it with the encoding UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].rpartition(b"\n")
        column = len(before[2].decode("utf-8", "replace")) + 1
        line = before[0].count(b"\n") + (2 if before[1] else 1)
        raise refuse("the file is not UTF-8 from here on", "save it with the encoding UTF-8", line, column) from None
