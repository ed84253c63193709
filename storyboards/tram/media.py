"""Draw the pictures and the clip of your own that tram.yaml shows, with the sandbox's brush: `python storyboards/tram/media.py`."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from storyreel.sandbox.stage.camera import Stage, flatten, run
from storyreel.sandbox.stage.clips import RATE, ambience
from storyreel.sandbox.stage.scenery import paint_scene

HERE = Path(__file__).parent
PICTURES = {
    "hill.jpg": ("A village below a mountain at dusk.", (1920, 1080)),
    "poster.jpg": ("A tram in a city street at night, a woman in a yellow raincoat under the moon.", (1000, 1000)),
}
PHONE = "A city street at night in rain, a bus passes."


def main() -> None:
    """Draw all of it."""
    for name, (words, (width, height)) in PICTURES.items():
        scene = paint_scene(words, width, height, 1)
        flatten(scene.backdrop, scene.layers, 0).convert("RGB").save(HERE / name, "JPEG", quality=78, optimize=True)
    with TemporaryDirectory() as folder:
        raw = Path(folder) / "phone.mp4"
        frames = 84
        scene = paint_scene(PHONE, 432, 768, frames)
        with Stage(Fraction(30)) as stage:
            video = stage.scene(scene.backdrop, scene.layers)
            stage.graph.append(ambience(scene.sound, scene.seed, frames * RATE // 30, "heard"))
            stage.shoot(video, "heard", frames, raw)
        encode = [
            "-c:v",
            "libx264",
            "-preset",
            "slow",
            "-crf",
            "31",
            "-c:a",
            "aac",
            "-b:a",
            "64k",
            "-movflags",
            "+faststart",
        ]
        run(["-i", str(raw), *encode, str(HERE / "phone.mp4")])


if __name__ == "__main__":
    main()
