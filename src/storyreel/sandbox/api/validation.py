"""
What may be asked: the checks of a request, in the order in which the original makes them.

Pure: a body goes in, an `Ask` comes out, or the refusal that the original would send. Media are never looked at here;
whether a picture can be opened is found out when the job is rendered.

Source: order and texts from published probes of 2026-08-20 and 2026-09-08, docs.x.ai of October 2026.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from storyreel.catalog import Catalog, StillModel, VideoModel
from storyreel.sandbox.api.json_errors import Fields
from storyreel.sandbox.api.records import Ask, Source, Stored
from storyreel.sandbox.api.responses import Refused, invalid, unknown_model

CLASSIC = "grok-imagine-video"
CLASSIC_STILL = "grok-imagine-image"
NEW_RATIOS = ("21:9", "5:2")  # since October 2026; disputed
RESOLUTIONS = ("480p", "720p", "1080p")
STILL_QUALITIES = ("auto", "low", "medium", "high")
MAX_STILLS = 10
OWN_VOICE_LETTERS = 8  # our own: a shorter word of letters is the slip of somebody who meant a preset
VOICES = (
    "ara", "eve", "leo", "rex", "sal", "carina", "zagan", "helix", "orion", "luna", "iris", "altair", "zenith",
    "perseus", "helios", "lux", "kepler", "rigel", "cosmo", "celeste", "ursa", "sirius", "lumen", "castor", "naksh",
    "atlas",
)  # the server's own list, probe of 2026-09-08  # fmt: skip


def read_generation(fields: Fields, catalog: Catalog, *, old_ratios: bool = False) -> Ask:
    """
    Check a request for a new clip.

    Raises:
        Refused: As the original would refuse it.
    """
    name, prompt = fields.text("model"), fields.text("prompt")
    asked = fields.whole("duration", "seconds")
    ratio = fields.choice("aspect_ratio", video_ratios(catalog, old=old_ratios)) or "16:9"
    resolution = fields.choice("resolution", RESOLUTIONS) or "480p"
    image = fields.media("image", "struct ImageUrl")
    references = fields.media_list("reference_images", "struct ImageUrl")
    voices = fields.voices("reference_audios")
    last = fields.media("last_frame", "struct ImageUrl")
    keyframes = fields.keyframes("keyframes")
    sound = fields.flag("generate_audio", True)
    stored = _stored(fields)

    model = _video_model(catalog, name)
    seconds = 8 if asked is None else asked
    ingredients = bool(references or voices)
    pinned = bool(last or keyframes)
    by_reference = ingredients or (image is not None and pinned)
    if "images" in fields:
        raise invalid("The `images` field is deprecated. Please use `reference_images` instead.")
    _modes(model, image=image is not None, ingredients=ingredients, pinned=pinned, fields=fields)
    if len(references) > model.max_references > 0:
        raise invalid(f"Too many reference images: {len(references)}. Maximum allowed is {model.max_references}.")
    _duration(model, seconds, by_reference=by_reference)
    if resolution not in model.resolutions:
        raise invalid(f"{resolution} video resolution is not supported for this model.")
    if by_reference and resolution not in model.reference_resolutions:
        raise invalid(f"{resolution} video resolution is not supported for reference-to-video requests.")
    _voices(model, voices)
    _keyframes(model, keyframes, seconds)
    pins = (*((last,) if last else ()), *(picture for picture, _ in keyframes))
    _one_address(image, *references, *pins)
    return Ask(
        operation="reference-to-video" if ingredients or pinned else "image-to-video" if image else "text-to-video",
        model=model.name,
        prompt=prompt or "",
        seconds=seconds,
        aspect_ratio=ratio,
        resolution=resolution,
        sound=sound,
        first_frame=image,
        references=references,
        pinned=pins,
        pinned_at=(*((None,) if last else ()), *(second for _, second in keyframes)),
        voices=voices,
        stored=stored,
    )


def read_edit(fields: Fields, catalog: Catalog) -> Ask:
    """
    Check a request for the edit of a clip. Duration, ratio and resolution may be there and mean nothing.

    Raises:
        Refused: As the original would refuse it.
    """
    name, prompt, video = fields.text("model"), fields.text("prompt"), fields.media("video", "struct VideoUrl")
    stored = _stored(fields)
    fields.require("prompt", "video")
    model = _video_model(catalog, name)
    if "edit" not in model.modes:
        raise invalid("Video editing is not supported for this model.")
    _one_address(video)
    return Ask(operation="edit-video", model=model.name, prompt=prompt or "", video=video, stored=stored)


def read_extension(fields: Fields, catalog: Catalog) -> Ask:
    """
    Check a request for the continuation of a clip. Only a coarse look at the seconds; the finer one fails the job.

    Raises:
        Refused: As the original would refuse it.
    """
    name, prompt, video = fields.text("model"), fields.text("prompt"), fields.media("video", "struct VideoUrl")
    asked = fields.whole("duration", "seconds")
    stored = _stored(fields)
    fields.require("prompt", "video")
    model = _video_model(catalog, name)
    if "extend" not in model.modes:
        raise invalid("Video extension is not supported for this model.")
    seconds = 6 if asked is None else asked
    if not 1 <= seconds <= 15:
        raise invalid("Duration must be between 1 and 15 seconds")
    _one_address(video)
    return Ask(
        operation="extend-video", model=model.name, prompt=prompt or "", seconds=seconds, video=video, stored=stored
    )


def read_still(fields: Fields, catalog: Catalog, *, edit: bool) -> Ask:
    """
    Check a request for stills, or for the edit of pictures.

    Raises:
        Refused: As the original would refuse it.
    """
    name, prompt, count = fields.text("model"), fields.text("prompt"), fields.whole("n")
    ratio = fields.choice("aspect_ratio", (*catalog.still_aspect_ratios, "auto"))
    resolution = fields.choice("resolution", ("1k", "2k")) or "1k"
    quality = fields.choice("quality", STILL_QUALITIES)
    form = fields.choice("response_format", ("url", "b64_json")) or "url"
    image = fields.media("image", "struct ImageUrl") if edit else None
    images = fields.media_list("images", "struct ImageUrl") if edit else ()
    stored = _stored(fields)
    fields.require("prompt")
    model = _still_model(catalog, name)
    count = 1 if count is None else count
    if not 1 <= count <= MAX_STILLS:
        raise invalid(f"The number of images to generate (n) must be between 1 and {MAX_STILLS} inclusive.")
    if len(images) > catalog.image_inputs:
        raise invalid(
            f"This model supports at most {catalog.image_inputs} input image(s), but {len(images)} were provided."
        )
    if edit and (image is None) == (not images):
        raise invalid("Exactly one of `image` and `images` must be provided.")
    if model.qualities and quality is not None and quality not in model.qualities:
        raise invalid(f"Quality `{quality}` is not supported for this model.")
    if not (prompt or "").strip():
        raise invalid("Prompt cannot be empty. Please provide a prompt.")
    pictures = images or ((image,) if image else ())
    _one_address(*pictures)
    if model.qualities and quality in (None, "auto"):
        quality = "medium" if edit else "low"  # what `auto` has meant since August 2026, docs.x.ai
    return Ask(
        operation="edit-image" if edit else "generate-image",
        model=model.name,
        prompt=prompt or "",
        aspect_ratio=ratio,
        resolution=resolution,
        references=pictures,
        count=count,
        quality=quality if model.qualities else None,
        inline=form == "b64_json",
        stored=stored,
    )


def video_ratios(catalog: Catalog, *, old: bool = False) -> tuple[str, ...]:
    """Return the aspect ratios that the field takes: those of all models, in the catalogue's order."""
    known = dict.fromkeys(ratio for model in catalog.video.values() for ratio in model.aspect_ratios)
    return tuple(ratio for ratio in known if not (old and ratio in NEW_RATIOS))


