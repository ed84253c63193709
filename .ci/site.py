"""What the site has beside the pages in `docs`: the changelog, and the files that pages point at outside of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
BESIDE = ("CHANGELOG.md", "storyboards/tram.yaml", "src/storyreel/catalog.toml")
"""Files outside of `docs` that pages point at."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the decisions by their titles, in their order, and the changelog."""
    pages = [f"decisions/{path.name}" for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert config.nav is not None
    config.nav[-1]["How it is built"] += [{"Decisions": pages}]
    config.nav.append({"Changes": "CHANGELOG.md"})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Take the files outside of `docs` along."""
    for name in BESIDE:
        files.append(File.generated(config, name, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: Any) -> str:
    """Have pages point at the files that were taken along: from where the site is, they lie in it."""
    if page.file.src_uri == "CHANGELOG.md":
        return markdown.replace("](docs/", "](")
    for name in BESIDE:
        if files.get_file_from_path(name) is not None:
            markdown = markdown.replace(f"](../../{name}", f"](../{name}").replace(f"](../{name}", f"]({name}")
    return markdown
