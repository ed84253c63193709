"""
More films of one storyboard: each field replaces the board's, and what is wrong with one is told at its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.errors import StoryboardError
from storyreel.model.captions import AS_USUAL
from storyreel.model.drawn import Framing
from storyreel.model.finish import AS_CUT
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Storyboard, Transition
from storyreel.storyboard import load

Read = Callable[[str], Storyboard]

BOARD = """
scenes:
  - {id: sea, prompt: Waves., say: Nobody waits.}
  - {id: pier, prompt: A pier., titles: [{text: Rua, at: 4}], fit: blur}
  - {id: card, card: {text: Nobodywaitsforatram, size: 8}, duration: 2}
  - {id: own, clip: media/endcard.mp4}
  - {id: door, image: refs/lamp.png, prompt: A door.}
  - {id: wide, prompt: A plain., aspect_ratio: "16:9"}
  - {id: on, image: {last_frame_of: door}, prompt: On.}
cut:
  order: [sea, pier, own]
  music: [{file: media/bed.wav, from: sea, to: pier}]
  captions: {language: en, file: media/lines.srt}
  close: fade-black
  loudness: -14
  chapters: true
  length: 17
"""


def films(read: Read, deliver: str, board: str = BOARD) -> dict[str, Storyboard]:
    """Return the films of a board by their names, the master's the empty one."""
    master = read(f"{board}deliver:\n{deliver}")
    return {each.delivery: each for each in (master, *master.deliveries)}


def problems(read: Read, text: str) -> list[str]:
    """Return what is told of a board: code, line, message and remedy."""
    try:
        read(text)
    except StoryboardError as error:
        return [f"{each.code} {each.place.line}: {each.sentence}" for each in error.problems]
    return []


def notes(board: Storyboard) -> list[str]:
    return [f"{each.code}: {each.message}" for each in board.notes]


# --- what a film has of its own -----------------------------------------------------------------------------------------


def test_a_film_without_words_of_its_own_is_the_master_once_more(read: Read):
    """
    But for `cut.length`, which is asked of the master alone.
    """
    film = films(read, "  again: {}\n")

    master, again = film[""], film["again"]
    assert (master.scenes, master.cut, master.music, master.captions) == (
        again.scenes,
        again.cut,
        again.music,
        again.captions,
    )
    assert (master.close, master.loudness, master.chapters) == (again.close, again.loudness, again.chapters)
    assert (17, None) == (master.length, again.length)
    assert AS_CUT == again.finish


def test_each_field_of_a_film_takes_the_place_of_that_of_the_board(read: Read):
    """
    Size, fit, order, end, loudness, chapters; what a scene says itself of how it is fitted stays.
    """
    film = films(
        read,
        '  square: {aspect_ratio: "1:1", resolution: 480p, fit: crop, order: [card, {scene: pier, end: 5}],\n'
        "    close: cut, loudness: -23, chapters: false}\n",
    )["square"]

    assert ("1:1", "480p") == (film.aspect_ratio, film.resolution)
    assert [("card", None), ("pier", 5)] == [(item.scene, item.end) for item in film.cut]
    assert (None, -23, False) == (film.close, film.loudness, film.chapters)
    assert (Framing("crop"), Framing("blur")) == (film.scene("sea").framing, film.scene("pier").framing)
    assert {"16:9"} == {scene.aspect_ratio for scene in film.scenes}


@pytest.mark.parametrize("off", ["off", "false", '"off"'])
def test_titles_music_and_captions_can_be_switched_off(read: Read, off: str):
    """
    `off` is a word to YAML 1.2, and whoever writes `false` means the same.
    """
    film = films(read, f"  clean: {{titles: {off}, music: {off}, captions: {off}}}\n")

    assert (1, 1, 1) == (
        len(film[""].scene("pier").titles),
        len(film[""].music),
        len(film[""].scene("sea").say),
    )
    clean = film["clean"]
    assert not any(scene.titles or scene.say for scene in clean.scenes)
    assert ((), AS_USUAL) == (clean.music, clean.captions)


