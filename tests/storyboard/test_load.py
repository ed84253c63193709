"""
A storyboard that is right: what is left open in the file is filled in, rendered, found and put in order.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.catalog import Catalog
from storyreel.diagnostics.diagnostic import Place
from storyreel.media import measure
from storyreel.model.storyboard import (
    PictureAddress,
    PictureFile,
    PictureFrame,
    PictureLastFrame,
    PictureStill,
    Storyboard,
)
from storyreel.storyboard import load

Read = Callable[[str], Storyboard]

LANTERN = """\
# yaml-language-server: $schema=storyboard.schema.json
version: 1
title: The Lantern Keeper
vars: {city: Lisbon, season: winter}
style: "35 mm film, blue dusk, soft grain"

cast:
  mira:
    description: "a woman in her thirties, deep-red parka, grey beanie"
    references: [refs/mira-front.png, refs/mira-side.png]
  fox:
    description: "a small rust-coloured fox with one torn ear"
    references:
      - prompt: "character sheet of {{ cast.fox }}, neutral background"

defaults: {model: grok-imagine-video, duration: 6, aspect_ratio: "16:9", resolution: 720p}

scenes:
  - id: harbour
    prompt: >-
      {{ city }} harbour at dawn in {{ season }}, wide, slow dolly right.
      Gulls, rigging, a distant bell.

  - id: arrival
    image: boards/020.png
    prompt: "The camera pushes in as {{ cast.mira }} looks up at the lamp."
    duration: 8

  - id: door
    image:
      prompt: "An iron door, wet stone, lantern light, {{ cast.mira }} seen from behind"
    prompt: "She pushes the door open."

  - id: meeting
    references: [mira, fox, {lamp: refs/lamp.png}]
    prompt: "{{ ref.mira }} kneels; {{ ref.fox }} sniffs her glove; {{ ref.lamp }} swings above them."
    take: 2

  - id: climb
    image: {last_frame_of: arrival}
    prompt: "She climbs the spiral stair, lantern swinging."
    then:
      - extend: "She reaches the lamp room and opens the door."
        duration: 6
      - extend: "Wind bursts in, the flame gutters."
        duration: 3

  - id: storm
    prompt: "Waves break over the breakwater, long lens."
    duration: 8
    then:
      - edit: "Add driving snow."

  - id: endcard
    clip: media/endcard.mp4
    trim: {start: 0, end: 3}

cut:
  order: [harbour, arrival, door, meeting, climb, storm, endcard]

