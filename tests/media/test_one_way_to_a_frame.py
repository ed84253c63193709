"""Whatever shows a frame of a clip shows the same one, and shows it alike: the film, a part of it, the sheet, the last frame."""

import json
import shlex
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops

from storyreel.errors import MediaError
from storyreel.media import House, conform, first_frame, frame_at, frame_near, last_frame, probe
from storyreel.media.ffmpeg import ffmpeg_binary
from storyreel.media.frames import show_at, show_last, show_small
from storyreel.media.seek import landing
from tests.media.filming import SERVICE, ffmpeg, film_clip
from tests.media.numbered import (
    COLOURS,
    FRAMES,
    HEIGHT,
    MATRICES,
    RATE,
    WIDTH,
    coloured,
    corners,
    film,
    number,
    numbered,
    standing,
)

FAST = {"preset": "ultrafast", "crf": "20"}
CLOSED = "open-gop=0:scenecut=0:bframes=2:b-adapt=0"
OPEN = "open-gop=1:scenecut=0:bframes=2:b-adapt=0"
HEVC = "log-level=none:open-gop=1:keyint=10:min-keyint=10:bframes=3:scenecut=0"
WRAPS = (
    round(2**33 / 90000) - 6
)  # a transport stream counts 33 bits of ticks; this is six seconds before it begins anew


def x264(more: str, group: int) -> dict[str, str]:
    """Return options of x264 for groups of pictures of a length."""
    return {**FAST, "x264-params": f"{more}:keyint={group}:min-keyint={group}"}


KINDS = {
    "mp4-12": {"to": "a.mp4", "options": x264(CLOSED, 12)},
    "mp4-250": {"to": "a.mp4", "options": x264(CLOSED, 250)},
    "mp4-open": {"to": "a.mp4", "options": x264(OPEN, 10)},
    "mp4-late": {"to": "a.mp4", "options": x264(CLOSED, 25), "start": 7},
    "mp4-refreshed": {"to": "a.mp4", "options": x264("intra-refresh=1:bframes=0:scenecut=0", 10)},
    "fragments": {
        "to": "a.mp4", "options": x264(CLOSED, 25), "muxing": {"movflags": "frag_keyframe+empty_moov"}
    },
    "hevc-open": {"to": "a.mp4", "codec": "libx265", "options": {"preset": "ultrafast", "x265-params": HEVC}},
    "mkv-25": {"to": "a.mkv", "options": x264(CLOSED, 25), "start": 7},
    "mkv-live": {"to": "a.mkv", "options": x264(CLOSED, 25), "muxing": {"live": "1"}},
    "webm": {"to": "a.webm", "codec": "libvpx-vp9", "options": {"deadline": "realtime", "g": "25"}},
    "ts-12": {"to": "a.ts", "options": x264(CLOSED, 12)},
    "ts-48": {"to": "a.ts", "options": x264(CLOSED, 48), "start": 1000},
    "ts-250": {"to": "a.ts", "options": x264(CLOSED, 250)},
    "ts-open": {"to": "a.ts", "options": x264(OPEN, 10)},
    "ts-wraps": {"to": "a.ts", "options": x264(CLOSED, 25), "start": WRAPS},
    "ts-refreshed": {"to": "a.ts", "options": x264("intra-refresh=1:bframes=0:scenecut=0", 10)},
    "ts-hevc": {"to": "a.ts", "codec": "libx265", "options": {"preset": "ultrafast", "x265-params": HEVC}},
    "ts-mpeg2": {"to": "a.ts", "codec": "mpeg2video", "options": {"bf": "2", "g": "30", "b": "4M"}, "rate": 25},
    "avchd": {
        "to": "00001.MTS", "container": "mpegts", "options": x264(OPEN, 25), "muxing": {"mpegts_m2ts_mode": "1"}
    },
    "avi-reordered": {"to": "a.avi", "options": x264(CLOSED, 25)},
    "avi-xvid": {"to": "a.avi", "codec": "mpeg4", "options": {"bf": "2", "g": "25"}},
    "avi-mjpeg": {"to": "a.avi", "codec": "mjpeg", "options": {"color_range": "pc"}},
}  # fmt: skip
QUICK = {"mp4-open", "mp4-refreshed", "fragments", "hevc-open", "ts-250", "ts-wraps", "avchd", "avi-reordered"}


def made(folder, to, **kind):
    """Make a clip of a kind."""
    return numbered(folder / to, **kind)


