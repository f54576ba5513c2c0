"""Why work was given up, in words of people: what happened, and what there is to do. Pure.

What the error itself said stays beside it, for whoever mends the cause.
"""

from __future__ import annotations

import re

from connectors.cause_words import WORDS

# What Slack answers, in its own words, by what has to be done.
_SLACK = {
    "slack_channel": {"channel_not_found", "not_in_channel", "is_archived"},
    "slack_token": {
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
        *("team_access_not_granted", "org_login_required", "access_denied"),
    },
    "slack_scope": {"missing_scope", "no_permission", "not_allowed_token_type"},
    "slack_gone": {"message_not_found", "thread_not_found", "cant_update_message"},
    "slack_long": {"msg_too_long", "msg_blocks_too_long", "too_many_attachments"},
}
# In the order in which they are tried; each against "Class: what it said".
_PATTERNS = [
    (key, re.compile(pattern))
    for key, pattern in (
        ("slack_closed", r"SlackSaysNo: \S+: restricted_action"),
        ("slack_other", r"SlackSaysNo: "),
        ("tg_blocked", r"TelegramSaysNo: \w+: .*(?i:blocked by the user|user is deactivated)"),
        ("tg_chat", r"TelegramSaysNo: \w+: .*(?i:chat not found|kicked|not a member)"),
        ("tg_other", r"TelegramSaysNo: "),
        ("tg_token", r"BadToken: "),
        ("slack_away", r"\w+: (?:response_url|a file (?:of|for) Slack|[a-z]+(?:\.\w+)+): "),
        ("bridge", r"DeliveryFailed: the bridge"),
        ("mail", r"DeliveryFailed: .*mail server"),
        ("tg_away", r"\w+: (?:send|edit|delete|get)[A-Z]\w*: "),
        ("rasa", r"RasaFailed: "),
        ("ended", r"DeliveryFailed: \d+ workers ended"),
        ("unknown_work", r"DeliveryFailed: nothing here handles"),
        ("refused", r"(?:Conflict|Refused|NotFound|Invalid): "),
        ("database", r"(?:\w*DatabaseError|OperationalError|DBAPIError|InterfaceError): "),
        ("delivery", r"DeliveryFailed: "),
    )
]
_CODE = re.compile(r"SlackSaysNo: \S+: (\w+)")


def cause(error: str) -> str:
    """Which of :data:`connectors.cause_words.WORDS` this error of a job is."""
    found = _CODE.match(error)
    if found is not None:
        for key, codes in _SLACK.items():
            if found[1] in codes:
                return key
    return next((key for key, pattern in _PATTERNS if pattern.match(error)), "inside")


def what(error: str, lang: str) -> str:
    """What happened; with Slack's own word for it, which its pages explain."""
    korean, english, _, _ = WORDS[cause(error)]
    return f"{korean if lang == 'ko' else english}{word(error)}"


def remedy(error: str, lang: str) -> str:
    """What there is to do about it."""
    _, _, korean, english = WORDS[cause(error)]
    return korean if lang == "ko" else english


def word(error: str) -> str:
    """Slack's word for it, as it follows ours; empty where there is none."""
    found = _CODE.match(error)
    return f" ({found[1]})" if found else ""
