"""Pages from the web come in with their pictures, and with nothing that is none."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import page_pictures, website
from connectors.fetching import Fetcher
from connectors.web.console import article_imports
from knowledge_base import archives, reading
from knowledge_base.pages import to_row, with_pictures
from tests.conftest import fresh_database
from tests.connectors.browser import name, signed_in
from tests.connectors.conftest import running
from tests.connectors.test_article_imports import send, until
from tests.files import JPEG, SVG, png

PAGE = """<html lang="ko"><body><main><h1>주문 <img src="/a.png"></h1>
<p>여기를 누르세요 <img src="/a.png" alt="주문 [내역]"> 그리고</p>
<p><img src="data:image/gif;base64,R0" data-src="img/b (1).jpg" alt=""></p>
<p><img src="/sign.png" width="16" height="16px"><img src="/dot.png" width=1 height=1>
<img src="/hidden.png" aria-hidden="true"><img alt="nothing"></p>
<p><img src="/gone.png" alt="없음"><img src="/icon.svg" alt="그림표">
<img src="http://internal.example/secret.png" alt="안"></p>
<table><tr><th>화면</th></tr><tr><td><img src="/a.png" alt="a|b"></td></tr></table>
<pre>![아님](/a.png)</pre></main></body></html>"""
FILES = {
    "/order.html": ("text/html; charset=utf-8", PAGE.encode()),
    "/again.html": ("text/html", b"<title>Again</title><p>as <img src='/a.png' alt='before'></p>"),
    "/nameless.html": ("text/html", b"<p>a page without a title</p>"),
    "/a.png": ("image/png", png()),
    "/img/b%20%281%29.jpg": ("application/octet-stream", JPEG),
    "/icon.svg": ("image/svg+xml", SVG),
}


class Site(http.server.BaseHTTPRequestHandler):
    """Help pages and their pictures."""

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        here = f"http://{self.headers['Host']}"
        pages = (
            f"<url><loc>{here}/{page}.html</loc></url>" for page in ("order", "again", "nameless")
        )
        files = FILES | {"/map": ("text/xml", f"<urlset>{''.join(pages)}</urlset>".encode())}
        kind, body = files.get(self.path, ("text/html", b""))
        self.send_response(200 if self.path in files else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Web(http.server.ThreadingHTTPServer):
    """The server, and what it was asked."""

    daemon_threads = True
    seen: list[str]

    def address(self, path: str) -> str:
        return f"http://shop.example:{self.server_address[1]}{path}"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(("127.0.0.1", 0), Site) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def opened() -> Fetcher:
    """Somebody for whom this machine is the internet, but for one name."""
    return Fetcher(
        look_up=lambda host, port: ["10.0.0.1" if host == "internal.example" else "127.0.0.1"],
        allowed=lambda address: address == "127.0.0.1",
    )


def test_pictures_come_with_the_page(web: Web, tmp_path: Path) -> None:
    with opened() as fetcher:
        (row,) = website.read(web.address("/order.html"), fetcher=fetcher, folder=tmp_path)
    first, second = row.pictures
    assert {file.read_bytes() for file in row.pictures.values()} == {png(), JPEG}
    assert row.values["title"] == "주문"
    assert row.values["body"].split("\n\n") == [
        f"여기를 누르세요 ![주문 \\[내역\\]]({first}) 그리고",
        f"![]({second})",
        # What cannot be had stays where it is, as a link.
        f"![없음]({web.address('/gone.png')})![그림표]({web.address('/icon.svg')}) "
        "![안](http://internal.example/secret.png)",
        f"| 화면 |\n|---|\n| ![a\\|b]({first}) |",
        "```\n![아님](/a.png)\n```",
    ]
    assert web.seen.count("/a.png") == 1
    assert not {"/sign.png", "/dot.png", "/hidden.png", "/secret.png"} & {*web.seen}


def test_what_was_read_is_a_zip_file_with_its_pictures(web: Web, tmp_path: Path) -> None:
    with opened() as fetcher:
        rows = website.read(web.address("/map"), fetcher=fetcher, folder=tmp_path)
    packed = tmp_path / "pages.zip"
    assert rows.pop().problem == "title: is empty"
    packed.write_bytes(website.packed(rows))
    with archives.unpacked(packed) as place:
        again = reading.read(place)
        bodies = [one.values["body"].strip() for one in again]
        assert bodies == [one.values["body"] for one in rows]
        assert [one.values["id"] for one in again] == ["order", "again"]
        kept = [{*map(Path.read_bytes, one.pictures.values())} for one in again]
        assert kept == [{png(), JPEG}, {png()}]
    assert web.seen.count("/a.png") == 1


def test_there_is_an_end_to_pictures(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "".join(f"![]({web.address(f'/gone{number}.png')})" for number in range(9))
    with opened() as fetcher:
        assert page_pictures.PagePictures(fetcher, tmp_path).of(shown) == (shown, {})
        assert len(web.seen) == page_pictures.FAILURES
        shown = f"![]({web.address('/a.png')})![]({web.address('/img/b%20%281%29.jpg')})"
        monkeypatch.setattr(page_pictures, "EACH", 1)
        assert len(page_pictures.PagePictures(fetcher, tmp_path).of(shown)[1]) == 1
        monkeypatch.undo()
        monkeypatch.setattr(page_pictures, "TOTAL", len(png()) + 1)
        assert len(page_pictures.PagePictures(fetcher, tmp_path).of(shown)[1]) == 1
        monkeypatch.undo()
        monkeypatch.setattr(page_pictures, "TIME_S", -1.0)
        assert not page_pictures.PagePictures(fetcher, tmp_path).of(shown)[1]


def test_an_address_cannot_leave_its_picture() -> None:
    made = to_row(
        "<p>x<img src='/a)![b](javascript:alert(1)) c.png' alt='](javascript:x)\n\n# h'>"
        "<img src='javascript:alert(1)'><img src='//cdn.example/c d.png'>"
        "<img src='http://['><a href='https://[x'>y</a></p>",
        "https://a.kr/p",
    )
    assert made["body"] == (
        "x![\\](javascript:x) # h](https://a.kr/a%29!%5Bb%5D%28javascript:alert%281%29%29%20c.png)"
        "![](https://cdn.example/c%20d.png)y"
    )
    asked: list[str] = []
    assert with_pictures(made["body"], lambda one: asked.append(one) or one) == made["body"]  # type: ignore[func-returns-value]
    assert asked == [
        "https://a.kr/a%29!%5Bb%5D%28javascript:alert%281%29%29%20c.png",
        "https://cdn.example/c%20d.png",
    ]


def test_the_help_centre_shows_them(
    web: Web, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_imports, "Fetcher", opened)
    with fresh_database(postgres) as url, running(url, tmp_path) as app:
        lead = signed_in(app, name(), role="lead")
        page = send(lead, b"", "", url=web.address("/map"))
        until(lead, page, "확인함", "제목: 비어 있어요", "가져와서 게시하기")
        assert lead.post(f"{page}/run").status_code == 303
        until(lead, page, "가져옴")
        shown = app.visitor().http.get("/help/order").text
        start = shown.index("/help/pictures/")
        address = shown[start : shown.index('"', start)]
        assert app.visitor().http.get(address).content == png()
        # The same again changes nothing.
        until(lead, send(lead, b"", "", url=web.address("/map")), "바뀌는 것이 없어요")
