"""The help centre as programs read it: addresses, entries of the site map, schema.org's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request

from connectors.web.gateway import Gateway
from connectors.web.help_words import WORDS
from connectors.web.shelf import Entry


def title(here: Gateway, lang: str) -> str:
    """Whose help centre it is."""
    return f"{here.settings.names()[lang]} {WORDS[lang]['title']}".strip()


def path(one: Entry) -> str:
    """Where an article is."""
    return f"/help/{quote(one.id, safe='')}?lang={one.locale}"


def url_of(request: Request, here: Gateway, path: str, **query: str) -> str:
    """The whole address: where the installer says this is, else where it was asked for."""
    base = here.public_url or str(request.base_url).rstrip("/")
    return f"{base}{path}" + (f"?{urlencode(query)}" if query else "")


def article_data(request: Request, here: Gateway, one: Entry) -> list[dict[str, Any]]:
    """What schema.org calls a page with a question and its answer."""
    home = {
        "name": title(here, one.locale),
        "item": url_of(request, here, "/help", lang=one.locale),
    }
    crumbs = [home]
    if one.tags:
        where = url_of(request, here, "/help", lang=one.locale, category=one.tags[0])
        crumbs.append({"name": one.tags[0], "item": where})
    crumbs.append({"name": one.title, "item": url_of(request, here, path(one))})
    return [
        {
            "@context": "https://schema.org",
            "@type": "FAQPage",
            "inLanguage": one.locale,
            "dateModified": one.published_at.isoformat(),
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": one.title,
                    "acceptedAnswer": {"@type": "Answer", "text": one.plain},
                }
            ],
        },
        {
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, **crumb}
                for place, crumb in enumerate(crumbs, start=1)
            ],
        },
    ]


def list_data(
    request: Request, here: Gateway, found: Sequence[Entry], *, first: int
) -> list[dict[str, Any]]:
    """What schema.org calls a list of articles, or the part of it from place ``first``."""
    return [
        {
            "@context": "https://schema.org",
            "@type": "ItemList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": place,
                    "name": one.title,
                    "url": url_of(request, here, path(one)),
                }
                for place, one in enumerate(found, start=first)
            ],
        }
    ]


def map_entry(url: str, versions: dict[str, str], at: dt.datetime | None = None) -> str:
    """A page in the site map, with its address in each language and when it was published."""
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href="{_xml(one)}"/>'
        for lang, one in versions.items()
    )
    changed = f"<lastmod>{at.date().isoformat()}</lastmod>" if at else ""
    return f"<url><loc>{_xml(url)}</loc>{changed}{links}</url>"


def _xml(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return text