def test_captions_are_laid_over_those_of_the_board_field_by_field(read: Read):
    """
    A film with an order of its own has what its scenes say, since the seconds of a file are those of another film.
    """
    film = films(
        read,
        "  burnt: {captions: {burn: true}}\n"
        "  short: {order: [sea]}\n"
        "  other: {order: [sea], captions: {file: media/marked.vtt}}\n",
    )

    how = {name: (each.captions.burn, each.captions.language, each.captions.file) for name, each in film.items()}
    file = film[""].captions.file
    assert file is not None
    assert (True, "en", file) == how["burnt"]
    assert (False, "en", None) == how["short"]
    assert "marked.vtt" == (how["other"][2] and how["other"][2].path.name)


@pytest.mark.parametrize(
    ("rate", "meant"),
    [("23.976", Fraction(24000, 1001)), ("25", Fraction(25)), ("29.97", Fraction(30000, 1001)), ("50.0", Fraction(50)),
     ("59.94", Fraction(60000, 1001))],
)  # fmt: skip
def test_a_film_is_handed_over_in_its_codec_and_at_its_rate(read: Read, rate: str, meant: Fraction):
    """
    Decimals stand for thousands over 1001.
    """
    finish = films(read, f"  editor: {{codec: prores, rate: {rate}, burn_in: true}}\n")["editor"].finish

    assert ("prores", meant, True, ".mov") == (finish.codec, finish.rate, finish.burn_in, finish.container)


def test_a_picture_lies_over_all_of_a_film_or_of_the_master(read: Read):
    """
    In a corner, as far as nothing else is said, and wholly seen.
    """
    film = films(
        read,
        "  master: {overlay: {file: refs/lamp.png, place: top-left, opacity: 0.5}, rate: 25, titles: off, fit: crop}\n"
        "  proof: {overlay: {file: refs/lamp.png}}\n",
    )

    master, proof = film[""].finish.overlay, film["proof"].finish.overlay
    assert master is not None
    assert proof is not None
    assert ("top-left", 0.5, "bottom-right", 1.0) == (master.place, master.opacity, proof.place, proof.opacity)
    assert (Fraction(25), None) == (film[""].finish.rate, film["proof"].finish.rate)
    # What is said of the master is of the master alone.
    assert (0, 1) == (len(film[""].scene("pier").titles), len(film["proof"].scene("pier").titles))
    assert ("crop", "pad") == (film[""].scene("sea").framing.fit, film["proof"].scene("sea").framing.fit)


MUSIC = """
scenes:
  - {id: a, prompt: A.}
  - {id: b, prompt: B.}
  - {id: c, prompt: C.}
  - {id: d, prompt: D.}
cut:
  order: [a, b, c]
  music: [{file: media/bed.wav, from: a, to: b}]
"""


@pytest.mark.parametrize(
    ("order", "span"),
    [
        ("[a, c, b, a]", ("a", "b")),
        ("[b, c]", ("b", "b")),
        ("[c, b, a, d]", ("b", "a")),
        ("[d, b, c, a, d]", ("b", "a")),
    ],
)
def test_music_lies_where_it_lies_in_the_master(read: Read, order: str, span: tuple[str, str]):
    """
    A film that lacks one of its scenes, or has them the other way round, has it from the first to the last shot of what the
    master has between them.
    """
    (bed,) = films(read, f"  other: {{order: {order}}}\n", MUSIC)["other"].music
    assert span == (bed.first, bed.last)


def test_a_film_without_any_of_its_scenes_is_without_that_music(read: Read):
    """
    Which is noted once, with the names of the films, and no error.
    """
    film = films(read, "  one: {order: [c, d]}\n  two: {order: [d]}\n  none: {order: [d], music: off}\n", MUSIC)

    assert ((), ()) == (film["one"].music, film["two"].music)
    assert [
        "music-left-out: in deliveries one, two: this film shows no scene from 'a' to 'b', so 'media/bed.wav' is left out"
    ] == notes(film[""])


def test_a_scene_that_the_master_does_not_show_is_shown_by_another_film(read: Read):
    """
    And begins it without the transition that it has after another scene, which is noted with the film's name.
    """
    board = BOARD.replace("prompt: On.", "prompt: On., transition: dissolve")
    film = films(read, "  other: {order: [on, door], music: off}\n  next: {order: [door, on], music: off}\n", board)

    assert (None, Transition("dissolve", 0.5)) == (film["other"].cut[0].transition, film["next"].cut[1].transition)
    assert [
        "transition-left-out: in delivery other: this scene begins the film, so its transition is left out"
    ] == notes(film[""])[-1:]


