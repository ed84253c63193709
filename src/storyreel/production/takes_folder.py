"""
A folder with the clip of every take under a name that people can read: `TRAM_010_stop_video_t02.mp4`.

Nothing that is there is ever written over: what is there under its name stays, and what somebody has put under another clip's name
makes that one be called by its id as well.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storyreel.delivery.clip_names import clip_name
from storyreel.errors import ClipMissing, SettingsError
from storyreel.files.place import link_read_only, refused, workplace
from storyreel.files.regular import copy_plain
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.production.takes_data import TakeData
from storyreel.vault import Vault
from storyreel.vault.outside import check_outside

_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES)
_BESIDE = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True)
class TakesFolder:
    """
    What became of a folder of takes: its files by the takes' steps and numbers, how many of them are new, and how many of those are
    copies. `called_otherwise` are those whose name somebody else's file has, `missing` the takes whose clip is nowhere.
    """

    folder: Path
    files: Mapping[tuple[str, int], Path]
    new: int
    copies: int
    called_otherwise: tuple[Path, ...]
    missing: tuple[TakeData, ...]


async def fill_folder(
    plans: Sequence[Plan], takes: Sequence[TakeData], vault: Vault, service: ServiceName, folder: Path
) -> TakesFolder:
    """
    Put the clip of every take into a folder: as a hard link to the vault's own file, or a copy where that cannot be, of a vault in a
    bucket from what is downloaded.

    Args:
        plans: Those of the storyboard, or of its variants.
        takes: Its takes.
        folder: Is made if it is not there.

    Raises:
        SettingsError: The folder is a file, or lies in the vault.
        MediaError: It cannot be written.
        VaultError: The vault cannot be read, or a clip is damaged.
    """
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"--folder {folder} is a file; name a folder, which is made if it is not there")
    check_outside(vault, folder, "--folder")
    with refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files: dict[tuple[str, int], Path] = {}
    otherwise: list[Path] = []
    missing: list[TakeData] = []
    new = copies = 0
    places = _places(plans)
    for take in takes:
        sha256 = await _sha256(take, vault, service)
        if sha256 is None:
            continue
        try:
            clip = await vault.clips.local(sha256)
        except ClipMissing:
            missing.append(take)
            continue
        slug, place = places[take.step]
        placed = await asyncio.to_thread(
            _put, clip, folder, clip_name(slug, place, take.step, take.number, clip.suffix), take
        )
        files[take.step, take.number] = placed.path
        new += placed.is_new
        copies += placed.is_copy
        otherwise += [placed.path] if placed.is_other else []
    return TakesFolder(folder, files, new, copies, tuple(otherwise), tuple(missing))


@dataclass(frozen=True)
class _Placed:
    path: Path
    is_new: bool = False
    is_copy: bool = False
    is_other: bool = False


def _places(plans: Sequence[Plan]) -> dict[str, tuple[str, int]]:
    """Return for each step the slug of its film, and which of the scenes it belongs to; the cast comes before them."""
    return {
        step.id: (
            plan.board.slug,
            next((at for at, scene in enumerate(plan.board.scenes) if scene.id == step.scene_id), -1),
        )
        for plan in plans
        for step in plan.steps
    }


async def _sha256(take: TakeData, vault: Vault, service: ServiceName) -> str | None:
    if take.request_id is None or take.state not in ("clip", "missing"):
        return None
    record = await vault.takes.get(service, take.request_id)
    return record.sha256 if record is not None else None


def _put(clip: Path, folder: Path, name: str, take: TakeData) -> _Placed:
    """Have a clip under a name in a folder, or, where another file has that, under one with its id in it."""
    for place in _names(folder, name, take):
        while True:
            if _same(clip, place):
                return _Placed(place, is_other=place.name != name)
            if os.path.lexists(place):
                break
            try:
                is_copy = _link(clip, place)
            except FileExistsError:
                continue  # another run, or a person, was faster: it is looked at
            return _Placed(place, True, is_copy, place.name != name)
    raise SettingsError(
        f"{folder / name} is another file, and so is each that its clip might be called; name another folder"
    )


def _names(folder: Path, name: str, take: TakeData) -> Iterator[Path]:
    path = folder / name
    yield path
    short = _BESIDE.sub("", str(take.request_id).removeprefix("still-"))
    for length in (8, 40):
        yield path.with_name(f"{path.stem}-{short[:length]}{path.suffix}")


def _same(clip: Path, place: Path) -> bool:
    """Whether a place has this clip: as a link, or a copy of it."""
    with suppress(OSError):
        if place.samefile(clip):
            return True
        if place.is_symlink() or not place.is_file() or place.stat().st_size != clip.stat().st_size:
            return False
        with place.open("rb") as there, clip.open("rb") as ours:
            while block := ours.read(1 << 20):
                if there.read(1 << 20) != block:
                    return False
        return True
    return False


def _link(clip: Path, place: Path) -> bool:
    """
    Link a clip to a name that is free, or copy it, whole or not at all; say whether it is a copy.

    Raises:
        FileExistsError: The name is not free.
        MediaError: The folder cannot be written.
    """
    try:
        if _is_linked(clip, place):
            return False
        with workplace(place) as bench:
            half = bench / place.name
            with half.open("wb") as file:
                copy_plain(clip, file)
            if not _is_linked(half, place):
                # A disk without hard links: nothing there creates a name only if it is free.
                if os.path.lexists(place):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
                half.rename(place)
        return True
    except FileExistsError:
        raise
    except OSError:
        with refused(place):
            raise


def _is_linked(file: Path, place: Path) -> bool:
    """Give a file one more name, and say whether that can be done there."""
    try:
        link_read_only(file, place)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return False
    return True
