"""The console's tools for a ticket: links, macros, tags, merges; one gateway for all of them."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from tests.connectors.browser import Browser, enter, signed_in, text_of, waiting
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from ticketing import csat, downloads, surveys, tickets


@pytest.fixture(scope="module")
def desk(gateway: App) -> App:
    gateway.rasa.mode = "hand_off"
    return gateway


@pytest.fixture(scope="module")
def lead(desk: App) -> Browser:
    return signed_in(desk, "팀장", "lead")


def test_linked_tickets_are_shown_on_both_and_in_the_api(desk: App, lead: Browser) -> None:
    (_, one), (_, two) = waiting(desk, "주차 되나요?"), waiting(desk, "자리 있나요?")
    path = f"/console/tickets/{one}"
    wrong = lead.post(f"{path}/links", script=True, other="T-222222")
    assert (wrong.status_code, "접수번호" in wrong.json()["detail"]) == (404, True)
    assert lead.post(f"{path}/links", script=True, other=one).status_code == 422
    address = f"{desk.url}/console/tickets/{two}?lang=ko"
    assert lead.post(f"{path}/links", script=True, other=address).status_code == 200
    again = lead.post(f"{path}/links", script=True, other=two.lower())
    assert (again.status_code, again.json()["detail"]) == (409, "이미 이어진 문의예요.")
    shown = lead.parts(f"/console/tickets/{two}")["ticket_links"]
    assert one in shown and "관련 문의" in text_of(shown) and "주차 되나요?" in shown
    api = desk.agent("프로그램").get(f"/api/tickets/{two}").json()
    number = shown.partition("ticket-link-")[2].partition('"')[0]
    link = {"relation": "related", "ticket": one, "by": "팀장", "undoable": False}
    assert api["links"] == [{"id": int(number), **link}]
    assert lead.post(f"{path}/links/{number}/remove", csrf="").status_code == 403
    assert lead.post(f"{path}/links/{number}/remove", script=True).status_code == 200
    assert "이어진 문의가 없어요" in text_of(lead.parts(path)["ticket_links"])


def macro(lead: Browser, **fields: str) -> int:
    """A saved macro's number."""
    sent = lead.post("/console/macros", page="/console/macros", script=True, **fields)
    assert sent.status_code == 200, sent.text
    page = lead.get("/console/macros").text.partition(f"<summary>{fields['name']}")[0]
    return int(page.rpartition('id="macro-')[2].partition('"')[0])


def test_a_macro_is_filled_sent_and_does_what_it_says(desk: App, lead: Browser) -> None:
    number = macro(
        lead,
        name="환불 안내",
        text_ko="{customer.name}님, 주문 {order.last}은 환불했어요. {agent.name} 드림",
        text_en="",
        tags="환불, #VIP",
        priority="high",
        resolves="1",
    )
    customer, code = waiting(desk, "환불해 주세요")
    path = f"/console/tickets/{code}"
    assert "환불 안내" in lead.get(path).text
    made = lead.get(f"{path}/macros/{number}").json()
    assert made["text"] == "고객님, 주문 (주문번호 없음)은 환불했어요. 팀장 드림"
    assert made["missing"] == ["customer.name", "order.last"]
    assert "order.last" in made["hint"] and "#환불, #vip, 높음, 해결" in made["hint"]
    words = made["text"].replace("(주문번호 없음)", "A-1")
    sent = lead.post(f"{path}/say", script=True, mode="reply", text=words, macro=number, key="k1")
    assert (sent.status_code, sent.json()["fields"]["macro"]) == (200, "")
    assert customer.until(lambda line: line["author"] == "agent")["text"] == words
    again = lead.post(f"{path}/say", script=True, mode="reply", text=words, macro=number, key="k1")
    assert again.status_code == 200
    ticket = desk.agent("프로그램").get(f"/api/tickets/{code}").json()
    assert (ticket["state"], ticket["priority"]) == ("resolved", "high")
    assert len([one for one in ticket["timeline"] if one["author"] == "agent"]) == 1
    removed = lead.post(f"/console/macros/{number}/remove", page="/console/macros", script=True)
    assert removed.status_code == 200 and lead.get(f"{path}/macros/{number}").status_code == 404


