"""
Variants: one storyboard is several films, each with words of its own.
"""

from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError, StoryboardError
from storyreel.model.footage import Footage
from storyreel.model.storyboard import Storyboard
from storyreel.planning.steps import plan
from storyreel.storyboard import load, load_all

VARS = 'vars: {city: Lisbon, trams: 3, birds: [gulls, terns], lines: {end: Nobody waits., start: "Late, again."}}\n'
SCENES = """
scenes:
  - {id: city, prompt: A tram at night.}
  - {id: stop, prompt: "{{ city }}: {{ lines.start }} {{ lines.end }}", take: 2}
"""
TRAM = (
    VARS
    + """
title: "The Last Tram, {{ city }}"
variants:
  lisbon: {}
  porto: {vars: {city: Porto, lines: {end: Ninguém espera.}}, scenes: {stop: {take: 5}, city: {pin: 71c2e0d4}}}
"""
    + SCENES
)


def measure(path: Path) -> Footage:
    raise AssertionError(path)


def read(text: str, *variants: str, **given: str) -> tuple[Storyboard, ...]:
    path = Path("films/tram.yaml")
    return load_all(path, catalog=load_catalog(), measure=measure, text=text, variants=variants, given=given)


def problems(text: str) -> list[str]:
    """Return what is wrong with a storyboard, each with its line and column and what to do."""
    try:
        read(text)
    except StoryboardError as error:
        return [f"{p.place.line}:{p.place.column} {p.message}; {p.remedy} [{p.code}]" for p in error.problems]
    return []


def test_a_variant_lays_its_own_words_over_the_storyboards_name_by_name():
    """
    Names that it does not have stay, within names too; what it chooses of a scene's takes is its alone.
    """
    lisbon, porto = read(TRAM)

    assert ("lisbon", "porto") == (lisbon.variant, porto.variant)
    assert "Lisbon: Late, again. Nobody waits." == lisbon.scene("stop").prompt
    assert "Porto: Late, again. Ninguém espera." == porto.scene("stop").prompt
    assert ["The Last Tram, Lisbon", "The Last Tram, Porto"] == [lisbon.title, porto.title]
    assert [(2, None), (5, None)] == [(each.scene("stop").take, each.scene("stop").pin) for each in (lisbon, porto)]
    assert [None, "71c2e0d4"] == [each.scene("city").pin for each in (lisbon, porto)]


def test_its_film_is_named_after_it_and_its_steps_begin_with_it():
    """
    Without a slug: the file's name and the variant's; deliveries are films of the variant.
    """
    boards = read(TRAM + "deliver: {square: {aspect_ratio: '1:1'}}\n")

    assert ["tram-lisbon", "tram-porto"] == [board.slug for board in boards]
    assert [("tram-porto", "porto", "square")] == [(b.slug, b.variant, b.delivery) for b in boards[1].deliveries]
    steps = [step.id for board in boards for step in plan(board, load_catalog()).steps]
    assert ["lisbon:city/video", "lisbon:stop/video", "porto:city/video", "porto:stop/video"] == steps
    assert ("films/tram.yaml", "--variant", "porto") == boards[1].words


def test_the_same_request_of_two_variants_is_the_same_purchase():
    """
    The recipe of a step says nothing of its variant.
    """
    lisbon, porto = (plan(board, load_catalog()) for board in read(TRAM))

    assert lisbon.step("lisbon:city/video").recipe == porto.step("porto:city/video").recipe
    assert lisbon.step("lisbon:stop/video").recipe != porto.step("porto:stop/video").recipe


def test_a_slug_is_a_template_of_the_variants_words():
    """
    As files can be named everywhere.
    """
    boards = read("slug: 'tram-{{ city | slug }}'\n" + TRAM.replace("Porto", "São Paulo"))

    assert ["tram-lisbon", "tram-sao-paulo"] == [board.slug for board in boards]


def test_a_long_file_name_leaves_room_for_the_variants():
    """
    No two variants come out as one slug because both were cut short.
    """
    names = [f"{'a' * 62}-{letter}" for letter in "bc"]
    text = VARS + f"variants: {{{names[0]}: {{}}, {names[1]}: {{}}, porto: {{}}}}" + SCENES
    path = Path("x" * 80 + ".yaml")
    slugs = [board.slug for board in load_all(path, catalog=load_catalog(), measure=measure, text=text)]

    assert [*names, f"{'x' * 58}-porto"] == slugs


def test_a_text_that_is_given_lies_over_both():
    """
    Of one variant, and of all where none is named.
    """
    lisbon, porto = read(TRAM, city="Rome", **{"lines.end": "Fim."})

    assert {"Rome: Late, again. Fim."} == {lisbon.scene("stop").prompt, porto.scene("stop").prompt}
    assert ("films/tram.yaml", "--variant", "porto", "--var", "city=Rome", "--var", "lines.end=Fim.") == porto.words


