"""
One figure for what a storyboard was charged and had been expected to cost, wherever it is shown.
"""

import json
from io import StringIO
from typing import NamedTuple

import httpx
import pytest
from jsonschema import validate
from rich.console import Console

from storyreel.cli.sum_lines import say_sums
from storyreel.cli.takes import show as on_screen
from storyreel.errors import TakeModerated
from storyreel.model.money import dollars
from storyreel.model.recipe import Clip
from storyreel.production.approval.gate import at_gate
from storyreel.production.approval.status import as_form
from storyreel.production.costs_data import costs_data
from storyreel.production.open import open_session, open_sessions
from storyreel.production.prepare import prepare, prepare_all
from storyreel.production.report import as_page, as_table, reported
from storyreel.production.run import cut, run
from storyreel.production.run_all import run_all
from storyreel.production.session import Session
from storyreel.production.takes_data import takes_data, takes_of_all
from storyreel.vault import Ask, Take, open_vault
from storyreel.vault.costs import read_costs
from tests.cli.test_takes import DOCS
from tests.desk import TWO, Desk

from .gateway import Gateway, gateway
from .test_session import shot

__all__ = ["gateway"]

CENT = 10**8
ESTIMATE = 7 * CENT
BOARD = f"review: before-final{TWO}"
OF_BEFORE = "f" * 64
"""What a prompt of before had for a fingerprint."""


class End(NamedTuple):
    """How one more attempt at a step ended; `charge` is what the service said it charged, `counted` what is believed of it."""

    end: str
    charge: int | None = None
    counted: int | None = None
    estimate: int = ESTIMATE


CLIP = End("clip", 9 * CENT, 9 * CENT)
UNTOLD = End("clip")
FREE = End("clip", 0, 0)
MODERATED = End("moderated", 7 * CENT, 7 * CENT)
FAILED = End("failed")
FAILED_PAID = End("failed", 3 * CENT, 3 * CENT)
EXPIRED = End("expired")
REFUSED = End("refused", estimate=0)
LOST = End("lost", estimate=0)
UNKNOWN = End("unknown")
BELOW_NOTHING = End("clip", -(10**12))
TOO_MUCH = End("moderated", 20 * ESTIMATE + 1)
MUCH = End("failed", 20 * ESTIMATE, 20 * ESTIMATE)
ENDS = [
    CLIP, UNTOLD, FREE, MODERATED, FAILED, FAILED_PAID, EXPIRED, REFUSED, LOST, UNKNOWN, BELOW_NOTHING, TOO_MUCH, MUCH,
]  # fmt: skip


async def written(session: Session, end: End, fingerprint: str, number: int) -> None:
    """Write one more attempt at the first step, and how it ended, as a run of another day has."""
    claim = await session.vault.claims.claim(
        "sandbox", fingerprint, number, ask=Ask(run_id="of-before", k=0), recipe={}, step="coast/video",
        estimate_ticks=ESTIMATE, till=None, board="small",
    )  # fmt: skip
    assert claim is not None
    match end.end:
        case "refused":
            await session.vault.claims.answer_refused(claim, 400, "invalid_argument", "no")
        case "unknown" | "lost":
            await session.vault.claims.answer_unknown(claim, "the line went dead")
        case _:
            request_id = f"{fingerprint[:4]}-{number}"
            await session.vault.claims.answer_accepted(claim, request_id)
            sha256 = "a" * 64 if end.end == "clip" else None
            await session.vault.takes.end(
                Take.model_validate({
                    "service": "sandbox", "request_id": request_id, "fingerprint": fingerprint, "attempt": number,
                    "end": end.end, "sha256": sha256, "charged_ticks": end.charge, "estimate_ticks": ESTIMATE,
                })
            )  # fmt: skip
    if end.end == "lost":
        attempt = (await session.vault.attempts.of("sandbox", fingerprint))[number - 1]
        await session.vault.claims.resolve(attempt, None)


