"""
Request ids, as the service gives them and as we keep them.
"""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from storyreel.model.request_ids import in_address, in_yaml, is_stills, typed, writable
from storyreel.vault import still_id
from storyreel.vault.paths import take_key

ANY = st.text(st.characters(exclude_categories=()), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("d97415a1-5796-b7ec-379f-4e6819e08fdf", "d97415a1-5796-b7ec-379f-4e6819e08fdf"),
        ("Zm9v/YmFy+w==", "Zm9v/YmFy+w=="),
        ("../files?x=1#y", "../files?x=1#y"),
        ("two words", "two words"),
        (" spaced", "hex:20737061636564"),
        ("line\nbreak", "hex:6c696e650a627265616b"),
        ("\ud83d", "hex:eda0bd"),
        ("\udcff", "hex:ff"),
        ("still-" + "0" * 24 + "-1", "hex:" + ("still-" + "0" * 24 + "-1").encode().hex()),
        ("hex:00", "hex:6865783a3030"),
    ],
)
def test_an_id_is_kept_as_text_or_as_its_bytes(given: str, written: str):
    """
    What can be written, shown and typed stays as it came; anything else is kept byte by byte.
    """
    assert writable(given) == written


@given(ANY)
def test_every_id_can_be_written_shown_typed_and_asked_for(given: str):
    """
    Whatever the service gives is text for a record, a line of a storyboard, an argument, and one part of a path - its own.
    """
    written = writable(given)

    assert written.encode().decode() == written
    assert YAML(typ="safe").load(f"pin: {in_yaml(written)}") == {"pin": written}
    assert typed(written) == written or written == given
    assert "/" not in in_address(written)
    assert in_address(written).strip(".")
    try:
        assert unquote_to_bytes(in_address(written)) == given.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        assert unquote_to_bytes(in_address(written)) == given.encode("utf-8", "surrogatepass")


@given(ANY, ANY)
def test_no_two_ids_become_one(one: str, other: str):
    """
    Different ids stay different, in records and as the names of files; bytes that are no text and halves of characters
    meet only where they are the very same bytes.
    """
    if one != other and not any("\ud800" <= letter <= "\udfff" for letter in one + other):
        assert writable(one) != writable(other)
        assert take_key("xai", writable(one)) != take_key("xai", writable(other))


@given(ANY, st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(1, 99))
def test_no_id_of_the_service_is_one_of_ours(given: str, fingerprint: str, attempt: int):
    """
    The ids of stills are ours, and the service cannot give one, whatever it gives.
    """
    ours = still_id(fingerprint, attempt)

    assert is_stills(ours)
    assert not is_stills(writable(given))
    assert writable(ours) != ours
