"""Where the bot token goes with a file's address, and what is taken for a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from connectors.channel import DeliveryFailed
from connectors.slack.files import HOST, Files, NotPassed, host_of, listed
from tests import files
from tests.fakes.rasa import Running
from tests.fakes.slack_files import SlackFiles
from tests.fakes.slack_payloads import BOT_TOKEN
from ticketing import attachments


class Served(SlackFiles):
    """A file host that listens."""

    def __init__(self) -> None:
        super().__init__()
        app = web.Application()
        self.routes(app)
        self.server = Running(app)
        self.base = self.server.url

    def files(self) -> Files:
        """Ours, for the workspace that this host belongs to."""
        return Files(token=BOT_TOKEN, api_url=f"{self.base}/api/")


@pytest.fixture
def host() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.stop()


@pytest.fixture
def evil() -> Iterator[Served]:
    """Another host, which has everything and keeps what it hears."""
    made = Served()
    yield made
    made.server.stop()


def download(host: Served, address: str) -> bytes:
    return asyncio.run(host.files().download(address))


def test_a_file_is_downloaded_with_the_token(host: Served) -> None:
    picture = files.png()
    file = host.add("a.png", picture)
    assert download(host, file["url_private"]) == picture
    assert [token for _, token in host.asked] == [f"Bearer {BOT_TOKEN}"]


def test_s17_no_token_for_another_host(host: Served, evil: Served) -> None:
    port = evil.base.rpartition(":")[2]
    stolen = evil.add("a.png", files.png())["url_private"]
    own = host.base.removeprefix("http://")
    for address in (
        stolen,
        stolen.replace("127.0.0.1", "localhost"),
        f"http://{own}@127.0.0.1:{port}/files-pri/F1/a",
        f"http://{own}\\@127.0.0.1:{port}/files-pri/F1/a",
        f"http://user@{own}/files-pri/F1/a",
        host.base.replace("http", "https") + "/files-pri/F1/a",
        f"//{own}/files-pri/F1/a",
        "file:///etc/passwd",
        "/files-pri/F1/a",
        "http://[",
        "",
    ):
        with pytest.raises(NotPassed, match="elsewhere"):
            download(host, address)
    assert host.asked == evil.asked == []


def test_s17_no_redirect_takes_the_token_along(host: Served, evil: Served) -> None:
    file = host.add("a.png", files.png())["url_private"]
    host.faults = [f"redirect:{evil.base}/files-pri/F00000000/a"]
    with pytest.raises(NotPassed, match="elsewhere"):
        download(host, file)
    assert evil.asked == []
    host.faults = ["redirect:/files-pri/F00000000/elsewhere"]
    assert download(host, file) == files.png()
    host.faults = [f"redirect:{file}"] * 9
    with pytest.raises(NotPassed, match="not_fetched"):
        download(host, file)
    assert len(host.faults) == 5
    host.faults = ["redirect:"]
    assert download(host, file) == files.png(), "to itself"


def test_a_login_page_is_no_file(host: Served) -> None:
    file = host.add("page.txt", files.HTML)["url_private"]
    host.faults = ["login"]
    with pytest.raises(NotPassed, match="not_fetched"):
        download(host, file)


def test_what_is_too_large_is_cut_off(host: Served) -> None:
    file = host.add("a.txt", b"a" * (attachments.LIMIT + 1))["url_private"]
    with pytest.raises(NotPassed, match="too_large"):
        download(host, file)


def test_trouble_is_tried_again_and_then_given_up(host: Served) -> None:
    kept = listed([host.add("a.png", files.png()), host.add("b.svg", files.SVG)])
    host.faults = ["500"]
    with pytest.raises(DeliveryFailed):
        asyncio.run(host.files().fetch(kept, patient=True))
    host.faults = ["500"]
    fetched = asyncio.run(host.files().fetch(kept, patient=False))
    assert fetched.failed == [("a.png", "not_fetched"), ("b.svg", "not_accepted")]
    fetched = asyncio.run(host.files().fetch(kept, patient=False))
    assert [file.name for file in fetched.files] == ["a.png"]


def test_an_upload_needs_no_token_and_no_other_host(host: Served, evil: Served) -> None:
    answer = host.call("files.getUploadURLExternal", {"filename": "a", "length": 3})
    asyncio.run(host.files().upload(answer["upload_url"], b"abc"))
    assert host.stored[answer["file_id"]].content == b"abc"
    assert [token for _, token in host.uploads] == [None]
    with pytest.raises(DeliveryFailed):
        asyncio.run(host.files().upload(f"{evil.base}/upload/v1/F00000000", b"abc"))
    assert evil.uploads == []


@pytest.mark.parametrize("api", ["https://slack.com/api/", "https://example.slack.com/api/"])
def test_s17_slacks_files_are_on_one_host(api: str) -> None:
    assert host_of(api) == HOST


@pytest.mark.parametrize("api", ["https://evilslack.com/api/", "https://slack.com.evil/api/"])
def test_s17_a_name_like_slacks_is_not_slack(api: str) -> None:
    assert host_of(api) != HOST


def test_of_a_file_little_is_kept() -> None:
    odd: list[Any] = [
        5,
        None,
        {},
        {"id": "../F1", "url_private": "https://files.slack.com/x"},
        {"id": "F1", "name": "\x00\ud800../x\u202e.png", "size": -1, "url_private": 7},
        {
            "id": "F2",
            "name": "a" * 500,
            "size": True,
            "mimetype": {},
            "thumb": "x",
            "url_private": "u",
        },
        {"id": "F3", "url_private": "u", "url_private_download": "d", "title": "제목"},
    ]
    kept = listed(odd)
    assert [file["url"] for file in kept] == ["", "", "", "u", "d"]
    assert all(set(file) == {"id", "name", "type", "size", "url"} for file in kept)
    assert kept[2]["name"] == "x .png" and kept[4]["name"] == "제목"
    assert [file["size"] for file in kept] == [0, 0, 0, 1, 0]
    six = listed([{"id": f"F{n}", "url_private": "u"} for n in range(60)])
    assert [file["url"] for file in six] == ["u"] * 5 + [""] * 5
    assert listed(None) == listed(3) == []
