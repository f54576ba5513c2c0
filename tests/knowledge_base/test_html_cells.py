"""Tables of other help centres, whose texts are HTML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge_base import html_cells
from tests.article_files import taken, written


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            "<p>배송비는 <b>3,000원</b>이에요.<br>제주는 6,000원&nbsp;이에요.</p>"
            "<ul><li>5만원부터 무료</li></ul>",
            "배송비는 **3,000원**이에요.\n제주는 6,000원 이에요.\n\n- 5만원부터 무료",
        ),
        ("첫째<br>\n둘째<BR/>셋째\n넷째<br /><br />다섯째", "첫째\n둘째\n셋째\n넷째\n\n다섯째"),
        (
            '자세한 건 <a href="https://a.kr/x">안내</a>를 봐 주세요.\n무게 < 5kg & 1. 부피',
            "자세한 건 [안내](https://a.kr/x)를 봐 주세요.\n무게 \\< 5kg & 1. 부피",
        ),
        (
            "<table><tr><th>지역</th><th>요금</th></tr><tr><td>서울</td><td>무료</td></tr></table>",
            "| 지역 | 요금 |\n|---|---|\n| 서울 | 무료 |",
        ),
        (
            '<div>사진<img src="https://a.kr/x.png" alt="표"></div><script>x()</script>',
            "사진![표](https://a.kr/x.png)",
        ),
    ],
)
def test_a_text_with_tags_is_an_article_as_it_looked(html: str, markdown: str) -> None:
    assert html_cells.to_markdown(html) == markdown


@pytest.mark.parametrize(
    "text",
    [
        "5 < 6 이고 <중요> 표시는 그대로예요.\n둘째 줄",
        "**굵게** 쓰고 <br> 도 썼어요",
        "`<p>글</p>`이라고 써요",
        "| 가<br>나 | 다 |\n|---|---|",
        "## 제목\n\n글<br>",
        "[안내](/help/a)<br>",
    ],
)
def test_what_is_written_for_people_or_as_markdown_stays(text: str) -> None:
    assert html_cells.to_markdown(text) == text


def test_tables_and_json_lines_are_read_so(tmp_path: Path) -> None:
    table = written(tmp_path, "a.csv", "질문,답변\n언제 와요?,<p>3일</p><p>걸려요.</p>")
    row = {"id": "a", "title": "언제", "locale": "ko", "body": "<p>3일</p><p>걸려요.</p>"}
    lines = written(tmp_path, "a.jsonl", json.dumps(row))
    for path in (table, lines):
        (one,) = taken(path)
        assert one.body == "3일\n\n걸려요."
