"""Pages are fetched from the internet, and nothing inside of this network is ever asked."""

from __future__ import annotations

import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import website
from connectors.fetching import Fetcher, Unfetchable, is_public
from connectors.web.console.article_words import reason_in
from knowledge_base.errors import Invalid
from knowledge_base.pages import slug, to_markdown, to_row

PAGE = """<!doctype html><html lang="ko"><head><title>도움말 · 가게</title><style>p{}</style></head>
<body><nav><a href="/">처음</a></nav><main><h1>배송비</h1><p>3만원부터 <b>무료</b>예요.
<a href="https://a.kr/b">자세히</a></p><ul><li>섬은 <i>추가</i></li><li>2*3</li></ul>
<table><tr><th>곳</th><th>값</th></tr><tr><td>섬</td><td>5,000원</td></tr></table>
<script>alert(1)</script></main><footer>회사</footer></body></html>"""


class Site(http.server.BaseHTTPRequestHandler):
    """A shop's help pages, and the traps that a page can be."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        here = f"http://{self.headers['Host']}"
        if self.path == "/drip":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(200):
                if self.server.patience.wait(0.1):  # type: ignore[attr-defined]
                    return
                self.wfile.write(b"x")
        found: tuple[int, str, bytes, dict[str, str]] = {
            "/fee.html": (200, "text/html; charset=utf-8", PAGE.encode(), {}),
            "/old": (200, "text/html", PAGE.replace("utf", "euc").encode("cp949"), {}),
            "/map": (
                200,
                "application/xml",
                f"<urlset xmlns='x'><url><loc>{here}/fee.html</loc></url>"
                f"<url><loc>{here}/a/fee</loc></url><url><loc>{here}/gone</loc></url>"
                "<url><loc>http://other.example/</loc></url><url><loc>http://[</loc></url></urlset>".encode(),
                {},
            ),
            "/map.xml.gz": (
                200,
                "application/gzip",
                # in two members, as some programs pack
                gzip.compress(f"<urlset><url><loc>{here}/a/fee".encode())
                + gzip.compress(b"</loc></url></urlset>"),
                {},
            ),
            "/index": (
                200,
                "text/xml",
                f"<sitemapindex><sitemap><loc>{here}/map.xml.gz</loc></sitemap></sitemapindex>".encode(),
                {},
            ),
            "/large.gz": (200, "application/gzip", gzip.compress(b"<urlset>" * 1_000_000), {}),
            "/torn.gz": (200, "application/gzip", gzip.compress(b"<urlset></urlset>")[:-9], {}),
            "/empty.gz": (200, "application/gzip", gzip.compress(b"<urlset></urlset>"), {}),
            "/hidden.gz": (
                200,
                "application/gzip",
                gzip.compress(b"<!DOCTYPE x [<!ENTITY a 'a'>]><urlset/>"),
                {},
            ),
            "/a/fee": (200, "text/html", PAGE.encode(), {}),
            "/bomb": (200, "text/xml", b"<!DOCTYPE x [<!ENTITY a 'a'>]><urlset/>", {}),
            "/big": (200, "text/html", b"x" * 300_000, {}),
            "/away": (302, "text/html", b"", {"Location": "http://internal.example:1/secret"}),
            "/file": (302, "text/html", b"", {"Location": "file:///etc/passwd"}),
            "/loop": (302, "text/html", b"", {"Location": "/loop"}),
            "/nowhere": (302, "text/html", b"", {"Location": "http://["}),
            "/pdf": (200, "application/pdf", b"%PDF", {}),
        }.get(self.path, (404, "text/html", b"", {}))
        status, kind, body, more = found
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Web(http.server.ThreadingHTTPServer):
    """The server, and what it was asked."""

    daemon_threads = True
    seen: list[str]
    patience: threading.Event

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(("127.0.0.1", 0), Site) as server:
        server.seen, server.patience = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def names(host: str, port: int) -> list[str]:
    """The names of this test's internet: everything is here, and ``internal`` is not allowed."""
    return {"internal.example": ["10.0.0.1"]}.get(host, ["127.0.0.1"])


