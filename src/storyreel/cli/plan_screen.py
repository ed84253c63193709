"""
A plan as a terminal shows it: what is bought and what is saved, step by step and by scene, and why.

It says all that it has to say without colour. In a pipe each step is one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from storyreel.cli.caption_lines import show_captions
from storyreel.cli.plan_films import show_deliveries, usd
from storyreel.cli.render import notes, print_prose, print_table
from storyreel.cli.sound_lines import show_sound
from storyreel.cli.word_lines import show_words
from storyreel.console import counted, say
from storyreel.model.drawn import Card, HeldPicture
from storyreel.model.finish import AS_CUT
from storyreel.model.joints import Joint
from storyreel.model.money import dollars
from storyreel.model.plan import PlannedFilm
from storyreel.model.storyboard import Scene
from storyreel.model.timeline import NOMINAL
from storyreel.production.budget import Budget
from storyreel.production.film_sums import film_sums
from storyreel.production.frame_sources import begins_on, ends_on
from storyreel.production.outlook import Sign
from storyreel.production.top_sheet import KEPT, SceneSums, TopSheet, saved

STYLES: dict[Sign, str] = {"+": "yellow", "~": "yellow", "=": "green", "!": "red", "": "dim"}
LEGEND: dict[Sign, str] = {"+": "buy", "~": "changed, buy anew", "=": "in the vault", "!": "unknown or failed"}
WHY_LEAST = 24
"""Columns that reasons need beside the numbers; where there are fewer they stand below."""
GAP, BELOW = "  ", "    "


def show(console: Console, sheet: TopSheet, above: Sequence[TopSheet] = (), *, has_a_budget: bool = True) -> None:
    """
    Show a plan laid over the vault: its steps, its cut, its sums, and what is worth a thought.

    Args:
        above: Plans that were shown before it: what is as with them is not said again.
        has_a_budget: Whether it has one of its own; that of variants is of them all.
    """
    plan, film = sheet.plan, sheet.plan.films[0]
    what = "shot" if film.timeline.is_cut else "scene"
    length = f"  {round(film.seconds, 2):g} s, {counted(len(film.timeline.picture), what)}"
    more = f", and {counted(len(plan.films) - 1, 'more film')}" if len(plan.films) > 1 else ""
    which = ", ".join(filter(None, [plan.board.variant, film.name]))
    say(console, (plan.board.title, "bold"), f"{f' ({which})' if which else ''}{length}{more}")
    if not any((other.vault, other.service) == (sheet.vault, sheet.service) for other in above):
        _show_vault(console, sheet)
    _show_steps(console, sheet)
    if film.timeline.is_cut:
        _show_cut(console, film)
    show_words(console, film.timeline)
    show_sound(console, film.timeline)
    show_captions(console, film.timeline)
    if len(plan.films) > 1 or film.board.finish != AS_CUT:
        show_deliveries(console, plan, film_sums([sheet]), fine=sheet.fine)
    _show_sums(console, sheet, sheet.budget if has_a_budget else None)
    heard = {line for other in above for line in _remarks(other)}
    notes(console, *(line for line in _remarks(sheet) if line not in heard))


def _remarks(sheet: TopSheet) -> Iterator[str]:
    yield from (note.line for note in sheet.plan.board.notes)
    yield from sheet.plan.notes
    yield from sheet.of_settings
    yield from _of_the_vault(sheet)


def _show_vault(console: Console, sheet: TopSheet) -> None:
    whose = "the sandbox" if sheet.service == "sandbox" else "the real API"
    if sheet.vault.new:
        say(console, "vault: ", sheet.vault.address, (", which is new and empty: nothing can be reused", "yellow"))
    else:
        takes = counted(sheet.vault.takes, "take") if sheet.vault.takes else "no takes"
        say(console, f"vault: {sheet.vault.address}, {takes} of {whose}")


def _show_sums(console: Console, sheet: TopSheet, budget: Budget | None) -> None:
    buys = len(sheet.bought)
    reused = sum(each.outlook in KEPT and each.known for each in sheet.outlook)
    print_prose(
        console,
        (f"to buy: {counted(buys, 'request')}, {_dollars(sheet, sheet.buy_ticks) or '$0.00'}", "bold"),
        f"   reused: {reused}, {_dollars(sheet, sheet.saved_ticks) or '$0.00'} saved",
        "   (sandbox: nothing is billed)" if sheet.service == "sandbox" else "   (the real API)",
    )
    if budget is not None and budget.ticks is not None and sheet.buy_ticks > budget.ticks:
        print_prose(
            console,
            (f"over {budget.words}", "red"),
            f": a run asks first, and does not begin where nobody can be asked; --partial buys what fits, {budget.another}",
        )
    if sheet.at_risk_ticks:
        lost = [each.step.id for each in sheet.unanswered]
        print_prose(
            console,
            (f"at risk: {_dollars(sheet, sheet.at_risk_ticks)}", "red"),
            f", sent and never answered, so it may be billed: {', '.join(lost)}; `storyreel resolve` says what became of it",
        )
    if sheet.last_run is not None:
        last = sheet.last_run
        say(
            console,
            f"last run: {last.at:%Y-%m-%d %H:%M} UTC, {counted(last.requests, 'request')}, {dollars(last.ticks)}",
        )
    if sheet.seconds_left is not None:
        say(console, f"time: about {_long(sheet.seconds_left)} until the last clip, by what such steps took")


def _of_the_vault(sheet: TopSheet) -> Iterator[str]:
    """Yield what a plan cannot say, or says of what was bought before."""
    was = [each for each in sheet.outlook if each.sign == "=" and each.changes and each.attempt is not None]
    if was:
        then = dollars(sum(each.attempt.claim.estimate_ticks for each in was if each.attempt is not None))
        now = dollars(sum(each.step.ticks for each in was))
        what = f"{counted(len(was), 'step')} that the vault has"
        yield f"the catalogue's prices have changed: {what} were {then}, and are {now} now; nothing is bought for that"
    if sheet.unmarked:
        what = counted(sheet.unmarked, "request")
        yield (
            f"the vault's index does not lead to {what} (of an earlier version?), so a plan cannot say what has changed "
            "since: `storyreel vault check --index` adds them"
        )


# --- steps ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A line of the table: a step, or a sum. Texts, and how they look."""

    sign: Sign
    name: str
    seconds: str = ""
    buy: str = ""
    saved: str = ""
    why: tuple[str, ...] = ()
    style: str = ""

    @property
    def numbers(self) -> tuple[str, str, str]:
        """What stands at the right of its columns."""
        return self.seconds, self.buy, self.saved


