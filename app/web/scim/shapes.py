"""DOOR, SCIM: what is spoken about, and how much a directory may depart from the standard.

Entra ID departs from it in ways that are documented; the policy lets all of those pass.
"""

from __future__ import annotations

from functools import cache

import email_validator
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    EnterpriseUser,
    ETag,
    Filter,
    Group,
    Patch,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    User,
)
from scim2_server.service import ScimService

MOST_SHOWN = 200
# Addresses of private networks and of try-outs are addresses like others, as everywhere in Coffer.
if "test" in email_validator.SPECIAL_USE_DOMAIN_NAMES:
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("test")
UserShape = User[EnterpriseUser]

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_SHOWN),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            name="Bearer token",
            description="The token that an owner or admin made in the workspace's settings.",
            type=AuthenticationScheme.Type.oauthbearertoken,
            primary=True,
        )
    ],
)


@cache
def service() -> ScimService:
    """The protocol, made once."""
    described = [ResourceType.from_resource(UserShape)]
    return ScimService(ScimProvider([User, EnterpriseUser], described, CONFIG, POLICY))


@cache
def group_service() -> ScimService:
    """The protocol for groups, which are read and not announced."""
    return ScimService(ScimProvider([Group, User], None, CONFIG, POLICY))