def charge(ask: Ask, catalog: Catalog, *, resolution: str | None = None, input_seconds: float = 0.0) -> int:
    """
    Say what the original would charge, in ticks, by the catalogue's prices.

    Args:
        ask: The request.
        catalog: The prices.
        resolution: What an edit or extension inherits from its clip.
        input_seconds: Length of the clip that goes in.
    """
    if still := catalog.still_model(ask.model):
        return ask.count * still.charge(ask.resolution or "1k", quality=ask.quality, images=len(ask.pictures))
    model = catalog.video[ask.model]
    at = resolution or ask.resolution or "480p"
    match ask.operation:
        case "extend-video":
            return model.charge_extension(at, input_seconds=input_seconds, added_seconds=ask.seconds)
        case "edit-video":
            return model.charge(at, input_seconds, input_seconds=input_seconds)
        case _:
            return model.charge(at, ask.seconds, images=len(ask.pictures))


def _video_model(catalog: Catalog, name: str | None) -> VideoModel:
    model = catalog.video_model(name or CLASSIC)
    if model is None:
        raise unknown_model(str(name))
    return model


def _still_model(catalog: Catalog, name: str | None) -> StillModel:
    model = catalog.still_model(name or CLASSIC_STILL)
    if model is None:
        raise unknown_model(str(name))
    return model