def opened() -> Fetcher:
    """Somebody for whom this machine is the internet."""
    return Fetcher(look_up=names, allowed=lambda address: address == "127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1",
        "192.0.0.192", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "fec0::1", "3fff::1", "192.88.99.1", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_in_here_are_no_public_ones(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "localhost.", "127.1", "0x7f.1", "2130706433", "0177.0.0.1",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "１２７.0.0.1",
    ],
)  # fmt: skip
def test_however_this_machine_is_written_it_is_not_asked(web: Web, host: str) -> None:
    with Fetcher() as fetcher, pytest.raises(Unfetchable):
        fetcher.get(f"http://{host}:{web.port}/fee.html")
    assert web.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://a.kr/", "ftp://a.kr/x", "data:text/html,x", "//a.kr/",
        "http://", "http:///x", "http://user:secret@a.kr/", "http://a.kr:99999/", "http://[", "",
        "jar:http://a.kr!/", "http://a\r\nHost: b/", "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with Fetcher(look_up=lambda host, port: [host]) as fetcher, pytest.raises(Unfetchable):
        fetcher.get(url)


def test_a_name_that_leads_in_here_is_refused_with_any_of_its_addresses(web: Web) -> None:
    for addresses in (["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], []):
        fetcher = Fetcher(look_up=lambda host, port, found=tuple(addresses): found)  # type: ignore[misc]
        with fetcher, pytest.raises(Unfetchable, match="private network"):
            fetcher.get(f"http://rebind.example:{web.port}/fee.html")
    assert web.seen == []


def test_a_name_is_looked_up_once_and_that_address_is_asked(web: Web) -> None:
    """Between the check and the connection a name cannot change what it means."""
    asked = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with Fetcher(look_up=look_up, allowed=lambda one: one == "127.0.0.1") as fetcher:
        assert fetcher.get(f"http://shop.example:{web.port}/fee.html").media_type == "text/html"
    assert asked == ["shop.example"] and web.seen == ["/fee.html"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/away", "private network"),
        ("/file", "only http"),
        ("/loop", "redirects more"),
        ("/nowhere", "only http"),
        ("/gone", "answered 404"),
        ("/big", "more than"),
    ],
)
def test_what_a_server_answers_is_not_trusted(web: Web, path: str, why: str) -> None:
    with opened() as fetcher, pytest.raises(Unfetchable, match=why):
        fetcher.get(f"http://shop.example:{web.port}{path}", limit=200_000)


def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(web: Web) -> None:
    begun = time.monotonic()
    with opened() as fetcher, pytest.raises(Unfetchable, match="too long"):
        fetcher.get(f"http://shop.example:{web.port}/drip", timeout_s=0.5)
    assert time.monotonic() - begun < 5
    web.patience.set()


def test_a_page_becomes_an_article(web: Web, tmp_path: Path) -> None:
    with opened() as fetcher:
        (row,) = website.read(
            f"http://shop.example:{web.port}/fee.html", fetcher=fetcher, folder=tmp_path
        )
        (old,) = website.read(
            f"http://shop.example:{web.port}/old", fetcher=fetcher, folder=tmp_path
        )
    assert row.values == {
        "id": "fee",
        "locale": "ko",
        "title": "배송비",
        "body": "3만원부터 **무료**예요. [자세히](https://a.kr/b)\n\n"
        "- 섬은 *추가*\n- 2\\*3\n\n| 곳 | 값 |\n|---|---|\n| 섬 | 5,000원 |",
    }
    assert old.values["body"] == row.values["body"]


def test_a_sitemap_becomes_its_pages_and_says_which_did_not(web: Web, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with opened() as fetcher:
        rows = website.read(
            f"http://shop.example:{web.port}/map",
            fetcher=fetcher,
            folder=tmp_path,
            progress=lambda done, total: told.append((done, total)),
        )
    assert [row.values.get("id") for row in rows][:2] == ["fee", "fee-2"]
    assert [row.problem for row in rows] == [
        None, None, "the server answered 404", "is on another server than the sitemap"
    ]  # fmt: skip
    assert told[-1] == (4, 4)


def test_a_sitemap_of_more_pages_than_are_read_says_so(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(website, "PAGES", 2)
    with opened() as fetcher:
        rows = website.read(f"http://shop.example:{web.port}/map", fetcher=fetcher, folder=tmp_path)
    assert [row.problem for row in rows] == [None, None, "names 4 pages; the first 2 were read"]


@pytest.mark.parametrize("path", ["/map.xml.gz", "/index"])
def test_a_packed_sitemap_is_unpacked(web: Web, path: str, tmp_path: Path) -> None:
    with opened() as fetcher:
        (row,) = website.read(
            f"http://shop.example:{web.port}{path}", fetcher=fetcher, folder=tmp_path
        )
    assert row.problem is None and row.values["id"] == "fee"


@pytest.mark.parametrize(
    ("path", "why", "korean"),
    [
        ("/large.gz", "unpacks to more than 5 MiB", "풀면 너무 커요(5 MiB 넘음)"),
        ("/torn.gz", "cannot be unpacked", "압축을 풀 수 없어요. 파일이 깨진 것 같아요"),
        ("/hidden.gz", "the sitemap declares entities", "엔티티를 선언한 사이트맵은 읽지 않아요"),
        ("/empty.gz", "the sitemap names no page", "사이트맵에 페이지가 없어요"),
    ],
)
def test_a_packed_file_hides_nothing(
    web: Web, path: str, why: str, korean: str, tmp_path: Path
) -> None:
    with opened() as fetcher, pytest.raises(Invalid) as refused:
        website.read(f"http://shop.example:{web.port}{path}", fetcher=fetcher, folder=tmp_path)
    assert str(refused.value) == f"url: {why}"
    assert reason_in(str(refused.value), "ko") == f"주소: {korean}"


@pytest.mark.parametrize("path", ["/bomb", "/gone", "/away"])
def test_what_cannot_be_read_says_why(web: Web, path: str, tmp_path: Path) -> None:
    with opened() as fetcher, pytest.raises(Invalid, match=r"url: "):
        website.read(f"http://shop.example:{web.port}{path}", fetcher=fetcher, folder=tmp_path)


def test_what_is_no_page_is_a_refused_row(web: Web, tmp_path: Path) -> None:
    with opened() as fetcher:
        (row,) = website.read(
            f"http://shop.example:{web.port}/pdf", fetcher=fetcher, folder=tmp_path
        )
    assert row.problem == "is no web page but application/pdf"


def test_broken_pages_give_what_text_they_have() -> None:
    made = to_row("<p>하나<div>둘<b>셋<p>넷</b></li></ul><td>다섯<script>x", "https://a.kr/a?b=1")
    assert made["id"] == "a-b-1" and "넷" in made["body"] and "x" not in made["body"]
    assert to_row("<p>하나<p>둘", "https://a.kr/a")["body"] == "하나\n\n둘"
    assert slug("https://a.kr/%EB%B0%B0%EC%86%A1/", "x") == "배송"
    assert slug("https://a.kr/", "환불 안내!") == "환불-안내"
    assert to_row("", "https://a.kr/")["body"] == ""


def test_a_page_of_another_help_centre() -> None:
    """Its title stands in a header and, with the site's name, in the head; the text is a text."""
    made = to_row(
        "<html lang='en-US'><head><title>Returns – Acme Help Center</title></head><body>"
        "<header><h1>Acme</h1></header><main><article><header><h1>Returns</h1>by Jane</header>"
        "<p>First<br>2) second</p><p># no heading</p>"
        "<ol><li>Open</li><li>Choose<ul><li>refund<li>exchange</ul></li></ol>"
        "<pre><code>if *x:\n    <b>return</b></code></pre>"
        "<blockquote><p>one</p><p>two</p></blockquote><p>End</p></article></main></body></html>",
        "https://acme.example/hc/en-us/articles/360001234567-Returns",
    )
    assert (made["id"], made["title"], made["locale"]) == ("360001234567", "Returns", "en")
    assert made["body"] == (
        "First  \n2\\) second\n\n\\# no heading\n\n"
        "1. Open\n2. Choose\n    - refund\n    - exchange\n\n"
        "```\nif *x:\n    return\n```\n\n> one\n>\n> two\n\nEnd"
    )
    shared = "<head><title>A | B</title><meta property='og:title' content='A'></head><p>x</p>"
    assert to_row(shared, "https://a.kr/a")["title"] == "A"


def test_both_languages_of_a_page_are_one_article() -> None:
    for one, other in (
        ("/hc/ko/articles/360001234567-반품", "/hc/en-us/articles/360001234567-Returns"),
        ("/help/returns?lang=ko", "/help/returns?lang=en"),
    ):
        assert slug(f"https://a.kr{one}", "") == slug(f"https://a.kr{other}", "")
    assert slug("https://a.kr/faq.php?lang=ko&id=3", "") == "faq-id-3"


def test_a_page_that_closes_nothing_keeps_nobody_busy() -> None:
    """Its cost grew with the square of its length, and stood in the way of everything else."""
    begun = time.process_time()
    assert to_row("<a " * 20_000, "https://a.kr/a")["id"] == "a"
    assert len(to_row("<b>x</b>" * 50_000, "https://a.kr/a")["body"]) < 200_000
    wide = f"<table><tr><td colspan={'9' * 5000}>가</td></tr></table>"
    assert to_markdown(wide).count("|") == 2 * 51
    assert time.process_time() - begun < 10


def test_signs_of_less_are_no_tags() -> None:
    page = (
        '<p title="a < b">하나</p><!-- <p>둘</p> --><script>if (a<b) "</p>"</script>'
        "<!--[if IE]><p>셋</p><![endif]--><p>4 < 5</p>"
    )
    assert to_row(page, "https://a.kr/a")["body"] == "하나\n\n4 \\< 5"


def test_what_is_copied_from_word() -> None:
    item = (
        "<p class=MsoListParagraph style='mso-list:l0 level{} lfo1'><![if !supportLists]><span>"
        "<span style='mso-list:Ignore'>{}<span style='font:7.0pt'>&nbsp; </span></span></span>"
        "<![endif]>{}<o:p></o:p></p>"
    )
    assert to_markdown(
        "<html><head><title>문서</title><!--[if gte mso 9]><xml>x</xml><![endif]--></head><body>"
        "<h1>신청 방법</h1><p class=MsoNormal>이 <b>순서 </b>대로요.</p>"
        + item.format(1, "1.", "주문내역")
        + item.format(1, "2.", "묶음 배송")
        + item.format(2, "·", "두 개까지")
        + "<p>&nbsp;</p><table><tr><td colspan=2><p>지역별 <b>요금</b></p></td></tr>"
        "<tr><td rowspan=2><p>서울</p><p>경기</p></td><td>3,000원</td></tr>"
        "<tr><td>4,000원</td></tr></table><p>끝<img src='file:///C:/a.png'></p></body></html>"
    ) == (
        "## 신청 방법\n\n이 **순서** 대로요.\n\n1. 주문내역\n2. 묶음 배송\n    - 두 개까지\n\n"
        "| 지역별 **요금** |  |\n|---|---|\n| 서울 경기 | 3,000원 |\n| 서울 경기 | 4,000원 |\n\n끝"
    )


def test_what_is_copied_from_google_docs_and_hangul() -> None:
    assert to_markdown(
        '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1">'
        '<h2><span style="font-weight:700">교환</span></h2><p><span>색이 </span>'
        '<span style="font-weight: 700">다를 때</span><span>는</span></p>'
        "<ul><li><p>하나</p></li><li><p>둘</p></li></ul></b>"
    ) == ("## 교환\n\n색이 **다를 때**는\n\n- 하나\n- 둘")
    assert (
        to_markdown(
            "<P CLASS=HStyle0><SPAN STYLE='font-weight:bold;'>굵은 말</SPAN><SPAN>과</SPAN></P>"
            "<TABLE><TR><TD><P>구분</P></TD><TD><P>내용</P></TD></TR></TABLE>"
        )
        == "**굵은 말**과\n\n| 구분 | 내용 |\n|---|---|"
    )


def test_marks_hold_words_and_nothing_else() -> None:
    page = "<p><b> 하나 </b><b>둘</b><i></i> <a href='https://a.kr'><b>셋</b></a><b>넷</b></p>"
    assert to_markdown(page) == "**하나 둘** [**셋**](https://a.kr)**넷**"