def _show_steps(console: Console, sheet: TopSheet) -> None:
    rows = list(_rows(sheet))
    total = _Row(
        "",
        "in all",
        _seconds(sum(each.step.bought_seconds for each in sheet.outlook)),
        *_money(sheet, sheet),
        style="bold",
    )
    heads = _Row("", "step", "seconds", "to buy", "saved", ("why",), style="dim")
    columns = [at for at in range(3) if any(row.numbers[at] for row in (*rows, total))]
    widths = [max(cell_len(row.numbers[at]) for row in (*rows, heads, total)) for at in columns]
    name = max((cell_len(row.name) for row in (*rows, heads, total)), default=0)
    left = 2 + name + sum(len(GAP) + width for width in widths) + len(GAP)
    room = console.width - left if console.is_terminal else 0
    lines: list[tuple[tuple[str, str], ...]] = []
    for row in (heads, *rows, None, total):
        if row is None:
            lines.append(((f"  {'-' * (left - 2 - len(GAP))}", "dim"),))
            continue
        numbers = "".join(f"{GAP}{row.numbers[at]:>{width}}" for at, width in zip(columns, widths, strict=True))
        facts, why = f"{set_cell_size(row.name, name)}{numbers}", _why(console, row, left, room)
        facts = facts if why.strip() else facts.rstrip()
        lines.append(((f"{row.sign or ' '} ", STYLES[row.sign]), (facts, row.style), (why, "")))
    if console.is_terminal:
        for line in lines:
            say(console, *line)
    else:
        say(console, "\n".join("".join(words for words, _ in line) for line in lines))
    used = dict.fromkeys(each.sign for each in sheet.outlook)
    say(console, ("  ".join(f"{sign} {LEGEND[sign]}" for sign in LEGEND if sign in used), "dim"))


def _why(console: Console, row: _Row, left: int, room: int) -> str:
    """Return the reasons of a row: beside its numbers, below them where there is no room, on its line in a pipe."""
    whole = " ".join(row.why)
    if not console.is_terminal or cell_len(whole) <= room:
        return f"{GAP}{whole}".rstrip()
    beside = room >= max(WHY_LEAST, *map(cell_len, whole.split()))
    width = room if beside else console.width - len(BELOW)
    lines = [line.plain.rstrip() for why in row.why for line in Text(why).wrap(console, width)]
    return f"{GAP if beside else chr(10) + BELOW}" + f"\n{' ' * left if beside else BELOW}".join(lines)


def _rows(sheet: TopSheet) -> Iterator[_Row]:
    board = sheet.plan.board
    sums = {each.name: each for each in sheet.scenes}
    scenes = {f"{board.prefix}{scene.id}": scene for scene in board.scenes}
    shots = {
        f"{board.prefix}{shot.scene}"
        for film in sheet.plan.films
        for shot in film.timeline.picture
        if shot.step is None
    }
    apart = {
        film.name: [each for each in sums.values() if each.delivery == film.name]
        for film in sheet.plan.films
        if film.name
    }
    for name in [*(name for name, each in sums.items() if name not in scenes and not each.delivery), *scenes]:
        if name in sums:
            yield from _of_scene(sheet, sums[name])
        elif name in shots:
            yield _Row("", name, why=(f"{_own(scenes[name])}, free",), style="dim")
    for delivery, own in apart.items():
        for each in own:
            yield from _of_scene(sheet, each)
        if len(own) > 1:
            seconds = _seconds(sum(each.seconds for each in own))
            buy = _dollars(sheet, sum(each.buy_ticks for each in own))
            saving = _dollars(sheet, sum(each.saved_ticks for each in own))
            yield _Row("", f"{board.prefix}{delivery} in all", seconds, buy, saving, style="dim")


