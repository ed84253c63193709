"""
The label beside a film, in plain words: what it is, by which models, and what of it is somebody's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from storyreel.delivery.places import FilmFiles
from storyreel.files.place import place_bytes
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.label import Label, generated, own_media
from storyreel.model.plan import Plan, PlannedFilm

FIRST_LINE = "This film was made with generative AI."
"""What it begins with: a file beside a film that begins otherwise is a person's own."""


def statement(plan: Plan, film: PlannedFilm, label: Label, *, name: str, signed: bool) -> str:
    """
    Return the label of a film in plain words.

    Args:
        name: Of its file.
        signed: Whether it has a C2PA manifest.
    """
    return "\n".join(_lines(plan, film, label, name, signed)) + "\n"


def _lines(plan: Plan, film: PlannedFilm, label: Label, name: str, signed: bool) -> Iterator[str]:
    yield from (FIRST_LINE, "", f"Film: {film.board.title}", f"File: {name}", "", "Generated:")
    steps = generated(plan, film)
    for model in label.models:
        asked = [step.id for step in steps if step.recipe.body["model"] == model]
        yield f"  by {model}: {', '.join(asked)}"
    own = list(own_media(film))
    yield from ("", "Not generated:" if own else "Nothing in it is somebody's own footage, picture or recording.")
    yield from (f"  {what}: {' '.join(file.split())}" for what, file in own)
    yield from ("", f"The file says so itself, in its XMP (IPTC Digital Source Type): {label.uri}")
    if signed:
        yield "It has a C2PA manifest that says the same, and is signed."


def put_statement(text: str | None, files: FilmFiles) -> None:
    """
    Have the label of a film beside it; of a film that has none, one that was there is taken away.

    Raises:
        MediaError: It cannot be written.
    """
    there = None
    with suppress(OSError):
        there = read_plain(files.label, WORDS_MOST)
    if text is not None:
        if there != text.encode():
            place_bytes(text.encode(), files.label)
    elif there is not None and there.startswith(FIRST_LINE.encode()):
        with suppress(OSError):
            files.label.unlink()
