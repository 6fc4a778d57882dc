"""The verbs of single sign-on note what changed: domains, directories, identity providers."""

import pytest

from app.domain.role import Role
from app.services.people.hash_password import fingerprint
from app.services.people.passwords import reset
from app.services.people.sign_up import create_person
from app.services.sso.auto_join import auto_join
from app.services.sso.domains.approval import require_approval
from app.services.sso.domains.check_again import check_domains
from app.services.sso.domains.claim import claim_domain
from app.services.sso.domains.default_role import change_default_role
from app.services.sso.domains.remove import remove_domain
from app.services.sso.domains.verify import verify_domain
from app.services.sso.enter import link
from app.services.sso.given import Given
from app.services.sso.join_offers import decline_to_join
from app.services.sso.join_requests import (
    approve_request,
    ask_to_join,
    decline_request,
    take_back,
)
from app.services.sso.record import Visitor
from app.services.sso.require import require_sso, stop_requiring_sso
from app.services.sso.scim.connect import make_scim_token, revoke_scim_token
from app.services.sso.scim.users import Described, change_user, create_user, delete_user
from app.services.sso.set_up import (
    add_provider,
    edit_provider,
    remove_provider,
    switch_off,
    switch_on,
)
from app.store.people import person_by_id
from tests.conftest import PASSWORD
from tests.plugins.saml.company import OTHER_IDP, quick_keys
from tests.services.audit.log import lines
from tests.services.people import second_factors
from tests.services.sso import conftest as sso
from tests.services.sso.identity import Direct

resolver, publish, vouched = sso.resolver, sso.publish, sso.vouched


def described(*, active=True):
    """A user of the directory."""
    return Described("nora", None, "nora@corp.test", active, {"displayName": "Nora"})


def test_domains(cast, publish, resolver, vouched, name_server, later, story):
    now, owner, acme = cast.now, cast.access("alice"), cast.acme.id
    with story("domains"):
        publish(claim_domain(owner, "proved.test", now))
        verify_domain(owner, "proved.test", resolver, now)
        change_default_role(owner, "proved.test", Role.MEMBER)
        zoe = create_person("zoe@proved.test", "Zoe", None, now, verified=True)
        auto_join(zoe.id, now, first=True)
        yan = create_person("yan@proved.test", "Yan", None, now, verified=True)
        require_approval(owner, "proved.test", needed=True)
        ask_to_join(yan.id, "acme", now)
        take_back(yan.id, "acme", now)
        decline_request(owner, ask_to_join(yan.id, "acme", now).id, "No.", now)
        decline_to_join(yan.id, "acme", now)
        xia = create_person("xia@proved.test", "Xia", None, now, verified=True)
        approve_request(owner, ask_to_join(xia.id, "acme", now).id, now)
        name_server.publish("proved.test")
        check_domains(resolver, later(days=2))
        remove_domain(owner, "proved.test", cast.now)
        vouched("corp.test")
        _, text = make_scim_token(owner, cast.now)
        user = create_user(acme, described(), cast.now)
        change_user(acme, user.id, described(active=False), None, cast.now)
        delete_user(acme, user.id, None, cast.now)
        revoke_scim_token(owner)
    assert not any(text in line.after for line in lines(acme))


@pytest.fixture
def company(app, cast, vouched, monkeypatch):
    quick_keys(monkeypatch)
    vouched("acme.test")
    for person_id in cast.ids.values():
        mark = fingerprint(person_id, person_by_id(person_id).password_hash)
        reset(person_id, mark, PASSWORD, cast.now)
    second_factors.switch_on(person_by_id(cast.ids["alice"]), cast.now)


def test_identity_providers(app, cast, company, story):
    now, owner = cast.now, cast.access("alice")
    with story("identity providers"):
        company = Direct(app, cast.acme.id)
        company.enter()
        given = Given(role_attribute="groups", role_values={"boss": "admin"})
        edit_provider(owner, company.id, given, now)
        waits = company.enter(subject="bob-1", email=cast.email("bob"))
        link(waits.ticket, PASSWORD, "", Visitor("test", "192.0.2.1"), now)
        company.enter(subject="bob-1", email=cast.email("bob"), attributes={"groups": ["boss"]})
        require_sso(owner, now)
        stop_requiring_sso(owner)
        switch_off(owner, company.id)
        switch_on(owner, company.id)
        draft = add_provider(owner, "saml", Given(document=OTHER_IDP.metadata()), now)
        remove_provider(owner, draft.public_id)
    edited = next(line for line in lines(cast.acme.id) if line.kind == "sso.provider_edited")
    assert '"role_values":{"boss":"admin"}' in edited.after
