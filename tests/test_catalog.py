"""
The catalogue: what is allowed and what it costs, with a source for every entry, and the user's own over it.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError
from storyreel.model.money import usd

TABLES = tomllib.loads(files("storyreel").joinpath("catalog.toml").read_text())


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=f"{kind}-{name}")
        for kind in ("video", "still", "size", "gone")
        for name, entry in TABLES[kind].items()
    ],
)
def test_every_model_and_size_has_a_source_and_a_date(entry: dict[str, Any]):
    """
    What it can is known from somewhere, and since when.
    """
    assert entry["source"]
    assert date.fromisoformat(entry["date"])


def numbers(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield every number of the catalogue, or group of them: where it stands, its table, and its name there."""
    for key, value in table.items():
        if is_number(value):
            yield f"{path}{key}", table, key
        elif isinstance(value, dict):
            yield from numbers(value, f"{path}{key}.")


def is_number(value: object) -> bool:
    """Whether a value is a number, or nothing but numbers: a span, a size, prices by resolution."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return bool(parts) and all(isinstance(part, int | float) for part in parts)


@pytest.mark.parametrize(("table", "key"), [pytest.param(table, key, id=name) for name, table, key in numbers(TABLES)])
def test_every_number_has_a_source_and_a_date(table: dict[str, Any], key: str):
    """
    A number without a source is a rumour. It has its own, named after it, or that of its table.
    """
    assert table.get(f"{key}_source") or table["source"]
    assert date.fromisoformat(table.get(f"{key}_date") or table["date"])


def test_no_number_is_left_out():
    """
    What paces, what bounds and what costs is looked at, each by its own name.
    """
    names = {name for name, _, _ in numbers(TABLES)}

    assert names >= {
        "service.submits_per_second",
        "service.url_life_hours",
        "service.first_image_tag",
        "limits.clip_bytes",
        "size.480p.16:9",
        "video.grok-imagine-video.extend.seconds",
        "video.grok-imagine-video-1.5.price.second",
        "still.grok-imagine-image-2.0.price.image",
    }


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("grok-imagine-video", "grok-imagine-video"),
        ("grok-imagine-video-1.5-preview", "grok-imagine-video-1.5"),
        ("grok-imagine-video-beta", "grok-imagine-video"),
    ],
)
def test_a_model_is_known_by_its_aliases(name, model):
    """
    An alias is the model that it stands for.
    """
    found = load_catalog().video_model(name)

    assert found is not None
    assert model == found.name


def test_only_the_classic_model_extends_and_edits():
    """
    Three published probes say that no other model does.
    """
    able = {m.name for m in load_catalog().video.values() if {"extend", "edit"} & m.modes}

    assert able == {"grok-imagine-video"}


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "5:2"])
@pytest.mark.parametrize("resolution", ["480p", "720p", "1080p"])
def test_every_size_can_be_encoded(resolution, ratio):
    """
    Both sides of every size are even, and in the ratio that was asked for.
    """
    width, height = load_catalog().size(resolution, ratio)
    across, down = (int(part) for part in ratio.split(":"))

    assert (width % 2, height % 2) == (0, 0)
    assert width / height == pytest.approx(across / down, rel=0.01)


@pytest.mark.parametrize(
    ("picture", "size"),
    [((1920, 1080), (1280, 720)), ((1000, 1000), (720, 720)), ((300, 400), (720, 960)), ((333, 777), (720, 1680))],
)
def test_a_clip_inherits_the_ratio_of_its_picture(picture, size):
    """
    The short side is the resolution's, the other follows the picture.
    """
    assert size == load_catalog().size_like("720p", *picture)


def test_a_file_of_ones_own_wins(tmp_path):
    """
    A single value can be overridden, and a model added.
    """
    own = tmp_path / "own.toml"
    own.write_text(
        """
        [video."grok-imagine-video".extend]
        input_seconds = [2, 30]

        [video."grok-imagine-video-3"]
        modes = ["text"]
        resolutions = ["720p"]
        aspect_ratios = ["16:9"]
        seconds = [1, 20]
        source = "a mail"
        date = "2027-01-01"
        price.second."720p" = 0.5
        """
    )
    catalog = load_catalog(own)
    classic, new = catalog.video_model("grok-imagine-video"), catalog.video_model("grok-imagine-video-3")

    assert classic is not None
    assert classic.extend_input is not None
    assert 30 == classic.extend_input.most
    assert classic.extend_adds is not None
    assert 10 == classic.extend_adds.most
    assert new is not None
    assert 10.0 == usd(new.charge("720p", 20))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("[video", "is not TOML", id="not-toml"),
        pytest.param('[video."x"]\nmodes = []', "lacks 'price'", id="half-a-model"),
        pytest.param('[video."grok-imagine-video"]\nseconds = 3', "wrong shape", id="no-span"),
    ],
)
def test_a_wrong_file_of_ones_own_is_told(tmp_path, text, says):
    """
    The message names the file and what is wrong with it.
    """
    own = tmp_path / "own.toml"
    own.write_text(text)

    with pytest.raises(SettingsError, match=says) as caught:
        load_catalog(own)

    assert str(own) in str(caught.value)


@pytest.mark.parametrize("price", ["-0.01", "inf", "-inf", "nan", "1e308", "2_000_000_000", '"0.05"', "true", "[0.05]"])
@pytest.mark.parametrize(
    "place",
    [
        '[video."grok-imagine-video".price.second]\n"480p"',
        '[video."grok-imagine-video".price]\ninput_image',
        '[video."grok-imagine-video".price]\ninput_second',
        '[still."grok-imagine-image".price.image]\n"1k"',
        '[still."grok-imagine-image".price]\ninput_image',
    ],
)
def test_a_price_of_ones_own_is_an_amount_of_money(tmp_path, place, price):
    """
    A price below nothing would give money back to a budget, and an endless one has no sum: both are refused, as no price.
    """
    own = tmp_path / "own.toml"
    own.write_text(f"{place} = {price}\n")

    with pytest.raises(SettingsError, match=r"own\.toml: .*(is no price in US dollars|wrong shape)"):
        load_catalog(own)


def test_an_extension_is_estimated_at_the_higher_reading():
    """
    Sources disagree on what an extension bills, so the plan expects the worse.
    """
    model = load_catalog().video_model("grok-imagine-video")

    assert model is not None
    assert 0.98 == usd(model.charge_extension("720p", input_seconds=8, added_seconds=6))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[video."grok-imagine-video"]\naspect_ratios = ["auto"]', "has the aspect ratio 'auto'"),
        ('[video."grok-imagine-video"]\naspect_ratios = ["1:0"]', "has the aspect ratio '1:0'"),
        ('[video."grok-imagine-video"]\naspect_ratios = []', "needs at least one of"),
        ('[video."grok-imagine-video"]\nresolutions = []', "needs at least one of"),
        ('[video."grok-imagine-video"]\nresolutions = "720p"', "'720p' is no list"),
        ('[video."grok-imagine-video"]\nseconds = [20, 1]', "has seconds from 20.0 to 1.0"),
        ('[video."grok-imagine-video"]\nseconds = ["a", "b"]', "a value has the wrong shape"),
        ('[video."grok-imagine-video"]\nmodes = ["txt"]', "has the mode 'txt'"),
        ('[video."grok-imagine-video"]\nmodes = ["text", "voices"]', "has the mode 'voices', and needs max_voices"),
        (
            '[video."grok-imagine-video"]\nmodes = ["text", "keyframes"]',
            "has the mode 'keyframes', and needs max_keyframes",
        ),
        ('[still."grok-imagine-image"]\nresolutions = []', "needs at least one of resolutions and price.image"),
        ('[video."grok-imagine-video"]\naliases = ["grok-imagine-video-1.5"]', "is the name of two models"),
    ],
)
def test_a_catalogue_of_ones_own_in_which_something_has_no_answer_is_refused(tmp_path: Path, text: str, says: str):
    """
    When it is read, and not when a storyboard asks for what is not there.
    """
    own = tmp_path / "own.toml"
    own.write_text(text)

    with pytest.raises(SettingsError, match="STORYREEL_CATALOG") as caught:
        load_catalog(own)

    assert says in str(caught.value)
