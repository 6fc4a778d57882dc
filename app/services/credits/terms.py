"""The terms on which pools change: the plans, and who wants to be told of what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.domain.catalogue import Plan
from app.services.directory import View
from app.services.outbox.wanted import Wanted, wanted_by, wanted_under
from app.store.catalogue import read_catalogue
from app.store.plugins import read_plugins
from app.store.webhooks import read_wishes


class Terms(NamedTuple):
    """Plans by key, and consumers by topic, under one version of the directory."""

    plans: Mapping[str, Plan]
    wanted: Wanted


TermsOf = Callable[[int], Terms]


def terms_under(
    view: View,
    connection: Any,  # noqa: ANN401 - a connection of the store's
    now: datetime,
) -> TermsOf:
    """Give the terms by the directory's version: those of the view, or read anew."""

    def terms(version: int) -> Terms:
        if view.version == version:
            return Terms(view.catalogue.plans, wanted_under(view))
        plugins = read_plugins(connection)
        plans = read_catalogue(connection, now)[0].plans
        return Terms(plans, wanted_by(plugins, read_wishes(connection)))

    return terms
