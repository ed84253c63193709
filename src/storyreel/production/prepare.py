"""
Read a storyboard and plan it, and open the vault for it: where every command and every run begins.

Everything that was given wrong is told here, before anybody is asked and anything is bought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from storyreel.catalog import Catalog, load_catalog
from storyreel.model.plan import Plan
from storyreel.planning.alike import alike
from storyreel.planning.steps import within
from storyreel.production.budget import ticks_of
from storyreel.production.read_plan import read_plans, several
from storyreel.production.selectors import steps_named
from storyreel.production.variant_names import check_names, names_for
from storyreel.settings import Settings, read_settings, vault_from
from storyreel.settings.project_file import check_within
from storyreel.variables.table import OUT
from storyreel.vault import Vault, open_vault


@dataclass(frozen=True)
class Reading:
    """
    A storyboard that was read, checked and planned, with what is to be done about it.

    Args:
        settings: Those of this process, but for what was given instead.
        only: Scenes that may be bought, by id, with the delivery before it that buys them for itself; all if empty.
        redo: Steps that are to be made again, by id.
        deliver: The films that are made, by name; all if empty.
        budget_ticks: What a person said that it may cost; None if nobody did.
    """

    settings: Settings = field(repr=False)
    catalog: Catalog
    plan: Plan
    only: tuple[str, ...] = ()
    redo: frozenset[str] = frozenset()
    deliver: tuple[str, ...] = ()
    budget_ticks: int | None = None

    @property
    def allowed(self) -> frozenset[str]:
        """The steps that may be bought."""
        return within(self.plan, self.only)

    @property
    def out(self) -> Path:
        """The folder for films, as a whole path."""
        return self.settings.root / self.settings.out


@dataclass(frozen=True, kw_only=True)
class Prepared(Reading):
    """A storyboard that was read, and the vault that its takes go to."""

    vault: Vault


def prepare_all(
    storyboard: str | Path,
    *,
    only: Sequence[str] = (),
    redo: Sequence[str] = (),
    variant: Sequence[str] = (),
    deliver: Sequence[str] = (),
    budget: float | None = None,
    vault: str | None = None,
    out: str | Path | None = None,
    root: Path | None = None,
    given: Mapping[str, str] | None = None,
    check: Callable[[Reading], None] = lambda _: None,
    to_look: bool = False,
) -> tuple[Prepared, ...]:
    """
    Read a storyboard and all that goes with it, once: one for each of its variants, in their order, or one where it has none.

    All of them have one vault. A name in `only` or `redo` means every variant, and with a variant before it, `porto:stop`, that one;
    a variant that no name of `only` means is left out.

    Args:
        storyboard: Path of the storyboard. Relative ones start in the settings' root.
        only: Scenes that may be bought; all if empty.
        redo: Steps or scenes to be made again.
        variant: Names of variants; all if empty.
        deliver: The films that are made, by the names of their deliveries, `master` for the master; all if empty.
        budget: US dollars that may be spent; None for what the storyboard says.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for films; else STORYREEL_OUT.
        root: Where relative paths start; else where the settings say.
        given: Texts that stand for those of the storyboard's variables, by their names.
        check: Given all but the vault, for each variant, before that is opened: what it raises leaves no folder behind.
        to_look: Whether the vault is only looked at (`open_vault`).

    Raises:
        StoryboardError: The storyboard is wrong.
        SettingsError: Something else that was given is wrong.
        VaultError: The vault cannot be used.
    """
    settings = read_settings(folder=_folder_of(storyboard, root))
    settings = replace(settings, root=root or settings.root).with_out(Path(out or settings.out))
    catalog = load_catalog(settings.catalog)
    plans = read_plans(Path(storyboard), catalog, only, settings.root, given, variant, deliver)
    boards = [planned.board for planned in plans]
    check_names(boards, "--redo", redo, variants=variant)
    readings = [
        Reading(
            settings=settings,
            catalog=catalog,
            plan=planned,
            redo=steps_named(planned, [f"{planned.board.prefix}{name}" for name in names_for(planned.board, redo)]),
            budget_ticks=None if budget is None else ticks_of(budget, "--budget"),
            only=names_for(planned.board, only),
            deliver=tuple(deliver),
        )
        for planned in plans
    ]
    readings = [*_all_redone(readings)]
    for reading in readings:
        if out is None:
            _check_out_within(reading)
        check(reading)
    address = vault_from(settings.root, vault or settings.vault)
    opened = open_vault(address, cache=settings.cache, to_look=to_look)
    return tuple(Prepared(**vars(reading), vault=opened) for reading in readings)


def _check_out_within(reading: Reading) -> None:
    """
    Refuse a project's folder for films out of which a link leads: what comes with a stranger's folder does not say where a film goes.

    Raises:
        SettingsError: One does.
    """
    settings = reading.settings
    origin = settings.origins.get(OUT.name)
    if settings.project is None or origin is None or origin.source != "project":
        return
    from storyreel.delivery.places import places_of

    for place in dict.fromkeys(files.film.parent for files in places_of(reading.out, reading.plan)):
        check_within(settings.project, place)


def _folder_of(storyboard: str | Path, root: Path | None) -> Path:
    """Return the folder of a storyboard, whose project has a say in the settings."""
    return (root or Path()) / Path(storyboard).parent


def _all_redone(readings: Sequence[Reading]) -> Iterator[Reading]:
    """
    Yield what was read with every step that asks for the same as one that is made again: there is one take of both, so that what
    follows either is told, priced and made by this run, and not found changed by the next one.
    """
    redo = [reading.redo for reading in readings]
    every = alike([reading.plan for reading in readings], redo) if any(redo) else redo
    for reading, steps in zip(readings, every, strict=True):
        yield replace(reading, redo=reading.redo | (steps & reading.allowed))


def prepare(storyboard: str | Path, *, check: Callable[[Reading], None] = lambda _: None, **given: Any) -> Prepared:
    """
    Read one storyboard, or one variant of it, and all that goes with it; all else is as with `prepare_all`.

    Raises:
        SettingsError: It is several films, and none of them is named; or as with `prepare_all`.
    """
    seen: list[Reading] = []

    def alone(reading: Reading) -> None:
        seen.append(reading)
        if len(seen) > 1:
            raise several(storyboard, reading.plan.board)
        check(reading)

    return prepare_all(storyboard, check=alone, **given)[0]