# --- bought again -------------------------------------------------------------------------------------------------------

AGAIN = '  vertical: {aspect_ratio: "9:16", regenerate: true, order: [sea, own, door, wide, on]'


def test_what_is_bought_again_has_the_ratio_and_what_is_not_is_noted_with_its_reason(read: Read):
    """
    Own footage, a file, a ratio of its own, and what goes on from one of these: all of it is fitted. The master has its own.
    """
    film = films(read, f"{AGAIN}, captions: off, music: off}}\n")

    ratios = {scene.id: scene.aspect_ratio for scene in film["vertical"].scenes}
    assert ("9:16", "16:9", "16:9") == (ratios["sea"], ratios["wide"], film[""].scene("sea").aspect_ratio)
    assert [
        (
            "not-regenerated: 'own' is own footage, 'door' begins with a file, 'wide' has an aspect_ratio of its own and 'on' goes on "
            "from 'door', which is not: they are not bought again for this film, and fitted into 9:16"
        )
    ] == [note for note in notes(film[""]) if "regen" in note]


def test_takes_of_what_is_bought_again_are_the_films_own(read: Read):
    """
    The board's takes and pins are of what was bought for the master.
    """
    board = BOARD.replace("prompt: Waves.", "prompt: Waves., take: 3").replace(
        "prompt: A pier.", "prompt: A pier., pin: abcdef"
    )
    film = films(read, f"{AGAIN}, scenes: {{pier: {{take: 2, pin: ghijkl}}}}}}\n", board)

    master, vertical = film[""], film["vertical"]
    assert [(3, None), (1, "abcdef")] == [(master.scene(each).take, master.scene(each).pin) for each in ("sea", "pier")]
    assert [(1, None), (2, "ghijkl")] == [
        (vertical.scene(each).take, vertical.scene(each).pin) for each in ("sea", "pier")
    ]
    assert len(BOARD.splitlines()) + 2 == vertical.scene("pier").place.line


def test_a_ratio_in_which_a_model_makes_nothing_is_told_where_the_film_has_it(folder: Path, catalog: Catalog):
    """
    Once, and only of what the film shows: of scenes, and of the stills that they begin with.
    """
    (folder / "a.yaml").touch()
    upright = {name: replace(model, aspect_ratios=("16:9",)) for name, model in catalog.video.items()}
    narrow = replace(catalog, video=upright, still_aspect_ratios=("16:9",))

    def told(order: str) -> list[str]:
        board = (
            "scenes:\n  - {id: a, prompt: A.}\n  - {id: b, prompt: B.}\n  - {id: c, image: {prompt: C.}, prompt: C.}\n"
        )
        film = f'deliver: {{up: {{aspect_ratio: "9:16", regenerate: true, order: [{order}]}}}}\n'
        card = "  - {id: d, card: {text: D}, duration: 1}\n"
        try:
            load(Path("a.yaml"), catalog=narrow, measure=lambda _: Footage(Path(), "", 1, 1), text=board + card + film)
        except StoryboardError as error:
            return [f"{each.place.line}: {each.sentence}" for each in error.problems]
        return []

    assert ["6: aspect_ratio is '9:16'; grok-imagine-video makes 16:9 (the nearest to it is 16:9)"] == told("a, b")
    assert ["6: aspect_ratio is '9:16'; stills are 16:9 (the nearest to it is 16:9)"] == told("c")
    assert [] == told("d")


# --- what is wrong ------------------------------------------------------------------------------------------------------

