"""
A film as people get it: a copy of what was cut that says what it is, and its captions beside it.

The copy is known by the film and by all that it says. Where neither has changed it is left where it is, and where it has to be made
nothing is encoded.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from storyreel import media
from storyreel.delivery.assemble import FilmRecord
from storyreel.delivery.captions import srt, vtt
from storyreel.delivery.labels.certificate import configured
from storyreel.delivery.labels.xmp import append_xmp
from storyreel.delivery.places import FilmFiles
from storyreel.files.place import place_bytes, placed, workplace
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.media.ffmpeg import to_its_end
from storyreel.model.captions import Caption
from storyreel.model.recipe import Frozen, digest, sha256_of
from storyreel.model.tags import Tags
from storyreel.model.timeline import ResolvedTimeline
from storyreel.vault import Vault

TAGGING = 1
"""Raised when the way a copy is written changes, so that an older one is not taken for it."""


LABELLING = 1
"""The same for how a label is written into it."""


class CopyRecord(Frozen):
    """What a copy came out as."""

    sha256: str


Coming = Callable[[str], AbstractAsyncContextManager[None]]
"""What is done with what is at the place of a film when another one, of this sha256, is about to come there, and once it is there."""


async def put_tagged(
    film: Path, record: FilmRecord, tags: Tags, to: Path, vault: Vault, *, coming: Coming | None = None
) -> tuple[str, bool]:
    """
    Have the copy of a film as it was cut at its place, with these tags, and return its sha256 and whether it had to be put there.

    Raises:
        MediaError: As `put_copy`.
    """
    return await put_copy(film, record.sha256, tags, to, vault, rate=record.timeline.fps, coming=coming)


async def put_copy(
    film: Path,
    content: str,
    tags: Tags,
    to: Path,
    vault: Vault,
    *,
    rate: Fraction,
    coming: Coming | None = None,
) -> tuple[str, bool]:
    """
    Have the copy of a film with these tags at its place, and return its sha256 and whether it had to be put there.

    A film that was put there before films had tags stays as it is, unless it is to say more than its title.

    Args:
        film: As it was cut or is handed over, in the vault.
        content: Its sha256.
        rate: Its frames a second, in which its tags are told.
        coming: Entered before it takes the place of another file, or of none, and left when it has; what it raises keeps that there.

    Raises:
        MediaError: It cannot be written, or what came out is not the same film.
    """
    there = await asyncio.to_thread(_content, to)
    if there is not None and there in await _contents(content, tags, vault):
        return there, False
    async with AsyncExitStack() as until_there:
        with placed(to) as half:
            await media.tag_film(film, tags, half, rate=rate, label=_label(tags, half, to))
            sha256 = await asyncio.to_thread(sha256_of, half)
            # Known before it is there: else a run that is killed in between leaves a film that nobody knows.
            await _remember(_name(content, tags), CopyRecord(sha256=sha256), vault)
            if sha256 == there:
                # It was only forgotten what it is: it is as old as it was.
                shutil.copystat(to, half)
            elif coming is not None:
                await until_there.enter_async_context(coming(sha256))
    return sha256, sha256 != there


async def tagged_there(content: str, tags: Tags, to: Path, vault: Vault) -> str | None:
    """Return the sha256 of what is at the place of a film's copy, if it is that copy, with these tags; `content` is the film's own."""
    there = await asyncio.to_thread(_content, to)
    return there if there in await _contents(content, tags, vault) else None


async def _contents(content: str, tags: Tags, vault: Vault) -> set[str]:
    """Return what a copy of a film may be: what came out when it was made before, and the film itself where there is little to say."""
    known = await _known(_name(content, tags), vault)
    return {each for each in (known, content if tags.is_plain else None) if each is not None}


def _name(content: str, tags: Tags) -> str:
    # Of a film without a label it is what it was before films had any: its copy is as good as it was.
    what = {"v": TAGGING, "film": content, "tags": tags.model_dump(mode="json", exclude={"label"})}
    if tags.label is not None:
        certificate = configured()
        what["label"] = {"v": LABELLING, **tags.label.model_dump(mode="json")}
        what["signed"] = None if certificate is None else certificate.identity
    return f"{digest(what)}.json"


def _label(tags: Tags, half: Path, to: Path) -> Callable[[], Awaitable[None]] | None:
    """Return what writes how a film was made into its copy, and signs it; None where it is not what."""
    label, certificate = tags.label, configured() if tags.label is not None else None
    if label is None:
        return None

    async def write() -> None:
        await asyncio.to_thread(append_xmp, half, label)
        if certificate is not None:
            from storyreel.delivery.labels.manifest import sign

            with workplace(to) as bench:
                signed = bench / f"signed{to.suffix}"
                await to_its_end(lambda _: sign(half, label, tags.title, certificate, signed, container=to.suffix))
                signed.replace(half)

    return write


def put_captions(captions: tuple[Caption, ...], film: ResolvedTimeline, files: FilmFiles) -> None:
    """
    Have captions beside a film, as SRT and as VTT; where it has none, those that its cut list says it had are taken away.

    Raises:
        MediaError: They cannot be written.
    """
    if captions:
        for path, text in ((files.srt, srt(captions, film.fps)), (files.vtt, vtt(captions, film.fps))):
            if not holds(path, text.encode()):
                place_bytes(text.encode(), path)
    elif _had_captions(files.cut_list):
        for path in (files.srt, files.vtt):
            with suppress(OSError):
                path.unlink()


def holds(file: Path, content: bytes) -> bool:
    """Whether a file is there and holds exactly this."""
    try:
        return read_plain(file, len(content)) == content
    except OSError:
        return False


def _had_captions(cut_list: Path) -> bool:
    """Whether the film that was there before had captions: then what is beside it is ours, and nobody's own."""
    try:
        listed = json.loads(read_plain(cut_list, WORDS_MOST))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(listed, dict) and listed.get("captions") is not None


def _content(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None


async def _known(name: str, vault: Vault) -> str | None:
    """Return what a copy came out as when it was made before."""
    written = await vault.clips.find_derived("tagged", name)
    try:
        return None if written is None else CopyRecord.model_validate_json(read_plain(written, WORDS_MOST)).sha256
    except (ValidationError, OSError):
        return None


async def _remember(name: str, record: CopyRecord, vault: Vault) -> None:
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        written = Path(folder) / "copy.json"
        written.write_text(record.model_dump_json(), encoding="utf-8")
        await vault.clips.keep_derived(written, "tagged", name)
