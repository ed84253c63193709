"""
What a joint looks like: rendered frames beside what their clips show, and the seam where copied frames meet them.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.delivery.assemble import assemble
from storyreel.model.joints import Joint
from storyreel.model.recipe import Clip
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import ResolvedTimeline, Timeline
from storyreel.vault import Vault, open_vault
from tests.media.numbered import written

RATE, FRAMES, WIDTH, HEIGHT = 24, 72, 320, 180
LEAST_DB = 40.0
"""A picture of this likeness cannot be told from its original by eye (the clips' own key frames differ by as much)."""


def filmed(folder: Path, name: str, hue: int) -> Path:
    """Make a clip of soft shapes that drift, as a service encodes it: a group of pictures is two seconds long."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    grain = np.random.default_rng(hue).normal(0, 3, (HEIGHT, WIDTH))
    chroma = np.full((HEIGHT // 2, WIDTH), hue, np.uint8)
    pictures = []
    for number in range(FRAMES):
        waves = 40 * np.sin((across + 3 * number) / 23 + hue) + 40 * np.cos((down - 2 * number) / 17)
        light = np.clip(125 + waves + grain, 16, 235).astype(np.uint8)
        both = np.concatenate([light, chroma.reshape(HEIGHT // 2, WIDTH)])
        pictures.append(av.VideoFrame.from_ndarray(both, format="yuv420p"))
    options = {"preset": "veryfast", "crf": "20", "profile": "high", "g": "48"}
    return written(folder / f"{name}.mp4", pictures, "libx264", "yuv420p", options, None, None, rate=RATE)


def shown(film: Path) -> np.ndarray:
    """Return the light of each frame of a film, as PyAV decodes it."""
    with av.open(str(film)) as reader:
        return np.stack([frame.to_ndarray(format="yuv420p")[:HEIGHT] for frame in reader.decode(video=0)]).astype(float)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio of two pictures, in dB."""
    error = float(((one - other) ** 2).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def sharpness(pictures: np.ndarray) -> np.ndarray:
    """Return by how much neighbouring pixels of each picture differ, on average."""
    return np.abs(np.diff(pictures, axis=2)).mean(axis=(1, 2))


def expected(film: ResolvedTimeline, clips: Sequence[np.ndarray]) -> np.ndarray:
    """Return the frames of a film, mixed here from what its clips show."""
    frames = np.zeros((film.frames, HEIGHT, WIDTH))
    for at, (shot, clip) in enumerate(zip(film.picture, clips, strict=True)):
        out = film.picture[at + 1].joint if at + 1 < len(clips) else None
        behind = out.handle_out if isinstance(out, Joint) else 0
        mixed, before = (shot.joint.frames, shot.joint.handle_in) if isinstance(shot.joint, Joint) else (0, 0)
        for number in range(-before, shot.frames + behind):
            place, into = shot.first_frame + number, number + before
            share = into / mixed if into < mixed else 1.0
            frames[place] = (1 - share) * frames[place] + share * clip[shot.clip_first_frame + number]
    return frames


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vault, dict[str, Clip], list[np.ndarray]]:
    """Return a vault with two clips, and what those show."""
    folder = tmp_path_factory.mktemp("pair")
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    files = [filmed(folder, "sea", 110), filmed(folder, "lamp", 145)]
    kept = {
        f"{path.stem}/video": Clip(
            request_id=path.stem, sha256=asyncio.run(vault.clips.keep(path, ".mp4")), frames=FRAMES
        )
        for path in files
    }
    return vault, kept, [shown(path) for path in files]


@pytest.mark.long
async def test_a_dissolve_looks_like_its_clips_and_shows_no_seam(
    pair: tuple[Vault, dict[str, Clip], list[np.ndarray]],
):
    """
    Every frame is within 40 dB of what its clips show there; a frame that is copied is theirs to the bit, and from the last
    copied frame to the first rendered one the error changes by less than an eye sees.
    """
    vault, clips, decoded = pair
    sea, lamp = (
        Shot(name, StepClip(f"{name}/video", 3.0), start, end, (Credit(f"{name}/video", 0.0, 3.0),), joint)
        for name, start, end, joint in (("sea", 0.0, 2.5, None), ("lamp", 0.25, None, Transition("dissolve", 0.5)))
    )
    path, record = await assemble(Timeline((WIDTH, HEIGHT), (sea, lamp)), clips, vault)
    seen, wanted = shown(path), expected(record.timeline, decoded)
    error = seen - wanted

    alike = [likeness(one, other) for one, other in zip(seen, wanted, strict=True)]
    seams = [at for at in range(1, len(alike)) if (alike[at] == 99.0) != (alike[at - 1] == 99.0)]

    assert len(seen) == len(wanted) == record.timeline.frames
    assert min(alike) >= LEAST_DB, [round(each, 1) for each in alike]
    # Some of it is copied on either side, and there are as many seams as sides.
    assert 2 == len(seams)
    assert 99.0 == alike[0] == alike[-1]
    steps = [likeness(error[at], error[at - 1]) for at in seams]
    assert min(steps) >= LEAST_DB, steps
    # Neither brightness nor sharpness changes at a seam by half of what it does at the clips' own key frames.
    own = max(float(np.abs(np.diff(sharpness(clip))).max()) for clip in decoded)
    blur = sharpness(seen) - sharpness(wanted)
    for at in seams:
        assert abs(error[at].mean() - error[at - 1].mean()) < own / 2
        assert abs(blur[at] - blur[at - 1]) < own / 2