def test_a_macro_that_would_send_a_brace_is_refused_in_words(desk: App, lead: Browser) -> None:
    for text, words in (
        ("{name} {customer.name}", "없는 변수예요: {name}. 쓸 수 있는 변수: {customer.name}, "),
        ("a }", "중괄호는 변수에만 쓸 수 있어요. 예: {customer.name}"),
    ):
        wrong = lead.post(
            "/console/macros", page="/console/macros", script=True, name="x", text_ko=text
        )
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
        assert words in wrong.json()["detail"]
    agent = signed_in(desk, "상담원")
    assert agent.get("/console/macros").status_code == 403
    assert agent.post("/console/macros", name="x", text_ko="y").status_code == 403


def test_a_macro_of_a_name_that_is_taken_says_so_at_its_field(desk: App, lead: Browser) -> None:
    macro(lead, name="인사", text_ko="안녕하세요")
    new = {"name": "인사", "text_ko": "반가워요"}
    taken = lead.post("/console/macros", page="/console/macros", script=True, **new)
    assert (taken.status_code, taken.json()["field"]) == (409, "name")
    assert taken.json()["detail"] == "이미 있는 이름이에요: 인사. 다른 이름을 적어 주세요."


def test_tags_come_by_rules_and_filter_the_queue(desk: App, lead: Browser) -> None:
    rule = {"tag": "배송", "kind": "word", "value": "택배"}
    sent = lead.post("/console/tags/rules", page="/console/tags", script=True, **rule)
    assert sent.status_code == 200
    again = lead.post("/console/tags/rules", page="/console/tags", script=True, **rule)
    assert (again.status_code, again.json()["detail"]) == (409, "이미 있는 규칙이에요.")
    (_, with_it), (_, without) = waiting(desk, "택배가 안 와요"), waiting(desk, "영업시간은요?")
    path = f"/console/tickets/{with_it}"
    assert "질문에 “택배”" in text_of(lead.parts(path)["tags"])
    inbox = lead.parts("/console?view=waiting&tag=배송")["inbox"]
    assert with_it in inbox and without not in inbox
    agent = signed_in(desk, "태그 상담원")
    assert agent.post(f"{path}/tags", script=True, tag="a,b").status_code == 422
    assert agent.post(f"{path}/tags", script=True, tag="#긴급건").status_code == 200
    api = desk.agent("프로그램")
    assert api.get(f"/api/tickets/{with_it}").json()["tags"] == [
        {"tag": "배송", "why": "word:택배"},
        {"tag": "긴급건", "why": "agent:태그 상담원"},
    ]
    found = api.get("/api/tickets", params={"tag": "긴급건"}).json()["tickets"]
    assert [one["code"] for one in found] == [with_it]
    assert agent.post(f"{path}/tags/remove", script=True, tag="배송").status_code == 200
    assert with_it not in lead.parts("/console?tag=배송")["inbox"]
    assert agent.get("/console/tags").status_code == 403
    assert "긴급건" in text_of(lead.get("/console/tags").text)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_rule_for_a_channel_is_chosen(
    desk: App, lead: Browser, window: Window, width: int
) -> None:
    rule = {"tag": "카톡", "kind": "channel", "value": "kakaotalk"}
    wrong = lead.post("/console/tags/rules", page="/console/tags", script=True, **rule)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "value")
    assert wrong.json()["detail"] == "없는 채널이에요: kakaotalk. 목록에서 골라 주세요."
    page = window(width, 800)
    enter(desk, page, role="lead")
    expect(page.locator(".places").first).to_be_attached()
    page.goto(f"{desk.url}/console/tags")
    new = page.locator(".rule-new")
    words, channel, language = (
        new.locator(f"[name={one}]") for one in ("value", "channel", "language")
    )
    expect(words).to_be_visible()
    expect(channel.or_(language).filter(visible=True)).to_have_count(0)
    new.locator("[name=tag]").fill(f"카톡 {width}")
    new.get_by_role("button").click()
    expect(new.locator(".wrong")).to_have_text("찾을 말을 1자에서 80자로 적어 주세요.")
    new.locator("[name=kind]").select_option("language")
    expect(language).to_be_visible()
    new.locator("[name=kind]").select_option("channel")
    expect(words.or_(language).filter(visible=True)).to_have_count(0)
    assert channel.locator("option").all_inner_texts() == [
        "웹 채팅", "텔레그램", "카카오톡", "외부 채널",
    ]  # fmt: skip
    channel.select_option("kakao")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"rule-{width}.png")
    new.get_by_role("button").click()
    expect(page.locator(".rules li").filter(has_text=f"#카톡 {width}")).to_contain_text("카카오톡")


