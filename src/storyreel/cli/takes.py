"""
What was bought so far, and what a person has to say about it: the takes of a storyboard, and answers that were lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from storyreel.cli.arguments import Board, Json, Rehearsals, Variants, Vars, VaultAddress, given_vars, switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.csv_out import print_csv
from storyreel.cli.errors import Screen
from storyreel.cli.render import amount, print_json, print_table
from storyreel.console import counted, say
from storyreel.delivery.clip_marks import in_words, with_redo
from storyreel.errors import SettingsError
from storyreel.model.request_ids import in_yaml, typed
from storyreel.model.storyboard import MASTER
from storyreel.production.lost_answers import adopt, adopt_still, give_up, lost_attempt, not_lost
from storyreel.production.outlook import forecast
from storyreel.production.prepare import Reading, prepare_all
from storyreel.production.service import call, service_asked
from storyreel.production.takes_data import MemberTotals, SceneTotals, TakeData, TakesData, takes_of_all
from storyreel.production.takes_folder import TakesFolder, fill_folder
from storyreel.production.variant_names import names_for, step_meant
from storyreel.vault.costs import UNPAID, Totals


def takes(
    board: Board,
    /,
    *,
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    as_csv: Annotated[
        bool, switch("--csv", "Print a table for other programs: comma-separated, a line for each take.")
    ] = False,
    as_json: Json = False,
    folder: Annotated[
        Path | None,
        Parameter(
            help="Put the clip of every take into this folder, under a name such as TRAM_010_stop_video_t02.mp4: a link to the vault's own "
            "file (look, and do not edit), or a copy. Nothing that is there is written over."
        ),
    ] = None,
) -> int:
    """
    List every take of a storyboard's steps: how it ended, what it cost, the films that use it, and the line that chooses it again.

    Of a storyboard with variants those of all, where none is named.

    Example: storyreel takes storyboards/lighthouse.yaml
    """
    if as_csv and as_json:
        raise SettingsError("--csv and --json: say one of them")
    costs, filled = takes_and_folder(board, vault, sandbox, given_vars(var), variant, folder)
    if as_csv:
        print_csv(tuple(TakeData.model_fields), map(csv_row, costs.takes))
    elif as_json:
        print_json(costs)
    else:
        show(Screen(), costs)
    if filled is not None:
        show_folder(Screen(stderr=as_csv or as_json), filled)
    return 0


def resolve_step(
    board: Path,
    name: str,
    request_id: str | None,
    file: Path | None,
    lost: bool,
    vault: str | None,
    sandbox: bool,
    console: Console,
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
) -> int:
    """
    Write down what became of a request whose answer was lost; return the exit code.

    Raises:
        SettingsError: Not exactly one thing was said of it, it does not fit the step, or there is nothing to resolve.
    """
    if [request_id is not None, file is not None, lost].count(True) != 1:
        raise SettingsError("say one thing of it: --request-id ID, --file PICTURE (a still), or --lost")

    def check(reading: Reading) -> None:
        if not names_for(reading.plan.board, [name]):
            return
        _, step = step_meant([reading.plan], name)
        if request_id is not None and step.kind == "still":
            raise SettingsError(
                f"{step.id} is a still, which has no request id: give the picture with --file, or --lost"
            )
        if file is not None and step.kind != "still":
            raise SettingsError(f"{step.id} is no still: give its --request-id, or --lost")

    every = prepare_all(board, vault=vault, root=Path.cwd(), given=given, variant=variant, check=check)
    number, step = step_meant([ready.plan for ready in every], name)
    ready = every[number]
    settings, catalog, plan, opened = ready.settings, ready.catalog, ready.plan, ready.vault

    async def written_down() -> str | None:
        service = await service_asked(settings, catalog, opened, sandbox=sandbox)
        outlook = await forecast(plan, opened, service, allowed={s.id for s in plan.steps})
        attempt = await lost_attempt(outlook, opened, service, step)
        if lost and attempt.doubtful_id is None:
            await give_up(opened, attempt)
        elif lost:
            async with call(settings, catalog, sandbox=sandbox) as client:
                return await give_up(opened, attempt, client)
        elif file is not None:
            await adopt_still(opened, step, attempt, file)
        elif request_id is not None:
            async with call(settings, catalog, sandbox=sandbox) as client:
                await adopt(opened, client, attempt, typed(request_id))
        return None

    if (turned_up := asyncio.run(written_down())) is not None:
        say(console, not_lost(step.id, turned_up))
        return 0
    became = "lost; the next run may send it again" if lost else f"{request_id or file}; the next run goes on from it"
    say(console, f"{step.id}: written down as {became}")
    return 0


def takes_of(
    board: Path, vault: str | None, sandbox: bool, given: Mapping[str, str] | None = None, variant: Sequence[str] = ()
) -> TakesData:
    """Return every attempt at the steps of a storyboard, or of its variants, oldest first."""
    return takes_and_folder(board, vault, sandbox, given, variant)[0]


def takes_and_folder(
    board: Path,
    vault: str | None,
    sandbox: bool,
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
    folder: Path | None = None,
) -> tuple[TakesData, TakesFolder | None]:
    """Return every attempt at the steps of a storyboard, or of its variants, oldest first, and the folder into which their clips were put."""
    ready, *more = prepare_all(board, vault=vault, root=Path.cwd(), given=given, variant=variant, to_look=True)

    async def read() -> tuple[TakesData, TakesFolder | None]:
        await say_if_closed(ready.vault)
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
        plans = [each.plan for each in (ready, *more)]
        data = await takes_of_all(plans, ready.vault, service)
        if folder is None:
            return data, None
        filled = await fill_folder(plans, data.takes, ready.vault, service, Path.cwd() / folder)
        # What a bucket has is on this machine by now.
        return await takes_of_all(plans, ready.vault, service), filled

    return asyncio.run(read())


def csv_row(take: TakeData) -> list[str | int | Decimal]:
    """Return a take as a row, in the order of the data's names; films and marks are parted by spaces, what is not known is empty."""
    return [_csv_cell(getattr(take, name)) for name in TakeData.model_fields]


