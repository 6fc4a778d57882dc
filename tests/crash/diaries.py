"""Two observers in an installed package, each with a diary in a file, for servers to find."""

from tests.cli.running import run

NAMES = ("first_diary", "second_diary")
METADATA = "Metadata-Version: 2.1\nName: diaries\nVersion: 1.0\n"
PLUGIN = """
import os
from app.hookspecs import Manifest, hookimpl

manifest = Manifest("{name}", "1.0", "Writes down what it is told.")


@hookimpl
def credits_deducted(event):
    note(event.transaction)


@hookimpl
def cycle_closed(event):
    note(f"{{event.account}} {{event.period_end.isoformat()}}")


def note(words):
    with open(os.environ["DIARIES"] + "/{name}.txt", "a") as diary:
        diary.write(words + "\\n")
"""


class Diaries:
    """The package in a folder, and what its observers wrote down."""

    def __init__(self, folder):
        self.folder = folder
        about = folder / "diaries-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(METADATA)
        names = "".join(f"{name} = {name}\n" for name in NAMES)
        (about / "entry_points.txt").write_text(f"[coffer.plugins]\n{names}")
        for name in NAMES:
            (folder / f"{name}.py").write_text(PLUGIN.format(name=name))

    def begin(self, environment):
        """Install them for processes with this environment, and switch them on."""
        environment |= {"PYTHONPATH": str(self.folder), "DIARIES": str(self.folder)}
        for name in NAMES:
            done = run("plugins", "on", name, environment=environment)
            assert done.returncode == 0, done.stderr

    def read(self, name):
        """What one of them wrote down, in order; a line that is being written is left out."""
        path = self.folder / f"{name}.txt"
        return path.read_text().split("\n")[:-1] if path.exists() else []

    def heard(self):
        """What each of them heard, in the order in which it heard of it first."""
        return [list(dict.fromkeys(self.read(name))) for name in NAMES]
