"""
Links to Prefect's page. It has two faces, each with the same paths: the old one at `/`, the new one at `/v2`. Only the root
opens the one that is wanted, while Prefect's own links have no `/v2`; here they lead to the face that the desk opens with.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from storyreel.desk.listening import NEW

CHOSEN = "prefect_ui_version"
"""The cookie in which a browser keeps which face its person has chosen; from the same place."""
PAGES = frozenset(
    {
        *("dashboard", "runs", "flows", "deployments", "work-pools", "blocks", "variables", "automations", "events"),
        *("concurrency-limits", "artifacts", "settings"),
    }
)
"""What both faces have, by the first part of the path."""


class NewFace:
    """An ASGI app that sends a browser from a link of the old face to the new one, unless its person has chosen the old."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or say where the page is."""
        app: ASGIApp = RedirectResponse(_new(scope), 307) if _is_old_link(scope) else self._app
        await app(scope, receive, send)


def _is_old_link(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].split("/")[1] not in PAGES:
        return False
    headers = Headers(scope=scope)
    if (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document"):
        return False
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(CHOSEN)
    except CookieError:
        chosen = None
    return chosen is None or chosen.value != "v1"


def _new(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{NEW}{scope['path']}{f'?{query}' if query else ''}"
