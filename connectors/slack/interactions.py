"""What people press, choose and fill in, read. Pure: a body in, a job for a lane out.

As in :mod:`connectors.slack.inbound`: what is not on the list here is ignored with a reason, and
a job keeps only what the desk needs.
"""

from __future__ import annotations

import json
import re
from typing import Any

from connectors.slack.blocks import ACTIONS, EDIT_ARTICLE, LINK, OPENS, SEND_ARTICLE
from connectors.slack.inbound import (
    TEXT_LIMIT,
    Accepted,
    Ignored,
    Unreadable,
    clean,
    identifier,
    mine,
    nested,
    timestamp,
    word,
)
from connectors.slack.mrkdwn import pictured, readable

# Slash commands that are ours.
COMMANDS = ("ticket", "reply", "note", "macro")
# Modals and shortcuts that are ours, by their callback_id; each is written and read in one module.
PLAN = "plan"
DRAFT = "kb_draft"
OPEN = "open_ticket"
ARTICLE = "article"
MACRO = "macro"
MODALS = {PLAN, DRAFT, OPEN, ARTICLE, MACRO}
SHORTCUTS = {DRAFT, OPEN}
ARTICLES = {*SEND_ARTICLE, *EDIT_ARTICLE}


def press(body: dict[str, Any]) -> Accepted | Ignored:
    """A pressed button, or a choice in a list."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    name = action.get("action_id") if isinstance(action, dict) else None
    if name == LINK:
        return Ignored("a link that was opened")
    if not isinstance(action, dict) or name not in {*ACTIONS, *ARTICLES}:
        return Ignored("a press of something else than our buttons")
    container, message = nested(body, "container"), nested(body, "message")
    try:
        user = identifier(nested(body, "user").get("id"), "user")
        at = word(action.get("action_ts") or body.get("trigger_id"))
        payload: dict[str, Any] = {
            "what": "press",
            "user": user,
            "action": name,
            "value": word(
                action.get("value") or nested(action, "selected_option").get("value") or "", 200
            ),
            "trigger": word(body.get("trigger_id"), 200),
        }
        if container.get("type") == "view":
            payload["what"] = "home_press"
            return Accepted(lane=mine(user), dedup=f"press:{user}:{name}:{at}", payload=payload)
        channel = identifier(
            nested(body, "channel").get("id") or container.get("channel_id"), "channel"
        )
        shown = timestamp(container.get("message_ts") or message.get("ts"), "ts")
        root = container.get("thread_ts") or message.get("thread_ts")
        thread = shown if root is None else timestamp(root, "thread_ts")
    except Unreadable as error:
        return Ignored(f"a press with an unreadable {error}")
    payload |= {"channel": channel, "thread": thread, "ts": shown}
    if name in ARTICLES:
        payload |= {"what": "suggestion", "in_thread": True}
    return Accepted(
        # What opens a modal is worth nothing a moment later: it waits for nothing else.
        lane=mine(user) if name in {*OPENS, *EDIT_ARTICLE} else f"slack:{channel}:{thread}",
        dedup=f"press:{channel}:{shown}:{user}:{name}:{at}",
        payload=payload,
    )


def command(body: dict[str, Any]) -> Accepted | Ignored:
    """A slash command."""
    name = str(body.get("command") or "").removeprefix("/")
    if name not in COMMANDS:
        return Ignored("a command that is not ours")
    try:
        user = identifier(body.get("user_id"), "user")
        payload = {
            "what": "command",
            "user": user,
            "command": name,
            # As in messages: escaped, emoji as names.
            "text": readable(clean(body.get("text")))[:TEXT_LIMIT].strip(),
            "response": address(body.get("response_url")),
        }
        trigger = word(body["trigger_id"], 200) if body.get("trigger_id") else None
        if trigger is None:
            raise Unreadable("trigger_id")
    except Unreadable as error:
        return Ignored(f"a command with an unreadable {error}")
    if name == MACRO:  # which opens a form
        payload |= {"what": MACRO, "trigger": trigger}
    return Accepted(lane=mine(user), dedup=f"command:{user}:{trigger}", payload=payload)


def submission(body: dict[str, Any]) -> Accepted | Ignored:
    """A modal that was filled in and sent. What it is about stands in its private_metadata."""
    view = nested(body, "view")
    name = view.get("callback_id")
    if name not in MODALS:
        return Ignored("a modal that is not ours")
    try:
        user = identifier(nested(body, "user").get("id"), "user")
        shown = identifier(view.get("id"), "view")
        about = json.loads(view.get("private_metadata") or "{}")
        if not isinstance(about, dict):
            raise Unreadable("private_metadata")
    except (Unreadable, ValueError) as error:
        return Ignored(f"a modal with an unreadable {error}")
    channel, thread = about.get("channel"), about.get("thread")
    return Accepted(
        lane=f"slack:{channel}:{thread}" if channel and thread else mine(user),
        dedup=f"submit:{shown}",
        payload={
            **about,
            "what": f"submit:{name}",
            "user": user,
            "values": values(view),
        },
    )


def shortcut(body: dict[str, Any], *, queue: str) -> Accepted | Ignored:
    """A shortcut chosen in a message's menu, by anybody in any channel.

    ``response`` is where to answer outside of ``queue``, where our bot may be no member.
    """
    name = body.get("callback_id")
    if body.get("type") != "message_action" or name not in SHORTCUTS:
        return Ignored("a shortcut that is not ours")
    message = nested(body, "message")
    try:
        user = identifier(nested(body, "user").get("id"), "user")
        channel = identifier(nested(body, "channel").get("id"), "channel")
        ts = timestamp(message.get("ts") or body.get("message_ts"), "ts")
        root = message.get("thread_ts")
        thread = ts if root is None else timestamp(root, "thread_ts")
        response = "" if channel == queue else address(body.get("response_url"))
    except Unreadable as error:
        return Ignored(f"a shortcut with an unreadable {error}")
    trigger = word(body.get("trigger_id"), 200)
    title, text = _words(message)
    return Accepted(
        lane=mine(user),
        dedup=f"shortcut:{user}:{name}:{trigger}",
        payload={
            "what": name,
            "user": user,
            "channel": channel,
            "thread": thread,
            "ts": ts,
            "in_thread": thread != ts,
            "trigger": trigger,
            "title": title[:TEXT_LIMIT],
            "text": text[:TEXT_LIMIT],
            "response": response,
        },
    )


def _words(message: dict[str, Any]) -> tuple[str, str]:
    """Who speaks, by the line above, and what is said, of a message of ours; of others the text."""
    if not message.get("bot_id"):
        return "", clean(message.get("text"))
    shown = message.get("blocks")
    blocks = [one for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
    above = [block.get("elements") for block in blocks if block.get("type") == "context"]
    titles = [element for one in above if isinstance(one, list) for element in one[:1]]
    said = [nested(block, "text") for block in blocks if block.get("type") == "section"]
    title = titles[0].get("text") if titles and isinstance(titles[0], dict) else ""
    return clean(title), "".join(clean(text.get("text")) for text in said)


def values(view: dict[str, Any]) -> dict[str, Any]:
    """What was filled in, by the ``action_id`` of each input: text, a choice, or an instant."""
    found: dict[str, Any] = {}
    for block in nested(nested(view, "state"), "values").values():
        for name, state in block.items() if isinstance(block, dict) else ():
            if not isinstance(state, dict):
                continue
            chosen = nested(state, "selected_option").get("value")
            value = state.get("value") or chosen or state.get("selected_date_time")
            if state.get("type") == "plain_text_input" and isinstance(value, str):
                value = pictured(value)  # Slack's own picker writes names
            found[name] = clean(value)[:TEXT_LIMIT] if isinstance(value, str) else value
    return found


def address(value: object) -> str:
    """A ``response_url``; whether it is Slack's is looked at when something is sent there."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://[!-~]{1,500}", value):
        raise Unreadable("response_url")
    return value
