"""Lists that are shown part by part take any number in the address, and never fall over."""

import pytest

from app.domain.reference import reference
from app.services.apps.edit import create_app
from app.services.people.sign_up import create_person
from app.services.workspaces.access import access_to
from tests.conftest import PASSWORD, START

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NUMBERS = ["0", "-1", "1", str(2**31), str(2**63), "9" * 100, "x", ""]
OF_ACME = [
    "history",
    "audit",
    "billing/invoices",
    "billing/payments",
    "apps/{app}/actions",
    "apps/{app}/files/versions",
]
OF_THE_DESK = ["accounts", "people", "audit", "payments", "invoices"]


@pytest.fixture
def shop(acme):
    return create_app(access_to(acme.alice.id, "acme")[1], "Shop", "", START)


@pytest.mark.parametrize("path", OF_ACME)
def test_any_number_gives_a_part_of_a_workspace_s_list(open_browser, acme, shop, path):
    alice = open_browser(acme.alice)
    address = f"/accounts/acme/{path.format(app=reference('app', shop.id))}"
    assert {n: alice.get(f"{address}?before={n}").status for n in NUMBERS} == dict.fromkeys(
        NUMBERS, 200
    )


@pytest.mark.parametrize("path", OF_THE_DESK)
def test_any_number_gives_a_part_of_the_desk_s_list(open_browser, acme, path):
    who = create_person("ops@coffer.test", "Olga", PASSWORD, START, verified=True, operator=True)
    olga = open_browser(who)
    assert {n: olga.get(f"/admin/{path}?before={n}").status for n in NUMBERS} == dict.fromkeys(
        NUMBERS, 200
    )


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**63, int("9" * 100)])
@pytest.mark.parametrize("path", ["files/{}/zip", "files/{}/show/index.html", "actions/{}"])
def test_no_number_of_an_app_s_thing_is_too_large_to_be_missing(
    open_browser, acme, shop, path, number
):
    address = f"/accounts/acme/apps/{reference('app', shop.id)}/{path.format(number)}"
    assert open_browser(acme.alice).get(address).status == 404
