"""What the tests of domains share: DNS as each test tells it, and domains of Acme."""

import types

import pytest

from app.domain.domain_claim import record_of
from app.hookspecs import Manifest, hookimpl
from app.plugin_manager import PluginManager
from app.services.plugins.configure import switch
from app.services.plugins.installed import install
from app.services.sso.domains.claim import claim_domain, vouch_for_domain
from app.services.sso.domains.verify import verify_domain
from app.services.sso.resolver import Resolver
from app.services.workspaces.access import access_to
from app.services.workspaces.open import start_workspace

SECONDS = 5.0


@pytest.fixture
def resolver(name_server):
    """Asks the name server of the test."""
    return Resolver([("127.0.0.1", name_server.port)], SECONDS)


@pytest.fixture
def publish(name_server):
    """Publish the records of these claims, which are all of one domain."""

    def published(*claims):
        name_server.publish(claims[0].domain, *[record_of(claim.secret) for claim in claims])

    return published


@pytest.fixture
def verified(cast, publish, resolver):
    """Let a workspace verify a domain by DNS, as its owner."""

    def done(domain, slug="acme"):
        access = cast.access("alice", slug)
        publish(claim_domain(access, domain, cast.now))
        return verify_domain(access, domain, resolver, cast.now)

    return done


@pytest.fixture
def vouched(cast):
    """Give a workspace a domain by the operator's word."""
    return lambda domain, slug="acme": vouch_for_domain(
        cast.access("alice", slug), domain, cast.now
    )


@pytest.fixture
def beta(cast):
    """Another workspace, of Charlie; gives his access."""
    start_workspace("charlie@acme.test", "beta", "Beta", "business", None, cast.now)
    return access_to(cast.ids["charlie"], "beta")[1]


@pytest.fixture
def decider(app):
    """Let a plugin with this hook decide who may join."""

    def installed(before_member_joins):
        manager = PluginManager(time_box=10)
        plugin = types.SimpleNamespace(
            manifest=Manifest("doorkeeper", "1.0", "Decides who may join."),
            before_member_joins=hookimpl(before_member_joins),
        )
        manager.load("doorkeeper", "test", lambda: plugin)
        install(manager)
        switch("doorkeeper", on=True)

    return installed
