"""
What a film says of how it was made: whether machines made all of it, or part of it is somebody's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from storyreel.model.drawn import Card, HeldPicture
from storyreel.model.plan import Plan, PlannedFilm, Step
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.model.shot import Shot

SourceType = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]
"""
Kinds of the vocabulary Digital Source Type of the IPTC: created by a generative model, or such media composed with other media
(iptc.org, cv.iptc.org/newscodes/digitalsourcetype, as of 2024-09-17).
"""

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""What a kind begins with, written as an address."""


class Label(Frozen):
    """That a film was made by generative models, and by which."""

    source: SourceType
    models: tuple[str, ...]

    @property
    def uri(self) -> str:
        """The kind as an address, which is how it is written into a file."""
        return f"{VOCABULARY}{self.source}"


def label_of(plan: Plan, film: PlannedFilm, service: ServiceName) -> Label | None:
    """
    Return the label of a film; None where it shows nothing that a model has made, where its storyboard wants none, and of what the
    sandbox has drawn, which is no model.

    Own footage, own pictures that are held, and own sounds are other media in it. A picture that a clip begins with, or refers to, is what a
    model was given, and not part of the film.
    """
    if service != "xai" or not film.board.is_labelled:
        return None
    models = tuple(dict.fromkeys(str(step.recipe.body["model"]) for step in generated(plan, film)))
    if not models:
        return None
    composite = next(own_media(film), None) is not None
    return Label(
        source="compositeWithTrainedAlgorithmicMedia" if composite else "trainedAlgorithmicMedia", models=models
    )


def generated(plan: Plan, film: PlannedFilm) -> tuple[Step, ...]:
    """Return the steps that made what a film shows, and the stills and clips that these were made from, in the order of the plan."""
    steps = {step.id: step for step in plan.steps}
    wanted = [credit.step for shot in _shown(film) for credit in shot.credits if credit.step is not None]
    used: set[str] = set()
    while wanted:
        if (step := wanted.pop()) not in used:
            used.add(step)
            wanted.extend(steps[step].needs)
    return tuple(step for step in plan.steps if step.id in used)


def own_media(film: PlannedFilm) -> Iterator[tuple[str, str]]:
    """Yield what of a film nobody has generated and somebody gave: what it is for, and the name of its file; each once."""
    seen: set[tuple[str, str]] = set()
    for each in _own_media(film):
        if each not in seen:
            seen.add(each)
            yield each


def _own_media(film: PlannedFilm) -> Iterator[tuple[str, str]]:
    board = film.board
    for shot in _shown(film):
        if (own := shot.footage or board.scene(shot.scene).footage) is not None:
            yield f"scene {shot.scene}", own.path.name
        match shot.drawn and shot.drawn.what:
            case HeldPicture(footage=picture):
                yield f"scene {shot.scene}", picture.path.name
            case Card(ground=ground) if ground is not None:
                yield f"card {shot.scene}", ground.path.name
        for sound in shot.laid:
            yield f"sound over {shot.scene}", sound.file.path.name
    for bed in film.timeline.music:
        yield "music", bed.file.path.name
    if board.finish.overlay is not None:
        yield "picture over all of it", board.finish.overlay.picture.path.name


def _shown(film: PlannedFilm) -> Iterator[Shot]:
    yield from (shot for shot in film.timeline.picture if shot.placeholder is None)
