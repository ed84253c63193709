"""
Read what a film is called: its title, and the slug that names its files.
"""

from __future__ import annotations

import re

from storyreel.storyboard import fields
from storyreel.storyboard.cast import Cast
from storyreel.storyboard.fields.words import PAIR, SLUG
from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.prompts.slug import as_slug

_PAIR = re.compile(PAIR, re.DOTALL)


class Names:
    """What a film is called: `title` and `slug` are empty where the storyboard says nothing."""

    def __init__(self, findings: Findings, sheet: fields.Sheet, cast: Cast) -> None:
        self._findings = findings
        self._cast = cast
        # One line: it is one on screens, and in the film's tags.
        self.title = " ".join(self._rendered("title", sheet.title).split())
        self.slug = self._slug(sheet.slug or "")

    def _rendered(self, name: str, written: str) -> str:
        if not _PAIR.search(written):
            return written  # braces in a title are braces
        text = self._findings.words((name,), written, self._cast.known(), what=name)
        if text is not None and not text.strip():
            remedy = "see to what its template gives" if name == "slug" else "say what it is called, or leave it out"
            self._findings.tell("empty-prompt", (name,), f"{name} is empty", remedy)
        return text or ""

    def _slug(self, written: str) -> str:
        slug = self._rendered("slug", written)
        if slug and not re.fullmatch(SLUG, slug):
            message = f"slug is '{short(slug)}' here; it must be up to 64 letters, digits, hyphens and underscores"
            free = as_slug(slug)[:64].strip("-")
            remedy = f"have the filter `slug` make {free} of it: {{{{ ... | slug }}}}" if free else "choose another"
            self._findings.tell("wrong-name", ("slug",), message, remedy)
            return ""
        return slug