def test_one_variant_is_read_alone():
    """
    Whoever wants one film of several has to say which.
    """
    assert ["porto"] == [board.variant for board in read(TRAM, "porto")]
    assert ["lisbon", "porto"] == [board.variant for board in read(TRAM, "porto", "lisbon")]
    path = Path("tram.yaml")
    assert "porto" == load(path, catalog=load_catalog(), measure=measure, text=TRAM, variant="porto").variant
    with pytest.raises(SettingsError, match=r"tram.yaml is several films.*--variant and one of lisbon, porto"):
        load(path, catalog=load_catalog(), measure=measure, text=TRAM)
    with pytest.raises(SettingsError, match=r"did you mean 'porto'\?  \(there are: lisbon, porto\)"):
        read(TRAM, "proto")
    with pytest.raises(SettingsError, match=r"--variant porto: .* has no variants; leave it out"):
        read(VARS + SCENES, "porto")


def test_what_is_wrong_with_all_variants_is_told_once_and_with_some_names_them():
    """
    A problem of all is one of the storyboard.
    """
    wrong = TRAM.replace("A tram at night.", "'{{ ctiy }}'")
    of_all = "9:28 prompt knows no 'ctiy'; did you mean 'city'?; it knows birds, city, trams, lines.end, lines.start, scene.id [unknown-name]"
    assert [of_all] == problems(wrong)
    three = (
        VARS
        + "variants: {a: {}, b: {vars: {city: ''}}, c: {vars: {city: ' '}}}\nscenes: [{id: sea, prompt: '{{ city }}'}]"
    )
    assert ["3:28 in variants b, c: prompt is empty; say what is to be seen [empty-prompt]"] == problems(three)


def test_a_template_that_is_too_much_with_the_words_of_one_variant_is_none_with_those_of_others():
    """
    Each variant may take as many steps as a storyboard; what one has taken is not counted for the next.
    """
    loops = "{% for a in range(n) %}{% for b in range(n) %}{{ a }}{% endfor %}{% endfor %}"
    text = f"vars: {{n: 3}}\nvariants: {{a: {{vars: {{n: 90}}}}, b: {{}}}}\nscenes: [{{id: sea, prompt: '{loops}'}}]"

    assert [
        "3:28 in variant a: prompt: its loops take too many steps; use fewer or shorter loops [template-too-much]"
    ] == problems(text)
    assert ["000111222"] == [board.scene("sea").prompt for board in read(text, "b")]
    assert ["000111222"] * 2 == [board.scene("sea").prompt for board in read(text.replace("90", "3"))]


def test_a_note_on_one_variant_names_it():
    """
    What is noted of all is the same for each, so that it can be shown once.
    """
    text = """
vars: {city: Lisbon, ana: true}
variants: {a: {}, b: {vars: {ana: false}}, c: {vars: {ana: false}}}
cast: {ana: {description: a woman in a raincoat}, ben: {description: a man}}
scenes: [{id: stop, prompt: "Rain. {% if ana %}{{ cast.ana }}{% endif %}"}]
"""
    of_all = "'ben' is in the cast and in no scene"
    notes = [[note.message for note in board.notes] for board in read(text)]

    assert [of_all] == notes[0]
    assert ["in variants b, c: 'ana' is in the cast and in no scene", of_all] == notes[1] == notes[2]