budget: 12.00
"""


@pytest.fixture
def lantern(read: Read) -> Storyboard:
    return read(LANTERN)


def test_the_fields_that_are_there_tell_the_mode(lantern: Storyboard) -> None:
    """
    A prompt alone, an image, references, a clip: each makes its own kind of scene.
    """
    expected = ["text", "image", "image", "references", "image", "text", "clip"]

    assert expected == [scene.mode for scene in lantern.scenes]


def test_a_prompt_is_rendered_with_variables_and_style(lantern: Storyboard) -> None:
    """
    What is drawn from words gets the style on a line of its own.
    """
    expected = (
        "Lisbon harbour at dawn in winter, wide, slow dolly right. Gulls, rigging, a distant bell.\n"
        "35 mm film, blue dusk, soft grain"
    )

    assert expected == lantern.scene("harbour").prompt


def test_what_continues_a_picture_inherits_its_look(lantern: Storyboard) -> None:
    """
    The style is not added to image-to-video, extensions and edits.
    """
    prompts = [lantern.scene("arrival").prompt, *(link.prompt for link in lantern.scene("climb").then)]
    prompts.append(lantern.scene("storm").then[0].prompt)

    assert not [prompt for prompt in prompts if "35 mm" in prompt]


def test_a_name_becomes_the_tags_of_its_pictures(lantern: Storyboard) -> None:
    """
    Tags are numbered in the order in which the pictures are sent; several pictures of one name stand side by side.
    """
    meeting = lantern.scene("meeting")
    expected = "<IMAGE_0> <IMAGE_1> kneels; <IMAGE_2> sniffs her glove; <IMAGE_3> swings above them."

    assert expected == meeting.prompt.splitlines()[0]
    assert ["refs/mira-front.png", "refs/mira-side.png", "fox/still-1", "refs/lamp.png"] == [
        picture.still if isinstance(picture, PictureStill) else picture.footage.sha256
        for picture in meeting.references
        if isinstance(picture, PictureStill | PictureFile)
    ]


def test_one_picture_of_a_name_can_be_meant(read: Read) -> None:
    """
    `ref.mira[0]` is the first picture of Mira alone.
    """
    board = read(LANTERN.replace("{{ ref.mira }} kneels", "{{ ref.mira[0] }} kneels, {{ ref.mira[1] }} waits"))

    assert board.scene("meeting").prompt.startswith("<IMAGE_0> kneels, <IMAGE_1> waits; <IMAGE_2> sniffs")


def test_stills_have_names_and_looks_of_their_own(lantern: Storyboard) -> None:
    """
    A still of a scene has the scene's ratio, one of the cast is square; both get the style.
    """
    expected = {
        "door/still": ("16:9", "1k", "grok-imagine-image", None),
        "fox/still-1": ("1:1", "1k", "grok-imagine-image", None),
    }

    assert expected == {
        still.id: (still.aspect_ratio, still.resolution, still.model, still.quality) for still in lantern.stills
    }
    assert all(still.prompt.endswith("\n35 mm film, blue dusk, soft grain") for still in lantern.stills)


def test_a_chain_is_named_by_kind_and_number(lantern: Storyboard) -> None:
    """
    The steps of a chain are extend-1, extend-2, edit-1, each kind counted for itself.
    """
    assert [("extend-1", 6), ("extend-2", 3)] == [(link.name, link.duration) for link in lantern.scene("climb").then]
    assert [("edit-1", None)] == [(link.name, link.duration) for link in lantern.scene("storm").then]


def test_continuity_points_to_the_scene(lantern: Storyboard) -> None:
    """
    `last_frame_of` is the frame on which another scene ends.
    """
    assert PictureLastFrame("arrival") == lantern.scene("climb").image


def test_a_frame_of_any_second_points_to_the_scene(read: Read) -> None:
    """
    From the first to less than the clip is asked to be long, extensions and trimmed footage included.
    """
    for second, whole in ((0, 0.0), (7.99, 7.99), (2.9, 2.9)):
        other = "endcard" if second == 2.9 else "storm"
        board = read(LANTERN.replace("{last_frame_of: arrival}", f"{{frame_of: {other}, at: {second}}}"))

        assert PictureFrame(other, whole) == board.scene("climb").image


def test_own_footage_is_trimmed(lantern: Storyboard) -> None:
    """
    Of own footage the seconds between start and end are used, and nothing is generated.
    """
    endcard = lantern.scene("endcard")

    assert (0.0, 3.0, "") == (endcard.start, endcard.end, endcard.prompt)


def test_untrimmed_footage_is_used_whole(read: Read) -> None:
    """
    Without a trim the footage runs from its first second to its last; an end within its last frame is its end.
    """
    whole = read("scenes: [{id: endcard, clip: media/endcard.mp4}]").scenes[0]
    nearly = read("scenes: [{id: endcard, clip: media/endcard.mp4, trim: {end: 5.02}}]").scenes[0]

    assert (0.0, 5.0) == (whole.start, whole.end) == (nearly.start, nearly.end)


def test_footage_that_is_continued_ends_with_its_picture(read: Read) -> None:
    """
    Two seconds of picture with eight of sound are shown for eight; what something continues goes on after two, as it always did.
    """

    def used(more: str) -> tuple[float, float]:
        scene = read(f"scenes: [{{id: talk, clip: media/screencast.mkv{more}}}]").scenes[0]
        return scene.start, scene.end

    then = ", then: [{extend: on, duration: 3}]"
    assert (0.0, 8.0) == used("")
    assert (1.0, 8.0) == used(", trim: {start: 1}")
    assert (0.0, 2.0) == used(then) == used(", trim: {end: 2.03}" + then)
    assert (0.0, 8.0) == used(", trim: {end: 8}" + then)


def test_the_budget_is_exact(lantern: Storyboard) -> None:
    """
    Dollars become ticks, of which there are ten thousand million in each.
    """
    assert 120_000_000_000 == lantern.budget_ticks


def test_places_are_those_of_ids_and_prompts(lantern: Storyboard) -> None:
    """
    A scene is found at its id, a still and a link at their prompts.
    """
    places = [
        lantern.scene("harbour").place,
        lantern.stills[0].place,
        lantern.scene("climb").then[1].place,
    ]

    assert [Place("lantern.yaml", 19, 9), Place("lantern.yaml", 31, 15), Place("lantern.yaml", 45, 17)] == places


def test_every_file_is_measured_once_and_no_other(lantern: Storyboard, measured: list[str]) -> None:
    """
    Only the files that a storyboard names are looked at.
    """
    expected = {"boards/020.png", "media/endcard.mp4", "refs/lamp.png", "refs/mira-front.png", "refs/mira-side.png"}

    assert sorted(expected) == sorted(measured)


def test_a_small_storyboard_gets_every_default(read: Read) -> None:
    """
    One scene with a prompt is a whole storyboard.
    """
    board = read("scenes: [{id: pier, prompt: Gulls over the pier.}]")
    pier = board.scenes[0]

    assert ("lantern", "lantern", ("pier",), None, ()) == (
        board.slug,
        board.title,
        tuple(item.scene for item in board.cut),
        board.budget_ticks,
        board.notes,
    )
    assert ("grok-imagine-video", 6, "16:9", "720p", True, 1, None) == (
        pier.model,
        pier.duration,
        pier.aspect_ratio,
        pier.resolution,
        pier.generate_audio,
        pier.take,
        pier.pin,
    )


def test_a_scene_overrides_the_defaults(read: Read) -> None:
    """
    Defaults are handed down, and what a scene says itself wins.
    """
    board = read(
        "defaults: {duration: 4, resolution: 480p, generate_audio: false, still: {resolution: 2k}}\n"
        "scenes:\n"
        "  - {id: one, prompt: One.}\n"
        "  - {id: two, image: {prompt: A pier.}, prompt: Two., duration: 9, generate_audio: true}\n"
    )

    assert [(4, "480p", False), (9, "480p", True)] == [
        (scene.duration, scene.resolution, scene.generate_audio) for scene in board.scenes
    ]
    assert "2k" == board.stills[0].resolution


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        pytest.param("", "A pier.\nblue dusk", id="inherited"),
        pytest.param(", style: null", "A pier.", id="off"),
        pytest.param(", style: 'noon in {{ city }}'", "A pier.\nnoon in Lisbon", id="its-own"),
    ],
)
def test_a_scene_may_have_another_style_or_none(read: Read, style: str, expected: str) -> None:
    """
    `style: null` switches the style off in one scene; a text takes its place.
    """
    board = read(f"vars: {{city: Lisbon}}\nstyle: blue dusk\nscenes: [{{id: pier, prompt: A pier.{style}}}]")

    assert expected == board.scenes[0].prompt


def test_a_template_may_include_a_text_beside_the_storyboard(read: Read) -> None:
    """
    `include` reads from the storyboard's folder, with the names of the prompt.
    """
    board = read(
        "vars: {city: Lisbon}\nscenes:\n  - id: pier\n    prompt: 'The pier, {% include \"looks/dusk.j2\" %}.'\n"
    )

    assert "The pier, dusk over Lisbon." == board.scenes[0].prompt


def test_templates_loop_and_choose(read: Read) -> None:
    """
    `for`, `if`, filters and the scene's own id work in prompts.
    """
    board = read(
        "vars: {birds: [gulls, terns]}\n"
        "scenes:\n"
        "  - id: pier\n"
        '    prompt: "{{ scene.id | title }}: {% for bird in birds %}{{ bird }}{% if not loop.last %}, {% endif %}{% endfor %}"\n'
    )

    assert "Pier: gulls, terns" == board.scenes[0].prompt


def test_texts_are_rendered_once(read: Read) -> None:
    """
    Braces that come out of a variable are text, not a template.
    """
    board = read('vars: {odd: "{{ city }}"}\nscenes:\n  - id: pier\n    prompt: "{{ odd }} it says"\n')

    assert "{{ city }} it says" == board.scenes[0].prompt


def test_stills_come_after_what_they_are_made_from(read: Read) -> None:
    """
    A still that is an edit of another still comes after it, and one that no scene uses is not made.
    """
    board = read(
        "cast:\n"
        "  pair: {references: [{prompt: '{{ ref.fox }} and {{ ref.owl }}', references: [fox, owl]}]}\n"
        "  fox: {references: [refs/lamp.png, {prompt: a fox}, {prompt: a fox from behind}]}\n"
        "  owl: {references: [{prompt: an owl}]}\n"
        "  bear: {references: [{prompt: a bear}]}\n"
        "scenes: [{id: wood, references: [pair], prompt: '{{ ref.pair }}'}]\n"
    )

    assert ["fox/still-1", "fox/still-2", "owl/still-1", "pair/still-1"] == [still.id for still in board.stills]
    assert "<IMAGE_0> <IMAGE_1> <IMAGE_2> and <IMAGE_3>" == board.stills[-1].prompt


def test_a_picture_may_have_an_address(read: Read) -> None:
    """
    An https address is handed on as it is written, and never measured.
    """
    board = read("scenes: [{id: pier, image: 'https://example.org/pier.png?size=2', prompt: Gulls.}]")

    assert PictureAddress("https://example.org/pier.png?size=2") == board.scenes[0].image


def test_anchors_and_what_begins_with_x_are_fine(read: Read) -> None:
    """
    Keys with x- at the top are ignored, and aliases stand for what they name.
    """
    board = read("x-words: {calm: &calm 'A calm sea.'}\nscenes: [{id: sea, prompt: *calm}]")

    assert "A calm sea." == board.scenes[0].prompt


def test_yaml_reads_words_as_words(read: Read) -> None:
    """
    `no`, `16:9` and a date stay text, as YAML 1.2 has it.
    """
    board = read(
        "vars: {answer: no, day: 2026-11-22}\n"
        "defaults: {aspect_ratio: 16:9}\n"
        "scenes: [{id: sea, prompt: '{{ answer }} {{ day }}'}]\n"
    )

    assert ("no 2026-11-22", "16:9") == (board.scenes[0].prompt, board.aspect_ratio)


def test_text_is_sent_clean(read: Read) -> None:
    """
    Letters are composed and white space around a prompt is gone, so that equal prompts are equal.
    """
    board = read('scenes: [{id: sea, prompt: "  Cafe\\u0301 by the sea \\n"}]')

    assert "Caf\u00e9 by the sea" == board.scenes[0].prompt


@pytest.mark.parametrize(
    ("name", "slug"),
    [("the lamp.yaml", "the-lamp"), ("cut.v2.yml", "cut-v2"), ("...yaml", "film"), ("Lamp_2.yaml", "Lamp_2")],
)
def test_a_film_is_named_after_its_file(folder: Path, catalog: Catalog, name: str, slug: str) -> None:
    """
    Without a slug, the file's name becomes one that is safe everywhere.
    """
    board = load(folder / name, catalog=catalog, measure=measure, text="scenes: [{id: sea, prompt: Waves.}]")

    assert slug == board.slug


@pytest.mark.parametrize("name", ["lighthouse.yaml", "ad-spot.yaml", "reviewed/mascot.yaml"])
def test_the_storyboards_that_come_with_it_are_right(storyboards: Path, catalog: Catalog, name: str) -> None:
    """
    Every storyboard of the project reads without a problem, its media measured.
    """
    board = load(storyboards / name, catalog=catalog, measure=measure)

    assert [item.scene for item in board.cut] == [scene.id for scene in board.scenes]


def test_the_same_text_is_the_same_storyboard(read: Read) -> None:
    """
    Nothing in a storyboard is left to chance.
    """
    assert read(LANTERN) == read(LANTERN)


def test_reading_a_storyboard_loads_neither_prefect_nor_codecs_nor_templates() -> None:
    """
    A check is quick, since what it does not need is not imported.
    """
    heavy = "{'prefect', 'av', 'PIL', 'httpx', 'numpy', 'ffmpeg', 'jinja2', 'ruamel'}"
    says = f"import sys, storyreel.storyboard; print(sorted({heavy} & set(sys.modules)))"

    ended = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)

    assert "[]\n" == ended.stdout


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("|\n  The Last\n  Tram\n", "The Last Tram"),
        ('"  The Last\\n\\tTram "', "The Last Tram"),
        ('"  "', "lantern"),
        ('"O último · 終電"', "O último · 終電"),
    ],
)
def test_a_title_is_one_line(read: Read, written: str, title: str):
    """
    It stands in lines of a screen, and in the film's own tags; one that is blank is none.
    """
    assert title == read(f"title: {written}\nscenes:\n  - {{id: sea, prompt: Waves}}\n").title
