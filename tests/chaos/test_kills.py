"""
The promise, measured by what the service received: a run is ended at each point of a purchase, and nothing is sent
again, no clip is lost, and the film comes.
"""

import signal

import pytest

from tests.chaos.scene_of_events import DELIVERED, FRAMES, PLANNED, Scene

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

ANSWERS_LOST = {
    # Only a kill between claim and answer leaves a request of which nobody knows what came.
    "before-the-mark": [],
    "marked-and-not-claimed": [],
    "before-the-claim": [],
    "between-claim-and-post": ["coast/video"],
    "post-sent-and-no-answer": ["coast/video"],
    "answer-and-not-recorded": ["coast/video"],
    "polling": [],
    "url-known-and-not-downloaded": [],
    "half-downloaded": [],
    "downloaded-and-not-kept": [],
    "downloaded-and-not-recorded": [],
    "conforming": [],
    "splicing": [],
    "still-sent-and-no-answer": ["coast/still"],
    "still-answered-and-not-kept": ["coast/still"],
    "still-kept-and-not-recorded": [],
}
REPEATED = (
    "before-the-mark",
    "marked-and-not-claimed",
    "before-the-claim",
    "between-claim-and-post",
    "answer-and-not-recorded",
    "polling",
    "url-known-and-not-downloaded",
    "downloaded-and-not-kept",
    "downloaded-and-not-recorded",
    "half-downloaded",
    "conforming",
    "splicing",
    "still-answered-and-not-kept",
    "still-kept-and-not-recorded",
)
"""
What the vault has is the same at another point: not recorded, a claim without an answer, or a still without one; nothing was sent
before the claim.
"""
POINTS = [pytest.param(point, marks=pytest.mark.long if point in REPEATED else ()) for point in ANSWERS_LOST]


def all_is_well(scene: Scene) -> None:
    """Nothing was sent twice, everything planned was accepted, its clips are in the vault, and the film is right."""
    assert scene.sent_again() == 0
    assert len(scene.accepted()) == PLANNED
    assert scene.lost_clips() == []
    assert scene.frames() == FRAMES


@pytest.mark.parametrize("scene", ["folder", pytest.param("bucket", marks=pytest.mark.long)], indirect=True)
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(scene: Scene, point: str):
    """
    Whatever it was doing, the runs after it buy nothing twice and lose nothing; a person says what nobody can know.
    """
    killed = scene.shoot(point)
    again = scene.shoot()
    before = len(scene.posts())
    unknown = scene.unknown() if again.code else []
    for step in unknown:
        scene.resolve(step)
    last = scene.shoot() if unknown else again

    assert killed.code == -signal.SIGKILL, killed.said
    assert unknown == ANSWERS_LOST[point]
    assert again.code == (7 if unknown else 0), again.said
    assert last.code == 0, last.said
    assert before <= PLANNED
    all_is_well(scene)


@pytest.mark.parametrize("scene", ["no-retention"], indirect=True)
@pytest.mark.parametrize(
    ("point", "unknown"),
    [
        pytest.param("signed-and-not-claimed", [], marks=pytest.mark.long),
        pytest.param("between-claim-and-post", ["coast/video"], marks=pytest.mark.long),
        pytest.param("post-sent-and-no-answer", ["coast/video"], marks=pytest.mark.long),
        pytest.param("answer-and-not-recorded", ["coast/video"], marks=pytest.mark.long),
        pytest.param("polling", [], marks=pytest.mark.long),
        ("put-and-not-fetched", []),
        pytest.param("downloaded-and-not-kept", [], marks=pytest.mark.long),
        pytest.param("downloaded-and-not-recorded", [], marks=pytest.mark.long),
    ],
)
def test_killed_while_the_service_puts_clips_into_the_vault(scene: Scene, point: str, unknown: list[str]):
    """
    For a team of which it keeps nothing: as with any other, and no address to which something may be put is left anywhere.
    """
    killed = scene.shoot(point)
    again = scene.shoot()
    lost = scene.unknown() if again.code else []
    for step in lost:
        scene.resolve(step)
    last = scene.shoot() if lost else again

    assert killed.code == -signal.SIGKILL, killed.said
    assert lost == unknown
    assert last.code == 0, last.said
    all_is_well(scene)
    told = [
        killed.said,
        again.said,
        last.said,
        *(path.read_text(errors="replace") for path in scene.folder.rglob("*.log")),
    ]
    assert not [words for words in told if "X-Amz-Signature" in words]