def apart(one, other):
    """Return the largest difference in the light of two pictures."""
    return ImageChops.difference(one.convert("L"), other.convert("L")).getextrema()[1]


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.long) for kind in KINDS]
)
async def test_film_sheet_and_last_frame_agree_on_the_frame(tmp_path, kind):
    """
    A frame is the one it says, wherever key frames are and whatever the container knows of times.
    """
    clip = made(tmp_path, **KINDS[kind])
    rate = KINDS[kind].get("rate", RATE)

    shown = {n: number(await show_at(clip, n / rate)) for n in (0, 1, 9, 10, 31, 49, FRAMES - 1)}
    small = {n: number(await show_small(clip, n / rate, (WIDTH, HEIGHT))) for n in shown}
    await conform(clip, House(WIDTH, HEIGHT, fps=Fraction(rate)), tmp_path / "part.mp4", start=29 / rate, end=33 / rate)

    assert {n: n for n in shown} == shown == small
    assert FRAMES - 1 == number(await show_last(clip))
    assert [29, 30, 31, 32] == [number(picture) for picture in film(tmp_path / "part.mp4")]


@pytest.mark.parametrize("kind", ["mp4-250", "mp4-open", "ts-250", "ts-wraps", "avi-reordered"])
async def test_the_frame_that_is_nearest_to_a_second_is_taken(tmp_path, kind):
    """
    Of two that are as near the later one; after the clip's end its last one.
    """
    clip = made(tmp_path, **KINDS[kind])
    asked = {
        0: 0,
        0.09: 0,
        0.1: 1,
        1.9: 10,
        1.88: 9,
        2: 10,
        6.1: 31,
        11.8: FRAMES - 1,
        11.99: FRAMES - 1,
        13: FRAMES - 1,
    }

    taken = {}
    for second in asked:
        await frame_near(clip, second, tmp_path / "frame.png")
        taken[second] = number(Image.open(tmp_path / "frame.png"))

    assert asked == taken


async def test_a_frame_that_stands_is_taken_as_long_as_it_stands(tmp_path):
    """
    Of a clip of changing rate: not the one whose time is nearest, which is not seen yet.
    """
    clip = made(tmp_path, "a.mp4", options=x264(CLOSED, 25))
    held = tmp_path / "held.mkv"
    ffmpeg("-i", str(clip), "-vf", "select='lt(n,10)+gte(n,40)'", "-fps_mode", "vfr", str(held))

    for second, expected in ((1.8, 9), (5, 9), (7.5, 9), (8, 40), (8.2, 41)):
        await frame_near(held, second, tmp_path / "frame.png")
        assert expected == number(Image.open(tmp_path / "frame.png"))


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
async def test_what_becomes_whole_column_by_column_is_shown_whole(tmp_path, name):
    """
    At a recovery point decoders may show what is not whole yet; decoding begins before it, at a picture that is.
    """
    clip = made(tmp_path, name, options={**FAST, "x264-params": "intra-refresh=1:scenecut=0:keyint=48"})
    true = film(clip)

    await conform(clip, House(WIDTH, HEIGHT, fps=Fraction(RATE)), tmp_path / "part.mp4", start=11.4, end=12)

    for n in (50, 57, FRAMES - 1):
        assert apart(true[n], await show_at(clip, n / RATE)) < 8
    assert apart(true[-1], await show_last(clip)) < 8
    assert all(apart(*both) < 12 for both in zip(true[57:], film(tmp_path / "part.mp4"), strict=True))


@pytest.mark.parametrize("kind", ["mp4-open", "ts-open"])
def test_an_open_group_of_pictures_is_begun_with(tmp_path, kind):
    """
    What says that it is whole at once is, so hours of camera footage are not read for its last frame.
    """
    near = landing(made(tmp_path, **KINDS[kind]), Fraction(11))

    assert near is not None
    assert near.key > 8


@pytest.mark.parametrize("name", ["a.mov", "b.avi"])
async def test_a_palette_that_is_told_once_colours_every_frame(tmp_path, name):
    """
    Clips of 256 colours are not black where they are shown from the middle on.
    """
    made(tmp_path, "a.mov", codec="qtrle", pix_fmt="gray", options={"g": "12"})
    clip = tmp_path / name
    if name == "b.avi":
        ffmpeg("-i", str(tmp_path / "a.mov"), "-c:v", "rawvideo", "-pix_fmt", "pal8", str(clip))

    await conform(clip, House(WIDTH, HEIGHT, fps=Fraction(RATE)), tmp_path / "part.mp4", start=10, end=10.6)

    assert [0, 31, FRAMES - 1] == [number(await show_at(clip, n / RATE)) for n in (0, 31, FRAMES - 1)]
    assert FRAMES - 1 == number(await show_last(clip))
    assert [50, 51, 52] == [number(picture) for picture in film(tmp_path / "part.mp4")]


