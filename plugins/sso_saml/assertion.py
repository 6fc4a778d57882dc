"""The assertion: each element that must be there, once, and for exactly us, now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.hookspecs import IdentityProvider
from plugins._checks import Checks, Failed, shown
from plugins.sso_saml.names import BEARER, ENTITY, TRANSIENT, UNSPECIFIED, saml
from plugins.sso_saml.xml import Element, children, instant_of, only_child, text_of

LONGEST_SUBJECT = 255
LONGEST_LIFE = timedelta(hours=12)
MOST_SKEW = 300
KNOWN_CONDITIONS = (saml("AudienceRestriction"), saml("OneTimeUse"), saml("ProxyRestriction"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a good assertion says. It is good within `begins` and `ends`, by our clock alone.

    `until` is when it is refused for its age in any case.
    """

    id: str
    name_id: str
    name_id_format: str
    name_id_parts: dict[str, str]
    attributes: dict[str, tuple[str, ...]]
    session: str | None
    begins: datetime
    ends: datetime
    until: datetime


@dataclass(slots=True)
class Times:
    """The instants between which an assertion is good, narrowed by each that it names."""

    now: datetime
    skew: timedelta
    begins: datetime
    ends: datetime

    def not_before(self, text: str | None, name: str, words: str) -> None:
        """Take an instant before which it is not good; it may be absent."""
        if text is None:
            return
        found = instant_of(text)
        if found is None or found > self.now + self.skew:
            raise Failed(name, f"{words} is good from {shown(text)} on; here it is {self.now}.")
        self.begins = max(self.begins, found)

    def not_on_or_after(self, text: str | None, name: str, words: str) -> None:
        """Take an instant from which it is not good any more; it must be there."""
        found = instant_of(text)
        if found is None:
            raise Failed(name, f"{words} has no end, or none that can be read: {shown(text)}.")
        if found <= self.now - self.skew:
            raise Failed(name, f"{words} ended at {found:%H:%M:%S}; here it is {self.now}.")
        self.ends = min(self.ends, found - timedelta(microseconds=1))


def read_assertion(
    assertion: Element,
    provider: IdentityProvider,
    entity_id: str,
    request_id: str | None,
    now: datetime,
    checks: Checks,
) -> Facts:
    """Check all of it; raises `Failed`."""
    skew = _skew(provider)
    far = timedelta(days=3650)
    times = Times(now, skew, now - far, now + far)
    own_id = assertion.get("ID") or ""
    checks.require(
        "assertion",
        assertion.get("Version") == "2.0" and own_id,
        "The assertion is of SAML 2.0.",
        "The assertion has no ID, or is not of SAML 2.0.",
    )
    issuers = [text_of(each) for each in children(assertion, saml("Issuer"))]
    checks.require(
        "issuer",
        issuers == [entity_id],
        "The assertion is by your identity provider.",
        f"The assertion is by {shown(issuers)}; the metadata says {shown(entity_id)}.",
    )
    times.not_before(_issued(assertion), "issued", "The assertion")
    name_id = _name_id(assertion, provider, checks)
    _confirmation(assertion, provider, request_id, times, checks)
    _conditions(assertion, provider, times, checks)
    session = _authentication(assertion, times, checks)
    if times.ends > now + LONGEST_LIFE:
        raise Failed("lifetime", "The assertion is good for more than 12 hours, which is too long.")
    checks.passed("time", "The assertion is good now, and not for long.")
    form = name_id.get("Format") or UNSPECIFIED
    parts = {key: name_id.get(key) or "" for key in ("Format", "NameQualifier", "SPNameQualifier")}
    return Facts(
        own_id,
        text_of(name_id) or "",
        form,
        {key: value for key, value in parts.items() if value},
        _attributes(assertion),
        session,
        times.begins,
        times.ends,
        times.ends + skew,
    )


def _skew(provider: IdentityProvider) -> timedelta:
    seconds = provider.values.get("clock_skew_seconds", 60)
    return timedelta(seconds=min(max(int(seconds), 0), MOST_SKEW))


def _issued(assertion: Element) -> str:
    text = assertion.get("IssueInstant")
    if instant_of(text) is None:
        raise Failed("issued", "The assertion doesn't say when it was issued.")
    assert text is not None
    return text


