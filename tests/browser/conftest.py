"""Fixtures of the browser's tests: Chromium, people at it, and installations that are served."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.installation import Installation, served
from tests.browser.story import SHIFT, fill_with_story
from tests.browser.visitor import Visitor


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Take the Chromium of this machine; nothing is downloaded, and no name outside is asked for.

    The identity provider's pages want a font from the network. Where names resolve slowly, they
    would hold up each sign-in for as long as that takes.
    """
    chromium = os.environ.get("COFFER_CHROMIUM") or shutil.which("chromium")
    assert chromium, "set COFFER_CHROMIUM, or run `make browser`, which finds or installs one"
    arguments = ["--no-sandbox", "--disable-background-networking", "--force-color-profile=srgb"]
    near = ["localhost", "*.localhost", "127.0.0.1"]
    rules = ["MAP * ~NOTFOUND", *(f"EXCLUDE {name}" for name in near)]
    arguments.append(f"--host-resolver-rules={', '.join(rules)}")
    return {"executable_path": chromium, "args": arguments}


@pytest.fixture
def installation(sqlite_template, tmp_path) -> Iterator[Installation]:
    """A new installation, served, with nobody in it."""
    with served(sqlite_template, tmp_path) as installed:
        yield installed


@pytest.fixture(scope="session")
def story(sqlite_template, tmp_path_factory) -> Iterator[Installation]:
    """The demonstration's people and their three months, served. Look at it; change nothing."""
    folder = tmp_path_factory.mktemp("story")
    with served(sqlite_template, folder, fill_with_story, clock_shift=SHIFT) as installed:
        yield installed


@pytest.fixture
def visit(browser) -> Iterator[Any]:
    """Give somebody a browser of their own; in the end none may have complained."""
    visitors = []

    def opened(installed: Installation, **options: Any) -> Visitor:
        context = browser.new_context(**{"reduced_motion": "reduce", "locale": "en-GB"} | options)
        context.set_default_timeout(15_000)
        visitors.append(Visitor(context, installed.url))
        return visitors[-1]

    yield opened
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture(scope="session")
def signed_in(browser, story) -> Any:
    """Sign people of the story in once, and give what their browser then carries."""
    states: dict[str, Any] = {}

    def state(email: str, password: str) -> Any:
        if email not in states:
            visitor = Visitor(browser.new_context(), story.url).sign_in(email, password)
            states[email] = visitor.context.storage_state()
            visitor.context.close()
            assert visitor.complaints == []
        return states[email]

    return state


@pytest.fixture
def visit_story(visit, story, signed_in) -> Any:
    """Open the story as one of its people, or as nobody."""
    from app.demo.people import PASSWORD

    def opened(email: str | None = None, **options: Any) -> Visitor:
        state = {"storage_state": signed_in(email, PASSWORD)} if email else {}
        return visit(story, **state | options)

    return opened
