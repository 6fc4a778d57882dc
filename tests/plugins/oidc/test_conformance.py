"""The conformance kit over the OpenID Connect handler, as `coffer plugins check` runs it."""

from plugins.sso_oidc.conformance import TestOidc, key

__all__ = ["TestOidc", "key"]
