"""VERB that reads: every setting with its value, meaning and source; secrets are never shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.settings import Settings

KEPT, FIRST_START = "kept in instance/secret_key", "made on first start"
HIDDEN = "********"


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it may be shown. Of what `is_secret` only that it is set."""

    name: str
    value: str
    meaning: str
    source: str
    is_secret: bool


def describe_settings(settings: Settings) -> Iterator[SettingRow]:
    """Describe each setting, in the order in which they are declared."""
    for name, field in type(settings).model_fields.items():
        value = str(getattr(settings, name))
        extra = field.json_schema_extra
        is_secret = isinstance(extra, dict) and bool(extra.get("secret"))
        source = settings.origin(name)
        if name == "secret_key" and (not value or source == FIRST_START):
            value, source = KEPT, FIRST_START
        elif is_secret:
            value = masked(value)
        spelled = "DATABASE_URL" if name == "database_url" else f"COFFER_{name.upper()}"
        yield SettingRow(spelled, value, field.description or "", source, is_secret)


def masked(value: str) -> str:
    """Hide a secret; of an address only the password is one."""
    if "://" not in value:
        return HIDDEN if value else ""
    password = urlsplit(value).password
    return value.replace(f":{password}@", f":{HIDDEN}@", 1) if password else value
