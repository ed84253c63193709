"""
How requests to the Imagine API are written: the path of each operation, and where its media go in the body.

Source: docs.x.ai (video, image, files pages) and published probes of api.x.ai, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storyreel.imagine.types import ByFile, ByPart, Media
from storyreel.model.recipe import Operation

PATHS: Mapping[Operation, str] = {
    "text-to-video": "videos/generations",
    "image-to-video": "videos/generations",
    "reference-to-video": "videos/generations",
    "edit-video": "videos/edits",
    "extend-video": "videos/extensions",
    "generate-image": "images/generations",
    "edit-image": "images/edits",
}

# The service ignores fields that it does not know: media under a wrong name make a plain text-to-video, and bill it.
# So media come in by `media` alone, and never inside a body, under any name they have or once had.
MEDIA_FIELDS = frozenset(
    {"image", "images", "reference_images", "video", "last_frame", "keyframes", "image_url", "video_url"}
)


def write(operation: Operation, body: Mapping[str, Any], media: Sequence[Media] = ()) -> tuple[str, dict[str, Any]]:
    """
    Write a request: the body as given, with its media in the fields where the operation wants them.

    Args:
        operation: What is asked for.
        body: Everything but the media, as it is sent.
        media: Pictures or the clip that go in, in order. Pictures of a request that takes them for several things come with their parts.

    Returns:
        The path below the base address, and the JSON body.

    Raises:
        ValueError: The operation does not take this many media, or the body has media of its own.
    """
    placed: dict[str, Any]
    smuggled = MEDIA_FIELDS & body.keys()
    if smuggled:
        raise ValueError(f"{operation}: {', '.join(sorted(smuggled))} in the body; media are handed over apart from it")
    parts = [item for item in media if isinstance(item, ByPart)]
    if parts and (operation != "reference-to-video" or len(parts) != len(media)):
        raise ValueError(f"{operation} takes {len(media)} media, and {len(parts)} of them say their part")
    given = [_media(item) for item in media]
    match operation, given:
        case "reference-to-video", [_, *_] if parts:
            placed = _by_part(operation, parts)
        case "reference-to-video", [] if body.get("reference_audios"):
            placed = {}
        case (("text-to-video" | "generate-image"), []):
            placed = {}
        case (("image-to-video" | "edit-image"), [one]):
            placed = {"image": one}
        case (("edit-video" | "extend-video"), [one]):
            placed = {"video": one}
        case "reference-to-video", [_, *_]:
            placed = {"reference_images": given}
        case "edit-image", [_, _, *_]:
            placed = {"images": given}
        case _:
            raise ValueError(f"{operation} does not take {len(given)} media")
    return PATHS[operation], {**body, **placed}


def sent_for(
    operation: Operation, request: Mapping[str, Any], *, user: str | None = None, upload_url: str | None = None
) -> dict[str, Any]:
    """
    Return a request that says who asks and where its clip is to be put: neither is part of what is asked for.

    Args:
        user: A name; extensions have no field for it, and an unknown one may be refused.
        upload_url: An address to which the service may PUT an MP4. It is a secret.
    """
    by = {"user": user} if user and operation != "extend-video" else {}
    return {**request, **by, **({"output": {"upload_url": upload_url}} if upload_url else {})}


def _by_part(operation: Operation, parts: Sequence[ByPart]) -> dict[str, Any]:
    """Return pictures in the fields of their parts."""
    placed: dict[str, Any] = {}
    for item in parts:
        match item:
            case ByPart(part="first_frame" | "last_frame"):
                field = "image" if item.part == "first_frame" else "last_frame"
                if field in placed:
                    raise ValueError(f"{operation} takes one {item.part}")
                placed[field] = _media(item)
            case ByPart(part="reference"):
                placed.setdefault("reference_images", []).append(_media(item))
            case ByPart(part="keyframe", at=at) if at is not None:
                placed.setdefault("keyframes", []).append({"image": _media(item), "timestamp_s": _second(at)})
            case _:
                raise ValueError(f"{operation} takes a keyframe with its second")
    return placed


def _second(at: float) -> float:
    return int(at) if at == int(at) else at


def _media(item: Media) -> dict[str, str]:
    if isinstance(item, ByPart):
        return _media(item.picture)
    return {"file_id": item.file_id} if isinstance(item, ByFile) else {"url": item.url}
