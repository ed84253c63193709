"""What the sandbox's clips are, whatever they show: sizes, lengths, streams, and what they keep of their inputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from storyreel.sandbox.stage.clips import (
    Shot,
    edit_video,
    extend_video,
    image_to_video,
    opened,
    pixels,
    reference_to_video,
    still,
    text_to_video,
)

WIDTH, HEIGHT = 320, 180
Frame = NDArray[np.float64]


def frames_of(clip: Path) -> list[Frame]:
    with av.open(str(clip)) as container:
        # Both are named, since PyAV before 17 looks at no tag, and takes every clip for BT.601.
        rgb = {"format": "rgb24", "src_colorspace": "ITU709", "dst_colorspace": "DEFAULT"}
        return [frame.reformat(**rgb).to_ndarray().astype(np.float64) for frame in container.decode(video=0)]


def raw_frames_of(clip: Path) -> list[Frame]:
    with av.open(str(clip)) as container:
        return [frame.to_ndarray(format="yuv420p").astype(np.float64) for frame in container.decode(video=0)]


def psnr(a: Frame, b: Frame) -> float:
    error = float(((a - b) ** 2).mean())
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def signature(clip: Path) -> tuple[object, ...]:
    """Everything that must agree for clips to be joined without encoding."""
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        codec = video.codec_context
        audio = [
            (s.codec_context.name, s.codec_context.sample_rate, s.codec_context.layout.name)
            for s in container.streams.audio
        ]
        return (
            codec.name, codec.profile, codec.width, codec.height, codec.pix_fmt, video.average_rate, video.time_base,
            codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range, codec.extradata, tuple(audio),
        )  # fmt: skip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("clip") / "clip.mp4"
    text_to_video(Shot("A lighthouse at dusk, waves, a woman in a red parka", WIDTH, HEIGHT, 3), to)
    return to


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    to = tmp_path / "picture.png"
    still("A fox in a green forest", WIDTH, HEIGHT, to)
    return to


@pytest.mark.parametrize(
    ("width", "height", "seconds"),
    [(320, 180, 1), (180, 320, 2), (240, 240, 3), (384, 164, 1.5)],
    ids=["wide", "tall", "square", "21:9"],
)
def test_clip_is_as_large_and_long_as_asked(tmp_path: Path, width: int, height: int, seconds: float) -> None:
    """A clip has the asked size, 24 frames for each second to the frame, and sound of the same length."""
    text_to_video(Shot("A harbour with boats and gulls at dawn", width, height, seconds), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.width, video.codec_context.height) == (width, height)
        assert video.average_rate == 24
        assert video.frames == seconds * 24
        assert abs(float(audio.duration * audio.time_base) - seconds) < 0.03


def test_clip_is_h264_high_with_aac_stereo(clip: Path) -> None:
    """A clip holds one H.264 High stream in BT.709 and one AAC-LC stream of 48 kHz stereo, and nothing else."""
    with av.open(str(clip)) as container:
        assert [s.type for s in container.streams] == ["video", "audio"]
        video, audio = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (video.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.color_primaries, video.color_trc, video.colorspace) == (1, 1, 1)
        assert (audio.name, audio.profile, audio.sample_rate, audio.layout.name) == ("aac", "LC", 48000, "stereo")
        assert container.streams.video[0].time_base.denominator == 12288


def test_clip_can_be_played_while_it_loads(clip: Path) -> None:
    """The index of a clip stands before its data."""
    data = clip.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_clip_has_a_closed_group_every_two_seconds(tmp_path: Path) -> None:
    """Key frames come every 48 frames, so that a cut is never far from one."""
    text_to_video(Shot("A desert", 160, 90, 5, sound=False), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        keys = [k for k, packet in enumerate(p for p in container.demux(video=0) if p.size) if packet.is_keyframe]
    assert keys == [0, 48, 96]


def test_silent_clip_has_no_audio_stream(tmp_path: Path) -> None:
    """A clip for which no sound was asked has no audio stream."""
    text_to_video(Shot("A village in snow", WIDTH, HEIGHT, 1, sound=False), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [s.type for s in container.streams] == ["video"]


def test_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    """The same prompt makes the same file, to the byte; other words make another picture."""
    for name, prompt in (("a", "Rain in a neon city"), ("b", "Rain in a neon city"), ("c", "Camels in a desert")):
        text_to_video(Shot(prompt, WIDTH, HEIGHT, 1), tmp_path / f"{name}.mp4")
    first, again, other = ((tmp_path / f"{name}.mp4").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_something_moves_in_every_clip(clip: Path) -> None:
    """A clip is no still: its frames differ from one second to the next."""
    frames = frames_of(clip)
    assert np.abs(frames[10] - frames[34]).mean() > 0.3


def test_ends_are_free_of_the_caption(tmp_path: Path) -> None:
    """The caption is in the middle of a clip alone: the first six and the last twelve frames are clear of it."""
    text_to_video(Shot("A green meadow at noon", WIDTH, HEIGHT, 3, sound=False), tmp_path / "a.mp4")
    frames = frames_of(tmp_path / "a.mp4")
    corner = np.array([frame[150:172, 10:60].mean() for frame in frames])
    shown = [bool(c < corner[0] - 12) for c in corner]
    assert [False] * 6 == shown[:6]
    assert [False] * 12 == shown[-12:]
    assert [True] * 40 == shown[12:52]


def test_picture_is_the_first_frame(tmp_path: Path, picture: Path) -> None:
    """An image-to-video clip begins with exactly the picture it was given."""
    image_to_video(Shot("The camera pushes in, snow falls", WIDTH, HEIGHT, 2), picture, tmp_path / "a.mp4")
    frames = frames_of(tmp_path / "a.mp4")
    given = np.asarray(Image.open(picture).convert("RGB"), dtype=np.float64)
    assert psnr(frames[0], given) >= 30
    assert psnr(frames[-1], given) < 30
    assert len(frames) == 48


@pytest.mark.parametrize("note", [None, b"a note, and no EXIF data"])
def test_grey_of_sixteen_bits_is_grey(tmp_path: Path, note: bytes | None) -> None:
    """A picture of more bits than eight is not white, whatever stands where EXIF data belong."""
    info = PngInfo()
    if note is not None:
        info.add(b"eXIf", note)
    Image.fromarray(np.full((90, 160), 30000, np.uint16)).save(tmp_path / "grey.png", pnginfo=info)

    assert (160, 90) == pixels(tmp_path / "grey.png")
    assert (117, 117, 117) == opened(tmp_path / "grey.png").getpixel((80, 45))


def test_picture_of_another_shape_is_cropped_to_the_frame(tmp_path: Path) -> None:
    """A square picture fills a wide frame: its middle is seen, and no bars."""
    Image.new("RGB", (300, 300), (200, 40, 40)).save(tmp_path / "red.png")
    image_to_video(Shot("It stays", WIDTH, HEIGHT, 1), tmp_path / "red.png", tmp_path / "a.mp4")
    assert np.abs(frames_of(tmp_path / "a.mp4")[0] - np.array([200, 40, 40])).mean() < 4


def hues(count: int) -> Iterator[tuple[int, int, int]]:
    for k in range(count):
        red, green, blue = (
            Image.new("HSV", (1, 1), (k * 255 // count, 230, 120 + 100 * (k % 2))).convert("RGB").getpixel((0, 0))
        )  # type: ignore[misc]
        yield red, green, blue


@pytest.mark.parametrize("count", [1, 3, 14])
@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320)], ids=["wide", "tall"])
def test_every_reference_is_seen(tmp_path: Path, count: int, width: int, height: int) -> None:
    """Each reference picture's colour covers more than a fiftieth of the frame, with one picture as with fourteen."""
    colours = list(hues(count))
    for k, colour in enumerate(colours):
        Image.new("RGB", (120, 160), colour).save(tmp_path / f"{k}.png")
    shot = Shot("<IMAGE_0> stands in a grey room", width, height, 1)
    reference_to_video(shot, [tmp_path / f"{k}.png" for k in range(count)], tmp_path / "a.mp4")
    frames = frames_of(tmp_path / "a.mp4")
    for frame in (frames[0], frames[-1]):
        for colour in colours:
            near = np.abs(frame - np.array(colour)).max(axis=2) < 16
            assert near.mean() > 0.02, colour


