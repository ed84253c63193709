"""
The table of what an ask does, row by row and column by column.
"""

from __future__ import annotations

import pytest

from storyreel.vault import (
    Answer,
    Ask,
    Attempt,
    Buy,
    Claim,
    Collect,
    Have,
    Stop,
    Take,
    Unknown,
    Verdict,
    WaitForClaim,
    decide,
)

US = Ask(run_id="us", k=0)


def ask(text: str) -> Ask:
    """Return `us#1` as an ask."""
    run_id, k = text.split("#")
    return Ask(run_id=run_id, k=int(k))


def attempt(number: int, state: str, by: str = "other#0", joined: tuple[str, ...] = ()) -> Attempt:
    """Build an attempt in a state: `failed:internal_error` is a failure with that code."""
    claim = Claim(
        service="xai",
        fingerprint="f" * 64,
        attempt=number,
        nonce=str(number),
        host="here",
        boot_id="",
        pid_space="",
        pid=1,
        started=0,
        ask=ask(by),
        step="climb/video",
        recipe={},
        estimate_ticks=1,
    )
    asks = tuple(ask(text) for text in joined)
    if state == "claimed":
        return Attempt(claim, joined=asks)
    if state == "unknown":
        return Attempt(claim, joined=asks, unknown="it is")
    if state in ("refused", "lost"):
        return Attempt(claim, Answer.model_validate({"kind": state, "nonce": "n"}), joined=asks)
    answer = Answer(kind="accepted", nonce=str(number), request_id=f"id-{number}")
    if state == "open":
        return Attempt(claim, answer, joined=asks)
    end, _, code = {"here": "clip", "missing": "clip"}.get(state, state).partition(":")
    take = Take.model_validate(
        {
            "service": "xai",
            "request_id": f"id-{number}",
            "fingerprint": "f" * 64,
            "attempt": number,
            "end": end,
            "sha256": f"sha-{number}" if end == "clip" else None,
            "code": code or None,
        }
    )
    return Attempt(claim, answer, takes=(take,), joined=asks, here=state == "here")


def named(verdict: Verdict) -> str:
    """Return a verdict in the words of the table."""
    match verdict:
        case Buy(attempt=number):
            return f"buys {number}"
        case Have(request_id=request_id):
            return f"has {request_id}"
        case Collect(attempt=number, clip_missing=True):
            return f"fetches {number}"
        case Collect(attempt=number):
            return f"waits for {number}"
        case WaitForClaim(attempt=number):
            return f"waits for the claim of {number}"
        case Unknown(attempt=number):
            return f"stops: {number} is unknown"
        case Stop(end=end, attempt=number):
            return f"stops: {number} {end.end}"


ROWS = {
    # how the last attempt stands: a plain run, a Retry of the run that failed on it, a redo
    "none": ([], "buys 1", "buys 1", "buys 1"),
    "refused": (["refused"], "buys 2", "buys 2", "buys 2"),
    "lost": (["lost"], "buys 2", "buys 2", "buys 2"),
    "service_unavailable": (["failed:service_unavailable"], "buys 2", "buys 2", "buys 2"),
    "internal_error": (["failed:internal_error"], "buys 2", "buys 2", "buys 2"),
    "failed-otherwise": (["failed:invalid_argument"], "stops: 1 failed", "buys 2", "buys 2"),
    "failed-wordless": (["failed"], "stops: 1 failed", "buys 2", "buys 2"),
    "moderated": (["moderated"], "stops: 1 moderated", "buys 2", "buys 2"),
    "expired": (["expired"], "stops: 1 expired", "buys 2", "buys 2"),
    "clip-missing": (["missing"], "fetches 1", "fetches 1", "buys 2"),
    "open": (["open"], "waits for 1", "waits for 1", "waits for 1"),
    "claimed": (["claimed"], "waits for the claim of 1", "waits for the claim of 1", "waits for the claim of 1"),
    "unknown": (["unknown"], "stops: 1 is unknown", "stops: 1 is unknown", "stops: 1 is unknown"),
    "clip": (["here"], "has id-1", "has id-1", "buys 2"),
}


