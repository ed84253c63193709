"""
Read the file of a storyboard, or of words that several share: one plain file of UTF-8.
"""

from __future__ import annotations

import errno
from pathlib import Path

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.did_you_mean import nearest_file
from storyreel.errors import StoryboardError
from storyreel.files.regular import NotPlain, read_plain
from storyreel.storyboard.text.source import MAX_BYTES

_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, where it says so: each character is two bytes, and of Latin ones every other byte is nought."""


def read_text(shown: Path, path: Path) -> str:
    """
    Return the text of a file.

    Args:
        shown: The path as a person gave it, which places begin with.
        path: The same, from where this process is.

    Raises:
        StoryboardError: It cannot be read as text, or is too large for a storyboard.
    """

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
