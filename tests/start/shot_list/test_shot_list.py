"""
A list of shots becomes a storyboard as a person would have written it; what cannot be taken is told with its row and column.
"""

import json
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.cli.app import app
from storyreel.errors import SettingsError
from storyreel.model.storyboard import Storyboard
from storyreel.start.names import project_name
from storyreel.start.project import load_board
from storyreel.start.shot_list import ShotList, board_of, check_board, read_shots, read_table


def listed(folder: Path, content: str | bytes, name: str = "shots.csv") -> ShotList:
    """Return the shots of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_shots(path, read_table(path), load_catalog())


def board(folder: Path, shots: ShotList) -> Storyboard:
    """Return the storyboard that is written of shots, as it is loaded."""
    path = folder / "film.yaml"
    path.write_text(board_of(project_name("film"), "shots.csv", shots), encoding="utf-8")
    loaded = load_board(path, load_catalog())
    check_board(shots, loaded)
    return loaded[0]


def refusal(folder: Path, content: str | bytes, name: str = "shots.csv") -> str:
    """Return why a file is not taken."""
    with pytest.raises(SettingsError) as refused:
        listed(folder, content, name)
    return str(refused.value)


SPREADSHEET = """\ufeffsep=;
The Ferry;;;;;;
;;;;;;
Scene #;Shot;Shot Description;Camera;Dauer (s);Dialogue;Props;Notes
SCENE 1 - KITCHEN;;;;;;;
1;A;"Ana sits at the table; rain
on the window";slow push in;3,5;I know.;a cup;dusk
;B;She looks up.;;0:04;-;;
2;="007";She leaves.;;5 sec;;;
;="007";The door shuts.;;;;;
Total;;;;12,5;;;
"""


def test_a_list_becomes_what_a_person_would_have_written(tmp_path: Path):
    """
    Names of scenes and shots, the next whole seconds with the rest cut off, what is said as captions, the rest in the note.
    """
    shots = listed(tmp_path, SPREADSHEET)
    text = board_of(project_name("film"), "shots.csv", shots)
    scenes = text.partition("scenes:\n")[2]
    loaded = board(tmp_path, shots)

    assert scenes == (
        '  - id: scene-1-a\n    prompt: "Ana sits at the table; rain on the window. Slow push in."\n    duration: 4\n'
        '    trim: {end: 3.5}\n    say: "I know."\n    note: "dusk; Props: a cup"\n\n'
        '  - id: scene-1-b\n    prompt: "She looks up."\n    duration: 4\n\n'
        '  - id: scene-2-shot-007\n    prompt: "She leaves."\n    duration: 5\n\n'
        '  - id: scene-2-shot-007-2\n    prompt: "The door shuts."\n'
    )
    assert [4, 4, 5, 5] == [scene.duration for scene in loaded.scenes]
    assert () == loaded.notes
    assert (
        "no shots, and left out: row 4 (SCENE 1 - KITCHEN), row 9 (Total)",
        "what is in the columns Props stands in each scene's note",
        "named twice, so numbered: scene-2-shot-007 as scene-2-shot-007-2",
    ) == shots.notes


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_spreadsheet_in_any_country_is_read(tmp_path: Path, delimiter: str, encoding: str):
    """
    Delimiters and encodings are found out; where an encoding was guessed, that is told.
    """
    text = "\r\n".join(
        delimiter.join(row) for row in (("Nr", "Beschreibung"), ("10", "Ein Mädchen läuft"), ("20", "Été"))
    )
    shots = listed(tmp_path, text.encode(encoding))

    assert [("shot-10", "Ein Mädchen läuft."), ("shot-20", "Été.")] == [(shot.id, shot.prompt) for shot in shots.shots]
    assert (encoding == "cp1252") == any("Windows-1252" in note for note in shots.notes)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("4", 4), ("4.0", 4), ("2,5", 2.5), ("4s", 4), ('4"', 4), ("~4 sec", 4), ("0:04", 4), ("00:00:04", 4)),
        *(("00:00:04:12", 4.5), ("0:02.5", 2.5), ("", None), ("-", None), ("n/a", None), ("TBD", None)),
    ],
)
def test_a_duration_is_read_as_people_write_it(tmp_path: Path, written: str, seconds: float | None):
    """
    Seconds, with a comma or a point, a clock's, a timecode's; nothing is the default.
    """
    (shot,) = listed(tmp_path, json.dumps([{"action": "A man.", "duration": written}]), "shots.json").shots

    assert seconds == (None if shot.seconds is None else float(shot.seconds))
    assert board(tmp_path, ShotList((shot,))).scenes[0].duration == (5 if seconds is None else -(-seconds // 1))


@pytest.mark.parametrize(("column", "written"), [("Duration (frames)", "60"), ("Length (min)", "0,05"), ("ms", "2500")])
def test_a_column_may_count_something_else(tmp_path: Path, column: str, written: str):
    """
    Frames, minutes, milliseconds, where its name says so.
    """
    if column == "ms":
        column = "duration (ms)"
    (shot,) = listed(tmp_path, f'Description;{column}\nA man.;"{written}"\n').shots

    assert {"60": 2.5, "0,05": 3, "2500": 2.5}[written] == float(shot.seconds or 0)


def test_all_that_cannot_be_taken_is_told_with_its_row_and_column(tmp_path: Path):
    """
    At once, as a check does, and nothing is made of the rest.
    """
    told = refusal(
        tmp_path,
        "Shot,Description,Duration\n1,A café,5\n2,,3\n3,B,soon\n4,C,22\n5,D,03-May\n6,#REF!,2\n7,E,0\n".encode(
            "cp1252"
        ),
    )

    assert [
        "row 3, column Description: is empty; say what is seen, or take the row out",
        "row 4, column Duration: 'soon' is no duration; write seconds, as in 4 or 2.5, or 0:04",
        "row 5, column Duration: 22 s; a clip has 1 to 15 s: split it, or extend it later with `then`",
        "row 6, column Duration: '03-May' is no duration; that looks like a day; have the spreadsheet show it as text",
        "row 7, column Description: the spreadsheet has an error there, #REF!",
        "row 8, column Duration: 0 s; a clip has 1 to 15 s: leave it empty for the default",
    ] == [line.strip() for line in told.splitlines()[1:]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no column that says what is seen"),
        ("a,b\n1,2\n", "no column that says what is seen.*the first row has a, b"),
        ("Description\n", "has no shots"),
        (b"PK\x03\x04...", "is a workbook; save the sheet"),
        (b"\xd0\xcf\x11\xe0...", "is a workbook"),
        (b"Description\n\x81\x00\n", "is no text in UTF-8"),
        ("Shot,Description\n1,A man, running\n", "row 2 has a cell more than there are columns, 'running'"),
        ("Description\n" + "A man.\n" * 2001, "2001 rows; 2000 are the most"),
        ("Description," + ",".join(map(str, range(201))) + "\nA man.\n", "202 columns; 200 are the most"),
        ("Shot,Description\n" + "1,A man, far\n" * 90, "row 41 has a cell.*\n  and 50 more$"),
        ('Shot,Description\n1,A man\n2,"B\n3,C\n', "row 3: a quote is opened in it and never closed.*begins 'B 3,C';"),
        ("Description,Dialogue\nA man.," + "a" * 5000 + "\n", "row 2, column Dialogue: 5000 characters come together"),
        ("Description,Duration\nA man.," + "9" * 5000 + "\n", "row 2, column Duration: '9{30}' is no duration"),
        ("Description,Duration\nA man.," + "9" * 39 + "\n", "row 2, column Duration: 1e\\+39 s; a clip has"),
        ("Description,Duration\nA man.,0:04." + "9" * 5000 + "\n", "row 2, column Duration: .* is no duration"),
        ('[{"description": "A", "duration": ' + "9" * 5000 + "}]", "item 1, column duration: '9{30}' is no duration"),
        ('[{"description": ' + "[" * 500 + "]" * 500 + "}]", "item 1: lists in lists, more than 10 deep"),
        ('[{"description": "A", "description": "B"}]', "'description' stands twice in one item"),
        (f"{'X' * 3000},b\n1,2\n", "the first row has X{40}…, b"),
        ('Description\n"' + "a" * 5000 + '"\n', "row 2, column Description: 5001 characters come together; 4096"),
        ('Description\n"' + "a" * 200_000 + '"\n', "cannot be read as CSV"),
        ("[1, 2]", "is no list of shots"),
        ('{"title": "x"}', "is no list of shots"),
        ("[" * 100_000, "is no JSON"),
        ('[{"a": 1}]', "no key that says what is seen"),
        ("[]", "has no shots"),
    ],
)
def test_what_is_no_list_of_shots_is_refused_with_what_to_do(tmp_path: Path, content: str | bytes, told: str):
    """
    Workbooks, pictures, other tables, texts without end.
    """
    import re

    assert re.search(told, refusal(tmp_path, content), re.DOTALL)


def test_columns_that_say_nothing_are_no_columns(tmp_path: Path):
    """
    A sheet is as wide as its widest cell once was: without a name and without content there is nothing to count, or to tell of.
    """
    wide = "," * 5000
    shots = listed(tmp_path, f",Shot,Description,,kept{wide}\n,1,A man.,,{wide}\n,2,A dog.,low,{wide}\n")

    assert ["", "column 4: low"] == [shot.note for shot in shots.shots]
    assert ("what is in the columns column 4 stands in each scene's note",) == shots.notes


def test_a_quote_is_closed_in_the_delimiter_that_the_list_has(tmp_path: Path):
    """
    Read with another one it may seem open, which is nobody's matter.
    """
    shots = listed(tmp_path, 'Shot,Description\n1,"He says;""no"";"\n2,B man\n')

    assert ['He says;"no";', "B man."] == [shot.prompt for shot in shots.shots]


def test_what_is_spelt_with_what_nobody_sees_stays_as_it_is_spelt(tmp_path: Path):
    """
    Joiners are letters in Persian and in emoji; soft hyphens and marks of direction are gone, and leave no gap in a word.
    """
    shots = listed(
        tmp_path,
        "Description\n\u0645\u06cc\u200c\u062e\u0648\n\U0001f468\u200d\U0001f467 waves\nDo\u00adnau\u202e \u00a0x\n",
    )

    assert ["\u0645\u06cc\u200c\u062e\u0648.", "\U0001f468\u200d\U0001f467 waves.", "Donau x."] == [
        scene.prompt for scene in board(tmp_path, shots).scenes
    ]


def test_a_formula_is_told_as_one(tmp_path: Path):
    """
    It may be what somebody wants to say, and rarely is.
    """
    shots = listed(tmp_path, 'Description\n"=HYPERLINK(""x"",""A man"")"\nA dog.\n')

    assert ("begins with = as a formula does, and was taken as text: row 2",) == shots.notes


HOSTILE = (
    "{{ cast.x }} {% include '/etc/passwd' %} {# gone #}",
    '[[sandbox: failed]] it\'s "quoted" \\ and: # more',
    "- {a: b}",
    "&anchor *alias !!python/object",
    "=cmd|' /C calc'!A0",
    "ends with a backslash \\",
    "{" * 6 + "%" * 3,
    "a\u202eb\u2028c\u0000d\x1b[31m",
    "long " * 60 + "{{ x }} " * 20,
    "e\u0301 \U0001f3ac 日本",
    "true",
    "1e3",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_cell_holds_is_text(tmp_path: Path, text: str):
    """
    No template, no YAML, no command: the storyboard says the very words, in the prompt, the captions and the note.
    """
    shots = listed(
        tmp_path, json.dumps([{"shot": text, "action": text, "dialogue": text, "notes": text}]), "shots.json"
    )
    (scene,) = board(tmp_path, shots).scenes

    assert shots.shots[0].prompt == scene.prompt
    assert shots.shots[0].note == scene.note


def test_the_command_makes_a_project_of_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """
    A folder with the storyboard; where the list is wrong there is none.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shots.csv").write_text("Shot;Description;Duration\n1;A lighthouse.;2\n", encoding="utf-8")
    (tmp_path / "wrong.csv").write_text("Shot;Description;Duration\n1;A lighthouse.;99\n", encoding="utf-8")
    app(["new", "ferry", "--from", "shots.csv"], result_action="return_value")
    with pytest.raises(SettingsError, match="99 s"):
        app(["new", "other", "--from", "wrong.csv"], exit_on_error=False, result_action="return_value")
    with pytest.raises(SettingsError, match="leave one out"):
        app(
            ["new", "other", "--from", "shots.csv", "--template", "ad"],
            exit_on_error=False,
            result_action="return_value",
        )

    assert "made ferry/ferry.yaml, 1 scene; next:" in capsys.readouterr().out
    assert ["ferry", "shots.csv", "wrong.csv"] == sorted(path.name for path in tmp_path.iterdir())
    assert "A lighthouse." == load_board(tmp_path / "ferry" / "ferry.yaml", load_catalog())[0].scenes[0].prompt
