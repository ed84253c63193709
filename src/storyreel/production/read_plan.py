"""
Read a storyboard and plan it, where no vault is needed: `storyreel check` opens none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.errors import SettingsError
from storyreel.model.footage import Footage
from storyreel.model.plan import Plan
from storyreel.model.sound import SoundFile
from storyreel.model.storyboard import Storyboard
from storyreel.planning.steps import plan
from storyreel.production.selectors import films_named, refuse_unplanned, scenes_named
from storyreel.production.variant_names import check_names, names_for
from storyreel.storyboard import load_all


def several(storyboard: str | Path, board: Storyboard) -> SettingsError:
    """Return what is said where a storyboard is several films, and one is wanted."""
    names = ", ".join(board.variants)
    return SettingsError(f"{storyboard} is several films, and one is wanted here: say which with --variant ({names})")


def read_plans(
    storyboard: Path,
    catalog: Catalog,
    only: Sequence[str] = (),
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
    deliver: Sequence[str] = (),
    *,
    text: str | None = None,
) -> tuple[Plan, ...]:
    """
    Read a storyboard and plan each of its variants, in their order; where it has none, itself. A relative path starts in `root`,
    and is told as it was given.

    A variant that no name of `only` means is left out. `text` is read in the place of what the file has.

    Raises:
        StoryboardError: It is wrong.
        SettingsError: `only` names a scene that it does not have, `given` a variable, `variant` a variant, or `deliver` a film.
    """
    boards = load_all(
        storyboard,
        catalog=catalog,
        measure=_footage_of,
        measure_sound=_sound_of,
        text=text,
        root=root,
        given=given,
        variants=variant,
    )
    check_names(boards, "--only", only)
    meant = [(board, names_for(board, only)) for board in boards]
    return tuple(_planned(board, catalog, names, deliver) for board, names in meant if names or not only)


def _planned(board: Storyboard, catalog: Catalog, only: Sequence[str], deliver: Sequence[str]) -> Plan:
    planned = plan(board, catalog, only=scenes_named(board, only), deliver=films_named(board, deliver))
    refuse_unplanned(planned, only)
    return planned


def read_plan(
    storyboard: Path,
    catalog: Catalog,
    only: Sequence[str] = (),
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
    variant: Sequence[str] = (),
    deliver: Sequence[str] = (),
) -> tuple[Storyboard, Plan]:
    """
    Read one storyboard, or one variant of it, and plan it; all else is as with `read_plans`.

    Raises:
        SettingsError: It is several films, and none of them is named; or as with `read_plans`.
    """
    plans = read_plans(storyboard, catalog, only, root, given, variant, deliver)
    if len(plans) > 1:
        raise several(storyboard, plans[0].board)
    return plans[0].board, plans[0]


# What reads media is a third of all that a plan would load, and many storyboards are words alone.


def _footage_of(path: Path) -> Footage:
    from storyreel import media

    return media.measure(path)


def _sound_of(path: Path) -> SoundFile:
    from storyreel import media

    return media.measure_sound(path)
