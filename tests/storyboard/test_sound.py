"""
What is heard is read from scenes, items and the cut, and what is wrong with it is told with the field, both values and what to do.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.model.sound import AS_IT_IS, OwnSound
from storyreel.model.storyboard import Storyboard

Read = Callable[[str], Storyboard]

BOARD = """
vars: {{lang: bell}}
scenes:
  - {{id: sea, prompt: Waves, duration: 6, {sea}}}
  - {{id: pier, prompt: Stones, duration: 4, {pier}}}
cut:
  order: [{order}]
  {cut}
"""


def board(sea: str = "", pier: str = "", order: str = "sea, pier", cut: str = "") -> str:
    return BOARD.format(sea=sea, pier=pier, order=order, cut=cut)


def music(words: str) -> str:
    return board(cut=f"music: [{{file: media/bed.wav, {words}}}]")


def test_an_item_says_anew_what_it_says_and_nothing_else(read: Read) -> None:
    """
    Field by field; a scene that stands twice is heard in each of its ways.
    """
    text = board(sea="sound: {gain_db: -6, duck: true}", order="sea, {scene: sea, sound: {gain_db: -12}}, pier")
    heard = [item.sound for item in read(text).cut]

    assert [OwnSound(gain_db=-6, duck=True), OwnSound(gain_db=-12, duck=True), AS_IT_IS] == heard


def test_what_is_laid_over_and_music_are_read_with_their_files(read: Read) -> None:
    """
    A name of a file is a template.
    """
    found = read(
        board(
            sea='voiceover: [{file: "media/{{ lang }}.wav", at: 5.5, gain_db: -2}], sounds: [{file: media/bell.wav, fade_in: 1}]',
            cut="music: [{file: media/bed.wav, to: sea, duck_db: -6, loop: true}]\n  loudness: -14",
        )
    )
    sea, pier = found.scenes
    voice, bell = sea.laid

    assert ("voiceover", 5.5, -2, 2.0) == (voice.kind, voice.at, voice.gain_db, voice.file.seconds)
    assert ("sounds", 0.0, 1) == (bell.kind, bell.at, bell.fade_in)
    assert () == pier.laid
    assert [(None, "sea", -6, True)] == [(each.first, each.last, each.duck_db, each.loop) for each in found.music]
    assert -14 == found.loudness


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (music("from: pier, to: sea"), ("from 'pier', shot 2", "to 'sea', shot 1", "write from: sea and to: pier")),
        (music("from: pear"), ("from 'pear'", "no scene has that id", "did you mean 'pier'?")),
        (music("to: pear"), ("to 'pear'", "no scene has that id", "did you mean 'pier'?")),
        (
            board(order="sea", cut="music: [{file: media/bed.wav, from: pier}]"),
            ("from 'pier'", "which the film does not show", "name one of sea"),
        ),
        (music("start: 31"), ("start is 31 s", "30 s long", "begin earlier")),
        (music("start: 30, loop: true"), ("start is 30 s", "nothing of it is left to loop", "begin earlier")),
        (music("start: 28, fade_in: 1, fade_out: 2"), ("fade_in 1 s and fade_out 2 s are 3 s", "2 s long", "shorter")),
        (music("to: sea, loop: true, fade_out: 7"), ("fade_out is 7 s", "6 s long", "shorter")),
        (music("duck_db: 6"), ("duck_db is 6", "from -60 to 0", "did you mean -6?")),
        (music("gain_db: 40"), ("gain_db is 40", "from -60 to 20")),
        (music("fade_in: -1"), ("fade_in is -1", "from 0 to 600")),
        (board(cut="loudness: 14"), ("loudness is 14", "from -40 to -8", "did you mean -14?")),
        (board(cut="loudness: -14 LUFS"), ("loudness is '-14 LUFS'", "a number of LUFS")),
        (board(cut="music: media/bed.wav"), ("music is 'media/bed.wav'", "write music: [{file: media/bed.wav}]")),
        (board(cut="music: [media/bed.wav]"), ("an item of `music` is a mapping", "'media/bed.wav'", "{file: ...}")),
        (board(sea="sounds: [{file: media/bell.wav, at: 6}]"), ("at is 6 s", "'sea' is 6 s long", "earlier")),
        (board(sea="sounds: [{file: media/bell.wav, at: 5.99}]"), ("at is 5.99 s", "6 s long: less than a frame", "earlier")),
        (
            board(sea="voiceover: [{file: media/bell.wav, at: 3}]", order="{scene: sea, start: 1, end: 5, speed: 2}, pier"),
            ("at is 3 s", "'sea' is 2 s long", "earlier"),
        ),
        (board(sea="sounds: [{file: media/bell.wav, at: -1}]"), ("at is -1", "0 or more")),
        (board(sea="sounds: [{file: media/bell.wav, fade_out: 3}]"), ("fade_out is 3 s", "2 s long", "shorter")),
        (board(sea="sound: {fade_in: 4, fade_out: 3}"), ("are 7 s", "'sea' is 6 s long", "shorter")),
        (board(sea="sound: {mute: true, gain_db: -6}"), ("`mute` is true", "`gain_db` is -6", "take one")),
        (
            board(sea="sound: {mute: true}", order="{scene: sea, sound: {fade_in: 1}}, pier"),
            ("`fade_in` changes nothing", "'sea' is mute (line 4)", "mute: false"),
        ),
        (board(sea="sounds: [{file: media/belt.wav}]"), ("no file 'media/belt.wav'", "did you mean 'media/bell.wav'?")),
        (board(sea="sounds: [{file: media/silence.txt}]"), ("'media/silence.txt' is no sound", "WAV is opened")),
        (board(sea="sounds: [{file: ../bell.wav}]"), ("'../bell.wav' leads out of the storyboard's folder", "copy")),
        (board(sea="sounds: [{file: media}]"), ("'media' is a folder", "name the file in it")),
        (board(sea="sounds: [{file: pipe}]"), ("'pipe' is no plain file", "name a file")),
        (board(sea='sounds: [{file: "{{ tongue }}.wav"}]'), ("tongue",)),
        (board(sea="sounds: [{at: 1}]"), ("'file' is missing", "add it")),
        (board(sea="volume: -6"), ("no 'volume' in a scene", "did you mean 'sound'?")),
        (board(sea="sound: {volume: -6}"), ("no 'volume' in a sound", "did you mean 'gain_db'?")),
        ("soundtrack: []\n" + board(), ("no 'soundtrack' in a storyboard",)),
        (board(cut="soundtrack: []"), ("no 'soundtrack' in the cut", "did you mean 'music'?")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_both_values_and_what_to_do(
    problems: Callable[[str], str], folder: Path, text: str, words: tuple[str, ...]
) -> None:
    """
    Before anything is bought.
    """
    os.mkfifo(folder / "pipe")
    told = problems(text)

    assert all(word in told for word in words), told


def test_a_sound_that_was_not_copied_whole_is_remarked_on(read: Read) -> None:
    """
    With how long it says it is, and how long it is; it is heard as far as it goes.
    """
    found = read(board(sea="voiceover: [{file: media/half.wav}]"))
    [note] = [note for note in found.notes if isinstance(note, Diagnostic) and note.code == "sound-not-whole"]

    assert "'media/half.wav' says that it is 4 s long, and has 2 s" in note.message
    assert "was most likely not copied whole" in note.message
    assert 2.0 == found.scenes[0].laid[0].file.seconds


def test_sound_buys_nothing(read: Read) -> None:
    """
    No request says anything of it: scenes are the same but for what is laid over them.
    """
    plain, heard = (read(board(sea=words)).scenes[0] for words in ("", "sound: {gain_db: -6}"))

    assert plain == heard
