"""
Draw a board's page as HTML: one file that asks no network, with its style, its script and its pictures inside.

What may run is named by its hash, and that is the one script that comes with storyreel. All else in the page is text: Jinja escapes
it, and what the script reads stands as JSON in which no character means anything to HTML.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from storyreel.delivery.page.board_page import BoardPage
from storyreel.delivery.page.films import FilmOnPage
from storyreel.delivery.page.index import Row
from storyreel.html_templates import html_template

ROOM = "storyreel.delivery.page"
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029'"}


def board_html(page: BoardPage) -> str:
    """Return a board's page as HTML."""
    data = {
        "slug": page.slug,
        "title": page.title,
        "service": page.service,
        "writable": page.writable,
        "films": [
            {"name": film.name, "label": film.label, "fps": film.fps, "seconds": film.seconds} for film in page.films
        ],
        "reviews": json.loads(page.reviews),
    }
    return html_template(ROOM, "board").render(
        page=page,
        policy=policy(served=page.served),
        style=asset("page.css"),
        script=asset("page.js"),
        data=in_html(data),
    )


def index_html(rows: Sequence[Row]) -> str:
    """Return the page that lists films and boards."""
    return html_template(ROOM, "index").render(rows=rows, style=asset("page.css"), script=asset("index.js"))


def films_html(films: Sequence[FilmOnPage]) -> str:
    """Return the page of films whose storyboard is not here."""
    return html_template(ROOM, "films").render(films=films, style=asset("page.css"))


def policy(*, served: bool, scripts: Sequence[str] = ("page.js",)) -> str:
    """
    Return the policy of a page: what it may run and load. Beside a file on disk clips are its neighbours; `'self'` means nothing to some
    browsers there.

    Args:
        served: Whether a server shows it, of which a desk's takes notes and approvals.
        scripts: What may run, by the names of our files.
    """
    here = "'self'" if served else "'self' file:"
    lines = [
        "default-src 'none'",
        "script-src " + " ".join(f"'{_hash(name)}'" for name in scripts),
        f"style-src '{_hash('page.css')}'",
        "img-src 'self' data:" if served else "img-src data: file:",
        f"media-src {here} data:",
        "connect-src 'self'" if served else "connect-src 'none'",
        "form-action 'self'" if served else "form-action 'none'",
        "base-uri 'none'",
    ]
    return "; ".join(lines)


def in_html(data: Any) -> Markup:
    """Return data as JSON that may stand in a `script` of HTML: nothing in it ends that, or begins anything else."""
    return Markup(json.dumps(data, ensure_ascii=False).translate(_ESCAPED))  # noqa: S704


@cache
def asset(name: str) -> Markup:
    """Return a file of ours that goes into the page as it is."""
    return Markup(files(ROOM).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704


@cache
def _hash(name: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(asset(name).encode()).digest()).decode("ascii")