BROKEN = [
    ("variants: {}", "2:1 there are no variants in it; name one: `variants: {lisbon: {}}`, or take the key away [empty-list]"),
    ("variants: [lisbon]", "2:11 variants is a list; it must be a mapping of names to what each variant has of its own; write a name and what it has of its own: lisbon: {vars: {...}} [wrong-value]"),
    ("variants: {lisbon: Lisboa}", "2:20 lisbon is 'Lisboa'; it must be a mapping; write a name and what it has of its own: lisbon: {vars: {...}} [wrong-value]"),
    ("variants: {lisbon: }", "2:12 'lisbon' has no value; write lisbon: {} for one that has nothing of its own [no-value]"),
    ("variants: {Porto: {}}", "2:12 'Porto' cannot be a name; names are lower-case letters, digits and hyphens, the first a letter; write porto [wrong-name]"),
    ("variants: {1: {}}", "2:12 '1' cannot be a name; names are lower-case letters, digits and hyphens, the first a letter; write film-1 [wrong-name]"),
    ("variants: {'a:b': {}}", "2:12 'a:b' cannot be a name; names are lower-case letters, digits and hyphens, the first a letter; write a-b [wrong-name]"),
    ("variants: {sandbox: {}}", "2:12 'sandbox' cannot be the name of a variant: files beside a film are called so; choose another, such as sandbox-1 [reserved-name]"),
    ("variants: {tall: {}}\ndeliver: {tall: {aspect_ratio: '9:16'}}", "2:12 'tall' is a variant and a delivery (line 3), and steps and films are named by both; give one of them another name [repeated-name]"),
    ("variants: {a: {}, a: {}}", "2:19 the key 'a' stands here a second time; first on line 2; keep one of the two [repeated-key]"),
    ("variants: {a: {title: Tram}}", "2:16 there is no 'title' in a variant; it belongs at the top [unknown-key]"),
    ("variants: {a: {city: Porto}}", "2:16 there is no 'city' in a variant; write it into its vars: {vars: {city: ...}} [unknown-key]"),
    ("variants: {a: {vars: {ctiy: Porto}}}", "2:23 the storyboard has no var 'ctiy'; did you mean 'city'? (there are city, trams, birds, lines) [unknown-var]"),
    ("variants: {a: {vars: {lines: {edn: Fim}}}}", "2:31 the storyboard has no var 'lines.edn'; did you mean 'end'? (there are end, start) [unknown-var]"),
    ("variants: {a: {vars: {month: May}}}", "2:23 the storyboard has no var 'month'; write it into `vars` first, where all variants have it; there are city, trams, birds, lines [unknown-var]"),
    ("variants: {a: {vars: {city: {name: Porto}}}}", "2:29 'city' is a mapping here, and 'Lisbon' in `vars`; write one value here, or change what is there [wrong-value]"),
    ("variants: {a: {vars: {lines: Fim}}}", "2:30 'lines' is 'Fim' here, and a mapping in `vars`; write a mapping of names here, or change what is there [wrong-value]"),
    ("variants: {a: {vars: {birds: gulls}}}", "2:30 'birds' is 'gulls' here, and a list in `vars`; write a list here, or change what is there [wrong-value]"),
    ("variants: {a: {scenes: {stpo: {take: 2}}}}", "2:25 there is no scene 'stpo'; did you mean 'stop'?  (scenes: city, stop) [unknown-scene]"),
    ("variants: {a: {scenes: {stop: {prompt: Tram.}}}}", "2:32 there is no 'prompt' in a scene of a variant; it belongs into a scene [unknown-key]"),
    ("variants: {a: {scenes: {stop: {take: 0}}}}", "2:38 take is 0; it must be a whole number from 1 to 9999;  [wrong-value]"),
    ("slug: '{{ city }}'\nvariants: {a: {}, b: {vars: {city: LISBON}}}", '2:7 the films of variants a and b are named Lisbon and LISBON, and each would replace the other; let the slug differ, as in `slug: "tram-{{ city | slug }}"`, or leave it out: each is named after its variant then [repeated-slug]'),
    ("slug: tram\nvariants: {a: {}, b: {}}", '2:7 the films of variants a and b are both named tram, and each would replace the other; let the slug differ, as in `slug: "tram-{{ city | slug }}"`, or leave it out: each is named after its variant then [repeated-slug]'),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BROKEN)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(words: str, message: str):
    """
    Once, and nothing that only follows from it.
    """
    assert [message] == problems(VARS + words + SCENES)


def test_a_pin_stands_with_the_variant_that_it_is_of():
    """
    In the scene it would be the clip of all of them; the message has the words to paste.
    """
    remedy = "move it into the one that it is of: `variants: {a: {scenes: {sea: {pin: 71c2e0d4}}}}`"
    scene = "scenes: [{id: sea, prompt: Waves., pin: 71c2e0d4}]"

    assert [f"2:36 a pin here would be the clip of every variant; {remedy} [pin-of-variants]"] == problems(
        f"variants: {{a: {{}}, b: {{}}}}\n{scene}"
    )
    pasted = remedy.split("`")[1].removesuffix("}") + ", b: {}}"
    assert ["71c2e0d4", None] == [b.scene("sea").pin for b in read(f"{pasted}\nscenes: [{{id: sea, prompt: Waves.}}]")]


def test_there_are_so_many_variants_and_no_more():
    """
    Whether many, or few of very many scenes: it is told at once, and none of them is read.
    """
    many = "variants: {" + ", ".join(f"v{number}: {{}}" for number in range(101)) + "}"
    assert [line for line in problems(VARS + many + SCENES) if "101 variants are written; 100 are the most" in line]
    few = "variants: {" + ", ".join(f"v{number}: {{}}" for number in range(21)) + "}\nscenes:\n"
    scenes = "".join(f"  - {{id: s{number}, prompt: Waves.}}\n" for number in range(1000))
    assert "21 variants of 1000 scenes are 21000 scenes; 20000 are the most" in problems(few + scenes)[0]
    fewer = (
        "deliver: {"
        + ", ".join(f"d{number}: {{fit: crop}}" for number in range(10))
        + "}\n"
        + few.replace(", v2: {}", "")
    )
    assert (
        "20 variants of 11 films of 100 scenes are 22000 scenes; 20000 are the most"
        in problems(fewer + "".join(scenes.splitlines(keepends=True)[:100]))[0]
    )
