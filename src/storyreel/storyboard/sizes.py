"""
Hold ratios and resolutions against what the catalogue has, and name what was most likely meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from storyreel.catalog import VideoModel
from storyreel.did_you_mean import did_you_mean
from storyreel.storyboard import fields
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.suggest import plain, strange_letter
from storyreel.storyboard.text.nodes import Trail

_AS_ASCII = str.maketrans("\u2236\u00d7\u2044\u2215", ":x//")
"""What stands for a colon, a times or a slash in a ratio that was typeset."""


def judge_size(findings: Findings, shape: fields.Defaults, ratio_at: Trail, resolution_at: Trail) -> bool:
    """
    Whether there is a film of this ratio and resolution; else it is told.

    Args:
        ratio_at: Where its ratio is written, or what there is of it; `resolution_at` likewise.
    """
    sizes = findings.catalog.sizes
    if shape.resolution not in sizes:
        message = f"resolution is {shape.resolution!r}; a film is {listed(sizes)}"
        findings.tell("resolution-not-offered", resolution_at, message, "choose one of these")
        return False
    if shape.aspect_ratio not in sizes[shape.resolution]:
        ratios = sizes[shape.resolution]
        message = f"aspect_ratio is {shape.aspect_ratio!r}; a film is {listed(ratios)}"
        findings.tell("ratio-not-offered", ratio_at, message, near_ratio(shape.aspect_ratio, ratios))
        return False
    return True


def judge_ratio(findings: Findings, at: Trail, ratio: str, model: VideoModel) -> None:
    """Tell a ratio in which a model makes no video."""
    if ratio not in model.aspect_ratios:
        message = f"aspect_ratio is {ratio!r}; {model.name} makes {listed(model.aspect_ratios)}"
        findings.tell_once("ratio-not-offered", at, message, near_ratio(ratio, model.aspect_ratios))


def judge_still_ratio(findings: Findings, at: Trail, ratio: str) -> None:
    """Tell a ratio in which no stills are made."""
    ratios = findings.catalog.still_aspect_ratios
    if ratio not in ratios:
        message = f"aspect_ratio is {ratio!r}; stills are {listed(ratios)}"
        findings.tell_once("ratio-not-offered", at, message, near_ratio(ratio, ratios))


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence has them: `480p, 720p or 1080p`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


def near(word: str, known: Collection[str]) -> str:
    """Return the remedy for a name that is not known: the nearest one that is."""
    return did_you_mean(word, known) or f"known are {listed(known)}"


def near_ratio(word: str, known: Collection[str]) -> str:
    """Return the remedy for a ratio that is not known: the one nearest to it."""
    ratio = plain(word.translate(_AS_ASCII)).strip()
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)[:x/](\d{1,4}(?:\.\d{1,4})?)", ratio)
    if match is None or not float(match[2]):
        return "choose one of these"
    if ratio in known:
        return "; ".join(filter(None, (strange_letter(word), f"write {ratio}")))
    wanted = float(match[1]) / float(match[2])

    def apart(ratio: str) -> float:
        width, _, height = ratio.partition(":")
        return abs(float(width) / float(height) - wanted)

    return f"the nearest to it is {min(known, key=apart)}"
