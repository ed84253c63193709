"""stub"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from PIL import Image

from storyreel.sandbox.camera import Layer


@dataclass(frozen=True)
class Scene:
    backdrop: Image.Image
    layers: tuple[Layer, ...]
    sound: str
    seed: int
    weather: tuple[Layer, ...] = ()


def seed_of(prompt: str) -> int:
    return int.from_bytes(sha256(prompt.encode()).digest()[:4], "big")


def paint_scene(prompt: str, width: int, height: int, frames: int) -> Scene:
    seed = int.from_bytes(sha256(prompt.encode()).digest()[:4], "big")
    g = Image.linear_gradient("L").resize((width, height))
    top = Image.new("RGB", (width, height), (seed & 255, seed >> 8 & 255, 160))
    low = Image.new("RGB", (width, height), (240, 180, seed >> 16 & 255))
    return Scene(Image.composite(low, top, g), (), "sea", seed)
