"""Runner for static sites: a version's own files are what visitors see, as they are.

Nothing is built and nothing outside is asked: Coffer serves the files itself, at an address of
the app's own that is isolated from the portal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.hookspecs import (
    AppRunner,
    Deployed,
    GaveUp,
    Manifest,
    Step,
    Task,
    hookimpl,
)

INDEX = "index.html"

manifest = Manifest(
    name="runner_static",
    version="1.0",
    summary="Publishes a version's files as a site, served by Coffer itself.",
    conformance="plugins.runner_static.conformance",
)


class StaticRunner:
    """Publishes; it doesn't generate."""

    key = "static"
    title = "Static site"
    generates = False
    deploys = True

    def not_ready(self) -> str | None:
        """It needs nothing."""
        return None

    def generate(self, _task: Task) -> Iterator[Step]:
        """Say that it can't."""
        yield GaveUp("This runner only publishes files. It doesn't generate any.")

    def deploy(self, task: Task) -> Deployed | GaveUp:
        """Give the version's files back as a site, or say which one is missing."""
        if INDEX in task.files:
            return Deployed(site=task.files)
        return GaveUp(_missing(task.files))


def _missing(files: Mapping[str, bytes]) -> str:
    """Say what is missing, and where it may be."""
    elsewhere = sorted(path for path in files if path.endswith("/" + INDEX))
    if elsewhere:
        return (
            f"There is no {INDEX} at the top, only {elsewhere[0]}. Move the site's files out of "
            f"that folder, so that visitors have a page to begin with."
        )
    return f"There is no {INDEX}, the page that visitors see first. Add one and deploy again."


@hookimpl
def app_runners() -> Sequence[AppRunner]:
    """Bring the runner."""
    return (StaticRunner(),)
