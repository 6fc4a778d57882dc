"""Single logout, as it arrives: signed by the identity provider, or refused."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from app.hookspecs import (
    Arrival,
    IdentityProvider,
    NotProven,
    Once,
    SignedOut,
    SignOut,
)
from plugins._checks import Checks, Failed, shown
from plugins.sso_saml.messages import sign_out_answer
from plugins.sso_saml.metadata import TheirSide, read_metadata
from plugins.sso_saml.names import SIGNATURES, saml, samlp
from plugins.sso_saml.signature import (
    UNKNOWN_KEY,
    is_by,
    require_places,
    require_single_ids,
    signed,
)
from plugins.sso_saml.xml import (
    Element,
    children,
    from_base64,
    inflated,
    instant_of,
    only_child,
    parsed,
    text_of,
)

# How long a sign-out is good for that doesn't say it itself.
LASTS = timedelta(minutes=5)
SKEW = timedelta(minutes=5)
MOST_SESSIONS = 100
KINDS = {"SAMLRequest": samlp("LogoutRequest"), "SAMLResponse": samlp("LogoutResponse")}


def judge_sign_out(
    provider: IdentityProvider, arrival: Arrival, now: datetime
) -> SignOut | SignedOut | NotProven:
    """Judge what arrived at the sign-out address."""
    checks = Checks()
    try:
        return _judge(provider, arrival, now, checks)
    except Failed as failure:
        return NotProven(checks.with_failed(failure.check))
    except Exception as error:  # noqa: BLE001 - strangers decide what is read here
        failed = Failed("readable", f"The message can't be read: {type(error).__name__}.")
        return NotProven(checks.with_failed(failed.check))


def _judge(
    provider: IdentityProvider, arrival: Arrival, now: datetime, checks: Checks
) -> SignOut | SignedOut:
    theirs = read_metadata(provider.document)
    found = [name for name in KINDS if arrival.only(name) is not None]
    if len(found) != 1 or len([name for name, _ in arrival.fields if name in KINDS]) != 1:
        raise Failed("message", "There must be one SAMLRequest or SAMLResponse.")
    root = _signed_message(arrival, found[0], theirs, checks)
    _require_envelope(root, provider, theirs, now, checks)
    if found[0] == "SAMLResponse":
        return SignedOut(checks.all)
    return _asked(root, provider, arrival, theirs, now, checks)


def _signed_message(arrival: Arrival, name: str, theirs: TheirSide, checks: Checks) -> Element:
    packed = from_base64(arrival.only(name) or "")
    root = parsed(inflated(packed) if arrival.method == "GET" else packed)
    if root.tag != KINDS[name]:
        raise Failed("message", f"This is no sign-out but {shown(root.tag)}.")
    require_single_ids(root)
    if arrival.method == "GET":
        _require_query_signature(arrival, name, theirs)
        checks.passed("signature", "The message is signed by your identity provider.")
        return root
    require_places(root)
    whole = signed(root, root, theirs.signing, checks)
    if whole is None:
        raise Failed("signed", "The message is not signed.")
    return whole


def _require_query_signature(arrival: Arrival, name: str, theirs: TheirSide) -> None:
    """The redirect binding signs the query as it was written, so it is not spelled anew."""
    pairs = [pair.partition("=") for pair in arrival.query.split("&")]
    raw = {key: value for key, _, value in pairs}
    if len(raw) != len(pairs):
        raise Failed("message", "A parameter was sent more than once.")
    if not raw.get("Signature") or not raw.get("SigAlg"):
        raise Failed("signed", "The message is not signed.")
    order = (name, "RelayState", "SigAlg") if "RelayState" in raw else (name, "SigAlg")
    content = "&".join(f"{key}={raw[key]}" for key in order).encode()
    algorithm = unquote_plus(raw["SigAlg"])
    if algorithm not in SIGNATURES:
        raise Failed("signature_algorithm", f"The algorithm {shown(algorithm)} is not accepted.")
    try:
        value = base64.b64decode(unquote_plus(raw["Signature"]), validate=True)
    except ValueError:
        raise Failed("signature_shape", "The signature is not base64.") from None
    if not any(is_by(each, algorithm, value, content) for each in theirs.signing):
        raise Failed("signature", UNKNOWN_KEY)


def _require_envelope(
    root: Element, provider: IdentityProvider, theirs: TheirSide, now: datetime, checks: Checks
) -> None:
    issuers = [text_of(each) for each in children(root, saml("Issuer"))]
    checks.require(
        "issuer",
        issuers == [theirs.entity_id],
        "The message is by your identity provider.",
        f"The message is by {shown(issuers)}; the metadata says {shown(theirs.entity_id)}.",
    )
    checks.require(
        "destination",
        root.get("Destination") == provider.ours.logout_url,
        "The message was sent to our address.",
        f"The message says that it was sent to {shown(root.get('Destination'))}.",
    )
    issued = instant_of(root.get("IssueInstant"))
    checks.require(
        "issued",
        issued is not None and root.get("ID") and now - LASTS - SKEW < issued < now + SKEW,
        "The message is fresh.",
        f"The message is of {shown(root.get('IssueInstant'))}; here it is {now}.",
    )
    if root.get("NotOnOrAfter") is not None:
        ends = instant_of(root.get("NotOnOrAfter"))
        checks.require(
            "ends", ends is not None and ends > now - SKEW, "It is good now.", "It is over."
        )


def _asked(
    root: Element,
    provider: IdentityProvider,
    arrival: Arrival,
    theirs: TheirSide,
    now: datetime,
    checks: Checks,
) -> SignOut:
    subject = text_of(only_child(root, saml("NameID")))
    checks.require(
        "name_id", subject, "It names the person.", "It must name one person by a plain NameID."
    )
    if not theirs.sign_out_answer:
        raise Failed("answer", "The metadata names no address for our answer to a sign-out.")
    assert subject is not None
    own_id = root.get("ID") or ""
    sessions = [text_of(each) or "" for each in children(root, samlp("SessionIndex"))]
    answer_id = f"_{hashlib.sha256(f'{provider.ours.entity_id} {own_id}'.encode()).hexdigest()}"
    handle = arrival.only("RelayState")
    return SignOut(
        subject,
        tuple(sessions[:MOST_SESSIONS]),
        (Once(f"sign-out {own_id}", now + LASTS + 2 * SKEW),),
        checks.all,
        sign_out_answer(provider.ours, answer_id, own_id, handle, theirs.sign_out_answer, now),
    )
