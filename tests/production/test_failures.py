"""
The table of failures in the documentation, row by row: what it says is what happens.
"""

import asyncio
import inspect
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.cli.prefect_run import load_flow
from storyreel.errors import ImagineError, KeyRefused, SequenceFailed, ServiceUnreachable, TakeFailed, WaitedTooLong
from storyreel.imagine import Imagine, Patience
from storyreel.model.recipe import Clip
from storyreel.production import open as opening
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.production.session import Session
from storyreel.production.summary import raise_for, record
from storyreel.vault import Attempt
from tests.desk import Desk
from tests.production.patiently import buy

DOCS = Path(__file__).parents[2] / "docs"
CLIP = """
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    prompt: "A lighthouse. [[sandbox: {fault}]]"
"""
STILL = """
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    image: {{prompt: "A lighthouse. [[sandbox: {fault}]]"}}
    prompt: "It flares."
"""
PATIENCE = {WaitedTooLong: Patience().take_s, KeyRefused: Patience().key_s, TakeFailed: Patience().url_s}
"""Which patience has run out where a run ends so."""


@dataclass(frozen=True)
class Row:
    """One row of the table, in the words of its columns."""

    what: str
    rehearse: str
    on_record: str
    by_itself: str
    rerun: str
    retry: str
    exit_code: str
    read: str

    @property
    def fault(self) -> str:
        """The sandbox's fault."""
        return _quoted(self.rehearse)[0]

    @property
    def still(self) -> bool:
        """Whether it strikes a still."""
        return self.rehearse.endswith("on a still")

    @property
    def step(self) -> str:
        """The step that it strikes."""
        return "coast/still" if self.still else "coast/video"


@dataclass
class Run:
    """What one run did."""

    line: str = ""
    exit_code: int = 0
    error: BaseException | None = None
    attempt: Attempt | None = None
    posts: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    """How many polls and downloads went out."""


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def rows() -> list[Row]:
    """Return the rows of the table."""
    lines = (DOCS / "failures.md").read_text(encoding="utf-8").splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("| what goes wrong |"))
    table = []
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            break
        table.append(Row(*(cell.strip() for cell in line.strip().strip("|").split("|"))))
    return table


IN_THE_SANDBOX = [row for row in rows() if not row.fault.startswith("XAI_")]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Have no pause last, and no patience, and count what is asked and downloaded."""
    seen: Counter[str] = Counter()
    plain_call, plain_sleep = opening.call, asyncio.sleep
    plain_send = httpx.AsyncClient.send

    async def counted(client: httpx.AsyncClient, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        if request.method == "GET":
            path = request.url.path
            seen["polls" if "/v1/videos/" in path else "downloads" if "/media/" in path else ""] += 1
        return await plain_send(client, request, **kwargs)

    def call(*args: Any, **kwargs: Any) -> Imagine:
        take_s = 0.6 if "patience" in seen else Patience().take_s
        patience = Patience(take_s, backoff_s=0.001, hold_s=0.001, key_s=0.2, url_s=0.2)
        return plain_call(*args, **kwargs, patience=patience)

    async def sleep(seconds: float, *args: Any) -> None:
        await plain_sleep(min(seconds, 0.01))

    monkeypatch.setattr(httpx.AsyncClient, "send", counted)
    monkeypatch.setattr(opening, "call", call)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seen


async def shoot(desk: Desk, row: Row, run: str, seen: Counter[str], vault: Path) -> Run:
    """Run the board as the flow does, and return what was said of the row's step and what went out."""
    told, before = Run(), len(desk.posts())
    for kind in ("polls", "downloads"):
        seen.pop(kind, None)
    async with open_session(prepare(str(desk.board), vault=f"file:{vault}"), run=run, sandbox=True) as session:
        ends: dict[str, Clip | BaseException] = {}
        try:
            ends[row.step] = await made(session, row.step)
        except ImagineError as error:
            ends[row.step] = told.error = error
        await record(session, ends)
        if told.error is not None:
            with pytest.raises(SequenceFailed) as failed:
                raise_for(session.plan, ends)
            (told.line,) = failed.value.lines
            told.exit_code = failed.value.exit_code
        fingerprint = session.plan.step(row.step).recipe.fingerprint("sandbox")
        told.attempt = (await session.vault.attempts.of("sandbox", fingerprint))[-1]
    told.posts = len(desk.posts()) - before
    told.seen = Counter(seen)
    return told


async def made(session: Session, step_id: str) -> Clip:
    """Make one step that needs no other."""
    step = session.plan.step(step_id)
    slate = await recall(session, step, []) or await buy(session, step.scene, step.name, [])
    return await collect(session, step_id, slate)


