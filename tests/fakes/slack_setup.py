"""The fake workspace as an installer meets it: granted scopes, channels, tokens of other kinds."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.slack import FakeSlack, Refused
from tests.fakes.slack_payloads import QUEUE, TEAM, Json

EVERYTHING = (
    "channels:history,channels:read,chat:write,commands,files:read,files:write,groups:history,"
    "groups:read,metadata.message:read,reactions:write,users:read"
)


class FakeWorkspace(FakeSlack):
    """``scopes`` is what the app was granted, ``channels`` what ``conversations.info`` knows."""

    def __init__(self) -> None:
        self.scopes: str | None = EVERYTHING
        self.bot = True
        self.channels: dict[str, Json] = {}
        self.channel()
        super().__init__()

    def channel(self, **more: object) -> None:
        """The queue channel, as the bot may see it."""
        self.channels[QUEUE] = {
            "id": QUEUE,
            "name": "tickets",
            "is_channel": True,
            "is_private": True,
            "is_archived": False,
            "is_member": True,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "context_team_id": TEAM,
            **more,
        }

    async def _api(self, request: web.Request) -> web.StreamResponse:
        answer = await super()._api(request)
        if self.scopes is not None:
            answer.headers["X-OAuth-Scopes"] = self.scopes
        return answer

    def _do(self, method: str, sent: Json) -> Json:
        if method == "conversations.info":
            needed = {"channels:read", "groups:read"}
            if self.scopes is not None and not needed & set(self.scopes.split(",")):
                raise Refused("missing_scope")
            if sent["channel"] not in self.channels:
                raise Refused("channel_not_found")
            return {"channel": self.channels[sent["channel"]]}
        answer = super()._do(method, sent)
        if method == "auth.test" and not self.bot:
            del answer["bot_id"]
        return answer
