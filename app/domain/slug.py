"""Slugs: the short names in addresses, one for each account."""

from __future__ import annotations

import re
import unicodedata

from app.domain.refusals import InvalidRequest

SHORTEST, LONGEST = 2, 40
_FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Letters that Unicode does not take apart into a Latin letter and a mark.
_SPELLED_OUT = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "\u0131": "i",
        "ħ": "h",
    }
)
RESERVED = frozenset(
    [
        "about",
        "account",
        "accounts",
        "admin",
        "ai",
        "api",
        "app",
        "apps",
        "assets",
        "auth",
        "billing",
        "coffer",
        "contact",
        "context",
        "contexts",
        "docs",
        "domains",
        "favicon",
        "health",
        "healthz",
        "help",
        "home",
        "idp",
        "invitation",
        "invitations",
        "invoices",
        "legal",
        "login",
        "logout",
        "mail",
        "me",
        "members",
        "metrics",
        "new",
        "null",
        "oauth",
        "oidc",
        "operator",
        "owner",
        "password",
        "personal",
        "plans",
        "plugins",
        "pricing",
        "privacy",
        "profile",
        "public",
        "readyz",
        "register",
        "reset-password",
        "robots",
        "root",
        "saml",
        "scim",
        "security",
        "service",
        "settings",
        "sign-in",
        "sign-out",
        "sign-up",
        "signin",
        "signout",
        "signup",
        "sso",
        "static",
        "status",
        "support",
        "system",
        "terms",
        "tokens",
        "undefined",
        "user",
        "users",
        "verify",
        "webhook",
        "webhooks",
        "well-known",
        "workspace",
        "workspaces",
        "www",
    ]
)


def slug_from(text: str) -> str:
    """Check a slug that somebody chose; raise `InvalidRequest` that says what to change."""
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidRequest.of("slug", f"Use {SHORTEST} to {LONGEST} characters.")
    if not _FORM.fullmatch(text):
        raise InvalidRequest.of(
            "slug", "Use small letters a to z, digits, and single hyphens between them."
        )
    if text in RESERVED:
        raise InvalidRequest.of("slug", f"“{text}” is reserved; choose another.")
    return text


def slug_stem(name: str, fallback: str) -> str:
    """Spell a name in the letters of a slug; the fallback when no Latin letter is in it."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_SPELLED_OUT))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return stem or fallback


def numbered_slug(stem: str, number: int) -> str | None:
    """The stem itself for 1, else the stem with that number; None when it can't be a slug."""
    suffix = "" if number == 1 else f"-{number}"
    slug = stem[: LONGEST - len(suffix)].rstrip("-") + suffix
    return slug if len(slug) >= SHORTEST and slug not in RESERVED else None
