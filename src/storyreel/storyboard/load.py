"""
From a storyboard's file to a `Storyboard`: the order of the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.errors import StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.sound import SoundFile
from storyreel.model.storyboard import Storyboard
from storyreel.storyboard.build import resolve
from storyreel.storyboard.checks.shape import judge
from storyreel.storyboard.files import Folder
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.given_vars import lay_over
from storyreel.storyboard.sharing import lay_under
from storyreel.storyboard.text.file import read_text
from storyreel.storyboard.text.source import read_source


def load(
    path: Path,
    *,
    catalog: Catalog,
    measure: Callable[[Path], Footage],
    measure_sound: Callable[[Path], SoundFile] | None = None,
    text: str | None = None,
    root: Path = Path(),
    given: Mapping[str, str] | None = None,
) -> Storyboard:
    """
    Read a storyboard and check it whole: its words, its limits, its media, its continuity.

    Args:
        path: Of the file, as the user gave it; places in problems begin with it. Media are looked for beside it.

        catalog: What the service allows.

        measure: Says what a media file is; called once for each file that the storyboard names, raises `MediaError`
            for what is neither a picture nor a clip.

        measure_sound: Says what a sound is, in the same way; raises `WrongMedia` for what is none.

        text: The storyboard's text, where it is not to be read from `path`.

        root: Where a relative path starts, if not where this process is.

        given: Texts that stand for those of its variables, by their names, dotted for names within names.

    Raises:
        StoryboardError: Something is wrong; it has all problems, each with its place, in the order of the file.
        SettingsError: It has no variable of a name that is given.
    """
    source = read_source(read_text(path, root / path) if text is None else text, str(path))
    findings = Findings(source, catalog, Folder(root / path, measure, measure_sound))
    whole = lay_under(findings, path)
    if whole and given:
        findings.source = lay_over(findings.source, given)
    sheet = judge(findings)
    # Where a file that is used cannot be read, what it has is not missing.
    board = resolve(findings, sheet, path) if sheet is not None and whole else None
    if board is None or findings.problems:
        raise StoryboardError(findings.problems)
    return replace(board, given=tuple((given or {}).items()))