def test_figures_lead_to_their_rows_and_come_as_csv(desk: App, lead: Browser) -> None:
    customer, code = waiting(desk, "=1+1 은 얼마인가요?")
    page = lead.get("/console/figures?period=7")
    assert page.status_code == 200 and "<svg" in page.text and "p90" in page.text
    address = "/console/figures/rows?kind=messages&amp;period=7&amp;channel=web"
    assert address in page.text
    rows = lead.get(html.unescape(address)).text
    assert "=1+1 은 얼마인가요?" in rows and f"/console/customers/{customer.id}" in rows
    assert code in lead.get("/console/figures/rows?kind=waiting").text
    step = html.unescape(
        re.findall(r'href="(\S+kind=messages&amp;period=7&amp;slot=[^"]+)"', page.text)[-1]
    )
    today = lead.get(step).text
    assert "=1+1 은 얼마인가요?" in today and "하루</span>" in today
    assert "=1+1 은 얼마인가요?" not in lead.get(re.sub(r"slot=\d{4}", "slot=1999", step)).text
    file = step.replace("/rows?", "/rows.csv?")
    refused = lead.get(file)
    assert refused.status_code == 422 and "=1+1" not in refused.text
    assert "=1+1 은 얼마인가요?" in lead.get(f"{file}&reason=주간 점검").text
    table = lead.get("/console/figures/rows.csv?kind=opened&period=today&reason=주간 점검")
    with desk.sessions() as session:
        found = downloads.listing(session)[0]
        assert (found.file, found.reason, found.source) == ("figures", "주간 점검", "console")
        assert found.rows == len(list(csv.reader(io.StringIO(table.text)))) - 1
    assert table.content.startswith(b"\xef\xbb\xbf")
    (row,) = [one for one in csv.reader(io.StringIO(table.text)) if code in one]
    assert row[-1] == "'=1+1 은 얼마인가요?"
    everything = lead.get("/console/figures/all.csv?period=30&lang=en").text
    assert "How conversations ended,Still open,%," in everything
    for wrong in (
        "figures?period=8", "figures/rows?kind=secrets", "figures/rows.csv?period=7",
        "figures/rows?kind=first&took=7",
    ):  # fmt: skip
        assert lead.get(f"/console/{wrong}").status_code == 422
    slow = lead.get("/console/figures/rows?kind=first&took=6")
    assert slow.status_code == 200 and "&gt; 1일" in slow.text
    odd = lead.get("/console/figures/rows?kind=csat&agent=%00'%22&word=x&article=y")
    assert odd.status_code == 200
    agent = signed_in(desk, "통계 상담원")
    for name in ("", "/rows?kind=csat", "/all.csv", "/rows.csv?kind=csat"):
        assert agent.get(f"/console/figures{name}").status_code == 403


