"""Third parties' plugins: built as wheels, installed into a clean environment, found and used."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from app.settings import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PACKAGE = Path(__file__).parent / "corner_shop_package"
SECONDS = 240


class Beside:
    """A clean environment beside Coffer: it sees Coffer, its libraries and what is installed."""

    def __init__(self, folder):
        self.folder, self.instance = folder, folder / "instance"
        self.python = folder / "venv" / "bin" / "python"
        run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
        (site,) = (folder / "venv").glob("lib/python*/site-packages")
        (site / "coffer.pth").write_text(f"{ROOT}\n{sysconfig.get_paths()['purelib']}\n", "utf-8")

    def install(self, package):
        """Build a package as a wheel, away from its folder, and install the wheel."""
        copy = self.folder / "built" / package.name
        shutil.copytree(package, copy)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        wheels = copy / "dist"
        run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, copy)
        (wheel,) = wheels.glob("*.whl")
        run(*pip, "--python", self.python, "install", "--no-deps", "--no-index", wheel)

    def coffer(self, *arguments):
        """Run `coffer` as that environment has it."""
        return self.run(self.python, "-m", "app.cli", *arguments)

    def run(self, *command):
        """Run a command there, in a folder in which nothing lies."""
        clean = {"PATH": os.defpath, "COFFER_INSTANCE": str(self.instance)}
        return run(*command, cwd=self.folder, env=clean)


def run(*command, **more):
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        **more,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """Coffer as it is set up there, with both wheels, of which nobody switched any on yet."""
    made = Beside(tmp_path_factory.mktemp("beside"))
    made.coffer("plugins", "new", "my-billing", "--in", made.folder)
    made.install(PACKAGE)
    made.install(made.folder / "my-billing")
    made.coffer("init")
    return made


@pytest.mark.parametrize("name", ["corner_shop", "my_billing"])
def test_it_is_found_by_its_entry_point_and_waits(beside, name):
    listed = {one["name"]: one for one in json.loads(beside.coffer("plugins", "list", "--json"))}
    assert listed[name]["state"] == "off"
    assert listed[name]["origin"] == f"entry point {name}"


@pytest.mark.parametrize("name", ["corner_shop", "my_billing"])
def test_its_own_tests_pass_and_the_operator_can_check_it(beside, name):
    kit = (beside.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs")
    assert " passed" in beside.run(*kit, f"{name}.conformance")
    checked = json.loads(beside.coffer("plugins", "check", name, "--json"))
    assert checked["passed"] is True
    assert len(checked["results"]) > 40
    assert "passed" in beside.coffer("plugins", "check", name).splitlines()[-1]


def test_it_refuses_a_deduction_and_a_pack_is_paid_through_it(beside):
    beside.coffer("plugins", "on", "corner_shop")
    prove = (beside.python, ROOT / "tests" / "third_party" / "prove.py", beside.instance)
    told = json.loads(beside.run(*prove))
    assert told["states"]["corner_shop"] == ["on", "entry point corner_shop"]
    assert told["statuses"] == [201, 403]
    assert told["refusal"]["code"] == "refused_by_plugin"
    assert told["refusal"]["plugin"] == "corner_shop"
    assert "does not sell ai.video" in told["refusal"]["detail"]
    assert (told["bought"], told["credits"]) == ("processed", 500)