def _name_id(assertion: Element, provider: IdentityProvider, checks: Checks) -> Element:
    subject = only_child(assertion, saml("Subject"))
    found = None if subject is None else only_child(subject, saml("NameID"))
    text = text_of(found)
    usable = text is not None and text == text.strip() and 0 < len(text) <= LONGEST_SUBJECT
    checks.require(
        "name_id",
        found is not None and usable and text is not None and text.isprintable(),
        "The assertion names the person, once.",
        "The assertion must name one person by a NameID of 1 to 255 characters, not encrypted "
        f"on its own; it says {shown(text)}.",
    )
    assert found is not None
    form = found.get("Format")
    checks.require(
        "name_id_format",
        form not in (TRANSIENT, ENTITY),
        "The name of the person lasts.",
        "The NameID is transient: it is another at each sign-in. Let the identity provider send "
        "a persistent one.",
    )
    ours = found.get("SPNameQualifier")
    checks.require(
        "name_id_qualifier",
        ours in (None, provider.ours.entity_id),
        "The name of the person is meant for us.",
        f"The NameID is meant for {shown(ours)}.",
    )
    return found


def _confirmation(
    assertion: Element,
    provider: IdentityProvider,
    request_id: str | None,
    times: Times,
    checks: Checks,
) -> None:
    subject = only_child(assertion, saml("Subject"))
    found = [] if subject is None else children(subject, saml("SubjectConfirmation"))
    data = only_child(found[0], saml("SubjectConfirmationData")) if len(found) == 1 else None
    checks.require(
        "confirmation",
        data is not None and found[0].get("Method") == BEARER,
        "The subject is confirmed for its bearer, once.",
        "The assertion must have one bearer SubjectConfirmation with its data, and no other.",
    )
    assert data is not None
    checks.require(
        "recipient",
        data.get("Recipient") == provider.ours.answer_url,
        "The assertion was issued for our address.",
        f"The recipient is {shown(data.get('Recipient'))}; it must be "
        f"{shown(provider.ours.answer_url)}.",
    )
    checks.require(
        "in_response_to",
        data.get("InResponseTo") == request_id,
        "The assertion answers what was asked."
        if request_id
        else "The assertion answers nothing, as its sign-in was begun elsewhere.",
        f"The assertion answers {shown(data.get('InResponseTo'))}; asked was {shown(request_id)}.",
    )
    times.not_before(data.get("NotBefore"), "confirmation_begins", "The confirmation")
    times.not_on_or_after(data.get("NotOnOrAfter"), "confirmation_ends", "The confirmation")


def _conditions(
    assertion: Element, provider: IdentityProvider, times: Times, checks: Checks
) -> None:
    found = only_child(assertion, saml("Conditions"))
    checks.require(
        "conditions",
        found is not None and all(each.tag in KNOWN_CONDITIONS for each in found),
        "The assertion has conditions, and all are known.",
        "The assertion must have Conditions once, with none that is unknown.",
    )
    assert found is not None
    times.not_before(found.get("NotBefore"), "begins", "The assertion")
    times.not_on_or_after(found.get("NotOnOrAfter"), "ends", "The assertion")
    restrictions = children(found, saml("AudienceRestriction"))
    names = [text_of(each) for one in restrictions for each in one]
    exact = len(restrictions) == 1 and names == [provider.ours.entity_id]
    checks.require(
        "audience",
        exact,
        "The assertion is for us alone.",
        f"The audience is {shown(names)}; it must be {shown(provider.ours.entity_id)} alone, "
        "in one restriction.",
    )


def _authentication(assertion: Element, times: Times, checks: Checks) -> str | None:
    found = only_child(assertion, saml("AuthnStatement"))
    checks.require(
        "authentication",
        found is not None and instant_of(found.get("AuthnInstant")) is not None,
        "The person signed in at the identity provider.",
        "The assertion must say once when the person signed in (AuthnStatement).",
    )
    assert found is not None
    times.not_before(found.get("AuthnInstant"), "authentication", "The sign-in")
    if found.get("SessionNotOnOrAfter") is not None:
        text = found.get("SessionNotOnOrAfter")
        before = times.ends
        times.not_on_or_after(text, "session_ends", "The session")
        times.ends = min(before, times.ends)
    return found.get("SessionIndex")


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    """Collect the attributes; those of one name in several places are one, with all values."""
    found: dict[str, tuple[str, ...]] = {}
    for statement in children(assertion, saml("AttributeStatement")):
        if children(statement, saml("EncryptedAttribute")):
            raise Failed("attributes", "An attribute is encrypted on its own; encrypt all or none.")
        for each in children(statement, saml("Attribute")):
            name = each.get("Name") or ""
            values = [_value(one) for one in children(each, saml("AttributeValue"))]
            found[name] = (*found.get(name, ()), *(value for value in values if value))
    return found


def _value(element: Element) -> str:
    """The text of a value; some wrap a NameID in it, which is read if it stands alone."""
    inner = only_child(element, saml("NameID"))
    if inner is not None and len(element) == 1 and not (element.text or "").strip():
        return (text_of(inner) or "").strip()
    if len(element):
        raise Failed("attributes", "The value of an attribute is not a plain text.")
    return (element.text or "").strip()