def test_a_rating_of_a_ticket_that_nobody_answered_is_nobodys(desk: App, lead: Browser) -> None:
    customer, code = waiting(desk, "아무도 없나요?")
    lead.post(f"/console/tickets/{code}/resolve")
    with desk.sessions.begin() as session:
        survey = csat.of_ticket(session, tickets.get(session, code))
        assert survey is not None
        surveys.rate(session, survey, score=1)
    nobody = "답한 상담원 없음"
    assert nobody in lead.get("/console/figures/rows?kind=csat").text
    assert nobody in lead.get("/console/figures/rows.csv?kind=csat&reason=주간 점검").text
    assert nobody in lead.get(f"/console/customers/{customer.id}").text
    page, rows = lead.get("/console/figures").text, "kind=csat&amp;period=today&amp;"
    assert f"{rows}channel=web" in page and f"{rows}agent={quote('팀장')}" not in page


def test_tickets_are_merged_split_and_taken_apart_again(desk: App, lead: Browser) -> None:
    customer, old = waiting(desk, "배송이 늦어요")
    lead.post(f"/console/tickets/{old}/resolve")
    customer.say("환불도 되나요?")
    line = customer.until(lambda line: "접수번호" in line["text"] and old not in line["text"])
    new = line["text"].partition("T-")[1] + line["text"].partition("T-")[2][:6]
    _, foreign = waiting(desk, "저는 다른 사람이에요")
    path = f"/console/tickets/{new}"
    wrong = lead.post(f"{path}/merge", script=True, into=foreign)
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "not_one_person")
    assert "먼저 두 고객을 연결" in wrong.json()["detail"]
    sent = lead.post(f"{path}/merge", script=True, into=old)
    assert (sent.status_code, sent.json()["go"]) == (200, f"/console/tickets/{old}")
    shown = lead.parts(path)
    assert f"{old}에서 이어짐" in text_of(shown["state"]) and "되돌리기" in shown["ticket_links"]
    assert old in lead.parts("/console")["inbox"] and new not in lead.parts("/console")["inbox"]
    customer.say("여기 이어서 쓸게요")
    desk.settle()
    lead.post(f"{path}/say", mode="reply", text="합친 문의에서 답해요")
    customer.until(lambda line: line["text"] == "합친 문의에서 답해요")
    link = re.search(rf"/console/tickets/{new}/links/(\d+)/undo", shown["ticket_links"])
    assert link and lead.post(link[0], csrf="").status_code == 403
    assert lead.post(link[0], script=True).json()["go"] == path
    assert lead.post(link[0], script=True).status_code == 404
    inbox = lead.parts("/console?view=open")["inbox"]
    assert new in inbox and old not in inbox

    page = lead.parts(path)["ticket_links"]
    seq = re.search(r'<option value="(\d+)">여기 이어서', page)
    assert seq, page
    made = lead.post(f"{path}/split", script=True, seq=seq[1]).json()["go"]
    second = made.rpartition("/")[2]
    assert "여기에서 나뉘었어요" in text_of(lead.parts(made)["ticket_links"])
    assert "나눈 문의" in text_of(lead.parts(made)["state"])
    assert {new, second} <= set(re.findall(r"T-\w{6}", lead.parts("/console?view=open")["inbox"]))
    assert lead.post(f"{made}/front", script=True).status_code == 200
    customer.say("둘째 용건이에요")
    desk.settle()
    assert "둘째 용건이에요" in lead.parts(made)["ticket_links"], "can be split off once more"
    undo = re.search(r"/console/tickets/[\w-]+/links/\d+/undo", lead.parts(made)["ticket_links"])
    assert undo and lead.post(undo[0], script=True).json()["go"] == path
    assert second not in lead.parts("/console?view=open")["inbox"]


