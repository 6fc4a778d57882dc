"""VERBS: tell plugins what happened, after it was committed and off everybody's way.

A plugin that fails is told again, ever more rarely. Failing at an event for the first time counts
towards quarantine; failing at the same one again does not, so that one event that a plugin can't
take stops neither the plugin nor other accounts.
"""

from __future__ import annotations

from datetime import datetime

from app.plugin_manager import Failed, PluginState
from app.services.directory import directory, looked_up
from app.services.outbox.hand_out import Clock, hand_out
from app.services.outbox.topic import Topic
from app.services.outbox.wanted import PLUGIN
from app.services.plugins.event import event_of
from app.services.plugins.installed import asked_for, installed, settings_of
from app.store.outbox import Message

OBSERVER_SECONDS = 10.0
TOPICS = frozenset(topic.value for topic in Topic)


def deliver(clock: Clock) -> int:
    """Tell every plugin what is due, one after the other; returns how many events were told."""
    return sum(deliver_to(plugin, clock) for plugin in observing_plugins())


def deliver_to(plugin: str, clock: Clock) -> int:
    """Tell one plugin what is due, for at most a few seconds and one call's time box."""
    directory().fresh(clock())
    return hand_out(Observer(plugin), clock)


def observing_plugins() -> list[str]:
    """Name the plugins that have a hook which observes."""
    plugins = installed().plugins.values()
    return [plugin.name for plugin in plugins if TOPICS & plugin.hooks.keys()]


class Observer:
    """A plugin as a consumer of the outbox."""

    def __init__(self, plugin: str) -> None:
        self._plugin = installed().plugins[plugin]
        self._hooks = sorted(TOPICS & self._plugin.hooks.keys())

    @property
    def name(self) -> str:
        """Its name in the outbox."""
        return PLUGIN + self._plugin.name

    def listens(self, now: datetime) -> bool:
        """Tell whether it is switched on and not in quarantine."""
        on = (plugin for plugin, _ in asked_for(self._hooks[0], directory().view(now)))
        return self._plugin.state is PluginState.ON and self._plugin in on

    def take(self, message: Message, now: datetime) -> str | None:
        """Call its hook; of a workspace for which it was switched off since it is told nothing."""
        plugin, view = self._plugin, directory().view(now)
        if message.topic not in plugin.hooks or message.pool in view.plugins[plugin.name].off_for:
            return None
        event = looked_up(lambda newer: event_of(newer, message), now)
        answer = installed().call(
            plugin,
            message.topic,
            {"event": event},
            settings_of(plugin, view),
            lambda _: None,
            seconds=OBSERVER_SECONDS,
            harmless=message.attempts > 0,
        )
        return answer.reason if isinstance(answer, Failed) else None
