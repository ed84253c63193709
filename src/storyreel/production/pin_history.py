"""
What `storyreel pin` has written into a storyboard, so that it can be taken back to the byte.

It is a note of this machine's in the folder of the user's state, and no record: nothing is bought or not bought by it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import Field, ValidationError

from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
from storyreel.files.regular import read_words
from storyreel.model.recipe import Frozen
from storyreel.systems import CLOSED_TO_OTHERS, hold
from storyreel.variables.table import STATE_HOME

MOST = 200
"""Pins of a storyboard that are remembered."""


class WrittenPin(Frozen):
    """
    A pin that was written.

    Args:
        step: The step's id.
        pin: What it was pinned to.
        removed, inserted: What stood there before, and what stood there then.
        value_at: Where in that the value begins.
        is_there: Whether the storyboard was written; False while that is under way, and where it came to nothing.
    """

    step: str
    pin: str
    removed: str
    inserted: str
    value_at: int = Field(ge=0)
    is_there: bool = False


class _Note(Frozen):
    board: str
    pins: tuple[WrittenPin, ...] = ()


class PinHistory:
    """
    What was written into one storyboard, the newest last.

    Args:
        board: Its file, links resolved.
    """

    def __init__(self, board: Path) -> None:
        self._board = os.fsencode(board).decode("utf-8", "backslashreplace")
        name = hashlib.sha256(os.fsencode(board)).hexdigest()[:32]
        self.place = STATE_HOME.read() / "storyreel" / "pins" / f"{name}.json"

    def of_step(self, step: str) -> tuple[WrittenPin, ...]:
        """Return what was written for a step, the newest last."""
        return tuple(each for each in self._pins() if each.step == step)

    def add(self, pin: WrittenPin) -> bool:
        """Note a pin that is about to be written, and say whether that could be done."""
        return self._keep((*(each for each in self._pins() if each.is_there), pin))

    def confirm(self) -> None:
        """Note that the last pin stands in the storyboard."""
        *before, last = self._pins()
        self._keep((*before, last.model_copy(update={"is_there": True})))

    def forget(self, pin: WrittenPin) -> None:
        """Forget a pin that was taken back, and what was noted after it for its step."""
        pins = self._pins()
        last = max(number for number, each in enumerate(pins) if each == pin)
        self._keep(tuple(each for number, each in enumerate(pins) if number < last or each.step != pin.step))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have other commands of this machine that write pins into the storyboard wait."""
        with suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(self.place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | CLOSED_TO_OTHERS, 0o600)
        except OSError:
            yield  # a home that cannot be written to has no notes either
            return
        try:
            hold(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _pins(self) -> tuple[WrittenPin, ...]:
        try:
            note = _Note.model_validate_json(read_words(self.place))
        except (OSError, ValueError, ValidationError):
            return ()
        return note.pins if note.board == self._board else ()

    def _keep(self, pins: tuple[WrittenPin, ...]) -> bool:
        note = _Note(board=self._board, pins=pins[-MOST:])
        try:
            place_bytes(note.model_dump_json(indent=1).encode(), self.place)
        except MediaError:
            return False
        return True
