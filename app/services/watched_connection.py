"""Connections that are cut off when their time is over, in whichever phase they are.

A time-out of a socket counts from byte to byte: who sends one at a time could hold a thread for
hours, while it shakes hands or sends the head of an answer. A duplicate of the socket ends that.
"""

from __future__ import annotations

import socket
from threading import Timer
from types import TracebackType
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Watch:
    """Cuts the connections that it is shown when so many seconds are over."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._shown: list[socket.socket] = []
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        for shown in self._shown:
            shown.close()

    def show(self, connected: socket.socket) -> None:
        """Watch a connection, through a duplicate that outlives its wrapping by TLS."""
        self._shown.append(connected.dup())

    def _cut(self) -> None:
        self.is_over = True
        for shown in self._shown:
            try:
                shown.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Watched(HTTPConnection):
    def __init__(self, *given: Any, watch: Watch, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **named)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._watch.show(connected)
        return connected


class _WatchedTls(HTTPSConnection):
    def __init__(self, *given: Any, watch: Watch, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **named)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._watch.show(connected)
        return connected


class WatchedPool(HTTPConnectionPool):
    """Connects in plain HTTP; takes the `watch`."""

    ConnectionCls = _Watched


class WatchedTlsPool(HTTPSConnectionPool):
    """Connects over TLS; takes the `watch`."""

    ConnectionCls = _WatchedTls
