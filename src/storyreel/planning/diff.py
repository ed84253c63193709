"""
What has changed between a request that was sent and the one that a plan would send now: field by field, both values.

Pure: two recipes are compared. What the pictures and clips of the former one were is known by sha256, address and
request id alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from storyreel.model.recipe import (
    Frame,
    FromStep,
    FromTake,
    GivenAddress,
    GivenFile,
    InPart,
    Input,
    LastFrame,
    Operation,
    Recipe,
    Tail,
    Trimmed,
    origin,
    picture_in,
)

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Change:
    """
    One field that differs: what it was and what it is; None where it was not, or is no more.

    `text` says that both are prose, to be compared word by word. `note` says what a pair of values does not: that a picture
    is another one, which step is followed.
    """

    field: str
    before: Value
    after: Value
    text: bool = False
    note: str = ""


@dataclass(frozen=True)
class Piece:
    """Words of two texts that were compared: in both, only in the former (`out`), or only in the latter (`in`)."""

    kind: Literal["both", "out", "in"]
    text: str


@dataclass(frozen=True)
class Upstream:
    """
    The take that a step goes on from, as far as it is known: its request id, or why there is none yet (`made again`, `new`).
    """

    request_id: str | None
    state: str = ""


def changes(
    former: Recipe, now: Recipe, upstream: Mapping[str, Upstream], *, style: str = "", names: Mapping[str, str]
) -> tuple[Change, ...]:
    """
    Return what differs between a request that was sent and a step's recipe; empty where nothing does.

    Args:
        former: What was sent, its holes filled.
        now: What is planned, with its holes.
        upstream: What is known of each step that `now` needs.
        style: The line that the prompt ends with because the storyboard's style is added to it.
        names: What files are called, by sha256.
    """
    return (*_fields(former, now, style), *_inputs(former, now, upstream, names))


def fields(recipe: Recipe, names: Mapping[str, str]) -> dict[str, Value]:
    """Return all that a recipe asks for by the names that `changes` uses: the mode, what is sent, what goes in."""
    return {
        "mode": mode_of(recipe),
        **{name: _plain(value) for name, value in _body(recipe).items()},
        **{part: named(each, names) for part, each in _by_part(recipe).items()},
        **({"take": recipe.take} if recipe.take != 1 else {}),
    }


def made_from(recipe: Recipe, names: Mapping[str, str]) -> dict[str, str]:
    """Return the pictures, clips and voices that a recipe is made from, each by what a storyboard calls it."""
    voices = _body(recipe).get("voices")
    pictures = {part: named(each, names) for part, each in _by_part(recipe).items()}
    return {**pictures, **({"voices": voices} if voices else {})}


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Compare two texts word by word. Put together, `both` and `out` are the former one, `both` and `in` the latter."""
    old, new = _SPLIT.findall(before), _SPLIT.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    between = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    ).get_opcodes()
    pieces = [Piece("both", "".join(new[:head]))]
    for kind, a, b, c, d in between:
        if kind == "equal":
            pieces.append(Piece("both", "".join(new[head + c : head + d])))
        else:
            pieces.append(Piece("out", "".join(old[head + a : head + b])))
            pieces.append(Piece("in", "".join(new[head + c : head + d])))
    pieces.append(Piece("both", "".join(new[len(new) - tail :]) if tail else ""))
    return tuple(_joined([piece for piece in pieces if piece.text]))


# --- what the above is made of -------------------------------------------------------------------------------------

_SPLIT = re.compile(r"\w+|\s+|[^\w\s]")
_SIDES: tuple[Literal["out", "in"], ...] = ("out", "in")
MODES: Mapping[Operation, str] = {
    "text-to-video": "a clip from words alone",
    "image-to-video": "a clip that begins with a picture",
    "reference-to-video": "a clip with references",
    "edit-video": "an edit",
    "extend-video": "an extension",
    "generate-image": "a still from words alone",
    "edit-image": "a still with references",
}
_PARTS = {"image-to-video": "first_frame", "extend-video": "clip", "edit-video": "clip"}
"""What the only input of an operation is, where it is no reference."""
VOICES = "reference_audios"
"""What a request calls the voices that it has."""