def _modes(model: VideoModel, *, image: bool, ingredients: bool, pinned: bool, fields: Fields) -> None:
    if ingredients and "references" not in model.modes:
        field = "reference_images" if "reference_images" in fields else "reference_audios"
        raise invalid(f"`{field}` is not supported for this model.")
    for field in ("last_frame", "keyframes"):
        if field in fields and field not in model.modes:
            raise invalid(f"`{field}` is not supported for this model.")
    if image and ingredients and "image+references" not in model.modes:
        raise invalid("`image` cannot be combined with `reference_images` for this model.")
    if not (image or ingredients or pinned) and "text" not in model.modes:
        raise invalid("Text-to-video is not supported for this model.")
    if image and "image" not in model.modes:
        raise invalid("Image-to-video is not supported for this model.")


def _duration(model: VideoModel, seconds: int, *, by_reference: bool) -> None:
    most = model.reference_seconds.most
    if by_reference and seconds > most:
        raise invalid(f"Duration {seconds}s exceeds the maximum allowed for reference-to-video, which is {most:g}s.")
    if seconds not in model.seconds:
        raise invalid(f"Duration must be between {model.seconds.least:g} and {model.seconds.most:g} seconds")


def _voices(model: VideoModel, voices: tuple[str, ...]) -> None:
    """Check what is heard. A word that may be an id of a voice of a team's own passes: the sandbox has no list of these."""
    if voices and "voices" not in model.modes:
        raise invalid("`reference_audios` is not supported for this model.")
    if len(voices) > model.max_voices:
        raise invalid(f"Too many reference audio clips: {len(voices)}. Maximum allowed is {model.max_voices}.")
    for voice in voices:
        if voice.lower() not in VOICES and voice.isalpha() and len(voice) < OWN_VOICE_LETTERS:
            raise invalid(f"Unknown voice `{voice}`. Available voices: {', '.join(VOICES)}.")


def _keyframes(model: VideoModel, keyframes: tuple[tuple[Source, float], ...], seconds: int) -> None:
    if len(keyframes) > model.max_keyframes:
        raise invalid(f"Too many keyframes: {len(keyframes)}. Maximum allowed is {model.max_keyframes}.")
    grid = model.keyframes_per_second
    steps = sorted(second * grid for _, second in keyframes)
    if any(not 0 < step < seconds * grid or abs(step - round(step)) > 0.02 for step in steps):
        raise invalid(f"Keyframe timestamps must lie inside the video, on a grid of 1/{grid} second.")
    if any(after - before < 0.98 for before, after in pairwise(steps)):
        raise invalid(f"Keyframe timestamps must be at least 1/{grid} second apart.")


def _one_address(*sources: Source | None) -> None:
    for source in sources:
        if source is not None and (source.url is None) == (source.file_id is None):
            raise invalid("Exactly one of `url` and `file_id` must be provided.")


def _stored(fields: Fields) -> Stored | None:
    wish = fields.map("storage_options", "struct StorageOptions", "filename")
    if wish is None:
        return None
    public: Any = wish.get("public_url")
    life = public.get("expires_after") if isinstance(public, dict) else None
    return Stored(
        filename=str(wish["filename"]),
        expires_s=_seconds(wish.get("expires_after")),
        public=bool(public),
        public_s=_seconds(life),
    )


def _seconds(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


__all__ = ["Refused", "charge", "read_edit", "read_extension", "read_generation", "read_still", "video_ratios"]
