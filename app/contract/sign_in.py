"""How people are signed in by somebody else: what an SSO handler is asked and may answer.

A handler speaks one protocol and keeps nothing. Coffer owns what must be remembered: the one-time
handle that travels with the person, the id of the request, what may not be used twice, whose
addresses an identity provider is believed about, who the person is here, and their session.
So a handler only says what an identity provider has *proven*, or that nothing was, with each
check in words that an administrator understands. It raises nothing but `BadDocument`; whatever
else it raises counts as `NotProven`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from app.contract.manifest import SettingField

Value = str | int | bool


class BadDocument(Exception):  # noqa: N818 - what an administrator gave can't be used
    """The document or a value can't be used; the text is a sentence for an administrator.

    `field` names the handler's field whose value it is; None is the document itself.
    """

    def __init__(self, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class OurSide:
    """Coffer as one identity provider sees it. Addresses carry an id that never changes.

    `entity_id` names us; answers arrive at `answer_url` (SAML: the assertion consumer service,
    OIDC: the redirect URI). Key and certificate are PEM, made for this identity provider alone.
    """

    entity_id: str
    answer_url: str
    login_url: str
    metadata_url: str
    logout_url: str
    private_key: str = field(repr=False)
    certificate: str


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One identity provider of a workspace, as its administrator set it up.

    `document` is what the other side publishes (SAML: metadata, OIDC: the discovery document).
    `values` are those of the handler's `fields`. `unsolicited` allows sign-ins that Coffer did
    not begin.
    """

    ours: OurSide
    document: str
    values: Mapping[str, Value] = field(repr=False)
    unsolicited: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the other side. `fingerprint` is the SHA-256 in hexadecimal digits."""

    subject: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    purpose: Literal["signing", "encryption"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a document says: the other side's own name, and facts as pairs of words and value.

    `belongs_at` is the address at which the document says that it stands: when it was fetched
    from another one, Coffer refuses it. Empty if it says nothing of that.
    """

    name: str
    facts: tuple[tuple[str, str], ...]
    certificates: tuple[Certificate, ...] = ()
    warnings: tuple[str, ...] = ()
    belongs_at: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What the other side has to be told: a document for programs, and plain values to copy."""

    document: bytes
    media_type: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that Coffer began. `handle` travels with the person and works once.

    `request_id` is random and fit for an XML id; it is kept here and never guessed. `kept` is what
    the handler asked to keep when it began. With `again` the person has to prove themselves anew.
    """

    handle: str
    request_id: str
    began_at: datetime
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    login_hint: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser there. `keep` comes back with the attempt when the answer arrives."""

    url: str
    keep: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PostForm:
    """Let the browser post these fields there. `keep` comes back with the attempt."""

    url: str
    fields: Mapping[str, str]
    keep: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a browser brought, unjudged: fields of the form or query, in order, repeated or not.

    `query` is the query string as it came, since some protocols sign it letter by letter.
    """

    method: Literal["GET", "POST"]
    fields: tuple[tuple[str, str], ...]
    query: str = ""

    def only(self, name: str) -> str | None:
        """Give the field's value if it came exactly once."""
        found = [value for key, value in self.fields if key == name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an answer: a short name that never changes, and words for an administrator."""

    name: str
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Once:
    """An id that may be used once, and until when Coffer must remember that it was."""

    id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    """An identity that is proven. All `checks` passed, and there is at least one `once`.

    `subject` is the other side's own, lasting name for the person, at most 255 characters; `email`
    as the other side spells it, since Coffer reads it. `session` is the other side's name for its
    session, and `kept` what `begin_sign_out` needs.
    """

    subject: str
    email: str
    once: tuple[Once, ...]
    checks: tuple[Check, ...]
    name: str | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    session: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NotProven:
    """Nothing is proven: the last of `checks` failed. Only administrators read its words."""

    checks: tuple[Check, ...]
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A session here that an identity provider began: what `Proven` said of it."""

    subject: str
    session: str | None
    kept: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignOut:
    """The other side asks, provably, to end sessions of a person: those named, or all of them."""

    subject: str
    sessions: tuple[str, ...]
    once: tuple[Once, ...]
    checks: tuple[Check, ...]
    onward: Redirect | PostForm


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The other side's answer to a sign-out that we began."""

    checks: tuple[Check, ...]


class SsoHandler(Protocol):
    """Speaks one protocol with identity providers. Called from many threads; keeps nothing."""

    @property
    def key(self) -> str:
        """Its name in Coffer's books, for ever: small letters, digits and _."""

    @property
    def title(self) -> str:
        """What administrators choose, such as “SAML 2.0”."""

    @property
    def document_name(self) -> str:
        """What the other side's document is called, such as “metadata”."""

    @property
    def handle_field(self) -> str:
        """The field in which the handle comes back, such as `RelayState` or `state`."""

    @property
    def unsolicited(self) -> bool:
        """Whether sign-ins may begin at the other side, where an administrator allows it."""

    @property
    def fields(self) -> Sequence[SettingField]:
        """What administrators set for each identity provider besides its document."""

    def publish(self, ours: OurSide) -> Published:
        """Tell what the other side has to know of us."""

    def document_address(self, typed: str) -> str:
        """Give the address of the other side's document, from what an administrator typed."""

    def understand(self, document: str, values: Mapping[str, Value]) -> Understood:
        """Read what the other side publishes, or raise `BadDocument`. Asks nobody."""

    def begin(self, provider: IdentityProvider, attempt: Attempt) -> Redirect | PostForm:
        """Send a person to their identity provider, with the attempt's handle and request id."""

    def complete(
        self, provider: IdentityProvider, attempt: Attempt | None, arrival: Arrival, now: datetime
    ) -> Proven | NotProven:
        """Judge an answer. `attempt` is the one whose handle came with it; None is unsolicited.

        An answer to an attempt must name that attempt's request. An unsolicited one must name none,
        and is refused unless the provider allows it.
        """

    def begin_sign_out(
        self, provider: IdentityProvider, signed_on: SignedOn, attempt: Attempt
    ) -> Redirect | PostForm | None:
        """Tell the other side that the person signed out here; None if it has no such address."""

    def read_sign_out(
        self, provider: IdentityProvider, arrival: Arrival, now: datetime
    ) -> SignOut | SignedOut | NotProven:
        """Judge what arrives at the sign-out address: proven by a signature, or refused."""
