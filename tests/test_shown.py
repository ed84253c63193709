"""
What the README and the docs show can be typed as it stands there, and leads somewhere.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import MissingArgumentError

from storyreel.cli.app import app
from tests.shown import NOT_HERE, PAGES, ROOT, Command, File, commands, in_sentences, of_no_language, told

DECISIONS = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
RUN = sorted({each.page for each in commands() if not each.reasons})
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]*?)(?:#([^)\s]+))?\)")


def words_of(line: str) -> list[list[str]]:
    """Return the words of each storyreel command in a line, without what a shell makes of the rest of it."""
    lexer = shlex.shlex(re.sub(r"\$\([^)]*\)", "X", line), posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    every: list[list[str]] = [[]]
    redirected = False
    for word in lexer:
        if set(word) <= set("();<>|&"):
            redirected = "<" in word or ">" in word
            if redirected and every[-1][-1:] in (["1"], ["2"]):
                every[-1].pop()
            elif not redirected:
                every.append([])
        elif not redirected:
            every[-1].append(word)
    within = [words for inner in re.findall(r"\$\(([^)]*)\)", line) for words in words_of(inner)]
    return [words[words.index("storyreel") + 1 :] for words in every if "storyreel" in words] + within


def parse(line: str) -> None:
    """Have the program take the words of each command in a line, and do nothing."""
    for words in words_of(line):
        with contextlib.redirect_stdout(io.StringIO()):
            app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("line", sorted({each.line for each in commands() if words_of(each.line)}))
def test_every_command_that_is_shown_has_its_options(line: str):
    """
    Options and arguments of each are as the program takes them, also of those that are not run here.
    """
    parse(line)


@pytest.mark.parametrize("page", [page for page in PAGES if in_sentences(page)])
def test_commands_in_sentences_are_commands(page: str):
    """
    Each is there, and has the options that it is named with; what it is used on may be left out.
    """
    for line in in_sentences(page):
        with contextlib.suppress(MissingArgumentError):
            parse(line)


@pytest.mark.parametrize("page", PAGES)
def test_commands_stand_in_blocks_of_commands(page: str):
    """
    Else nobody would run them: in a block of no language, say.
    """
    assert [] == of_no_language(page)


def test_what_is_not_run_here_stands_in_one_list(request: pytest.FixtureRequest):
    """
    Under 15 reasons, each of some command; all else is run as it stands.
    """
    shown = commands()
    reasons = {reason for each in shown for reason in each.reasons}

    assert reasons == set(NOT_HERE.values())
    assert 15 > len(NOT_HERE)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and request.config.getoption("markexpr") == "long":
        reporter.write_line(
            f"{sum(not each.reasons for each in shown)} of {len(shown)} commands of the docs are run. Not here:"
        )
        for reason in NOT_HERE.values():
            reporter.write_line(f"  {reason}")


test_what_is_not_run_is_printed_by_the_long_tests = pytest.mark.long(test_what_is_not_run_here_stands_in_one_list)


def anchors(path: Path) -> set[str]:
    """Return where a page can be pointed at: its headings, as a forge and the site name them."""
    heads = re.findall(
        r"^#+ (.+)$",
        re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE),
        re.MULTILINE,
    )
    plain = [re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", head)).strip().lower() for head in heads]
    return {re.sub(r"\s", "-", head) for head in plain}


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_no_link_is_dead(page: str):
    """
    Each leads to a file that is there, and to a heading that it has.
    """
    path = ROOT / page
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    dead = []
    for to, anchor in LINK.findall(text):
        target = (path.parent / to) if to else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(f"{to}#{anchor}" if anchor else to)

    assert [] == dead


def test_every_page_stands_in_the_navigation_of_the_site():
    """
    Whoever writes a page lists it in `.ci/site.yml`; the decisions list themselves.
    """
    listed = set(re.findall(r"([\w./-]+\.md)$", (ROOT / ".ci/site.yml").read_text(encoding="utf-8"), re.MULTILINE))

    assert {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")} == listed


@pytest.fixture(scope="session")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the example storyboards lie and one of them is shot: pages begin with a copy of it."""
    folder = tmp_path_factory.mktemp("shown") / "begun"
    shutil.copytree(ROOT / "storyboards", folder / "storyboards")
    (folder / "own.toml").write_text("", encoding="utf-8")
    (folder / "shots.csv").write_text("scene,prompt\ncoast,A lighthouse at dusk.\n", encoding="utf-8")
    run(folder, "storyreel shoot storyboards/lighthouse.yaml --sandbox")
    return folder


def run(folder: Path, line: str, ends: int = 0) -> str:
    """Run a command as a person types it, and return what it said."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home/config"),
            "XDG_DATA_HOME": str(folder / "home/data"),
            "XDG_STATE_HOME": str(folder / "home/state"),
            "XDG_CACHE_HOME": str(folder / "home/cache"),
            "PREFECT_HOME": str(folder / "home/prefect"),
            "BROWSER": "true",
            "STORYREEL_SANDBOX_LATENCY": "0",
            "STORYREEL_POLL": "0.05",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == ends, f"{line}\n{done.stdout}"
    return done.stdout


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_run_in_its_order(page: str, shot: Path, tmp_path: Path):
    """
    Each in one folder, with the files that the page has its reader write; what stands below a command is what it says.
    """
    folder = tmp_path / "here"
    shutil.copytree(shot, folder, symlinks=True)
    for each in told(page):
        if isinstance(each, File):
            (folder / each.name).write_text(each.text, encoding="utf-8")
            continue
        if each.reasons:
            continue
        if board := missing_board(each, folder):
            shutil.copytree(folder / "storyboards", folder, dirs_exist_ok=True)
            assert (folder / board).exists(), each.line
        said = run(folder, each.line, each.ends)
        if page.startswith(("docs/how-to", "docs/tutorial")):
            flat = " ".join(said.split())
            assert [] == [line for line in each.shows if " ".join(line.split()) not in flat], said


def missing_board(command: Command, folder: Path) -> str:
    """Return the storyboard of a command that pages speak of as the reader's own, where it is not there."""
    named = [word for word in command.line.split() if word.endswith(".yaml") and "/" not in word]
    return next((word for word in named if not (folder / word).exists()), "")


@pytest.mark.long
def test_the_site_is_built_without_a_network(tmp_path: Path):
    """
    All pages, nothing dead in them, and nothing that a reader's browser would fetch from elsewhere.
    """
    site = tmp_path / "site"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--config-file",
            ".ci/site.yml",
            "--site-dir",
            str(site),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "NO_MKDOCS_2_WARNING": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    fetched = re.compile(
        r"<(?:script|img|iframe|source)[^>]* src=\"?https?:|<link[^>]* rel=\"?(?:stylesheet|preconnect|icon)[^>]*https?:"
    )
    assert [] == [str(page) for page in site.rglob("*.html") if fetched.search(page.read_text(encoding="utf-8"))]
