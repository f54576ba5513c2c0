"""Who has the address that a draft had before is led to it: by links, or with its page open."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from connectors.web.console.frame import HEADERS, ConsoleRoute
from connectors.web.gateway import Gateway
from knowledge_base import drafts


class ArticleRoute(ConsoleRoute):
    """A route of one article, ``…/edit/{id}…``, wherever it is by now."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The console's handler; what it does not find may have moved. What a form sends goes
        along."""
        handle = super().get_route_handler()

        async def led(request: Request) -> Response:
            answer = await handle(request)
            id = request.path_params.get("id")
            if answer.status_code != 404 or id is None:
                return answer
            here: Gateway = request.app.state.gateway
            to = await here.store.read(drafts.moved_to, id=id)
            if to is None:
                return answer
            before, _, behind = request.url.path.partition("/edit/")
            _, slash, rest = behind.partition("/")
            asked = f"?{request.url.query}" if request.url.query else ""
            there = f"{before}/edit/{quote(to, safe='')}{slash}{rest}{asked}"
            return RedirectResponse(there, status_code=307, headers=HEADERS)

        return led
