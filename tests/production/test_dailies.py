"""
A night of shooting without Prefect: which storyboards need a run, what became of them, and what is reported.
"""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storyreel.errors import SequenceFailed, SettingsError
from storyreel.production.dailies import Line, Night, NightFilm, open_night
from storyreel.production.night_report import as_page, as_table, headline, sums
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run as shoot
from storyreel.production.summary import words_of
from tests.desk import ONE, Desk
from tests.production.patiently import buy
from tests.production.test_status import film

DAY = date(2026, 11, 22)


@pytest.fixture
def boards(place: Path) -> Path:
    """Return an empty folder for storyboards."""
    (place / "boards").mkdir()
    return place / "boards"


def write(folder: Path, name: str, marker: str = "") -> Path:
    path = folder / name
    path.write_text(ONE.format(marker=marker), encoding="utf-8")
    return path


async def night(boards: Path, *, run: str = "night", **wishes: Any) -> Night:
    return await open_night(str(boards), run=run, day=DAY, **{"sandbox": True, **wishes})


async def test_each_storyboard_is_told_by_what_is_in_the_vault(boards: Path):
    """
    A current one and one that is stuck need no run; a wrong one is told with its first problem; a new one is to be shot.
    """
    await film(write(boards, "current.yaml", "one"))
    await film(write(boards, "stuck.yaml", "[[sandbox: failed invalid_argument]]"), run="two")
    write(boards, "new.yaml", "three")
    (boards / "wrong.yaml").write_text("scenes: 3\ntitel: Wrong\n")
    tonight = await night(boards)
    told = {board.name: await tonight.before(NightFilm(board)) for board in tonight.boards}
    current, stuck, wrong = told["current.yaml"], told["stuck.yaml"], told["wrong.yaml"]

    assert told["new.yaml"] is None
    assert current == Line("current.yaml", "current", film=Path(current.film or ""), seconds=2.0)
    assert stuck is not None
    assert "blocked" == stuck.fate
    assert f"storyreel shoot {boards}/stuck.yaml --redo coast/video --sandbox" in stuck.note
    assert wrong is not None
    assert "wrong" == wrong.fate
    assert wrong.note.startswith("wrong.yaml:1:")
    assert wrong.note.endswith("(and 1 more; see storyreel check)")
    assert "\n" not in wrong.note


async def test_two_storyboards_of_one_name_do_not_replace_each_other(boards: Path):
    """
    Their films would have one place, and each night would shoot one over the other: the second is told to be wrong.
    """
    write(boards, "coast.yaml", "one")
    write(boards, "coast.yml", "two")
    tonight = await night(boards)
    told = [await tonight.before(NightFilm(board)) for board in tonight.boards]

    assert told[0] is None
    assert told[1] is not None
    assert "coast.yml:1:1: its film is named coast, like that of coast.yaml" in told[1].note
    assert "give it a slug of its own" in told[1].note


async def test_what_a_run_made_is_told_with_its_length_and_cost(boards: Path):
    """
    After a run its film is current, and what that very run bought is what it cost.
    """
    board = write(boards, "new.yaml")
    tonight = await night(boards)
    await film(board, run="its run")
    line = await tonight.after(NightFilm(board), "its run", None)
    again = await tonight.after(NightFilm(board), "another run", None)

    assert ("shot", 2.0, 1_000_000_000) == (line.fate, line.seconds, line.spent_ticks)
    assert 0 == again.spent_ticks


async def test_what_no_longer_fits_into_the_day_is_over_the_budget(boards: Path):
    """
    A run that could not buy what was left is told with what it would have cost; one that failed otherwise is not.
    """
    board = write(boards, "new.yaml")
    poor, rich = await night(boards, budget=0.05), await night(boards, run="rich", budget=5)
    line = await poor.after(NightFilm(board), "run", "the next step is expected to cost $0.10")

    assert ("over budget", 1_000_000_000) == (line.fate, line.missing_ticks)
    assert "failed" == (await rich.after(NightFilm(board), "run", "the service is away")).fate
    assert "$0.10 more is needed for new.yaml" in sums(poor, [line], 0, 1)
    assert "$0.10 still to buy" in as_page(poor, [line], 0, 1)


async def judged(tonight: Night) -> dict[str, str]:
    """Begin what fits, in order, and return what is said of the others."""
    lines = {}
    for board in tonight.boards:
        line = await tonight.before(NightFilm(board)) or await tonight.left_out(NightFilm(board))
        if line is None:
            tonight.begin(NightFilm(board))
        else:
            lines[board.name] = f"{line.fate}: {line.note}"
    return lines