WRONG = [
    ('9:16: {fit: crop}', "wrong-name 19: '9:16' cannot be a name (names are lower-case letters, digits and hyphens, the first a letter; write film-9-16)"),
    ("Vertical: {fit: crop}", "wrong-name 19: 'Vertical' cannot be a name (names are lower-case letters, digits and hyphens, the first a letter; write vertical)"),
    ("rough: {fit: crop}", "taken-name 19: a film cannot be called 'rough': other files beside the films are (call it rough-film, say)"),
    ("a: 9:16", "wrong-value 19: a is '9:16'; it must be a mapping (write what it has of its own: a: {aspect_ratio: \"9:16\"})"),
    ("a:", "no-value 19: 'a' has no value (give it one, or take the key away)"),
    ('a: {aspect_ratio: "9:17"}', "ratio-not-offered 19: aspect_ratio is '9:17'; a film is 16:9, 9:16, 1:1, 4:3, 3:4, 3:2, 2:3, 21:9 or 5:2 (the nearest to it is 9:16)"),
    ("a: {resolution: 4k}", "resolution-not-offered 19: resolution is '4k'; a film is 480p, 720p or 1080p (choose one of these)"),
    ('a: {regenerate: yes, aspect_ratio: "9:16"}', "wrong-value 19: regenerate is 'yes'; it must be true or false (write true)"),
    ("a: {regenerate: true}", "nothing-to-regenerate 19: regenerate is true, and this film has no `aspect_ratio` of its own; the storyboard's is 16:9: nothing would be bought again (write the aspect_ratio in which scenes are to be bought again, or take `regenerate` away)"),
    ('a: {regenerate: true, aspect_ratio: "16:9"}', "nothing-to-regenerate 19: regenerate is true, and this film has aspect_ratio 16:9; the storyboard's is 16:9: nothing would be bought again (write the aspect_ratio in which scenes are to be bought again, or take `regenerate` away)"),
    ("a: {fit: stretch}", "wrong-value 19: fit is 'stretch'; it must be pad, crop or blur (write pad or crop or blur)"),
    ("a: {order: [sea, peir]}", "unknown-scene 19: the order names 'peir', and no scene has that id (did you mean 'pier'?  (scenes: sea, pier, card, own, door, wide, on))"),
    ("a: {order: []}", "empty-list 19: the order names no scene (leave it out to show all scenes as listed)"),
    ("a: {order: sea}", "wrong-value 19: order is 'sea'; it must be a list of scene ids, or of {scene: ..., start: ..., end: ...} (write order: [sea])"),
    ("a: {order: [{scene: sea, start: 7}]}", "trim-outside 19: start is 7 s, and the clip of 'sea' is 6 s long (begin earlier)"),
    ("a: {order: [{scene: sea, transition: dissolve}]}", "transition-at-an-end 19: nothing is shown before this, so there is nothing to dissolve from (take fade-black or fade-white, or leave it out)"),
    ("a: {order: [{scene: pier, end: 2}]}", "title-outside 4: in delivery a: at is 4 s, and the shot of 'pier' is 2 s long (begin it earlier, or write it in the scene that is seen then, in its `titles`)"),
    ('a: {aspect_ratio: "9:16", order: [card]}', "words-too-large 5: in delivery a: 'Nobodywaitsforatram' is wider than the picture at size 8 (write size: 5, or fewer words)"),
    ("a: {titles: on}", "wrong-value 19: titles is 'on'; it must be off (write off, or leave it out: titles are written in scenes)"),
    ("a: {music: [{file: media/bed.wav}]}", "wrong-value 19: music is a list; it must be off (write off, or leave it out: music of all films is written in `cut.music`)"),
    ("a: {captions: true}", "wrong-value 19: captions is true; it must be {burn: ..., language: ..., file: ...}, or off (write off, or leave it out: how all films are captioned is written in `cut.captions`)"),
    ("a: {captions: {file: media/none.srt}}", "missing-file 19: there is no file 'media/none.srt' (did you mean 'media/lines.srt'?)"),
    ("a: {captions: {language: english}}", "wrong-language 19: language is 'english', and that is none of BCP 47 (did you mean 'en'?)"),
    ("a: {loudness: 3}", "wrong-value 19: loudness is 3; it must be a number of LUFS, from -40 to -8"),
    ("a: {close: dissolve}", "transition-at-an-end 19: nothing is shown after the last shot, so there is nothing to dissolve to (take fade-black or fade-white)"),
    ("a: {close: off}", "unknown-transition 19: there is no transition 'off' (take one of dissolve, fade-black, fade-white, wipe-left, wipe-right, wipe-up, wipe-down, slide-left, slide-right)"),
    ("a: {chapters: no}", "wrong-value 19: chapters is 'no'; it must be true or false (write false)"),
    ("a: {burn_in: yes}", "wrong-value 19: burn_in is 'yes'; it must be true or false (write true)"),
    ("a: {overlay: refs/lamp.png}", "wrong-value 19: overlay is 'refs/lamp.png'; it must be {file: ..., place: ..., opacity: ...} (write overlay: {file: refs/lamp.png})"),
    ("a: {overlay: {place: center}}", "missing-key 19: 'file' is missing (add it)"),
    ("a: {overlay: {file: refs/none.png}}", "missing-file 19: there is no file 'refs/none.png' (paths are relative to the storyboard's file and stay inside its folder)"),
    ("a: {overlay: {file: media/endcard.mp4}}", "wrong-media 19: 'media/endcard.mp4' is a clip of 5 s, and a picture is wanted here (give a picture; own clips go into a scene of their own: `clip: ...`)"),
    ("a: {overlay: {file: refs/lamp.png, place: left}}", "wrong-value 19: place is 'left'; it must be top-left, top-right, bottom-left, bottom-right or center (did you mean 'top-left'?)"),
    ("a: {overlay: {file: refs/lamp.png, opacity: 50}}", "wrong-value 19: opacity is 50; it must be a number above 0, up to 1 (write opacity: 0.5)"),
    ("a: {codec: hevc}", "wrong-value 19: codec is 'hevc'; it must be h264, h265 or prores (write h265)"),
    ("a: {rate: 26}", "wrong-value 19: rate is 26; a film has 23.976, 24, 25, 29.97, 30, 50, 59.94 or 60 frames a second (the nearest to it is 25)"),
    ("a: {label: off}", "wrong-value 19: label is 'off'; it must be none (write none)"),
    ("a: {length: 5}", "unknown-key 19: there is no 'length' in a delivery (it belongs into `cut`)"),
    ('a: {aspect_ratio: "9:16", scenes: {sea: {take: 2}}}', "needless-key 19: `scenes` is of what is bought again for this film, and regenerate is false: it shows the takes of the master (write regenerate: true, or take it away)"),
    ('a: {aspect_ratio: "9:16", regenerate: true, scenes: {see: {take: 2}}}', "unknown-scene 19: this is said of 'see', and no scene has that id (did you mean 'sea'?  (scenes: sea, pier, card, own, door, wide, on))"),
    ('a: {aspect_ratio: "9:16", regenerate: true, scenes: {on: {take: 2}}}', "needless-key 19: 'on' is not bought again for this film: it goes on from 'door', which is not (take it away: the take that the scene has is what this film shows)"),
    ('a: {aspect_ratio: "9:16", regenerate: true, scenes: {sea: {take: 0}}}', "wrong-value 19: take is 0; it must be a whole number from 1 to 9999"),
    ("master: {order: [sea]}", "needless-key 19: `order` of the master is not written here (move it to `cut`)"),
    ('master: {aspect_ratio: "9:16"}', "needless-key 19: `aspect_ratio` of the master is not written here (move it to `defaults`)"),
    ("master: {regenerate: true}", "needless-key 19: `regenerate` of the master is not written here (take it away: what is bought for the master is bought once)"),
]  # fmt: skip


