"""Where plugins are found, and what a manifest must say."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from app.hookspecs import API_VERSION, Manifest, SettingField
from app.plugin_manager.plugin import NotUsable

GROUP = "coffer.plugins"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
KINDS: dict[str, type] = {
    "text": str,
    "integer": int,
    "boolean": bool,
    "secret": str,
    "choice": str,
}

Load = Callable[[], Any]


def found_in(folder: Path | None) -> Iterator[tuple[str, str, Load]]:
    """List name, origin and way to load of what entry points name and what lies in the folder."""
    for entry_point in entry_points(group=GROUP):
        yield entry_point.name, f"entry point {entry_point.value}", entry_point.load
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
        is_plugin = path.suffix == ".py" or (path / "__init__.py").exists()
        if is_plugin and not path.name.startswith(("_", ".")):
            module = f"plugins.{path.stem}"
            yield path.stem, str(path), partial(importlib.import_module, module)


def manifest_of(found: object) -> Manifest:
    """Read a plugin's manifest, or raise `NotUsable`."""
    manifest: Any = getattr(found, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise NotUsable("It has no `manifest`: say `manifest = Manifest(name=…, …)`.")
    if type(manifest.name) is not str or not NAME.fullmatch(manifest.name):
        raise NotUsable("Its name must be small letters, digits and _, 2 to 40 of them.")
    lowest, highest = manifest.api
    if not lowest <= API_VERSION <= highest:
        raise NotUsable(
            f"It was written for hook API {lowest} to {highest}; this is {API_VERSION}."
        )
    for field in manifest.settings:
        _require_field(field)
    if len({field.name for field in manifest.settings}) < len(manifest.settings):
        raise NotUsable("It declares two settings of one name.")
    return manifest


def _require_field(field: Any) -> None:  # noqa: ANN401 - whatever an author wrote
    if not isinstance(field, SettingField) or field.kind not in KINDS:
        raise NotUsable(f"Its settings are `SettingField`s of the kinds {', '.join(KINDS)}.")
    if not NAME.fullmatch(field.name):
        raise NotUsable(f"The setting {field.name!r} must be small letters, digits and _.")
    if type(field.default) is not KINDS[field.kind]:
        raise NotUsable(f"The default of the setting {field.name} is no {field.kind}.")
    if field.kind == "choice" and field.default not in field.choices:
        raise NotUsable(f"The default of the setting {field.name} is none of its choices.")
    if field.kind == "secret" and field.default:
        raise NotUsable(f"The secret {field.name} must have no default.")


def folder_of(found: object, name: str | None) -> Path | None:
    """Find a folder that a manifest names beside the plugin's module; None when it names none."""
    if name is None:
        return None
    module = found if hasattr(found, "__file__") else sys.modules.get(type(found).__module__)
    file = getattr(module, "__file__", None)
    folder = Path(file).resolve().parent / name if file else None
    if folder is None or not folder.is_dir():
        raise NotUsable(f"There is no folder {name} beside its module.")
    return folder
