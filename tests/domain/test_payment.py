"""Payments: which telling takes the place of which, and when it is asked and tried again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.domain.payment import (
    ARRIVES_WITHIN,
    AttemptState,
    ask_after,
    auto_retry_after,
    follows,
    month_of,
    retry_at,
)

NOW = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOT_PROCESSED = [state for state in AttemptState if state is not AttemptState.PROCESSED]


@pytest.mark.parametrize("told", AttemptState)
def test_what_was_processed_stays_so(told):
    assert not follows(AttemptState.PROCESSED, told)


@pytest.mark.parametrize("before", NOT_PROCESSED)
def test_that_money_moved_may_be_learnt_at_any_time(before):
    assert follows(before, AttemptState.PROCESSED)


@pytest.mark.parametrize("before", [AttemptState.DECLINED, AttemptState.CANCELLED])
@pytest.mark.parametrize("told", NOT_PROCESSED)
def test_an_end_without_money_is_not_taken_back_otherwise(before, told):
    assert not follows(before, told)


def test_knowing_nothing_is_less_than_knowing_that_it_is_pending():
    assert not follows(AttemptState.PENDING, AttemptState.UNKNOWN)
    assert follows(AttemptState.UNKNOWN, AttemptState.PENDING)
    assert follows(AttemptState.OPEN, AttemptState.UNKNOWN)


def test_it_is_asked_ever_more_rarely_and_never_not_at_all():
    waits = [ask_after(asked) for asked in range(50)]
    assert all(first <= second for first, second in pairwise(waits))
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), DAY)
    assert sum(waits[:3], timedelta()) > ARRIVES_WITHIN  # an early answer is not the last one


def test_a_period_is_tried_again_after_1_3_and_5_days():
    days = [retry_at(NOW, failures) for failures in range(1, 6)]
    assert days == [NOW + DAY, NOW + 3 * DAY, NOW + 5 * DAY, None, None]


def test_automatic_top_up_gives_up_after_three_failures():
    assert [auto_retry_after(n) for n in (1, 2, 3, 4)] == [timedelta(hours=1), DAY, None, None]


def test_a_month_begins_at_midnight_utc_on_its_first_day():
    assert month_of(NOW) == datetime(2026, 3, 1, tzinfo=UTC)
