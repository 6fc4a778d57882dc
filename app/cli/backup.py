"""Commands that copy an installation into a file, and bring it back."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.terms import installation, spell

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Copy the database, the secret and config.py into FILE, while Coffer runs.

    Of PostgreSQL only the secret and config.py: copy the database with pg_dump.
    """
    with installation() as portal:
        from app.services.backup import back_up

        settings = portal.settings
        made = back_up(settings.instance, file, portal.clock.now(), is_sqlite=settings.is_sqlite)
        click.echo(f"{file} holds {', '.join(made.holds) or 'nothing'}, as of {spell(made.at)}.")
        if not made.has_database:
            click.echo("The database is not in it: copy that with pg_dump, see the guide.")
        if "secret_key" not in made.holds:
            click.echo("The secret is not in it: it comes from COFFER_SECRET_KEY. Keep that, too.")


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Put a backup from FILE into an empty instance folder. Nothing is overwritten."""
    from app.services.backup import restore as put_back
    from app.sources import load_settings

    settings = load_settings()
    database = settings.database_url.removeprefix("sqlite:///")
    made = put_back(file, settings.instance, Path(database) if settings.is_sqlite else None)
    click.echo(f"{settings.instance} is as of {spell(made.at)}. Run `coffer migrate`, then serve.")


COMMANDS = (backup, restore)
