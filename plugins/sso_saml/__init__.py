"""SAML 2.0: people of a workspace sign in at their own identity provider.

Everything that reads XML is loaded late, with the first sign-in: who doesn't use it, pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.hookspecs import Manifest, SsoHandler, hookimpl

manifest = Manifest(
    name="sso_saml",
    version="1.0",
    summary="Signs people in through identity providers that speak SAML 2.0.",
    conformance="plugins.sso_saml.conformance",
)


@hookimpl
def sso_handlers() -> Sequence[SsoHandler]:
    """Bring the handler, if its libraries can be loaded."""
    from plugins.sso_saml.handler import SamlHandler
    from plugins.sso_saml.libraries import require_libraries

    require_libraries()
    return [SamlHandler()]