@pytest.mark.parametrize(("states", "says", "_retry", "_redo"), ROWS.values(), ids=ROWS.keys())
def test_a_plain_run(states, says, _retry, _redo):
    """
    A plain run, a schedule or a recovery buys only where nothing was charged or the service itself had failed.
    """
    assert says == named(decide([attempt(1, s) for s in states], US))


@pytest.mark.parametrize(("states", "_plain", "says", "_redo"), ROWS.values(), ids=ROWS.keys())
def test_a_retry_of_the_run_that_failed_on_it(states, _plain, says, _redo):
    """
    A person's Retry of the run that failed on an attempt buys the next one.
    """
    assert says == named(decide([attempt(1, s, by="us#0") for s in states], ask("us#1")))


@pytest.mark.parametrize(("states", "_plain", "_retry", "says"), ROWS.values(), ids=ROWS.keys())
def test_a_redo(states, _plain, _retry, says):
    """
    A redo buys over every end, and never while it is unknown whether something is bought already.
    """
    assert says == named(decide([attempt(1, s) for s in states], US, redo=True))


@pytest.mark.parametrize(("states", "says", "_retry", "_redo"), ROWS.values(), ids=ROWS.keys())
def test_a_plan_sees_what_a_plain_run_would_do(states, says, _retry, _redo):
    """
    A plan, which has no run, tells what a fresh run will do.
    """
    assert says == named(decide([attempt(1, s) for s in states]))


@pytest.mark.parametrize(
    ("who", "says"),
    [
        pytest.param("us#1", "buys 2", id="claimed-by-us-before"),
        pytest.param("other#0", "stops: 1 moderated", id="claimed-by-others"),
        pytest.param("us#0", "stops: 1 moderated", id="claimed-in-this-ask"),
    ],
)
def test_a_retry_is_of_the_same_run_alone(who, says):
    """
    A Retry is known by the run's id and by an ask that came before; within one ask nothing is bought twice.
    """
    now = ask("us#0" if who == "us#0" else "us#2")

    assert says == named(decide([attempt(1, "moderated", by=who)], now))


@pytest.mark.parametrize(
    ("states", "says"),
    [
        pytest.param(["failed:internal_error"] * 2, "buys 3", id="third"),
        pytest.param(["failed:internal_error"] * 3, "stops: 3 failed", id="no-fourth"),
        pytest.param(["refused", "refused", "failed:internal_error"], "buys 4", id="refused-do-not-count"),
        pytest.param(["lost", "failed:internal_error", "failed:internal_error"], "stops: 3 failed", id="lost-count"),
        pytest.param(["moderated", "failed:internal_error"], "buys 3", id="the-last-one-decides"),
        pytest.param(["failed:internal_error", "refused"], "buys 3", id="refused-is-passed-over"),
    ],
)
def test_a_plain_run_goes_up_to_three_attempts(states, says):
    """
    Where the service itself fails, plain runs buy three attempts in all and no more.
    """
    assert says == named(decide([attempt(n, s) for n, s in enumerate(states, 1)], US))


def test_a_retry_goes_past_three_attempts():
    """
    A person may go on where plain runs have given up.
    """
    attempts = [attempt(n, "failed:internal_error", by=f"us#{n}") for n in (1, 2, 3)]

    assert named(decide(attempts, ask("us#4"))) == "buys 4"


def test_within_one_ask_a_step_opens_one_attempt():
    """
    A run that crashed after its attempt failed goes on with the same ask, and does not buy another.
    """
    assert named(decide([attempt(1, "failed:internal_error", by="us#0")], US)) == "stops: 1 failed"


