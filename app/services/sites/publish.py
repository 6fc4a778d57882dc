"""VERB: put a version of an app on the web, at the app's own address, once for each action."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from app.domain.app_file import entry_of, path_from, require_fitting
from app.domain.site import SUFFIX_LENGTH, SUFFIX_LETTERS, require_site, site_name
from app.services.apps.write_version import open_app
from app.services.audit.note import note
from app.store.apps import App
from app.store.database import UniqueTaken, add, flush, transaction
from app.store.sites import (
    Site,
    SiteRelease,
    add_release,
    forget_releases,
    last_number,
    release_by_key,
    releases_of,
    site_of_app,
)

KEPT = 20


def publish(
    app_id: int,
    now: datetime,
    *,
    key: str,
    version: str | None,
    by: int | None,
    files: Mapping[str, bytes] | None = None,
    address: str | None = None,
) -> SiteRelease:
    """Put files on the web as the app's newest release, and make it the one that visitors see.

    `key` names the action; publishing again with the same key changes nothing. A runner that puts
    apps somewhere else gives the `address` instead of `files`. The last 20 releases are kept.
    """
    with transaction():
        return publish_within(
            app_id, now, key=key, version=version, by=by, files=files, address=address
        )


def publish_within(
    app_id: int,
    now: datetime,
    *,
    key: str,
    version: str | None,
    by: int | None,
    files: Mapping[str, bytes] | None = None,
    address: str | None = None,
) -> SiteRelease:
    """Do what `publish` does, inside a running transaction."""
    read = {path_from(path): content for path, content in (files or {}).items()}
    entries = {path: entry_of(content) for path, content in read.items()}
    if address is None:
        require_site(entries)
        require_fitting(entries)
    app = open_app(app_id)
    before = release_by_key(key)
    if before is not None:
        return before
    site = _site(app, now)
    release = SiteRelease(
        app_id=app_id,
        number=last_number(app_id) + 1,
        key=key,
        version=version,
        at=now,
        by_id=by,
        address=address,
        files=len(entries),
        size=sum(entry.size for entry in entries.values()),
    )
    add_release(release, entries, {entries[path].digest: read[path] for path in read})
    _show(site, release)
    facts = {"app": app.id, "release": release.number, "version": version}
    note("app.published", app.account_id, now, about=app.name, after=facts, by=by)
    return release


def _show(site: Site, release: SiteRelease) -> None:
    """Let visitors see the release, and keep so many: the live one in any case."""
    site.live = release.number
    flush()
    numbers = [each.number for each in releases_of(site.app_id)]
    if gone := numbers[KEPT:]:
        forget_releases(site.app_id, gone)


def _site(app: App, now: datetime) -> Site:
    """The site of an app, locked; begun with a name that is nobody's."""
    found = site_of_app(app.id, lock=True)
    while found is None:
        suffix = "".join(secrets.choice(SUFFIX_LETTERS) for _ in range(SUFFIX_LENGTH))
        site = Site(app_id=app.id, name=site_name(app.name, suffix), created_at=now)
        try:
            add(site)
        except UniqueTaken:
            found = site_of_app(app.id, lock=True)
        else:
            found = site
    return found
