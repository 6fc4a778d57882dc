"""OpenID Connect: people sign in at Google Workspace, Entra ID, Okta, Keycloak and others.

What checks signatures is loaded late, with the handler: who doesn't use it, pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.hookspecs import Host, Manifest, SsoHandler, hookimpl

manifest = Manifest(
    name="sso_oidc",
    version="1.0",
    summary="Signs people in through identity providers that speak OpenID Connect.",
    conformance="plugins.sso_oidc.conformance",
)


@hookimpl
def sso_handlers(host: Host) -> Sequence[SsoHandler]:
    """Bring the handler."""
    from plugins.sso_oidc.handler import OidcHandler

    return [OidcHandler(host.fetch)]
