"""
Read a JSON body as the original does: field by field, with its plain-text complaints and their line and column.

The original is written in Rust and tells in the words of its serde library what it cannot read; clients meet those
texts, so they are given here to the letter. What a value *means* is not looked at: that is `validation`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from storyreel.sandbox.api.records import Source
from storyreel.sandbox.api.responses import Refused, undeserialised

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\r\n]*")


class Fields:
    """The fields of one JSON body. Unknown ones are never looked at, and null is the same as absent."""

    def __init__(self, body: bytes, content_type: str) -> None:
        """
        Take a body apart.

        Raises:
            Refused: It is no JSON (415, 400) or no object (422).
        """
        if content_type.partition(";")[0].strip().lower() != "application/json" or not body.strip():
            raise Refused(415, "Expected request with `Content-Type: application/json`")
        try:
            self._text = body.decode()
            self._values = json.loads(self._text)
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"Failed to parse the request body as JSON: {error}") from None
        if not isinstance(self._values, dict):
            raise undeserialised(f"invalid type: {_described(self._values)}, expected a map at line 1 column 0")

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def require(self, *names: str) -> None:
        """Refuse a body that lacks one of these."""
        for name in names:
            if name not in self:
                raise undeserialised(f"missing field `{name}`{self._at(())}")

    def text(self, name: str) -> str | None:
        """Return a string."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong((name,), value, "a string")
        return value

    def flag(self, name: str, otherwise: bool) -> bool:
        """Return a boolean."""
        value = self._values.get(name)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            raise self._wrong((name,), value, "a boolean")
        return value

    def whole(self, *names: str) -> int | None:
        """Return the integer under the first of these names that is there; a string of digits will do."""
        for name in names:
            value = self._values.get(name)
            if value is None:
                continue
            if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,9}\s*", value):
                return int(value)
            if isinstance(value, bool) or not isinstance(value, int):
                raise self._wrong((name,), value, "u32")
            return value
        return None

    def choice(self, name: str, options: Sequence[str]) -> str | None:
        """Return one of the words that are known for this field."""
        value = self.text(name)
        if value is not None and value not in options:
            known = ", ".join(f"`{o}`" for o in options)
            raise undeserialised(f"{name}: unknown variant `{value}`, expected one of {known}{self._at((name,))}")
        return value

    def media(self, name: str, shape: str) -> Source | None:
        """Return a medium: an object with `url` or `file_id`."""
        value = self._values.get(name)
        return None if value is None else self._source((name,), value, shape)

    def media_list(self, name: str, shape: str) -> tuple[Source, ...]:
        """Return a list of media; empty when it is absent."""
        return tuple(self._source(path, value, shape) for path, value in self._entries(name))

    def keyframes(self, name: str) -> tuple[tuple[Source, float], ...]:
        """Return the pinned frames: a picture and its second each."""
        frames = []
        for path, value in self._entries(name):
            entry = self._map(path, value, "struct Keyframe", "image", "timestamp_s")
            second = entry["timestamp_s"]
            if isinstance(second, bool) or not isinstance(second, int | float):
                raise self._wrong((*path, "timestamp_s"), second, "f32")
            frames.append((self._source((*path, "image"), entry["image"], "struct ImageUrl"), float(second)))
        return tuple(frames)

    def voices(self, name: str) -> tuple[str, ...]:
        """Return the voice of each reference clip; an empty word for one that is given by its address."""
        voices = []
        for path, value in self._entries(name):
            voice = self._map(path, value, "struct ReferenceAudio").get("voice_id")
            if voice is not None and not isinstance(voice, str):
                raise self._wrong((*path, "voice_id"), voice, "a string")
            voices.append(voice or "")
        return tuple(voices)

    def map(self, name: str, shape: str, *needed: str) -> dict[str, Any] | None:
        """Return an object that has at least these fields."""
        value = self._values.get(name)
        return None if value is None else self._map((name,), value, shape, *needed)

    def _entries(self, name: str) -> list[tuple[Path, Any]]:
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong((name,), value, "a sequence")
        return [((name, n), entry) for n, entry in enumerate(value)]

    def _source(self, path: Path, value: Any, shape: str) -> Source:
        entry = self._map(path, value, shape)
        for field in ("url", "file_id"):
            if not isinstance(entry.get(field), str | None):
                raise self._wrong((*path, field), entry[field], "a string")
        return Source(url=entry.get("url"), file_id=entry.get("file_id"))

    def _map(self, path: Path, value: Any, shape: str, *needed: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            # As measured on 2026-09-08: no line and column behind this one.
            raise undeserialised(f"{_shown(path)}: invalid type: {_described(value)}, expected {shape}")
        for name in needed:
            if value.get(name) is None:
                raise undeserialised(f"{_shown(path)}: missing field `{name}`{self._at(path)}")
        return value

    def _wrong(self, path: Path, value: Any, expected: str) -> Refused:
        return undeserialised(f"{_shown(path)}: invalid type: {_described(value)}, expected {expected}{self._at(path)}")

    def _at(self, path: Path) -> str:
        head = self._text[: end_of(self._text, path)]
        line = head.count("\n") + 1
        column = len(head[head.rfind("\n") + 1 :].encode())
        return f" at line {line} column {column}"


def end_of(text: str, path: Path) -> int:
    """
    Say where a value of a JSON text ends.

    Args:
        text: Valid JSON.
        path: Keys and indexes down to the value; empty for the whole.

    Returns:
        The index behind its last character.
    """
    decoder = json.JSONDecoder()
    at = _past_space(text, 0)
    for part in path:
        at = _past_space(text, at + 1)  # behind the bracket
        for n in range(len(text)):
            if isinstance(part, str):
                key, at = decoder.raw_decode(text, at)
                at = _past_space(text, _past_space(text, at) + 1)  # behind the colon
            else:
                key = n
            if key == part:
                break
            _, at = decoder.raw_decode(text, at)
            at = _past_space(text, _past_space(text, at) + 1)  # behind the comma
    _, end = decoder.raw_decode(text, at)
    return end


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _shown(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _described(value: Any) -> str:
    match value:
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f"string {json.dumps(value, ensure_ascii=False)}"
        case list():
            return "sequence"
        case dict():
            return "map"
        case _:
            return "null"