async def everywhere(session: Session, clips: dict[str, Clip]) -> dict[str, str]:
    """Return what each place shows as the sums of the board, and see that its data say the same."""
    plan, vault = session.plan, session.vault
    data = await takes_data(plan, vault, "sandbox")
    validate(data.model_dump(mode="json"), json.loads((DOCS / "takes.schema.json").read_text()))
    ledger, terminal = Console(file=StringIO(), width=400), Console(file=StringIO(), width=400)
    on_screen(ledger, data)
    await say_sums([plan], vault, "sandbox", terminal)

    review = await at_gate(session, clips)
    assert review is not None
    film = await cut(session, session.plan.films[0], clips)
    cut_list = json.loads(session.files.cut_list.read_text())
    assert data.totals.model_dump() == cut_list["totals"]
    there = {take.request_id: take.file for take in data.takes if take.request_id}
    assert all(row["file"] == there.get(row["request_id"]) for row in (*cut_list["steps"], *cut_list["unused"]))
    assert {take.request_id for take in data.takes} == {
        row["request_id"] for row in (*cut_list["steps"], *cut_list["unused"])
    }

    lines, costs = await reported(session, clips), await read_costs(plan, vault, "sandbox")
    page = as_page(session, lines, costs, films=[film], films_url=None)
    assert len(plan.steps) == len(as_table(session, lines, costs)) - 1
    listed = ledger.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return {
        "takes": next(line for line in listed if line.endswith(" (sandbox)")).removesuffix(" (sandbox)"),
        "terminal": terminal.file.getvalue().strip().removeprefix("in all: "),  # type: ignore[attr-defined]
        "artifact": next(line for line in page.splitlines() if line.startswith("In all: "))[8:].removesuffix("."),
        "approval": as_form(review, "sheet.png").partition(". With")[0].removeprefix("2 clips to approve, "),
    }


@pytest.mark.parametrize(
    ("ends", "fingerprint"),
    [
        *(pytest.param([end], "of-before", id=f"{end.end}-{end.charge}") for end in ENDS),
        pytest.param(ENDS, "of-before", id="all-of-before"),
        pytest.param([end for end in ENDS if end.end != "clip"], "now", id="all-that-leave-the-clip-in-its-place"),
    ],
)
@pytest.mark.some(5)
async def test_all_that_was_asked_for_is_in_one_figure(desk: Desk, ends: list[End], fingerprint: str):
    """
    Whatever an attempt ended as, at what the step sends now or at what it sent before: terminal, page, cut list, `takes`
    and approval have it in the same sums.
    """
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        alone = (await read_costs(session.plan, session.vault, "sandbox")).sums
        ours = session.plan.step("coast/video").recipe.fingerprint("sandbox")
        for number, end in enumerate(ends):
            await written(session, end, *((ours, number + 2) if fingerprint == "now" else (OF_BEFORE, number + 1)))
        shows = await everywhere(session, clips)
        bill = (await costs_data(session.vault, "sandbox")).totals

    charged = (alone.charged_ticks or 0) + sum(end.counted or 0 for end in ends)
    estimated = alone.estimated_ticks + sum(end.estimate for end in ends)
    both = f"{dollars(charged)} charged, {dollars(estimated)} estimated"
    short = dollars(charged) if charged == estimated else both
    assert {
        "takes": f"{2 + len(ends)} takes, {both}",
        "terminal": f"{2 + len(ends)} takes, {both}",
        "artifact": f"{2 + len(ends)} takes, {both}",
        "approval": f"{short} so far",
    } == shows
    assert 2 == len(desk.posts())
    not_charged = sum(end.estimate for end in ends if end.counted is None)
    assert (2 + len(ends), charged) == (bill.requests, bill.charged_ticks)
    assert not_charged == bill.untold_ticks + bill.held_ticks + bill.unknown_ticks
    assert sum(ESTIMATE for end in ends if end is UNKNOWN) == bill.unknown_ticks


