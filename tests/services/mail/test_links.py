"""Links: for one purpose, for a while, and not to be forged."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.refusals import Conflict, NotFound
from app.services.mail.links import PATHS, VALIDITY, Links

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINKS = Links("secret", "https://coffer.test/")


def signed(purpose):
    return LINKS.sign(purpose, {"person": 7, "at": int(NOW.timestamp())})


@pytest.mark.parametrize("purpose", ["verify", "reset", "invitation"])
def test_link_is_read_back_until_it_is_out_of_date(purpose):
    claims = LINKS.read(purpose, signed(purpose), NOW + VALIDITY[purpose] - timedelta(seconds=1))
    assert claims["person"] == 7
    with pytest.raises(Conflict, match="out of date"):
        LINKS.read(purpose, signed(purpose), NOW + VALIDITY[purpose])


@pytest.mark.parametrize(
    ("purpose", "validity"),
    [
        ("verify", timedelta(days=3)),
        ("reset", timedelta(hours=1)),
        ("invitation", timedelta(days=7)),
    ],
)
def test_validity_is_what_was_promised(purpose, validity):
    assert VALIDITY[purpose] == validity


def test_link_for_one_purpose_serves_no_other():
    for purpose in ("verify", "invitation"):
        with pytest.raises(NotFound):
            LINKS.read(purpose, signed("reset"), NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: "x" + token,
        lambda token: token.replace(".", "!"),
        lambda token: "",
        lambda token: "ä\0.\ud800",
        lambda token: "e30." + token.partition(".")[2],
    ],
    ids=["cut", "longer", "no dot", "empty", "strange", "other claims"],
)
def test_forged_link_is_not_found(change):
    with pytest.raises(NotFound, match="not complete or not ours"):
        LINKS.read("reset", change(signed("reset")), NOW)


def test_link_signed_with_another_secret_is_not_found():
    with pytest.raises(NotFound):
        Links("other", "https://coffer.test").read("reset", signed("reset"), NOW)


def test_signed_claims_without_an_instant_are_not_found():
    with pytest.raises(NotFound):
        LINKS.read("reset", LINKS.sign("reset", {"person": 7}), NOW)


def test_address_leads_to_the_page_of_the_purpose():
    url = LINKS.url("reset", {"person": 7, "at": int(NOW.timestamp())})
    path, _, token = url.rpartition("/")
    assert path == f"https://coffer.test/{PATHS['reset']}"
    assert LINKS.read("reset", token, NOW)["person"] == 7
