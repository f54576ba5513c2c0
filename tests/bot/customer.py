"""A customer who talks to the actions, for tests."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from rasa_sdk.executor import ActionExecutor

from tests.bot.rasa_project import load
from ticketing import conversations, customers, history, lanes
from ticketing.db import Sessions

Reply = dict[str, Any]


class Customer:
    """A conversation with the actions; history is written as the desk writes it."""

    def __init__(self, sessions: Sessions, actions: ActionExecutor) -> None:
        self.sessions = sessions
        self.actions = actions
        self.responses = load("domain.yml")["responses"]
        with sessions.begin() as session:
            _, customer = customers.start_session(session)
            self.id: uuid.UUID = customer.id
            lanes.lock(session, customers.lane(self.id))
            made = conversations.current(session, customer_id=self.id)
            self.conversation_id: int = made.id

    def call(
        self,
        action: str,
        text: str,
        *,
        intent: str = "",
        confidence: float = 0.9,
        article: str | None = None,
        locale: str = "ko",
        sender: str | None = None,
    ) -> list[Reply]:
        """What Rasa would get from the action server."""
        entities = [] if article is None else [{"entity": "article", "value": article}]
        result = asyncio.run(
            self.actions.run(
                {
                    "next_action": action,
                    "sender_id": sender or str(self.conversation_id),
                    "tracker": {
                        "sender_id": sender or str(self.conversation_id),
                        "latest_message": {
                            "text": text,
                            "intent": {"name": intent, "confidence": confidence},
                            "entities": entities,
                            "metadata": {"locale": locale},
                        },
                    },
                    "domain": {"responses": self.responses},
                }
            )
        )
        assert result is not None
        assert result.events == []
        return [response["custom"] for response in result.responses]

    def says(self, action: str, text: str, **more: Any) -> Reply:
        """One turn: the customer's line, the action, the bot's line."""
        (reply,) = self.call(action, text, **more)
        with self.sessions.begin() as session:
            lanes.lock(session, customers.lane(self.id))
            common: dict[str, Any] = {
                "conversation_id": self.conversation_id,
                "customer_id": self.id,
            }
            kind = "button" if text.startswith("/") else "text"
            history.record(session, author="customer", kind=kind, text=text, **common)
            history.record(
                session,
                author="bot",
                kind=reply["kind"],
                text=reply["text"],
                buttons=reply["buttons"],
                article=reply["article"],
                meta={
                    "question": reply["question"] or text,
                    "tried": reply["tried"],
                    "rejected": reply["vote"] == "down",
                },
                **common,
            )
        return reply


def payloads(reply: Reply) -> list[str]:
    return [button["payload"] for button in reply["buttons"]]
