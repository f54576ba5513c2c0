from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from knowledge_base.rendering import has_pictures, to_html, to_plain
from tests.xss import CORPUS

PICTURE = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"


class Tags(HTMLParser):
    """Every tag with its attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](//evil.example/x)",
        "[x](/relative)",
        "![x](http://insecure.example/x.png)",
        "![x](x.png)",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        '[x](https://a.kr "t\\" onmouseover=alert(1) x=\\"")',
        "<svg><animate onbegin=alert(1) attributeName=x>",
        "<math><mi xlink:href='javascript:alert(1)'>",
        "<https://a.kr/\"onclick='alert(1)'>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<style>@import 'https://evil.example'</style>",
    ],
)
def test_nothing_in_an_article_can_run_or_load_from_elsewhere(markdown: str) -> None:
    tags = Tags()
    tags.feed(to_html(markdown))
    for tag, attributes in tags.found:
        assert tag in {"a", "p", "img", "code", "em", "strong", "pre"}
        assert {name for name, _ in attributes} <= {"href", "src", "alt", "title", "rel"}
        for name, value in attributes:
            if name in ("href", "src"):
                assert value is not None
                assert value.startswith(("https://", "http://", "mailto:", "tel:"))


@pytest.mark.parametrize("vector", CORPUS)
def test_what_is_an_attack_elsewhere_is_words_here_or_leads_to_an_address(vector: str) -> None:
    tags = Tags()
    tags.feed(to_html(vector))
    for tag, attributes in tags.found:
        assert tag not in {"script", "svg", "iframe", "style", "form", "math", "object", "embed"}
        for name, value in attributes:
            assert name in {"href", "rel", "title", "start", "align"}
            assert name != "href" or re.match(r"https?://[a-z0-9]|mailto:|tel:", str(value))


def test_lines_are_kept_as_they_are_written() -> None:
    markdown = "평일 9시–18시\n토요일 휴무\\\n점심 12시  \n끝\n\n- 하나\n  이어서\n\n> 가\n> 나"
    html = to_html(markdown)
    assert "<p>평일 9시–18시<br>\n토요일 휴무<br>\n점심 12시<br>\n끝</p>" in html
    assert "<li>하나<br>\n이어서</li>" in html and "<p>가<br>\n나</p>" in html
    assert (
        to_plain(markdown)
        == "평일 9시–18시\n토요일 휴무\n점심 12시\n끝\n\n• 하나\n이어서\n\n가\n나"
    )


@pytest.mark.parametrize(
    "markdown",
    [
        "2026. 3. 1.부터 적용돼요.",
        "10. 1.(수)까지\n10. 2.부터",
        "3. 1. 절은 쉬어요",
        "2026. 3월부터 바뀌어요",
        "적용일은\n2026. 12. 31. 이에요",
        "1. 3. 1.부터 쉬어요\n2. 4. 1.부터 열어요",
    ],
)
def test_a_date_is_no_list(markdown: str) -> None:
    assert "<ol" not in to_html(markdown) and "<li" not in to_html(markdown)
    assert to_plain(markdown) == markdown


def test_dates_stand_in_lists() -> None:
    markdown = "1. 2026. 3. 1. 시작\n2. 2026. 4. 1. 끝\n\n- 2026. 3. 1.(일)\n- 10. 3.은 쉬어요"
    assert to_html(markdown).count("<ol") == to_html(markdown).count("<ul") == 1
    assert to_html(markdown).count("<li>") == 4
    assert to_plain(markdown) == markdown.replace("- ", "• ")
    assert to_html("1. 10.5% 할인\n2. 3일 안에").count("<li>") == 2
    assert to_plain("1. 하나\n2. 둘\n   1. 안쪽") == "1. 하나\n2. 둘\n  1. 안쪽"


@pytest.mark.parametrize(
    ("markdown", "href", "plain"),
    [
        ("[여기](http://a.kr/b)", "http://a.kr/b", "여기 (http://a.kr/b)"),
        ("[전화](tel:1588-0000)", "tel:1588-0000", "전화 (1588-0000)"),
        ("[여기](www.naver.com)", "https://www.naver.com", "여기 (https://www.naver.com)"),
        ("[메일](help@a.kr)", "mailto:help@a.kr", "메일 (help@a.kr)"),
        ("https://a.kr/b_c_d?x=1&y=2에서", "https://a.kr/b_c_d?x=1&amp;y=2", ""),
        ("**www.naver.com**을", "https://www.naver.com", "www.naver.com을"),
        ("(help@a.co.kr)로.", "mailto:help@a.co.kr", ""),
        ("| 가 |\n|---|\n| https://a.kr |", "https://a.kr", "가\nhttps://a.kr"),
    ],
)
def test_addresses_are_links(markdown: str, href: str, plain: str) -> None:
    html = to_html(markdown)
    assert f'<a href="{href}" rel="noopener noreferrer nofollow">' in html
    assert html.count("<a ") == 1
    assert to_plain(markdown) == (plain or markdown)


@pytest.mark.parametrize(
    "markdown", ["`https://a.kr`", "```\nhttps://a.kr\n```", "[x](ftp://a.kr)", "javascript://a.kr"]
)
def test_code_and_what_leads_elsewhere_are_no_links(markdown: str) -> None:
    assert "<a" not in to_html(markdown)


def test_a_link_that_leads_nowhere_is_words() -> None:
    words = "[**여기**](//a.kr) [거기](/cart) [아래](#s2) [저기](javascript:alert\\(1\\)) [빈]()"
    assert to_html(words).startswith("<p><strong>여기</strong> 거기 아래 ")
    assert "<a" not in to_html(words) and "</a>" not in to_html(words)
    assert to_plain("[거기](/cart) https://a.kr") == "거기 https://a.kr"


def test_a_link_called_by_an_address_leads_where_it_says() -> None:
    assert to_html("[https://b.kr](https://a.kr)").startswith('<p><a href="https://a.kr" ')
    assert to_html("[https://b.kr](https://a.kr)").count("<a") == 1


def test_what_curators_use_survives() -> None:
    html = to_html(
        "## 기간\n\n**카드**는 [안내](https://a.kr/b) 참고\n\n1. 하나\n2. 둘\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n![그림](/help/pictures/" + PICTURE + ") <mailto:a@b.kr>"
        " [다음](/help/fee)"
    )
    shown = f'<img src="/help/pictures/{PICTURE}" alt="그림"'
    for part in ("<h2>", "<strong>", "<ol>", "<table>", shown, "mailto:a@b", 'href="/help/fee"'):
        assert part in html
    assert 'href="https://a.kr/b"' in html and "noopener" in html


def test_plain_text_keeps_the_structure_without_the_marks() -> None:
    plain = to_plain(
        "# 제목\n\n**굵게** `코드` ~~취소~~\n이어서\n\n- 하나\n  - 안쪽\n- 둘\n\n3. 셋\n4. 넷\n\n"
        "| 수단 | 기간 |\n|---|---|\n| 카드 | 3일 |\n\n> 인용\n\n```\nx = 1\n```\n\n"
        "[여기](https://a.kr) <https://b.kr>"
    )
    assert plain.split("\n\n") == [
        "제목",
        "굵게 코드\n이어서",
        "• 하나\n  • 안쪽\n• 둘",
        "3. 셋\n4. 넷",
        "수단 | 기간\n카드 | 3일",
        "인용",
        "x = 1",
        "여기 (https://a.kr) https://b.kr",
    ]


def test_a_picture_is_no_words_and_leaves_no_hole() -> None:
    shown = f"![001-chat](/help/pictures/{PICTURE})"
    markdown = (
        f"# {shown}\n\n먼저\n\n{shown}\n\n위 {shown} 아래\n\n처음\\\n{shown}\\\n다음\n\n"
        f"1. 누르고\n   {shown}\n2. {shown}\n\n끝\n\n"
        f"| 가 | 나 |\n|---|---|\n| {shown} | {shown} |\n| 다 | {shown} |\n\n[{shown}](https://a.kr)"
    )
    assert to_plain(markdown).split("\n\n") == [
        "먼저", "위 아래", "처음\n다음", "1. 누르고", "끝", "가 | 나\n다 | ", "https://a.kr",
    ]  # fmt: skip
    assert to_plain(markdown, pictures=True).count("001-chat") == 10
    assert to_plain("![그림](https://a.kr/x.png)") == ""
    assert has_pictures(markdown) and not has_pictures("`![x](y)` 글")


def test_a_picture_from_elsewhere_is_a_link() -> None:
    assert to_html("![그림](https://a.kr/x.png)").startswith('<p><a href="https://a.kr/x.png"')
    assert to_html("![그림](x.png)") == "<p>그림</p>\n"
    assert "src" not in to_html(f"![x](/help/pictures/{PICTURE}/../../x)")


@pytest.mark.parametrize(
    ("markdown", "html", "plain"),
    [
        ("금액의 **1%**가 쌓여요", "금액의 <strong>1%</strong>가 쌓여요", "금액의 1%가 쌓여요"),
        ("그는**(주)상담**을", "그는<strong>(주)상담</strong>을", "그는(주)상담을"),
        ('**"환불"**이라고', '<strong>"환불"</strong>이라고', '"환불"이라고'),
        (
            "*둘 다!*는 ***셋!***은",
            "<em>둘 다!</em>는 <em><strong>셋!</strong></em>은",
            "둘 다!는 셋!은",
        ),
        ("`**1%**가` 별 ** 하나", "<code>**1%**가</code> 별 ** 하나", "**1%**가 별 ** 하나"),
        ("**sale!**now", "**sale!**now", "**sale!**now"),  # as CommonMark has it
        ("10*20*30cm, 가로*세로*높이", "10*20*30cm, 가로*세로*높이", "10*20*30cm, 가로*세로*높이"),
        (
            "*강조*는 **10*20**이고",
            "<em>강조</em>는 <strong>10*20</strong>이고",
            "강조는 10*20이고",
        ),
        ("**가로*세로**", "<strong>가로*세로</strong>", "가로*세로"),
        ("*크기 5*3*로", "<em>크기 5*3</em>로", "크기 5*3로"),
        ("3~~5일, 4~~6일", "3~~5일, 4~~6일", "3~~5일, 4~~6일"),
        ("~~5,000~~3,000원", "<s>5,000</s>3,000원", "3,000원"),
        ("~~5,000원~~ 3,000원", "<s>5,000원</s> 3,000원", "3,000원"),
        ("지금 ~~월 **5회**~~ 무제한", "지금 <s>월 <strong>5회</strong></s> 무제한", "지금 무제한"),
    ],
)
def test_marks_hold_between_a_sign_and_a_particle(markdown: str, html: str, plain: str) -> None:
    assert to_html(markdown) == f"<p>{html}</p>\n"
    assert to_plain(markdown) == plain


def test_what_was_indented_in_word_is_text_and_lists_and_fences_are_what_they_were() -> None:
    pasted = "환불 안내\n\n    카드는 **3일** 걸려요.\n    계좌는 하루예요.\n\n\t탭으로 들여쓴 줄"
    assert to_html(pasted).splitlines() == [
        "<p>환불 안내</p>",
        "<p>카드는 <strong>3일</strong> 걸려요.<br>",
        "계좌는 하루예요.</p>",
        "<p>탭으로 들여쓴 줄</p>",
    ]
    assert to_plain(pasted).startswith("환불 안내\n\n카드는 3일 걸려요.\n계좌는")
    fenced = "```\n    코드\n```\n\n- 하나\n    - 둘\n\n      둘의 글"
    assert "".join(to_html(fenced).split("\n")) == (
        "<pre><code>    코드</code></pre>"
        "<ul><li>하나<ul><li><p>둘</p><p>둘의 글</p></li></ul></li></ul>"
    )
