"""The README's way for a platform that does its own work: its very text, against a real server."""

import re
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.crash.site import BOB, Api, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
README = Path(__file__).resolve().parents[2] / "README.md"
FULL, PRICE = 5_000, 2


@pytest.fixture
def example():
    """The text of the example."""
    _, after = README.read_text("utf-8").split(
        "holds the credits, works, and captures or releases:"
    )
    text = re.search(r"```python\n(.*?)```", after, re.DOTALL)[1]
    assert len(text.splitlines()) == 15
    return text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hold_work_capture_or_release(example, database_url, tmp_path):
    site = Site(database_url, tmp_path).set_up()
    with site.served() as (_, port), Api(port, site.alices_token) as api:
        app = api.call("POST", "/accounts/acme/apps", {"name": "Shop"})[2]["id"]
        there = {"COFFER": f"http://127.0.0.1:{port}", "TOKEN": site.token}
        exec(example, there)
        paid = there["paid"]

        def seen():
            pool = api.call("GET", "/accounts/acme/pool")[2]
            return pool["available"], pool["held"]

        def work():
            assert seen() == (FULL - PRICE, PRICE)
            return "made"

        assert paid("job-1", BOB, app, "generate.standard", work) == "made"
        assert seen() == (FULL - PRICE, 0)
        with pytest.raises(ZeroDivisionError):
            paid("job-2", BOB, app, "generate.standard", lambda: 1 / 0)
        assert seen() == (FULL - PRICE, 0)
        with pytest.raises(HTTPError):  # its hold was captured before
            paid("job-1", BOB, app, "generate.standard", lambda: None)
        assert seen() == (FULL - PRICE, 0)
    site.require_sound()
