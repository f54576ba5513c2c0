"""Who a visitor is: the shop's signature, a one-time code, an agent's decision. Never a guess."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, text

from connectors.identity import IdentityRefused, Signer, verify
from tests.connectors.browser import waiting
from tests.connectors.conftest import App, Visitor
from ticketing.models import LinkRefusal

SECRET = "0123456789abcdef0123456789abcdef"
SIGNER = Signer(SECRET, "HS256", "sangdam")


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"identity_secret": SECRET, "public_url": "https://chat.example.kr"}


def signed(sub: str = "C-1001", *, key: Any = SECRET, algorithm: str = "HS256", **more: Any) -> str:
    now = int(time.time())
    claims = {"sub": sub, "iat": now, "exp": now + 600, "aud": "sangdam"} | more
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm)


def key_pair() -> tuple[Any, str]:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def refused(token: str, signer: Signer | None = SIGNER) -> str:
    with pytest.raises(IdentityRefused) as caught:
        verify(token, signer)
    return caught.value.why


def test_s3_only_what_the_shop_signed_for_us_and_just_now_is_believed() -> None:
    now = int(time.time())
    assert verify(signed(name="김하나", email="hana@example.kr"), SIGNER).name == "김하나"
    assert refused(signed(), None) == "not_set_up"
    assert refused("no.token.atall") == "malformed"
    assert refused("") == "malformed"
    assert refused(jwt.encode({"sub": "C-1001"}, "", "none")) == "algorithm"
    assert refused(signed(key="f" * 32)) == "signature"
    assert refused(signed(iat=now - 900, exp=now - 300)) == "expired"
    assert refused(signed(iat=now - 300, exp=now - 1)) == "expired"
    assert refused(signed(iat=now + 900, exp=now + 1200)) == "not_yet"
    assert refused(signed(aud="somebody else")) == "audience"
    for missing in ("sub", "iat", "exp"):
        assert refused(signed(**{missing: None})) == "claims"
    assert refused(signed(aud=None)) in ("claims", "audience")
    assert refused(signed(exp=now + 3700)) == "claims"
    assert refused(signed(sub=" ")) == "claims"
    assert refused(signed(name="x" * 201)) == "claims"
    assert refused(signed(email=7)) == "claims"
    assert refused(signed(name="\ud800")) == refused(signed(sub="a\0")) == "claims"
    for odd in ("1", [1], True, float("inf"), float("nan"), 1e400, str(now + 600)):
        assert refused(signed(exp=odd)) in ("claims", "malformed", "expired")
        assert refused(signed(iat=odd)) in ("claims", "malformed", "not_yet")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("ko-KR", "ko"),
        ("fr-FR", None),
        ("english", None),
        ("", None),
        (7, None),
    ],
)
def test_the_language_is_that_of_the_tag(tag: object, language: str | None) -> None:
    assert verify(signed(locale=tag), SIGNER).locale == language


def test_a_public_key_is_never_taken_for_a_shared_secret() -> None:
    private, public = key_pair()
    signer = Signer(public, "ES256", "sangdam")
    assert verify(signed(key=private, algorithm="ES256"), signer).sub == "C-1001"
    assert refused(signed(), signer) == "algorithm"
    assert refused(signed(key=key_pair()[0], algorithm="ES256"), signer) == "signature"


def sign_in(app: App, token: str, before: Visitor | None = None) -> httpx.Response:
    headers = {} if before is None else {"Authorization": before.http.headers["Authorization"]}
    return httpx.post(f"{app.url}/chat/sessions", json={"identity": token}, headers=headers)


def browser(app: App, token: str, before: Visitor | None = None) -> Visitor:
    made = app.visitor()
    answer = sign_in(app, token, before)
    assert answer.status_code == 201, answer.text
    made.id = answer.json()["customer"]
    made.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return made


def test_whoever_signs_in_has_one_history_on_all_their_browsers(app: App) -> None:
    anonymous = app.visitor()
    assert anonymous.say("배송비가 얼마예요?").status_code == 202
    laptop = browser(app, signed(name="김하나", email="hana@example.kr"), anonymous)
    phone = browser(app, signed())
    assert laptop.id == phone.id
    assert "배송비가 얼마예요?" in [line["text"] for line in phone.history()]
    agent = app.agent("하나")
    record = agent.get(f"/api/customers/{anonymous.id}").json()
    assert {one["channel"] for one in record["identities"]} == {"web", "shop"}

    assert (record["name"], record["email"]) == ("김하나", "hana@example.kr")
    kept = agent.get(f"/api/customers/{laptop.id}/changes").json()["changes"]
    assert {(one["field"], one["source"]) for one in kept} == {
        ("name", "token"),
        ("email", "token"),
    }
    assert sign_in(app, signed("C-9", email="no address", phone="전화 없음")).status_code == 201

    # The next one at the same computer is somebody else: they get nothing of it.
    other = browser(app, signed("C-2002"), laptop)
    assert other.id != laptop.id and other.history() == []

    for token, code in ((signed(key="f" * 32), "identity_signature"), ("x", "identity_malformed")):
        answer = sign_in(app, token)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    with app.sessions() as session:
        kept = session.scalars(select(LinkRefusal.why).order_by(LinkRefusal.id)).all()
    assert kept == ["other_customer", "signature", "malformed"]


def test_s3_a_refused_token_merges_nothing(app: App) -> None:
    """The session that was there stays whose it was, whatever is brought with it."""
    known = browser(app, signed("C-1", email="hana@example.kr"))
    assert known.say("내 주문이에요").status_code == 202
    stranger = app.visitor()
    now = int(time.time())
    head, body, signature = signed("C-3", email="mallory@example.kr").split(".")
    claims = jwt.utils.base64url_decode(body).replace(b"mallory@", b"hana@")
    altered = ".".join([head, jwt.utils.base64url_encode(claims).decode(), signature])
    unsigned = jwt.encode(
        {"sub": "C-1", "iat": now, "exp": now + 600, "aud": "sangdam"}, "", "none"
    )
    for token, code in (
        (unsigned, "identity_algorithm"),
        (signed("C-1", key="f" * 32), "identity_signature"),
        (signed("C-1", iat=now - 900, exp=now - 300), "identity_expired"),
        (signed("C-1", aud="another inbox"), "identity_audience"),
        (altered, "identity_signature"),
    ):
        answer = sign_in(app, token, stranger)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert stranger.history() == []
    agent = app.agent("하나")
    kept = agent.get(f"/api/customers/{stranger.id}/links").json()["refusals"]
    assert [(one["evidence"], one["why"]) for one in kept[::-1]] == [
        ("token", why) for why in ("algorithm", "signature", "expired", "audience", "signature")
    ]
    record = agent.get(f"/api/customers/{stranger.id}").json()
    assert [one["channel"] for one in record["identities"]] == ["web"]


def test_a_code_leads_from_one_browser_to_another_and_an_agent_undoes_it(app: App) -> None:
    one, two = app.visitor(), app.visitor()
    one.say("웹에서 한 말")
    made = one.http.post("/chat/link-codes").json()
    assert made["links"]["web"] == f"https://chat.example.kr/?continue={made['code']}"
    wrong = two.http.post("/chat/link-codes/redeem", json={"code": "ABCD2345"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "code_unknown")
    done = two.http.post("/chat/link-codes/redeem", json={"code": made["code"].lower()})
    assert done.json() == {"outcome": "linked"}
    again = two.http.post("/chat/link-codes/redeem", json={"code": made["code"]})
    assert (again.status_code, again.json()["code"]) == (422, "code_used")
    assert "웹에서 한 말" in [line["text"] for line in two.history()]

    agent = app.agent("하나")
    links = agent.get(f"/api/customers/{two.id}/links").json()
    assert [one["evidence"] for one in links["links"]] == ["code"]
    assert [one["why"] for one in links["refusals"]] == ["used", "unknown"]
    undo = f"/api/customers/{two.id}/links/{links['links'][0]['id']}/undo"
    assert agent.post(undo, json={"reason": ""}).status_code == 422
    assert agent.post(undo, json={"reason": "가족이 함께 쓴 컴퓨터"}).status_code == 200
    assert agent.post(undo, json={"reason": "또"}).status_code in (404, 409)
    assert "웹에서 한 말" not in [line["text"] for line in two.history()]
    assert "웹에서 한 말" in [line["text"] for line in one.history()]
    lines = agent.get(f"/api/customers/{one.id}/timeline").json()["timeline"]
    assert "가족이 함께 쓴 컴퓨터" in lines[-1]["text"] and lines[-1]["internal"]


def test_a_customer_of_the_shop_who_gives_anothers_code_stays_themselves(app: App) -> None:
    """Sent a link by somebody who wants to read along, and opens it."""
    mallory, known = browser(app, signed("C-666")), browser(app, signed("C-1001"))
    known.say("제 계좌는 110-222-333333 이에요")
    code = mallory.http.post("/chat/link-codes").json()["code"]
    given = known.http.post("/chat/link-codes/redeem", json={"code": code})
    assert (given.status_code, given.json()["code"]) == (422, "code_other_customer")
    known.until(lambda line: "다른 회원의 코드라서 연결하지 않았어요." in line["text"])
    assert mallory.history() == []
    links = app.agent("하나").get(f"/api/customers/{known.id}/links").json()
    assert links["links"] == []
    assert [(one["evidence"], one["why"]) for one in links["refusals"]] == [
        ("code", "other_customer")
    ]
    again = app.visitor().http.post("/chat/link-codes/redeem", json={"code": code})
    assert again.json()["code"] == "code_used"

    # A browser of their own in which nobody is signed in is theirs, as before.
    code = known.http.post("/chat/link-codes").json()["code"]
    other = app.visitor()
    linked = other.http.post("/chat/link-codes/redeem", json={"code": code})
    assert linked.json() == {"outcome": "linked"}


def test_an_open_chat_reads_everything_anew_when_it_is_linked(app: App) -> None:
    one, two = app.visitor(), app.visitor()
    one.say("먼저 쓴 말")
    code = one.http.post("/chat/link-codes").json()["code"]
    with two.http.stream("GET", "/chat/stream", params={"after": 0}) as stream:
        events = (line for line in stream.iter_lines() if line.startswith(("event: ", ": ")))
        assert next(events) == ": connected"
        two.http.post("/chat/link-codes/redeem", json={"code": code})
        assert "event: reset" in events


def test_an_agent_links_with_a_reason_and_sees_who_else_it_may_be(app: App) -> None:
    first = browser(app, signed("C-1", email="Hana@example.kr"))
    second = browser(app, signed("C-2", email="hana@example.kr", phone="010-1234-5678"))
    third = browser(app, signed("C-3", phone="+82 10 1234 5678"))
    agent = app.agent("하나")
    links = f"/api/customers/{second.id}/links"
    suggested = agent.get(links).json()["suggestions"]
    assert {(one["customer"]["id"], *one["evidence"]) for one in suggested} == {
        (first.id, "email"),
        (third.id, "phone"),
    }
    assert agent.post(links, json={"other": first.id, "reason": " "}).status_code == 422
    assert agent.post(links, json={"other": second.id, "reason": "나"}).status_code == 422
    assert agent.post(links, json={"other": first.id, "reason": "전화 통화"}).status_code == 201
    assert agent.post(links, json={"other": first.id, "reason": "다시"}).status_code == 409
    assert agent.post(links, json={"other": "nobody", "reason": "?"}).status_code == 404
    left = agent.get(links).json()["suggestions"]
    assert [one["customer"]["id"] for one in left] == [third.id]


@pytest.fixture(autouse=True)
def no_personal_data_in_refusals(app: App) -> Iterator[None]:
    """What was refused is kept by kind alone."""
    yield
    with app.sessions() as session:
        assert not session.scalar(text("SELECT count(*) FROM link_refusal WHERE why ~ '[^a-z_]'"))


def test_an_agent_answers_where_the_customer_wrote_last_or_where_they_choose(app: App) -> None:
    app.rasa.mode = "hand_off"
    one, ticket = waiting(app)
    two, stranger = app.visitor(), app.visitor()
    code = one.http.post("/chat/link-codes").json()["code"]
    two.http.post("/chat/link-codes/redeem", json={"code": code})
    agent = app.agent("하나")
    record = agent.get(f"/api/customers/{one.id}").json()
    ids = {address["customer"]: address["id"] for address in record["identities"]}
    theirs = agent.get(f"/api/customers/{stranger.id}").json()["identities"][0]["id"]
    reply = f"/api/tickets/{ticket}/reply"
    assert agent.post(reply, json={"text": "?", "identity": theirs}).status_code == 422
    for identity, text_ in ((None, "두 번째로"), (ids[one.id], "첫 번째로")):
        assert agent.post(reply, json={"text": text_, "identity": identity}).status_code == 200
    with app.sessions() as session:
        rows = session.execute(
            text("SELECT text, identity_id FROM message WHERE author = 'agent' ORDER BY id")
        ).all()
    assert [tuple(row) for row in rows] == [
        ("두 번째로", ids[two.id]),
        ("첫 번째로", ids[one.id]),
    ]
