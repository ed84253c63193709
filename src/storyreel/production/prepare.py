"""
Read a storyboard and plan it, and open the vault for it: where every command and every run begins.

Everything that was given wrong is told here, before anybody is asked and anything is bought.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from storyreel import media
from storyreel.catalog import Catalog, load_catalog
from storyreel.model.plan import Plan
from storyreel.model.storyboard import Storyboard
from storyreel.planning.steps import plan, within
from storyreel.production.budget import ticks_of
from storyreel.production.selectors import scenes_named, steps_named
from storyreel.settings import Settings, read_settings, vault_from
from storyreel.storyboard import load
from storyreel.vault import Vault, open_vault


@dataclass(frozen=True)
class Reading:
    """
    A storyboard that was read, checked and planned, with what is to be done about it.

    Args:
        settings: Those of this process, but for what was given instead.
        only: Scenes that may be bought, by id; all if empty.
        redo: Steps that are to be made again, by id.
        budget_ticks: What a person said that it may cost; None if nobody did.
    """

    settings: Settings = field(repr=False)
    catalog: Catalog
    plan: Plan
    only: tuple[str, ...] = ()
    redo: frozenset[str] = frozenset()
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


def prepare(
    storyboard: str | Path,
    *,
    only: Sequence[str] = (),
    redo: Sequence[str] = (),
    budget: float | None = None,
    vault: str | None = None,
    out: str | Path | None = None,
    root: Path | None = None,
    given: Mapping[str, str] | None = None,
    check: Callable[[Reading], None] = lambda _: None,
    to_look: bool = False,
) -> Prepared:
    """
    Read a storyboard and all that goes with it, once.

    Args:
        storyboard: Path of the storyboard. Relative ones start in the settings' root.
        only: Scenes that may be bought; all if empty.
        redo: Steps or scenes to be made again.
        budget: US dollars that may be spent; None for what the storyboard says.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for films; else STORYREEL_OUT.
        root: Where relative paths start; else where the settings say.
        given: Texts that stand for those of the storyboard's variables, by their names.
        check: Given all but the vault, before that is opened: what it raises leaves no folder behind.
        to_look: Whether the vault is only looked at (`open_vault`).

    Raises:
        StoryboardError: The storyboard is wrong.
        SettingsError: Something else that was given is wrong.
        VaultError: The vault cannot be used.
    """
    settings = read_settings()
    settings = replace(settings, out=Path(out or settings.out), root=root or settings.root)
    catalog = load_catalog(settings.catalog)
    _, planned = read_plan(Path(storyboard), catalog, only, settings.root, given)
    reading = Reading(
        settings=settings,
        catalog=catalog,
        plan=planned,
        redo=steps_named(planned, redo),
        budget_ticks=None if budget is None else ticks_of(budget, "--budget"),
        only=tuple(only),
    )
    check(reading)
    address = vault_from(settings.root, vault or settings.vault)
    return Prepared(**vars(reading), vault=open_vault(address, cache=settings.cache, to_look=to_look))


def read_plan(
    storyboard: Path,
    catalog: Catalog,
    only: Sequence[str] = (),
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
) -> tuple[Storyboard, Plan]:
    """
    Read a storyboard and plan it. A relative path starts in `root`, and is told as it was given.

    Raises:
        StoryboardError: It is wrong.
        SettingsError: `only` names a scene that it does not have, or `given` a variable.
    """
    board = load(
        storyboard,
        catalog=catalog,
        measure=media.measure,
        measure_sound=media.measure_sound,
        root=root,
        given=given,
    )
    return board, plan(board, catalog, only=scenes_named(board, only))
