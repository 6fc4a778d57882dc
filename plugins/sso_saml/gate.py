"""The second gate: every check of ours. It reads only what is signed, and asks for all of it.

python3-saml alone was measured to let pass what is refused here. It is asked last, as a second
opinion; nothing that it says adds to what is believed.
"""

from __future__ import annotations

from datetime import datetime

from app.hookspecs import Arrival, Attempt, IdentityProvider, NotProven, Once, Proven
from plugins._checks import Checks, Failed, shown
from plugins.sso_saml.assertion import Facts, read_assertion
from plugins.sso_saml.decrypt import decrypted
from plugins.sso_saml.library import second_opinion, unencrypted
from plugins.sso_saml.metadata import TheirSide, read_metadata
from plugins.sso_saml.names import SUCCESS, saml, samlp
from plugins.sso_saml.person import read_person
from plugins.sso_saml.signature import require_places, require_single_ids, signed
from plugins.sso_saml.xml import (
    Element,
    children,
    from_base64,
    only_child,
    parsed,
    text_of,
)


def judge(
    provider: IdentityProvider, attempt: Attempt | None, arrival: Arrival, now: datetime
) -> Proven | NotProven:
    """Judge an answer. Whatever is wrong with it ends in `NotProven`, nothing in an exception."""
    checks = Checks()
    attributes: dict[str, tuple[str, ...]] = {}
    try:
        return _judge(provider, attempt, arrival, now, checks, attributes)
    except Failed as failure:
        return NotProven(checks.with_failed(failure.check), dict(attributes))
    except Exception as error:  # noqa: BLE001 - strangers decide what is read here
        failed = Failed("readable", f"The answer can't be read: {type(error).__name__}.")
        return NotProven(checks.with_failed(failed.check), dict(attributes))


def _judge(
    provider: IdentityProvider,
    attempt: Attempt | None,
    arrival: Arrival,
    now: datetime,
    checks: Checks,
    attributes: dict[str, tuple[str, ...]],
) -> Proven:
    checks.require(
        "begun_here",
        attempt is not None or provider.unsolicited,
        "The sign-in was begun here, or may be begun elsewhere.",
        "Nobody began this sign-in here, and sign-ins that begin elsewhere are not switched on.",
    )
    packed = _posted(arrival, checks)
    raw = from_base64(packed)
    theirs = read_metadata(provider.document)
    root = parsed(raw)
    checks.passed("xml", "The answer is plain XML of a usual size.")
    assertion, plain = _signed_assertion(root, provider, theirs, checks)
    request_id = attempt.request_id if attempt else None
    _require_response(root, provider, theirs, request_id, checks)
    facts = read_assertion(assertion, provider, theirs.entity_id, request_id, now, checks)
    attributes |= facts.attributes
    person = read_person(facts, provider.values, checks)
    second_opinion(provider, theirs, plain or packed, request_id, _within(facts, now))
    checks.passed("library", "python3-saml finds nothing wrong either.")
    return Proven(
        subject=facts.name_id,
        email=person.email,
        name=person.name,
        once=(Once(f"assertion {facts.id}", facts.until),),
        checks=checks.all,
        attributes=facts.attributes,
        session=facts.session,
        kept=facts.name_id_parts,
    )


def _posted(arrival: Arrival, checks: Checks) -> str:
    packed = arrival.only("SAMLResponse") if arrival.method == "POST" else None
    handles = [value for name, value in arrival.fields if name == "RelayState"]
    checks.require(
        "posted",
        packed is not None and len(handles) <= 1,
        "The answer was posted, once.",
        "An answer has to be posted as SAMLResponse, once, with one RelayState at most.",
    )
    assert packed is not None
    return packed


