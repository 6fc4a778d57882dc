"""Commands about the installation itself: its database and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.settings import Settings


@click.command()
def init() -> None:
    """Create the database, with the catalogue that Coffer ships."""
    click.echo(f"The database {_upgrade()} is ready.")


@click.command()
def migrate() -> None:
    """Bring the database up to this version of Coffer."""
    click.echo(f"The database {_upgrade()} is up to date.")


@click.command()
@as_json
def settings(as_json: bool) -> None:
    """Print each setting with its value, meaning and source."""
    from app.sources import load_settings

    rows = _rows(load_settings())
    text = "\n".join(
        f"{row['name']} = {row['value']}\n    {row['meaning']} [{row['source']}]" for row in rows
    )
    answer(rows, text, as_json=as_json)


def _upgrade() -> str:
    """Run what migrations are missing and put the catalogue in place; both may be repeated."""
    with installation(ready=False) as portal:
        from flask import current_app

        from app.services.catalogue import ship_catalogue
        from app.services.readiness import require_reachable
        from app.store.revision import run_migrations

        require_reachable()
        run_migrations(current_app)
        ship_catalogue()
        _upgrade_plugins()
        return _masked(portal.settings.database_url)


def _upgrade_plugins() -> None:
    """Bring plugins' own tables up to date; one that fails is told and stops nothing."""
    from app.services.plugins.installed import installed
    from app.services.plugins.migrate import migrate_plugins

    for plugin, problem in migrate_plugins(installed()):
        if problem is not None:
            click.echo(f"The plugin {plugin} is refused. {problem}", err=True)


def _rows(settings: Settings) -> list[dict[str, Any]]:
    from app.sources import FIRST_START, variable

    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        extra = field.json_schema_extra
        is_secret = isinstance(extra, dict) and bool(extra.get("secret"))
        source = settings.origin(name)
        if name == "secret_key" and not value:
            source, value = FIRST_START, "kept in instance/secret_key"
        elif is_secret:
            value = _masked(str(value))
        rows.append(
            {
                "name": variable(name),
                "value": value if isinstance(value, int) else str(value),
                "meaning": field.description,
                "source": source,
            }
        )
    return rows


def _masked(value: str) -> str:
    """Hide a secret; of an address only the password is one."""
    from urllib.parse import urlsplit

    if "://" not in value:
        return "********" if value else ""
    password = urlsplit(value).password
    return value.replace(f":{password}@", ":********@", 1) if password else value


COMMANDS = (init, migrate, settings)
