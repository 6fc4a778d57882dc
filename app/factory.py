"""Composition root: settings, then extensions, then doors. Sees every room; nobody sees it."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.clock import Clock
from app.extensions import csrf, limiter
from app.plugin_manager import PluginManager
from app.services.ai.upstream import call_upstream
from app.services.billing.invoices.seller import sell_as
from app.services.fetch_safely import SafeFetch
from app.services.mail.links import Links
from app.services.mail.postman import Postman
from app.services.plugins.installed import install
from app.services.plugins.lend import Lent
from app.services.sealing import seal_with
from app.services.sso.resolver import Resolver
from app.settings import ROOT, Settings
from app.sources import load_settings, with_secret_key
from app.store.database import db, prepare_engine
from app.store.revision import bind_migrations
from app.web.portal import Portal

# Every thread of a process may read at the same time; writers take turns in any case.
SQLITE_POOL = {"pool_size": 20, "max_overflow": 140}

# Two processes with 40 connections each, and the scheduler, stay under PostgreSQL's usual
# limit of 100. Connections are not tried before use: that is one more round trip for each
# deduction. A stale one costs one failed request, after which the whole pool is renewed;
# renewing every 15 minutes makes that rare.
POSTGRESQL_POOL = {
    "pool_size": 20,
    "max_overflow": 20,
    "pool_use_lifo": True,
    "pool_recycle": 900,
}


def build(**overrides: Any) -> Flask:  # noqa: ANN401 - a setting may be of any type
    """Build the portal; `overrides` are settings by field name."""

    from app.web import compression, headers, register_doors

    app = build_without_doors(**overrides)
    settings: Settings = app.extensions["coffer"].settings
    csrf.init_app(app)
    limiter.init_app(app)
    headers.protect(app, https=settings.is_https)
    compression.register(app)
    register_doors(app, settings.sites_host)
    if "FLASK_RUN_FROM_CLI" in os.environ:
        bind_migrations(app)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def build_without_doors(**overrides: Any) -> Flask:  # noqa: ANN401
    """Build what commands and jobs need: the settings, the database, and no doors."""
    settings = read_settings(**overrides)
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    app = Flask(
        "app", instance_path=str(settings.instance), template_folder=str(ROOT / "templates")
    )
    app.config.from_mapping(flask_config(settings))
    db.init_app(app)
    furnish(app, settings)
    return app


def read_settings(**overrides: Any) -> Settings:  # noqa: ANN401
    """Read the settings of an installation, and make its secret when it has none."""
    return with_secret_key(load_settings(**overrides))


def furnish(app: Flask, settings: Settings) -> None:
    """Bring into an application what belongs to one installation: its objects and its plugins."""
    portal = app.extensions["coffer"] = _portal(settings)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)
        seal_with(settings.secret_key, *settings.former_secret_keys.split())
        fetch = SafeFetch(settings.fetch_from_private_networks)
        install(_plugins(), Lent(settings.public_url, portal.clock.now, fetch))
        sell_as(settings)
        call_upstream(settings)


def _plugins() -> PluginManager:
    manager = PluginManager()
    manager.find(ROOT / "plugins")
    return manager


def _portal(settings: Settings) -> Portal:
    return Portal(
        settings=settings,
        clock=Clock(timedelta(seconds=settings.clock_shift_seconds)),
        links=Links(settings.secret_key, settings.public_url),
        postman=Postman(settings),
        resolver=Resolver(settings.name_servers, settings.dns_timeout_seconds),
    )


def flask_config(settings: Settings) -> dict[str, Any]:
    """Spell an installation's settings as Flask and its extensions read them."""
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        # A browser keeps a cookie named __Host-… only for the very host that set it over TLS.
        "SESSION_COOKIE_NAME": "__Host-coffer" if settings.is_https else "coffer",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=settings.session_days),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": SQLITE_POOL if settings.is_sqlite else POSTGRESQL_POOL,
        "WTF_CSRF_TIME_LIMIT": None,
        "COMPRESS_REGISTER": False,
        "COMPRESS_MIMETYPES": ["text/html"],
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_HEADERS_ENABLED": True,
    }