@pytest.mark.parametrize(("deliver", "told"), WRONG)
def test_what_is_wrong_with_a_film_is_told_at_its_place_with_both_values_and_the_remedy(
    read: Read, deliver: str, told: str
):
    """
    Once; what is wrong in one film alone because of its size or its order is told where it is written, with the film's name.
    """
    assert [told] == problems(read, f"{BOARD}deliver:\n  {deliver}\n")


def test_all_that_is_wrong_is_told_at_once_and_what_several_films_have_is_told_once(read: Read):
    """
    Of the master, of one film, and of two that have the same size.
    """
    board = BOARD.replace("prompt: Waves.", "prompt: Waves., duration: 99").replace(
        "order: [sea, pier, own]", "order: [sea, pier, card]"
    )

    told = problems(
        read, f'{board}deliver:\n  a: {{aspect_ratio: "9:16"}}\n  b: {{rate: 26}}\n  c: {{aspect_ratio: "9:16"}}\n'
    )

    assert ["duration-not-offered 3", "words-too-large 5", "wrong-value 20"] == [
        each.partition(":")[0] for each in told
    ]
    assert "in deliveries a, c: 'Nobodywaitsforatram' is wider" in told[1]


@pytest.mark.parametrize("cut", ["3", "[sea]", "[]", "{order: 3}", "{captions: [a], close: {kind: [b]}}"])
def test_films_are_looked_at_whatever_stands_in_the_place_of_the_cut(read: Read, cut: str):
    """
    What is wrong with the cut is told, and what is wrong with the films beside it.
    """
    board = f"scenes: [{{id: sea, prompt: Waves.}}]\ncut: {cut}\n"
    told = problems(
        read, f"{board}deliver:\n  a: {{order: [pier], close: dissolve, captions: {{burn: true, language: x-y-z}}}}\n"
    )

    assert 2 == min(int(each.split()[1][:-1]) for each in told)
    assert {"unknown-scene", "transition-at-an-end", "wrong-language"} <= {each.split()[0] for each in told}


