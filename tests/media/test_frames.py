"""Frames are found by decoding: the first, the last, the one at a time; upright and in their true colours."""

import pytest
from PIL import Image, ImageChops

from storyreel.errors import MediaError
from storyreel.media import first_frame, frame_at, last_frame
from tests.media.filming import SERVICE, ffmpeg, film_clip, lights


def light(path):
    """Return the light in the middle of a picture, on the scale of a clip's own."""
    with Image.open(path) as picture:
        value = picture.convert("L").getpixel((picture.width // 2, picture.height // 2))
        return round(16 + value * 219 / 255)


def true_frames(clip, folder):
    """Decode a whole clip to pictures with ffmpeg, which turns them as players do."""
    ffmpeg(
        "-i",
        str(clip),
        "-fps_mode",
        "passthrough",
        "-sws_flags",
        "bicubic+accurate_rnd+full_chroma_int",
        str(folder / "true-%04d.png"),
    )
    return sorted(folder.glob("true-*.png"))


@pytest.mark.parametrize(
    "kind",
    [
        "25-mono-44k",
        "60",
        "varying",
        "hevc",
        "vp9",
        "turned",
        "broadcast",
        "late",
        "cut-by-edit-list",
        "old-camera",
        "single-frame",
    ],
)
async def test_first_and_last_frame_are_the_true_ones(footage, tmp_path, kind):
    """
    The first and the last frame are those that a decode of the whole clip begins and ends with, for every container.
    """
    await first_frame(footage[kind], tmp_path / "first.png")
    await last_frame(footage[kind], tmp_path / "last.png")

    truth = true_frames(footage[kind], tmp_path)
    for mine, true in (("first.png", truth[0]), ("last.png", truth[-1])):
        with Image.open(tmp_path / mine) as got, Image.open(true) as wanted:
            assert wanted.size == got.size
            apart = ImageChops.difference(wanted.convert("RGB"), got).getextrema()
            assert max(high for _, high in apart) <= 3


async def test_the_last_frame_is_the_picture_s_even_when_sound_goes_on(long_sound, tmp_path):
    """
    A clip whose sound outlasts its picture ends on its last picture.
    """
    await last_frame(long_sound, tmp_path / "last.png")

    assert lights(long_sound)[-1] == pytest.approx(light(tmp_path / "last.png"), abs=1)
    assert lights(long_sound)[-2] + 2 <= lights(long_sound)[-1]


async def test_the_last_frame_of_reordered_pictures_is_the_one_shown_last(reels, tmp_path):
    """
    With B-frames the packet that comes last is not the frame shown last.
    """
    clip = film_clip(reels / "reordered.mp4", encoder=(*SERVICE, "-bf", "3", "-b_strategy", "0"), seconds=0.7)

    await last_frame(clip, tmp_path / "last.png")

    assert lights(clip)[-1] == max(lights(clip)[2:]) == pytest.approx(light(tmp_path / "last.png"), abs=1)


@pytest.mark.parametrize(("at", "frame"), [(0.0, 0), (0.25, 6), (0.26, 6), (10 / 24, 10), (9.0, 11), (0.4166, 10)])
async def test_the_frame_at_a_time_is_the_one_a_player_shows(clip, tmp_path, at, frame):
    """
    A frame is shown from its own time until the next one's; after the end the last one stays.
    """
    await frame_at(clip, at, tmp_path / "at.png")

    # The last digits of a decimal must not show the frame before; so a hair early counts as there.
    assert lights(clip)[frame] == pytest.approx(light(tmp_path / "at.png"), abs=1)


async def test_a_frame_can_be_scaled(clip, tmp_path):
    """
    A preview keeps the picture's shape.
    """
    await frame_at(clip, 0.2, tmp_path / "small.png", width=80)

    with Image.open(tmp_path / "small.png") as picture:
        assert (80, 45) == picture.size


@pytest.mark.parametrize(
    ("size", "matrix", "tagged"),
    [
        pytest.param("320x180", "bt709", "bt709", id="tagged-709"),
        pytest.param("320x180", "bt601", "smpte170m", id="tagged-601"),
        pytest.param("1280x720", "bt709", "unknown", id="untagged-hd"),
        pytest.param("320x180", "bt601", "unknown", id="untagged-sd"),
    ],
)
async def test_colours_are_read_as_they_were_meant(tmp_path, size, matrix, tagged):
    """
    A red wall is red in the picture that the next scene continues, whichever way its clip stores colour.
    """
    source = (
        f"color=0xE03020:s={size}:d=0.1,scale=out_color_matrix={matrix},format=yuv420p,setparams=colorspace={tagged}"
    )
    # Said once more: ffmpeg 5 hands what the frames say to no encoder.
    encoder = ("-c:v", "libx264", "-crf", "1", "-colorspace", tagged)
    ffmpeg("-f", "lavfi", "-i", source, *encoder, str(tmp_path / "wall.mp4"))

    await last_frame(tmp_path / "wall.mp4", tmp_path / "wall.png")

    with Image.open(tmp_path / "wall.png") as picture:
        assert (0xE0, 0x30, 0x20) == pytest.approx(picture.getpixel((50, 50)), abs=5)


async def test_a_clip_without_a_readable_frame_is_an_error(clip, tmp_path):
    """
    What cannot be decoded leaves no picture behind.
    """
    (tmp_path / "broken.mp4").write_bytes(clip.read_bytes()[:300])

    with pytest.raises(MediaError):
        await last_frame(tmp_path / "broken.mp4", tmp_path / "last.png")

    assert not (tmp_path / "last.png").exists()
