"""
What is heard of a film on its time line, as `storyreel plan` shows it: voices, effects, music, and how shots are heard.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from storyreel.cli.render import print_table
from storyreel.console import say
from storyreel.model.sound import SAMPLE_RATE, OwnLevel, PlacedSound
from storyreel.model.timeline import NOMINAL, Timeline

HEADS = ("at", "to", "sound", "of", "how")
CALLED = {"voiceover": "voice", "sounds": "effect", "music": "music"}


def show_sound(console: Console, film: Timeline) -> None:
    """Show what is asked to be heard, in the order of the film; nothing where every shot is heard as it is and nothing else is."""
    places = film.places
    heard = film.heard(places, NOMINAL)
    if heard is None:
        return
    rows = [
        (
            frame / float(NOMINAL),
            (frame + frames) / float(NOMINAL),
            "shot",
            shot.scene,
            _own(level, ducks=shot.sound.duck),
        )
        for shot, (frame, frames), level in zip(film.picture, places, heard.own, strict=True)
        if level != OwnLevel() or shot.sound.duck
    ]
    rows += [
        (
            each.first / SAMPLE_RATE,
            (each.first + each.samples) / SAMPLE_RATE,
            CALLED[each.kind],
            each.name,
            ", ".join(_given(each)),
        )
        for each in heard.placed
    ]
    cells = [
        [Text(f"{begins:.2f}"), Text(f"{ends:.2f}"), Text(kind), Text(name), Text(how)]
        for begins, ends, kind, name, how in sorted(rows, key=lambda row: row[0])
    ]
    if cells:
        print_table(console, HEADS, cells, numbers=("at", "to"))
    if heard.ducked:
        down = ", ".join(f"{first / SAMPLE_RATE:.2f} to {last / SAMPLE_RATE:.2f}" for first, last in heard.ducked)
        say(console, f"music is down: {down} s")
    if heard.loudness is not None:
        say(console, f"loudness: {heard.loudness:g} LUFS, true peak under -1 dBTP")


def _own(level: OwnLevel, *, ducks: bool) -> str:
    frames = float(NOMINAL)
    words = (
        ["mute"] if level.mute else [*_gain(level.gain_db), *_fades(level.fade_in / frames, level.fade_out / frames)]
    )
    return ", ".join([*words, *(["music goes down"] if ducks else [])])


def _given(placed: PlacedSound) -> Iterator[str]:
    yield f"{'from' if placed.kind == 'music' else 'over'} {placed.scene}"
    yield from _gain(placed.gain_db)
    yield from _fades(placed.fade_in / SAMPLE_RATE, placed.fade_out / SAMPLE_RATE)
    if placed.start:
        yield f"begins at {placed.start / SAMPLE_RATE:g} s of its file"
    if placed.repeats:
        yield "loops"
    if placed.kind == "music":
        yield f"{placed.duck_db:g} dB under voices" if placed.duck_db else "never goes down"
    elif placed.cut_at_its_end:
        yield "the film ends before it"


def _gain(decibels: float) -> Iterator[str]:
    if decibels:
        yield f"{decibels:+g} dB"


def _fades(rises: float, falls: float) -> Iterator[str]:
    if rises:
        yield f"{rises:.2g} s in"
    if falls:
        yield f"{falls:.2g} s out"
