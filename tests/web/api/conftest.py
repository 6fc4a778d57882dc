"""Fixtures of the API's tests."""

import pytest

from tests.web.api.world import Api, World


@pytest.fixture
def settings(name_server):
    """Ask the name server of the test, whatever the machine's own would say."""
    return {"dns_servers": name_server.setting}


@pytest.fixture
def world(app, clock):
    """Everybody and everything that the tests call for."""
    return World(clock.now())


@pytest.fixture
def api(app, world):
    """The way to call."""
    return Api(app)


@pytest.fixture
def slow_api(app, world):
    """The way to call that leaves the fast lane out."""
    return Api(app, fast=False)


@pytest.fixture
def deduct(api, world):
    """Take credits as the platform's service and return the deduction."""

    def take(**more):
        answer = api("POST", "/deductions", world.tokens["service"], world.spending(**more))
        assert answer.status_code == 201, answer.text
        return answer.json

    return take


@pytest.fixture
def hold(api, world):
    """Hold credits as the platform's service and return the hold."""

    def take(**more):
        answer = api("POST", "/holds", world.tokens["service"], world.spending(**more))
        assert answer.status_code == 201, answer.text
        return answer.json

    return take
