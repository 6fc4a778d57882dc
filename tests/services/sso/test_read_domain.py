"""Names of domains as people type them, and those that nobody can claim."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.refusals import InvalidRequest, NotFound
from app.services.people.read_address import read_address
from app.services.sso.domains.read_domain import (
    read_domain,
    require_claimable,
    shown_domain,
    sought_domain,
)
from app.settings import Settings


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("acme.com", "acme.com"),
        ("  ACME.Com. ", "acme.com"),
        ("@acme.com", "acme.com"),
        ("bücher.com", "xn--bcher-kva.com"),
        ("BÜCHER.com", "xn--bcher-kva.com"),
        ("xn--bcher-kva.com", "xn--bcher-kva.com"),
        ("faß.de", "xn--fa-hia.de"),
        ("acme\u3002com", "acme.com"),
        ("\uff21\uff23\uff2d\uff25.com", "acme.com"),
        ("\u0430cme.com", "xn--cme-5cd.com"),  # the first letter is Cyrillic: another domain
        ("acme.test", "acme.test"),
        ("eu.acme.com", "eu.acme.com"),
    ],
)
def test_names_are_read_as_dns_knows_them(typed, name):
    assert read_domain(typed) == name
    assert read_domain(shown_domain(name)) == name


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", ".", "acme", "acme..com", "a_b.com", "-a.com", "xn--a.com", "☃.com", "💩.la"),
        *("bob@acme.com", "https://acme.com/", "192.0.2.7", "[::1]", "::1", "1.2.3", "acme com"),
        *(
            "acme.com\nevil.com",
            "a" * 64 + ".com",
            "a." * 130 + "com",
            "\u202eacme.com",
            "a\x00.com",
        ),
    ],
)
def test_what_is_no_domain_is_refused_in_words(typed):
    with pytest.raises(InvalidRequest) as refused:
        read_domain(typed)
    assert [field for field, _ in refused.value.errors] == ["domain"]
    with pytest.raises(NotFound):
        sought_domain(typed)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused(typed):
    try:
        name = read_domain(typed)
    except InvalidRequest:
        return
    assert name.isascii()
    assert name == name.lower() == read_domain(name)


@pytest.mark.parametrize("domain", ["bücher.com", "faß.de", "Acme.COM", "xn--bcher-kva.com"])
def test_addresses_have_their_domain_in_the_same_form(domain):
    assert read_address(f"bob@{domain}").rpartition("@")[2] == read_domain(domain)


@pytest.mark.parametrize(
    ("domain", "sentence"),
    [
        ("gmail.com", "public mail provider"),
        ("outlook.com", "public mail provider"),
        ("yahoo.co.jp", "public mail provider"),
        ("icloud.com", "public mail provider"),
        ("proton.me", "public mail provider"),
        ("gmx.de", "public mail provider"),
        ("qq.com", "public mail provider"),
        ("mailinator.com", "public mail provider"),
        ("tuta.com", "public mail provider"),
        ("my.gmail.com", "public mail provider"),
        ("co.uk", "public suffix"),
        ("github.io", "public suffix"),
        ("xn--fiqs8s", "public suffix"),
        ("city.kawasaki.jp", None),
        ("acme.co.uk", None),
        ("acme.github.io", None),
        ("gmail.acme.com", None),
        ("acme.test", None),
        ("xn--mail-49d.com", None),
    ],
)
def test_whose_addresses_anybody_can_have(domain, sentence):
    public = Settings().public_domains
    if sentence is None:
        require_claimable(domain, public)
        return
    with pytest.raises(InvalidRequest, match=sentence):
        require_claimable(domain, public)


def test_the_operator_adds_to_the_lists():
    public = Settings(public_mail_domains="Acme.test, other.test").public_domains
    with pytest.raises(InvalidRequest, match="public mail provider"):
        require_claimable("acme.test", public)
    require_claimable("tuta.com", public)