def test_each_of_two_tickets_is_listed_with_its_own_words(desk: App, lead: Browser) -> None:
    def row(code: str) -> str:
        inbox = lead.parts("/console?view=open")["inbox"]
        return text_of(inbox.partition(f'id="row-{code}"')[2].partition("</li>")[0])

    customer, first = waiting(desk, "배송이 늦어요")
    path = f"/console/tickets/{first}"
    lead.post(f"{path}/say", mode="reply", text="확인해 볼게요")
    customer.say("그런데 색도 달라요")
    desk.settle()
    assert "색도 달라요" in row(first) and "답변 필요" in row(first)
    seq = re.search(r'<option value="(\d+)">그런데 색도', lead.parts(path)["ticket_links"])
    assert seq
    made = lead.post(f"{path}/split", script=True, seq=seq[1]).json()["go"]
    second = made.rpartition("/")[2]
    assert "확인해 볼게요" in row(first) and "답변 필요" not in row(first)
    assert "색도 달라요" in row(second)


def test_programs_merge_split_link_and_tag_tickets(desk: App) -> None:
    api = desk.agent("프로그램 2")

    def post(path: str, **body: object) -> tuple[int, dict[str, Any]]:
        got = api.post(f"/api/tickets/{path}", json=body)
        return got.status_code, got.json()

    customer, old = waiting(desk, "배송이 늦어요")
    assert api.post(f"/api/tickets/{old}/resolve").is_success
    customer.say("환불도 되나요?")
    line = customer.until(lambda line: "접수번호" in line["text"] and old not in line["text"])
    new = line["text"].partition("접수번호 ")[2].split()[0]
    _, foreign = waiting(desk, "저는 다른 사람이에요")
    status, wrong = post(f"{new}/merge", into=foreign)
    assert (status, wrong["code"], wrong["reason"]) == (409, "conflict", "not_one_person")
    assert post(f"{new}/merge", into="T-222222")[0] == 404 and post(f"{new}/merge")[0] == 422
    status, into = post(f"{new}/merge", into=old)
    assert (status, into["code"], into["state"]) == (200, old, "open")
    link = next(one for one in into["links"] if one["relation"] == "merged_here")
    assert (link["ticket"], link["by"], link["undoable"]) == (new, "프로그램 2", True)
    status, apart = post(f"{old}/links/{link['id']}/undo")
    assert (status, apart["code"]) == (200, new) and not apart["joined"]
    assert post(f"{old}/links/{link['id']}/undo")[0] == 404

    customer.say("그리고 교환도요")
    desk.settle()
    said = [one for one in api.get(f"/api/tickets/{new}").json()["timeline"] if one["text"]]
    first = next(one["seq"] for one in said if one["author"] == "customer")
    assert post(f"{new}/split", seq=first)[0] == 409, "it is of the first ticket"
    seq = next(one["seq"] for one in said if one["text"] == "그리고 교환도요")
    status, second = post(f"{new}/split", seq=seq)
    assert status == 201 and second["code"] not in (old, new)
    assert post(f"{second['code']}/front")[0] == 200

    status, linked = post(f"{new}/links", ticket=foreign)
    assert status == 201 and post(f"{new}/links", ticket=foreign)[0] == 409
    related = next(one["id"] for one in linked["links"] if one["relation"] == "related")
    gone = api.delete(f"/api/tickets/{new}/links/{related}")
    assert gone.is_success and foreign not in [one["ticket"] for one in gone.json()["links"]]

    for _ in range(2):
        assert post(f"{new}/tags", tag="#교환 ")[1]["tags"] == [
            {"tag": "교환", "why": "agent:프로그램 2"}
        ]
    status, wrong = post(f"{new}/tags", tag="둘, 셋")
    assert (status, wrong["code"]) == (422, "invalid")
    assert post(f"{new}/tags/remove", tag="교환")[1]["tags"] == []
    for path, body in (("merge", {"into": old}), ("tags", {"tag": "x"}), ("split", {"seq": 1})):
        assert httpx.post(f"{desk.url}/api/tickets/{new}/{path}", json=body).status_code == 401
