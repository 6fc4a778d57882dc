"""A large workspace moves in bounded memory, as it is at one instant while others spend."""

import gc
import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.grant import Source
from app.services.credits.caller import caller_of
from app.services.credits.grant import grant_credits
from app.services.credits.spend import Spending, deduct, deduct_many
from app.services.credits.verify import verify_ledger
from app.services.moving.export_workspace import export_workspace
from app.services.moving.import_workspace import import_workspace
from app.services.people.sign_up import create_person
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.open import start_workspace
from tests.services.moving.conftest import ALICE, NOW, START

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LINES, AT_ONCE = 100_000, 5_000
MIB = 1024 * 1024
MOST_MEMORY = 40 * MIB  # as objects the lines alone would take five times that
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
SPENDING = Spending("acme", ALICE, None, "deploy", 1, {"what": "x" * 50})
both_ways = pytest.mark.parametrize(
    "places", [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True, ids="-to-".join
)


def begin():
    create_person(ALICE, "Alice", None, START, verified=True)
    start_workspace(ALICE, "acme", "Acme", "business", START, START)
    grant_credits("acme", 10 * LINES, Source.TOP_UP, None, "", START)
    return caller_of(make_service_token("platform", START)[1], START)


def peak(work):
    """What came of some work, and the most memory that it took beyond what there was, in bytes."""
    gc.collect()
    CLEAR.write_text("5")  # the peak counts anew from here
    before = memory("VmRSS")
    return work(), memory("VmHWM") - before


def memory(what):
    (found,) = re.findall(rf"{what}:\s+(\d+) kB", STATUS.read_text())
    return int(found) * 1024


@both_ways
def test_a_hundred_thousand_lines_take_bounded_memory(places):
    with places.left.inside():
        caller = begin()
        for first in range(0, LINES, AT_ONCE):
            asked = [(SPENDING, f"key {n}") for n in range(first, first + AT_ONCE)]
            deduct_many(caller, asked, START + timedelta(minutes=first // AT_ONCE))
        made, most = peak(lambda: export_workspace("acme", places.file, NOW))
        assert made.counts["transaction"] >= LINES
        assert most < MOST_MEMORY
    with places.come.inside():
        arrived, most = peak(lambda: import_workspace(places.file, NOW))
        assert arrived == made
        assert most < MOST_MEMORY
        assert all(each.difference is None for each in verify_ledger("acme"))


@both_ways
def test_what_is_written_is_one_instant_while_others_spend(places, tmp_path):
    done, failed = threading.Event(), []
    with places.left.inside() as app:
        caller = begin()

        def spend():
            try:
                with app.app_context():
                    number = 0
                    while not done.is_set():
                        number += 1
                        deduct(caller, SPENDING, f"key {number}", START)
            except Exception as error:  # noqa: BLE001 - told by the test
                failed.append(error)

        spender = threading.Thread(target=spend)
        spender.start()
        files = [tmp_path / f"file{number}" for number in range(5)]
        made = [export_workspace("acme", file, NOW) for file in files]
        done.set()
        spender.join()
    assert failed == []
    assert made[0].balance > made[-1].balance
    with places.come.inside():
        assert import_workspace(files[2], NOW) == made[2]
