"""The gateway's composition root: every part is built here, once, and wired together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI

from connectors import customer_batches, desk, erasing, purging, webhook
from connectors.bot import turns
from connectors.channel import Channel
from connectors.delivery import DELIVER, deliveries
from connectors.desk import dead, leaving, planning, surveying, timers, waiting
from connectors.kakao.skill import Kakao
from connectors.live import Hub
from connectors.mail.codes import Codes
from connectors.rasa import Rasa
from connectors.settings import Settings, secret_key
from connectors.slack import routes as slack_routes
from connectors.slack.app import SlackDesk
from connectors.store import Store
from connectors.telegram.app import TelegramChannel
from connectors.web import (
    accesses,
    api,
    chat,
    console,
    downloads,
    erasure_api,
    files,
    health,
    help,
    kb_api,
    linking,
    orders_api,
    pages,
    problems,
    record_api,
    reference,
    ticket_api,
)
from connectors.web.gateway import Gateway
from connectors.web.knowledge import Knowledge
from connectors.web.limits import BodyLimit
from connectors.webhook import Webhook
from connectors.worker import Handler, Worker
from ticketing import readers


def build(settings: Settings, *, database_url: str) -> FastAPI:
    """The gateway as an ASGI application; its worker runs while the application does."""
    channel = settings.slack_channel if settings.slack() else ""
    mail = bool(settings.smtp_url)
    hub = Hub(database_url)
    store = Store(database_url, hub, queue=channel, mail=mail)
    rasa = Rasa(settings.rasa_url)
    knowledge = Knowledge(store.sessions, model=settings.embedding_model)
    slack = SlackDesk(settings, store, knowledge) if settings.slack() else None
    public_url = settings.public_url.rstrip("/")
    telegram = TelegramChannel(settings, store) if settings.telegram_bot_token else None
    channels: dict[str, Channel] = {}
    if telegram is not None:
        channels["telegram"] = telegram.channel
    bridge = None
    if settings.webhook_url:
        bridge = Webhook(store, url=settings.webhook_url, secret=settings.webhook_secret)
        channels[webhook.CHANNEL] = bridge
    handlers: dict[str, Handler] = {
        "turn": turns(store, hub, rasa),
        DELIVER: deliveries(store, channels, public_url=public_url),
        **customer_batches.handlers(store),
        **dead.handlers(),
        **erasing.handlers(store),
        **leaving.handlers(),
        **planning.handlers(),
        **purging.handlers(store),
        **surveying.handlers(),
        **waiting.handlers(store, knowledge),
        **timers.handlers(store, slack.presence if slack else None),
    }
    if slack is not None:
        handlers |= slack.handlers()
    if mail:
        handlers |= Codes(store, url=settings.smtp_url, sender=settings.smtp_from).handlers()
    kakao = None
    if settings.kakao_secret:
        kakao = Kakao(
            store,
            hub,
            secret=settings.kakao_secret,
            public_url=public_url,
            production=settings.production,
        )
        handlers |= kakao.handlers()
    if telegram is not None:
        handlers |= telegram.handlers()
    worker = Worker(store, handlers, on_dead=dead.give_up, sweeps=[surveying.sweep, purging.sweep])
    continues = {"web": f"{public_url}/?continue="}
    here = Gateway(
        settings=settings,
        store=store,
        hub=hub,
        rasa=rasa,
        knowledge=knowledge,
        secret=secret_key(settings).encode(),
        public_url=public_url,
        worker_runs=lambda: worker.running,
        continues=continues,
        receiving=store.accepting(
            partial(desk.receive_words, allowed=settings.messages_per_minute),
            worker.beginning(partial(desk.receive_together, allowed=settings.messages_per_minute)),
        ),
        streaming=store.looking(readers.visible, readers.visible_to_each),
    )

    @contextlib.asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        hub.attach()
        tasks = [asyncio.create_task(hub.run()), asyncio.create_task(worker.run())]
        if slack is not None:
            await slack.start()
        if telegram is not None:
            await telegram.start(continues)
        try:
            yield
        finally:
            hub.close()
            if slack is not None:
                await slack.stop()
            if telegram is not None:
                await telegram.stop()
            await worker.stop(grace_s=4.0)
            if slack is not None:
                await slack.close()
            if telegram is not None:
                await telegram.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await rasa.close()
            if kakao is not None:
                await kakao.close()
            if bridge is not None:
                await bridge.close()
            here.knowledge.close()
            store.close()

    app = FastAPI(
        title="Sangdam",
        version=version("sangdam"),
        summary="Customer service: a bot that answers, people who take over, one history.",
        lifespan=running,
        docs_url=None,  # ours: connectors/web/reference.py
        redoc_url=None,
        responses=problems.DOCUMENTED,
    )
    app.state.gateway = here
    problems.install(app)
    app.add_middleware(BodyLimit)
    if settings.origins():
        app.add_middleware(
            problems.Origins,
            allow_origins=list(settings.origins()),
            allow_methods=["GET", "POST"],
            allow_headers=[
                "Authorization",
                "Client-Id",
                "Content-Type",
                "File-Name",
                "Last-Event-ID",
            ],
            expose_headers=["Retry-After"],
            max_age=600,
        )
    # The routes are tried one after the other: first what customers use and platforms call.
    routers = [chat.router, files.router]
    if slack is not None:
        routers.append(
            slack_routes.router(slack.bolt, signing_secret=settings.slack_signing_secret)
        )
    if kakao is not None:
        routers.append(kakao.router())
    if telegram is not None:
        routers.append(telegram.router())
    if bridge is not None:
        routers.append(bridge.router())
    parts = (
        api,
        record_api,
        erasure_api,
        downloads,
        accesses,
        ticket_api,
        orders_api,
        linking,
        kb_api,
        health,
        pages,
        reference,
        help,
        console,
    )
    for router in (*routers, *(part.router for part in parts)):
        app.include_router(router)
    return app
