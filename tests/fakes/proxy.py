"""A network that can be cut and stalled: a TCP proxy in front of PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from sqlalchemy.engine import make_url


class Proxy:
    """Passes bytes between those who connect to ``port`` and the server at ``database_url``.

    :meth:`cut` breaks every connection and takes no new one, :meth:`stall` lets them stand without
    a byte passing, :meth:`heal` ends both.
    """

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        self._socket = url.query.get("host")
        self._address = (url.host or "127.0.0.1", url.port or 5432)
        self._file = f"{self._socket}/.s.PGSQL.{url.port or 5432}" if self._socket else ""
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.port = 0
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[ready], daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the proxy did not start")
        through = url.set(host="127.0.0.1", port=self.port, query={})
        self.url = through.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Break all connections; new ones are broken at once."""
        self._call(self._cut)

    def stall(self) -> None:
        """Pass nothing on; connections stay open and new ones are taken."""
        self._call(self._open.clear)

    def heal(self) -> None:
        """Be a network again."""
        self._call(self._heal)

    def stop(self) -> None:
        """Break everything and end the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _call(self, change: object) -> None:
        done = threading.Event()

        def run() -> None:
            change()  # type: ignore[operator]  # one of the three above
            done.set()

        self._loop.call_soon_threadsafe(run)
        if not done.wait(10):
            raise RuntimeError("the proxy does not answer")

    def _cut(self) -> None:
        self._is_cut = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def _heal(self) -> None:
        self._is_cut = False
        self._open.set()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._open.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._cut()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        self._writers.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            if self._file:
                other, far = await asyncio.open_unix_connection(self._file)
            else:
                other, far = await asyncio.open_connection(*self._address)
            self._writers.add(far)
            passing = [
                asyncio.ensure_future(self._pass(reader, far)),
                asyncio.ensure_future(self._pass(other, writer)),
            ]
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
        except OSError:
            pass  # the server is away: the client meets a closed connection, as without us
        finally:
            for end in filter(None, (writer, far)):
                self._writers.discard(end)
                with contextlib.suppress(OSError):
                    end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
