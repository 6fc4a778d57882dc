"""What a plugin says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

API_VERSION = 1


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting that the plugin declares; the operator sets it. `kind` says how it is checked.

    A `secret` is stored encrypted and never shown again. A `choice` is one of `choices`.
    """

    name: str
    kind: Literal["text", "integer", "boolean", "secret", "choice"]
    meaning: str
    default: str | int | bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says of itself, as `manifest` of its module or object.

    `api` is the range of hook API versions that it was written for, both ends included.
    `templates` and `migrations` name folders beside the plugin's module: Jinja templates of its
    pages, Alembic revisions of its tables. `conformance` names the module whose tests subclass
    the conformance kit.
    """

    name: str
    version: str
    summary: str
    api: tuple[int, int] = (API_VERSION, API_VERSION)
    settings: tuple[SettingField, ...] = ()
    templates: str | None = None
    migrations: str | None = None
    conformance: str | None = None
