"""Hostile plugins beside a real server: a hot pool goes on, and quarantine ends it."""

import json
import threading
import time

import pytest

from app.plugin_manager import TIME_BOX_SECONDS
from tests.cli.running import eventually, run
from tests.crash.site import CREATED, Api, Ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CALLERS, ASKS = 40, 10
NOISE_SECONDS = 2  # of forty callers and a server on the same two cores
HEAD = "import sys, threading\nfrom app.hookspecs import Manifest, Price, hookimpl\n"
HOSTILE = {
    "hangs": "threading.Event().wait(30)",
    "raises": "sys.exit('no')",
    "garbage": "return [spending]",
    "tampers": "object.__setattr__(spending, 'credits', 0); print('{' * 500)",
    "lies": "return Price(-5)",
}
BROKEN = {
    "misspelled": f"{HEAD}manifest = Manifest('misspelled', '1', '')\n"
    "@hookimpl\ndef befor_deduction(spending): pass\n",
    "future": f"{HEAD}manifest = Manifest('future', '1', '', api=(7, 9))\n",
    "import_fails": "import nothing_like_it\n",
    "wraps": f"{HEAD}manifest = Manifest('wraps', '1', '')\n"
    "@hookimpl(wrapper=True)\ndef before_deduction(spending): return (yield)\n",
}


@pytest.fixture
def hostile(site, tmp_path):
    """Install all of them as packages are installed: a module each, and an entry point."""
    folder = tmp_path / "site-packages"
    info = folder / "hostile-1.0.dist-info"
    info.mkdir(parents=True)
    for name, body in HOSTILE.items():
        text = f"manifest = Manifest('{name}', '1', '')\n@hookimpl\ndef before_deduction(spending):"
        (folder / f"{name}.py").write_text(f"{HEAD}{text}\n    {body}\n", "utf-8")
    for name, text in BROKEN.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    points = "\n".join(f"{name} = {name}" for name in HOSTILE | BROKEN)
    (info / "entry_points.txt").write_text(f"[coffer.plugins]\n{points}\n", "utf-8")
    (info / "METADATA").write_text("Name: hostile\nVersion: 1.0\n", "utf-8")
    site.environment["PYTHONPATH"] = str(folder)
    for name in HOSTILE:
        switch(site, name)


def switch(site, name):
    done = run("plugins", "on", name, environment=site.environment)
    assert done.returncode == 0, done.stderr


def states(site):
    done = run("plugins", "list", "--json", environment=site.environment)
    assert done.returncode == 0, done.stderr
    return {one["name"]: one["state"] for one in json.loads(done.stdout)}


def deduct_in_a_crowd(site, port):
    """Forty callers on one pool; gives every answer with the seconds that it took."""
    told = []

    def work(caller):
        with Api(port, site.token) as api:
            for turn in range(ASKS):
                began = time.monotonic()
                ask = api.deduct(Ask(f"{caller} {turn}"))
                told.append((ask, time.monotonic() - began))

    crowd = [threading.Thread(target=work, args=(caller,)) for caller in range(CALLERS)]
    for caller in crowd:
        caller.start()
    for caller in crowd:
        caller.join()
    return told


def test_a_hot_pool_goes_on_and_they_end_in_quarantine(site, hostile):
    with site.served() as (_, port):
        told = deduct_in_a_crowd(site, port)
        assert [ask.status for ask, _ in told] == [CREATED] * (CALLERS * ASKS)
        # Of those that hang there is one; the others fail at once.
        assert max(seconds for _, seconds in told) < TIME_BOX_SECONDS + NOISE_SECONDS
        site.require_kept([ask for ask, _ in told])
        assert site.available == 5_000 - CALLERS * ASKS
        quarantined = {name: "quarantined" for name in HOSTILE if name != "tampers"}
        eventually(lambda: quarantined.items() <= states(site).items(), "all tell of quarantine")
        assert {name: state for name, state in states(site).items() if name in BROKEN} == (
            dict.fromkeys(BROKEN, "refused")
        )
        switch(site, "garbage")
        assert states(site)["garbage"] == "on"
        for turn in range(8):
            assert site.deduct(port, f"again {turn}").status == CREATED
        eventually(lambda: states(site)["garbage"] == "quarantined", "it failed again")
