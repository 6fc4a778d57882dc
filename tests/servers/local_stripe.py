"""Serves localstripe on a free port of this machine, and writes the port; run as a process.

Its own command listens on all addresses and keeps its state in a file. Two parameters of today's
API are newer than localstripe: they are read off before it sees them.
"""

import socket
import sys

from aiohttp import web
from localstripe import resources, server

TOO_NEW = ("description", "allowed_payment_method_types")


def main() -> None:
    """Serve until the process is ended."""
    resources.Store.dump_to_disk = lambda self: None
    create = resources.PaymentIntent._api_create.__func__

    def without_what_is_too_new(kind, **given):
        for name in TOO_NEW:
            given.pop(name, None)
        return create(kind, **given)

    resources.PaymentIntent._api_create = classmethod(without_what_is_too_new)
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(server.app, sock=listening, print=None, access_log=None)


if __name__ == "__main__":
    main()
