"""
NOTES.txt: what of a film is in no format, what is not in some, and what its sound is, each by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import TextWrapper

from storyreel.delivery.exports.edit import Edit
from storyreel.delivery.exports.gathered import Gathered
from storyreel.delivery.film_sound import SoundRecord
from storyreel.delivery.title_list import cut_titles
from storyreel.media import Stem
from storyreel.model.film_words import captions_of
from storyreel.model.plan import PlannedFilm
from storyreel.model.timeline import ResolvedTimeline

WIDTH = 100


def film_notes(film: PlannedFilm, gathered: Gathered) -> tuple[str, ...]:
    """Return what there is to know of a film that no timeline tells: words, what is made of the whole film, sound."""
    return (
        *gathered.remarks,
        *(
            ()
            if gathered.was_cut
            else ("the film itself was not cut so far: this is its timeline as its clips give it",)
        ),
        *_words(film, gathered.film),
        *_fitted(gathered.edit),
        *_finished(film),
    )


def sound_notes(gathered: Gathered, beyond: Mapping[Stem, float]) -> tuple[str, ...]:
    """
    Return what there is to know of the stems.

    Args:
        beyond: By how many dB each is too loud to be written down.
    """
    return tuple(_sound(gathered, beyond))


def text(edit: Edit, film: Sequence[str], sound: Sequence[str], formats: Mapping[str, Sequence[str]]) -> bytes:
    """
    Return the file.

    Args:
        film: What there is to know of the film.
        sound: What there is to know of its stems.
        formats: What is not in each file, by what it is called.
    """
    width, height = edit.size
    seconds = float(edit.frames / edit.rate)
    lines = [
        edit.title,
        f"{edit.name}: {edit.frames} frames of {width}x{height} at {float(edit.rate):.6g} a second, {seconds:.3f} s.",
        "Clips are in media, sound is in sound; every timeline names them from this folder, which may be moved.",
        *_section("The film", film),
        *_section("Sound", sound),
    ]
    for name, losses in formats.items():
        lines += _section(name, losses or ("all that is in the film's cut is in it",))
    return "\n".join([*_wrapped(lines), ""]).encode()


def _section(head: str, notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield ""
        yield head
        yield from (f"- {note}" for note in notes)


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        indent = "  " if line.startswith("- ") else ""
        wrapper = TextWrapper(WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        yield from wrapper.wrap(line) or [""]


def _words(film: PlannedFilm, resolved: ResolvedTimeline) -> Iterator[str]:
    for asked, shot in zip(film.timeline.picture, resolved.picture, strict=True):
        for title in cut_titles(asked, shot, resolved.fps):
            words = " ".join(title.text.split())
            last = title.first_frame + title.frames
            yield f"the title '{words}' over {shot.scene} ({title.place}), frames {title.first_frame} to {last}, is in no timeline"
    if captions_of(film.timeline, resolved):
        burnt = "; in the film they are part of the picture" if film.timeline.captions.burn else ""
        yield f"captions are no part of a timeline: they lie beside it as .srt and .vtt{burnt}"


def _fitted(edit: Edit) -> Iterator[str]:
    seen: set[str] = set()
    for shot in edit.shots:
        if shot.called.endswith("-fitted") and shot.media.place not in seen:
            seen.add(shot.media.place)
            original, _ = shot.others[shot.called.removesuffix("-fitted")]
            yield f"{shot.media.name} is {original.name} as the film has it, in its size and rate; that lies beside it as it came"


def _finished(film: PlannedFilm) -> Iterator[str]:
    finish = film.board.finish
    if finish.rate is not None:
        yield f"the film is handed over at {float(finish.rate):.6g} frames a second; its timeline has the rate at which it is cut"
    if finish.overlay is not None:
        yield f"{finish.overlay.picture.path.name}, which lies over all of the film, is in no timeline"
    if finish.burn_in:
        yield "the burn-in of the film is in no timeline"


def _sound(gathered: Gathered, beyond: Mapping[Stem, float]) -> Iterator[str]:
    yield (
        "own is what is heard of the clips, voiceover and effects are what was laid over them, music goes down under them as it does in the film; "
        "24 bits, 48 kHz, each as long as the film. Together they are the film's sound before anything is turned up or limited"
    )
    asked, came = gathered.film.sound, gathered.sound
    kinds = {each.kind for each in asked.placed} if asked is not None else set()
    for kind, stem in (("voiceover", "voiceover"), ("sounds", "effects"), ("music", "music")):
        if kind not in kinds:
            yield f"the film has no {stem}: that stem is silent"
    for stem, by in beyond.items():
        if by > 0:
            yield f"{stem} is {by:.1f} dB too loud for itself, and is as loud as can be there: it is not what it is in the film"
    if asked is not None and asked.loudness is not None:
        yield f"the film is brought to {asked.loudness:g} LUFS, which the stems are not: {_brought(came)}"
    elif came is not None and came.limited_db:
        yield f"what would be too loud is turned down in the film by up to {came.limited_db:g} dB, and not in the stems"


def _brought(came: SoundRecord | None) -> str:
    if came is None:
        return "how far it is turned up is known once it is cut"
    turned = f"all of it is turned {'up' if came.gain_db >= 0 else 'down'} by {abs(came.gain_db):g} dB"
    return turned + (
        f", and what would be too loud then down by up to {came.limited_db:g} dB" if came.limited_db else ""
    )
