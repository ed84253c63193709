"""
Set a whole scene from a prompt: the place first, then who and what is in it, then the weather before it all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from storyreel.sandbox.stage.camera import Layer
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.crop import pare
from storyreel.sandbox.stage.cues import INDOORS, PEOPLE, Cues, seed_of
from storyreel.sandbox.stage.figures.animals import BEASTS
from storyreel.sandbox.stage.figures.products import desk
from storyreel.sandbox.stage.paint import mix
from storyreel.sandbox.stage.placement import ON_WHEELS, place_afloat, place_aloft, place_landmark, place_on_the_ground
from storyreel.sandbox.stage.places import city, country, elsewhere, land, product, rooms, shore, town
from storyreel.sandbox.stage.places.lighthouse import lamp_room, stairs, wall
from storyreel.sandbox.stage.weather import fog, weather

__all__ = ["Scene", "paint_scene", "seed_of"]

PLACES: dict[str, Callable[[Tableau], None]] = {
    "sea": shore.sea,
    "cliff": shore.cliff,
    "beach": shore.beach,
    "mountain": land.mountain,
    "forest": land.forest,
    "desert": land.desert,
    "meadow": country.meadow,
    "lake": country.lake,
    "space": elsewhere.space,
    "moon": elsewhere.moon,
    "underwater": elsewhere.underwater,
    "harbour": town.harbour,
    "village": town.village,
    "city": city.city,
    "street": city.street,
    "wall": wall,
    "stairs": stairs,
    "lamproom": lamp_room,
    "room": rooms.room,
    "product": product.product,
}


@dataclass(frozen=True)
class Scene:
    """
    A scene, ready to be filmed: `layers` over `backdrop`, the first one deepest.

    `weather` are those of the layers that may also be laid over another picture. `sound` is a key of the ambiences.
    """

    backdrop: Image.Image
    layers: tuple[Layer, ...]
    weather: tuple[Layer, ...]
    sound: str
    seed: int


def sound_of(prompt: str) -> str:
    """Return which ambience a prompt asks for, without painting anything."""
    cues = Cues(prompt)
    for kind in ("storm", "rain"):
        if kind in cues.weathers:
            return kind
    by_place = {
        "sea": "sea", "cliff": "sea", "beach": "sea", "harbour": "sea", "city": "city", "street": "city", "forest": "forest",
        "meadow": "forest", "lake": "forest", "space": "night", "moon": "night",
    }  # fmt: skip
    return by_place.get(cues.place, "room" if cues.place in INDOORS else "wind")


def weather_of(prompt: str, width: int, height: int, fallback: str = "") -> list[Layer]:
    """Return the weather that a prompt names, as layers for a picture of this size; `fallback` where it names none."""
    cues = Cues(prompt)
    return [layer for kind in (cues.weathers or (fallback,)) for layer in weather(kind, width, height, cues.seed)]


def aim_of(prompt: str) -> tuple[float, float]:
    """Return where in the picture the camera's move ends, 0 to 1 across and down, as the words say."""
    cues = Cues(prompt)
    across = 0.0 if cues.says(r"(?:pans?|dolly|tracks?|moves?|turns?) (?:\w+ )?left") else 0.5
    across = 1.0 if cues.says(r"(?:pans?|dolly|tracks?|moves?|turns?) (?:\w+ )?right") else across
    down = 0.0 if cues.says(r"(?:tilts?|looks?|rises?|cranes?|climbs?) (?:\w+ )?up|climb") else 0.45
    return across, 1.0 if cues.says(r"(?:tilts?|looks?|cranes?) (?:\w+ )?down") else down


def paint_scene(prompt: str, width: int, height: int, frames: int, *, figures: bool = True) -> Scene:
    """
    Paint the scene that a prompt asks for.

    Args:
        prompt: Any words.
        width, height: Of the frame, in pixels.
        frames: How long it is to last; scenery that passes by is painted that wide.
        figures: Whether those who stand on the ground are in it; else the place alone.
    """
    cues = Cues(prompt)
    t = Tableau(cues, width, height, frames)
    t.pace = _pace(t)
    PLACES[cues.place](t)
    place_landmark(t)
    place_aloft(t)
    if t.water is not None:
        place_afloat(t)
    if t.nearer:
        t.nearer()
    if figures and cues.place != "product":
        place_on_the_ground(t)
    if cues.place == "room" and cues.subject("table"):
        t.put(
            desk((0.9, 0.8, 0.7) if t.air.lamps else t.air.tint, 0.62 * t.size),
            t.width * 0.52,
            t.floor + 0.03 * t.height,
        )
    before = _before(t)
    layers = pare((*t.layers, *t.front, *before), width, height, frames)
    return Scene(t.backdrop, tuple(layers), tuple(before), t.sound, cues.seed)


def _pace(t: Tableau) -> float:
    cues = t.cues
    if cues.place in INDOORS - {"moon"} or cues.place in ("cliff", "harbour", "sea", "lake"):
        return 0.0
    walkers = [s for s in cues.subjects if s.kind in PEOPLE or s.kind in BEASTS]
    if cues.subject(*ON_WHEELS) or (walkers and cues.fast):
        return t.speed(8)
    if walkers and cues.moving:
        return t.speed(4)
    # A slow dolly, so slow that what stands does not leave the frame.
    return t.speed(min(1.0, 0.3 * t.width / max(1, t.frames) * 720 / t.height))


def _before(t: Tableau) -> list[Layer]:
    """Return what falls or drifts before everything."""
    kinds = list(t.cues.weathers)
    place = t.cues.place
    if place in ("room", "lamproom", "stairs", "product", "wall"):
        kinds = ["dust"] if not set(kinds) & {"embers"} else ["embers"]
    elif place == "underwater":
        kinds = ["bubbles"]
    elif place in ("space", "moon"):
        kinds = []
    elif (place == "village" and not kinds and t.cues.says("snow|winter")) or (not kinds and t.cues.says("winter")):
        kinds = ["snow"]
    if t.cues.subject("campfire") and "embers" not in kinds:
        kinds.append("embers")
    layers: list[Layer] = []
    for kind in kinds:
        if kind == "fog":
            layers += fog(t.width, t.height, t.rng, colour=mix(t.air.haze, (236, 240, 244), 0.35), thick=0.8)
        else:
            layers += weather(kind, t.width, t.height, t.cues.seed)
    return layers
