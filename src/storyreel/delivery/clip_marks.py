"""
What a vault knows to be wrong with its clips: what was measured of each when it came, judged by the limits of today.

Measurements lie among what can be made again, under the clip's content and the way in which it was looked at. A clip that came before
there were any has none, and no marks, until it is looked at; nobody waits for that, and nothing is refused for it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from storyreel.delivery.new_part import Came, fed_seconds, first_new_frame
from storyreel.errors import StoryreelError, VaultError
from storyreel.mark_limits import MarkLimits
from storyreel.media.probe import probe
from storyreel.media.quality.inspect import inspect, inspect_still
from storyreel.media.quality.inspection import VERSION, Inspection
from storyreel.media.quality.judge import NOTHING, Asked, judge
from storyreel.model.marks import Mark
from storyreel.model.recipe import (
    STILLS,
    Frame,
    FromTake,
    InPart,
    Input,
    LastFrame,
    Recipe,
    Tail,
    Trimmed,
    digest,
    origin,
)
from storyreel.model.tails import ClipPart, Length
from storyreel.variables.table import MARKS
from storyreel.vault import Take, Vault

RATE = 24.0
"""Frames a second of all that the service makes itself; measured at the API, 2026-11."""
CAPPED = 720.0
"""Lines that an edit and an extension have at most, whatever goes in; docs.x.ai video editing and extension, 2026-10."""
STILL_SIDES = {"1k": 1024.0, "2k": 2048.0}
"""The side of a square still of each resolution; others have as many pixels."""


# What a claim says was sent is of whichever version wrote it, and may have been damaged since: what is none of these was not asked for.
_RATIO = re.compile(r"([1-9][0-9]{0,4}):([1-9][0-9]{0,4})")
_LINES = re.compile(r"([1-9][0-9]{0,4})p")
LONGEST_S = 3600
"""Seconds from which on a length is none that was asked for."""


def inspection_parts(sha256: str) -> tuple[str, str]:
    """Return the kind and the name under which a vault keeps what was measured of a clip."""
    return "inspections", f"{digest({'v': VERSION, 'clip': sha256})}.json"


async def inspection_of(vault: Vault, sha256: str) -> Inspection | None:
    """Return what was measured of a clip; None where it was not looked at, or that cannot be read."""
    with suppress(VaultError, OSError, ValueError):
        path = await vault.clips.find_derived(*inspection_parts(sha256))
        if path is not None:
            content = await asyncio.to_thread(path.read_bytes)
            return Inspection.model_validate_json(content)
    return None


async def keep_inspection(vault: Vault, sha256: str, inspection: Inspection | None) -> None:
    """Keep what was measured of a clip. That there is no room for it costs its marks, and nothing else."""
    if inspection is None:
        return
    with suppress(VaultError, OSError), tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        path = Path(folder) / "inspection.json"
        path.write_bytes(inspection.as_bytes())
        await vault.clips.keep_derived(path, *inspection_parts(sha256))


async def look_at(vault: Vault, take: Take) -> Inspection | None:
    """
    Return what was measured of a take's clip, and look at it now where nobody has: that costs one decode.

    Returns:
        None where there is no clip, or it cannot be looked at.
    """
    if take.sha256 is None:
        return None
    if (there := await inspection_of(vault, take.sha256)) is not None:
        return there
    with suppress(StoryreelError, OSError):
        path = await vault.clips.local(take.sha256)
        if is_still(take):
            inspection = await asyncio.to_thread(lambda: inspect_still(path.read_bytes()))
        else:
            inspection = await inspect(path, await asyncio.to_thread(probe, path))
        await keep_inspection(vault, take.sha256, inspection)
        return inspection
    return None


def is_still(take: Take) -> bool:
    """Whether a take gave a picture."""
    return take.frames == 1 and not take.seconds


async def marks_looked_at(vault: Vault, take: Take | None) -> tuple[Mark, ...] | None:
    """
    Return the marks of a take's clip for whoever lets money depend on them: a clip that was not looked at when it came is so now.

    Returns:
        None where it cannot be looked at.

    Raises:
        VaultError: What was asked of it cannot be read.
    """
    if take is None or take.sha256 is None:
        return ()
    inspection = await look_at(vault, take)
    if inspection is None:
        return None
    return judge(inspection, await asked_of(vault, take, await _recipe_of(vault, take)), limits())


async def marks_of(vault: Vault, take: Take | None, recipe: Mapping[str, Any] | None = None) -> tuple[Mark, ...]:
    """
    Return the marks of a take's clip, to be told; none where it has no clip, or was not looked at.

    Args:
        recipe: What was sent for it, as its claim has it, where that is at hand.
    """
    if take is None or take.sha256 is None:
        return ()
    inspection = await inspection_of(vault, take.sha256)
    if inspection is None:
        return ()
    with suppress(StoryreelError, OSError, ValueError):
        if recipe is None:
            recipe = await _recipe_of(vault, take)
        return judge(inspection, await asked_of(vault, take, recipe), limits())
    return ()


def limits() -> MarkLimits:
    """Return from where on something is told, as this environment has it."""
    return MARKS.read()


async def _recipe_of(vault: Vault, take: Take) -> Mapping[str, Any] | None:
    """Return what was sent for a take; None where this vault has not asked for it."""
    for attempt in await vault.attempts.of(take.service, take.fingerprint) if take.fingerprint else ():
        if attempt.number == take.attempt:
            return attempt.claim.recipe
    return None


async def asked_of(vault: Vault, take: Take, recipe: Mapping[str, Any] | None) -> Asked:
    """
    Return what was asked of a take: as its request says, and of what it is made from.

    Args:
        recipe: What was sent for it; None where this vault has not asked, and nothing is known.
    """
    if recipe is None:
        return NOTHING
    try:
        request = Recipe.model_validate(recipe)
    except ValidationError:
        return NOTHING
    body = request.body
    if request.operation in STILLS:
        return Asked(ratio=_ratio(body.get("aspect_ratio")), short_side=STILL_SIDES.get(str(body.get("resolution"))))
    if request.operation in ("extend-video", "edit-video"):
        return await _asked_of_clip(vault, take, request)
    return Asked(
        seconds=take.asked_seconds,
        rate=RATE,
        ratio=await _ratio_of_first(vault, take, request) or _ratio(body.get("aspect_ratio")),
        short_side=_lines(body.get("resolution")),
        sound=body.get("generate_audio", True) is not False,
    )


async def _asked_of_clip(vault: Vault, take: Take, request: Recipe) -> Asked:
    """Return what was asked of a clip that another one goes into: it is to be as that one, and an extension goes on where it ends."""
    source = request.inputs[0] if request.inputs else None
    before = await _take_of(vault, take, source)
    extends = request.operation == "extend-video"
    if before is None or isinstance(source, Trimmed):
        began = source.end - source.start if isinstance(source, Trimmed) else None
        seconds = _sum(began, request.body.get("duration"))
        if not extends or began is None or seconds is None:
            return NOTHING
        return Asked(seconds=seconds, seams=(began,), begins=began)
    size = (before.width, before.height) if before.width and before.height else None
    went_in = before.seconds
    begins = went_in if extends and went_in else 0.0
    if isinstance(source, Tail) and min(before.frames, before.fps, take.frames, take.fps) > 0:
        clip, whole = (
            Came(each.sha256 or "", Length(each.frames, Fraction(each.fps).limit_denominator(1001)))
            for each in (take, before)
        )
        part = ClipPart("", _added(request.body.get("duration")) or 0.0, source.seconds)
        went_in = fed_seconds(part, whole.length)
        begins = float(await first_new_frame(part, clip, whole, vault) / clip.length.rate)
    return Asked(
        seconds=_sum(went_in, request.body.get("duration")) if extends else before.seconds or None,
        rate=before.fps or None,
        ratio=size[0] / size[1] if size else None,
        short_side=min(*size, CAPPED) if size else None,
        sound=bool(before.has_audio),
        seams=(begins,) if begins else (),
        begins=begins,
    )


def _sum(seconds: float | None, added: object) -> float | None:
    more = _added(added)
    return seconds + more if seconds and more else None


def _added(seconds: object) -> float | None:
    return float(seconds) if isinstance(seconds, int | float) and 0 < seconds <= LONGEST_S else None


async def _take_of(vault: Vault, take: Take, source: Input | None) -> Take | None:
    """Return the take that an input is made from."""
    root = origin(source) if source is not None else None
    return await vault.takes.get(take.service, root.request_id) if isinstance(root, FromTake) else None


async def _ratio_of_first(vault: Vault, take: Take, request: Recipe) -> float | None:
    """Return the ratio of the picture that a clip begins with, which it takes over, where that is a take's."""
    if request.operation == "image-to-video":
        first = request.inputs[0] if request.inputs else None
    else:
        parts = (each for each in request.inputs if isinstance(each, InPart) and each.part == "first_frame")
        first = next((each.of for each in parts), None)
    if not isinstance(first, FromTake | LastFrame | Frame):
        return None
    before = await _take_of(vault, take, first)
    return before.width / before.height if before is not None and before.width and before.height else None


