"""What an administrator sees who has just installed it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from knowledge_base import articles, batches, importing, reading
from tests.conftest import fresh_database
from tests.connectors.browser import Browser, enter, name, signed_in, waiting
from tests.connectors.conftest import App, running
from tests.pages import OUTPUT, Window


@pytest.fixture
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A shop where nobody has asked anything yet."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway"), name_en="Bada") as made,
    ):
        yield made


def done(admin: Browser) -> list[bool]:
    """Which steps are."""
    listed = admin.parts("/console")["inbox"].split("<li")[1:]
    return [one.startswith(' class="done"') for one in listed]


def test_the_first_steps_are_there_until_the_first_ticket(app: App) -> None:
    row = reading.Row("1", {"id": "sample", "locale": "ko", "title": "예시", "body": "예시"})
    with app.sessions.begin() as session:
        brought = importing.import_rows(session, [row], author="a", source=batches.SAMPLE).batch
    admin = signed_in(app, name(), role="admin")
    articles_, name_, chat, people, slack = done(admin)
    assert (articles_, name_, chat, people, slack) == (False, True, False, False, False)
    page = admin.parts("/console")["inbox"]
    assert f"&lt;script src=&#34;{app.url}/widget.js&#34; async&gt;&lt;/script&gt;" in page
    assert 'href="/console/articles"' in page and 'href="/console/agents"' in page
    assert "시작하기" not in admin.parts("/console?view=mine")["inbox"]

    with app.sessions.begin() as session:
        assert brought is not None
        batches.undo(session, brought, author="a")
    assert done(admin)[0] is False, "there is nothing yet"
    with app.sessions.begin() as session:
        articles.create(session, id="own", locale="ko", title="우리 글", body="글", author="a")
        articles.publish(session, id="own", locale="ko", author="a")
    agent = signed_in(app, name())
    assert done(admin) == [True, True, False, True, False]
    assert "시작하기" not in agent.parts("/console")["inbox"], "others have nothing to set up"

    app.rasa.mode = "hand_off"
    _, code = waiting(app)
    assert "시작하기" not in admin.parts("/console")["inbox"]
    assert agent.post(f"/console/tickets/{code}/claim").status_code == 303
    assert "기다리는 고객이 없어요" in admin.parts("/console")["inbox"], "work has begun"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_line_for_ones_pages_is_copied(app: App, window: Window, width: int) -> None:
    page = window(width, 800)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(app, page, "admin")
    expect(page.locator("#begin")).to_have_text("시작하기")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"first-steps-{width}.png")
    page.get_by_role("button", name="복사").click()
    expect(page.locator("body")).to_contain_text("복사했어요")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f'<script src="{app.url}/widget.js" async></script>'