async def test_a_redo_of_what_was_withheld_is_in_the_cut_list(desk: Desk):
    """
    The film cost what was withheld before it, too; the cut list says so, and names it.
    """
    desk.write(BOARD.replace("A lighthouse.", "A lighthouse. [[sandbox: moderated x1]]"))
    with pytest.raises(TakeModerated):
        async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
            await shot(session, "coast/video", {})
    async with open_session(prepare(str(desk.board), redo=["coast"]), run="two", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        shows = await everywhere(session, clips)
        cut_list = json.loads(session.files.cut_list.read_text())

    assert 3 == len(desk.posts())
    assert "3 takes, $0.15 charged, $0.15 estimated" == shows["takes"] == shows["terminal"] == shows["artifact"]
    assert [("coast/video", "moderated", 0.05)] == [
        (row["step"], row["state"], row["charged_usd"]) for row in cut_list["unused"]
    ]
    assert {"takes": 3, "estimated_usd": 0.15, "charged_usd": 0.15} == cut_list["totals"]


@pytest.mark.parametrize("estimate", ["1" + "0" * 400, "-1"])
async def test_an_estimate_that_is_no_amount_of_money_stops_no_film(desk: Desk, estimate: str):
    """
    A record with such a number in it is damaged: it is named by `takes`, and left out of every sum.
    """
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        await written(session, MODERATED, OF_BEFORE, 1)
        (claim,) = (desk.folder / "vault" / "sandbox" / "slates").glob(f"*/{OF_BEFORE}/1/claim.json")
        claim.write_text(claim.read_text().replace(f'"estimate_ticks": {ESTIMATE}', f'"estimate_ticks": {estimate}'))
        shows = await everywhere(session, clips)
        data = await takes_data(session.plan, session.vault, "sandbox")

    assert "2 takes, $0.10 charged, $0.10 estimated" == shows["takes"]
    assert any(str(claim.relative_to(desk.folder / "vault")) in line for line in data.damaged)


async def test_a_charge_that_nobody_told_is_called_so_everywhere(desk: Desk, gateway: Gateway):
    """
    Where the service said of nothing what it charged, no place shows a sum of nothing.
    """

    def silent(content: bytes) -> httpx.Response | None:
        fields = json.loads(content)
        return (
            httpx.Response(200, json={k: v for k, v in fields.items() if k != "usage"}) if "usage" in fields else None
        )

    gateway.on("/v1/videos/", silent)
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        shows = await everywhere(session, clips)

    assert {"charge not told, $0.10 estimated"} == {
        text.removeprefix("2 takes, ").removesuffix(" so far") for text in shows.values()
    }


async def test_a_film_is_not_cut_anew_for_its_sums(desk: Desk):
    """
    One more attempt changes what the cut list says of money, and nothing of the film.
    """
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        await cut(session, session.plan.films[0], clips)
        film, before = session.files.film.stat(), json.loads(session.files.cut_list.read_text())
        await written(session, MODERATED, OF_BEFORE, 1)
        again = await cut(session, session.plan.films[0], clips)
        after = json.loads(session.files.cut_list.read_text())

    assert not again.fresh
    assert film.st_mtime_ns == session.files.film.stat().st_mtime_ns
    assert before["totals"]["charged_usd"] + 0.07 == pytest.approx(after["totals"]["charged_usd"])
    assert {**before, "totals": 0, "unused": 0} == {**after, "totals": 0, "unused": 0}


async def test_a_take_that_another_board_paid_is_in_the_sums_where_a_step_is_pinned_to_it(desk: Desk):
    """
    A pin makes a take of elsewhere one of this storyboard's, whoever asked for it.
    """
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clip = await shot(session, "coast/video", {})
    other = desk.folder / "other.yaml"
    other.write_text(BOARD.replace('"A lighthouse."', f'"A lamp.", pin: "{clip.request_id}"').replace("coast", "lamp"))
    async with open_session(prepare(str(other)), run="two", sandbox=True) as session:
        costs = await read_costs(session.plan, session.vault, "sandbox")

    assert [("lamp/video", clip.request_id, True)] == [(row.step, row.request_id, row.used) for row in costs.rows]


async def test_one_id_for_two_steps_is_shown_and_in_the_sums_once(desk: Desk, gateway: Gateway):
    """
    A gateway that answers twice with the same id has made, and charged, one clip.
    """
    first: list[bytes] = []

    def same(content: bytes) -> httpx.Response:
        first.append(content)
        return httpx.Response(200, content=first[0])

    gateway.on("/v1/videos/generations", same)
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        shows = await everywhere(session, clips)
        data = await takes_data(session.plan, session.vault, "sandbox")
        clip = await session.vault.clips.local(clips["coast/video"].sha256)
    screen = Console(file=StringIO(), width=400)
    on_screen(screen, data)

    assert [(1, str(clip)), (1, str(clip))] == [(take.number, take.file) for take in data.takes]
    assert [None, "coast/video"] == [take.same_request_as for take in data.takes]
    assert "the same request as coast/video, in the sums once" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert data.takes[0].charged_usd == data.totals.charged_usd > 0
    assert [1, 0] == [scene.takes for scene in data.scenes]
    assert 1 == len({text.removeprefix("1 take, ") for place, text in shows.items() if place != "approval"})


async def test_one_file_for_two_steps_is_shown(desk: Desk, gateway: Gateway):
    """
    Two ids with the same bytes are two charges for one clip: both count, and it is said.
    """
    first: list[bytes] = []

    def same(content: bytes) -> httpx.Response:
        first.append(content)
        return httpx.Response(200, headers={"Content-Type": "video/mp4"}, content=first[0])

    gateway.on("/media/", same)
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        for step in session.plan.steps:
            await shot(session, step.id, {})
        data = await takes_data(session.plan, session.vault, "sandbox")
    screen = Console(file=StringIO(), width=400)
    on_screen(screen, data)

    assert [None, "coast/video"] == [take.same_file_as for take in data.takes]
    assert [None, None] == [take.same_request_as for take in data.takes]
    assert "the same file as coast/video" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert 2 == data.totals.takes


async def test_of_a_vault_with_other_boards_only_the_claims_are_read(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    What a storyboard came to is read from its own attempts, and each claim of others once.
    """
    desk.write(BOARD)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        plan = session.plan
        for number in range(9):
            assert await session.vault.claims.claim(
                "sandbox", f"{number}" * 64, 1, ask=session.ask, recipe={}, step="coast/video",
                estimate_ticks=ESTIMATE, till=None, board="another",
            )  # fmt: skip
    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder / "cache")
    reads: list[str] = []
    read = vault.store.read

    async def counted(key: str) -> bytes | None:
        reads.append(key)
        return await read(key)

    monkeypatch.setattr(vault.store, "read", counted)
    sums = [(await read_costs(plan, vault, "sandbox")).sums for _ in range(2)]

    assert [0, 0] == [one.takes for one in sums]
    assert 9 == len(reads)


async def test_a_charge_unlike_its_estimate_is_seen_wherever_money_is_shown(desk: Desk):
    """
    The service charges what it likes for one clip: till, `takes`, Prefect's page and table, and the cut list have it.
    """
    desk.write(BOARD.replace("A lighthouse.", "A lighthouse. [[sandbox: charge 0.42]]"))
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips = {step.id: await shot(session, step.id, {}) for step in session.plan.steps}
        shows = await everywhere(session, clips)
        till = await session.vault.ledger.spent("sandbox", session.till)
        data = await takes_data(session.plan, session.vault, "sandbox")
        costs = await read_costs(session.plan, session.vault, "sandbox")
        *rows, _ = as_table(session, await reported(session, clips), costs)
    cut_list = json.loads(session.files.cut_list.read_text())

    assert 47 * CENT == till
    assert {"2 takes, $0.47 charged, $0.10 estimated"} == {shows["takes"], shows["terminal"], shows["artifact"]}
    assert [0.42, 0.05] == [take.charged_usd for take in data.takes]
    assert [("$0.05", "$0.42"), ("$0.05", "$0.05")] == [(row["estimate"], row["charged"]) for row in rows]
    assert [0.42, 0.05] == [row["charged_usd"] for row in cut_list["steps"]]
    assert {"takes": 2, "estimated_usd": 0.1, "charged_usd": 0.47} == cut_list["totals"]


MASCOT = """
review: before-final
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
cast: {fox: {description: a fox, references: [{prompt: "A fox."}]}}
scenes:
  - {id: coast, references: [fox], prompt: "{{ ref.fox }} on a coast."}
"""


SHARED = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
variants: {lisbon: {}, porto: {vars: {words: A night in Porto.}}, faro: {vars: {door: A door in Faro.}}}
vars: {words: A night in Lisbon., door: A door.}
scenes:
  - {id: coast, prompt: "A lighthouse.", titles: [{text: "{{ words }}"}]}
  - {id: door, prompt: "{{ door }}"}
"""
"""Three films: two ask for the same two clips, the third shares one of them and has one of its own. Three clips for $0.05."""


async def test_what_variants_share_is_in_the_sums_of_each_and_in_those_of_all_once(desk: Desk):
    """
    Each film has cost what it shows, also where another one has asked for all of it; the run was charged each request once.
    """
    desk.write(SHARED)
    async with open_sessions(prepare_all(str(desk.board)), run="one", sandbox=True) as sessions:
        results = await run_all(sessions, run)
        costs = [await read_costs(each.plan, each.vault, "sandbox") for each in sessions]
        tables = [
            as_table(each, await reported(each, result.ends), own)
            for each, result, own in zip(sessions, results, costs, strict=True)
        ]
        console = Console(file=StringIO(), width=120)
        await say_sums([each.plan for each in sessions], sessions[0].vault, "sandbox", console)
        taken = await takes_of_all([each.plan for each in sessions], sessions[0].vault, "sandbox")
        alone = [await takes_of_all([each.plan], each.vault, "sandbox") for each in sessions]
        lists = [json.loads(each.files.cut_list.read_text())["totals"] for each in sessions]

    assert [(2, 10 * CENT)] * 3 == [(each.sums.takes, each.sums.charged_ticks) for each in costs]
    assert [(2, 0.1)] * 3 == [(each["takes"], each["charged_usd"]) for each in lists]
    assert (3, 0.15) == (taken.totals.takes, taken.totals.charged_usd)
    # A take has the same number and file, however many variants are listed.
    named = {(take.step, take.request_id): (take.number, take.file) for each in alone for take in each.takes}
    assert named == {(take.step, take.request_id): (take.number, take.file) for take in taken.takes}
    assert "all 3 variants, what they share once: 3 takes, $0.15 charged, $0.15 estimated" in console.file.getvalue()  # type: ignore[attr-defined]
    assert 3 == sum(row["this run"] == "bought" for table in tables for row in table)
    assert 3 == sum(row["state"] == "made" for table in tables for row in table)
    said = [table[-1]["this run"] for table in tables]
    assert 15 == sum(round(100 * float(words.removeprefix("$").removesuffix(" charged"))) for words in said), said


async def test_a_member_of_the_cast_is_no_scene_and_in_the_sums(desk: Desk):
    """
    On the page, in its table and in the ledger the cast is called so, and what is listed comes to what is in all.
    """
    desk.write(MASCOT)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        clips: dict[str, Clip] = {}
        for step in session.plan.steps:
            clips[step.id] = await shot(session, step.id, clips)
        lines, costs = await reported(session, clips), await read_costs(session.plan, session.vault, "sandbox")
        page = as_page(session, lines, costs, films=(), films_url=None)
        data = await takes_data(session.plan, session.vault, "sandbox")
    still, clip, total = as_table(session, lines, costs)
    listed = [*data.cast, *data.scenes]

    assert [("", "fox"), ("coast", ""), ("in all", "")] == [(row["scene"], row["cast"]) for row in (still, clip, total)]
    assert "| cast fox | 1 |" in page
    assert "| scene coast | 1 |" in page
    assert costs.sums.words == total["in all"]
    assert 0 < data.totals.charged_usd == pytest.approx(sum(each.charged_usd for each in listed))
    assert data.totals.takes == sum(each.takes for each in listed)
