"""Actions when the server is killed, told to stop, or one of many: each hold is resolved, once."""

import threading

import pytest

from plugins.runner_openai.stand_in import PAGE, standing_in
from tests.cli.running import eventually, run
from tests.crash.site import PATIENCE, Api, kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FULL, LEASE_SECONDS = 5_000, 60


class Model:
    """A model that writes when it is let: `begun` tells how many wait for that."""

    def __init__(self, stand_in):
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        stand_in.act = self.answer

    def answer(self, answering):
        self.begun.release()
        self.go.wait(PATIENCE)
        answering.write(PAGE)


@pytest.fixture
def model(site):
    """A model that the site's runner asks, set by the operator's commands."""
    with standing_in() as stand_in:
        for command in (
            ("plugins", "set", "runner_openai", "base_url", stand_in.base_url),
            ("plugins", "set", "runner_openai", "model", "stand-in"),
            ("plugins", "on", "runner_openai"),
        ):
            done = run(*command, environment=site.environment)
            assert done.returncode == 0, done.stderr
        found = Model(stand_in)
        yield found
        found.go.set()


class Apps:
    """The app and its actions, by the API of one server."""

    def __init__(self, site, port):
        self.site, self.port = site, port

    def call(self, method, path, body=None, **headers):
        with Api(self.port, self.site.alices_token) as api:
            return api.call(method, path, body, **headers)

    def new_app(self):
        status, _, app = self.call("POST", "/accounts/acme/apps", {"name": "Shop"})
        assert status == 201, app
        return app["id"]

    def generate(self, app, key):
        status, _, action = self.call(
            "POST",
            f"/apps/{app}/actions",
            {"kind": "generate", "prompt": "A page"},
            **{"Idempotency-Key": key},
        )
        assert status == 202, action
        return action["id"]

    def states(self, ids):
        return [self.call("GET", f"/actions/{each}")[2].get("state") for each in ids]

    def pool(self):
        found = self.call("GET", "/accounts/acme/pool")[2]
        return found["available"], found["held"]


def wait_for(model, count):
    for _ in range(count):
        assert model.begun.acquire(timeout=PATIENCE)


def test_a_server_killed_in_mid_action_leaves_no_hold(site, model):
    with site.served(scheduler=True) as (process, port):
        apps = Apps(site, port)
        app = apps.new_app()
        ids = [apps.generate(app, f"key-{number}") for number in range(3)]
        wait_for(model, 3)
        assert apps.pool() == (FULL - 3, 3)
        kill(process)
    model.go.set()
    site.environment["COFFER_CLOCK_SHIFT_SECONDS"] = str(LEASE_SECONDS + 1)
    with site.served(scheduler=True) as (_, port):
        apps = Apps(site, port)
        eventually(lambda: apps.states(ids) == ["failed"] * 3, "all are swept up")
        assert apps.pool() == (FULL, 0)
        # A repeat of the key is the action that failed; a new one is made and paid.
        assert apps.generate(app, "key-0") == ids[0]
        new = apps.generate(app, "new")
        eventually(lambda: apps.states([new]) == ["succeeded"], "the new one succeeds")
        assert apps.pool() == (FULL - 1, 0)
    site.require_sound()


def test_a_server_that_is_told_to_stop_hands_its_actions_on(site, model):
    with site.served(scheduler=True) as (process, port):
        apps = Apps(site, port)
        app = apps.new_app()
        ids = [apps.generate(app, f"key-{number}") for number in range(2)]
        wait_for(model, 2)
        process.terminate()
        process.wait(PATIENCE)
    model.go.set()
    with site.served(scheduler=True) as (_, port):
        apps = Apps(site, port)
        eventually(lambda: apps.states(ids) == ["succeeded"] * 2, "another makes them")
        assert apps.pool() == (FULL - 2, 0)
    site.require_sound()


def test_many_processes_make_each_action_once(site, model):
    model.go.set()
    with site.served(scheduler=True) as (_, one), site.served(scheduler=True) as (_, two):
        apps = [Apps(site, one), Apps(site, two)]
        app = apps[0].new_app()
        ids = []
        for turn in range(4):
            now = [apps[n % 2].generate(app, f"key-{turn}-{n}") for n in range(8)]
            eventually(lambda now=now: set(apps[0].states(now)) == {"succeeded"}, "all are made")
            ids += now
        assert apps[1].pool() == (FULL - len(ids), 0)
        versions = apps[0].call("GET", f"/apps/{app}/actions?limit=200")[2]["items"]
        assert sum(each["credits"] for each in versions) == len(ids)
    site.require_sound()
    while model.begun.acquire(blocking=False):
        ids.pop()
    assert ids == []
