"""
What a person reads: the whole screen of each command, and its data.
"""

import functools
import inspect
import io
import json
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import validate
from rich.console import Console
from rich.text import Text

from storyreel.cli.app import COMMANDS, LISTED, app
from storyreel.cli.errors import at_the_rim
from storyreel.cli.render import broken, print_table

DOCS = Path(__file__).parents[2] / "docs"
BOARD = """
title: Small
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
    then:
      - extend: "The lamp flares."
        duration: 2
  - id: stair
    image: {last_frame_of: coast}
    prompt: "A stair."
"""


@pytest.fixture
def small(place: Path) -> Path:
    """Return a storyboard in an empty folder."""
    board = place / "small.yaml"
    board.write_text(BOARD)
    return board


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    returncode: int


def storyreel(*args: object, cwd: Path | None = None) -> Done:
    """Run a command in this process: to start one for each takes a second."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), chdir(cwd or "."):
        code = at_the_rim(lambda: app([*map(str, args)], exit_on_error=False, print_error=False))
    return Done(out.getvalue(), err.getvalue(), code)


def test_a_plan_is_a_screen(small: Path):
    """
    Each step with what a run would do, its new seconds, its price and the reason; then the sum.
    """
    told = storyreel("plan", small.name, cwd=small.parent)

    assert told.stdout.replace(str(small.parent), "") == (
        "Small  6 s, 2 scenes\n"
        "vault: /vault, which is new and empty: nothing can be reused\n"
        "  step            seconds  to buy  why\n"
        "+ coast/video           2  $0.100  never shot\n"
        "+ coast/extend-1        2  $0.200  follows coast/video (adds 2 s, 4 s are billed; a new scene from its last frame: "
        "$0.102)\n"
        "  coast in all          4  $0.300\n"
        "+ stair/video           2  $0.102  follows coast/extend-1\n"
        "  -------------------------------\n"
        "  in all                6  $0.402\n"
        "+ buy\n"
        "to buy: 3 requests, $0.402   reused: 0, $0.00 saved   (the real API)\n"
    )
    assert told.returncode == 0


def test_a_plan_says_on_which_frame_a_scene_begins(small: Path):
    """
    On the screen and as data.
    """
    small.write_text(BOARD.replace("last_frame_of: coast", "frame_of: coast, at: 3.5"))

    screen = storyreel("plan", small.name, cwd=small.parent).stdout
    data = json.loads(storyreel("plan", small, "--json").stdout)

    assert "+ stair/video           2  $0.102  follows coast/extend-1; begins on coast at 3.5 s\n" in screen
    assert [None, None, {"scene": "coast", "at": 3.5}] == [step["begins_on"] for step in data["steps"]]
    validate(data, json.loads((DOCS / "plan.schema.json").read_text()))


def test_a_plan_is_data(small: Path):
    """
    The data of a plan keep to the schema in the docs, and say what would be bought.
    """
    told = json.loads(storyreel("plan", small, "--json").stdout)
    validate(told, json.loads((DOCS / "plan.schema.json").read_text()))

    totals = {"steps": 3, "buy": 3, "reuse": 0, "usd": 0.402, "saved_usd": 0, "at_risk_usd": 0, "seconds": 6}
    assert told["totals"] == totals
    assert [step["outlook"] for step in told["steps"]] == ["buy", "follows", "follows"]


def test_a_plan_shows_what_is_drawn_as_free(small: Path):
    """
    A card is no step and is not bought; it has its seconds and its words, on the screen and in the data.
    """
    small.write_text(BOARD + '  - {id: end, card: {text: "The\\nEnd"}, duration: 2.5}\n')
    screen = storyreel("plan", small.name, cwd=small.parent).stdout
    told = json.loads(storyreel("plan", small, "--json").stdout)
    validate(told, json.loads((DOCS / "plan.schema.json").read_text()))

    assert ["end", "drawn:", "The", "End,", "free"] in [line.split() for line in screen.splitlines()]
    assert "to buy: 3 requests" in screen
    assert [None, None, "card"] == [shot["drawn"] for shot in told["cut"]]
    assert 8.5 == told["totals"]["seconds"]


@pytest.mark.parametrize(("old", "new", "ok"), [("", "", True), ("duration: 2, ", "duration: 20, ", False)])
def test_a_check_is_data(small: Path, old: str, new: str, ok: bool):
    """
    The data of a check keep to the schema in the docs, whether the board is right or not.
    """
    small.write_text(BOARD.replace(old, new))
    done = storyreel("check", small, "--json")
    told = json.loads(done.stdout)
    validate(told, json.loads((DOCS / "check.schema.json").read_text()))

    assert told["ok"] is ok
    assert done.returncode == (0 if ok else 2)


def test_a_wrong_board_is_told_where_and_what_to_do(small: Path):
    """
    Place, line with caret, remedy; exit code 2; nothing on standard output.
    """
    small.write_text(BOARD.replace("last_frame_of: coast", "last_frame_of: cost"))
    told = storyreel("check", small.name, cwd=small.parent)

    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith("small.yaml:11:28: ")
    assert "did you mean 'coast'?" in told.stderr
    assert told.stderr.endswith("1 problem; nothing was sent.\n")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        pytest.param(("plan", "nowhere.yaml"), "nowhere.yaml", id="no-such-file"),
        pytest.param(("plan", "small.yaml", "--only", "cost"), "did you mean 'coast'", id="no-such-scene"),
        pytest.param(("plan", "small.yaml", "--redo", "coast/extend-2"), "coast/extend-1", id="no-such-step"),
        pytest.param(("shoot", "small.yaml"), "XAI_API_KEY", id="no-key-and-no-terminal"),
        pytest.param(("shoot", "small.yaml", "--sandbocks"), "--help", id="no-such-flag"),
        pytest.param(("shoot", "small.yaml", "--sandbox", "--budget", "much"), "budget", id="no-such-number"),
        pytest.param(("shoot", "small.yaml", "--sandbox", "--budget", "-1"), "budget", id="no-such-budget"),
        pytest.param(("plan", "small.yaml", "--vault", "ftp://x/y"), "vault", id="no-such-vault"),
        pytest.param(("sandbox", "--fault", "bad"), "no fault 'bad'", id="no-such-fault"),
    ],
)
def test_what_was_typed_wrong_is_told(small: Path, args: tuple[str, ...], says: str):
    """
    A slip on the command line is told at once, in one short message without a traceback; exit code 2 (5 for a vault).
    """
    told = storyreel(*args, cwd=small.parent)

    assert told.returncode in (2, 5)
    assert told.stdout == ""
    assert says in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("command", ["check", "plan", "why", "shoot", "sandbox", "watch", "status", "costs"])
def test_every_command_has_help_with_an_example_and_a_line_in_the_readme(command: str):
    """
    Nobody has to guess how a command is called.
    """
    told = storyreel(command, "--help").stdout
    readme = (DOCS.parent / "README.md").read_text()

    assert f"storyreel {command}" in told
    assert "Example" in told
    assert f"storyreel {command} " in readme or f"`storyreel {command}`" in readme


def test_to_plan_never_loads_prefect_nor_a_client(small: Path):
    """
    Prefect takes seconds to load, and a plan is wanted at once.
    """
    code = (
        "import sys; from storyreel.cli.app import app; app(['plan', sys.argv[1]], result_action='return_value');"
        "print(sorted({'prefect', 'httpx', 'starlette', 'av'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code, str(small)], capture_output=True, text=True, check=True)

    assert told.stdout.endswith("[]\n")


def test_a_plan_that_is_long_is_printed_to_its_end_and_its_code_is_told(tmp_path: Path):
    """
    What ends at once, without taking itself apart, has printed all of it before, into a pipe as well.
    """
    scenes = "".join(f'  - {{id: s{number}, prompt: "Scene {number}."}}\n' for number in range(300))
    (tmp_path / "long.yaml").write_text(f"scenes:\n{scenes}")
    (tmp_path / "wrong.yaml").write_text("scenes: []\n")
    words = [sys.executable, "-m", "storyreel", "plan"]

    told = subprocess.run([*words, "long.yaml"], cwd=tmp_path, capture_output=True, text=True, check=True)
    wrong = subprocess.run([*words, "wrong.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "+ s299/video" in told.stdout
    assert "to buy: 300 requests" in told.stdout
    assert (wrong.returncode, "wrong.yaml:1" in wrong.stderr) == (2, True)


def test_the_list_of_commands_says_what_each_is_for_and_loads_none_of_them(place: Path):
    """
    Whoever only asks what there is has it at once.
    """
    code = (
        "import sys, runpy; sys.argv = ['storyreel', '--help']\n"
        "try: runpy.run_module('storyreel')\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith(('storyreel.production', 'storyreel.cli.'))))\n"
        "print(sorted({'asyncio', 'pydantic', 'jinja2', 'httpx', 'prefect', 'markdown_it'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    listed, (rooms, others) = done.stdout, done.stdout.splitlines()[-2:]

    assert all(f" {command} " in listed for command in COMMANDS)
    assert "Check a storyboard: every problem at once" in listed
    assert ("['storyreel.cli.app', 'storyreel.cli.errors']", "[]") == (rooms, others)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_is_for_as_the_list_does(command: str):
    """
    The list is written apart from the commands, so that it need not load them.
    """
    called = app[command].default_command
    own = (inspect.getdoc(called) or "").split("\n\n")[0] if called is not None else app[command].help

    assert " ".join(own.split()) == next(listed[command] for listed in LISTED.values() if command in listed)


SENTENCE = "face/video: moderated, request e07b4880-1964-44f4-8cc2-447d58bd30f6: withheld; change its prompt"


@pytest.mark.parametrize(
    ("text", "terminal", "lines"),
    [
        (
            SENTENCE,
            True,
            [
                "face/video: moderated, request",
                "  e07b4880-1964-44f4-8cc2-447d58bd30f6:",
                "  withheld; change its prompt",
            ],
        ),
        (SENTENCE, False, [SENTENCE]),
        (f"{SENTENCE}: storyreel shoot x.yaml --redo face", True, [f"{SENTENCE}: storyreel shoot x.yaml --redo face"]),
    ],
    ids=["at-a-terminal", "in-a-file", "with-a-command"],
)
def test_a_sentence_is_broken_between_words_and_what_is_copied_is_not(text: str, terminal: bool, lines: list[str]):
    """
    A person reads the one, and pastes the other into a shell.
    """
    console = Console(file=io.StringIO(), force_terminal=terminal, width=40)

    assert lines == broken(Text(text), console, "  ").plain.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_terminal_is_too_narrow_for_what_is_to_be_copied(width: int):
    """
    An id is whole in every table: on one line where it fits, else broken by the terminal alone.
    """
    pin = "pin: 0f9dff04-9d3c-4f7e-8a55-7d0be8a1c2d3"
    row = [*map(Text, ("a-scene-with-a-name/extend-12", "clip, used", "12 min", "$0.352")), Text(f"{pin}; and words")]
    console = Console(file=io.StringIO(), width=width)
    print_table(console, ("step", "state", "age", "price", "to choose it"), [row], numbers=("price",), last=len(pin))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]

    assert any(pin in line for line in lines)
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines)
    assert all(
        part in " ".join(" ".join(lines).split()) for part in ("a-scene-with-a-name/extend-12", "clip, used", "$0.352")
    )


@pytest.mark.parametrize(
    ("review", "says"),
    [
        ("before-video", "a run sends 2 requests for $0.04 first, and then waits until a person approves these stills"),
        ("before-final", "a run sends 4 requests for $0.344 first, and then waits until a person approves these clips"),
    ],
)
def test_a_plan_says_what_is_sent_before_a_person_is_asked(place: Path, review: str, says: str):
    """
    All requests count that come before the question, and not only those whose takes are looked at.
    """
    board = place / "small.yaml"
    board.write_text(
        f"""
