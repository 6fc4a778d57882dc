"""Names of domains, and which addresses belong to one."""

import pytest

from app.domain.domain_name import belongs, domain_of, lineage, require_domain_name
from app.domain.refusals import InvalidRequest

LONG = ".".join(["a" * 61] * 4)


@pytest.mark.parametrize(
    "name",
    [
        "acme.com",
        "a-b.c0.test",
        "xn--bcher-kva.example.com",
        "acme.local",
        "acme.example",
        LONG,
        "3m.com",
    ],
)
def test_a_name_that_can_be_somebodys(name):
    assert require_domain_name(name) == name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("192.0.2.1", "IP address"),
        ("::1", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("acme", "whole name"),
        ("", "not the name"),
        ("acme..com", "not the name"),
        ("-acme.com", "not the name"),
        ("acme-.com", "not the name"),
        ("a_b.com", "not the name"),
        ("ACME.com", "not the name"),
        ("a" * 64 + ".com", "not the name"),
        ("aaaa." + LONG + ".com", "not the name"),
        ("bücher.com", "not the name"),
        ("acme.localhost", "never in DNS"),
        ("acme.invalid", "never in DNS"),
        ("acme.onion", "never in DNS"),
        ("2.0.192.in-addr.arpa", "never in DNS"),
        ("acme.123", "never in DNS"),
    ],
)
def test_a_name_that_can_be_nobodys(name, sentence):
    with pytest.raises(InvalidRequest, match=sentence):
        require_domain_name(name)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("bob@acme.com", True),
        ("bob@eu.acme.com", False),
        ("bob@acme.com.evil.test", False),
        ("bob@notacme.com", False),
        ("bob@xn--cme-5cd.com", False),  # looks like acme.com, with a Cyrillic letter
        ('"bob@acme.com"@evil.test', False),
        ("bob", False),
    ],
)
def test_an_address_belongs_to_exactly_one_domain(email, expected):
    assert belongs(email, "acme.com") is expected


def test_no_domain_has_addresses():
    assert not belongs("bob@", "")
    assert domain_of("bob@acme.com") == "acme.com"


def test_names_above_a_name_without_the_last():
    assert lineage("a.b.com") == ["a.b.com", "b.com"]
    assert lineage("com") == []
