"""Files as Slack keeps them: private ones behind the token, uploads in three steps.

``FakeSlack`` answers the ``files.*`` methods from here and serves the routes. What Slack does that
hurts is here, too: a login page instead of a file, redirects, a share that comes late.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from aiohttp import web

from tests.fakes.slack_payloads import BOT_TOKEN, BOT_USER, Json

LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>"


class NoSuchFile(Exception):
    """``file_not_found``."""


@dataclasses.dataclass
class Stored:
    """A file; ``shares`` are the channels it is visible in."""

    id: str
    name: str
    content: bytes = b""
    length: int = 0
    shares: list[str] = dataclasses.field(default_factory=list)
    title: str = ""


class SlackFiles:
    """The files of one workspace; ``asked`` are the requests for private ones, with their token."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.uploads: list[tuple[str, str | None]] = []
        # How the next downloads and uploads go wrong: "login", "redirect:ADDRESS", "500", "cut".
        self.faults: list[str] = []
        self.base = ""

    def routes(self, app: web.Application) -> None:
        """Serve the files."""
        app.router.add_get("/files-pri/{id}/{name}", self._private)
        app.router.add_post("/upload/v1/{id}", self._upload)

    def add(self, name: str, content: bytes, *, mimetype: str = "image/png", **more: Any) -> Json:
        """A file that a person put into the workspace, as events name it."""
        number = f"F{len(self.stored):08d}"
        self.stored[number] = Stored(number, name, content, len(content))
        address = f"{self.base}/files-pri/{number}/file"
        return {
            "id": number,
            "name": name,
            "title": name,
            "mimetype": mimetype,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "url_private": address,
            "url_private_download": address,
            **more,
        }

    def call(self, method: str, sent: Json) -> Json:
        """``files.getUploadURLExternal`` and ``files.info``; sharing writes a message."""
        if method == "files.getUploadURLExternal":
            number = f"F{len(self.stored):08d}"
            self.stored[number] = Stored(number, sent["filename"], length=int(sent["length"]))
            return {"upload_url": f"{self.base}/upload/v1/{number}", "file_id": number}
        found = self._known(sent["file"])
        if not found.title:
            raise NoSuchFile  # until it is completed, nobody knows it
        return {"file": {"id": found.id, "name": found.name, "shares": self._shares(found)}}

    def complete(self, sent: Json) -> Json | None:
        """``files.completeUploadExternal``: what the message looks like; ``None``: it is there."""
        wanted = sent["files"]
        (entry,) = json.loads(wanted) if isinstance(wanted, str) else wanted
        found = self._known(entry["id"])
        if len(found.content) != found.length:
            raise NoSuchFile
        if found.shares:
            return None
        found.title = entry.get("title") or found.name
        found.shares.append(sent["channel_id"])
        return {
            "type": "message",
            "subtype": "file_share",
            "user": BOT_USER,
            "bot_id": "B0SANGDAM",
            "text": sent.get("initial_comment", ""),
            "thread_ts": sent["thread_ts"],
            "blocks": [],
            "files": [{"id": found.id, "name": found.name, "title": found.title}],
        }

    def _known(self, number: str) -> Stored:
        if number not in self.stored:
            raise NoSuchFile
        return self.stored[number]

    def _shares(self, found: Stored) -> Json:
        return {"private": {channel: [{"ts": "1.1"}] for channel in found.shares}}

    async def _private(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization")
        self.asked.append((request.path, token))
        fault = self.faults.pop(0) if self.faults else ""
        if fault.startswith("redirect:"):
            return web.Response(status=302, headers={"Location": fault.partition(":")[2]})
        if fault == "500":
            return web.Response(status=500, text="oops")
        if fault == "login" or token != f"Bearer {BOT_TOKEN}":
            return web.Response(text=LOGIN, content_type="text/html")
        found = self.stored.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404, text=LOGIN, content_type="text/html")
        return web.Response(body=found.content, content_type="application/octet-stream")

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploads.append((request.path, request.headers.get("Authorization")))
        content = await request.read()
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "500":
            return web.Response(status=500, text="oops")
        found = self.stored[request.match_info["id"]]
        found.content = content
        return web.Response(text=f"OK - {len(content)}")
