"""Every address of the console and the API: who is let in, and no form of another site.

Nobody has to list a new one, unless agents may send a form to it.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from connectors.app import build
from connectors.settings import Settings
from tests.connectors.browser import Browser, name, signed_in
from tests.connectors.conftest import App

# What needs no session.
DOORS = {"/console/login", "/console/welcome", "/console/tickets", "/console/{path:path}"}
# What agents may do who are neither leads nor administrators: answer customers, write down what is
# known of them, write drafts, and look after their own account.
AGENTS = {
    "articles/edit/{id}", "articles/edit/{id}/address", "articles/edit/{id}/current",
    "articles/edit/{id}/editing", "articles/edit/{id}/restore", "articles/new",
    "articles/pasted", "articles/pictures", "articles/preview",
    "customers/{customer_id}/claims", "customers/{customer_id}/claims/{claim}/settle",
    "customers/{customer_id}/consents", "customers/{customer_id}/consents/withdraw",
    "customers/{customer_id}/edit", "customers/{customer_id}/links",
    "customers/{customer_id}/links/{link_id}/undo", "customers/{customer_id}/tickets",
    "duty", "logout", "password", "slack-code",
    "recovery/{task}/done",
    "tickets/{code}/assign", "tickets/{code}/claim", "tickets/{code}/front",
    "tickets/{code}/links", "tickets/{code}/links/{link_id}/remove",
    "tickets/{code}/links/{link_id}/undo", "tickets/{code}/merge", "tickets/{code}/priority",
    "tickets/{code}/release", "tickets/{code}/reopen", "tickets/{code}/resolve",
    "tickets/{code}/say", "tickets/{code}/snooze", "tickets/{code}/split", "tickets/{code}/tags",
    "tickets/{code}/tags/remove", "tickets/{code}/typing", "tickets/{code}/wake",
}  # fmt: skip
# What only administrators see and do.
ADMINISTRATORS = re.compile(
    r"/console/(agents|customers/(accesses|erasures|retention|\{customer_id\}/(erase|file)))\b"
)
FOREIGN = {"Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    return gateway


def addresses(folder: Path, method: str, below: str = "/console") -> list[str]:
    """Those that begin so, as they are written in the code."""
    gateway = build(Settings(data_dir=folder), database_url="postgresql://nowhere/")
    return sorted(
        route.path or ""
        for route in iter_route_contexts(gateway.routes)
        if method in (route.methods or ()) and (route.path or "").startswith(below)
    )


def one_of(path: str) -> str:
    """An address that leads to nothing that is there."""
    values = {"code": "T-AAAAAA", "customer_id": str(uuid.uuid4()), "kind": "conversations"}
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: values.get(found[1], "999999"), path)


def sent(browser: Browser, path: str, csrf: str, **headers: str) -> int:
    """The status of the answer to a form that holds nothing but its token."""
    address = one_of(path)
    return browser.http.post(address, data={"csrf": csrf}, headers=headers).status_code


def test_nobody_is_let_in(app: App, tmp_path: Path) -> None:
    nobody = Browser(app)
    pages, forms = addresses(tmp_path, "GET"), addresses(tmp_path, "POST")
    assert len(pages) > 50 and len(forms) > 80
    for method, paths in (("GET", pages), ("POST", forms)):
        for path in set(paths) - DOORS:
            answer = nobody.http.request(method, one_of(path))
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/console/login"), (method, path)


def test_no_form_of_another_site_is_taken(app: App, tmp_path: Path) -> None:
    admin = signed_in(app, name(), "admin")
    csrf = admin.csrf()
    for path in addresses(tmp_path, "POST"):
        assert sent(admin, path, "0" * 64) == 403, path
        assert sent(admin, path, csrf, **FOREIGN) == 403, path


def test_what_agents_and_leads_may_not_do(app: App, tmp_path: Path) -> None:
    agent, lead = (signed_in(app, name(), role) for role in ("agent", "lead"))
    tokens = {one: one.csrf() for one in (agent, lead)}
    forms = set(addresses(tmp_path, "POST")) - DOORS - {"/console/logout"}
    assert {path for path in forms if sent(agent, path, tokens[agent]) != 403} == {
        f"/console/{path}" for path in AGENTS - {"logout"}
    }
    ours = {path for path in forms if ADMINISTRATORS.match(path)}
    assert len(ours) > 6
    assert {path for path in forms if sent(lead, path, tokens[lead]) == 403} == ours
    for path in filter(ADMINISTRATORS.match, addresses(tmp_path, "GET")):
        for one in (agent, lead):
            assert one.get(one_of(path)).status_code == 403, path


def test_programs_need_an_agents_token_and_nobody_elses(app: App, tmp_path: Path) -> None:
    customer, agent = app.visitor(), signed_in(app, name(), "admin")
    session = agent.http.cookies["sangdam_session"]
    tokens: tuple[str, ...] = ("", "Bearer", "Bearer sgd_x", f"Bearer {session}", "Basic YTpi")
    tokens += (customer.http.headers["Authorization"],)
    tried = 0
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        for path in addresses(tmp_path, method, "/api/"):
            for token in tokens:
                # A browser that is signed in to the console is no program.
                http = Browser(app).http if path.startswith("/api/files") else agent.http
                headers = {"Authorization": token} if token else {}
                answer = http.request(method, one_of(path), headers=headers)
                assert answer.status_code == 401, (method, path, token, answer.text)
                tried += 1
    assert tried > 250
    token = app.agent(name(), "admin").headers["Authorization"]
    for path in addresses(tmp_path, "GET", "/chat/"):
        assert customer.http.get(one_of(path), headers={"Authorization": token}).status_code == 401