async def test_what_a_decoder_cannot_make_out_is_passed_by(tmp_path):
    """
    Whatever a decoder says of spoilt frames, those before them stand and those after them are shown.
    """
    clip = made(tmp_path, "a.mov", codec="prores_ks", pix_fmt="yuv422p10le")
    with av.open(str(clip)) as reader:
        spoilt = [(packet.pos, packet.size) for packet in reader.demux(video=0)][20:30]
    content = bytearray(clip.read_bytes())
    for at, size in spoilt:
        content[at + 8 : at + size] = bytes(size - 8)
    clip.write_bytes(content)

    shown = [number(await show_at(clip, n / RATE)) for n in (19, 31)]

    assert [19, 31, FRAMES - 1] == [*shown, number(await show_last(clip))]


async def test_a_clip_in_which_nobody_can_seek_is_read_from_its_start(tmp_path):
    """
    A reader that fails at a seek is not believed to be right about the clip.
    """
    clip = made(tmp_path, **KINDS["mp4-250"])
    early = ("-output_ts_offset", "-0.5", "-avoid_negative_ts", "disabled")
    ffmpeg("-i", str(clip), "-c", "copy", *early, str(tmp_path / "early.mkv"))

    assert FRAMES - 1 == number(await show_last(tmp_path / "early.mkv"))
    assert FRAMES - 1 == number(await show_at(tmp_path / "early.mkv", FRAMES / RATE))