async def test_a_night_begins_what_fits_in_order(boards: Path):
    """
    What begun films still have to buy is gone: the third does not fit any more, though nothing is spent yet; a cheaper one after
    it does. One that is dearer than the whole night is told how it is begun.
    """
    for n, seconds in enumerate((2, 2, 4, 1, 9)):
        write(boards, f"{n}.yaml", str(n)).write_text(
            ONE.format(marker=str(n)).replace("duration: 2", f"duration: {seconds}")
        )
    lines = await judged(await night(boards, budget=0.38))

    assert ["2.yaml", "4.yaml"] == list(lines)
    assert lines["2.yaml"].startswith(
        "over budget: 1 request for about $0.20 is still to buy, and $0.18 is left of the budget"
    )
    assert "$0.20 is for films that were begun before" in lines["2.yaml"]
    assert "more than the budget of $0.38 for a whole night" in lines["4.yaml"]
    assert "`partial`" in lines["4.yaml"]


@pytest.mark.long
async def test_a_night_makes_each_variant_by_itself(boards: Path):
    """
    Five, and a budget for three and a half: in the order of the storyboard three are begun, and nothing is spent on the others.
    With more, the next night makes these, and buys nothing twice.
    """
    board = write(boards, "tram.yaml", "{{ city }}")
    names = ("aveiro", "braga", "coimbra", "evora", "faro")
    variants = ", ".join(f"{name}: {{vars: {{city: {name}}}}}" for name in names)
    board.write_text(f"vars: {{city: ''}}\nvariants: {{{variants}}}{board.read_text()}")

    async def shot(tonight: Night) -> list[Line]:
        lines = []
        async for each in tonight.films():
            line = await tonight.before(each) or await tonight.left_out(each)
            if line is None:
                tonight.begin(each)
                await film(board, run=each.variant, till=tonight.till, variant=(each.variant,))
                line = await tonight.after(each, each.variant, None)
            lines.append(line)
        return lines

    first, second = await night(boards, budget=0.35), await night(boards, run="more", budget=0.50)
    lines, more = await shot(first), await shot(second)

    assert [*["shot"] * 3, *["over budget"] * 2] == [line.fate for line in lines]
    assert [f"tram.yaml {name}" for name in names] == [line.board for line in lines]
    assert ["$0.10", "", "tram-aveiro.sandbox.mp4"] == [
        as_table(first, lines)[0][key].rpartition("/")[2] for key in ("spent", "still to buy", "film")
    ]
    assert "2 of 5 films are not current: tram.yaml evora (over budget), tram.yaml faro (over budget)" == headline(
        lines
    )
    assert [*["current"] * 3, *["shot"] * 2] == [line.fate for line in more]
    assert 5_000_000_000 == await second.spent_ticks()


async def test_a_storyboard_of_which_one_variant_is_wrong_is_told_as_one(boards: Path):
    """
    None of its variants is shot; and a variant whose film is named like another storyboard's is told to be wrong.
    """
    text = ONE.format(marker="{{ city }}")
    (boards / "a.yaml").write_text("vars: {city: ''}\nvariants: {lisbon: {}, porto: {vars: {town: Porto}}}" + text)
    (boards / "b-one.yaml").write_text(ONE.format(marker="one"))
    (boards / "b.yaml").write_text("variants: {one: {}, two: {}}" + ONE.format(marker="two"))
    tonight = await night(boards)
    lines = {each.name: await tonight.before(each) async for each in tonight.films()}

    assert {"a.yaml": True, "b-one.yaml": False, "b.yaml one": True, "b.yaml two": False} == {
        name: line is not None and line.fate == "wrong" for name, line in lines.items()
    }
    assert "its film is named b-one, like that of b-one.yaml" in str(lines["b.yaml one"])


async def test_a_night_that_may_buy_a_part_begins_all(boards: Path):
    """
    Each stops where the budget is used up, as nights did before.
    """
    for n in range(3):
        write(boards, f"{n}.yaml", str(n))

    assert {} == await judged(await night(boards, budget=0.15, partial=True))


async def test_what_films_of_a_night_share_is_counted_once(boards: Path):
    """
    Two films that ask alike for a clip have one between them.
    """
    for name in ("a.yaml", "b.yaml"):
        write(boards, name, "the same")

    assert {} == await judged(await night(boards, budget=0.10))


