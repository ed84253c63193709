"""
The log of a film: a plain file beside it that says, line by line, what its runs asked for, what came of it, and what it cost.

It is for people who look back; nothing reads it. Each line begins with the time in UTC and with which run it is of, and is
written in one piece, so that two runs at a time do not tear each other's lines. No secret stands in it, and no run waits for
it: not between a claim and its answer, and not where it cannot be written.
"""

from __future__ import annotations

import asyncio
import os
import queue
import stat
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from storyreel.defects import without_secrets
from storyreel.delivery.places import log_file
from storyreel.errors import SequenceFailed, StoryreelError
from storyreel.model.events import Event, Stage
from storyreel.model.money import charges, dollars
from storyreel.model.recipe import ServiceName
from storyreel.production.prepare import Prepared
from storyreel.production.summary import words_of
from storyreel.systems import AT_ONCE, NO_LINK, hold

TURNED_AT = 1_000_000
"""Bytes after which a run begins a new log; the one before stays as `.log.1`, and no older one."""
MOST = 16_000_000
"""Bytes after which nothing more is written: a run of thousands of steps has a thirtieth of it."""
LONGEST = 2_000
"""Characters of a line."""
PATIENCE_S = 5.0
"""How long the end of a run waits for a disk that does not answer."""
PASSED_OVER: frozenset[Stage] = frozenset({"making", "fetching", "checking", "checked"})
"""What changes by the second, and is no news afterwards."""
OF_THE_MONEY: dict[Stage, str] = {"sending": " estimated", "reused": " paid before"}


class FilmLog:
    """
    The lines of one run in the log of a film.

    Args:
        path: The log's.
        run: The run's own id; each line begins with eight letters of it.
    """

    def __init__(self, path: Path, run: str) -> None:
        self._path = path
        self._run = run
        self._charged = self._uncharged = self._requests = 0
        self._sent: dict[str, int] = {}
        self._in_sums: set[str] = set()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="log of a film", daemon=True)
        self._writer.start()

    def begin(self, title: str, service: str, vault: str) -> None:
        """Write which run begins, for what, and with which vault."""
        self._write(f"run {self._run} begins: {title}, {service}, vault {vault}, storyreel {version('storyreel')}")

    def event(self, event: Event) -> None:
        """Write what happened to a step, and count what it cost."""
        if event.stage in PASSED_OVER:
            return
        bought = event.step in self._sent
        if event.stage == "reused" and bought:
            # A still is in the vault as soon as it is accepted: what this run has just bought, it does not reuse.
            event = replace(event, stage="made")
        if event.stage == "sending":
            self._requests += 1
            self._sent[event.step] = event.ticks or 0
        if event.stage in ("made", "failed") and bought and event.request_id not in self._in_sums:
            self._charged += event.ticks or 0
            self._uncharged += self._sent[event.step] if event.stage == "made" and event.ticks is None else 0
            self._in_sums.update([event.request_id] if event.request_id is not None else [])
        words: list[str] = [event.stage]
        words += [f"request {event.request_id}"] if event.request_id is not None else []
        if event.ticks is not None:
            words.append(f"{dollars(event.ticks)}{OF_THE_MONEY.get(event.stage, '')}")
        self._write(f"{event.step} {', '.join(words)}{f': {event.text}' if event.text else ''}")

    def end(self, error: BaseException | None = None) -> None:
        """Write how the run ended, and what it came to."""
        how = "ends" if error is None else f"ends: {_ending(error)}"
        self._write(f"run {how}; requests: {self._requests}, {charges(self._charged, self._uncharged)}")
        self._lines.put(None)
        self._writer.join(timeout=PATIENCE_S)

    def _write(self, words: str) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self._lines.put(f"{at}Z {self._run[:8]} {words}")

    def _write_all(self) -> None:
        _turn(self._path)
        while (words := self._lines.get()) is not None:
            _append(self._path, " ".join(without_secrets(words).split())[:LONGEST])


@asynccontextmanager
async def logged(
    prepared: Prepared, service: ServiceName, run: str, errors: Mapping[str, BaseException]
) -> AsyncIterator[FilmLog]:
    """
    Yield the log of a run, and write into it how the run began and ended.

    Args:
        errors: Why a variant was not made, by its name, once the run is at its end: that is what its log says.
    """
    board = prepared.plan.board
    log = FilmLog(log_file(prepared.out, board.slug, service), run)
    log.begin(board.title, service, prepared.vault.address)
    try:
        yield log
    except BaseException as error:
        log.end(errors.get(board.variant) if errors and isinstance(error, Exception) else error)
        raise
    log.end(errors.get(board.variant))


def _ending(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return "it was stopped; what was sent is fetched by the next run"
    if isinstance(error, SequenceFailed):
        return error.head
    return words_of(error) if isinstance(error, StoryreelError) else type(error).__name__


def _append(path: Path, line: str) -> None:
    with suppress(OSError, ValueError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened anew for each line, since another run may have put the file away; a link would lead to somebody else's.
        way = os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK | AT_ONCE
        file = os.open(path, way, 0o666)
        try:
            seen = os.fstat(file)
            if stat.S_ISREG(seen.st_mode) and seen.st_size < MOST:
                os.write(file, f"{line}\n".encode(errors="replace"))
        finally:
            os.close(file)


def _turn(path: Path) -> None:
    """Put a long log aside. Of two that would at the same moment one does, so that what was put aside is not lost."""
    with suppress(OSError, ValueError):
        file = os.open(path, os.O_RDONLY | NO_LINK | AT_ONCE)
        try:
            hold(file)
            ours, there = os.fstat(file), path.lstat()
            if stat.S_ISREG(ours.st_mode) and ours.st_ino == there.st_ino and ours.st_size > TURNED_AT:
                path.replace(path.with_name(f"{path.name}.1"))
        finally:
            os.close(file)
