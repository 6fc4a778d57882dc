"""Commands about plugins: list them, switch them, set their settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.services.plugins.configure import PluginView


@click.group()
def plugins() -> None:
    """The plugins that were found by entry point or in the folder plugins/."""


@plugins.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List all plugins, with state, hooks and settings; a refused one with the reason."""
    from app.services.plugins.configure import list_plugins

    with installation() as portal:
        found = list_plugins(portal.clock.now())
    text = "\n".join(map(_line, found)) or "No plugin was found."
    answer([asdict(plugin) for plugin in found], text, as_json=as_json)


@plugins.command("on")
@click.argument("name")
def on(name: str) -> None:
    """Switch NAME on."""
    _switch(name, on=True)


@plugins.command("off")
@click.argument("name")
def off(name: str) -> None:
    """Switch NAME off: none of its hooks is called."""
    _switch(name, on=False)


@plugins.command("set")
@click.argument("name")
@click.argument("setting")
@click.argument("value")
def set_(name: str, setting: str, value: str) -> None:
    """Set one SETTING of the plugin NAME."""
    from app.services.plugins.configure import set_setting

    with installation():
        set_setting(name, setting, value)
    click.echo(f"{name}: {setting} is set.")


def _switch(name: str, *, on: bool) -> None:
    from app.services.plugins.configure import switch

    with installation():
        switch(name, on=on)
    click.echo(f"{name} is {'on' if on else 'off'}.")


def _line(plugin: PluginView) -> str:
    lines = [f"{plugin.name} {plugin.version}: {plugin.state}. {plugin.summary}".rstrip()]
    if plugin.reason:
        lines.append(f"  {plugin.reason}")
    if plugin.hooks:
        lines.append(f"  hooks: {', '.join(plugin.hooks)}")
    lines += [f"  {name} = {value!r}" for name, value in plugin.settings.items()]
    return "\n".join(lines)


COMMANDS = (plugins,)
