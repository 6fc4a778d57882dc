"""Setting an identity provider up: step by step, tested before it is on, never another's."""

from datetime import timedelta

import pytest

from app.domain.refusals import Conflict, Forbidden, InvalidRequest, NotFound, SignInRefused
from app.services.sso.begin import begin_sign_in, begin_test
from app.services.sso.certificates import warn_of_certificates
from app.services.sso.given import Given
from app.services.sso.record import flights_of
from app.services.sso.set_up import (
    add_provider,
    edit_provider,
    provider_of,
    providers_of,
    remove_provider,
    switch_off,
    switch_on,
)
from app.services.sso.show import show_provider
from app.store.database import db
from app.store.identities import Identity
from app.store.mails import Mail
from app.store.sso_records import KEPT
from tests.plugins.saml.company import OTHER_IDP, THE_IDP, quick_keys
from tests.services.sso.identity import Direct


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    quick_keys(monkeypatch)


@pytest.fixture
def company(app, cast, vouched):
    made = Direct(app, cast.acme.id)
    vouched("acme.test")
    return made


@pytest.fixture
def draft(app, cast, company):
    """One that was added through the pages, and knows nothing yet."""
    return add_provider(cast.access("carol"), "saml", Given(name="New"), cast.now)


def test_a_draft_has_addresses_and_leads_nowhere(cast, draft):
    view = show_provider(cast.access("alice"), draft.public_id, cast.now)
    assert draft.public_id in dict(view.told.facts)["ACS URL (reply URL, single sign-on URL)"]
    assert not draft.is_on
    with pytest.raises(Conflict):
        begin_test(cast.access("alice"), draft.public_id, None, cast.now)
    with pytest.raises(NotFound):
        begin_sign_in(draft.public_id, None, "", cast.now)


def test_it_is_on_only_after_a_test_of_what_it_is_now(company, cast):
    owner = cast.access("alice")
    switch_off(owner, company.id)
    edit_provider(owner, company.id, Given(document=OTHER_IDP.metadata()), cast.now)
    with pytest.raises(Conflict, match="Test it first"):
        switch_on(owner, company.id)
    company.idp = OTHER_IDP
    done = company.enter(tester=owner)
    assert (done.slug, company.records()[0].kind) == ("acme", "test")
    assert company.records()[0].attributes["email"] == ["ana@acme.test"]
    switch_on(owner, company.id)
    assert company.row.is_on


def test_a_test_changes_nothing_here(company, cast):
    from app.store.people import person_by_email

    company.enter(tester=cast.access("alice"))
    assert person_by_email("ana@acme.test") is None
    assert db.session.scalars(db.select(Identity)).all() == []


def test_a_test_that_fails_is_recorded_for_who_tests(company, cast):
    owner = cast.access("alice")
    before = company.row.tested_at
    company.enter(tester=owner, email="ana@other.test")
    record = flights_of(owner, company.id)[0]
    assert (record.kind, record.refused_by) == ("test", "domain")
    assert "acme.test" in record.words
    assert company.row.tested_at == before


def test_a_name_alone_leaves_it_tested(company, cast):
    edit_provider(cast.access("alice"), company.id, Given(name="Renamed"), cast.now)
    assert (company.row.name, company.row.tested_at is not None) == ("Renamed", True)


@pytest.mark.parametrize("verb", [switch_on, switch_off, remove_provider, provider_of])
def test_members_and_outsiders_change_nothing(company, cast, beta, verb):
    with pytest.raises(Forbidden):
        verb(cast.access("bob"), company.id)
    with pytest.raises(NotFound):
        verb(beta, company.id)
    with pytest.raises(NotFound):
        verb(cast.access("alice"), "none")
    assert company.row.is_on


def test_a_personal_account_has_none(cast, company):
    from app.services.workspaces.access import access_to
    from app.store.accounts import personal_account

    own = access_to(cast.ids["bob"], personal_account(cast.ids["bob"]).slug)[1]
    with pytest.raises(Conflict, match="personal account"):
        add_provider(own, "saml", Given(name="Mine"), cast.now)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given(document="no metadata"), "document"),
        (Given(document=THE_IDP.metadata()[:200]), "document"),
        (Given(document_url="https://127.0.0.1/metadata"), "document_url"),
        (Given(document_url="http://idp.example/metadata"), "document_url"),
        (Given(document_url="file:///etc/passwd"), "document_url"),
        (Given(values={"clock_skew_seconds": "soon"}), "clock_skew_seconds"),
        (Given(values={"name_id_format": "other"}), "name_id_format"),
        (Given(values={"email_attribute": "a\nb"}), "email_attribute"),
        (Given(name="https://x"), "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(company, cast, given, field):
    with pytest.raises(InvalidRequest) as refused:
        edit_provider(cast.access("alice"), company.id, given, cast.now)
    assert [name for name, _ in refused.value.errors] == [field]


def test_an_unknown_protocol_is_refused(company, cast):
    with pytest.raises(InvalidRequest, match="speaks"):
        add_provider(cast.access("alice"), "carrier_pigeon", Given(name="New"), cast.now)


def test_private_keys_are_sealed(company):
    assert "PRIVATE" not in company.row.sealed
    assert "PRIVATE" not in str(vars(company.row))


def test_removing_takes_all_along(company, cast):
    company.enter()
    remove_provider(cast.access("alice"), company.id)
    assert providers_of(cast.access("alice")) == []
    with pytest.raises(NotFound):
        company.begun()
    assert db.session.scalars(db.select(Identity)).all() == []


def test_strangers_push_nothing_out_of_the_records(company, cast):
    company.enter()
    for number in range(KEPT + 5):
        with pytest.raises(SignInRefused):
            company.complete(b"<junk/>", f"handle-{number}")
    kinds = [record.kind for record in company.records()]
    assert kinds.count("stray") == KEPT
    assert kinds.count("sign_in") == 1


def mails(cast):
    db.session.rollback()
    found = db.session.scalars(db.select(Mail).where(Mail.template == "certificate_ends"))
    return sorted(mail.recipient for mail in found)


def test_certificates_that_end_are_told_of_three_times(company, cast, later):
    from datetime import UTC, datetime

    ends = datetime(2035, 1, 1, tzinfo=UTC)  # as the test's identity provider has it
    told = ["alice@acme.test", "carol@acme.test", "cora@acme.test"]
    assert warn_of_certificates(ends - timedelta(days=31)) == 0
    for days, times in ((30, 1), (20, 1), (7, 2), (1, 3), (0.5, 3)):
        warn_of_certificates(ends - timedelta(days=days))
        warn_of_certificates(ends - timedelta(days=days))
        assert mails(cast) == sorted(told * times)
    assert warn_of_certificates(ends) == 0


def test_a_metadata_s_address_is_fetched(company, cast, monkeypatch):
    from app.hookspecs import Fetched
    from app.services.plugins import installed

    lent = installed.lent()
    asked = []

    def fetch(url, **_):
        asked.append(url)
        return Fetched(200, {}, OTHER_IDP.metadata().encode())

    monkeypatch.setattr(
        "app.services.sso.given.lent", lambda: type(lent)(lent.public_url, lent.now, fetch)
    )
    given = Given(document_url="https://idp.example/metadata")
    edit_provider(cast.access("alice"), company.id, given, cast.now)
    assert asked == ["https://idp.example/metadata"]
    assert company.row.name == "Acme Login"
    assert dict(company.row.facts)["Entity ID"] == OTHER_IDP.entity_id