def _ratio(words: object) -> float | None:
    match = _RATIO.fullmatch(str(words))
    return int(match[1]) / int(match[2]) if match else None


def _lines(words: object) -> float | None:
    match = _LINES.fullmatch(str(words))
    return float(match[1]) if match else None


def in_words(marks: tuple[Mark, ...]) -> str:
    """Return marks as a person reads them: `black from 0 to 4 s, no sound`."""
    return ", ".join(_in_words(mark) for mark in marks)


_WORDS = {
    "black": "black",
    "frozen": "stands still",
    "silent": "no sound",
    "clipped": "sound at its limit",
    "bars": "bars",
    "length": "another length than asked",
    "rate": "another frame rate than asked",
    "size": "another size than asked",
    "seam": "a jump where the extension begins",
}
_OF_ALL = frozenset({"bars", "length", "rate", "size"})


def _in_words(mark: Mark) -> str:
    words = _WORDS[mark.kind]
    if mark.kind in _OF_ALL or mark.end == 0:
        return words
    return f"{words} at {mark.start:g} s" if mark.kind == "seam" else f"{words} from {mark.start:g} to {mark.end:g} s"


def with_redo(step: str, marks: tuple[Mark, ...]) -> str:
    """Return marks with what makes the clip anew; empty where there are none."""
    return f"{in_words(marks)}; --redo {step} makes it anew" if marks else ""
