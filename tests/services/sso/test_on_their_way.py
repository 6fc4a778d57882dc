"""What is on its way ends with time, and is thrown away; keys are made for one alone."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.domain.refusals import Conflict, InvalidRequest, NotFound, SignInRefused
from app.services.people.hash_password import fingerprint
from app.services.people.passwords import reset
from app.services.people.sign_in import sign_out, signed_in
from app.services.purge import purge
from app.services.sealing import seal_with
from app.services.sso.domains.remove import remove_domain
from app.services.sso.enter import Entered, enter, link, waiting
from app.services.sso.our_side import new_key, new_public_id, sealed_with
from app.services.sso.route import has_company, route_of
from app.store.database import db
from app.store.identities import SsoSession
from app.store.people import person_by_id
from app.store.sso_attempts import SsoAttempt, SsoReplay, SsoTicket
from tests.conftest import PASSWORD
from tests.plugins.saml.company import quick_keys
from tests.services.people import second_factors
from tests.services.sso.identity import VISITOR, Direct


@pytest.fixture
def company(app, cast, vouched, monkeypatch):
    quick_keys(monkeypatch)
    made = Direct(app, cast.acme.id)
    vouched("acme.test")
    return made


def ticket(company, **says):
    """Go through it in a browser that leaves our cookies out."""
    asked, handle, _ = company.begun()
    raw = company.idp.answer(company.says(asked, **says), company.now)
    return company.complete(raw, handle, None, is_browser=True).ticket


def count(table):
    db.session.rollback()
    return db.session.scalar(db.select(db.func.count()).select_from(table))


def test_an_attempt_is_over_after_a_quarter_of_an_hour(company, later):
    asked, handle, browser = company.begun()
    later(minutes=15)
    raw = company.idp.answer(company.says(asked), company.now)
    with pytest.raises(SignInRefused):
        company.complete(raw, handle, browser)
    assert company.records()[0].refused_by == "begun_here"


def test_a_ticket_is_over_after_ten_minutes(company, later):
    text = ticket(company)
    assert waiting(text, company.now).person.email == "ana@acme.test"
    later(minutes=10)
    with pytest.raises(NotFound):
        enter(text, VISITOR, company.now)


def test_a_ticket_enters_once(company):
    text = ticket(company)
    assert isinstance(enter(text, VISITOR, company.now), Entered)
    with pytest.raises(NotFound):
        enter(text, VISITOR, company.now)


def test_a_ticket_to_link_doesn_t_enter(company):
    with pytest.raises(Conflict):
        enter(ticket(company, email="bob@acme.test"), VISITOR, company.now)


@pytest.fixture
def bob(cast):
    person = person_by_id(cast.ids["bob"])
    return reset(person.id, fingerprint(person.id, person.password_hash), PASSWORD, cast.now)


def test_linking_asks_for_the_second_factor_too(company, bob):
    device, _, _ = second_factors.switch_on(bob, company.now)
    text = ticket(company, email=bob.email)
    assert waiting(text, company.now).needs_code
    with pytest.raises(InvalidRequest):
        link(text, PASSWORD, device.wrong(company.now), VISITOR, company.now)
    entered = link(text, PASSWORD, device.code(company.now, 1), VISITOR, company.now)
    assert signed_in(entered.token, company.now)[1].proved_at == company.now


def test_linking_asks_for_the_domain_again(company, cast, bob):
    text = ticket(company, email=bob.email)
    remove_domain(cast.access("alice"), "acme.test", company.now)
    with pytest.raises(Conflict, match="verified domain"):
        link(text, PASSWORD, "", VISITOR, company.now)


def test_who_comes_from_elsewhere_has_proved_nothing_to_us(company):
    entered = company.enter()
    assert signed_in(entered.token, company.now)[1].proved_at is None


def test_purging_takes_what_is_over_and_leaves_the_rest(company, later):
    entered = company.enter()
    company.begun()
    ticket(company, subject="2", email="two@acme.test")
    purge(90, 30, company.now)
    assert (count(SsoAttempt), count(SsoTicket), count(SsoSession)) == (1, 1, 1)
    assert count(SsoReplay) == 2
    later(hours=1)
    purge(90, 30, company.now)
    assert (count(SsoAttempt), count(SsoTicket), count(SsoReplay)) == (0, 0, 0)
    assert count(SsoSession) == 1
    sign_out(entered.token)
    purge(90, 30, company.now)
    assert count(SsoSession) == 0


def test_each_identity_provider_has_a_key_of_its_own(app, cast):
    one, other = (new_key(new_public_id(), cast.now) for _ in range(2))
    certificate = x509.load_pem_x509_certificate(one.certificate.encode())
    key = load_pem_private_key(one.private.encode(), None)
    assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
    assert key.key_size >= 3072
    assert one.private != other.private
    assert one.private not in sealed_with("id", one.private, {})


def test_a_new_secret_of_the_installation_is_said(company):
    seal_with("another secret")
    with pytest.raises(Conflict, match="secret was changed"):
        company.begun()


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("x@acme.test", True),
        ("X@ACME.TEST", True),
        ("x@sub.acme.test", False),
        ("x@other.test", False),
        ("acme.test", False),
        ("", False),
    ],
)
def test_the_domain_alone_tells_the_way(company, typed, known):
    assert has_company(typed) is known
    if known:
        assert [each.public_id for each in route_of(typed).providers] == [company.id]
