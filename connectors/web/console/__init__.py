"""The console: the agents' and the curators' place, rendered here, with a small script of ours."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Match

from connectors.web.console import (
    accesses,
    agents,
    article_history,
    article_imports,
    article_list,
    article_pictures,
    articles,
    customer_fields,
    customer_imports,
    customers,
    dead_letters,
    editing,
    erasing,
    figures,
    finding,
    gaps,
    helped,
    links,
    live,
    macros,
    merging,
    opening,
    pasting,
    planning,
    record_forms,
    records,
    recoveries,
    retention,
    saved,
    searched,
    service,
    session,
    suggestions,
    surveys,
    tags,
    ticket_links,
    tickets,
    trying,
)
from connectors.web.console.frame import ConsoleRoute
from connectors.web.problems import Problem

router = APIRouter(include_in_schema=False)
for part in (
    session, live, tickets, planning, customer_fields, customer_imports, accesses, erasing,
    retention, customers, record_forms, opening, records, recoveries, surveys, links,
    article_history, article_imports, article_list, article_pictures, pasting, editing, trying,
    articles,
    searched, gaps, suggestions, helped, saved,
    dead_letters, service, agents,
):  # fmt: skip
    router.include_router(part.router, prefix="/console")
for tool in (finding, ticket_links, merging, macros, tags, figures):
    router.include_router(tool.router, prefix="/console")

elsewhere = APIRouter(prefix="/console", route_class=ConsoleRoute)


@elsewhere.get("/{path:path}")
async def nowhere(request: Request, path: str) -> Response:
    """An address of no page of ours: said on a page, as everything else that goes wrong here.

    405 where there is a form's address, but no page.
    """
    if any(route.matches(request.scope)[0] is Match.PARTIAL for route in router.routes):
        raise Problem(405, "there is no such page", headers={"Allow": "POST"})
    if path.endswith("/") or not path:
        return RedirectResponse(f"/console/{path}".rstrip("/"))
    raise Problem(404, "there is no such page")


router.include_router(elsewhere)
