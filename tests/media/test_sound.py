"""Sound is as loud in the film as in its file, whatever its channels, and whatever becomes of them midway."""

from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.errors import MediaError
from storyreel.media import House, Piece, conform, measure, probe, splice
from tests.media.filming import SERVICE, ffmpeg, film_clip

HOUSE = House(64, 64)
LEVEL = 0.25
SLOT = 4800
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
LEVEL_DB = 20 * float(np.log10(LEVEL))
SIDES: dict[str, tuple[float | None, float | None]] = {
    "FL": (0, None), "FR": (None, 0), "FC": (-3, -3), "LFE": (None, None),
    "BL": (-3, None), "BR": (None, -3), "SL": (-3, None), "SR": (None, -3),
}  # fmt: skip
"""By how many decibels each channel is other on the left and on the right; None where it is not heard."""


def stereo(film: Path) -> np.ndarray:
    """Return both channels of a film's sound, each sample at its time from 0 on."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48000)
    with av.open(str(film)) as reader:
        parts = [part.to_ndarray() for frame in reader.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(parts, axis=1)


def decibels(sound: np.ndarray, slot: int = 0) -> float:
    """Return how loud the beep of a slot is in one channel, in its middle."""
    part = sound[SLOT * slot + SLOT // 4 :][: SLOT // 2]
    return 20 * float(np.log10(max(np.sqrt(2 * np.mean(part**2)), 1e-4)))


def film_beeps(to: Path, layout: str, channels: int, *, level: float = LEVEL, sound: tuple[str, ...] = ()) -> Path:
    """Make footage in which the channels beep one after the other, each for a tenth of a second."""
    beeps = "|".join(f"{level}*sin(2*PI*1000*t)*eq(floor(t*10),{channel})" for channel in range(channels))
    seconds = channels / 10
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=gray:s=64x64:r=24:d={seconds}"),
        *("-f", "lavfi", "-i", f"aevalsrc='{beeps}':c={layout}:s=48000:d={seconds}"),
        *(*SERVICE, *(sound or ("-c:a", "pcm_s16le")), str(to)),
    )
    return to


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        ("stereo", ["FL", "FR"]),
        ("2.1", ["FL", "FR", "LFE"]),
        ("quad", ["FL", "FR", "BL", "BR"]),
        ("5.1", ["FL", "FR", "FC", "LFE", "BL", "BR"]),
        ("7.1", ["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"]),
    ],
)
async def test_every_channel_is_as_loud_as_its_place_says(tmp_path, layout, names):
    """
    The fronts stand as they are, centre and surrounds at -3 dB, and what is for a subwoofer is left out.
    """
    clip = film_beeps(tmp_path / "own.mov", layout, len(names))
    house = await conform(clip, HOUSE, tmp_path / "house.mp4")
    pieces = [Piece(clip, house.frames), Piece(tmp_path / "house.mp4", house.frames)]
    await splice(pieces, HOUSE, tmp_path / "film.mp4")

    heard = stereo(tmp_path / "film.mp4")
    second_s = HOUSE.samples(house.frames)
    for slot, name in enumerate(names):
        for side, wanted in zip(heard, SIDES[name], strict=True):
            for how, got in {"copied": decibels(side, slot), "encoded": decibels(side[second_s:], slot)}.items():
                assert (wanted is None and got < -50) or LEVEL_DB + wanted == pytest.approx(got, abs=0.2), (name, how)


@pytest.mark.parametrize("joined", [True, False], ids=["joined-as-it-is", "encoded"])
async def test_mono_is_heard_from_both_sides_at_its_own_level(tmp_path, joined):
    """
    One channel is no quieter than two, be it a clip of the service's or a person's own.
    """
    clip = film_beeps(tmp_path / "mono.mp4", "mono", 1, sound=("-c:a", "aac", "-b:a", "128k"))
    piece = clip
    if not joined:
        piece = tmp_path / "house.mp4"
        await conform(clip, HOUSE, piece)
    await splice([Piece(piece, probe(piece).frames)], HOUSE, tmp_path / "film.mp4")

    for side in stereo(tmp_path / "film.mp4"):
        assert LEVEL_DB == pytest.approx(decibels(side), abs=0.2)


async def test_stereo_of_whole_numbers_comes_out_bit_for_bit(tmp_path):
    """
    Two channels at the film's rate are the samples of the file, each at its place.
    """
    clip = film_beeps(tmp_path / "own.mov", "stereo", 2)

    await conform(clip, HOUSE, tmp_path / "house.mp4")

    assert np.array_equal(stereo(clip)[:, :9600], stereo(tmp_path / "house.mp4")[:, :9600])


async def test_only_what_would_clip_is_limited(tmp_path):
    """
    Where six loud channels add up to more than there is, the mix is as high as it can be, and not cut flat.
    """
    loud = "|".join(["0.9*sin(2*PI*1000*t)*gt(t,0.2)+0.1*sin(2*PI*1000*t)*lt(t,0.2)"] * 6)
    sound = ("-f", "lavfi", "-i", f"aevalsrc='{loud}':c=5.1:s=48000:d=0.5")
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=0.5")
    ffmpeg(*picture, *sound, *X264, "-c:a", "pcm_s16le", str(tmp_path / "own.mov"))

    await conform(tmp_path / "own.mov", HOUSE, tmp_path / "house.mp4")

    left, _ = np.abs(stereo(tmp_path / "house.mp4"))
    assert 0.1 * (1 + 2 * 10 ** (-3 / 20)) == pytest.approx(left[2400:7200].max(), abs=0.003)
    assert 0.9 < left[14400:].max() <= 1
    assert (left[14400:] > 0.999).mean() < 0.1  # cut flat it would be a third and more


async def test_sound_that_changes_midway_stays_in_step_and_as_loud(tmp_path):
    """
    Where a stream turns from stereo to mono, and from 48 to 44.1 kHz, the second beep is at its place and its level.
    """
    mp2 = ("-c:a", "mp2", "-b:a", "192k")
    kinds = {"a": ("-ac", "2", "-ar", "48000"), "b": ("-ac", "1", "-ar", "44100")}
    for name, kind in kinds.items():
        film_clip(tmp_path / f"{name}.mkv", size="64x64", encoder=X264, sound=(*mp2, *kind))
    (tmp_path / "list").write_text("file a.mkv\nfile b.mkv\n")
    ffmpeg("-f", "concat", "-i", str(tmp_path / "list"), "-c", "copy", str(tmp_path / "own.mkv"))

    await conform(tmp_path / "own.mkv", HOUSE, tmp_path / "house.mp4")

    left, right = np.abs(stereo(tmp_path / "house.mp4"))
    assert np.allclose(left, right, atol=0.01)
    # A beep of a tenth of a second in each half. The file itself has them later, by what its encoder reads ahead.
    starts = [float(np.flatnonzero(half > 0.1)[0]) / 48000 for half in (left[:24000], left[24000:])]
    assert starts == pytest.approx([0, 0], abs=1 / 24)
    # The stereo of the file is 3 dB quieter: ffmpeg made it of a single channel.
    levels = [20 * float(np.log10(half.max() / 0.5)) for half in (left[:24000], left[24000:])]
    assert levels == pytest.approx([-3, 0], abs=0.7)


async def test_a_part_far_into_sound_is_exact(tmp_path):
    """
    Where decoding begins near the part, the sample is still the right one.
    """
    beep = "aevalsrc='if(between(t,7.5,7.6),0.5*sin(2*PI*1000*t),0)':s=48000:d=8"
    picture = "color=gray:s=64x64:r=24:d=8"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", beep, *X264, "-c:a", "aac", str(tmp_path / "own.mp4"))

    await conform(tmp_path / "own.mp4", HOUSE, tmp_path / "house.mp4", start=7.25, end=8)

    assert 0.25 == pytest.approx(np.flatnonzero(np.abs(stereo(tmp_path / "house.mp4")[0]) > 0.1)[0] / 48000, abs=0.003)


@pytest.fixture(scope="module")
def two_languages(reels: Path) -> Path:
    """Return footage with three sound tracks and two videos; the second track is the one to be heard."""
    tones = [arg for hertz in (500, 1000, 1500) for arg in ("-f", "lavfi", "-i", f"sine=f={hertz}:r=48000:d=0.5")]
    ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=0.5"),
        *tones,
        *("-map", "0", "-map", "0", "-map", "1", "-map", "2", "-map", "3"),
        *(*X264, "-c:a", "pcm_s16le", "-metadata:s:a:0", "language=ger"),
        *("-metadata:s:a:1", "language=eng", "-metadata:s:a:1", "title=Director's comment"),
        *("-disposition:a:0", "0", "-disposition:a:1", "default", str(reels / "languages.mkv")),
    )
    return reels / "languages.mkv"


async def test_the_track_that_is_marked_is_heard(two_languages, tmp_path):
    """
    Of several sound tracks the default one is in the film.
    """
    await conform(two_languages, HOUSE, tmp_path / "house.mp4")

    left, _ = stereo(tmp_path / "house.mp4")
    spectrum = np.abs(np.fft.rfft(left[:24000]))
    assert 1000 == np.argmax(spectrum) * 2


def test_what_a_file_has_besides_is_known(two_languages):
    """
    Every sound track has its number, and its language and title where the file tells them; videos are counted.
    """
    found = measure(two_languages)

    assert "2 (eng, Director's comment, mono)" == str(found.sound_track)
    assert ["1 (ger, mono)", "3 (mono)"] == [str(track) for track in found.other_sound]
    assert 2 == found.videos


def test_a_track_that_nobody_can_read_is_passed_over(two_languages, tmp_path):
    """
    Where the marked track is of an unheard-of codec, the first that can be read is taken.
    """
    odd = tmp_path / "odd.mkv"
    content = two_languages.read_bytes()
    place = content.index(b"A_PCM", content.index(b"A_PCM") + 1)
    odd.write_bytes(content[:place] + b"A_XYZ" + content[place + 5 :])

    assert "1 (ger, mono)" == str(measure(odd).sound_track)
    assert probe(odd).audio_index == probe(two_languages).audio_index - 1


@pytest.mark.parametrize(("share", "refused"), [(1.0, True), (0.1, False)])
async def test_sound_that_cannot_be_decoded_is_told_and_not_left_out(tmp_path, share, refused):
    """
    The picture alone would be a silent film, and nobody would have been told; a packet or two are got over.
    """
    clip = film_beeps(tmp_path / "a.mkv", "7.1", 8, sound=("-c:a", "ac3", "-ac", "2"))
    film = bytearray(clip.read_bytes())
    with av.open(str(clip)) as reader:
        places = [packet.pos for packet in reader.demux(audio=0) if packet.size]
    for place in places[: round(len(places) * share)]:
        at = film.index(b"\x0b\x77", place)
        film[at : at + 8] = bytes(8)
    clip.write_bytes(film)

    if refused:
        with pytest.raises(MediaError, match=r"a\.mkv has sound of which most cannot be decoded \(ac3\); convert"):
            await conform(clip, HOUSE, tmp_path / "film.mp4")
    else:
        await conform(clip, HOUSE, tmp_path / "film.mp4")
