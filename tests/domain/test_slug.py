"""Slugs: which are allowed, and which are made from names."""

import pytest

from app.domain.refusals import InvalidRequest
from app.domain.slug import LONGEST, RESERVED, numbered_slug, slug_from, slug_stem


@pytest.mark.parametrize("slug", ["ab", "acme", "acme-2", "a-b-c", "2026", "x" * 40])
def test_slug_is_accepted_as_it_is(slug):
    assert slug_from(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "a",
        "x" * 41,
        "Acme",
        "-acme",
        "acme-",
        "ac--me",
        "ac me",
        "ac_me",
        "acmé",
        "a\n",
        "\u0430-\u0431",
    ],
)
def test_slug_of_another_form_is_refused(slug):
    with pytest.raises(InvalidRequest) as refused:
        slug_from(slug)
    assert refused.value.errors[0][0] == "slug"


@pytest.mark.parametrize("slug", ["admin", "api", "ai", "static", "plugins", "sign-in", "healthz"])
def test_reserved_words_are_refused(slug):
    assert slug in RESERVED
    with pytest.raises(InvalidRequest, match="reserved"):
        slug_from(slug)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Acme Incorporated", "acme-incorporated"),
        ("  Café  Zoë & Söhne ", "cafe-zoe-sohne"),
        ("Straße", "strasse"),
        ("Smørrebrød Łódź", "smorrebrod-lodz"),
        ("株式会社", "workspace"),
        ("!!!", "workspace"),
        ("a" * 60, "a" * LONGEST),
        ("x" * 39 + " y", "x" * 39),
    ],
)
def test_stem_of_a_name(name, stem):
    assert slug_stem(name, fallback="workspace") == stem


def test_numbered_slugs_stay_within_the_form():
    assert numbered_slug("acme", 1) == "acme"
    assert numbered_slug("acme", 2) == "acme-2"
    assert numbered_slug("x" * 40, 10) == "x" * 37 + "-10"
    assert numbered_slug("x" * 36 + "-yyy", 10) == "x" * 36 + "-10"


def test_numbered_slugs_avoid_what_is_reserved_or_too_short():
    assert numbered_slug("admin", 1) is None
    assert numbered_slug("admin", 2) == "admin-2"
    assert numbered_slug("a", 1) is None
    assert numbered_slug("a", 2) == "a-2"
