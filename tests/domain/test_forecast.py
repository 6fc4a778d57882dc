"""The forecast: what it says in each case, what always holds, and how often it comes true."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.forecast import LEAST_DAYS, Outlook, Parcel, forecast

TODAY = date(2026, 12, 1)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RENEWAL = datetime(2026, 12, 20, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)


def past(*used):
    """What the days before today used, yesterday last."""
    return {TODAY - (len(used) - place) * A_DAY: each for place, each in enumerate(used)}


def parcels(*credits):
    return [Parcel(each, None) for each in credits]


def test_an_even_pace_runs_out_on_the_day_one_counts_on_fingers():
    """Ten a day, 55 left at noon: five today and ten a day, so the last goes on the sixth."""
    found = forecast(past(*[10] * 28), parcels(55), NOON, RENEWAL)
    assert (found.outlook, found.daily) == (Outlook.RUNS_OUT, pytest.approx(10))
    assert found.earliest <= date(2026, 12, 6) == found.likely <= found.latest
    assert (found.latest - found.earliest).days <= 1
    assert found.left[0].at == datetime(2026, 12, 2, tzinfo=UTC)
    assert [left.likely for left in found.left[:6]] == [50, 40, 30, 20, 10, 0]


def test_plenty_lasts_beyond_the_renewal():
    found = forecast(past(*[10] * 28), parcels(1000), NOON, RENEWAL)
    assert (found.outlook, found.earliest, found.until) == (Outlook.LASTS, None, RENEWAL)
    assert found.left[-1].at == RENEWAL
    assert 750 < found.left[-1].least <= found.left[-1].likely <= found.left[-1].most < 850


def test_what_is_enough_on_most_days_only_may_run_out():
    used = [0, 40, 5, 0, 30, 2, 12] * 4
    found = forecast(past(*used), parcels(240), NOON, RENEWAL)
    assert found.outlook is Outlook.MAY_RUN_OUT
    assert found.earliest is not None
    assert found.latest is None


def test_credits_that_expire_run_out_with_their_time():
    """Of 500 the 480 end at midnight after tomorrow; the other 20 are used two days later."""
    end = datetime(2026, 12, 3, tzinfo=UTC)
    found = forecast(past(*[10] * 28), [Parcel(480, end), Parcel(20, None)], NOON, RENEWAL)
    assert found.likely == date(2026, 12, 4)
    ended = forecast(past(*[10] * 28), [Parcel(480, end)], NOON, RENEWAL)
    assert (ended.earliest, ended.likely, ended.latest) == (date(2026, 12, 2),) * 3


def test_weekends_count_as_what_they_are():
    """Nobody works at the weekend: what Friday left is there on Monday."""
    used = {TODAY - n * A_DAY: 0 if (TODAY - n * A_DAY).weekday() >= 5 else 70 for n in range(56)}
    friday = datetime(2026, 12, 4, tzinfo=UTC)
    found = forecast(used, parcels(100), friday, RENEWAL)
    assert found.likely == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("used", "outlook"),
    [
        (past(), Outlook.TOO_LITTLE),
        (past(*[10] * (LEAST_DAYS - 1)), Outlook.TOO_LITTLE),
        (past(*[10] + [0] * 20), Outlook.TOO_LITTLE),
        ({TODAY: 500}, Outlook.TOO_LITTLE),
        (past(*[0] * 30), Outlook.UNUSED),
        ({TODAY - 100 * A_DAY: 50}, Outlook.UNUSED),
    ],
)
def test_too_little_history_is_said(used, outlook):
    found = forecast(used, parcels(100), NOON, RENEWAL)
    assert (found.outlook, found.likely, found.left) == (outlook, None, ())


def test_an_empty_pool_is_empty():
    assert forecast(past(*[10] * 28), parcels(0), NOON, RENEWAL).outlook is Outlook.EMPTY
    assert forecast({}, [], NOON, None).outlook is Outlook.EMPTY


def test_without_a_renewal_it_looks_a_year_ahead():
    found = forecast(past(*[1] * 28), parcels(200), NOON)
    assert (found.renews, found.outlook) == (False, Outlook.RUNS_OUT)
    assert found.likely == TODAY + 200 * A_DAY


def test_what_is_recent_weighs_more():
    rising = forecast(past(*[5] * 28, *[50] * 28), parcels(10_000), NOON, RENEWAL)
    assert 35 < rising.daily < 50


USED = st.lists(st.integers(-5, 400), min_size=7, max_size=60)
GRANTS = st.lists(
    st.builds(
        Parcel,
        st.integers(0, 3000),
        st.none() | st.integers(1, 900).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    min_size=1,
    max_size=4,
)


# A busy machine draws slowly, which says nothing of these lists.
unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@unhurried
@given(USED, GRANTS, st.none() | st.integers(1, 800))
def test_what_always_holds(used, grants, hours):
    """Days are in order, within what it looks at; no path has more than there is."""
    renews_at = None if hours is None else NOON + timedelta(hours=hours)
    found = forecast(past(*used), grants, NOON, renews_at)
    days = [day for day in (found.earliest, found.likely, found.latest) if day is not None]
    assert days == sorted(days)
    assert all(TODAY <= day <= found.until.date() for day in days)
    assert (found.outlook is Outlook.RUNS_OUT) == (found.latest is not None)
    assert (found.outlook in (Outlook.RUNS_OUT, Outlook.MAY_RUN_OUT)) == bool(days)
    total = sum(grant.credits for grant in grants)
    earlier = ((total,) * 3, *(each[1:] for each in found.left))
    for before, after in zip(earlier, found.left, strict=False):
        assert 0 <= after.least <= after.likely <= after.most
        assert all(now <= then for now, then in zip(after[1:], before, strict=True))


@unhurried
@given(USED, st.integers(1, 2000), st.integers(0, 500))
def test_more_credits_never_end_sooner(used, credits, more):
    last = date.max
    few, many = (forecast(past(*used), parcels(n), NOON) for n in (credits, credits + more))
    for name in ("earliest", "likely", "latest"):
        assert (getattr(few, name) or last) <= (getattr(many, name) or last)


def even(chance, day):
    return chance.randint(15, 25)


def weekly(chance, day):
    return chance.randint(0, 8) if day.weekday() >= 5 else chance.randint(15, 60)


def bursts(chance, day):
    return sum(chance.choice((1, 2, 5, 40)) for _ in range(chance.randrange(5)))


def heavy_tailed(chance, day):
    return int(chance.lognormvariate(3, 1))


def seldom(chance, day):
    return chance.randint(20, 120) if chance.random() < 0.3 else 0


class Moody:
    """High weeks follow high weeks, as where a team works on one big thing."""

    def __init__(self):
        self.mood = 1.0

    def __call__(self, chance, day):
        self.mood = 0.8 * self.mood + 0.2 * chance.choice((0.4, 1.0, 1.6))
        return int(chance.randint(20, 60) * self.mood)


ROUNDS = 200
FAR = datetime(2027, 3, 1, tzinfo=UTC)


def comes_true(use, history, ahead, chance):
    """Let a pool be used up, and tell whether that was on a day that the forecast named."""
    days = [TODAY + n * A_DAY for n in range(-history, 400)]
    used = {day: use(chance, day) for day in days}
    spread = sum(used[day] for day in days[:history]) / history
    credits = max(1, round(spread * ahead))
    past = {day: used[day] for day in days[:history]}
    found = forecast(past, parcels(credits), datetime(2026, 12, 1, tzinfo=UTC), FAR)
    for day in days[history:]:
        credits -= used[day]
        if credits <= 0:
            return found.earliest <= day <= (found.latest or date.max), found
    raise AssertionError("the pool never ended")


@pytest.mark.parametrize("use", [even, weekly, bursts, heavy_tailed, seldom, Moody])
@pytest.mark.parametrize(("history", "ahead"), [(10, 8), (28, 8), (56, 20)])
def test_it_comes_true_about_four_times_of_five(use, history, ahead):
    """The stated interval, against futures that are drawn as the past was. Always the same ones."""
    chance = Random(f"{use.__name__} {history} {ahead}")
    answers = []
    for _ in range(ROUNDS):
        try:
            answers.append(comes_true(use() if use is Moody else use, history, ahead, chance))
        except TypeError:  # too little history to say a day: `seldom` in ten days
            continue
    covered = sum(true for true, _ in answers) / len(answers)
    assert len(answers) > ROUNDS * 0.6
    assert covered >= 0.70
