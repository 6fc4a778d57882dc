"""The kit of app runners: a sound one passes, and each fault is found by the test meant for it."""

import inspect

import pytest

from app.conformance.running import ROUGH, RunnerConformance
from tests.conformance.runners import FOUND_BY, Bench


class TestReferenceRunner(RunnerConformance):
    @pytest.fixture
    def bench(self):
        return Bench()


@pytest.mark.parametrize("mutant", FOUND_BY, ids=lambda mutant: mutant.__name__)
def test_a_fault_is_found(mutant):
    test = getattr(RunnerConformance(), FOUND_BY[mutant])
    takes_prompt = "prompt" in inspect.signature(test).parameters
    tries = [(prompt,) for prompt in ROUGH] if takes_prompt else [()]
    assert any(fails(test, Bench(mutant), *given) for given in tries)


def fails(test, *given):
    """Tell whether pytest would call it a failure."""
    try:
        test(*given)
    except Exception:  # noqa: BLE001 - whatever a faulty runner leads to
        return True
    return False