def _csv_cell(value: object) -> str | int | Decimal:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return Decimal(str(value))
        case list() | tuple():
            return " ".join(map(str, value))
        case int():
            return value
        case _:
            return str(value)


def show(console: Console, data: TakesData) -> None:
    """Show the takes of a storyboard, each with the line that chooses it again."""
    several = len(data.films) > 1
    rows = [
        [
            Text(take.step),
            Text(f"t{take.number:02d}"),
            Text(f"{take.state}, used", style="green") if take.used else Text(take.state),
            Text(_age(take.age_s)),
            Text(f"{take.seconds:g}" if _has_clip(take) and take.seconds else ""),
            Text(amount(take.estimated_usd)),
            Text(amount(take.charged_usd) if take.charged_usd is not None else ""),
            *([Text(_in(take.films))] if several else []),
            Text("\n".join(filter(None, _last_lines(take, console.width)))),
        ]
        for take in data.takes
    ]
    numbers = ("seconds", "estimate", "charged")
    # What is copied is never torn apart: lines with an id, and words such as addresses.
    longest = max([0, *(cell_len(line) for row in rows for line in _copied(row[-1].plain))])
    heads = ("step", "take", "state", "age", *numbers, *(["films"] if several else []), "to choose it")
    places = [take.file or "" for take in data.takes]
    print_table(console, heads, rows, numbers=numbers, last=max(24, longest), places=places)
    named: list[tuple[str, SceneTotals | MemberTotals]] = [(each.member, each) for each in data.cast]
    for name, totals in [*named, *((each.scene, each) for each in data.scenes)]:
        if totals.takes:
            say(console, f"{name}: {sums(totals, [take for take in data.takes if take.scene == name])}")
    say(console, (sums(data.totals, data.takes), "bold"), f" ({data.service})")
    for damaged in data.damaged:
        say(console, (damaged, "red"))


def show_folder(console: Console, filled: TakesFolder) -> None:
    """Say what became of a folder of takes."""
    there = len(filled.files) - filled.new
    parts = [
        f"{filled.new} new" + (f", {filled.copies} of them copies" if filled.copies else ""),
        *([f"{there} were there"] if there else []),
    ]
    say(console, f"{filled.folder}: {counted(len(filled.files), 'clip')} ({'; '.join(parts)})")
    for path in filled.called_otherwise:
        say(console, f"  {path.name}: so called, since another file has its name there")
    for take in filled.missing:
        say(
            console,
            f"  {take.step} t{take.number:02d}: its clip is not in the vault; the next run that uses it fetches it",
        )


def sums(totals: Totals | SceneTotals | MemberTotals, takes: Sequence[TakeData]) -> str:
    """Return what some takes came to, as a person reads it: a charge that nobody told is called just that."""
    charged = f"{amount(totals.charged_usd)} charged"
    if all(take.charged_usd is None for take in takes):
        free = all(take.state in UNPAID for take in takes)
        charged = "nothing charged" if free else "charge not told"
        if free and not totals.estimated_usd:
            return f"{counted(totals.takes, 'take')}, {charged}"
    return f"{counted(totals.takes, 'take')}, {charged}, {amount(totals.estimated_usd)} estimated"


def _has_clip(take: TakeData) -> bool:
    return take.state in ("clip", "missing")


def _last_lines(take: TakeData, width: int) -> list[str]:
    """
    Return what is told of a take last: the line of a storyboard that chooses it, or its id where it has no clip; and what is odd about it.

    Args:
        width: Of the terminal. Where a line has no room in it, the id has one for itself.
    """
    what = [take.why if not _has_clip(take) or take.request_id is None else "", _twice(take), _marks(take)]
    if take.request_id is None:
        return ["; ".join(filter(None, what))]
    word, sign = ("pin:", in_yaml(take.request_id)) if _has_clip(take) else ("id:", take.request_id)
    fits = cell_len(f"  {word} {sign}") <= width
    return [*([f"{word} {sign}"] if fits else [word, sign]), "; ".join(filter(None, what))]


def _copied(cell: str) -> list[str]:
    """Return what of a cell is never broken into lines: its line with an id, and each word."""
    first, *_ = cell.split("\n")
    return [*([first] if first.startswith(("pin:", "id:")) else []), *cell.split()]


def _in(films: Sequence[str]) -> str:
    """Return which films of its storyboard use a take."""
    return f"in {', '.join(film.partition('.')[2] or MASTER for film in films)}" if films else ""


def _twice(take: TakeData) -> str:
    """Return what is odd about a take that another step has too; empty where nothing is."""
    if take.same_request_as is not None:
        return f"the same request as {take.same_request_as}, in the sums once"
    if take.same_file_as is not None:
        return f"the same file as {take.same_file_as}: report both to the service"
    return ""


def _marks(take: TakeData) -> str:
    """Return what was seen to be wrong with a take, of the one in use with what makes it anew; empty where nothing was."""
    return with_redo(take.step, take.marks) if take.used else in_words(take.marks)


def _age(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
