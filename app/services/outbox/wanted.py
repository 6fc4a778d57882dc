"""Who wants to be told what: the outbox's consumers, by topic, under one version of the directory.

Plugins that are switched on are consumers of the topics that they have hooks for; one that is in
quarantine, too, since it may come back. Consumers of the house's own belong here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.services.directory import View
from app.services.outbox.topic import Topic
from app.services.plugins.installed import installed
from app.store.plugins import PluginFacts

PLUGIN = "plugin:"


class Ear(NamedTuple):
    """A consumer, and the accounts by id of which it is told nothing."""

    consumer: str
    off_for: frozenset[int] = frozenset()


Wanted = Mapping[str, tuple[Ear, ...]]


def wanted_under(view: View) -> Wanted:
    """Tell who wants what under a view."""
    return view.remember("wanted topics", lambda: wanted_by(view.plugins))


def wanted_by(plugins: Mapping[str, PluginFacts]) -> Wanted:
    """Tell who wants what, as the operator decided of plugins; what nobody wants is left out."""
    ears: dict[str, list[Ear]] = {}
    for plugin in installed().plugins.values():
        facts = plugins.get(plugin.name)
        if facts is not None and facts.is_on:
            for topic in plugin.hooks.keys() & set(Topic):
                ears.setdefault(topic, []).append(Ear(PLUGIN + plugin.name, facts.off_for))
    return {topic: tuple(found) for topic, found in ears.items()}
