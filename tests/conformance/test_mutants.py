"""The kit is worth something: each fault is found, by the test that is meant to find it."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.conformance.mutants import FOUND_BY

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
import pytest
from app.conformance.billing import BillingConformance, Lack
from tests.conformance import mutants
from tests.conformance.reference_provider import ReferenceBench, ReferenceProvider
"""
CLASS = """
class Test{name}(BillingConformance):
    @pytest.fixture
    def bench(self, tmp_path):
        return ReferenceBench(tmp_path, mutants.{name})
"""
LACKING = """
class Modest(ReferenceProvider):
    charges_absent = False

    def charge(self, charge):
        if charge.present:
            return super().charge(charge)
        return mutants.Declined("Come and pay.")

    def manage_page(self, payer, return_url):
        return None

class TestModest(BillingConformance):
    @pytest.fixture
    def bench(self, tmp_path):
        bench = ReferenceBench(tmp_path, Modest)
        bench.lacks = {Lack.ABSENT_CHARGES: "nothing is saved", Lack.MANAGE_PAGE: "so no page"}
        return bench
"""


def run(folder, text, tests=("",)):
    """Run pytest as an author would; returns its result file and what it printed."""
    (folder / "test_provider.py").write_text(HEAD + text)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "--tb=no"),
        *("-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(folder)),
        *("-o", f"pythonpath={ROOT}", "--junitxml", "result.xml"),
        *(f"test_provider.py{test}" for test in tests),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ET.parse(folder / "result.xml"), done.stdout


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """Which of those tests failed, by the name of the class with the fault."""
    folder = tmp_path_factory.mktemp("mutants")
    classes = "".join(CLASS.format(name=each.__name__) for each in FOUND_BY)
    tests = [f"::Test{each.__name__}::{test}" for each, test in FOUND_BY.items()]
    result, _ = run(folder, classes, tests)
    found = {}
    for case in result.iter("testcase"):
        if case.find("failure") is not None:
            mutant = case.get("classname").rpartition(".Test")[2]
            found.setdefault(mutant, set()).add(case.get("name").partition("[")[0])
    return found


@pytest.mark.parametrize("mutant", FOUND_BY, ids=lambda mutant: mutant.__name__)
def test_a_fault_is_found(failures, mutant):
    assert FOUND_BY[mutant] in failures.get(mutant.__name__, set())


def test_what_is_lacking_shows_in_the_result(tmp_path):
    result, printed = run(tmp_path, LACKING)
    suite = result.find(".//testsuite").attrib
    assert (suite["failures"], suite["errors"], suite["skipped"]) == ("0", "0", "0")
    assert "bank lacks absent charges: nothing is saved" in printed
    told = {each.get("value") for each in result.iter("property") if each.get("name") == "lacks"}
    assert told == {"absent charges: nothing is saved", "manage page: so no page"}
