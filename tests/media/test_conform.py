"""Own footage is brought to the house once, whatever it was; and trimmed to the frame."""

import asyncio
import json
from fractions import Fraction

import pytest

from storyreel.errors import MediaError
from storyreel.media import House, conform, matches, probe, trim
from tests.media.filming import SERVICE, ffmpeg, film_clip, lights, pictures, sound
from tests.media.numbered import film, number, numbered

HOUSE = House(160, 90)
KINDS = [
    "25-mono-44k", "30-silent", "60", "ntsc", "varying", "ten-bit", "odd-size", "tall", "turned", "hevc", "vp9",
    "wide-pixels", "broadcast", "old-camera", "late", "cut-by-edit-list", "single-frame",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.some(6)
async def test_every_kind_of_footage_becomes_house(footage, tmp_path, kind):
    """
    Conformed footage matches the house, lasts as long as it did, begins with its first frame and keeps its sound.
    """
    before = probe(footage[kind])

    after = await conform(footage[kind], HOUSE, tmp_path / "house.mp4")

    assert [] == matches(after, HOUSE)
    assert max(1, round(before.seconds * 24)) == after.frames == len(lights(tmp_path / "house.mp4"))
    assert before.has_audio == after.has_audio
    if kind != "cut-by-edit-list":
        assert lights(tmp_path / "house.mp4")[0] > 220
    if after.has_audio:
        assert after.frames * 2000 == len(sound(tmp_path / "house.mp4"))
    assert [tmp_path / "house.mp4"] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "dark"),
    [
        pytest.param("tall", [(45, 2), (45, 157)], id="bars-left-and-right"),
        pytest.param("turned", [], id="turned-fills"),
        pytest.param("wide-pixels", [], id="wide-pixels-fill"),
        pytest.param("odd-size", [], id="odd-size-fills"),
    ],
)
async def test_pictures_keep_their_shape(footage, tmp_path, kind, dark):
    """
    A picture of another shape gets bars and is never stretched.
    """
    await conform(footage[kind], HOUSE, tmp_path / "house.mp4")

    flash = pictures(tmp_path / "house.mp4")[0]
    corners = [(2, 80), (87, 80), (45, 2), (45, 157)]
    assert dark == [(y, x) for y, x in corners if flash[y, x] < 40]


@pytest.mark.parametrize(
    ("start", "end", "first", "count"), [(0.25, 0.75, 6, 12), (0.5, 1.0, 12, 12), (0.0, 0.1, 0, 2)]
)
async def test_a_part_begins_and_ends_on_its_frame(reels, tmp_path, start, end, first, count):
    """
    The first frame of a part is the one shown at its start, and it has as many as its seconds.
    """
    source = film_clip(reels / f"part-{first}.mp4", seconds=1)

    await conform(source, HOUSE, tmp_path / "part.mp4", start=start, end=end)

    assert lights(source)[first : first + count] == pytest.approx(lights(tmp_path / "part.mp4"), abs=2)


async def test_no_filter_is_left_to_go_on_for_ever(footage, tmp_path, monkeypatch):
    """
    What is held without an end is cut off in the filters themselves: ffmpeg 7.0 waits for ever where only the output ends.
    """
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(tmp_path / "log"))

    await conform(footage["25-mono-44k"], House(64, 64), tmp_path / "a.mp4")

    commands = [" ".join(json.loads(line)["argv"]) for line in (tmp_path / "log").read_text().splitlines()]
    endless = [command for command in commands if "tpad=" in command or "apad" in command]
    assert endless
    for command in endless:
        assert command.count("tpad=") == command.count("]trim=end_frame=")
        assert command.count("apad") == command.count("]atrim=end_sample=")


