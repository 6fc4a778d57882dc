"""Where settings come from: the environment (`COFFER_…`, `DATABASE_URL`), else `config.py` in the
instance folder, else the default. The secret key is made on the first start.
"""

from __future__ import annotations

import difflib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.settings import DEFAULT, ROOT, Settings

ARGUMENT = "argument"
ENVIRONMENT = "environment"
CONFIG_FILE = "instance/config.py"
FIRST_START = "made on first start"


class BadSetting(Exception):  # noqa: N818 - one sentence for the operator, not a crash
    """A setting can't be used. The text names the setting, where it came from, and why."""


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - a setting may be of any type
    """Gather the settings from arguments, environment, `config.py` and defaults."""
    environment = _from_environment()
    folder = Path(overrides.get("instance", environment.get("instance", ROOT / "instance")))
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in (
        (CONFIG_FILE, _from_file(folder / "config.py")),
        (ENVIRONMENT, environment),
        (ARGUMENT, overrides),
    ):
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    values["instance"] = folder.expanduser().absolute()
    return _completed(_checked(values, origins))


def _completed(settings: Settings) -> Settings:
    """Fill in what follows from other settings."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return settings.model_copy(
        update={
            "public_url": settings.public_url or f"http://{host}:{settings.port}",
            "database_url": settings.database_url or f"sqlite:///{settings.instance / 'coffer.db'}",
        }
    )


def with_secret_key(settings: Settings) -> Settings:
    """Give back the settings with a secret key, made and kept on the first start."""
    if settings.secret_key:
        return settings
    complete = settings.model_copy(update={"secret_key": _kept_secret(settings.instance)})
    complete.note_origins({"secret_key": FIRST_START})
    return complete


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return "DATABASE_URL" if name == "database_url" else f"COFFER_{name.upper()}"


def _from_environment() -> dict[str, str]:
    names = {name: variable(name) for name in Settings.model_fields}
    return {name: os.environ[key] for name, key in names.items() if key in os.environ}


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    names: dict[str, Any] = {}
    try:
        exec(compile(path.read_bytes(), path, "exec"), names)  # noqa: S102 - the operator's own file
    except Exception as error:
        raise BadSetting(f"{CONFIG_FILE} can't be read: {error}.") from error
    given = {name.lower(): value for name, value in names.items() if name.isupper()}
    for name in given.keys() - (Settings.model_fields.keys() - {"instance"}):
        raise BadSetting(_unknown(name))
    return given


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    hint = f" Did you mean {near[0].upper()}?" if near else " `coffer settings` lists them all."
    return f"{CONFIG_FILE} sets {name.upper()}, and there is no such setting.{hint}"


def _checked(values: Mapping[str, Any], origins: dict[str, str]) -> Settings:
    try:
        settings = Settings(**values)
    except ValidationError as wrong:
        error = wrong.errors(include_url=False)[0]
        name = str(error["loc"][0])
        origin = origins.get(name, DEFAULT)
        spelled = variable(name) if origin == ENVIRONMENT else name.upper()
        reason = error["msg"].removeprefix("Value error, ")
        raise BadSetting(f"The setting {spelled} ({origin}) can't be used: {reason}.") from None
    settings.note_origins(origins)
    return settings


def _kept_secret(instance: Path) -> str:
    """Read the installation's secret; the first process to come makes it.

    It is written under another name and then linked, so that a process starting at the same
    moment reads either nothing or the whole secret.
    """
    path = instance / "secret_key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=instance, prefix=".secret_key.")  # mode 600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
            Path(path).hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return path.read_text().strip()