def test_a_pin_of_all_variants_is_none_of_a_film_either(read: Read):
    """
    It would give all of them one clip.
    """
    board = "vars: {a: b}\nvariants: {one: {}, two: {vars: {a: c}}}\nscenes: [{id: sea, prompt: '{{ a }}.'}]\n"
    deliver = 'deliver: {up: {aspect_ratio: "9:16", regenerate: true, scenes: {sea: {pin: abcd}}}}\n'

    assert ["pin-of-variants 4: a pin here would be the clip of every variant (take it away)"] == problems(
        read, board + deliver
    )


def test_a_wrong_id_is_told_with_the_lines_of_films_that_name_it(read: Read):
    """
    And the films that name it are told nothing.
    """
    (told,) = problems(
        read, "scenes:\n  - {id: Sea, prompt: Waves.}\ndeliver:\n  a: {order: [Sea]}\n  b: {order: [{scene: Sea}]}\n"
    )
    assert "write id: sea, and on lines 4 and 5 too" in told


def test_what_the_master_remarks_is_not_said_again_for_each_film(read: Read):
    """
    Nor that a scene is fitted into a film that is there to be fitted.
    """
    master = BOARD.replace("{id: own, clip: media/endcard.mp4}", "{id: own, clip: media/tall.mp4}")

    without = notes(read(master))
    film = films(
        read, '  a: {aspect_ratio: "1:1", fit: crop}\n  b: {aspect_ratio: "9:16"}\n  c: {close: cut}\n', master
    )

    assert any(note.startswith("other-ratio") for note in without)
    assert without == notes(film[""])


def test_sixteen_films_are_the_most(read: Read):
    """
    Each of them is read and planned by itself.
    """
    deliver = "".join(f"  d{number}: {{resolution: 480p}}\n" for number in range(16))

    assert 17 == len(films(read, deliver))
    assert ["too-many-films 19: 17 films are to be delivered; 16 are the most (make two storyboards of it, with `use` for what they share)"] == problems(
        read, f"{BOARD}deliver:\n{deliver}  d16: {{fit: crop}}\n"
    )  # fmt: skip


def test_what_films_have_alike_is_read_once(read: Read):
    """
    Sixteen films of many scenes, fitted or bought again, each with words in another size, take less than eight more storyboards would.
    """
    scenes = "".join(
        f'  - {{id: s{at}, prompt: "Waves {at} {{{{ city }}}}.", say: "Nobody waits {at}.", titles: [{{text: "Rua {at}", at: 1}}]}}\n'
        for at in range(60)
    )
    board = f"vars: {{city: Lisbon}}\nscenes:\n{scenes}"
    ratios, owns = ("9:16", "1:1", "4:3", "3:4"), ("fit: crop", "regenerate: true")
    deliver = "".join(
        f'  d{at}: {{aspect_ratio: "{ratios[at % 4]}", {owns[at % 2]}, resolution: {("480p", "1080p")[at // 8]}}}\n'
        for at in range(16)
    )
    read(board)

    begun = time.process_time()
    read(board)
    alone = time.process_time()
    assert 17 == len(films(read, deliver, board))
    assert time.process_time() - alone < 8 * (alone - begun)
