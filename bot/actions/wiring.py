"""Composition root of the action server: settings, database, index and actions put together."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.actions import turn as turns
from bot.actions.again import not_again
from bot.actions.answer import answer
from bot.actions.choose import choose_article
from bot.actions.feedback import helpful, not_helpful
from bot.actions.hand_off import hand_off
from bot.actions.reply import Reply
from bot.actions.small_talk import small_talk
from bot.actions.ticket_status import ticket_status
from bot.actions.turn import Turn
from knowledge_base.embedding import open_encoder
from knowledge_base.search import Index
from ticketing.db import Sessions, connect, session_factory

log = logging.getLogger(__name__)

Decide = Callable[[Turn], Reply | list[Reply]]
Run = Callable[[CollectingDispatcher, Tracker, Mapping[str, Any]], Awaitable[list[dict[str, Any]]]]

# Searching is CPU work under one interpreter lock; the threads are there for the waits on the
# database, and so that the event loop never waits.
THREADS = 4

ACTIONS: Mapping[str, Decide] = {
    "action_answer": answer,
    "action_choose_article": choose_article,
    "action_hand_off": hand_off,
    "action_ticket_status": ticket_status,
    "action_helpful": helpful,
    "action_not_helpful": not_helpful,
    "action_small_talk": small_talk,
}


class NotConfigured(Exception):
    """A setting is missing; the message names it."""


def from_environment() -> tuple[ActionExecutor, Index]:
    """The actions and their index, not warmed yet. Raises :class:`NotConfigured`."""
    url = os.environ.get("SANGDAM_DATABASE_URL", "")
    if not url:
        raise NotConfigured(
            "SANGDAM_DATABASE_URL is missing: the action server needs the product's database"
        )
    sessions = session_factory(connect(url, pool_size=THREADS))
    index = Index(sessions, open_encoder(os.environ.get("SANGDAM_EMBEDDING_MODEL") or None))
    name, english = os.environ.get("SANGDAM_NAME", ""), os.environ.get("SANGDAM_NAME_EN", "")
    names = {"ko": name or english, "en": english or name}
    return executor(index=index, sessions=sessions, names=names), index


def executor(
    *, index: Index, sessions: Sessions, names: Mapping[str, str] = MappingProxyType({})
) -> ActionExecutor:
    """All actions, registered with rasa-sdk; ``names`` are the shop's, by language."""
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="action")
    actions = ActionExecutor()
    for name, decide in ACTIONS.items():
        actions.register_function(
            name,
            _action(name, decide, index=index, sessions=sessions, names=names, threads=threads),
        )
    return actions


def _action(
    name: str,
    decide: Decide,
    *,
    index: Index,
    sessions: Sessions,
    names: Mapping[str, str],
    threads: ThreadPoolExecutor,
) -> Run:
    async def run(
        dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        turn = turns.read(
            sender=tracker.sender_id,
            message=tracker.latest_message,
            responses=domain.get("responses") or {},
            names=names,
            index=index,
            sessions=sessions,
        )
        try:
            decided = await asyncio.get_running_loop().run_in_executor(
                threads, _decide, decide, turn
            )
        except Exception as error:
            # No answer makes Rasa silent, and silence is an escalation at the gateway. The
            # message of a foreign exception may quote the customer, so only its place is logged.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s failed: %s\n%s", name, type(error).__name__, place)
            return []
        for reply in decided if isinstance(decided, list) else [decided]:
            dispatcher.utter_message(json_message=dict(reply))
        return []

    return run


def _decide(decide: Decide, turn: Turn) -> Reply | list[Reply]:
    return not_again(turn, decide(turn))
