"""
What is said and how it is captioned is read from scenes and the cut, and what is wrong with it is told with the field, both values
and what to do.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.model.captions import Captioning, Say
from storyreel.model.storyboard import Storyboard
from storyreel.planning.steps import plan

Read = Callable[[str], Storyboard]

BOARD = """
vars: {{lang: pt, end: "Nobody waits."}}
scenes:
  - {{id: sea, prompt: Waves, duration: 6, {sea}}}
  - {{id: pier, prompt: Stones, duration: 4, {pier}}}
cut:
  order: [{order}]
  {cut}
"""


def board(sea: str = "", pier: str = "", order: str = "sea, pier", cut: str = "") -> str:
    return BOARD.format(sea=sea, pier=pier, order=order, cut=cut)


def said(*lines: str, order: str = "sea, pier") -> str:
    return board(sea=f"say: [{', '.join(f'{{{line}}}' for line in lines)}]", order=order)


def captions(words: str) -> str:
    return board(sea="say: Look!", cut=f"captions: {{{words}}}")


def notes(found: Storyboard) -> str:
    return "\n".join(f"{note.code}: {note.line}" for note in found.notes)


def test_a_text_or_a_list_with_seconds_is_said(read: Read) -> None:
    """
    Texts are templates. What has no duration lasts until the next, or to the clip's end.
    """
    found = read(
        board(
            sea='say: "{{ end }}"',
            pier='say: [{text: "{{ scene.id }}!", at: 0.5, duration: 1}, {text: b, at: 2}, {text: c, at: 3}]',
        )
    )
    sea, pier = found.scenes

    assert (Say("Nobody waits."),) == sea.say
    assert (Say("pier!", 0.5, 1.5), Say("b", 2.0, 3.0), Say("c", 3.0, 4.0)) == pier.say
    assert Captioning() == found.captions


def test_how_it_is_captioned_is_read_with_its_file(read: Read) -> None:
    """
    The language and the name of a file are templates; a language is written as BCP 47 has it.
    """
    found = read(
        board(
            sea="say: a",
            cut='captions: {burn: true, language: "{{ lang }}-br", file: media/lines.srt}\n  chapters: true',
        )
    )

    assert (True, "pt-BR", True) == (found.captions.burn, found.captions.language, found.chapters)
    assert found.captions.file is not None
    assert [(1.0, 3.0, ("Nobody waits", "for a tram like this."))] == [
        (each.start, each.end, each.lines) for each in found.captions.file.captions
    ]


def test_a_file_is_known_by_its_content(read: Read, folder: Path) -> None:
    """
    Wherever it lies.
    """
    (folder / "media/again.srt").write_bytes((folder / "media/lines.srt").read_bytes())
    one, again, other = (
        read(captions(f"file: media/{name}")).captions.file for name in ("lines.srt", "again.srt", "wide.srt")
    )

    assert one is not None
    assert again is not None
    assert other is not None
    assert one.sha256 == again.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (said("text: a, at: 6"), ("at is 6 s", "'sea' is 6 s long", "begin earlier")),
        (said("text: a, at: 5, duration: 2"), ("from 5 s to 7 s", "'sea' is 6 s long", "write duration: 1")),
        (said("text: a, at: 1, duration: 3", "text: b, at: 3"), ("at is 3 s", "from 1 s to 4 s", "before the next begins")),
        (said("text: a, at: 3", "text: b, at: 1"), ("at is 1 s", "from 3 s to 6 s", "in their order")),
        (said("text: a, at: -1"), ("at is -1", "0 or more")),
        (said("text: a, at: 1, duration: 0"), ("duration is 0", "above 0")),
        (said("text: a"), ("'at' is missing", "add it")),
        (said("at: 1"), ("'text' is missing", "add it")),
        (said("text: a, at: 1, end: 2"), ("no 'end' in an item of `say`", "did you mean 'duration'?")),
        (said('text: "", at: 1'), ("say is empty", "leave it out")),
        (board(sea='say: "{{ \'\' }}"'), ("say is empty", "leave it out")),
        (board(sea='say: "\\u2060"'), ("say is empty", "leave it out")),
        (board(sea="say: [Look!]"), ("an item of `say` is a mapping", "'Look!'", "{text: ..., at: ...}")),
        (board(sea="say: []"), ("the list of what is said is empty", "leave `say` out")),
        (board(sea="say: {text: a, at: 1}"), ("say is a mapping", "a list has an item a line")),
        (board(sea="say: 12"), ("say is the number 12", "in quotes")),
        (board(sea='say: "{{ ende }}"'), ("say knows no 'ende'", "did you mean 'end'?")),
        (board(sea="dialogue: a"), ("no 'dialogue' in a scene", "did you mean 'say'?")),
        (board(cut="subtitles: {burn: true}"), ("no 'subtitles' in the cut", "did you mean 'captions'?")),
        ("captions: {burn: true}\n" + board(), ("no 'captions' in a storyboard", "it belongs into `cut`")),
        (board(cut="chapters: 3"), ("chapters is 3", "true or false")),
        (captions("burn: yes"), ("burn is 'yes'", "write true")),
        (captions("language: portuguese"), ("language is 'portuguese'", "BCP 47", "did you mean 'pt'?")),
        (captions("language: pt_BR"), ("language is 'pt_BR'", "did you mean 'pt-BR'?")),
        (captions("language: xx"), ("language is 'xx'", "pt-BR")),
        (captions('language: ""'), ("language is empty",)),
        (captions("lang: pt"), ("no 'lang' in captions", "did you mean 'language'?")),
        (captions("file: media/line.srt"), ("no file 'media/line.srt'", "did you mean 'media/lines.srt'?")),
        (captions("file: ../lines.srt"), ("'../lines.srt' leads out of the storyboard's folder", "copy")),
        (captions("file: pipe"), ("'pipe' is no plain file", "name a file")),
        (captions("file: media"), ("'media' is a folder", "name the file in it")),
        (captions("file: refs/lamp.png"), ("'refs/lamp.png' is no file of captions", "SRT, VTT and ASS are read")),
        (captions("file: film.srt"), ("'film.srt' has 1 GB, and 4 MB are the most", "captions are words")),
        (captions("font: fonts/x.ttf"), ("`font` is fonts/x.ttf", "`burn` is false", "write burn: true")),
        (captions("burn: true, font: fonts/x.ttf"), ("no file 'fonts/x.ttf'",)),
        (captions("burn: true, font: media/bell.wav"), ("'media/bell.wav' is no font", ".ttf, .otf or .ttc")),
        (
            board(sea='say: "終わり"', cut="captions: {burn: true}"),
            ("missing-glyph", "no sign for '終' (U+7D42", "captions: {font: fonts/....ttf}"),
        ),
        (captions("burn: true, file: media/japanese.srt"), ("missing-glyph", "no sign for '終' (U+7D42")),
        (captions("file: media/late.srt"), ("first caption at 3601 s", "the film is 10 s long", "shift them")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_both_values_and_what_to_do(
    problems: Callable[[str], str], folder: Path, text: str, words: tuple[str, ...]
) -> None:
    """
    Before anything is bought.
    """
    os.mkfifo(folder / "pipe")
    with (folder / "film.srt").open("wb") as film:
        film.truncate(1_000_000_000)
    told = problems(text)

    assert all(word in told for word in words), told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            board(sea=f"say: {'x' * 150}"),
            ("captions-too-fast", "150 letters in 6 s are 25 a second", "20 can be read", "show it longer"),
        ),
        (
            board(sea=f"say: {'x' * 80}, speed: 2"),
            ("80 letters in 3 s are 27 a second",),
        ),
        (
            said(f"text: {'x' * 50}, at: 1, duration: 2"),
            ("50 letters in 2 s are 25 a second",),
        ),
        (
            said("text: a, at: 4, duration: 1", order="{scene: sea, end: 3}, pier"),
            ("caption-left-out", "from 4 s to 5 s", "the film shows 0 to 3 s of the clip", "left out"),
        ),
        (
            said("text: a, at: 4, duration: 1", order="{scene: sea, end: 3}, pier, {scene: sea, start: 5}"),
            ("from 4 s to 5 s", "0 to 3 s and 5 to 6 s"),
        ),
        (board(cut="captions: {burn: true}"), ("nothing-to-caption", "no scene has `say`", "no `file`")),
        (captions("file: media/marked.vtt"), ("captions-changed", "how captions look", "at 1 s", "left out")),
        (captions("file: media/wide.srt"), ("captions-too-large", "1 of 1 captions", "2 lines of 42", "1 of up to 69")),
    ],
)  # fmt: skip
def test_what_is_worth_a_thought_is_a_note(read: Read, text: str, words: tuple[str, ...]) -> None:
    """
    It stops nothing.
    """
    told = notes(read(text))

    assert all(word in told for word in words), told


def test_what_is_seen_in_another_shot_is_not_left_out(read: Read) -> None:
    """
    It goes with its seconds.
    """
    text = said("text: a, at: 4, duration: 1", order="{scene: sea, end: 3}, pier, {scene: sea, start: 4.5}")

    assert "" == notes(read(text))


def test_captions_after_the_films_end_are_left_out_with_a_note(read: Read, folder: Path) -> None:
    """
    Where some are before it: all of them after it are a mistake.
    """
    cues = "\n\n".join(f"00:00:0{at},000 --> 00:00:0{at + 1},000\nx" for at in (1, 6, 8))
    (folder / "media/long.srt").write_text(cues)
    told = notes(read(board(sea="say: a", order="sea", cut="captions: {file: media/long.srt}")))

    assert "2 captions after the film's end, the first at 6 s; the film is 6 s long" in told


def test_what_is_said_buys_nothing(read: Read, catalog: Catalog) -> None:
    """
    No request says anything of it, or of how it is captioned.
    """
    bare, worded = (
        plan(read(text), catalog).steps for text in (board(), board(sea="say: Look!", cut="captions: {burn: true}"))
    )

    assert bare == worded
