"""
Write a storyboard of a list of shots, as a person would have, and see that it says what the list says.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

from storyreel.model.storyboard import Storyboard
from storyreel.start.names import ProjectName
from storyreel.start.shot_list.shots import Shot, ShotList

WIDTH = 100
_MARK = re.compile(r"\{[{%#]")
"""What begins something in a template: in a list it is text."""

_NO_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Words that YAML takes for something else than text."""


def board_of(name: ProjectName, source: str, shots: ShotList) -> str:
    """
    Return the text of a storyboard with a scene for each shot.

    Args:
        name: The project's.
        source: The name of the list's file, for the comment at the top.
    """
    head = [
        "# yaml-language-server: $schema=storyboard.schema.json",
        f"# From {_one_line(source)}: a scene for each of its {len(shots.shots)} shots, in its order.",
        "# What must look the same in several scenes (people, places, things) goes into `cast`; `style` is added to every prompt.",
        f"title: {_quoted(name.title)}",
        '# style: "35 mm film look, soft light, no text"',
        "",
        'defaults: {duration: 5, aspect_ratio: "16:9", resolution: 480p}    # 720p looks better and costs more',
        "",
        "scenes:",
    ]
    return "\n".join([*head, "\n\n".join("\n".join(_scene(shot)) for shot in shots.shots), ""])


def _scene(shot: Shot) -> list[str]:
    name = _quoted(shot.id) if shot.id in _NO_TEXT else shot.id
    lines = [f"  - id: {name}", *_field("prompt", _as_template(shot.prompt))]
    if shot.whole_seconds is not None:
        lines.append(f"    duration: {shot.whole_seconds}")
        if shot.seconds != shot.whole_seconds:
            lines.append(f"    trim: {{end: {float(shot.seconds or 0):.3f}".rstrip("0") + "}")
    if shot.say:
        lines += _field("say", _as_template(shot.say))
    if shot.note:
        lines += _field("note", shot.note)
    return lines


def _field(name: str, text: str) -> list[str]:
    """Return a field with a text: on its line where it has room, else folded below it."""
    if len(text) <= WIDTH:
        return [f"    {name}: {_quoted(text)}"]
    folded = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"    {name}: >-", *(f"      {line}" for line in folded)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def _as_template(text: str) -> str:
    """Return a template that gives a text."""
    return _MARK.sub(lambda mark: f"{{{{ '{mark[0]}' }}}}", text)


def check_board(shots: ShotList, boards: Sequence[Storyboard]) -> None:
    """
    See that a storyboard, as it is loaded, has the shots of the list with their words.

    Raises:
        AssertionError: It has not: what wrote it is at fault.
    """
    (board,) = boards
    loaded = [(scene.id, scene.prompt, "".join(each.text for each in scene.say)) for scene in board.scenes]
    assert loaded == [(shot.id, shot.prompt, shot.say) for shot in shots.shots]
