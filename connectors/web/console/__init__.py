"""The console: the agents' and the curators' place, rendered here, with a small script of ours."""

from __future__ import annotations

from fastapi import APIRouter

from connectors.web.console import (
    agents,
    article_history,
    article_imports,
    article_pictures,
    articles,
    customer_fields,
    customer_imports,
    customers,
    dead_letters,
    figures,
    gaps,
    helped,
    links,
    live,
    macros,
    merging,
    planning,
    record_forms,
    records,
    recoveries,
    saved,
    service,
    session,
    surveys,
    tags,
    ticket_links,
    tickets,
    trying,
)

router = APIRouter(include_in_schema=False)
for part in (
    session, live, tickets, planning, customer_fields, customer_imports, customers,
    record_forms, records, recoveries, surveys, links,
    article_history, article_imports, article_pictures, trying, articles, gaps, helped, saved,
    dead_letters, service, agents,
):  # fmt: skip
    router.include_router(part.router, prefix="/console")
for tool in (ticket_links, merging, macros, tags, figures):
    router.include_router(tool.router, prefix="/console")
