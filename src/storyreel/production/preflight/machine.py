"""
What a shoot needs of this machine: an ffmpeg, a face for words, room on its disks, folders that can be made, a clock that is right.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from storyreel.errors import MediaError, SettingsError, VaultError
from storyreel.files.place import try_out
from storyreel.media import ffmpeg_binary, version_of
from storyreel.production.preflight.finding import Finding, fault, note, ok

OLDEST_FFMPEG = (5, 1)
"""The oldest ffmpeg that films are cut with as everywhere else."""
SCARCE_BYTES = 2_000_000_000
"""Room from which on down a disk is told: a film of two minutes with its clips has about half of it."""
TOO_LITTLE_BYTES = 100_000_000
FAR = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "fuse.glusterfs", "davfs"})
"""Kinds of file systems that are on another machine."""
GONE_AFTER_A_RESTART = frozenset({"tmpfs", "ramfs", "overlay"})


def look_at_ffmpeg() -> Sequence[Finding]:
    """Say which ffmpeg cuts films, and whether it is a known one."""
    binary = ffmpeg_binary()
    words = version_of(binary)
    number = re.match(r"n?(\d+)\.(\d+)", words)
    which = f"{binary}, {words}, with libx264 and aac"
    if number is not None and (int(number[1]), int(number[2])) < OLDEST_FFMPEG:
        oldest = ".".join(map(str, OLDEST_FFMPEG))
        return [
            fault(
                "ffmpeg",
                MediaError,
                f"{which}: older than {oldest}",
                "install a newer one, or: pip install imageio-ffmpeg",
            )
        ]
    if number is None:
        return [
            note("ffmpeg", f"{which}: its version is not one that can be compared", "5.1 or newer is expected of it")
        ]
    return [ok("ffmpeg", which)]


def look_at_fonts() -> Sequence[Finding]:
    """Say whether words can be drawn."""
    from storyreel.fonts import FACE, drawable

    return [
        ok(
            "fonts",
            f"{FACE.stem} comes with storyreel and draws {len(drawable())} characters; for other scripts name a font in the board",
        )
    ]


def look_at_disk(places: Mapping[str, Path]) -> Sequence[Finding]:
    """
    Say how much room there is where something is written.

    Args:
        places: What is written there, by its name for a person; one need not be there yet.
    """
    findings, seen = [], set[int]()
    for name, place in places.items():
        there = nearest(place)
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(there).free
        words = f"{free / 1e9:.1f} GB are free for {name}, on the disk of {there}"
        remedy = "free some; what can be made again is freed by: storyreel gc"
        if free < TOO_LITTLE_BYTES:
            findings.append(fault("disk", VaultError, words, remedy))
        else:
            findings.append(note("disk", words, remedy) if free < SCARCE_BYTES else ok("disk", words))
    return findings


def look_at_out(out: Path) -> Sequence[Finding]:
    """Say whether films can go where they are to go. What is not there is not made."""
    if out.is_dir():
        try:
            try_out(out)
        except MediaError as error:
            return [fault("output", SettingsError, f"films cannot be put into {out}: {error}", "give another --out")]
        return [ok("output", f"films go to {out}, which can be written")]
    if os.path.lexists(out):
        return [
            fault("output", SettingsError, f"films cannot be put into {out}: it is no folder", "give another --out")
        ]
    if why := not_to_be_made(out):
        return [fault("output", SettingsError, f"the folder {out} cannot be made: {why}", "give another --out")]
    return [ok("output", f"films go to {out}, which the first one makes")]


def not_to_be_made(folder: Path) -> str:
    """Return why a folder cannot be made that is not there; empty where it can: one is made beside, and taken away."""
    above = nearest(folder)
    if not above.is_dir():
        return f"{above} is no folder"
    try:
        Path(tempfile.mkdtemp(prefix=".storyreel-trial-", dir=above)).rmdir()
    except OSError as error:
        return f"{above} cannot be written ({error.strerror})"
    return ""


def nearest(place: Path) -> Path:
    """Return the nearest of a place and what is above it that is there."""
    return next(path for path in (place, *place.parents) if os.path.lexists(path))


def file_system_of(place: Path) -> str:
    """Return the kind of the file system that a place is on; empty where nobody can tell."""
    best, kind = -1, ""
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split(" ")
            if len(words) > 2:
                mount = Path(words[1].encode().decode("unicode_escape", "replace"))
                if place.is_relative_to(mount) and len(mount.parts) >= best:
                    best, kind = len(mount.parts), words[2]
    return kind
