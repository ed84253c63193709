"""
What a film takes the place of under another name: `tram.mp4`, where it is handed over as `tram.mov` from now on.

Left there, it would be seen with the cut list, the sheet and the captions of the film that stands beside it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from storyreel.delivery.places import FilmFiles
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.finish import CONTAINERS
from storyreel.model.recipe import sha256_of


def replaced(files: FilmFiles) -> Path | None:
    """
    Return the film of another container that stands in the place of a film, as its cut list has it; None if there is none.

    A person's own file of such a name is not the one that the cut list is of.

    Args:
        files: Where the film is to be, with the cut list of what was there before.
    """
    with suppress(OSError, ValueError, RecursionError):
        fields = json.loads(read_plain(files.cut_list, WORDS_MOST))
        for path in [files.film.with_suffix(end) for end in CONTAINERS if end != files.film.suffix]:
            if isinstance(fields, dict) and fields.get("film") == path.name and fields.get("sha256") == sha256_of(path):
                return path
    return None
