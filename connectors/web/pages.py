"""The public pages: the demo shop, the widget, static files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates

from connectors.web.gateway import Gateway, gateway
from connectors.web.problems import Problem
from connectors.web.widget import elsewhere_script, files_script, script

HERE = Path(__file__).parent
STATIC = HERE / "static"
CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class PageRoute(APIRoute):
    """A page that is there for ``HEAD``, too: monitors and link checkers ask no more of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.methods and "GET" in self.methods:
            self.methods.add("HEAD")


router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ACCEPTED = re.compile(
    r"\s*(ko|en)(?:-[\w-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)
templates = Jinja2Templates(directory=HERE / "templates")


def page(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of ours, with headers that let nothing foreign run in it."""
    response = templates.TemplateResponse(request, name, values, status_code=status)
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def page_language(request: Request) -> str:
    """``?lang=`` if given, else what the browser prefers."""
    chosen = request.query_params.get("lang")
    if chosen in ("ko", "en"):
        return chosen
    return accepted_language(request)


def accepted_language(request: Request) -> str:
    """Which of our languages the browser likes more; Korean where it wants neither."""
    liked = {"ko": 0.0, "en": 0.0}
    for part in request.headers.get("accept-language", "").split(","):
        if found := _ACCEPTED.fullmatch(part):
            name = found[1].lower()
            liked[name] = max(liked[name], float(found[2] or 1))
    return max(liked, key=lambda name: liked[name])


@cache
def _static_names() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir() if path.is_file())


@router.get("/")
async def demo(request: Request, here: Annotated[Gateway, Depends(gateway)]) -> HTMLResponse:
    """A sample shop with the widget on it."""
    return page(request, "demo.html", lang=page_language(request))


@router.get("/widget.js")
async def serve_widget(request: Request) -> Response:
    """The widget: one script, made to be embedded anywhere and cached until it changes."""
    return _embeddable(request, script())


@router.get("/widget-elsewhere.js")
async def serve_widget_elsewhere(request: Request) -> Response:
    """What the widget imports when a conversation goes on elsewhere, or comes from there."""
    return _embeddable(request, elsewhere_script())


@router.get("/widget-files.js")
async def serve_widget_files(request: Request) -> Response:
    """What the widget imports when there is a file to send or to show."""
    return _embeddable(request, files_script())


def _embeddable(request: Request, made: tuple[bytes, str]) -> Response:
    source, tag = made
    headers = {
        "ETag": tag,
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(source, media_type="text/javascript; charset=utf-8", headers=headers)


@router.get("/static/{name}")
async def static(name: str) -> FileResponse:
    """A file that a page of ours needs."""
    if name not in _static_names():
        raise Problem(404, "there is no such file")
    return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})