@pytest.mark.parametrize("container", ["mp4", pytest.param("mkv", marks=pytest.mark.long), "ts", "avi"])
async def test_a_part_far_into_long_footage_is_exact(reels, tmp_path, container):
    """
    Where decoding begins near the part and not at the start, the frame and the sound are still the right ones.
    """
    source = reels / f"long.{container}"
    coded = ("-c:a", "aac" if container != "avi" else "pcm_s16le")  # an AVI cannot say how much of its AAC is run-in
    light = "nullsrc=s=64x64:r=24:d=12,geq=lum='30+mod(N*7,200)':cb=128:cr=128,format=yuv420p"
    beep = "aevalsrc='if(between(t,9.5,9.6),0.5*sin(2*PI*1000*t),0)':s=48000:d=12"
    ffmpeg("-f", "lavfi", "-i", light, "-f", "lavfi", "-i", beep, *SERVICE, "-g", "200", *coded, str(source))

    await conform(source, House(64, 64), tmp_path / "part.mp4", start=9.25, end=10.0)

    assert [30 + n * 7 % 200 for n in range(222, 240)] == pytest.approx(lights(tmp_path / "part.mp4"), abs=2)
    heard = sound(tmp_path / "part.mp4")
    assert 0.25 == pytest.approx(next(n for n, value in enumerate(abs(heard)) if value > 0.1) / 48000, abs=0.003)


async def test_trimmed_footage_keeps_its_size_and_rate(footage, tmp_path):
    """
    What is sent to the service is the person's own picture, H.264 and AAC, as long as asked.
    """
    made = await trim(footage["30-silent"], 0.2, 0.7, tmp_path / "part.mp4")

    assert ((192, 108), Fraction(30), 15, "h264") == (
        made.shown, made.signature.fps, made.frames, made.signature.codec
    )  # fmt: skip
    assert lights(footage["30-silent"])[6:21] == pytest.approx(lights(tmp_path / "part.mp4"), abs=2)


async def test_trimmed_footage_of_any_kind_can_be_sent(footage, tmp_path):
    """
    Odd lengths, rotation and varying rates come out as plain H.264 with even lengths.
    """
    for kind, size in {"odd-size": (160, 90), "turned": (160, 90), "varying": (160, 90)}.items():
        made = await trim(footage[kind], 0.0, 0.4, tmp_path / f"{kind}.mp4")
        assert (size, 0, False) == (made.shown, made.signature.rotation, made.signature.vfr)
        assert ("aac", 48000) == (made.audio_codec, made.audio_rate)


@pytest.mark.parametrize(("start", "end"), [(0.4, 0.4), (0.3, 0.2), (-1, 0.2), (0.2, 0.9), (2, 3)])
async def test_a_part_that_is_not_there_is_refused(clip, tmp_path, start, end):
    """
    Seconds outside the clip are an error, and nothing is written.
    """
    with pytest.raises(MediaError, match=r"is no part of it"):
        await trim(clip, start, end, tmp_path / "part.mp4")

    assert [] == list(tmp_path.iterdir())


async def test_a_cancelled_conform_leaves_nothing(footage, tmp_path):
    """
    Whoever stops half-way finds no half file.
    """
    task = asyncio.create_task(conform(footage["hevc"], House(1920, 1080), tmp_path / "house.mp4"))
    await asyncio.sleep(0.15)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert [] == list(tmp_path.iterdir())


def numbers(clip):
    return [number(picture) for picture in film(clip)]


@pytest.mark.parametrize("rate", [5, 12, 15, 25, 30, 50])
@pytest.mark.some(3)
async def test_what_comes_before_a_part_moves_no_frame_of_it(tmp_path, rate):
    """
    A transition takes frames from before a part. Those of the part are the ones that it has without, whatever rate its file has.
    """
    clip = numbered(tmp_path / "clip.mp4", rate=rate)
    for each, start in enumerate((0.37, 0.5, 0.71)):
        alone, longer = tmp_path / f"alone-{each}.mp4", tmp_path / f"longer-{each}.mp4"
        lead = int(start * 24)
        end = start + 0.4
        await conform(clip, House(64, 48), alone, start=start, end=end, frames=9)

        await conform(clip, House(64, 48), longer, start=start - lead / 24, end=end, frames=9 + lead, lead=lead)

        assert numbers(alone) == numbers(longer)[lead:]
        assert numbers(alone)[0] == int(start * rate + 0.001)
