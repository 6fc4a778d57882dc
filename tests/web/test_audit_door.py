"""Through which door somebody came, and as whom: told at the edges, forgotten behind them."""

import pytest

from app.domain.audit_line import Actor, Door, Origin
from app.jobs.attempt import attempt
from app.jobs.timetable import Job
from app.services.audit.door import at_work, come_as, come_through, origin
from app.services.audit.note import note
from app.store.database import transaction
from tests.conftest import START
from tests.services.audit.log import lines
from tests.web.pages.browser import Browser
from tests.web.scim import conftest as scim

owner, directory = scim.owner, scim.directory


def noted(place=7, **said):
    """How a line says who did it, and from where."""
    with transaction():
        note("app.created", place, START, **said)
    line = lines()[-1]
    return line.door, line.actor, line.actor_name, line.person_id


def test_a_directory_comes_by_its_token(directory, acme):
    directory.create("nora")
    found = {line.kind: line for line in lines(acme.account.id) if line.door == "scim"}
    assert {"scim.user_created", "member.joined"} <= found.keys()
    assert {(line.actor, line.person_id) for line in found.values()} == {("token", None)}
    assert found["member.joined"].actor_name.startswith("directory, with the token …")


def test_a_browser_tells_its_address_and_is_forgotten(app, acme):
    browser = Browser(app)
    browser.sign_in(acme.bob.email)
    line = next(line for line in reversed(lines()) if line.kind == "sign_in.done")
    assert (line.door, line.address, line.person_id) == ("page", "127.0.0.1", acme.bob.id)
    assert origin() == Origin()


def test_a_job_is_coffer_itself(app):
    found = []
    attempt(app, Job("look after", 1, lambda: found.append(noted())))
    assert found == [("job", "coffer", "Coffer, look after", None)]
    assert origin() == Origin()


@pytest.mark.parametrize(
    ("actor", "said", "expected"),
    [
        (Actor.COFFER, {}, ("event", "coffer", "Coffer", None)),
        (Actor.COFFER, {"provider": "bank"}, ("event", "provider", "bank", None)),
        (Actor.OPERATOR, {"provider": "bank"}, ("event", "operator", "root", None)),
        (Actor.OPERATOR, {"by": 2}, ("event", "operator", "root", None)),
    ],
)
def test_who_is_known_at_the_door_goes_before_who_a_verb_names(app, actor, said, expected):
    name = "root" if actor is Actor.OPERATOR else "Coffer"
    with at_work(Door.EVENT, actor, name):
        assert noted(**said) == expected


def test_a_person_that_a_verb_names_goes_before_the_one_who_is_signed_in(app, acme):
    with at_work(Door.PAGE, Actor.PERSON, ""):
        come_as(Actor.PERSON, "", person_id=acme.alice.id)
        assert noted(by=acme.bob.id)[2:] == ("Bob Birch <bob@acme.test>", acme.bob.id)
        assert noted()[3] == acme.alice.id
        come_through(Door.API)
        assert noted()[1:] == ("coffer", "Coffer", None)