@pytest.mark.parametrize("row", IN_THE_SANDBOX, ids=[row.rehearse.replace("`", "") for row in IN_THE_SANDBOX])
@pytest.mark.some(28)
async def test_a_row_of_the_table_is_true(desk: Desk, hurried: Counter[str], row: Row):
    """
    What is on record, what is repeated, what a rerun and a Retry do, the exit code and the words are as the row says.
    """
    desk.write((STILL if row.still else CLIP).format(fault=row.fault))
    if row.by_itself == "polls for 30 min":
        hurried["patience"] = 1
    vault, twin = desk.folder / "vault", desk.folder / "twin"
    first = await shoot(desk, row, "one", hurried, vault)
    shutil.copytree(vault, twin)

    assert first.attempt is not None
    assert row.on_record.partition(",")[0] == first.attempt.state
    if first.attempt.take is not None:
        assert ("noted" in row.on_record) == bool(first.attempt.take.notes)
    assert row.exit_code == str(first.exit_code)
    for words in _quoted(row.read):
        assert words in first.line
    if first.exit_code:
        assert first.line.startswith(f"{row.step}: ")
        assert "\n" not in first.line
        assert first.line.endswith(
            "[generate-image, grok-imagine-image]" if row.still else "[text-to-video, grok-imagine-video]"
        )
        assert first.attempt.request_id is None or first.attempt.request_id in first.line
        if first.attempt.take is not None or first.attempt.state == "unknown":
            at = first.attempt.take.at if first.attempt.take is not None else first.attempt.claim.at
            assert f"{at:%Y-%m-%d %H:%M:%S} UTC" in first.line
    repeated(row, first)
    again = [await shoot(desk, row, f"rerun {n}", hurried, vault) for n in range(3)]
    goes_on(row.rerun, first, again)
    goes_on(row.retry, first, [await shoot(desk, row, "one", hurried, twin)])


def repeated(row: Row, first: Run) -> None:
    """See that a run repeated by itself what the row says, and nothing else."""
    number = int(found[0]) if (found := re.findall(r"^\d+", row.by_itself)) else None
    assert (number if row.by_itself.endswith("requests") else 1) == first.posts
    if row.by_itself.endswith("downloads"):
        assert number == first.seen["downloads"]
    elif row.by_itself.endswith(" polls"):
        assert number == first.seen["polls"]
    elif row.by_itself.startswith("polls for"):
        (minutes,) = re.findall(r"\d+", row.by_itself)
        patience = PATIENCE[type(first.error)]
        assert int(minutes) * 60 == patience
        assert first.seen["polls"] > 3
    else:
        assert row.by_itself == "nothing" or row.by_itself.endswith("requests")


def goes_on(word: str, first: Run, runs: list[Run]) -> None:
    """See that runs after the first did what the row says."""
    posts = [run.posts for run in runs]
    match word:
        case "buys":
            assert [first.posts] * len(runs) == posts
        case "buys, 3 in all":
            assert [1, 1, 0] == posts
        case "stops":
            assert all((0, 0, first.exit_code) == (run.posts, run.seen["polls"], run.exit_code) for run in runs)
        case "asks":
            assert all(run.posts == 0 and run.seen["polls"] and run.exit_code == first.exit_code for run in runs)
        case "fetches":
            assert all((0, first.seen["downloads"]) == (run.posts, run.seen["downloads"]) for run in runs)
        case "reuses":
            assert all((0, 0, 0) == (run.posts, run.seen["polls"], run.exit_code) for run in runs)
        case _:
            raise AssertionError(f"the table does not explain {word!r}")


async def test_the_row_of_a_service_that_is_down_is_true(
    desk: Desk, hurried: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    """
    Where nobody answers the first question, it is asked so often as the row says, and nothing is written or sent.
    """
    (row,) = [row for row in rows() if row not in IN_THE_SANDBOX]
    name, _, value = row.fault.partition("=")
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("XAI_API_KEY", "any")
    asked = 0
    for _ in range(2):
        hurried.clear()
        with pytest.raises(ServiceUnreachable) as caught:
            async with open_session(prepare(str(desk.board)), run="one"):
                pass
        asked = hurried[""]

    assert row.by_itself == f"{asked} questions"
    assert row.exit_code == str(caught.value.exit_code)
    assert all(words in str(caught.value) for words in _quoted(row.read))
    assert row.on_record == "nothing"
    assert not list((desk.folder / "vault").glob("*/slates"))


def test_every_fault_of_the_sandbox_that_a_run_can_meet_has_a_row():
    """
    A fault that the sandbox knows and the table does not is a failure that nobody has thought through.
    """
    kinds = {row.fault.split()[0] for row in IN_THE_SANDBOX}
    known = re.findall(r"^\| (`.+?) \|", (DOCS / "sandbox.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {words.split()[0] for cell in known for words in _quoted(cell)} & {
        *("refused", "submit", "drop", "slow", "stuck", "poll", "failed", "moderated", "expired", "gone", "status"),
        *("without", "url", "download", "longer", "shorter"),
    }

    assert len(listed) == 16
    assert {"slow"} == listed - kinds  # slow is no failure


def test_prefect_repeats_what_the_page_says():
    """
    Fetching is tried again so many times by Prefect, and buying never.
    """
    (times,) = re.findall(r"asked for (\d+) more times", (DOCS / "failures.md").read_text(encoding="utf-8"))
    sequence = load_flow()
    tasks = inspect.unwrap(sequence.fn).__globals__

    assert int(times) == tasks["collect"].retries
    assert 0 == tasks["buy"].retries
    assert 0 == sequence.retries
