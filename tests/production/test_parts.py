"""
A clip that is held to pictures and spoken with voices, from its storyboard to its film: what was asked for is seen and heard there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from storyreel.model.recipe import Clip
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run
from storyreel.sandbox.api.validation import VOICES
from storyreel.sandbox.stage import clips
from storyreel.sandbox.stage.sound import tone_of
from tests.desk import Desk
from tests.drawn_once import DRAWN
from tests.sandbox.test_pictures import frames_of, psnr
from tests.sandbox.test_pinned import heard_s

BOARD = """
title: Held
defaults: {model: grok-imagine-video-1.5, duration: 3, resolution: 480p, aspect_ratio: "1:1"}
cast:
  ana: {description: a woman, references: [ana.png], voice: eve}
  ben: {description: a man, voice: leo}
scenes:
  - id: stop
    references: [ana]
    voices: [ana, ben]
    prompt: "{{ ref.ana }} says with {{ voice.ana }}: wait! {{ voice.ben }}: no."
  - id: face
    image: {frame_of: stop, at: 1}
    keyframes: [{image: wall.png, at: 2.33}, {image: {prompt: "A red door."}, at: 1}]
    last_frame: door.png
  - id: walk
    image: door.png
    references: [ana]
    prompt: "{{ ref.ana }} walks in."
  - id: loop
    image: {last_frame_of: face}
    last_frame: {frame_of: stop, at: 2}
    prompt: It begins anew.
"""
SIZE = (480, 480)


@pytest.fixture
def held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk with a board of all of these fields, and its pictures, whose sandbox draws each clip."""
    for name in (*DRAWN, "still"):
        monkeypatch.setattr(clips, name, getattr(clips, name).__wrapped__)
    for name in ("ana", "wall", "door"):
        clips.still(f"A {name} in a forest at {len(name)}", *SIZE, desk.folder / f"{name}.png")
    desk.write(BOARD)
    return desk


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB").resize(SIZE)).astype(np.float64)


@pytest.mark.long
async def test_what_was_asked_for_is_seen_and_heard_where_it_was_asked_for(held: Desk):
    """
    First, last and key frames at their times, at 30 dB and better; each voice for half a second in its clip and in no other; one
    purchase each, and none the second time.
    """
    prepared = prepare(str(held.board))
    async with open_session(prepared, run="one", sandbox=True) as session:
        result = await run(session)
        ends = {name: end for name, end in result.ends.items() if isinstance(end, Clip)}
        paths = {name: await session.vault.clips.local(clip.sha256) for name, clip in ends.items()}
    frames = {name: frames_of(path) for name, path in paths.items() if name.endswith("/video")}
    file = {name: picture(held.folder / f"{name}.png") for name in ("ana", "wall", "door")}
    places = {
        ("face", 0): frames["stop/video"][24],
        ("face", 24): picture(paths["face/key-still-1"]),
        ("face", 56): file["wall"],
        ("face", 71): file["door"],
        ("walk", 0): file["door"],
        ("loop", 0): frames["face/video"][71],
        ("loop", 71): frames["stop/video"][48],
    }

    assert {*frames} == {"stop/video", "face/video", "walk/video", "loop/video"}
    for (scene, frame), expected in places.items():
        assert psnr(frames[f"{scene}/video"][frame], expected) >= 30, (scene, frame)
    for voice in ("eve", "leo"):
        heard = {name: heard_s(paths[name], tone_of(voice, VOICES)) for name in frames}
        assert heard["stop/video"] >= 0.5
        assert [0.0, 0.0, 0.0] == [heard[name] for name in frames if name != "stop/video"]

    sent = len(held.posts())
    assert sent == len(ends) == 5
    async with open_session(prepare(str(held.board)), run="two", sandbox=True) as session:
        assert ends == (await run(session)).ends
    assert len(held.posts()) == sent
