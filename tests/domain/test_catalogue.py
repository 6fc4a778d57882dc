"""The catalogue: what is unknown is refused in words that help."""

import pytest

from app.domain.catalogue import Catalogue
from app.domain.refusals import InvalidRequest
from tests.domain.sample_pool import BUSINESS, PLANS

CATALOGUE = Catalogue(PLANS, {"deploy": 1, "ai.video": 5}, {})


def test_plans_and_prices_are_found():
    assert CATALOGUE.plan("business") is BUSINESS
    assert CATALOGUE.price("ai.video") == 5


def test_an_unknown_action_is_refused_with_the_one_that_may_be_meant():
    with pytest.raises(InvalidRequest) as refused:
        CATALOGUE.price("ai.vidoe")
    assert refused.value.errors[0][0] == "action"
    assert "“ai.video”" in refused.value.detail


def test_an_action_like_no_other_is_refused_without_a_guess():
    with pytest.raises(InvalidRequest) as refused:
        CATALOGUE.price("xyz")
    assert "Did you mean" not in refused.value.detail


def test_an_unknown_plan_is_refused_with_those_that_there_are():
    with pytest.raises(InvalidRequest, match="free, business"):
        CATALOGUE.plan("gold")
