"""The pictures of docs/slack.md: everything our code shows in Slack can be drawn, and was."""

from __future__ import annotations

import ast
import struct
import zlib
from pathlib import Path

import pytest

from connectors.slack import blocks as kit
from deploy.slack import blockkit, pictures

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 120_000


def made_types() -> set[str]:
    """Every ``{"type": "…"}`` that the code of the Slack desk writes down."""
    found = set()
    for path in (ROOT / "connectors" / "slack").glob("*.py"):
        if path.name == "doctor.py":  # its own request to our address is not shown
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    named = isinstance(key, ast.Constant) and key.value == "type"
                    if named and isinstance(value, ast.Constant):
                        found.add(str(value.value))
    return found


def test_everything_our_code_makes_can_be_drawn() -> None:
    known = {*blockkit.BLOCKS, *blockkit.ELEMENTS, *blockkit.VIEWS}
    assert {"header", "section", "context", "actions", "button"} <= made_types() <= known


@pytest.mark.parametrize("state", ["open", "claimed", "resolved"])
def test_a_card_in_every_state(state: str) -> None:
    card = pictures.card(state=state, assignee="지원", reopened=1, snoozed_until=pictures.OPENED)
    drawn = blockkit.blocks(kit.repeated(kit.card(card)))
    for words in ("T-7KQ2MB", "택배 분실·미도착 (0.71)", "2026-03-09 14:04", "×1"):
        assert words in drawn
    assert "<!date" not in drawn


def test_a_kind_that_is_not_known_is_an_error() -> None:
    for node in ({"type": "video"}, {"type": "actions", "elements": [{"type": "lever"}]}, {}):
        with pytest.raises(ValueError, match="no picture"):
            blockkit.blocks([node])
    with pytest.raises(ValueError, match="no picture"):
        blockkit.view({"type": "section"})


def test_words_are_shown_as_slack_shows_them() -> None:
    plain = {"type": "plain_text", "text": "a &lt;b&gt; *c* ✅"}
    drawn = blockkit.blocks([{"type": "section", "text": plain}])
    assert "a &lt;b&gt; *c* <svg" in drawn
    text = "*굵게* _i_ ~s~ `x` <https://a.kr|약관> <@U1> <!date^1700000000^{date_num} {time}|x> a*b"
    drawn = blockkit.blocks([{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
    for part in (
        "<b>굵게</b> <i>i</i> <s>s</s> <code>x</code>",
        '<a href="#">약관</a> <span class="mention">@U1</span> 2023-11-15 07:13 a*b',
    ):
        assert part in drawn
    stamp = int(blockkit.NOW.timestamp())
    for age, words in ((120, "2 minutes ago"), (7200, "2 hours ago"), (259_200, "3 days ago")):
        text = f"<!date^{stamp - age}^{{ago}}|x>"
        said = {"type": "mrkdwn", "text": text}
        assert words in blockkit.blocks([{"type": "section", "text": said}])
    attack = {"type": "mrkdwn", "text": "&lt;script&gt; <https://a|&lt;img&gt;>"}
    drawn = blockkit.blocks([{"type": "context", "elements": [attack]}])
    assert "<script" not in drawn and "<img" not in drawn


def test_modals_and_home_are_drawn() -> None:
    words = {"type": "plain_text", "text": "어떻게?"}
    option = {"text": {"type": "plain_text", "text": "30분"}, "value": "30"}
    elements = [
        {"type": "static_select", "options": [option], "initial_option": option},
        {"type": "users_select", "placeholder": words},
        {"type": "plain_text_input", "multiline": True, "initial_value": "값"},
        {"type": "radio_buttons", "options": [option], "initial_option": option},
    ]
    inputs = [{"type": "input", "label": words, "element": one} for one in elements]
    modal = {"type": "modal", "title": words, "submit": words, "blocks": inputs}
    drawn = blockkit.view(modal)
    assert drawn.count("어떻게?") == 7 and "◉ 30분" in drawn and "값" in drawn
    blocks = [
        {"type": "divider"},
        {"type": "image", "alt_text": "그림", "image_url": "https://a.kr/x.png"},
        {"type": "section", "text": words, "accessory": {"type": "overflow", "options": [option]}},
    ]
    assert "그림" in blockkit.view({"type": "home", "blocks": blocks})


def test_a_png_has_the_colours_it_was_made_of() -> None:
    colours = [(255, 255, 255), (0, 0, 0), (34, 119, 85), (35, 118, 86)]
    made = pictures.png(b"".join(bytes((*c, 255)) for c in colours), width=2)
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(made):
        size, kind = struct.unpack(">I4s", made[at : at + 8])
        chunks[kind] = made[at + 8 : at + 8 + size]
        assert struct.unpack(">I", made[at + 8 + size :][:4])[0] == zlib.crc32(kind + chunks[kind])
        at += size + 12
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (2, 2, 8, 3, 0, 0, 0)
    lines = zlib.decompress(chunks[b"IDAT"])
    indices = [*lines[1:3], *lines[4:6]]
    seen = [tuple(chunks[b"PLTE"][3 * i : 3 * i + 3]) for i in indices]
    assert seen == [(255, 255, 255), (0, 0, 0), (34, 119, 85), (34, 119, 85)]


def test_the_pictures_are_there_and_light() -> None:
    guide = (ROOT / "docs" / "slack.md").read_text("utf-8")
    for name, page in pictures.pictures():
        file = pictures.FOLDER / f"{name}.png"
        assert file.stat().st_size < LIMIT and f"](images/{name}.png)" in guide
        assert "<main>" in page


def test_a_browser_takes_them() -> None:
    (name, taken), *_ = pictures.shoot(list(pictures.pictures())[:1])
    assert name == "slack-card" and 20_000 < len(taken) < LIMIT
