"""What the site has beside the pages in `docs`: the changelog, the files that pages point at outside of it, and where lines are not broken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
BESIDE = ("CHANGELOG.md", "storyboards/tram.yaml", "src/storyreel/catalog.toml")
"""Files outside of `docs` that pages point at."""
STYLE = """\
.md-typeset td:first-child code, .md-typeset code .option { white-space: nowrap; }
"""
"""A name that a table is looked through for stands in one line, and so does an option: broken in two they are other words."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the decisions by their titles, in their order, and the changelog."""
    pages = [f"decisions/{path.name}" for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    config.extra_css.append("site.css")
    assert config.nav is not None
    config.nav[-1]["How it is built"] += [{"Decisions": pages}]
    config.nav.append({"Changes": "CHANGELOG.md"})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Take the files outside of `docs` along."""
    for name in BESIDE:
        files.append(File.generated(config, name, content=(ROOT / name).read_text(encoding="utf-8")))
    files.append(File.generated(config, "site.css", content=STYLE))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: Any) -> str:
    """Have pages point at the files that were taken along: from where the site is, they lie in it."""
    if page.file.src_uri == "CHANGELOG.md":
        return markdown.replace("](docs/", "](")
    for name in BESIDE:
        if files.get_file_from_path(name) is not None:
            markdown = markdown.replace(f"](../../{name}", f"](../{name}").replace(f"](../{name}", f"]({name}")
    return markdown


def on_page_content(html: str, **_: Any) -> str:
    """Keep each option in one line: a browser would break it behind its hyphens."""

    def whole(code: re.Match[str]) -> str:
        return re.sub(r"(?<![\w-])--[a-z][\w-]*", lambda option: f'<span class="option">{option[0]}</span>', code[0])

    return re.sub(r"<code>[^<]+</code>", whole, html)
