"""
Copies on this machine: bounded, and never taken away from somebody who reads one.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from storyreel.vault.stores.cache import RESTS_S, ClipCache


def put(copies: ClipCache, name: str, size: int, age_s: float = 0.0) -> Path:
    """Put a copy in, last used so many seconds ago."""
    with copies.incoming() as path:
        path.write_bytes(b"x" * size)
        kept = copies.accept(path, name * 64, ".mp4")
    used = time.time() - age_s
    os.utime(kept, (used, used))
    return kept


def names(folder: Path) -> str:
    return "".join(sorted(path.name[0] for path in folder.rglob("*") if path.is_file()))


def test_what_was_used_longest_ago_goes_first(tmp_path):
    """
    Where a new copy passes the limit, old ones are removed until it is kept again, and no more.
    """
    for name, hours in (("a", 5), ("b", 9), ("c", 7)):
        put(ClipCache(tmp_path, 1000), name, 100, hours * 3600)
    put(ClipCache(tmp_path, 200), "d", 50)

    assert names(tmp_path) == "ad"


def test_what_was_used_within_the_hour_stays(tmp_path):
    """
    Another process may be reading it, so the folder rather grows past its limit.
    """
    put(ClipCache(tmp_path, 0), "a", 100, RESTS_S - 60)
    put(ClipCache(tmp_path, 0), "b", 100, RESTS_S + 60)
    put(ClipCache(tmp_path, 0), "c", 100)

    assert names(tmp_path) == "ac"


def test_what_this_process_was_given_stays(tmp_path):
    """
    A path that was handed out is good for as long as the process lives.
    """
    copies = ClipCache(tmp_path, 0)
    put(copies, "a", 100, 2 * RESTS_S)
    put(copies, "b", 100)

    assert names(tmp_path) == "ab"


def test_a_use_makes_a_copy_young(tmp_path):
    """
    To be found is to be used.
    """
    kept = put(ClipCache(tmp_path, 1000), "a", 100, 2 * RESTS_S)

    assert ClipCache(tmp_path, 1000).find("a" * 64, ".mp4", 100) == kept
    assert time.time() - kept.stat().st_mtime < 60


@pytest.mark.parametrize("size", [99, 101], ids=["cut-short", "grown"])
def test_a_copy_of_another_length_is_not_used(tmp_path, size):
    """
    A copy that is not as long as the original is none.
    """
    put(ClipCache(tmp_path, 1000), "a", 100)

    assert ClipCache(tmp_path, 1000).find("a" * 64, ".mp4", size) is None


def test_what_a_killed_process_left_is_swept(tmp_path):
    """
    Downloads that were broken off are removed once nobody can be at them any more.
    """
    for name, age_s in (("x-old", 2 * RESTS_S), ("y-young", 0)):
        path = tmp_path / "tmp" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age_s, time.time() - age_s))
    put(ClipCache(tmp_path, 1000), "a", 100)

    assert names(tmp_path) == "ay"