@pytest.mark.long
def test_killed_between_two_films(scene: Scene):
    """
    What is there of the films stays, and the next run cuts the others.
    """
    scene.lay_out(DELIVERED)
    killed = scene.shoot("between-two-films")
    films = [path.name for path in (scene.folder / "out" / "small").glob("*.mp4")]
    master = scene.folder / "out" / "small" / "small.sandbox.mp4"
    put_there = master.stat()
    again = scene.shoot()

    assert killed.code == -signal.SIGKILL, killed.said
    assert films == ["small.sandbox.mp4"]
    assert again.code == 0, again.said
    all_is_well(scene)
    assert (24, 24) == (scene.frames("vertical"), scene.frames("wide"))
    assert (put_there.st_ino, put_there.st_mtime_ns) == (master.stat().st_ino, master.stat().st_mtime_ns)


@pytest.mark.parametrize(
    ("point", "blow"),
    [
        pytest.param("post-sent-and-no-answer", "told-to-end", marks=pytest.mark.long),
        ("post-sent-and-no-answer", "interrupted"),
        pytest.param("half-downloaded", "told-to-end", marks=pytest.mark.long),
        pytest.param("half-downloaded", "interrupted", marks=pytest.mark.long),
    ],
)
def test_stopped_at(scene: Scene, point: str, blow: str):
    """
    A SIGTERM or a Ctrl-C waits for the answer that is under way, so that nothing is unknown, and the next run goes on.
    """
    ended = scene.shoot(point, blow)
    sent = len(scene.posts())
    again = scene.shoot()

    assert ended.code == 130, ended.said
    assert sent == 2
    assert again.code == 0, again.said
    all_is_well(scene)


@pytest.mark.long
def test_a_mark_ahead_of_its_claim_is_no_request(scene: Scene):
    """
    Killed between the two, a run has sent nothing: the plan says so, and the next run buys it, once.
    """
    killed = scene.shoot("marked-and-not-claimed")
    ahead = [name for name in scene.vault.names("sandbox/index") if "coast%2Fvideo" in name]
    planned = scene.storyreel("plan", "small.yaml")
    sent = len(scene.posts())
    again = scene.shoot()

    assert killed.code == -signal.SIGKILL, killed.said
    assert len(ahead) == 1
    assert "never shot" in next(line for line in planned.said.splitlines() if line.startswith("+ coast/video"))
    assert sent == 1  # the still
    assert again.code == 0, again.said
    assert len([name for name in scene.vault.names("sandbox/index") if "coast%2Fvideo" in name]) <= 2
    all_is_well(scene)


@pytest.mark.parametrize(
    ("point", "blow"),
    [
        ("before-the-claim", "disk-full"),
        pytest.param("before-the-claim", "read-only", marks=pytest.mark.long),
        pytest.param("before-the-mark", "disk-full", marks=pytest.mark.long),
    ],
)
def test_nothing_is_sent_that_could_not_be_written_down(scene: Scene, point: str, blow: str):
    """
    Where the claim cannot be written, the request stays here; once it can, the film comes.
    """
    stopped = scene.shoot(point, blow)
    sent = len(scene.posts())
    again = scene.shoot()

    assert stopped.code == 5, stopped.said
    assert sent == 1  # the still, before the disk was full
    assert again.code == 0, again.said
    all_is_well(scene)


@pytest.mark.long
def test_an_answer_that_cannot_be_written_down_is_told(scene: Scene):
    """
    With the disk full at that moment the id stands on the screen, and nowhere else: with it a person goes on.
    """
    stopped = scene.shoot("answer-and-not-recorded", "disk-full")
    unknown = scene.unknown()
    for step in unknown:
        scene.resolve(step)
    again = scene.shoot()

    assert stopped.code == 5, stopped.said
    assert unknown == ["coast/video"]
    assert scene.accepted()[scene.key_of("coast/video")] in stopped.said
    assert again.code == 0, again.said
    all_is_well(scene)


@pytest.mark.long
def test_a_clip_that_cannot_be_kept_is_fetched_by_the_next_run(scene: Scene):
    """
    With the disk full when the clip is here, it is fetched again once there is room, and not bought again.
    """
    stopped = scene.shoot("downloaded-and-not-kept", "disk-full")
    again = scene.shoot()

    assert stopped.code == 5, stopped.said
    assert again.code == 0, again.said
    all_is_well(scene)


def test_without_the_claim_it_is_bought_twice_and_seen(scene: Scene):
    """
    What these tests count is there to be counted: a run that writes its claims too late pays again.
    """
    scene.shoot("answer-and-not-recorded", careless=True)
    again = scene.shoot(careless=True)

    assert again.code == 0, again.said
    assert scene.sent_again() == 1
