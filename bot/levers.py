"""What makes a Rasa server quick enough for one machine; each lever was measured.

Figures and reasons: docs/adr/0003-rasa-pipeline.md. Everything here is for Rasa 3.6.21, the last
open source release, so nothing can move underneath.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
import types
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

# Components that compute with TensorFlow; every other one only mentions it in passing.
NEEDS_TENSORFLOW = (
    "DIETClassifier",
    "ResponseSelector",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
    "ConveRTFeaturizer",
    "LanguageModelFeaturizer",
)


def components(model: Path) -> set[str]:
    """Class names of the components a trained model loads. Raises ``OSError`` without one."""
    with tarfile.open(model) as archive:
        member = archive.extractfile("metadata.json")
        if member is None:
            raise OSError(f"{model} is no Rasa model: it has no metadata.json")
        nodes = json.load(member)["predict_schema"]["nodes"]
    return {node["uses"].rsplit(".", 1)[-1] for node in nodes.values()}


class _Placeholder(type):
    """Stands for any name of TensorFlow's, as a base class, a type or a decorator."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder(name, (), {})


class _Stub(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Any, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] in ("tensorflow", "keras", "tensorflow_addons"):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Stub(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def leave_out_tensorflow() -> None:
    """Give Rasa empty modules in TensorFlow's place, before Rasa is imported.

    Rasa imports TensorFlow for its type annotations even where no component uses it: two
    seconds of start-up and 350 MB.
    """
    sys.meta_path.insert(0, _Finder())


def check_action_results_quickly() -> None:
    """Validate action results with one validator kept for good.

    ``jsonschema.validate`` checks the schema itself against its meta-schema on every action:
    more than half of a stock turn's CPU time.
    """
    from jsonschema import validators
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    validator = validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: Any) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def send_actions_what_they_read() -> None:
    """Call actions with the message and the responses, nothing else.

    Stock Rasa serialises the whole domain and every event of the conversation for each call.
    """
    from rasa import __version__
    from rasa.core.actions.action import RemoteAction

    def call(self: RemoteAction, tracker: Any, domain: Any) -> dict[str, Any]:
        message = tracker.latest_message
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": {
                "sender_id": tracker.sender_id,
                "slots": {},
                "latest_message": {
                    "text": message.text,
                    "intent": message.intent,
                    "entities": message.entities,
                    "metadata": message.metadata,
                },
                "events": [],
                "paused": False,
                "followup_action": None,
                "active_loop": {},
                "latest_action_name": tracker.latest_action_name,
            },
            "domain": {"responses": domain.responses},
            "version": __version__,
        }

    RemoteAction._action_call_format = call


def forgetful_tracker_store() -> Any:
    """A tracker store that keeps nothing.

    Every turn is one rule, and what was said before is in the database. A kept history makes
    the 380th turn of a conversation thirteen times as slow as the first, and grows for ever.
    """
    from rasa.core.tracker_store import TrackerStore
    from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
    from rasa.shared.core.events import ActionExecuted, SessionStarted
    from rasa.shared.core.trackers import DialogueStateTracker

    class ForgetfulTrackerStore(TrackerStore):
        async def create_tracker(
            self, sender_id: str, append_action_listen: bool = True
        ) -> DialogueStateTracker:
            # Begun already, so that Rasa does not run its session start on every turn.
            tracker = self.init_tracker(sender_id)
            tracker.update(ActionExecuted(ACTION_SESSION_START_NAME))
            tracker.update(SessionStarted())
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
            return tracker

        async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
            return None

        async def save(self, tracker: DialogueStateTracker) -> None:
            pass

    return ForgetfulTrackerStore(None)


def quick_lock_store() -> Any:
    """The in-memory lock store, looking every 20 ms instead of every second."""
    from rasa.core.lock import TicketLock
    from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore

    class QuickLockStore(InMemoryLockStore):
        @asynccontextmanager
        async def lock(
            self,
            conversation_id: str,
            lock_lifetime: float = LOCK_LIFETIME,
            wait_time_in_seconds: float = 0.02,
        ) -> AsyncGenerator[TicketLock, None]:
            async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as lock:
                yield lock

    return QuickLockStore()


def action_endpoint(url: str, *, timeout_s: float) -> Any:
    """The action server at ``url``; a call that takes longer than ``timeout_s`` fails.

    Stock Rasa waits five minutes, long after the gateway gave the customer another answer.
    """
    from aiohttp import ClientTimeout
    from rasa.utils.endpoints import EndpointConfig

    class ActionEndpoint(EndpointConfig):
        async def request(self, *args: Any, **kwargs: Any) -> Any | None:
            kwargs["timeout"] = ClientTimeout(total=timeout_s)
            return await super().request(*args, **kwargs)

    return ActionEndpoint(url)
