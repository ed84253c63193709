"""
What each format carries of an edit, read back by its own library, and what it says that it does not.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import opentimelineio
import pytest

from storyreel.delivery.exports import edl, fcp7, fcpxml, otio
from storyreel.delivery.exports.edit import Edit, EditNote, EditShot, MediaFile, reels
from storyreel.model.joints import Joint

ADAPTERS = {otio: "otio_json", edl: "cmx_3600", fcp7: "fcp_xml", fcpxml: "fcpx_xml"}
CLIP = MediaFile("media/TRAM_010_stop_video_t01.mp4", 96, Fraction(24), has_sound=True)
DISSOLVE = Joint(kind="dissolve", frames=13, handle_out=7, handle_in=6)


def shot(scene: str, first: int, frames: int, into: Joint | None = None, **options: Any) -> EditShot:
    given = {"media": replace(CLIP, place=f"media/{scene}.mp4"), "start": 20, "called": "t01", "reel": f"R_{scene}"}
    return EditShot(scene=scene, first_frame=first, frames=frames, into=into, **{**given, **options})


def edit(*shots: EditShot, **options: Any) -> Edit:
    given = {
        "name": "tram",
        "title": "Tram",
        "rate": Fraction(24),
        "size": (640, 480),
        "frames": shots[-1].first_frame + shots[-1].frames,
    }
    return Edit(shots=shots, **{**given, **options})


def back(form: ModuleType, made: Edit) -> Any:
    """Read what a format writes, by its own library."""
    options = {"rate": float(round(made.rate))} if form is edl else {}
    timeline = opentimelineio.adapters.read_from_string(form.text(made), ADAPTERS[form], **options)
    if isinstance(timeline, opentimelineio.schema.SerializableCollection):
        (timeline,) = [each for each in timeline if isinstance(each, opentimelineio.schema.Timeline)]
    return timeline


def transitions(timeline: Any) -> list[tuple[int, int]]:
    """Return from which frame of a film to before which each of its transitions goes."""
    (track,) = timeline.video_tracks()
    ranges = (track.range_of_child(each) for each in track if isinstance(each, opentimelineio.schema.Transition))
    return [(round(each.start_time.value), round(each.end_time_exclusive().value)) for each in ranges]


@pytest.mark.parametrize("form", [otio, edl, fcp7], ids=["otio", "edl", "fcp7"])
@pytest.mark.parametrize(
    "joint",
    [
        DISSOLVE,
        Joint(kind="dissolve", frames=12),
        Joint(kind="dissolve", frames=1),
        Joint(kind="dissolve", frames=8, handle_out=3),
    ],
    ids=["with handles", "with none", "of one frame", "with some"],
)
def test_a_transition_stands_where_the_film_has_it(form: ModuleType, joint: Joint):
    """
    It begins as many frames before the next shot as that has of handles, whatever a format calls its cut.
    """
    first = 48 - joint.overlap
    made = edit(shot("a", 0, 48), shot("b", first, 40, joint), shot("c", first + 40, 24))

    assert [(first - joint.handle_in, first - joint.handle_in + joint.frames)] == transitions(back(form, made))


@pytest.mark.parametrize("form", [otio, edl], ids=["otio", "edl"])
@pytest.mark.parametrize("speed", ["1/4", "0.5", "1.01", "1.5", "4"])
def test_a_speed_is_told_with_the_frames_that_it_takes(form: ModuleType, speed: str):
    """
    An EDL's tape runs as far as its last frame; of 23 frames at 1.01 that is as far as at 1, and nothing differs.
    """
    made = edit(shot("a", 0, 24), shot("b", 24, 23, speed=Fraction(speed)), shot("c", 47, 20))

    (track,) = back(form, made).video_tracks()

    scalars = [[effect.time_scalar for effect in each.effects] for each in track]
    assert [[], [] if (form, speed) == (edl, "1.01") else [pytest.approx(float(Fraction(speed)))], []] == scalars
    assert [20, 20, 20] == [each.source_range.start_time.value for each in track]
    assert [24, 23, 20] == [each.source_range.duration.value for each in track]


def test_every_take_of_a_step_is_there_with_what_is_known_of_it():
    """
    OpenTimelineIO has several files for a clip, of which one is shown.
    """
    facts = {
        "scene": "stop",
        "step": "stop/video",
        "take": 2,
        "prompt": 'She "runs".',
        "model": "grok",
        "request_id": "r2",
    }
    other = replace(CLIP, rate=Fraction(25), frames=75)
    (track,) = back(
        otio, edit(shot("stop", 0, 24, called="t02", facts=facts, others={"t01": (other, {**facts, "take": 1})}))
    ).video_tracks()

    (clip,) = track
    references = clip.media_references()
    assert "t02" == clip.active_media_reference_key
    assert {"t01": 1, "t02": 2} == {name: each.metadata["storyreel"]["take"] for name, each in references.items()}
    assert facts == dict(references["t02"].metadata["storyreel"])
    assert 75 / 25 == references["t01"].available_range.duration.to_seconds()
    assert {**facts, "shot": 1} == dict(clip.metadata["storyreel"])


@pytest.mark.parametrize("form", [otio, fcp7, fcpxml], ids=["otio", "fcp7", "fcpxml"])
def test_stems_lie_under_all_of_the_film(form: ModuleType):
    """
    Also where the first clip is not shown from its beginning.
    """
    stems = {name: MediaFile(f"sound/tram.{name}.wav", 88, Fraction(24), has_sound=True) for name in ("own", "music")}

    timeline = back(form, edit(shot("a", 0, 48), shot("b", 48, 40), stems=stems))

    clips = [(track.range_of_child_at_index(0), track[0]) for track in timeline.audio_tracks()]
    assert ["sound/tram.own.wav", "sound/tram.music.wav"] == [clip.media_reference.target_url for _, clip in clips]
    assert {(0, 88)} == {(place.start_time.value, place.duration.value) for place, _ in clips}


@pytest.mark.parametrize("start", range(0, 120, 7))
def test_sound_begins_with_the_picture_in_final_cut_pro_wherever_the_first_clip_begins(start: int):
    """
    At 25 frames a second the adapter loses one of 29, 57, 58 and so on.
    """
    stem = MediaFile("sound/tram.own.wav", 48, Fraction(25), has_sound=True)
    made = edit(shot("a", 0, 48, start=start + 1), rate=Fraction(25), stems={"own": stem})

    spine = ElementTree.fromstring(fcpxml.text(made).partition("<!DOCTYPE fcpxml>")[2])

    (clip,), (sound,) = spine.findall(".//spine/clip"), spine.findall(".//spine/clip/clip")
    assert clip.attrib["start"] == sound.attrib["offset"]


def test_each_file_of_an_edl_has_a_reel_of_its_own():
    """
    By the first eight letters of their names, which an adapter takes where it is given none, clips of one film are all one tape.
    """
    names = [f"media/LIGHTHOUSE_0{number}0_stop.mp4" for number in (1, 2, 1)]
    numbers = reels(list(dict.fromkeys(names)))
    shots = [
        shot("a", 24 * at, 24, media=replace(CLIP, place=each), reel=numbers[each]) for at, each in enumerate(names)
    ]

    (track,) = back(edl, edit(*shots)).video_tracks()

    first, second, third = (each.metadata["cmx_3600"]["reel"] for each in track)
    assert first == third != second


LONG = "Too dark <here>, and the hand is wrong; take the one from Tuesday.\nSee the board."


@pytest.mark.parametrize("form", [otio, fcp7, fcpxml], ids=["otio", "fcp7", "fcpxml"])
def test_what_people_wrote_on_a_film_is_a_marker_at_its_frame(form: ModuleType):
    """
    In Final Cut Pro's XML it hangs on the clip that is seen then, at that clip's own frame.
    """
    made = edit(shot("a", 0, 24), shot("b", 24, 24), notes=(EditNote(30, LONG, by="Ines", scene="b"),))

    timeline = back(form, made)

    (marker,) = timeline.video_tracks()[0][1].markers if form is fcpxml else timeline.tracks.markers
    assert marker.name.startswith("Ines: Too dark <here>, and the hand")
    assert (20 + 6 if form is fcpxml else 30) == marker.marked_range.start_time.value
    whole = {otio: marker.comment, fcp7: marker.metadata.get("fcp_xml", {}).get("comment", ""), fcpxml: marker.name}[
        form
    ]
    assert "from Tuesday." in whole
    assert "See the board." in whole


def test_an_edl_says_that_it_has_no_notes():
    """
    Only where there are some.
    """
    made = edit(shot("a", 0, 24), shot("b", 24, 24))

    assert "the notes on the film are left out" not in edl.losses(made)
    assert "the notes on the film are left out" in edl.losses(replace(made, notes=(EditNote(30, LONG),)))


def test_what_stands_twice_is_two_clips():
    """
    A writer of XML takes two objects that are equal for one, and would have the second where the first is.
    """
    (track,) = back(fcp7, edit(shot("a", 0, 24), shot("b", 24, 24), shot("a", 48, 24))).video_tracks()

    assert [0, 24, 48] == [track.range_of_child(each).start_time.value for each in track]


LOST = {
    otio: (
        "wipe-left into b is a transition of that name",
        "fade-white into c is a transition of that name",
        "fade-black in which the film ends is a transition of that name",
    ),
    edl: (
        "there is no sound in it",
        "wipe-left into b is written as a dissolve",
        "fade-white into c is written as dissolves to black and from black",
        "b runs at 0.5, and its dissolve begins between two frames",
    ),
    fcp7: (
        "wipe-left into b is written as a dissolve",
        "fade-white into c is written as dissolves to black and from black, and not white",
        "the speed 0.5 of b is not told: b-retimed.mp4 is shown",
        "fade-black in which the film ends is written as a dissolve to black",
    ),
    fcpxml: (
        "wipe-left into b is left out",
        "fade-white into c is left out",
        "the speed 0.5 of b is not told: b-retimed.mp4 is shown",
        "fade-black in which the film ends is left out",
        "the size of the picture is not told: it is 640x480",
    ),
}


@pytest.mark.parametrize("form", LOST, ids=lambda form: form.__name__.rpartition(".")[2])
def test_what_a_format_cannot_hold_is_said_by_its_name(form: ModuleType):
    """
    A wipe, a fade through white, a speed that begins within a frame, an end.
    """
    wipe = Joint(kind="wipe-left", frames=10, handle_out=5, handle_in=5)
    made = edit(
        shot("a", 0, 24),
        shot(
            "b", 24, 24, wipe, speed=Fraction(1, 2), retimed=replace(CLIP, place="media/b-retimed.mp4"), retimed_start=5
        ),
        shot("c", 48, 24, Joint(kind="fade-white", frames=9)),
        close=Joint(kind="fade-black", frames=8),
    )

    told = "\n".join(form.losses(made))

    assert [] == [words for words in LOST[form] if words not in told], told
    back(form, made)


@pytest.mark.parametrize("form", [otio, edl, fcp7, fcpxml], ids=["otio", "edl", "fcp7", "fcpxml"])
def test_words_of_a_person_stay_words(form: ModuleType):
    """
    Markup, quotes, line breaks and what XML cannot have: it can be read back, and no line of an EDL is one that it was not to have.
    """
    hostile = 'A "title" <b>&amp;\n001  AX V C\r\u2028\x0b]]>é字'
    made = edit(shot("a", 0, 24, facts={"scene": "a", "prompt": hostile}), shot("b", 24, 24), title=hostile)

    timeline = back(form, made)

    assert 48 == timeline.duration().value
    assert 'A "title" <b>&amp;' in timeline.name
    assert 2 == len(list(timeline.video_tracks()[0]))


@pytest.mark.parametrize("form", [edl, fcp7, fcpxml], ids=["edl", "fcp7", "fcpxml"])
def test_a_rate_that_a_format_does_not_know_is_told(form: ModuleType):
    """
    Nothing is written that would be read as another rate.
    """
    made = edit(shot("a", 0, 24), rate=Fraction(12))

    assert "knows no 12 frames" in form.unfit(made) or "counts no 12 frames" in form.unfit(made)
    assert "" == form.unfit(replace(made, rate=Fraction(24000, 1001)))


def test_what_final_cut_pro_gets_does_not_hang_on_where_a_command_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    The adapter asks a program for what it finds beside itself: a second export, run within the first, is the same.
    """
    made = edit(shot("a", 0, 24))
    before = fcpxml.text(made)
    (tmp_path / "media").mkdir()
    (tmp_path / "media/a.mp4").write_bytes(b"not a clip")
    (tmp_path / "ffprobe").write_text("#!/bin/sh\necho 1280x720\n")
    (tmp_path / "ffprobe").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.chdir(tmp_path)

    assert before == fcpxml.text(made)
    assert tmp_path == Path.cwd()
