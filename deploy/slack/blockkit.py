"""Block Kit as HTML, in a look of our own: for the pictures in the documents. Pure.

It draws what our own code makes and no more; anything else is a ``ValueError``, so that a picture
never leaves something out in silence.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]

# Where and when the readers of the pictures look.
ZONE = dt.timezone(dt.timedelta(hours=9))
NOW = dt.datetime(2026, 3, 9, 14, 30, tzinfo=ZONE)
_SVG = '<svg class="emoji" viewBox="0 0 16 16" aria-hidden="true">{}</svg>'
# Machines without a font of emoji draw these alike.
_EMOJI = {
    "✅": '<rect x="1" y="1" width="14" height="14" rx="3" fill="#2f8f5b"/>'
    '<path d="M4.5 8.2l2.4 2.5 4.6-5.2" stroke="#fff" stroke-width="1.8" fill="none"/>',
    "🔒": '<path d="M5 7V5a3 3 0 0 1 6 0v2" stroke="#8a8f98" stroke-width="1.6" fill="none"/>'
    '<rect x="3" y="7" width="10" height="7.5" rx="1.6" fill="#e0a82e"/>',
    "⚠": '<path d="M8 1.5l7 13H1z" fill="#e6a700"/><path d="M8 6v4M8 11.4v1.4" stroke="#fff" '
    'stroke-width="1.6"/>',
    "⏳": '<path d="M4 1.5h8M4 14.5h8" stroke="#7a5c2e" stroke-width="1.6"/>'
    '<path d="M5 2.5h6c0 3-2 4-3 5.5-1-1.5-3-2.5-3-5.5z" fill="#f0d9a8"/>'
    '<path d="M5 13.5h6c0-3-2-4-3-5.5-1 1.5-3 2.5-3 5.5z" fill="#e0a82e"/>',
    "🔗": '<path d="M6.5 9.5l3-3M7 4.8l1.6-1.6a2.5 2.5 0 0 1 3.6 3.6L10.6 8.4'
    'M9 11.2l-1.6 1.6a2.5 2.5 0 0 1-3.6-3.6L5.4 7.6" fill="none" stroke="#7a8a99"'
    ' stroke-width="1.5" stroke-linecap="round"/>',
    "📨": '<rect x="1.5" y="3.5" width="13" height="9" rx="1.5" fill="#7fa8d9"/>'
    '<path d="M2 4.5l6 4.5 6-4.5" stroke="#fff" stroke-width="1.3" fill="none"/>',
    "💤": '<path d="M3 3h6L3 9h6M9.5 8h4l-4 5h4" stroke="#5b7fc7" stroke-width="1.6" fill="none"/>',
    "⏰": '<circle cx="8" cy="8.5" r="6" fill="#d9534f"/><circle cx="8" cy="8.5" r="4.5" '
    'fill="#fff"/><path d="M8 5.5v3l2 1.5" stroke="#333" stroke-width="1.2" fill="none"/>',
    "📎": '<path d="M11 5l-5 5a1.5 1.5 0 0 0 2 2l5-5.5a3 3 0 0 0-4-4L3.5 8" '
    'stroke="#777" stroke-width="1.4" fill="none"/>',
    "📝": '<rect x="2.5" y="1.5" width="9" height="13" rx="1" fill="#e9e6da"/>'
    '<path d="M4.5 5h5M4.5 7.5h5M4.5 10h3" stroke="#888"/>'
    '<path d="M14 4l-5 6-1.5 1 .5-1.8 5-6z" fill="#e0a82e"/>',
}
_EMOJI |= {
    dot: f'<circle cx="8" cy="8" r="6" fill="{colour}"/>'
    for dot, colour in {
        "🟢": "#2f9e5b",
        "🔴": "#d9463e",
        "🟠": "#e8833a",
        "🟡": "#e6bd2e",
        "🔵": "#3b78c9",
        "⚪": "#c9ccd1",
        "⚫": "#3a3d42",
    }.items()
}
_PICTOGRAM = re.compile("([" + "".join(_EMOJI) + "])\ufe0f?")
_TOKEN = re.compile(r"<([^<>]*)>")
_MARKS = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])"), r"<i>\1</i>"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), r"<s>\1</s>"),
)


def blocks(nodes: Sequence[Node]) -> str:
    """The blocks of a message or a view. Raises :class:`ValueError` for one it cannot draw."""
    return "".join(_draw(BLOCKS, node) for node in nodes)


def view(node: Node) -> str:
    """A modal or a Home tab."""
    return _draw(VIEWS, node)


def words(text: str) -> str:
    """Plain words, with our pictures for emoji."""
    return _PICTOGRAM.sub(lambda m: _SVG.format(_EMOJI[m[1]]), html.escape(text))


def _draw(table: Mapping[str, Callable[[Node], str]], node: Node) -> str:
    kind = str(node.get("type"))
    if kind not in table:
        raise ValueError(f"there is no picture of {kind!r} here")
    return table[kind](node)


def _text(node: Node) -> str:
    text = str(node["text"])
    if node["type"] == "mrkdwn":
        return _mrkdwn(text)
    if node["type"] != "plain_text":
        raise ValueError(f"there is no picture of {node['type']!r} here")
    return words(html.unescape(text))


def _mrkdwn(text: str) -> str:
    made, end = [], 0
    for match in _TOKEN.finditer(text):
        made += [_marked(text[end : match.start()]), _token(match[1])]
        end = match.end()
    return "".join([*made, _marked(text[end:])])


def _marked(text: str) -> str:
    made = words(html.unescape(text))
    for pattern, form in _MARKS:
        made = pattern.sub(form, made)
    return made


def _token(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        stamp, form = target.split("^")[1:3]
        at = dt.datetime.fromtimestamp(int(stamp), ZONE)
        for name, shape in (
            ("{date_num}", "%Y-%m-%d"),
            ("{date_short_pretty}", "%b %d"),
            ("{date_short}", "%b %d, %Y"),
            ("{date_pretty}", "%B %d"),
            ("{date_long}", "%A, %B %d, %Y"),
            ("{date}", "%B %d, %Y"),
            ("{time}", "%H:%M"),
        ):
            form = form.replace(name, at.strftime(shape))
        form = form.replace("{ago}", _ago(NOW - at))
        if "{" in form:
            raise ValueError(f"there is no picture of {form!r} here")
        return words(form)
    if target[:1] in "@#!":
        return f'<span class="mention">{words(label or target)}</span>'
    return f'<a href="#">{words(html.unescape(label or target))}</a>'


def _ago(age: dt.timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2880 else f"{minutes // 1440} days ago"


def _header(node: Node) -> str:
    return f'<div class="b header">{_text(node["text"])}</div>'


def _section(node: Node) -> str:
    text = f"<div>{_text(node['text'])}</div>" if "text" in node else ""
    fields = "".join(f"<div>{_text(field)}</div>" for field in node.get("fields", []))
    if fields:
        text += f'<div class="fields">{fields}</div>'
    beside = _draw(ELEMENTS, node["accessory"]) if "accessory" in node else ""
    return f'<div class="b section"><div class="grow">{text}</div>{beside}</div>'


def _context(node: Node) -> str:
    parts = "".join(f"<span>{_draw(ELEMENTS, part)}</span>" for part in node["elements"])
    return f'<div class="b context">{parts}</div>'


def _actions(node: Node) -> str:
    parts = "".join(_draw(ELEMENTS, part) for part in node["elements"])
    return f'<div class="b actions">{parts}</div>'


def _divider(node: Node) -> str:
    return '<hr class="b">'


def _image_block(node: Node) -> str:
    title = f"<div>{_text(node['title'])}</div>" if "title" in node else ""
    return f'<div class="b">{title}<div class="picture">{words(node["alt_text"])}</div></div>'


def _input(node: Node) -> str:
    hint = f'<div class="hint">{_text(node["hint"])}</div>' if "hint" in node else ""
    label = _text(node["label"]) + (" <em>(선택 optional)</em>" if node.get("optional") else "")
    return (
        f'<div class="b input"><div class="label">{label}</div>'
        f"{_draw(ELEMENTS, node['element'])}{hint}</div>"
    )


def _button(node: Node) -> str:
    style = html.escape(node.get("style", ""))
    return f'<span class="button {style}">{_text(node["text"])}</span>'


def _overflow(node: Node) -> str:
    return '<span class="button more">⋯</span>'


def _select(node: Node) -> str:
    chosen = node.get("initial_option") or (node.get("initial_options") or [None])[0]
    shown = _text(chosen["text"]) if chosen else ""
    if not shown and "placeholder" in node:
        shown = f"<em>{_text(node['placeholder'])}</em>"
    return f'<span class="button select">{shown}<span class="arrow">▾</span></span>'


def _choices(node: Node) -> str:
    chosen = [
        o["value"] for o in [node.get("initial_option"), *node.get("initial_options", [])] if o
    ]
    marks = ("◉", "○") if node["type"] == "radio_buttons" else ("☑", "☐")
    lines = [
        f"<div>{marks[option['value'] not in chosen]} {_text(option['text'])}</div>"
        for option in node["options"]
    ]
    return f'<div class="choices">{"".join(lines)}</div>'


def _field(node: Node) -> str:
    tall = " tall" if node.get("multiline") else ""
    start = node.get("initial_value") or node.get("initial_date") or node.get("initial_time")
    hint = f"<em>{_text(node['placeholder'])}</em>" if "placeholder" in node else "&nbsp;"
    return f'<div class="field{tall}">{words(str(start)) if start else hint}</div>'


def _image(node: Node) -> str:
    return f'<span class="thumb">{words(node["alt_text"][:1])}</span>'


def _home(node: Node) -> str:
    return f'<div class="home">{blocks(node["blocks"])}</div>'


def _modal(node: Node) -> str:
    close = _text(node["close"]) if "close" in node else "닫기 Close"
    feet = f'<span class="button">{close}</span>'
    if "submit" in node:
        feet += f'<span class="button primary">{_text(node["submit"])}</span>'
    return (
        f'<div class="modal"><div class="b header">{_text(node["title"])}</div>'
        f'{blocks(node["blocks"])}<div class="feet">{feet}</div></div>'
    )


BLOCKS: dict[str, Callable[[Node], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image_block,
    "input": _input,
}
SELECTS = ("static", "external", "users", "conversations", "channels")
ELEMENTS: dict[str, Callable[[Node], str]] = {
    "plain_text": _text,
    "mrkdwn": _text,
    "button": _button,
    "overflow": _overflow,
    "image": _image,
    "radio_buttons": _choices,
    "checkboxes": _choices,
    "plain_text_input": _field,
    "datepicker": _field,
    "timepicker": _field,
    "datetimepicker": _field,
    "number_input": _field,
    **{f"{kind}_select": _select for kind in SELECTS},
    **{f"multi_{kind}_select": _select for kind in SELECTS},
}
VIEWS: dict[str, Callable[[Node], str]] = {"home": _home, "modal": _modal}