async def test_frames_that_an_avi_has_dropped_are_counted(tmp_path):
    """
    Between two frames the earlier one stands, in the sheet as in the film, however many were left out before it.
    """
    every_third = ("-vf", "select='lt(n,20)+not(mod(n,3))'", "-fps_mode", "vfr")
    sound = ("-f", "lavfi", "-i", f"anullsrc=d={FRAMES // RATE}", "-c:a", "pcm_s16le")
    whole, clip = made(tmp_path, **KINDS["mp4-12"]), tmp_path / "a.avi"
    ffmpeg("-i", str(whole), *sound, *every_third, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", str(clip))

    shown = [number(await show_at(clip, n / RATE)) for n in (19, 20, 31, 46, 59)]
    await conform(clip, House(WIDTH, HEIGHT, fps=Fraction(RATE)), tmp_path / "film.mp4")

    assert [19, 19, 30, 45, 57] == shown
    assert shown == [number(film(tmp_path / "film.mp4")[n]) for n in (19, 20, 31, 46, 57)]
    assert 57 == number(await show_last(clip))


async def test_a_stream_that_was_joined_midway_begins_with_its_first_whole_picture(tmp_path):
    """
    What a broadcast's recording has before its first key frame is held back by the film and by the sheet alike.
    """
    whole = made(tmp_path, **KINDS["ts-hevc"]).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(whole[len(whole) // 3 // 188 * 188 + 77 :])  # in the middle of a packet
    rate = probe(joined).signature.fps

    await conform(joined, House(WIDTH, HEIGHT, fps=rate), tmp_path / "film.mp4")

    first = number(await show_at(joined, 0))
    assert (0, FRAMES - 1) == (first % 10, number(await show_last(joined)))
    assert [first, first, FRAMES - 1] == [number(film(tmp_path / "film.mp4")[n]) for n in (0, 1, -1)]


@pytest.mark.parametrize("second", ["ts-12", "ts-48"], ids=["back", "ahead"])
def test_two_recordings_in_one_file_are_refused(tmp_path, second):
    """
    Where the clock leaps, no time is one frame's, and half of the film would be missing; the remedy gives it one clock.
    """
    parts = [made(tmp_path, **KINDS[name]).read_bytes() for name in ("ts-12", second)]
    (tmp_path / "both.ts").write_bytes(b"".join(parts))

    remedied(tmp_path / "both.ts", frames=2 * FRAMES)


def remedied(own: Path, *, frames: int) -> None:
    """See that a recording is refused, and that the command that is told, typed as it is, makes one with all the frames."""
    with pytest.raises(MediaError, match=r"is several recordings .*; give it one clock: ffmpeg -i ") as told:
        probe(own)

    _, *command = shlex.split(str(told.value).partition("clock: ")[2])
    ffmpeg(*command)
    assert frames == probe(Path(command[-1])).frames


@pytest.mark.parametrize("apart", [0, 0.3], ids=["short", "overlapping"])
def test_recordings_of_which_the_clock_goes_back_by_little_are_several_too(tmp_path, monkeypatch, apart):
    """
    Short ones, and those that overlap, are no less two; the command is right for any name, in whatever folder.
    """
    (tmp_path / "my clips").mkdir()
    monkeypatch.chdir(tmp_path)
    parts = [
        film_clip(
            tmp_path / "a.ts", size="64x36", encoder=(*SERVICE, "-output_ts_offset", f"{begins}"), sound=None
        ).read_bytes()
        for begins in (0, apart)
    ]
    own = tmp_path / "my clips" / "my cam.ts"
    own.write_bytes(b"".join(parts))

    remedied(own, frames=24)


@pytest.mark.parametrize("rate", [25, 60])
async def test_a_part_begins_with_the_frame_that_is_shown_at_its_start(tmp_path, rate):
    """
    Between two frames the earlier one is still shown; so it is in a part that begins there, at whatever rate the film runs.
    """
    clip = made(tmp_path, "a.mp4", options=x264(CLOSED, 25), rate=rate)
    start = 30.7 / rate

    await conform(clip, House(WIDTH, HEIGHT), tmp_path / "part.mp4", start=start, end=start + 0.2)

    assert 30 == number(await show_at(clip, start)) == number(film(tmp_path / "part.mp4")[0])


@pytest.mark.parametrize(
    ("asked", "begins", "shows"),
    [
        pytest.param(0.4, 0.4, 2, id="on-a-frame"),
        pytest.param(0.41, 0.4, 2, id="a-little-later"),
        pytest.param(0.5, 0.5, 2, id="while-it-stands"),
        pytest.param(0.59, 0.569, 2, id="just-before-the-next"),
    ],
)
async def test_a_part_begins_when_it_is_asked_to_while_a_frame_stands(tmp_path, asked, begins, shows):
    """
    A frame that stands for long is not begun anew: the sound of a part begins where it was asked to, to less than a frame.
    """
    clip = made(tmp_path, "a.mp4", options=x264(CLOSED, 25))

    at = probe(clip).begins(asked, Fraction(24))
    await conform(clip, House(WIDTH, HEIGHT), tmp_path / "part.mp4", start=asked, end=asked + 0.1)

    assert begins == pytest.approx(float(at), abs=0.001)
    assert shows == number(film(tmp_path / "part.mp4")[0])


async def test_an_ffmpeg_that_seeks_too_far_is_found_out(tmp_path, monkeypatch):
    """
    Where ffmpeg begins to read behind the key frame it was to begin with, the clip is read from its start.
    """
    clip = made(tmp_path, **KINDS["mp4-12"])
    hasty = tmp_path / "hasty"
    hasty.write_text(f'#!/bin/sh\nexec "{ffmpeg_binary()}" $(echo "$@" | sed "s/-ss [0-9.]*/-ss 9/")\n')
    hasty.chmod(0o755)
    monkeypatch.setenv("STORYREEL_FFMPEG", str(hasty))
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(tmp_path / "log"))

    await conform(clip, House(WIDTH, HEIGHT, fps=Fraction(RATE)), tmp_path / "part.mp4", start=6, end=7)

    assert [30, 31, 32, 33, 34] == [number(picture) for picture in film(tmp_path / "part.mp4")]
    commands = [json.loads(line)["argv"] for line in (tmp_path / "log").read_text().splitlines()]
    assert [True, False] == ["-ss" in command for command in commands]


HLG, PQ = "transfer=arib-std-b67", "transfer=smpte2084"
WIDE = ":colorprim=bt2020:colormatrix=bt2020nc"
LOOKS = {
    "plain": {"to": "a.mp4"},
    "full-range": {"to": "a.mp4", "full": True, "pix_fmt": "yuvj420p"},
    "wide-pixels": {"to": "a.mp4", "shape": Fraction(4, 3)},
    "odd": {"to": "a.mp4", "pix_fmt": "yuv444p", "size": (61, 45)},
    "interlaced": {"to": "a.mp4", "options": {**FAST, "x264-params": "tff=1"}},
    "hlg": {"to": "a.mp4", "options": {**FAST, "x264-params": HLG + WIDE}},
    "hlg-half-told": {"to": "a.mp4", "options": {**FAST, "x264-params": HLG}},
    "hlg-odd": {
        "to": "a.mp4", "pix_fmt": "yuv444p", "size": (61, 45), "options": {**FAST, "x264-params": HLG + WIDE}
    },
    "pq": {"to": "a.mp4", "options": {**FAST, "x264-params": PQ + WIDE}},
    "pq-half-told": {"to": "a.mp4", "options": {**FAST, "x264-params": PQ}},
    "prores-4444": {"to": "a.mov", "codec": "prores_ks", "pix_fmt": "yuva444p10le", "alpha": True},
    "vp9-alpha": {"to": "a.webm", "codec": "libvpx-vp9", "pix_fmt": "yuva420p", "alpha": True},
    "vp8-alpha": {
        "to": "a.webm", "codec": "libvpx", "pix_fmt": "yuva420p", "alpha": True, "options": {"auto-alt-ref": "0"}
    },
    "png": {"to": "a.mov", "codec": "png", "pix_fmt": "rgba", "alpha": True},
    "qtrle": {"to": "a.mov", "codec": "qtrle", "pix_fmt": "argb", "alpha": True},
    "qtrle-opaque": {"to": "a.mov", "codec": "qtrle", "pix_fmt": "rgb24"},
}  # fmt: skip

SIMILAR = {"hlg-half-told", "pq-half-told", "vp8-alpha", "png", "odd"}


async def looks(clip, folder, slack=8):
    """Return how the film shows the last frame of a clip and how it is taken for a picture, after making sure that they agree."""
    measured = probe(clip)
    width, height = (length - length % 2 for length in measured.shown)
    await conform(clip, House(width, height, fps=measured.signature.fps), folder / "film.mp4")
    await last_frame(clip, folder / "last.png")
    in_film = film(folder / "film.mp4")[-1]
    with Image.open(folder / "last.png") as picture:
        assert measured.shown == picture.size
        for seen, meant in zip(corners(picture), corners(in_film), strict=True):
            assert meant == pytest.approx(seen, abs=slack)
        return corners(picture)


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=pytest.mark.long if look in SIMILAR else ()) for look in LOOKS]
)
async def test_film_and_last_frame_agree_on_how_it_looks(tmp_path, look):
    """
    Colours are those that were filmed, upright and in their shape; what can be seen through lies on black.
    """
    kind = dict(LOOKS[look])
    clip = coloured(tmp_path / kind.pop("to"), **{"options": FAST if kind.get("codec") is None else None, **kind})

    found = await looks(clip, tmp_path)

    red, green, blue, grey = COLOURS.values()
    meant = (
        [red, (0, 0, 0), tuple(value // 2 for value in blue), grey] if kind.get("alpha") else [red, green, blue, grey]
    )
    if look.partition("-")[0] not in ("hlg", "pq"):
        for seen, wanted in zip(found, meant, strict=True):
            assert wanted == pytest.approx(seen, abs=8)


@pytest.mark.parametrize("curve", [HLG, PQ])
async def test_a_curve_that_is_told_alone_is_read_as_with_its_colours(tmp_path, curve):
    """
    HLG and PQ come with the colours of bt2020, whether a clip says so or not.
    """
    clips = [
        coloured(tmp_path / f"{n}.mp4", options={**FAST, "x264-params": curve + colours})
        for n, colours in enumerate((WIDE, ""))
    ]

    whole, half = [await show_last(clip) for clip in clips]

    assert whole.tobytes() == half.tobytes()


@pytest.mark.parametrize("stands", MATRICES)
async def test_a_picture_stands_as_its_matrix_says(tmp_path, stands):
    """
    Mirrored, flipped and turned footage stands in the sheet and in what is sent as it does in the film.
    """
    clip = standing(coloured(tmp_path / "a.mp4", options=FAST), MATRICES[stands], tmp_path / "b.mp4")

    found = await looks(clip, tmp_path, slack=8 if stands != "aslant" else 16)

    places = {
        "mirrored": "green red grey blue", "flipped": "blue grey red green", "upside-down": "grey blue green red",
        "right": "blue red grey green", "left": "green grey red blue", "transposed": "red blue green grey",
        "antitransposed": "grey green blue red",
    }  # fmt: skip
    for seen, name in zip(found, places.get(stands, "").split(), strict=stands in places):
        assert COLOURS[name] == pytest.approx(seen, abs=8)


async def test_first_and_later_frames_are_taken_in_the_same_way(tmp_path):
    """
    The frame at a time and the first one look as the last one does.
    """
    clip = standing(coloured(tmp_path / "a.mp4", options=FAST), MATRICES["right"], tmp_path / "b.mp4")

    await first_frame(clip, tmp_path / "first.png")
    await frame_at(clip, 0.2, tmp_path / "second.png")
    await last_frame(clip, tmp_path / "last.png")

    found = []
    for name in ("first", "second", "last"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            found.append((picture.size, corners(picture)))
    assert (HEIGHT, WIDTH) == found[0][0]
    assert found[0] == found[1] == found[2]