review: {review}
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
cast: {{fox: {{description: a fox, references: [{{prompt: "A fox."}}, {{prompt: "Its tail."}}]}}}}
scenes:
  - id: coast
    references: [fox]
    prompt: "{{{{ ref.fox }}}} on a coast."
    then: [{{extend: "The lamp flares.", duration: 2}}]
"""
    )
    told = storyreel("plan", board.name, "--sandbox", cwd=place).stdout

    assert f"note: review: {says}: storyreel approve small.yaml --sandbox" in " ".join(told.split())


@functools.cache
def help_of(command: str) -> str:
    """Return what the help of a command says, in one line."""
    return " ".join(storyreel(*command.split(), "--help").stdout.split())


@pytest.mark.parametrize(
    "command",
    [name for name in (*COMMANDS, "vault check") if name not in ("shoot", "sandbox", "doctor", "vault")],
)
def test_only_what_buys_says_that_it_buys(command: str):
    """
    An option that several commands have says what it does in each: whoever only reads buys, makes and rehearses nothing.
    """
    for words in ("Buy for", "Make this scene", "Rehearse:"):
        assert words in help_of("shoot")
        assert words not in help_of(command)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        *(
            (name, 0)
            for name in ("check", "explain", "plan", "why", "takes", "resolve", "gc", "settings", "vault check")
        ),
        # Nothing is made yet that could be approved.
        ("approve", 2),
    ],
)
def test_an_example_runs_as_it_is_written(place: Path, storyboards: Path, command: str, code: int):
    """
    What a help text shows can be typed where the storyboards are.
    """
    example = app[command.split()[0]] if " " not in command else app["vault"]["check"]
    line = next(line for line in (example.help or "").splitlines() if line.strip().startswith("Example: storyreel"))
    (place / "storyboards").symlink_to(storyboards)
    done = storyreel(*line.split()[2:], cwd=place)

    assert (code, "Traceback" in done.stderr) == (done.returncode, False)
    if command == "approve":
        assert "make it first with: storyreel shoot storyboards/reviewed/mascot.yaml --sandbox" in done.stderr
