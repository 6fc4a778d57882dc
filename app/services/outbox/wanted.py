"""Who wants to be told what: the outbox's consumers, by topic, under one version of the directory.

Plugins that are switched on are consumers of the topics that they have hooks for; one that is in
quarantine, too, since it may come back. Consumers of the house's own belong here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.domain.webhook import type_of
from app.services.directory import View
from app.services.outbox.topic import Topic
from app.services.plugins.installed import installed
from app.store.plugins import PluginFacts
from app.store.webhooks import Wishes

PLUGIN = "plugin:"
WEBHOOKS = "webhooks"
PEOPLE = "people"
TOLD_TO_PEOPLE = (
    *(Topic.CREDITS_SCARCE, Topic.CREDITS_LOW, Topic.CREDITS_EXHAUSTED),
    *(Topic.LIMIT_ALERTED, Topic.LIMIT_BLOCKED),
)


class Ear(NamedTuple):
    """A consumer, and the accounts by id of which it is told nothing, or alone something."""

    consumer: str
    off_for: frozenset[int] = frozenset()
    only_for: frozenset[int] | None = None

    def hears(self, account_id: int) -> bool:
        """Tell whether it is told of that account."""
        return account_id not in self.off_for and (
            self.only_for is None or account_id in self.only_for
        )


Wanted = Mapping[str, tuple[Ear, ...]]


def wanted_under(view: View) -> Wanted:
    """Tell who wants what under a view."""
    return view.remember("wanted topics", lambda: wanted_by(view.plugins, view.webhooks))


def wanted_by(plugins: Mapping[str, PluginFacts], webhooks: Wishes) -> Wanted:
    """Tell who wants what, as the operator decided of plugins and accounts of their endpoints.

    What nobody wants is left out.
    """
    ears: dict[str, list[Ear]] = {topic: [Ear(PEOPLE)] for topic in TOLD_TO_PEOPLE}
    for plugin in installed().plugins.values():
        facts = plugins.get(plugin.name)
        if facts is not None and facts.is_on:
            for topic in plugin.hooks.keys() & set(Topic):
                ears.setdefault(topic, []).append(Ear(PLUGIN + plugin.name, facts.off_for))
    for topic in Topic:
        if accounts := webhooks.get(type_of(topic)):
            ears.setdefault(topic, []).append(Ear(WEBHOOKS, only_for=accounts))
    return {topic: tuple(found) for topic, found in ears.items()}
