"""Serves AI models as OpenAI does, on a free port of this machine, and writes the port.

Run as a process of its own, where the package `app` is that of `mock-ai-api`, not ours. It ends
when its standard input does, so that a test run that is killed leaves no server behind.
"""

import os
import socket
import sys
import threading

import uvicorn
from app.openai_app import app

WAITING = 4096


def main() -> None:
    """Serve until whoever started this ends."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))  # with its protocol named, no answer waits to be gathered
    listening.listen(WAITING)
    threading.Thread(target=end_with_input, daemon=True).start()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="error", access_log=False, backlog=WAITING)
    uvicorn.Server(config).run(sockets=[listening])


def end_with_input() -> None:
    """Wait until nobody holds the other end of the standard input."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