def _own(scene: Scene) -> str:
    """Return what is shown of a scene for which nothing is generated, in a few words."""
    if scene.footage is not None:
        return f"your own {scene.footage.path.name}"
    if scene.drawn is None:
        return "nothing"
    if isinstance(scene.drawn.what, Card):
        return f"drawn: {' '.join(scene.drawn.what.text.split()) or 'a plain card'}"
    assert isinstance(scene.drawn.what, HeldPicture), "a scene of a storyboard is no placeholder"
    held = scene.drawn.what
    return f"drawn: {held.footage.path.name}" + (f", {held.move}" if scene.drawn.moves else "")


def _of_scene(sheet: TopSheet, sums: SceneSums) -> Iterator[_Row]:
    for each in sums.steps:
        step = each.step
        price, first, last = sheet.prices.get(step.id), begins_on(sheet.plan, step), ends_on(sheet.plan, step)
        why = each.why if first is None else f"{each.why}; begins on {first.scene} at {first.at} s"
        why = why if last is None else f"{why}; ends on {last.scene} at {last.at} s"
        yield _Row(
            each.sign,
            step.id,
            "still" if step.kind == "still" else _seconds(step.bought_seconds),
            _dollars(sheet, step.ticks if each.buys else 0),
            _dollars(sheet, saved(each)),
            (why, f"({price.words})") if price is not None else (why,),
        )
    if len(sums.steps) > 1:
        yield _Row("", f"{sums.name} in all", _seconds(sums.seconds), *_money(sheet, sums), style="dim")


def _money(sheet: TopSheet, sums: SceneSums | TopSheet) -> tuple[str, str]:
    return _dollars(sheet, sums.buy_ticks), _dollars(sheet, sums.saved_ticks)


def _seconds(seconds: float) -> str:
    return f"{round(seconds, 2):g}" if seconds else ""


def _dollars(sheet: TopSheet, ticks: int) -> str:
    """Return an amount with as many decimals as all others of a plan have, so that they stand below each other."""
    return usd(ticks, fine=sheet.fine)


def _long(seconds: float) -> str:
    return f"{round(seconds / 60)} min" if seconds >= 90 else f"{max(1, round(seconds))} s"


# --- the cut -------------------------------------------------------------------------------------------------------


def _show_cut(console: Console, film: PlannedFilm) -> None:
    """Show the shots of a film: when each begins, what it shows of its clip, and how it follows the one before it."""
    at, joints = Fraction(0), film.timeline.joints
    rows = []
    for shot, joint, reach in zip(film.timeline.picture, joints, film.timeline.reaches, strict=False):
        at -= joint.overlap / NOMINAL if joint is not None else 0
        scene = film.board.scene(shot.scene)
        # The clip of own footage is what its scene takes of the file, and seconds are written in that.
        begins, length = (scene.start, scene.seconds) if shot.footage is not None else (0.0, shot.source.seconds)
        start, end = (round(second - begins, 6) for second in shot.within(shot.source.seconds))
        whole = shot.speed == 1 and start == 0 and end >= length
        shown = "all" if whole else f"{start:g} to {end:g} s"
        shown += f", {float(shot.speed):g} times as fast" if shot.speed != 1 else ""
        seconds = reach.shown / NOMINAL
        rows.append([f"{float(at):.2f}", shot.scene, shown, f"{float(seconds):.2f}", _joint(joint) or "cut"])
        at += seconds
    rows.append([f"{float(at):.2f}", "", "", "", _joint(joints[-1]) or "the end"])
    heads = ("at", "shot", "of its clip", "seconds", "follows by")
    print_table(console, heads, [[Text(cell) for cell in row] for row in rows], numbers=("at", "seconds"))


def _joint(joint: Joint | None) -> str:
    if joint is None:
        return ""
    handles, overlap = (
        f"{frames / float(NOMINAL):.2g} s" for frames in (joint.handle_out + joint.handle_in, joint.overlap)
    )
    words = [f"{joint.kind} {joint.frames / float(NOMINAL):.2g} s"]
    if not joint.is_fade:
        words += [f"{handles} of it from beyond the cut"] if joint.handle_out + joint.handle_in else []
        words += [f"the film is {overlap} shorter"] if joint.overlap else []
    return "; ".join(words)
