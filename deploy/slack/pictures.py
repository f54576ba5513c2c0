"""The pictures in docs/slack.md: our own blocks, as a thread of a chat, by a headless browser.

``.venv/bin/python -m deploy.slack.pictures`` makes them anew after the blocks changed.
"""

from __future__ import annotations

import base64
import datetime as dt
import html
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from connectors.slack import blocks as kit
from connectors.slack import promises
from connectors.slack import thread as threads
from connectors.slack.blocks import Card
from connectors.slack.home import Tickets, view
from connectors.slack.promises import Promise
from connectors.slack.rows import Row
from ticketing.figures import Today

from . import blockkit

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDTH = 760
OPENED = dt.datetime(2026, 3, 9, 5, 4, tzinfo=dt.timezone.utc)
# Opened, last written by the customer, not put off.
WAITED = (OPENED, OPENED + dt.timedelta(minutes=12), None)
AGENT, OTHER = "지원", "도움"
CUSTOMER = "방문자 4C1E"
CSS = Path(__file__).with_name("pictures.css")


def pictures() -> Iterator[tuple[str, str]]:
    """The name of every picture, and its page."""
    yield "slack-card", page(message("app", "Sangdam", "14:04", blockkit.blocks(kit.card(card()))))
    yield "slack-thread", page(thread())
    yield "slack-home", page(blockkit.blocks(home_tab()))


def home_tab() -> list[kit.Block]:
    """Home of the app, for one who holds a ticket while others wait."""
    rows = [
        Row("T-7KQ2MB", CUSTOMER, "경비실에도 없대요", "claimed", "high", AGENT, *WAITED, ""),
        Row(
            "T-4XN8PD",
            "방문자 A02F",
            "환불이 아직 안 들어왔어요",
            "open",
            "normal",
            None,
            *WAITED,
            "",
        ),
        Row(
            "T-9HT3VC",
            "방문자 77B0",
            "Can I change the address?",
            "open",
            "normal",
            None,
            *WAITED,
            "",
        ),
    ]
    today = Today(opened=14, resolved=11, waiting=2, first_reply_s=340, csat=4.6, ratings=9)
    mine, waiting = rows[:1], rows[1:]
    lists = [
        Tickets("내 접수 · Mine", mine, 1),
        Tickets("약속한 시각이 지남 · Overdue", [], 0),
        Tickets("대기 중 · Waiting", waiting, 2),
    ]
    return view(today, lists)


def card(**changes: object) -> Card:
    """A ticket of the sample shop."""
    question = "배송완료라고 뜨는데 경비실에도 문 앞에도 없어요. 오늘 꼭 필요한 선물이에요."
    lost = [
        {"title": "택배 분실·미도착", "score": 0.71},
        {"title": "배송 조회와 송장번호", "score": 0.58},
    ]
    values: dict[str, object] = {
        "code": "T-7KQ2MB",
        "customer": CUSTOMER,
        "channel": "web",
        "locale": "ko",
        "reason": "rejected_twice",
        "question": question,
        "tried": [
            {
                "question": "배송완료라는데 물건이 없어요",
                "outcome": "answer",
                "vote": "down",
                "articles": lost,
            },
            {
                "question": "경비실에도 없대요",
                "outcome": "answer",
                "vote": "down",
                "articles": lost[:1],
            },
        ],
        "said": [
            ("customer", "배송완료라는데 물건이 없어요"),
            (
                "bot",
                "배송완료인데 상품이 없으면 주문번호와 함께 알려 주세요. 택배사와 확인해 드려요.",
            ),
            ("customer", "경비실에도 없대요"),
            ("bot", "경비실과 이웃을 먼저 확인해 주세요. 그래도 없으면 상담원이 도와드릴게요."),
            (
                "customer",
                question,
            ),
        ],
        "state": "open",
        "assignee": None,
        "reopened": 0,
        "opened_at": OPENED,
        "priority": "high",
        "marks": promises.marks(
            [
                Promise("first", OPENED + dt.timedelta(minutes=20), 1),
                Promise("resolution", OPENED + dt.timedelta(hours=8), 0),
            ],
            waits=True,
            offer=(AGENT, "topic:배송"),
        ),
        "earlier": 2,
        "rating": {"last": 5, "average": 4.5, "count": 2},
        "standing": f"VIP · 구매 orders 3 (123,000원) · 전담 owner {AGENT}",
        "joined": [kit.Joined("T-2MV9RD", False, "https://example.slack.com/archives/C0/p1")],
        "console": "https://help.example.com/console",
    }
    return Card(**{**values, **changes})  # type: ignore[arg-type]  # a card by its fields' names