def test_what_an_ask_waited_for_is_its_own():
    """
    An ask that waited for another run's attempt does not buy when it fails; its Retry does.
    """
    waited = [attempt(1, "failed:internal_error", joined=("us#0",))]

    assert named(decide(waited, US)) == "stops: 1 failed"
    assert named(decide(waited, ask("us#1"))) == "buys 2"
    assert named(decide(waited, Ask(run_id="third", k=0))) == "buys 2"


@pytest.mark.parametrize(
    ("states", "says"),
    [
        pytest.param(["here", "here"], "has id-2", id="newest"),
        pytest.param(["here", "moderated"], "has id-1", id="former-stands-over-an-end"),
        pytest.param(["here", "unknown"], "has id-1", id="former-stands-over-unknown"),
        pytest.param(["here", "refused"], "has id-1", id="former-stands-over-refused"),
        pytest.param(["here", "open"], "waits for 2", id="open-is-waited-for"),
        pytest.param(["here", "claimed"], "waits for the claim of 2", id="claimed-is-waited-for"),
        pytest.param(["here", "missing"], "fetches 2", id="newest-is-fetched-again"),
        pytest.param(["moderated", "here", "expired"], "has id-2", id="between"),
    ],
)
def test_the_newest_attempt_with_a_clip_speaks(states, says):
    """
    A plain run takes the newest clip, whatever became of later attempts.
    """
    assert says == named(decide([attempt(n, s) for n, s in enumerate(states, 1)], US))


@pytest.mark.parametrize(
    ("state", "k", "says"),
    [
        pytest.param("here", 0, "has id-2", id="recovered"),
        pytest.param("here", 1, "has id-2", id="retried"),
        pytest.param("open", 0, "waits for 2", id="recovered-while-open"),
        pytest.param("missing", 1, "fetches 2", id="clip-missing"),
        pytest.param("unknown", 1, "stops: 2 is unknown", id="unknown"),
        pytest.param("moderated", 0, "stops: 2 moderated", id="failed-in-this-ask"),
        pytest.param("moderated", 1, "stops: 2 moderated", id="failed-in-this-run"),
        pytest.param("refused", 0, "buys 3", id="refused-is-not-done"),
        pytest.param("lost", 1, "buys 3", id="lost-is-not-done"),
    ],
)
def test_a_redo_is_done_once_a_run(state, k, says):
    """
    Whatever the number of its asks, a run redoes a step once; a redo without a clip fails the step in that run.
    """
    attempts = [attempt(1, "here"), attempt(2, state, by="us#0")]

    assert says == named(decide(attempts, Ask(run_id="us", k=k), redo=True))


def test_a_failed_redo_leaves_the_former_take_standing():
    """
    After a redo that ended without a clip, other runs use the take of before, and another redo buys.
    """
    attempts = [attempt(1, "here"), attempt(2, "moderated", by="us#0")]

    third = Ask(run_id="third", k=0)

    assert named(decide(attempts, third)) == "has id-1"
    assert named(decide(attempts, third, redo=True)) == "buys 3"


def test_a_retry_goes_on_after_a_redo_without_a_former_take():
    """
    Where no take stood before the redo, a person's Retry buys as it does for any other step.
    """
    attempts = [attempt(1, "moderated"), attempt(2, "moderated", by="us#0")]

    assert named(decide(attempts, US, redo=True)) == "stops: 2 moderated"
    assert named(decide(attempts, ask("us#1"), redo=True)) == "buys 3"


def test_a_redo_that_waited_for_another_runs_attempt_is_done():
    """
    A redo that found an attempt under way takes that one, and buys none of its own.
    """
    assert named(decide([attempt(1, "here"), attempt(2, "here", joined=("us#0",))], US, redo=True)) == "has id-2"


def test_a_later_attempt_of_another_run_speaks_over_our_redo():
    """
    The newest clip speaks, also when it was made after our redo.
    """
    assert named(decide([attempt(1, "here", by="us#0"), attempt(2, "here")], ask("us#1"), redo=True)) == "has id-2"
