"""Who stands out: what is kind to say, what always holds, and how seldom it is said for nothing."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.proportion import Crowd, out_of_proportion


def flagged(*used):
    """Who stands out, by place; all are sampled."""
    most = sorted(enumerate(used), key=lambda each: -each[1])
    active = [each for each in used if each > 0]
    return out_of_proportion(most, Crowd(len(active), sum(active), sorted(active, reverse=True)))


@pytest.mark.parametrize(
    ("used", "who"),
    [
        ((700, 200, 190, 110), [0]),
        ((620, 40, 40, 40, 40, 40, 40, 40, 40), [0]),
        ((40, 40, 40, 900, 850, 40, 40, 40), [3, 4]),
        ((400, 200, 190, 110), []),
        ((40, 4, 4, 4), []),
        ((1000, 10), []),
        ((1000,), []),
        ((), []),
        ((100, 100, 100, 100), []),
        ((1000, 1, 300, 40, 8, 120), []),
        ((60, *[20] * 200), []),
    ],
)
def test_who_stands_out(used, who):
    """By a factor, among at least three, with a share that matters, unless all differ as much."""
    assert [flag.who for flag in flagged(*used)] == who


def test_the_numbers_of_the_sentence():
    """Bob used 62 %; the other eight used 4.75 % each."""
    (flag,) = flagged(620, *[47] * 4, *[48] * 4)
    assert (flag.credits, flag.share, flag.others) == (620, 0.62, 8)
    assert flag.others_share == pytest.approx(0.0475)


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_what_always_holds(used):
    """Few are named, the most first; who is named used most; shares add up."""
    flags = flagged(*used)
    assert len(flags) <= 3
    assert [f.credits for f in flags] == sorted(used, reverse=True)[: len(flags)]
    for flag in flags:
        assert used[flag.who] == flag.credits
        assert flag.share + flag.others * flag.others_share == pytest.approx(1)
        assert flag.share > flag.others_share


@given(st.lists(st.integers(1, 5000), min_size=3, max_size=12), st.integers(2, 5))
def test_what_is_said_does_not_depend_on_the_size_of_the_pool(used, factor):
    """Twice as much of everything names nobody less."""
    before, after = flagged(*used), flagged(*(factor * each for each in used))
    assert {flag.who for flag in before} <= {flag.who for flag in after}


def test_a_sample_of_a_large_crowd_names_the_same():
    chance = Random(7)
    used = sorted((int(chance.lognormvariate(3, 0.6)) + 1 for _ in range(10_000)), reverse=True)
    used[0] = sum(used)
    most = list(enumerate(used[:50]))
    whole = out_of_proportion(most, Crowd(len(used), sum(used), used))
    part = out_of_proportion(most, Crowd(len(used), sum(used), used[::20]))
    assert [flag.who for flag in whole] == [flag.who for flag in part] == [0]


@pytest.mark.parametrize("members", [3, 5, 10, 50])
@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])
def test_ordinary_teams_are_seldom_bothered(members, spread):
    """Teams whose members differ by chance alone: few hear anything. Always the same teams."""
    chance = Random(members * 100 + int(spread * 10))
    teams = [[int(chance.lognormvariate(4.5, spread)) for _ in range(members)] for _ in range(400)]
    share = sum(bool(flagged(*team)) for team in teams) / len(teams)
    assert share < 0.30


@pytest.mark.parametrize("members", [4, 10, 50])
def test_a_loop_that_runs_away_is_found(members):
    """Somebody uses ten times what people like them use."""
    chance = Random(members)
    found = 0
    for _ in range(200):
        team = [int(chance.lognormvariate(4.5, 0.4)) for _ in range(members)]
        team[0] = 10 * sorted(team)[members // 2] + sum(team) // 5
        found += 0 in [flag.who for flag in flagged(*team)]
    assert found / 200 > 0.85
