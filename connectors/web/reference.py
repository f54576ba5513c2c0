"""The API to read: one page made of its own description, with nothing from anywhere else.

Where agents are signed in, no other site's script may run; and there may be no way to one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from connectors.web.pages import PageRoute, page

Json = Mapping[str, Any]

_CODE = re.compile(r"``?([^`]+)``?")
_BLANK = re.compile(r"\n\s*\n")
# Nobody has to read the number at which a 64-bit counter ends.
_ENDLESS = 2**62

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """Something that is sent or comes back; ``depth`` is how far inside others it is."""

    name: str
    kind: str
    about: Markup
    required: bool
    depth: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path, and all that a program has to know of it."""

    id: str
    method: str
    path: str
    about: tuple[Markup, ...]
    token: Markup | None
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_type: str
    statuses: tuple[str, ...]


@router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """Every address of the API."""
    spec = request.app.openapi()
    return page(request, "reference.html", info=spec["info"], groups=groups(spec))


def groups(spec: Json) -> dict[str, list[Operation]]:
    """All operations under the name of their part, in the order of the description."""
    found: dict[str, list[Operation]] = {}
    for path, methods in spec["paths"].items():
        for method, about in methods.items():
            made = _operation(spec, path, method, about)
            found.setdefault(about["tags"][0], []).append(made)
    return found


def _operation(spec: Json, path: str, method: str, about: Json) -> Operation:
    content: dict[str, Json] = about.get("requestBody", {}).get("content", {})
    body_type = next(iter(content), "")
    words = _BLANK.split(about.get("description") or about["summary"])
    return Operation(
        id=about["operationId"],
        method=method.upper(),
        path=path,
        about=tuple(_marked(one) for one in words),
        token=_token(spec, about),
        parameters=tuple(
            Field(
                one["name"],
                _kind(one["schema"], spec),
                _marked(one.get("description", "")),
                bool(one.get("required")),
            )
            for one in about.get("parameters", ())
        ),
        body=tuple(_fields(content.get(body_type, {}).get("schema", {}), spec)),
        body_type=body_type,
        statuses=tuple(sorted(one for one in about["responses"] if one.startswith("2"))),
    )


def _token(spec: Json, about: Json) -> Markup | None:
    """What the bearer token is, where one is needed."""
    for names in about.get("security", ()):
        for name in names:
            return _marked(spec["components"]["securitySchemes"][name]["description"])
    return None


def _fields(schema: Json, spec: Json, depth: int = 0) -> Iterator[Field]:
    """The fields of an object, those of objects in it behind them."""
    schema = _inside(schema, spec)
    for name, one in schema.get("properties", {}).items():
        about = _marked(one.get("description", ""))
        required = name in schema.get("required", ())
        yield Field(name, _kind(one, spec), about, required, depth)
        yield from _fields(one, spec, depth + 1)


def _inside(schema: Json, spec: Json) -> Json:
    """What a reference, a list or "this or nothing" is about."""
    while True:
        real = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if "$ref" in schema:
            schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif len(real) == 1:
            schema = real[0]
        elif isinstance(schema.get("items"), Mapping):
            schema = schema["items"]
        else:
            return schema


def _kind(schema: Json, spec: Json) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        return _kind(spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]], spec)
    if "anyOf" in schema:
        return " or ".join(_kind(one, spec) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f'"{one}"' for one in schema["enum"])
    kind = str(schema.get("format") or schema.get("type") or "anything")
    if kind == "array":
        kind = f"list of {_kind(schema['items'], spec)}"
    return " ".join([kind, *_bounds(schema)])


def _bounds(schema: Json) -> Iterator[str]:
    """How long a text or list, and how great a number may be; what holds if it is left out."""
    for least, most, of in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", ""),
        ("minimum", "maximum", ""),
    ):
        low, high = schema.get(least), schema.get(most)
        if high is not None and high < _ENDLESS:
            yield f"({low:g} to {high:g}{of})" if low else f"(at most {high:g}{of})"
        elif low:
            yield f"(at least {low:g}{of})"
    if schema.get("default") not in (None, "", [], {}):
        yield f"= {schema['default']}"


def _marked(text: str) -> Markup:
    """Words of the description; what stands between backticks is code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if n % 2 else one for n, one in enumerate(parts)
    )
