"""
The commands that the README and the docs show: which of them can be run here, and why the others cannot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [
    "README.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "decisions"),
]

NOT_HERE = {
    r"\bpip install|python3 -m venv": "from a package registry: CI installs it, tests/test_project.py builds the wheel",
    r"XAI_API_KEY=|storyreel (shoot|export) (?!.*--sandbox)": "with a key of the real API, or what stands for one: tests/walk plays that",
    r"^make |cat > \.env|^umask": "make and files of a checkout: CI runs `make test`, the demo is a test of its own",
    r"docker|pg_dump|pg_restore|c2patool|exiftool|\bnpm ": "programs that are not storyreel's; docker-compose.yml is checked by `docker compose config`",
    r"^export (PREFECT|AWS|STORYREEL_CAP|STORYREEL_C2PA|STORYREEL_VAULT)|STORYREEL_VAULT=s3:": "a server, a bucket, caps, a key of one's own: "
    "tests/operated, tests/vault and tests/delivery have each",
    r"\bprefect |storyreel (deploy|worker|sweep)|cd /studio": "a Prefect server of one's own: tests/operated/test_own_server.py runs the README's block",
    r"storyreel studio": "a desk stays open until Ctrl-C: tests/walk opens one",
    r"storyreel (films|sandbox --(port|fault)|watch\b(?!.*--once))": "it goes on until Ctrl-C: tests of its own have each",
    r"^curl ": "by hand, against a sandbox that stays open: tests/sandbox/test_http_other_clients.py runs them",
    r"aws s3|rsync": "copies by other tools: tests/vault/test_moved.py moves a vault in their order",
    r"storyreel resolve BOARD": "no answer is lost here: tests/cli/test_resolve.py",
    r"vault close": "the vault goes on being used here: tests/cli/test_vault_close.py",
}
"""Commands that are not run here, by what they look like, each with the reason."""

EXPORTED = re.compile(r"^export (STORYREEL_CAP|STORYREEL_C2PA)")


@dataclass(frozen=True)
class Command:
    """
    A command that a page shows.

    `shows` are the lines below it that it prints, `ends` is the exit code that its comment names.
    """

    page: str
    line: str
    shows: tuple[str, ...] = ()
    ends: int = 0

    @property
    def reasons(self) -> list[str]:
        """Why it is not run here; empty where it is."""
        return [reason for pattern, reason in NOT_HERE.items() if re.search(pattern, self.line)]


@dataclass(frozen=True)
class File:
    """A file that a page has its reader write."""

    name: str
    text: str


def told(page: str) -> Iterator[Command | File]:
    """Yield what a page has its reader do, in order: files to write (`title=` on a block), and commands."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for head, body in re.findall(r"^```(\S+(?: [^\n]*)?)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        if title := re.search(r'title="([^"]+)"', head):
            yield File(title[1], body)
        elif head == "console":
            yield from _console(page, body)
        elif head in ("sh", "bash"):
            yield from (_command(page, line, []) for line in body.splitlines() if line.strip())


def _console(page: str, body: str) -> Iterator[Command]:
    here = ""
    shown: list[str] = []
    end = None
    for line in [*body.splitlines(), "$ "]:
        if end is not None:  # within a document that the shell is handed
            end = None if line == end else end
        elif line.startswith("$ "):
            if here:
                yield _command(page, here, shown)
            here, shown = line[2:], []
            if "<<" in here:
                end = here.rpartition("<<")[2].strip()
        else:
            shown.append(line)


def _command(page: str, line: str, shown: list[str]) -> Command:
    plain, _, comment = line.partition("  #")
    code = re.search(r"ends with (\d+)", comment)
    return Command(page, plain.strip(), tuple(shown), int(code[1]) if code else 0)


def in_sentences(page: str) -> list[str]:
    """Return the commands of storyreel that a page names within its sentences and tables; a word in capitals stands for the reader's."""
    text = re.sub(r"^ *```.*?^ *```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    named = (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text))
    return [line for line in named if re.match(r"([A-Z_]+=\S+ )*storyreel (?!COMMAND)\S", line)]


def of_no_language(page: str) -> list[str]:
    """Return the first lines of blocks that hold commands and are not said to, so that nobody runs them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```([^\n]*)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    looks = re.compile(r"^ *(\$ |([A-Z_]+=\S+ )?storyreel [a-z])", re.MULTILINE)
    return [
        body.partition("\n")[0] for head, body in blocks if head not in ("console", "sh", "bash") and looks.search(body)
    ]


def commands() -> list[Command]:
    """Return every command that is shown anywhere."""
    return [each for page in PAGES for each in told(page) if isinstance(each, Command)]
