"""
List the models, what each can do and costs: `storyreel models`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from storyreel.cli.arguments import Json, switch

if TYPE_CHECKING:
    from rich.console import Console

    from storyreel.production.models_data import ModelData, ModelsData, SpanData


def models(
    *,
    check: Annotated[bool, switch("--check", "Name where the catalogue and the service's lists differ.")] = False,
    sandbox: Annotated[bool, switch("--sandbox", "Ask the sandbox, and not the service.")] = False,
    as_json: Json = False,
) -> int:
    """
    List the models: what each can do, its limits, prices, where that is known from, and whether your key may use it.

    What is asked is free. With --check the exit code is 0 where the catalogue and the service agree, and 2 where they do not.

    Example: storyreel models

    Example: storyreel models --check
    """
    import asyncio

    from storyreel.cli.errors import Screen
    from storyreel.cli.render import print_json
    from storyreel.errors import SettingsError

    data = asyncio.run(_data(sandbox=sandbox, check=check))
    if as_json:
        print_json(data)
    elif check:
        _show_differences(Screen(), data)
    else:
        _show(Screen(), data)
    return SettingsError.exit_code if check and data.differences else 0


async def _data(*, sandbox: bool, check: bool) -> ModelsData:
    """
    Return what the catalogue and the service say.

    Raises:
        SettingsError, KeyRefused, ServiceUnreachable: It is to be compared, and the service cannot be asked.
    """
    from storyreel.catalog import load_catalog
    from storyreel.errors import KeyRefused, ServiceUnreachable, SettingsError
    from storyreel.production.models_data import models_data
    from storyreel.production.service import call
    from storyreel.settings import read_settings

    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    try:
        async with call(settings, catalog, sandbox=sandbox) as client:
            listed = await client.models()
    except (SettingsError, KeyRefused, ServiceUnreachable):
        if check:
            raise
        return models_data(catalog, None)
    return models_data(catalog, listed, asked="the sandbox" if sandbox else settings.base_url)


def _show(console: Console, data: ModelsData) -> None:
    from storyreel.cli.render import print_prose
    from storyreel.console import say

    for kind, head in (("video", "Video"), ("still", "Stills")):
        say(console, (head, "bold"))
        for model in (each for each in data.models if each.kind == kind):
            say(console, "  ", (model.name, "bold"), *_allowed(model))
            for line in filter(None, _lines(model)):
                print_prose(console, f"    {line}")
        say(console)
    for gone in data.gone:
        say(console, f"{gone.name} is not taken any more since {gone.since}: write {gone.instead}")
    who = f"Asked what the key may use: {data.asked}." if data.asked else "Nobody was asked what a key may use."
    say(console, f"Catalogue of {data.catalogue}. {who}")


def _show_differences(console: Console, data: ModelsData) -> None:
    from storyreel.console import counted, say

    for line in data.differences:
        say(console, line)
    if data.differences:
        say(
            console,
            f"{counted(len(data.differences), 'difference')}. A file of your own, named by STORYREEL_CATALOG, is laid over the",
        )
        say(console, "catalogue, value by value: docs/catalogue.md.")
    else:
        say(console, f"The catalogue of {data.catalogue} and {data.asked} agree.")


def _allowed(model: ModelData) -> tuple[str | tuple[str, str], ...]:
    match model.allowed:
        case "yes":
            return ("  ", ("your key may use it", "green"))
        case "no":
            return ("  ", ("not listed for your key", "yellow"))
        case _:
            return ()


def _lines(model: ModelData) -> tuple[str, ...]:
    """Return what there is to say of a model, a line each; empty where it is nothing."""
    aliases = f"also {', '.join(model.aliases)}" if model.aliases else ""
    return (
        aliases,
        f"retired {model.retired}" if model.retired else "",
        _what(model),
        _chains(model),
        _prices(model),
        f"known from {model.source}, read {model.date}",
        f"prices from {model.price_source}, read {model.price_date}",
    )


def _what(model: ModelData) -> str:
    parts = [", ".join(model.modes), " ".join(model.resolutions), " ".join(model.qualities)]
    if model.seconds is not None:
        parts.append(_seconds(model.seconds))
    if model.reference_seconds is not None:
        parts.append(f"{model.references} references at most, {_seconds(model.reference_seconds)}")
    return "; ".join(filter(None, parts))


def _chains(model: ModelData) -> str:
    parts = []
    if model.extend_adds is not None and model.extend_input is not None:
        parts.append(f"an extension adds {_seconds(model.extend_adds)} to {_seconds(model.extend_input)}")
    if model.edit_input is not None:
        parts.append(f"an edit takes {model.edit_input.most:g} s at most")
    return "; ".join(parts)


def _seconds(span: SpanData) -> str:
    return f"{span.least:g} to {span.most:g} s"


def _prices(model: ModelData) -> str:
    unit = "a second" if model.kind == "video" else "a still"
    parts = [f"${usd:g} {unit} at {at}" for at, usd in model.usd.items()]
    if model.input_image_usd:
        parts.append(f"${model.input_image_usd:g} a picture that goes in")
    if model.input_second_usd:
        parts.append(f"${model.input_second_usd:g} a second of a clip that goes in")
    return ", ".join(parts)
