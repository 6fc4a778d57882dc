"""Commands about plugins: list them, switch them, set their settings."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.terms import answer, as_json, installation

if TYPE_CHECKING:
    from app.services.plugins.checked import Checked
    from app.services.plugins.listing import PluginView


@click.group()
def plugins() -> None:
    """The plugins that were found by entry point or in the folder plugins/."""


@plugins.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List all plugins, with state, hooks and settings; a refused one with the reason."""
    from app.services.plugins.listing import list_plugins

    with installation() as portal:
        found = list_plugins(portal.clock.now())
    text = "\n".join(map(_line, found)) or "No plugin was found."
    answer([asdict(plugin) for plugin in found], text, as_json=as_json)


@plugins.command("on")
@click.argument("name")
def on(name: str) -> None:
    """Switch NAME on; that also lets it out of quarantine."""
    _switch(name, on=True)


@plugins.command("off")
@click.argument("name")
def off(name: str) -> None:
    """Switch NAME off: none of its hooks is called."""
    _switch(name, on=False)


@plugins.command("set")
@click.argument("name")
@click.argument("setting")
@click.argument("value", required=False)
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the value there: for secrets.")
def set_(name: str, setting: str, value: str | None, from_stdin: bool) -> None:
    """Set one SETTING of the plugin NAME; an empty secret is forgotten."""
    from app.services.plugins.set_fields import set_setting

    if (value is None) is not from_stdin:
        raise click.UsageError("Give the VALUE, or --stdin to read it there.")
    text = sys.stdin.read().strip() if value is None else value
    with installation():
        set_setting(name, setting, text)
    click.echo(f"{name}: {setting} is set.")


@plugins.command("shadow")
@click.argument("name")
@click.option("--end", is_flag=True, help="Heed its answers again.")
def shadow(name: str, end: bool) -> None:
    """Ask the deciders of NAME, remember their answers, and don't heed them."""
    from app.services.plugins.configure import shadow as set_shadow

    with installation():
        set_shadow(name, on=not end)
    click.echo(f"{name} is {'heeded again' if end else 'in shadow mode'}.")


@plugins.command("check")
@click.argument("name")
@as_json
def check(name: str, as_json: bool) -> None:
    """Check NAME: that it loads, what it brings, and the conformance kit if it has one.

    The result shows on its page. Exits with 1 when something failed.
    """
    from app.services.plugins.check import check_plugin

    with installation() as portal:
        done = check_plugin(name, portal.clock.now())
    answer(asdict(done) | {"passed": done.passed}, _report(done), as_json=as_json)
    sys.exit(0 if done.passed else 1)


@plugins.command("new")
@click.argument("name")
@click.option("--in", "folder", default=".", help="Folder to write it into; default is this one.")
def new(name: str, folder: str) -> None:
    """Write a package to begin with: a billing provider with its test, CI and README."""
    from app.cli.package import write_package

    written = write_package(name, Path(folder))
    click.echo(f"{written} is there. Its README.md says how to go on.")


def _report(done: Checked) -> str:
    marks = {True: "passed", False: "FAILED", None: "left out"}
    lines = [
        f"{marks[each.passed]:<9} {each.what}" + (f": {each.words}" if each.words else "")
        for each in done.results
    ]
    state = "passed" if done.passed else f"failed in {len(done.failed)} of {len(done.results)}"
    return "\n".join([*lines, f"{done.plugin} {done.version} {state}."])


def _switch(name: str, *, on: bool) -> None:
    from app.services.plugins.configure import switch

    with installation():
        switch(name, on=on)
    click.echo(f"{name} is {'on' if on else 'off'}.")


def _line(plugin: PluginView) -> str:
    state = f"{plugin.state}, in shadow mode" if plugin.in_shadow else plugin.state
    lines = [f"{plugin.name} {plugin.version}: {state}. {plugin.summary}".rstrip()]
    lines += [f"  {words}" for words in (plugin.reason, *plugin.warnings) if words]
    if plugin.last_error and plugin.last_error != plugin.reason:
        lines.append(f"  last error: {plugin.last_error}")
    if plugin.hooks:
        lines.append(f"  hooks: {', '.join(plugin.hooks)}")
    lines += [f"  {name} = {value!r}" for name, value in plugin.settings.items()]
    return "\n".join(lines)


COMMANDS = (plugins,)
