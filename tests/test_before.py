"""
What 0.1.0 left behind, opened by this code: nothing is sent, the films are the same, and what waited goes on.
"""

import os
import signal
import socket
import subprocess
import tarfile
import time
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from storyreel.cli.takes import takes_of
from storyreel.errors import ImagineError, SubmitUnknown, TakeExpired, TakeFailed, TakeModerated
from storyreel.media import probe
from storyreel.model.recipe import Clip
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.production.run import cut
from tests.cli.test_render import storyreel
from tests.desk import Desk
from tests.media.filming import packets, pictures

LEFT = Path(__file__).parent / "fixtures" / "before" / "before.tar.xz"


@pytest.fixture
def before(place: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a folder as 0.1.0 left it an hour ago."""
    with tarfile.open(LEFT) as packed:
        packed.extractall(place, filter="data")
    an_hour_ago = time.time() - 3600
    for record in (place / "vault").rglob("*.json"):
        os.utime(record, (an_hour_ago, an_hour_ago))
    monkeypatch.chdir(place)
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    return Desk(place)


async def again(board: str, *, film: bool = True) -> dict[str, Clip | ImagineError]:
    """Do what a run does, and return what came of each step; a step that has to be bought is a KeyError."""
    ends: dict[str, Clip | ImagineError] = {}
    async with open_session(prepare(f"boards/{board}.yaml"), run="later", sandbox=True) as session:
        for step in session.plan.steps:
            sources = [clip for need in step.needs if isinstance(clip := ends.get(need), Clip)]
            if len(sources) < len(step.needs):
                continue
            try:
                slate = await recall(session, step, sources)
                if slate is not None:
                    ends[step.id] = await collect(session, step.id, slate)
            except ImagineError as error:
                ends[step.id] = error
        if film:
            await cut(
                session, session.plan.films[0], {step: end for step, end in ends.items() if isinstance(end, Clip)}
            )
    return ends


@pytest.mark.parametrize(("board", "steps", "whole_clips"), [("lighthouse", 10, 4), ("night", 1, 1)])
async def test_the_film_of_before_is_the_same(before: Desk, board: str, steps: int, whole_clips: int):
    """
    Every step is in the vault, nothing is sent, and the film that is cut anew has the pictures that it had.
    """
    film = before.folder / "out" / board / f"{board}.sandbox.mp4"
    clips = (before.folder / "vault" / "clips").rglob("*.mp4")
    # Beside a set of ours, those that a clip repeats among its pictures are left out now: Firefox stopped at them.
    copied = {packet for clip in clips for packet in packets(clip, repeated_sets=False)}
    seconds, there, shown = probe(film).seconds, packets(film, repeated_sets=False), pictures(film)
    film.unlink()
    ends = await again(board)

    assert steps == sum(isinstance(end, Clip) for end in ends.values())
    assert before.posts() == []
    assert seconds == pytest.approx(probe(film).seconds, abs=0.001)
    kept_whole = [packet for packet in there if packet in copied]
    assert kept_whole == [packet for packet in packets(film, repeated_sets=False) if packet in copied]
    assert len(kept_whole) >= 24 * whole_clips
    # What had to be fitted is encoded anew, and an encoder's bytes differ with its version and with the processor.
    differences = [np.abs(a.astype(int) - b).mean() for a, b in zip(shown, pictures(film), strict=True)]
    assert max(differences) < 0.5


async def test_an_end_of_before_stands(before: Desk):
    """
    What was withheld, failed, expired or never answered is told again, and not sent; what was refused may be bought.
    """
    ends = await again("ends", film=False)

    assert {
        "good/video": Clip,
        "withheld/video": TakeModerated,
        "failing/video": TakeFailed,
        "late/video": TakeExpired,
        "unanswered/video": SubmitUnknown,
    } == {step: type(end) for step, end in ends.items()}
    assert before.posts() == []


async def test_a_request_whose_process_was_killed_is_unknown(before: Desk):
    """
    A claim without an answer, of a process that is gone with its machine, is told as unknown and not sent.
    """
    ends = await again("killed", film=False)

    assert isinstance(ends["door/still"], SubmitUnknown)
    assert before.posts() == []


def test_the_ledger_of_before_is_read(before: Desk):
    """
    `takes` lists each attempt of then as what it was.
    """
    ledgers = {board: takes_of(Path(f"boards/{board}.yaml"), None, sandbox=True) for board in ("lighthouse", "ends")}
    states = {board: sorted(take.state for take in data.takes) for board, data in ledgers.items()}

    assert {
        "lighthouse": ["clip"] * 11,
        "ends": ["clip", "expired", "failed", "moderated", "refused", "unknown"],
    } == states


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_run_of_before_goes_on(before: Desk):
    """
    Shot again by the command and in the Prefect home of then, each storyboard ends as it did, and what is approved is cut.
    """

    def run(*words: str, code: int = 0) -> str:
        return before.run(*words, code=code, within_s=400, PREFECT_HOME=str(before.folder / "prefect"))

    run("shoot", "boards/lighthouse.yaml", "--sandbox")
    run("shoot", "boards/killed.yaml", "--sandbox", code=7)
    run(*approval_in(run("shoot", "boards/reviewed.yaml", "--sandbox", code=8)))
    run("shoot", "boards/reviewed.yaml", "--sandbox")

    assert before.posts() == []
    assert 48 == probe(before.folder / "out" / "reviewed" / "reviewed.sandbox.mp4").frames


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_desk_of_before_is_opened_and_its_suspended_run_goes_on(before: Desk):
    """
    The desk's folder is taken as it is: the run that waited for approval there is resumed by it, and cuts its film.
    """
    data = {"XDG_DATA_HOME": str(before.folder / "data")}
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [str(listening.getsockname()[1]) for listening in (one, other)]
    desk = before.begin("studio", "--folder", "desk", "--port", ports[0], "--films-port", ports[1], **data)
    try:
        assert isinstance(desk, subprocess.Popen)
        assert desk.stdout is not None
        opening = list(takewhile(lambda line: not line.startswith("Ctrl-C"), desk.stdout))
        assert any("Storyboards are looked for" in line for line in opening), "".join(opening)
        before.run(*approval_in(before.run("approve", "boards/reviewed.yaml", "--sandbox", code=8, **data)), **data)
        film = before.folder / "out" / "reviewed" / "reviewed.sandbox.mp4"
        deadline = time.monotonic() + 120
        while not film.exists():
            assert time.monotonic() < deadline, "the run did not go on"
            time.sleep(0.5)
    finally:
        os.killpg(desk.pid, signal.SIGINT)
        desk.communicate(timeout=90)

    assert before.posts() == []
    assert 48 == probe(film).frames


def approval_in(told: str) -> list[str]:
    """Return the words of the command that approves what was shown, as it was printed."""
    return next(line.split()[1:] for line in told.splitlines() if " --as " in line)


def test_a_plan_of_before_says_that_it_knows_no_reasons_until_the_index_is_made(before: Desk):
    """
    0.1.0 kept no index: what it bought is reused all the same, and its claims are where the index comes from.
    """
    board = before.folder / "boards" / "lighthouse.yaml"
    board.write_text(board.read_text().replace("Waves break over", "Snow falls on"))
    plan = ("plan", "boards/lighthouse.yaml", "--sandbox")
    at_first = storyreel(*plan, cwd=before.folder).stdout
    storyreel("vault", "check", "--index", cwd=before.folder)
    then = storyreel(*plan, cwd=before.folder).stdout

    assert "reused: 8" in at_first
    assert "the vault's index does not lead to" in at_first
    assert 'prompt: "Waves break over" -> "Snow falls on"' in then
    assert "reused: 8" in then
    assert "the vault's index does not lead to" not in then
    assert before.posts() == []