def _signed_assertion(
    root: Element, provider: IdentityProvider, theirs: TheirSide, checks: Checks
) -> tuple[Element, str | None]:
    """Give the one assertion as it was signed: by itself, or as a part of the response.

    If it was encrypted and is signed by itself, the answer comes along as it is without encryption.
    """
    if root.tag != samlp("Response"):
        raise Failed("response", f"This is no SAML response but {shown(root.tag)}.")
    require_single_ids(root)
    require_places(root)
    whole = signed(root, root, theirs.signing, checks)
    present = root if whole is None else whole
    assertion = _one_assertion(present, root, provider, checks)
    holder = assertion.getroottree().getroot()
    own = signed(holder, assertion, theirs.signing, checks)
    if own is None and whole is None:
        raise Failed("signed", "Neither the assertion nor the response is signed.")
    checks.passed("signed", "What is read is exactly what the identity provider signed.")
    if own is None:
        return assertion, None
    return own, None if holder is present else unencrypted(root, assertion)


def _one_assertion(
    root: Element, original: Element, provider: IdentityProvider, checks: Checks
) -> Element:
    plain, hidden = list(root.iter(saml("Assertion"))), list(root.iter(saml("EncryptedAssertion")))
    if len(plain) + len(hidden) != 1:
        raise Failed(
            "one_assertion",
            f"The response has {len(plain) + len(hidden)} assertions; it must have one.",
        )
    (found,) = plain + hidden
    if found.getparent() is not root:
        raise Failed("one_assertion", "The assertion is not where it belongs in the response.")
    checks.passed("one_assertion", "The response has one assertion.")
    if found.tag == saml("Assertion"):
        if provider.values.get("require_encrypted"):
            raise Failed("encrypted", "The assertion is not encrypted, as you asked for.")
        return found
    triple_des = bool(provider.values.get("accept_triple_des"))
    (around,) = original.iter(found.tag)
    known = {**around.nsmap, **found.nsmap}
    opened = decrypted(found, known, provider.ours.private_key, triple_des=triple_des)
    checks.passed("encrypted", "The assertion was encrypted for us.")
    inner = [*opened.iter(saml("Assertion")), *opened.iter(saml("EncryptedAssertion"))]
    if opened.tag != saml("Assertion") or len(inner) != 1:
        raise Failed("one_assertion", "What was encrypted is not one assertion.")
    require_single_ids(opened)
    require_places(opened)
    return opened


def _require_response(
    root: Element,
    provider: IdentityProvider,
    theirs: TheirSide,
    request_id: str | None,
    checks: Checks,
) -> None:
    """What the envelope says must fit, too; if it is not signed, it can only make things worse."""
    checks.require(
        "version",
        root.get("Version") == "2.0" and root.get("ID"),
        "The response is of SAML 2.0.",
        f"The response has version {shown(root.get('Version'))}, or no ID.",
    )
    _require_status(root, checks)
    issuers = children(root, saml("Issuer"))
    names = [text_of(each) for each in issuers]
    checks.require(
        "response_issuer",
        names in ([], [theirs.entity_id]),
        "The response is by your identity provider.",
        f"The response is by {shown(names)}; the metadata says {shown(theirs.entity_id)}.",
    )
    checks.require(
        "destination",
        root.get("Destination") == provider.ours.answer_url,
        "The response was sent to our address.",
        f"The response says that it was sent to {shown(root.get('Destination'))}; it must say "
        f"{shown(provider.ours.answer_url)}.",
    )
    checks.require(
        "response_request",
        root.get("InResponseTo") == request_id,
        "The response answers what was asked.",
        f"The response answers {shown(root.get('InResponseTo'))}; asked was {shown(request_id)}.",
    )


def _require_status(root: Element, checks: Checks) -> None:
    status = only_child(root, samlp("Status"))
    code = None if status is None else only_child(status, samlp("StatusCode"))
    value = None if code is None else code.get("Value")
    inner = None if code is None else only_child(code, samlp("StatusCode"))
    message = None if status is None else only_child(status, samlp("StatusMessage"))
    told = [
        shown(each)
        for each in (value, inner is not None and inner.get("Value"), text_of(message))
        if each
    ]
    checks.require(
        "status",
        value == SUCCESS,
        "The identity provider says that the sign-in succeeded.",
        f"The identity provider refused the sign-in: {', '.join(told) or 'without a word'}.",
    )


def _within(facts: Facts, now: datetime) -> datetime:
    """An instant at which the answer is good in any case; how far clocks differ was judged."""
    return min(max(now, facts.begins), facts.ends)