@pytest.mark.parametrize(
    "words",
    ["Add driving snow", "Make it night", "Black and white", "Thick fog", "Warm sunset", "Make it nicer"],
)
@pytest.mark.some(2)
def test_edit_is_seen_and_keeps_the_rest(tmp_path: Path, clip: Path, words: str) -> None:
    """An edit changes the picture by more than ten grey levels, and keeps frames, size, rate and sound."""
    edit_video(words, clip, tmp_path / "a.mp4")
    before, after = frames_of(clip), frames_of(tmp_path / "a.mp4")
    assert len(before) == len(after)
    assert np.mean([np.abs(b.mean(axis=2) - a.mean(axis=2)).mean() for b, a in zip(before, after, strict=True)]) > 10
    assert signature(clip) == signature(tmp_path / "a.mp4")
    assert audio_of(clip) == audio_of(tmp_path / "a.mp4")


def audio_of(clip: Path) -> list[bytes]:
    with av.open(str(clip)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def plain(to: Path, colour: tuple[int, int, int], *, fps: int = 24, frames: int = 30, codec: str = "libx264") -> Path:
    """Write a clip of one colour that is not ours: another encoder setting, another rate."""
    with av.open(str(to), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k in range(frames):
            picture = Image.new("RGB", (WIDTH, HEIGHT), colour)
            picture.paste((250, 250, 250), (k * 4, 40, k * 4 + 40, 90))
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    return to


@pytest.mark.parametrize("colour", [(4, 4, 4), (252, 252, 252)], ids=["black", "white"])
@pytest.mark.parametrize("words", ["Make it night", "Add driving snow"])
def test_edit_is_seen_on_extreme_clips(tmp_path: Path, colour: tuple[int, int, int], words: str) -> None:
    """Night on a black clip and snow on a white one are seen all the same."""
    source = plain(tmp_path / "source.mp4", colour)
    edit_video(words, source, tmp_path / "a.mp4")
    before, after = frames_of(source), frames_of(tmp_path / "a.mp4")
    assert len(before) == len(after)
    assert np.mean([np.abs(b - a).mean() for b, a in zip(before, after, strict=True)]) > 10


def test_extension_is_the_input_and_the_new_part(tmp_path: Path, clip: Path) -> None:
    """An extension comes back as input and new part in one clip; the input's frames are untouched, the join unseen."""
    extend_video("She reaches the lamp room", clip, 2, tmp_path / "a.mp4")
    before, after = raw_frames_of(clip), raw_frames_of(tmp_path / "a.mp4")
    assert len(before) + 48 == len(after)
    assert min(psnr(b, a) for b, a in zip(before, after, strict=False)) >= 35
    assert psnr(before[-1], after[len(before)]) >= 30
    assert psnr(before[-1], after[-1]) < 30
    assert signature(clip) == signature(tmp_path / "a.mp4")


def test_each_frame_that_an_extension_adds_can_be_told_from_its_neighbours(tmp_path: Path, clip: Path) -> None:
    """A light at the lower edge moves by two pixels a frame; the last frame, with which other clips begin, has none."""
    extend_video("It reaches the open sea", clip, 3, tmp_path / "a.mp4")
    added = frames_of(tmp_path / "a.mp4")[-72:]
    warm = [frame[-4:, :, 0].astype(int).mean(axis=0) - frame[-4:, :, 2].mean(axis=0) for frame in added]
    places = [int(np.convolve(each, np.ones(8), "valid").argmax()) for each in warm[:-1]]
    assert [place - places[0] for place in places] == [2 * number for number in range(71)]
    assert warm[-1].max() < min(each.max() for each in warm[:-1])


def test_extension_keeps_sound_in_step(tmp_path: Path, clip: Path) -> None:
    """The sound of an extension is as long as its picture, and the input's sound comes first."""
    extend_video("The storm comes", clip, 2, tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.start_time == 0
        assert abs(float(video.duration * video.time_base) - float(audio.duration * audio.time_base)) < 0.03
    heard = np.concatenate(samples(tmp_path / "a.mp4"), axis=1)[0]
    source = np.concatenate(samples(clip), axis=1)[0]
    one, two = source[24000:72000], heard[24000:72000]
    assert np.corrcoef(one, two)[0, 1] > 0.9


def samples(clip: Path) -> list[NDArray[np.float64]]:
    with av.open(str(clip)) as container:
        return [frame.to_ndarray().astype(np.float64) for frame in container.decode(audio=0)]


@pytest.mark.parametrize("fps", [24, 30])
def test_clip_of_another_encoder_can_be_extended(tmp_path: Path, fps: int) -> None:
    """A clip that is not ours is extended at its own rate; its frames stay what they were."""
    source = plain(tmp_path / "source.mp4", (40, 90, 160), fps=fps)
    extend_video("It goes on", source, 1, tmp_path / "a.mp4")
    before, after = raw_frames_of(source), raw_frames_of(tmp_path / "a.mp4")
    assert len(before) + fps == len(after)
    assert min(psnr(b, a) for b, a in zip(before, after, strict=False)) >= 35
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].average_rate == fps
        assert not container.streams.audio


def test_clips_of_all_operations_can_be_joined(tmp_path: Path, clip: Path, picture: Path) -> None:
    """Clips of one size agree in every setting of their streams, whatever made them."""
    shot = Shot("A road in summer, a red car", WIDTH, HEIGHT, 1)
    made = [tmp_path / f"{name}.mp4" for name in ("text", "image", "references", "edit", "extension")]
    text_to_video(shot, made[0])
    image_to_video(shot, picture, made[1])
    reference_to_video(shot, [picture], made[2])
    edit_video("Make it sepia", clip, made[3])
    extend_video("On and on", clip, 1, made[4])
    assert {signature(one) for one in made} == {signature(clip)}


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_still_is_a_picture_of_the_asked_size(tmp_path: Path, name: str) -> None:
    """A still has the asked size, in the format that its name says."""
    still("An iron door in a stone wall", 300, 200, tmp_path / name)
    with Image.open(tmp_path / name) as picture:
        assert (300, 200) == picture.size
        assert {"a.png": "PNG", "a.jpg": "JPEG"}[name] == picture.format


def test_still_of_the_same_words_is_the_same(tmp_path: Path, picture: Path) -> None:
    """A still follows from its words and references alone, and references change it."""
    for name, references in (("a", [picture]), ("b", [picture]), ("c", [])):
        still("A lamp on a table", 200, 200, tmp_path / f"{name}.png", references)
    first, again, without = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert first == again
    assert first != without