async def test_what_a_begun_film_has_bought_is_not_gone_twice(boards: Path):
    """
    Between two looks the first film buys what it was begun for: that is in the till, and was counted before.
    """
    first, second = write(boards, "a.yaml", "one"), write(boards, "b.yaml", "two")
    tonight = await night(boards, budget=0.20)
    assert await tonight.before(NightFilm(first)) is None
    assert await tonight.left_out(NightFilm(first)) is None
    tonight.begin(NightFilm(first))
    await film(first, run="its run", till=tonight.till)
    assert await tonight.before(NightFilm(second)) is None

    assert await tonight.left_out(NightFilm(second)) is None


async def test_a_night_is_bounded_by_a_cap_as_well(boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    What is left of the day's cap, whatever the night may spend.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "0.15")
    for n in range(2):
        write(boards, f"{n}.yaml", str(n))
    lines = await judged(await night(boards, budget=5))

    assert ["1.yaml"] == list(lines)
    assert "$0.05 is left of the day's cap of $0.15" in lines["1.yaml"]


async def test_a_board_that_changed_while_it_was_shot_has_no_current_film(boards: Path):
    """
    A run went well and the storyboard is another one now: that is no film of it, and the next run shoots it.
    """
    board = write(boards, "new.yaml")
    tonight = await night(boards)
    await film(board, run="run")
    write(boards, "new.yaml", "another prompt")
    line = await tonight.after(NightFilm(board), "run", None)

    assert "failed" == line.fate
    assert "it was changed while it was shot" in line.note


async def test_what_waits_for_a_person_is_no_failure_and_needs_no_run(boards: Path):
    """
    A storyboard whose takes are to be approved first is told with the command for that, and shot once it is approved.
    """
    board = boards / "careful.yaml"
    board.write_text("review: before-final\n" + ONE.format(marker=""), encoding="utf-8")
    await film(board, and_cut=False)
    tonight = await night(boards)
    before, after = (
        await tonight.before(NightFilm(board)),
        await tonight.after(NightFilm(board), "run", "AwaitingApproval"),
    )

    assert before is not None
    assert ("waits", False, False) == (before.fate, before.good, before.failed)
    assert f"storyreel approve {board} --vault {tonight.vault.address} --sandbox" in before.note
    assert ("waits", before.note, 1_000_000_000) == (after.fate, after.note, after.spent_ticks)
    assert "1 of 1 films are not current: careful.yaml (waits)" == headline([before])


async def test_a_failure_beside_what_waits_is_told_as_well(boards: Path):
    """
    One scene is marked and held, one has failed: the night has failed, and its line, and the next night's, say both.
    """
    board = boards / "careful.yaml"
    marked = ONE.format(marker="[[sandbox: black]]") + '    then: [{extend: "It flares.", duration: 2}]\n'
    failing = '  - {id: door, prompt: "A door. [[sandbox: failed invalid_argument]]", duration: 2}\n'
    board.write_text(f"review: on-fault\n{marked}{failing}", encoding="utf-8")
    async with open_session(prepare(str(board)), run="run", sandbox=True) as session:
        with pytest.raises(SequenceFailed) as failed:
            await shoot(session)
    tonight = await night(boards)
    after = await tonight.after(NightFilm(board), "run", words_of(failed.value))
    before = await tonight.before(NightFilm(board))

    assert before is not None
    assert ("failed", "blocked") == (after.fate, before.fate)
    for line in (before, after):
        assert line.failed
        assert "door/video" in line.note
        assert f"storyreel approve {board} --vault" in line.note
        assert 1 == line.note.count("not yet approved")


async def test_the_till_has_the_name_of_the_day(boards: Path):
    """
    All runs of one day spend from one till, which several nights of that day share.
    """
    tonight = await night(boards, budget=3)
    async with open_session(
        prepare(str(write(boards, "a.yaml")), budget=3), run="a", till=tonight.till, sandbox=True
    ) as session:
        await buy(session, "coast", "video", [])

    assert "dailies-2026-11-22" == tonight.till
    assert 1_000_000_000 == await tonight.spent_ticks()
    assert 1_000_000_000 == await (await night(boards, run="later")).spent_ticks()
    assert 3.0 == tonight.budget
    assert (await night(boards, run="third")).budget is None


async def test_without_a_word_the_real_api_has_ten_dollars_a_day(boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A schedule that forgot its budget is bounded all the same, and no storyboard's own budget stretches the day's.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("XAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
        monkeypatch.setenv("XAI_API_KEY", "key")
        write(boards, "rich.yaml").write_text("budget: 500\n" + ONE.format(marker=""))
        unsaid, said = await night(boards, sandbox=False), await night(boards, sandbox=False, run="said", budget=25)

    assert ("xai", 10.0) == (unsaid.service, unsaid.budget)
    assert 25.0 == said.budget


async def test_a_night_that_can_ask_nobody_cuts_what_has_every_clip(boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    Without a key, films are cut and found current; what would have to be bought is told to fail, and stops nothing else.
    """
    await film(write(boards, "current.yaml", "one"))
    await film(write(boards, "uncut.yaml", "two"), run="two", and_cut=False)
    write(boards, "new.yaml", "three")
    (boards / "a-wrong-one.yaml").write_text("scenes: 3\n")
    monkeypatch.setenv("XAI_BASE_URL", "http://127.0.0.1:9/v1")
    tonight = await night(boards, sandbox=False)
    told = {board.name: await tonight.before(NightFilm(board)) for board in tonight.boards}
    current, new = told["current.yaml"], told["new.yaml"]

    assert "sandbox" == tonight.service
    assert current is not None
    assert "current" == current.fate
    assert told["uncut.yaml"] is None
    assert new is not None
    assert "failed" == new.fate
    assert "there is no API key" in new.note
    assert new.missing_ticks > 0


async def test_a_night_that_can_ask_nobody_and_cut_nothing_does_not_begin(
    boards: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    Where every storyboard would have to be bought, the reason is that of the night.
    """
    write(boards, "new.yaml", "three")
    monkeypatch.setenv("XAI_BASE_URL", "http://127.0.0.1:9/v1")

    with pytest.raises(SettingsError, match="there is no API key"):
        await night(boards, sandbox=False)


async def test_a_night_that_came_to_its_end_is_another_one_when_it_is_tried_again(boards: Path):
    """
    Taken up after a crash it is the same ask, and finds the runs that it started; a Retry starts others.
    """
    crashed, resumed = await night(boards), await night(boards)
    await resumed.close([])

    assert crashed.ask == resumed.ask
    assert resumed.ask != (await night(boards)).ask


@pytest.mark.parametrize(
    ("folder", "wishes", "says"),
    [
        pytest.param("none", {}, "there is no folder", id="no-folder"),
        pytest.param("boards", {"budget": -1.0}, "no amount of money", id="no-money"),
        pytest.param("boards", {"budget": float("nan")}, "no amount of money", id="no-number"),
        pytest.param("boards", {"sandbox": False}, "there is no API key", id="no-key"),
        pytest.param("boards", {"out": "/dev/null/out"}, "cannot be put into", id="no-place-for-films"),
    ],
)
async def test_what_cannot_go_well_is_told_before_any_run(boards: Path, folder: str, wishes: Any, says: str):
    """
    A night with a wrong word in it ends at once, in one line.
    """
    with pytest.raises(SettingsError, match=says):
        await open_night(str(boards.parent / folder), run="night", day=DAY, **{"sandbox": True, **wishes})


async def test_the_report_has_a_row_for_each_and_says_what_to_do(boards: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A producer sees what is there with a link, what it cost, and whom to help; nothing in a note is taken for Markdown.
    """
    monkeypatch.setenv("STORYREEL_FILMS_URL", "https://films.example/")
    tonight = await night(boards, budget=5)
    lines = [
        Line("a.yaml", "current", film=Path("out/a/a.sandbox.mp4"), seconds=8.0),
        Line("b.yaml", "shot", film=Path("out/b/b.sandbox.mp4"), seconds=4.0, spent_ticks=2_000_000_000),
        Line("c.yaml", "failed", "door/video: <b>no</b> | [none]"),
    ]
    page = as_page(tonight, lines, 3_000_000_000, 2)

    assert "1 of 3 films are not current: c.yaml (failed)" == headline(lines)
    assert "2 of 2 films are current" == headline(lines[:2])
    assert "| a.yaml | current | 8 |  | [a.sandbox.mp4](https://films.example/a/a.sandbox.mp4) |" in page
    assert "| b.yaml | shot | 4 | $0.20 | [b.sandbox.mp4](https://films.example/b/b.sandbox.mp4) |" in page
    assert "1 current, 1 shot, 1 not; 2 runs for $0.20; $0.30 is spent of the day's $5.00 (dailies-2026-11-22)" in page
    assert r"- **c.yaml** (failed): door/video: \<b\>no\</b\> \| \[none\]" in page
    assert ["a.yaml", "b.yaml", "c.yaml"] == [row["storyboard"] for row in as_table(tonight, lines)]


async def test_without_an_address_the_report_names_the_path(boards: Path, desk: Desk):
    """
    Where no films are served, the page says where the file is.
    """
    tonight = await night(boards)

    assert str(desk.film) == tonight.link(desk.film)
