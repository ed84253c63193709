"""
A scene while it is being set: the backdrop, the layers laid so far, and the marks at which things stand.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.cues import Cues
from storyreel.sandbox.stage.figures.dress import Cast
from storyreel.sandbox.stage.light import HOURS, Air
from storyreel.sandbox.stage.paint import Brush, Colour, Point, glow, gradient, lay, mix, silhouette, stencil


@dataclass
class Tableau:
    """
    Args:
        cues: What the prompt says.
        width, height: Of the frame, in pixels.
        frames: How long the scene is to last.

    After a place has been set, `floor` is where soles stand, `tall` a person's height in pixels, `pace` how many pixels
    the ground travels to the left in a frame, `water` where a ship floats (None where there is no water). `landmark`
    is where a lighthouse stands, `cover` is laid over its foot, and `nearer` lays what comes before all that floats.
    """

    cues: Cues
    width: int
    height: int
    frames: int
    air: Air = field(init=False)
    rng: random.Random = field(init=False)
    backdrop: Image.Image = field(init=False)
    layers: list[Layer] = field(default_factory=list)
    front: list[Layer] = field(default_factory=list)
    floor: float = 0.0
    tall: float = 0.0
    pace: float = 0.0
    horizon: float = 0.0
    flight_floor: float = 0.0
    water: float | None = None
    sound: str = "wind"
    landmark: Point | None = None
    cover: Layer | None = None
    nearer: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.air = HOURS[self.cues.hour]
        self.rng = random.Random(self.cues.seed)
        self.backdrop = Image.new("RGB", (self.width, self.height), self.air.deep)
        self.tall = 0.40 * self.size
        self.floor = 0.84 * self.height

    @property
    def size(self) -> float:
        """The measure that figures are scaled by: the height, less in a narrow frame."""
        return min(self.height, self.width * 1.05)

    @property
    def u(self) -> float:
        """One pixel of a frame 720 high."""
        return self.size / 720

    def speed(self, pixels: float) -> float:
        """Return a speed that is `pixels` a frame at 720 lines, as whole pixels where the frame is that large."""
        scaled = pixels * self.height / 720
        return math.copysign(max(0.5, round(abs(scaled) * 2) / 2), scaled) if scaled else 0.0

    def drift(self, depth: int) -> float:
        """Return how fast the ground of a depth passes: 0 far, 1 between, 2 before the ground that people stand on."""
        slow = self.speed((0.5, 0.5, 1.0)[depth])
        return slow if not self.pace else max(slow, (self.speed(0.5), self.speed(1.0), self.pace / 2)[depth])

    def travel(self, speed: float) -> int:
        """Return how far something of this speed goes in the whole scene, in pixels."""
        return math.ceil(abs(speed) * self.frames / 2) * 2 + 4

    def put(
        self,
        cast: Cast,
        x: float,
        foot: float,
        *,
        speed: float = 0.0,
        swing: float = 0.0,
        sway: float = 0.0,
        period: float = 60,
        shadow: float = 0.0,
        step: int = 1,
    ) -> None:
        """
        Put a painted figure on its mark: its middle at x, its soles at `foot`.

        It moves by `speed`, bobs by `swing`, sways sidewards by `sway`, at every `step`th frame; a shadow `shadow` pixels
        wide goes with it.
        """
        if shadow:
            w, h = max(4, 2 * round(shadow / 2)), max(4, 2 * round(shadow * 0.08))
            soft = glow(w / 2, (6, 8, 22), 0.6, 1.0).resize((w, h))
            along = Track(round(x - w / 2), speed, swing=sway, period=period * 1.7)
            self.layers.append(Layer(soft, along, Track(round(foot - h * 0.55))))
        layer = Layer(
            cast.picture,
            Track(round(x - cast.middle), speed, swing=sway, period=period * 1.7, step=step),
            Track(round(foot - cast.foot), swing=swing, period=period, step=step),
            cells=cast.cells,
            hold=cast.hold,
        )
        self.layers.append(layer)

    def sky(self, horizon: float) -> None:
        """Paint the sky down to the horizon (a part of the height), with sun or moon, stars and clouds."""
        air, rng = self.air, self.rng
        self.horizon = horizon * self.height
        deep = max(2, round(self.horizon))
        self.backdrop.paste(gradient(self.width, deep, air.sky), (0, 0))
        self.backdrop.paste(air.sky[-1][1], (0, deep, self.width, self.height))
        draw = Brush(self.backdrop, "RGBA")
        for _ in range(round(air.stars * self.width / 1280) if "storm" not in self.cues.weathers else 0):
            x, y = rng.uniform(0, self.width), deep * 0.86 * rng.random() ** 1.3
            r = rng.choice((0.6, 0.8, 1.1, 1.6)) * max(0.7, self.u)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 246, rng.randint(110, 245)))
        if air.orb_size:
            self.orb_x = self.width * rng.choice((0.24, 0.32, 0.66, 0.74))
            self.orb_y = self.horizon * air.orb_height
            self._orb(self.orb_x, self.orb_y, air.orb_size * min(self.width, self.height))
        else:
            self.orb_x = self.width * 0.6

    orb_x: float = 0.0
    orb_y: float = 0.0

    def _orb(self, x: float, y: float, r: float) -> None:
        air = self.air
        for reach, strength, power in ((7.5, 0.50, 1.7), (3.0, 0.62, 1.5)):
            light = glow(r * reach / 4, air.orb, strength * (0.7 if air.moon else 1.0), power)
            light = light.resize((light.width * 4, light.height * 4), Image.Resampling.BILINEAR)
            lay(light, self.backdrop, x - light.width / 2, y - light.height / 2)
        disc = Image.new("L", (round(r * 8), round(r * 8)))
        draw = Brush(disc)
        draw.ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
        face = gradient(disc.width, disc.height, ((0, mix(air.orb, (255, 255, 255), 0.6)), (1, air.orb)))
        if air.moon:
            spots = Brush(face)
            for cx, cy, cr in ((0.34, 0.36, 0.14), (0.62, 0.28, 0.08), (0.58, 0.62, 0.17), (0.3, 0.68, 0.08)):
                w = disc.width
                spots.ellipse(
                    ((cx - cr) * w, (cy - cr) * w, (cx + cr) * w, (cy + cr) * w),
                    fill=mix(air.orb, (150, 160, 190), 0.32),
                )
        moon = stencil(disc, face).reduce(4)
        lay(moon, self.backdrop, x - moon.width / 2, y - moon.height / 2)

    def clouds(self, count: int = 4, *, low: float = 0.62, heavy: bool = False) -> None:
        """Lay a band of clouds that drifts."""
        speed = -0.5 * self.height / 720
        wide, high = self.width + self.travel(speed), round(self.horizon * low)
        picture = Image.new("RGBA", (wide, max(8, high)))
        for _ in range(round(count * wide / self.width)):
            w = self.size * self.rng.uniform(0.26, 0.5) * (1.5 if heavy else 1.0)
            cloud = self._cloud(w, heavy=heavy)
            lay(
                cloud,
                picture,
                self.rng.uniform(-0.1, 0.95) * wide,
                self.rng.uniform(0.02, 0.8) * max(1, high - cloud.height),
            )
        self.layers.append(Layer(picture, Track(0, speed)))

    def _cloud(self, wide: float, *, heavy: bool) -> Image.Image:
        rng, air = self.rng, self.air
        w, h = round(wide), round(wide * 0.30)
        mask = Image.new("L", (w * 2, h * 2))
        draw = Brush(mask)
        base = h * 1.62
        puffs = 7
        for k in range(puffs):
            t = (k + 0.5) / puffs
            r = h * (0.34 + 0.5 * math.sin(math.pi * t) ** 1.2 * rng.uniform(0.7, 1.15))
            x = w * 2 * (0.12 + 0.76 * t)
            draw.ellipse((x - r * 1.25, base - r * 1.5, x + r * 1.25, base + r * 0.5), fill=255)
        draw.rectangle((0, round(base), w * 2, h * 2), fill=0)
        draw.rounded_rectangle((w * 0.12, base - h * 0.24, w * 1.88, base + h * 0.06), radius=h * 0.15, fill=255)
        tone = 0.94 if heavy else 0.86
        mask = mask.resize((w, h), Image.Resampling.BOX).point([round(v * tone) for v in range(256)])
        top, low = mix(air.clouds, (255, 255, 255), 0.18), mix(air.clouds, air.sky[len(air.sky) // 2][1], 0.45)
        return stencil(mask, gradient(w, h, ((0.1, top), (0.85, low))))

    def ground(
        self,
        outline: list[Point],
        top: float,
        height: float,
        colours: tuple[tuple[float, Colour], ...],
        speed: float = 0.0,
        wide: int = 0,
    ) -> Image.Image:
        """Lay a band of land whose outline begins at `top`; return its picture, for more to be painted on it."""
        picture = silhouette(wide or self.width + self.travel(speed), math.ceil(height), outline, colours)
        self.layers.append(Layer(picture, Track(0, -abs(speed)), Track(round(top))))
        return picture
