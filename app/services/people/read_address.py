"""VERB: read an e-mail address as somebody typed it, into the one form that is kept."""

from __future__ import annotations

import email_validator

from app.domain.refusals import InvalidRequest, NotFound

LONGEST = 254
# A company's own network may well be called acme.local.
if "local" in email_validator.SPECIAL_USE_DOMAIN_NAMES:
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("local")


def read_address(text: str, field: str = "email") -> str:
    """Give the address in lower case, its domain in ASCII; `InvalidRequest` when it is none.

    Nothing is asked of the network: whether mail arrives is proved by the mail itself.
    """
    try:
        found = email_validator.validate_email(
            text.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            test_environment=True,
        )
    except email_validator.EmailNotValidError as error:
        raise InvalidRequest.of(field, f"This is not an e-mail address. {error}") from None
    address = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(address) > LONGEST:
        raise InvalidRequest.of(field, f"Use at most {LONGEST} characters.")
    return address


def sought_address(text: str) -> str:
    """Read an address that somebody is looked up by; `NotFound` when it is none."""
    try:
        return read_address(text)
    except InvalidRequest as error:
        raise NotFound(f"Nobody is known by the address {text[:100]!r}.") from error
