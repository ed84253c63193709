"""
From a storyboard's file to a `Storyboard`, or to one for each of its variants: the order of the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.did_you_mean import did_you_mean
from storyreel.errors import SettingsError, StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.sound import SoundFile
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard import fields
from storyreel.storyboard.build import resolve
from storyreel.storyboard.checks.shape import judge
from storyreel.storyboard.files import Folder
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.given_vars import lay_over
from storyreel.storyboard.sharing import lay_under
from storyreel.storyboard.text.file import read_text
from storyreel.storyboard.text.source import read_source
from storyreel.storyboard.variants import alike, judge_variants, named, of_variant, with_names

Measure = Callable[[Path], Footage]
"""Says what a media file is; raises `MediaError` for what is neither a picture nor a clip."""
MeasureSound = Callable[[Path], SoundFile]
"""Says what a sound is; raises `WrongMedia` for what is none."""


def load(
    path: Path,
    *,
    catalog: Catalog,
    measure: Measure,
    measure_sound: MeasureSound | None = None,
    text: str | None = None,
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
    variant: str = "",
) -> Storyboard:
    """
    Read one storyboard and check it whole: its words, its limits, its media, its continuity.

    Args:
        variant: Which one is read, where there are several; the others as for `load_all`.

    Raises:
        StoryboardError: Something is wrong; it has all problems, each with its place, in the order of the file.
        SettingsError: It has no variable of a name that is given, no such variant, or several and none is named.
    """
    boards = load_all(
        path,
        catalog=catalog,
        measure=measure,
        measure_sound=measure_sound,
        text=text,
        root=root,
        given=given,
        variants=[variant] if variant else (),
    )
    if len(boards) > 1:
        names = ", ".join(board.variant for board in boards)
        raise SettingsError(
            f"{path} is several films, and one is wanted here: say --variant and one of {names} (here: variant)"
        )
    return boards[0]


def load_all(
    path: Path,
    *,
    catalog: Catalog,
    measure: Measure,
    measure_sound: MeasureSound | None = None,
    text: str | None = None,
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
    variants: Collection[str] = (),
) -> tuple[Storyboard, ...]:
    """
    Read a storyboard as each of its variants has it, in their order, and check all of them whole; where it has none, itself.

    Args:
        path: Of the file, as the user gave it; places in problems begin with it. Media are looked for beside it.

        catalog: What the service allows.

        measure: Called once for each file that the storyboard names.

        measure_sound: The same for sounds.

        text: The storyboard's text, where it is not to be read from `path`.

        root: Where a relative path starts, if not where this process is.

        given: Texts that stand for those of its variables, by their names, dotted for names within names. They stand for those
            of each variant too.

        variants: Those that are read; all if empty.

    Raises:
        StoryboardError: Something is wrong; it has all problems, each with its place, in the order of the file. One that not all
            variants have names those that have it.
        SettingsError: It has no variable of a name that is given, or no such variant.
    """
    text = read_text(path, root / path) if text is None else text
    source = read_source(text, str(path))
    findings = Findings(source, catalog, Folder(root / path, measure, measure_sound))
    whole = lay_under(findings, path)
    if "variants" in source.data:
        return tuple(_of_text(board, text) for board in _varied(findings, path, given or {}, variants, whole=whole))
    if variants:
        raise SettingsError(f"--variant {next(iter(variants))}: {path} has no variants; leave it out")
    return (_of_text(_alone(findings, path, given or {}, whole=whole), text),)


def _alone(findings: Findings, path: Path, given: Mapping[str, str], *, whole: bool) -> Storyboard:
    """Return a storyboard that has no variants."""
    if whole and given:
        findings.source = lay_over(findings.source, given)
    sheet = judge(findings)
    # Where a file that is used cannot be read, what it has is not missing.
    board = resolve(findings, sheet, path) if sheet is not None and whole else None
    if board is None or findings.problems:
        raise StoryboardError(findings.problems)
    return _read_with(board, given=tuple(given.items()))


def _varied(
    findings: Findings, path: Path, given: Mapping[str, str], variants: Collection[str], *, whole: bool
) -> tuple[Storyboard, ...]:
    """Return a storyboard as each of these variants has it."""
    sheet = judge(findings)
    if sheet is None or not whole or not judge_variants(findings, sheet) or not sheet.variants:
        raise StoryboardError(findings.problems)
    wanted = _wanted(path, sheet, variants)
    before = frozenset(findings.problems)
    own: dict[str, Findings] = {}
    boards: list[Storyboard] = []
    for name in wanted:
        own[name] = each = findings.apart(of_variant(findings.source, name, sheet.variants[name]), film_alone=False)
        if given:
            each.source = lay_over(each.source, given)
        laid = judge(each)
        if laid is not None:
            board = resolve(each, laid, path, variant=name)
            boards.append(_read_with(board, given=tuple(given.items()), variant=name, variants=tuple(sheet.variants)))
    problems = {name: [each for each in one.problems if each not in before] for name, one in own.items()}
    if wrong := [*findings.problems, *named(problems)]:
        raise StoryboardError(wrong)
    if wrong := list(alike(findings, boards)):
        raise StoryboardError(wrong)
    notes = {board.variant: board.notes for board in boards}
    return tuple(with_names(board, notes) for board in boards)


def _read_with(
    board: Storyboard, *, given: tuple[tuple[str, str], ...], variant: str = "", variants: tuple[str, ...] = ()
) -> Storyboard:
    """Return a storyboard, and the films of it, with what it was read with."""
    master, *deliveries = (
        replace(each, given=given, variant=variant, variants=variants) for each in (board, *board.deliveries)
    )
    return replace(master, deliveries=tuple(deliveries))


def _of_text(board: Storyboard, text: str) -> Storyboard:
    """Return a storyboard, and the films of it, with the text that it was read from."""
    master, *deliveries = (replace(each, text=text) for each in (board, *board.deliveries))
    return replace(master, deliveries=tuple(deliveries))


def _wanted(path: Path, sheet: fields.Sheet, variants: Collection[str]) -> list[str]:
    """Return the variants that are read, in the order of the storyboard."""
    known = ", ".join(sheet.variants)
    for name in variants:
        if name not in sheet.variants:
            hint = f"{meant}  " if (meant := did_you_mean(name, sheet.variants)) else ""
            raise SettingsError(f"--variant {name}: {path} has no such variant; {hint}(there are: {known})")
    return [name for name in sheet.variants if not variants or name in variants]
