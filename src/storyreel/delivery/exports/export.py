"""
Export a film: its clips, its stems and its timeline in every format that can hold it, into one folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from storyreel import media
from storyreel.delivery.captions import srt, vtt
from storyreel.delivery.exports import edl, fcp7, fcpxml, notes, otio
from storyreel.delivery.exports.edit import Edit, EditNote, MediaFile
from storyreel.delivery.exports.export_data import ExportData, FormatData
from storyreel.delivery.exports.folder import file_list, put, staging
from storyreel.delivery.exports.gathered import Gathered, gathered
from storyreel.delivery.exports.library import opentimelineio, quiet
from storyreel.delivery.film_sound import film_stems
from storyreel.delivery.page.notes import notes_place, read_notes
from storyreel.errors import MediaError
from storyreel.media.ffmpeg import to_its_end
from storyreel.model.film_words import captions_of
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName
from storyreel.vault import Vault
from storyreel.vault.outside import check_outside

NOTES = "NOTES.txt"
SOUND = "sound"
"""The folder of stems in an export."""


@dataclass(frozen=True)
class Format:
    """A format of a timeline: what it is called, how its files end, how it is written, what it lacks, and why it cannot hold an edit."""

    name: str
    suffix: str
    text: Callable[[Edit], str]
    losses: Callable[[Edit], Iterator[str]]
    unfit: Callable[[Edit], str]


FORMATS = (
    Format(otio.NAME, otio.SUFFIX, otio.text, otio.losses, lambda _: ""),
    Format(edl.NAME, edl.SUFFIX, edl.text, edl.losses, edl.unfit),
    Format(fcp7.NAME, fcp7.SUFFIX, fcp7.text, fcp7.losses, fcp7.unfit),
    Format(fcpxml.NAME, fcpxml.SUFFIX, fcpxml.text, fcpxml.losses, fcpxml.unfit),
)


def export_name(plan: Plan, film: PlannedFilm, service: ServiceName) -> str:
    """Return what the files of an export are called, as the film's are: `<slug>[.<delivery>][.sandbox]`."""
    return ".".join(filter(None, [plan.board.slug, film.name, "" if service == "xai" else service]))


async def export_film(
    plan: Plan,
    film: PlannedFilm,
    service: ServiceName,
    clips: Mapping[str, Clip],
    vault: Vault,
    to: Path,
    *,
    link: bool = False,
    out: Path | None = None,
) -> ExportData:
    """
    Put a film's clips, stems and timelines into a folder, and return what was written. Where all of it is there nothing is.

    Args:
        clips: The clip of every step of the plan that has one; all that the film shows must be there.
        to: The folder: none so far, an empty one, or that of an export of this film before.
        link: Whether clips are hard links where that can be; else they are copies, which nobody's work on them brings into the vault.
        out: The folder of all films, beside which people's notes on them lie; they go along as markers.

    Raises:
        SettingsError: OpenTimelineIO is not installed, or the folder is somebody else's or lies in the vault.
        MediaError: A clip cannot be read, ffmpeg failed, or the folder cannot be written.
        VaultError: A clip is missing, or own footage was changed meanwhile.
    """
    opentimelineio()
    name = export_name(plan, film, service)
    check_outside(vault, to, "--to")
    before = file_list(to, name)
    about = await gathered(plan, film, service, clips, vault, name=name)
    with staging(to) as bench:
        stems, beyond = await _stems(about, bench)
        written, unread = _notes(out, plan, service, about.edit)
        edit = replace(about.edit, stems={stem: file for stem, (file, _) in stems.items()}, notes=written)
        formats = _formats(edit)
        captions = _captions(film, about)
        words, heard = (*unread, *notes.film_notes(film, about)), notes.sound_notes(about, beyond)
        lacking = {f"{each.name} ({edit.name}{each.suffix})": losses for each, _, losses in formats}
        files: list[tuple[str, Path | bytes]] = [
            *about.files.items(),
            *((file.place, path) for file, path in stems.values()),
            *((f"{edit.name}{each.suffix}", text) for each, text, _ in formats if text is not None),
            *((f"{edit.name}{suffix}", text) for suffix, text in captions.items()),
            (NOTES, notes.text(edit, words, heard, lacking)),
        ]
        came = await to_its_end(partial(put, to, before, files, bench, link=link))
    instead = (f"{len(came.copied_instead)} files could not be linked there, and were copied",)
    return ExportData(
        name=name,
        slug=plan.board.slug,
        delivery=film.name or None,
        service=service,
        folder=str(to.resolve()),
        fps=float(edit.rate),
        frames=edit.frames,
        seconds=round(float(edit.frames / edit.rate), 6),
        was_cut=about.was_cut,
        formats=tuple(
            FormatData(name=each.name, file=None if text is None else f"{name}{each.suffix}", notes=losses)
            for each, text, losses in formats
        ),
        clips=tuple(about.files),
        stems=tuple(file.place for file, _ in stems.values()),
        captions=tuple(f"{name}{suffix}" for suffix in captions),
        changed=came.changed,
        removed=came.removed,
        notes=(*words, *heard, *(instead if came.copied_instead else ())),
    )


def _notes(
    out: Path | None, plan: Plan, service: ServiceName, edit: Edit
) -> tuple[tuple[EditNote, ...], tuple[str, ...]]:
    """Return what people wrote on a film, and why that cannot be read where it cannot."""
    if out is None:
        return (), ()
    try:
        kept_notes = read_notes(notes_place(out, plan.board.slug, service))
    except MediaError as error:
        return (), (f"the notes on the film are left out: {error}",)
    return tuple(
        EditNote(min(int(note.at * edit.rate + 0.05), edit.frames - 1), note.text, note.by, note.scene)
        for note in sorted(kept_notes, key=lambda note: note.at)
        if note.film == edit.name
    ), ()


async def _stems(about: Gathered, bench: Path) -> tuple[dict[str, tuple[MediaFile, Path]], dict[media.Stem, float]]:
    """Return the stems, each as it is to lie in the export and where it was made."""
    files: dict[media.Stem, tuple[MediaFile, Path]] = {}
    for stem in media.STEMS:
        place = f"{SOUND}/{about.edit.name}.{stem}.wav"
        files[stem] = MediaFile(place, about.edit.frames, about.edit.rate, has_sound=True), bench / f"{stem}.wav"
    paths = {stem: path for stem, (_, path) in files.items()}
    beyond = await film_stems(about.film, about.clips, about.sounds, about.house, about.room, paths)
    return dict[str, tuple[MediaFile, Path]](files.items()), beyond


def _formats(edit: Edit) -> list[tuple[Format, bytes | None, tuple[str, ...]]]:
    """Return each format, an edit in it (None where it cannot hold it), and what of the edit is not in that."""
    written: list[tuple[Format, bytes | None, tuple[str, ...]]] = []
    with quiet():
        for each in FORMATS:
            if why := each.unfit(edit):
                written.append((each, None, (f"it is not written: {why}",)))
            else:
                written.append((each, each.text(edit).encode(), tuple(each.losses(edit))))
    return written


def _captions(film: PlannedFilm, about: Gathered) -> dict[str, bytes]:
    captions = captions_of(film.timeline, about.film)
    if not captions:
        return {}
    return {".srt": srt(captions, about.film.fps).encode(), ".vtt": vtt(captions, about.film.fps).encode()}
