"""The frame of plugins' pages: their templates, filled in apart from ours and put into a page.

A plugin's templates see nothing of the portal: they live in an environment of their own, without
access to attributes that begin with _, and everything is escaped. They find our macros and a page
to extend under `coffer/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.settings import ROOT
from app.web.pages.looks import icon
from app.web.pages.wording import FILTERS

OURS = {"coffer/page.html": "plugins/frame.html", "coffer/macros.html": "macros.html"}

_token: ContextVar[str] = ContextVar("token of the form that is being filled in", default="")


class Filling:
    """Fills templates of one plugin in, for one visitor. It may run in any thread."""

    def __init__(self, folder: Path | None, token: str, within: str, title: str) -> None:
        self._folder = folder
        self._token = token
        self._within = within
        self._title = title

    def __call__(self, template: str, values: Mapping[str, Any]) -> str:
        """Give the HTML of a template with these values."""
        _token.set(self._token)
        context = {**values, "page_title": self._title, "address": self.address}
        return _environment(self._folder).get_template(template).render(context)

    def address(self, path: str = "") -> str:
        """The address of another page of the plugin, for the same account."""
        path = path.lstrip("/")
        beside = not path or path.startswith(("?", "#"))
        return f"{self._within}{path}" if beside else f"{self._within}/{path}"


@cache
def _environment(folder: Path | None) -> ImmutableSandboxedEnvironment:
    ours = {name: (ROOT / "templates" / path).read_text("utf-8") for name, path in OURS.items()}
    loaders: list[BaseLoader] = [DictLoader(ours)]
    if folder is not None:
        loaders.append(FileSystemLoader(folder))
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(FILTERS)
    made.globals.update(icon=icon, csrf_token=_token.get)
    return made