def mode_of(recipe: Recipe) -> str:
    """Return how a recipe makes what it makes, as a person says it."""
    parts = {each.part for each in recipe.inputs if isinstance(each, InPart)}
    if not parts:
        return MODES[recipe.operation]
    begins = " that begins with a picture" if "first_frame" in parts else ""
    if "reference" in parts or VOICES in recipe.body:
        return f"{MODES[recipe.operation]}{begins}"
    return f"a clip with given frames{begins}"


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Take changes together that only white space parts: two words that were replaced are one change to a reader."""
    at = 0
    while at < len(pieces):
        end = at + 1
        while pieces[at].kind != "both" and end < len(pieces) and _goes_on(pieces[end:]):
            end += 1
        run = pieces[at:end]
        sides = {kind: "".join(each.text for each in run if each.kind in ("both", kind)) for kind in _SIDES}
        if len(run) > 1 and all(side.strip() for side in sides.values()):
            yield from (Piece(kind, sides[kind]) for kind in _SIDES)
        else:
            yield from run
        at = end


def _goes_on(rest: Sequence[Piece]) -> bool:
    """Whether a change goes on with these pieces: the next one is a change, or white space before one."""
    return rest[0].kind != "both" or (rest[0].text.isspace() and len(rest) > 1)


def _fields(former: Recipe, now: Recipe, style: str) -> Iterator[Change]:
    if (was := mode_of(former)) != (mode := mode_of(now)):
        yield Change("mode", was, mode)
    old, new = _body(former), _body(now)
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name == "prompt" and isinstance(before, str) and isinstance(after, str):
            yield from _prompt(before, after, style)
        else:
            yield Change(name, _plain(before), _plain(after))
    if former.take != now.take:
        yield Change("take", former.take, now.take)


def _body(recipe: Recipe) -> dict[str, Any]:
    """Return what a request says in words and numbers, by the names that a storyboard has for it."""
    voices = [str(each.get("voice_id")) for each in recipe.body.get(VOICES, ()) if isinstance(each, Mapping)]
    rest = {name: value for name, value in recipe.body.items() if name != VOICES}
    return {**rest, **({"voices": ", ".join(voices)} if voices else {})}


def _prompt(before: str, after: str, style: str) -> Iterator[Change]:
    """Tell a style that was changed from the prompt that it is added to."""
    own = after.removesuffix(f"\n{style}") if style else after
    was = before[len(own) + 1 :]
    beside = before.startswith(own) and before[len(own) : len(own) + 1] in ("", "\n")
    if own != after and beside and not was.endswith(f"\n{style}"):
        yield Change("style", was or None, style, text=True)
    else:
        yield Change("prompt", before, after, text=True)


def _plain(value: Any) -> Value:
    return value if value is None or isinstance(value, str | int | float | bool) else repr(value)


def _inputs(
    former: Recipe, now: Recipe, upstream: Mapping[str, Upstream], names: Mapping[str, str]
) -> Iterator[Change]:
    before, after = _by_part(former), _by_part(now)
    for field in dict.fromkeys([*after, *before]):
        old, new = before.get(field), after.get(field)
        if new is None and old is not None:
            yield Change(field, named(old, names), None)
        elif old is None and new is not None:
            yield Change(field, None, named(new, names))
        elif old is not None and new is not None:
            yield from _input(field, old, new, now, upstream, names)


def _by_part(recipe: Recipe) -> dict[str, Input]:
    """Return the inputs of a request by what a storyboard calls them, as pictures and clips alone."""
    inputs: dict[str, Input] = {}
    references = 0
    for source in recipe.inputs:
        part = source.part if isinstance(source, InPart) else _PARTS.get(recipe.operation, "reference")
        match source, part:
            case _, "first_frame":
                field = "image"
            case InPart(at=float(at)), "keyframe":
                field = f"keyframe at {at:g} s"
            case _, "reference":
                references += 1
                field = f"reference {references}"
            case _:
                field = part
        inputs[field] = _bare(source)
    return inputs


def _bare(source: Input) -> Input:
    """Return an input without the part that it has in its request."""
    picture = picture_in(source)
    return picture.model_copy(update={"part": None}) if isinstance(picture, Frame) else picture


def _input(
    field: str, old: Input, new: Input, now: Recipe, upstream: Mapping[str, Upstream], names: Mapping[str, str]
) -> Iterator[Change]:
    root = origin(new)
    if isinstance(root, FromStep):
        known = upstream[root.step]
        if known.request_id is None:
            yield Change(field, named(old, names), named(new, names), note=f"follows {root.step}, which {known.state}")
            return
        new = now.model_copy(update={"inputs": (new,)}).filled({root.step: known.request_id}).inputs[0]
    if old == new:
        return
    match origin(old), origin(new):
        case FromTake(request_id=before), FromTake(request_id=after) if before != after and _cut_alike(old, new):
            of = f" of {root.step}" if isinstance(root, FromStep) else ""
            yield Change(field, before, after, note=f"another take{of}")
        case GivenFile(sha256=before), GivenFile(sha256=after) if before != after and _cut_alike(old, new):
            what = "clip" if field == "clip" else "picture"
            yield Change(field, before, after, note=f"another {what}, {names.get(after, 'a file')}")
        case _:
            yield Change(field, named(old, names), named(new, names))


def _cut_alike(old: Input, new: Input) -> bool:
    """Whether the same is cut from both of what two inputs are cut from."""
    while not isinstance(old, FromTake | GivenFile):
        if type(old) is not type(new) or not isinstance(old, LastFrame | Frame | Tail | Trimmed):
            return False
        if old.model_copy(update={"of": None}) != new.model_copy(update={"of": None}):
            return False
        old, new = old.of, new.of  # type: ignore[union-attr]
    return type(old) is type(new)


def named(source: Input, names: Mapping[str, str]) -> str:
    """Return an input as a person reads it: a file by its name and the beginning of its sha256, a take by its request id."""
    match source:
        case GivenFile(sha256=sha256):
            return f"{names[sha256]} ({sha256[:8]})" if sha256 in names else f"a file ({sha256[:8]})"
        case GivenAddress(url=url):
            return url
        case FromStep(step=step):
            return step
        case FromTake(request_id=request_id):
            return f"take {request_id}"
        case LastFrame(of=inner):
            return f"last frame of {named(inner, names)}"
        case InPart(of=inner):
            return named(inner, names)
        case Frame(of=inner, at=at):
            return f"frame at {at:g} s of {named(inner, names)}"
        case Tail(of=inner, seconds=seconds):
            return f"the last {seconds:g} s of {named(inner, names)}"
        case Trimmed(of=inner, start=start, end=end):
            return f"{named(inner, names)}, {start:g} to {end:g} s"
