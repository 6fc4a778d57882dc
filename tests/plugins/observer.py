"""Plugins that observe and write down what they are told, through the real verbs."""

import types

from app.hookspecs import Manifest, hookimpl
from app.plugin_manager import PluginManager
from app.services.plugins.configure import switch
from app.services.plugins.deliver import deliver
from app.services.plugins.installed import install

HOOKS = (
    "credits_deducted",
    "credits_low",
    "credits_exhausted",
    "hold_expired",
    "top_up_completed",
    "member_joined",
    "member_left",
    "cycle_closed",
    "subscription_changed",
)


class Diary:
    """What a plugin was told, as (hook, event); `before` may raise or wait for it."""

    def __init__(self):
        self.told, self.before = [], lambda hook, event: None

    def events(self, hook):
        """The events of one hook."""
        return [event for name, event in self.told if name == hook]

    def hook(self, name):
        """The implementation of one hook."""

        def told(event):
            self.before(name, event)
            self.told.append((name, event))

        return hookimpl(told)


def observers(**hooks):
    """Install plugins that observe these hooks, all switched off; returns their diaries."""
    manager, diaries = PluginManager(), {}
    for name, observed in hooks.items():
        diary = diaries[name] = Diary()
        found = types.SimpleNamespace(
            manifest=Manifest(name, "1.0", "Observes."),
            **{hook: diary.hook(hook) for hook in observed},
        )
        manager.load(name, "test", lambda found=found: found)
    install(manager)
    return diaries


def on(*names):
    """Switch plugins on."""
    for name in names:
        switch(name, on=True)


def tell(now):
    """Deliver what is due at an instant."""
    return deliver(lambda: now)
