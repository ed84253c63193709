"""
What a new project may be called: what can be a folder on every system, and a film's files after it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from storyreel.errors import SettingsError
from storyreel.storyboard.fields.words import SLUG
from storyreel.storyboard.prompts.slug import as_slug

MOST_CHARACTERS = 64
MOST_BYTES = 200
"""A name may have 255 where files are; what is put beside it for a moment has a longer one."""
_TAKEN = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""What names a device on Windows, whatever stands behind a dot: learn.microsoft.com, "Naming Files, Paths", read 2026-11-28."""
_BESIDE = " -_.'"
"""What a name may have beside letters and digits: nothing that a shell, a template or another system takes for a word of its own."""


@dataclass(frozen=True)
class ProjectName:
    """A project's name as a folder's, as the name of its storyboard's file, and as people read it."""

    folder: str
    slug: str

    @property
    def title(self) -> str:
        """What the film is called."""
        words = re.sub(r"[-_]+", " ", self.folder).strip()
        return words[:1].upper() + words[1:]


def project_name(written: str) -> ProjectName:
    """
    Return a name that a person has given to a new project.

    Raises:
        SettingsError: It cannot name a folder everywhere; it says what would do.
    """
    name = unicodedata.normalize("NFC", written)
    slug = name if re.fullmatch(SLUG, name) else as_slug(name)[:MOST_CHARACTERS].strip("-")
    if (why := _wrong(name, slug)) is None:
        return ProjectName(name, slug)
    another = _another(name)
    raise SettingsError(
        f"a project cannot be called {_shown(written)!r}: {why}; call it {another or 'something else, such as film'}"
    )


def _wrong(name: str, slug: str) -> str | None:
    if not name.strip():
        return "it has no letters"
    if name in (".", "..") or "/" in name or "\\" in name:
        return "it is a name, and no path: the folder is made in the one that you are in"
    if strange := next((each for each in name if not _plain(each)), None):
        what = repr(strange) if strange.isprintable() else f"U+{ord(strange):04X}"
        return f"it has {what} in it, and may have letters, digits, spaces, hyphens, underscores, dots and apostrophes"
    if not name[0].isalnum() or name[-1] in " .":
        return "it begins with a letter or a digit, and ends with no dot or space"
    if name.partition(".")[0].strip().casefold() in _TAKEN:
        return "that is the name of a device on Windows"
    if name.casefold().endswith((".yaml", ".yml")):
        return "it names the folder, and the storyboard in it has the same name"
    if len(name) > MOST_CHARACTERS or len(name.encode()) > MOST_BYTES:
        return f"it has {len(name)} characters, and {MOST_CHARACTERS} are the most ({MOST_BYTES} bytes)"
    return None if slug else "nothing of it can name a file"


def _plain(character: str) -> bool:
    return character in _BESIDE or unicodedata.category(character)[0] in "LM" or character.isdecimal()


def _another(name: str) -> str:
    """Return a name that would do and looks like this one; empty if there is none."""
    last = re.sub(r"\.ya?ml$", "", re.split(r"[/\\]", name.rstrip("/\\"))[-1], flags=re.IGNORECASE)
    other = as_slug(last)[:MOST_CHARACTERS].strip("-")
    return f"{other}-film" if other in _TAKEN else other


def _shown(written: str) -> str:
    return written if len(written) <= MOST_CHARACTERS else f"{written[:MOST_CHARACTERS]}…"
