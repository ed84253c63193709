"""
The house format: what every clip of a film has to be so that it is joined without being encoded again.

Pure: measured clips go in, differences in words come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from storyreel.media.look import UNSPECIFIED
from storyreel.media.parameter_sets import read_box
from storyreel.media.probe import Measured
from storyreel.model.sound import SAMPLE_RATE, samples_of

BT709 = 1  # ITU-T H.273 (07/2021), tables 2 to 4
PROFILES = {"High": "high", "Main": "main", "Constrained Baseline": "baseline", "Baseline": "baseline"}
"""Profiles that a house may have, and how the encoder calls them."""

SAME_CURVE = {BT709, UNSPECIFIED, 6, 14, 15}  # bt709's curve under its several names; H.273, table 3

SIZE_SLACK = 0.06
"""How far, as a share, clips may be from the asked size and still be the house if all of them agree."""


@dataclass(frozen=True)
class House:
    """
    H.264 of one size, rate and profile, yuv420p, bt709, square pixels; sound at `sample_rate` in stereo.

    Its text is the same for equal houses and changes when the way clips are conformed does: fit for names of files.
    """

    width: int
    height: int
    fps: Fraction = Fraction(24)
    profile: str = "High"
    sample_rate: int = SAMPLE_RATE

    def __str__(self) -> str:
        rate = f"{self.fps.numerator}/{self.fps.denominator}"
        return f"{self.width}x{self.height}@{rate} h264 {self.profile} yuv420p bt709 {self.sample_rate}x2 crf18 v1"

    def samples(self, frames: int) -> int:
        """Return how many samples of sound go with the first `frames` frames of a film."""
        return samples_of(frames, self.fps)


def house_for(clips: Sequence[Measured], *, size: tuple[int, int]) -> House:
    """
    Return the house format of a film.

    It is 24 frames a second, High, at the asked size; unless all generated clips agree on another rate or profile, or
    on a size that is nearly the asked one: then none of them has to be encoded again.

    Args:
        clips: The generated clips of the film; own footage has no say.
        size: Width and height that the storyboard asks for.
    """
    width, height = size
    rates = {clip.signature.fps for clip in clips if not clip.signature.vfr}
    profiles = {clip.signature.profile for clip in clips}
    sizes = {clip.shown for clip in clips}
    one_rate = len(rates) == 1 and not any(clip.signature.vfr for clip in clips)
    fps = rates.pop() if one_rate else Fraction(24)
    profile = profiles.pop() if len(profiles) == 1 else "High"
    if len(sizes) == 1:
        made_width, made_height = sizes.pop()
        near = abs(made_width - width) <= SIZE_SLACK * width and abs(made_height - height) <= SIZE_SLACK * height
        if near and made_width % 2 == 0 and made_height % 2 == 0:
            width, height = made_width, made_height
    return House(
        width,
        height,
        fps=fps if 1 <= fps <= 120 else Fraction(24),
        profile=profile if profile in PROFILES else "High",
    )


def matches(measured: Measured, house: House) -> list[str]:
    """
    Return in words how a clip's picture differs from the house; an empty list means that it can be joined as it is.

    Sound is not compared: it is rebuilt in any case. Nor is the clip's clock: its frames are timed anew.
    """
    is_now = measured.signature
    differences = []

    def differs(what: str, here: object, there: object) -> None:
        if here != there:
            differences.append(f"{what} is {here}, not {there}")

    differs("codec", is_now.codec, "h264")
    differs("profile", is_now.profile, house.profile)
    differs("size", f"{is_now.width}x{is_now.height}", f"{house.width}x{house.height}")
    differs("pixel shape", str(is_now.sar), "1")
    differs("pixel format", is_now.pix_fmt, "yuv420p")
    differs("rotation", is_now.rotation, 0)
    if is_now.mirrored:
        differences.append("it is mirrored")
    if is_now.vfr:
        differences.append(f"rate varies around {float(is_now.fps):.3f}")
    else:
        differs("rate", str(is_now.fps), str(house.fps))
    if {is_now.primaries, is_now.matrix} - {BT709, UNSPECIFIED} or is_now.transfer not in SAME_CURVE:
        differences.append(f"colours are {is_now.primaries}/{is_now.transfer}/{is_now.matrix}, not bt709")
    if is_now.full_range:
        differences.append("colours are full range")
    if is_now.interlaced:
        differences.append("fields are interlaced")
    if measured.hidden:
        differences.append(f"{measured.hidden} frames are hidden by an edit list")
    if is_now.codec == "h264":
        if read_box(measured.parameters) is None:
            differences.append("parameter sets are not in the header")
        elif not measured.clean_start:
            differences.append("it does not begin with a frame that stands alone")
    return differences
