"""
The kinds of things that are said of a storyboard, and the page of each: `codes.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Code = Literal[
    # the file
    "unreadable-file",
    "not-a-storyboard",
    "control-character",
    "invisible-character",
    # its YAML
    "yaml-alias",
    "yaml-braces",
    "yaml-bracket",
    "yaml-colon",
    "yaml-comma",
    "yaml-comment",
    "yaml-escape",
    "yaml-indentation",
    "yaml-key",
    "yaml-merge-key",
    "yaml-quote",
    "yaml-sign",
    "yaml-syntax",
    "yaml-tab",
    "yaml-tag",
    "yaml-too-much",
    "repeated-key",
    # its fields
    "version",
    "unknown-key",
    "missing-key",
    "no-value",
    "wrong-value",
    "wrong-name",
    "conflicting-keys",
    "needless-key",
    # what belongs together
    "repeated-id",
    "repeated-name",
    "reserved-name",
    "unknown-scene",
    "unknown-member",
    "member-without-pictures",
    "unknown-voice",
    "member-without-voice",
    "empty-member",
    "empty-list",
    "still-without-name",
    "file-without-name",
    "repeated-slug",
    "circle",
    "not-shared",
    "shared-differs",
    "unknown-var",
    "pin-of-variants",
    # files
    "wrong-path",
    "wrong-address",
    "missing-file",
    "wrong-media",
    "footage-too-large",
    "trim-outside",
    "frame-outside",
    # the cut
    "unknown-transition",
    "transition-at-an-end",
    "transition-too-long",
    # more films of one storyboard
    "taken-name",
    "too-many-films",
    "nothing-to-regenerate",
    # what is drawn
    "missing-glyph",
    "joined-letters",
    "words-too-large",
    "title-outside",
    "titles-overlap",
    # what is heard
    "sound-outside",
    "music-backwards",
    # what is read
    "caption-outside",
    "captions-overlap",
    "wrong-language",
    # prompts
    "unknown-name",
    "wrong-template",
    "template-forbids",
    "template-too-much",
    "too-long",
    "empty-prompt",
    # what the service takes
    "unknown-model",
    "mode-not-offered",
    "duration-not-offered",
    "resolution-not-offered",
    "ratio-not-offered",
    "quality-not-offered",
    "too-many-pictures",
    "too-many-voices",
    "wrong-keyframe",
    "chain-too-long",
    "chain-too-short",
    "wrong-pin",
    # notes
    "retired-model",
    "converted-media",
    "many-pictures",
    "own-voice",
    "many-extensions",
    "lower-resolution",
    "transition-left-out",
    "music-left-out",
    "not-regenerated",
    "other-length",
    "title-cut-off",
    "titles-touch",
    "nothing-to-review",
    "other-ratio",
    "ratio-without-effect",
    "held-picture",
    "left-out",
    "mixed-sound",
    "sound-not-whole",
    "caption-left-out",
    "captions-too-fast",
    "captions-too-large",
    "captions-changed",
    "nothing-to-caption",
    "unused-member",
    "unknown-pin",
    "shell-variable",
    "unused-anchor",
]
"""A word for a kind. It is never used for another kind, so that whoever filters by it goes on finding what they mean."""


@dataclass(frozen=True)
class Page:
    """
    What there is to know of a code.

    Args:
        code: The kind.
        summary: The same in a few words.
        text: Why it is so, and what to do.
        wrong: A storyboard that has it; empty where a text of ours cannot show it.
        right: The same, mended.
    """

    code: str
    summary: str
    text: str
    wrong: str = ""
    right: str = ""

    def __str__(self) -> str:
        parts = [f"{self.code}: {self.summary}", self.text.strip()]
        if self.wrong:
            parts += [f"Not so:\n\n{_indented(self.wrong)}", f"But so:\n\n{_indented(self.right)}"]
        return "\n\n".join(parts)


@cache
def pages() -> Mapping[str, Page]:
    """Return the page of every code, in the order in which they are listed."""
    tables = tomllib.loads(files("storyreel.diagnostics").joinpath("codes.toml").read_text(encoding="utf-8"))
    return {code: Page(code, **table) for code, table in tables.items()}


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").splitlines())
