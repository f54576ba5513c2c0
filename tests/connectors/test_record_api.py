"""The customer's record over HTTP: read, changed, found; orders pushed by a shop's backend."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.connectors.browser import signed_in, text_of
from tests.connectors.conftest import App


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here: each brings its own people."""
    return gateway


def order(number: str, customer: str, **other: Any) -> dict[str, Any]:
    return {
        "number": number,
        "customer": {"number": customer, "name": "김주문", "phone": "010-2222-3333"},
        "amount": 39000,
        "ordered_at": "2026-03-01T12:00:00+09:00",
        "items": [{"name": "머그잔", "quantity": 2, "amount": 39000}],
        **other,
    }


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_an_agent_changes_the_record_and_everybody_sees_who(app: App) -> None:
    agent = app.agent("이수진")
    customer = app.visitor().id
    path = f"/api/customers/{customer}"
    changed = agent.patch(
        path, json={"name": "박하늘", "phone": "010 9999 8888", "tier": "VIP", "owner": "이수진"}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json() == agent.get(path).json()
    assert changed.json()["phone"] == "+821099998888" and changed.json()["owner"] == "이수진"
    assert agent.patch(path, json={"tier": None}).json()["tier"] is None
    lines = agent.get(f"{path}/changes", params={"field": "tier"}).json()["changes"]
    assert [(one["old"], one["new"], one["by"], one["source"]) for one in lines] == [
        ("VIP", None, "이수진", "api"),
        (None, "VIP", "이수진", "api"),
    ]
    wrong = agent.patch(path, json={"name": "새 이름", "email": "아님"})
    assert code(wrong) == (422, "invalid") and wrong.json()["field"] == "email"
    assert agent.get(path).json()["name"] == "박하늘", "nothing is half changed"
    assert code(agent.patch(path, json={"colour": "red"})) == (422, "invalid")
    assert code(agent.patch(f"/api/customers/{uuid.uuid4()}", json={})) == (404, "not_found")
    for search in ("박하늘", "9999-8888", "하늘"):
        found = agent.get("/api/customers", params={"q": search}).json()["customers"]
        assert [one["id"] for one in found] == [customer], search
    assert httpx.get(f"{app.url}/api/customers").status_code == 401


def test_fields_of_the_shop_are_made_by_leads(app: App) -> None:
    agent, admin = app.agent("상담원"), app.agent("관리자", role="admin")
    field = {"name_ko": "피부", "name_en": "Skin", "kind": "choice", "choices": ["건성", "지성"]}
    assert code(agent.put("/api/customer-fields/skin", json=field)) == (403, "forbidden")
    assert admin.put("/api/customer-fields/skin", json=field).json()["name"]["ko"] == "피부"
    path = f"/api/customers/{app.visitor().id}"
    assert agent.patch(path, json={"custom": {"skin": "건성"}}).json()["custom"] == {"skin": "건성"}
    wrong = agent.patch(path, json={"custom": {"skin": "복합성"}})
    assert (code(wrong), wrong.json()["field"]) == ((422, "invalid"), "custom.skin")
    admin.delete("/api/customer-fields/skin")
    assert code(agent.patch(path, json={"custom": {"skin": "지성"}})) == (422, "invalid")
    assert code(agent.get("/api/customer-fields/changes")) == (403, "forbidden")
    gone, made = admin.get("/api/customer-fields/changes").json()["changes"]
    assert (made["old"], made["new"]["choices"], made["by"]) == (None, ["건성", "지성"], "관리자")
    assert (gone["new"]["retired"], gone["source"]) == (True, "api")


def test_consents_and_claims_are_on_the_record(app: App) -> None:
    agent = app.agent("상담원")
    path = f"/api/customers/{app.visitor().id}"
    given = {"purpose": "marketing_sms", "text_version": "2026-01", "channel": "phone"}
    assert agent.post(f"{path}/consents", json=given).status_code == 201
    agent.post(f"{path}/consents/withdraw", json={"purpose": "marketing_sms"})
    (consent,) = agent.get(path).json()["consents"]
    assert consent["withdrawn_by"] == "상담원" and consent["given_by"] == "상담원"
    claim = agent.post(f"{path}/claims", json={"kind": "defect", "text": "깨졌어요"}).json()
    settle = f"{path}/claims/{claim['id']}/settle"
    assert agent.post(settle, json={"settlement": "교환"}).json()["settled_by"] == "상담원"
    assert code(agent.post(settle, json={"settlement": "환불"})) == (409, "conflict")


def test_a_shop_pushes_an_order_as_often_as_it_likes(app: App) -> None:
    shop = app.agent("쇼핑몰", role="admin")
    first = shop.post("/api/orders", json=order("20260001", "S-1"))
    assert (first.status_code, first.json()["outcome"]) == (201, "added")
    again = shop.post("/api/orders", json=order("20260001", "S-1"))
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["order"] == first.json()["order"]
    later = {"changed_at": "2026-03-02T00:00:00Z", "status": "refunded"}
    assert shop.post("/api/orders", json=order("20260001", "S-1", **later)).json() == {
        **first.json(),
        "outcome": "updated",
        "order": shop.get("/api/orders/20260001").json()["order"],
    }
    stale = order("20260001", "S-1", changed_at="2026-03-01T00:00:00Z")
    assert code(shop.post("/api/orders", json=stale)) == (409, "conflict")
    customer = shop.get(f"/api/customers/{first.json()['customer']}").json()
    assert (customer["name"], customer["numbers"]) == ("김주문", ["S-1"])
    assert customer["value"]["orders"] == 0 and customer["trouble"][0]["order"] == "20260001"
    assert code(app.agent("상담원").post("/api/orders", json=stale)) == (403, "forbidden")
    naive = order("20260002", "S-1", ordered_at="2026-03-01T12:00:00")
    assert code(shop.post("/api/orders", json=naive)) == (422, "invalid")


def test_the_same_order_pushed_at_once_is_one(app: App) -> None:
    shop = app.agent("쇼핑몰", role="admin")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: shop.post("/api/orders", json=order("9", "S-9")), range(8)))
    assert sorted(one.json()["outcome"] for one in made) == ["added", *["unchanged"] * 7]
    assert len({one.json()["customer"] for one in made}) == 1


def test_the_record_is_changed_in_the_console(app: App) -> None:
    browser = signed_in(app, "김콘솔")
    path = f"/console/customers/{app.visitor().id}"
    sent = browser.post(
        f"{path}/edit", script=True, name="한글이", phone="010-5555-6666", tier="골드"
    )
    assert sent.json()["go"] == path
    page = text_of(browser.get(path).text)
    assert "010-5555-6666" in page and "골드" in page
    wrong = browser.post(f"{path}/edit", script=True, name="다른이", phone="없음")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "phone")
    assert wrong.json()["detail"].startswith("전화번호")
    page = text_of(browser.get(f"{path}/changes").text)
    assert "한글이" in page and "김콘솔" in page and "다른이" not in page
    assert browser.post(f"{path}/edit", csrf="", name="x").status_code == 403
    browser.http.close()
