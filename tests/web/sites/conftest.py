"""Fixtures of the sites' tests: an app of Acme that is on the web, and who asks for its files."""

from contextvars import Context
from itertools import count

import pytest

from app.services.apps.edit import create_app
from app.services.sites.publish import publish
from app.services.workspaces.access import access_to
from tests.conftest import START

PAGE = "<!doctype html><title>Shop</title><script src=app.js></script><h1>Größe</h1>"
FILES = {
    "index.html": PAGE.encode(),
    "app.js": b"document.title = 'Shop';" * 60,
    "docs/index.html": b"<h1>Docs</h1>",
    "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "data.bin": b"\x00\x01",
    "404.html": b"<h1>Lost</h1>",
}


@pytest.fixture
def access(acme):
    """Alice's standing in Acme."""
    return access_to(acme.alice.id, "acme")[1]


@pytest.fixture
def shop(access):
    """An app of Acme."""
    return create_app(access, "The Shop!", "", START)


@pytest.fixture
def put_on(shop, acme):
    """Put files on the web as a release of the shop, and return it."""
    keys = count(1)

    def put(files=FILES, **more):
        given = {"version": "1", "by": acme.alice.id, "files": files, "key": f"a{next(keys)}"}
        return publish(shop.id, START, **given | more)

    return put


@pytest.fixture
def ask(app):
    """Ask a server for an address, as somebody without cookies."""

    def asked(path, method="GET", host=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if host:
            named["Host"] = host
        client = app.test_client(use_cookies=False)
        return Context().run(client.open, path, method=method, headers=named, buffered=True)

    return asked