def thread() -> str:
    """The same ticket, claimed, and what was said in its thread since."""
    due = [Promise("resolution", OPENED + dt.timedelta(hours=8), 0)]
    marks = promises.marks(due, waits=False)
    top = kit.card(card(state="claimed", assignee=AGENT, marks=marks))
    lines = [
        line({"event": "offered", "agent": AGENT, "why": "topic:배송"}, "14:04"),
        line({"event": "offered_again", "minutes": 10}, "14:14"),
        typed("two", OTHER, "14:15", "저번 주에도 같은 동에서 오배송이 있었어요", "🔒"),
        typed(
            "one",
            AGENT,
            "14:16",
            "안녕하세요, 불편을 드려 죄송해요. 택배사에 바로 조사를 요청했어요. "
            "새 상품을 오늘 퀵으로 보내 드릴까요?",
            "✅",
        ),
        line({"event": "customer", "text": "네, 그렇게 부탁드려요! 주소는 그대로예요."}, "14:17"),
        typed("one", AGENT, "14:18", "메모: 퀵 비용은 저희 부담으로 처리", "🔒"),
        typed("one", AGENT, "14:20", "퀵으로 출발했어요. 4시 전에 도착해요.", "✅"),
        line({"event": "rating", "score": 5, "comment": "빨리 해결해 주셔서 고마워요"}, "16:20"),
    ]
    return (
        message("app", "Sangdam", "14:04", blockkit.blocks(top))
        + f'<div class="thread"><small>답글 {len(lines)}개 · {len(lines)} replies</small>'
        + "".join(lines)
        + "</div>"
    )


def line(payload: dict[str, object], at: str) -> str:
    """What our app writes into a thread."""
    ours = payload["event"] in promises.EVENTS
    _, blocks = promises.line(payload) if ours else threads.line(payload, customer=CUSTOMER)
    return message("app", "Sangdam", at, blockkit.blocks(blocks))


def typed(look: str, name: str, at: str, text: str, receipt: str) -> str:
    """What a person writes into a thread, with our reaction under it."""
    said = f'<div class="said">{blockkit.words(text)}</div>'
    seen = f'<span class="reaction">{blockkit.words(receipt)} 1</span>'
    return message(look, name, at, f'{said}<div class="reactions">{seen}</div>')


def message(look: str, name: str, at: str, body: str) -> str:
    """A message of a chat."""
    tag = '<span class="tag">앱 APP</span>' if look == "app" else ""
    who = f'<div class="who"><b>{html.escape(name)}</b>{tag}<small>{at}</small></div>'
    face = f'<div class="face">{html.escape(name[0])}</div>'
    return f'<div class="message {look}">{face}<div class="grow">{who}{body}</div></div>'


def page(body: str) -> str:
    """A page that shows this alone."""
    look = CSS.read_text("utf-8")
    head = f'<!doctype html><html lang="ko"><meta charset="utf-8"><style>{look}</style>'
    return f"{head}<main>{body}</main></html>"


PIXELS = """async (png) => {
  const image = await createImageBitmap(await (await fetch(png)).blob());
  const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, image.width, image.height).data;
  const parts = [];
  for (let at = 0; at < bytes.length; at += 30000)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 30000))));
  return [image.width, parts.join('')];
}"""


def shoot(pages: Sequence[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Take the pictures, larger than they are shown, for sharp screens: name and PNG."""
    from playwright.sync_api import sync_playwright

    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": WIDTH, "height": 800}, device_scale_factor=1.5)
        for name, content in pages:
            tab.set_content(content)
            seen = base64.b64encode(tab.locator("main").screenshot()).decode()
            width, pixels = tab.evaluate(PIXELS, f"data:image/png;base64,{seen}")
            yield name, png(base64.b64decode(pixels), width=width)
        browser.close()


def png(pixels: bytes, *, width: int) -> bytes:
    """RGBA pixels as a PNG of at most 256 colours: a third of what browsers write."""
    colours = np.frombuffer(pixels, np.uint8).reshape(-1, 4)[:, :3].astype(np.int32)
    # Sixteen shades of red, green and blue look the same here.
    shades = (colours + 8) // 17
    keys, index, count = np.unique(
        shades @ np.array([256, 16, 1]), return_inverse=True, return_counts=True
    )
    palette = np.stack([keys >> 8, keys >> 4 & 15, keys & 15], axis=1)
    common = np.argsort(-count)[:256]
    far = np.abs(palette[:, None, :] - palette[None, common, :]).sum(axis=2)
    rows = far.argmin(axis=1).astype(np.uint8)[index].reshape(-1, width)
    lines = np.insert(rows, 0, 0, axis=1).tobytes()
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)
    table = (palette[common] * 17).astype(np.uint8).tobytes()
    parts = (
        (b"IHDR", header),
        (b"PLTE", table),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


if __name__ == "__main__":
    for name, taken in shoot(list(pictures())):
        (FOLDER / f"{name}.png").write_bytes(taken)
        print(f"{name}.png: {len(taken) / 1000:.0f} kB")
