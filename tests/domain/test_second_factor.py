"""Second factors: each code counts once, near its time; whoever guesses has to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.second_factor import (
    ALPHABET,
    FREE_TRIES,
    LONGEST_WAIT,
    PROOF_LASTS,
    RECOVERY_CODES,
    is_device_code,
    is_recent,
    matching_step,
    recovery_code,
    step_of,
    tidy_code,
    wait_after,
)

NOW = datetime(2026, 3, 2, 9, 30, 12, tzinfo=UTC)
STEP = step_of(NOW)


def code_at(step):
    return f"{step % 1_000_000:06}"


def test_a_step_is_half_a_minute():
    assert step_of(datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC)) == 1
    assert step_of(NOW + timedelta(seconds=17)) == STEP
    assert step_of(NOW + timedelta(seconds=18)) == STEP + 1


@pytest.mark.parametrize(("off", "counts"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_a_device_s_clock_may_be_one_step_off(off, counts):
    found = matching_step(code_at(STEP + off), code_at, NOW, None)
    assert found == (STEP + off if counts else None)


@pytest.mark.parametrize(("used", "found"), [(STEP - 1, STEP), (STEP, None), (STEP + 1, None)])
def test_a_code_counts_once_and_then_none_before_it(used, found):
    assert matching_step(code_at(STEP), code_at, NOW, used) == found


def test_steps_that_happen_to_share_a_code_count_one_by_one():
    def same(_step):
        return "123456"

    assert matching_step("123456", same, NOW, None) == STEP - 1
    assert matching_step("123456", same, NOW, STEP - 1) == STEP
    assert matching_step("123456", same, NOW, STEP + 1) is None


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "1234567"])
def test_what_is_no_code_of_now_never_counts(wrong):
    assert matching_step(wrong, code_at, NOW, None) is None


@given(st.text())
def test_any_text_can_be_tidied_and_compared(text):
    tidy = tidy_code(text)
    assert tidy == tidy_code(tidy)
    assert tidy.isascii()
    assert matching_step(tidy, code_at, NOW, None) in (None, STEP - 1, STEP, STEP + 1)


@pytest.mark.parametrize(
    ("typed", "tidy", "of_device"),
    [
        (" 123 456\n", "123456", True),
        ("123-456", "123456", True),
        ("K7WQ-m3xd 9fhz\tt2ra", "k7wqm3xd9fhzt2ra", False),
        ("١٢٣٤٥٦", "", False),  # digits, but not those of a device
        ("12345a", "12345a", False),
    ],
)
def test_codes_are_read_as_people_type_them(typed, tidy, of_device):
    assert tidy_code(typed) == tidy
    assert is_device_code(tidy) == of_device


def test_recovery_codes_are_long_and_easy_to_copy():
    letters = iter(ALPHABET)
    code = recovery_code(lambda alphabet: next(letters))
    assert code == "2345-6789-abcd-efgh"
    assert len(tidy_code(code)) == 16
    assert not is_device_code(tidy_code(code))
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("01oil") & set(ALPHABET)
    assert RECOVERY_CODES == 10


def test_a_few_slips_cost_nothing_then_the_wait_doubles_to_an_hour():
    assert [wait_after(count) for count in range(FREE_TRIES)] == [None] * FREE_TRIES
    minutes = [wait_after(count) / timedelta(minutes=1) for count in range(FREE_TRIES, 13)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_after(10**9) == LONGEST_WAIT


def test_a_year_of_guessing_stays_hopeless():
    """Three codes of a million count at any time."""
    spent, tries = timedelta(0), 0
    while spent < timedelta(days=365):
        tries += 1
        spent += wait_after(tries) or timedelta(0)
    assert (1 - 3e-6) ** tries > 0.97


def test_a_proof_lasts_a_quarter_of_an_hour():
    assert not is_recent(None, NOW)
    assert is_recent(NOW, NOW)
    assert is_recent(NOW, NOW + PROOF_LASTS - timedelta(seconds=1))
    assert not is_recent(NOW, NOW + PROOF_LASTS)
