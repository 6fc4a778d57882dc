"""CONFORMANCE of SSO handlers: subclass `SsoConformance`, give the fixture `other_side`.

The fixture plays an honest identity provider. The tests tamper with what it answers. They know
no protocol: whoever passes can be believed by Coffer as far as this goes; the checks of the
protocol itself are for the handler's own tests.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.conformance.sso_bench import (
    ANA,
    BEN,
    LONGEST_SUBJECT,
    ROUGH,
    OtherSide,
    Person,
    attempt,
    begin,
    fields,
    ids,
    judged,
    proven_of,
    refused,
)
from app.hookspecs import (
    Arrival,
    Attempt,
    BadDocument,
    IdentityProvider,
    NotProven,
    PostForm,
    Proven,
    Redirect,
    SignedOn,
)

__all__ = ["OtherSide", "Person", "SsoConformance"]


class SsoConformance:
    """The tests. Subclass it, and define the fixture `other_side`."""

    @pytest.fixture
    def other_side(self) -> OtherSide:
        """Override: the handler and an honest identity provider."""
        raise NotImplementedError

    @pytest.fixture
    def provider(self, other_side: OtherSide) -> IdentityProvider:
        """The identity provider as an administrator set it up."""
        return IdentityProvider(other_side.ours, other_side.document, other_side.values)

    @pytest.fixture
    def sent(
        self, other_side: OtherSide, provider: IdentityProvider
    ) -> tuple[Attempt, Redirect | PostForm]:
        """A sign-in that was begun, and where it leads. Another begin may keep something else."""
        return begin(other_side, provider)

    @pytest.fixture
    def begun(self, sent: tuple[Attempt, Redirect | PostForm]) -> Attempt:
        """The attempt, with what the handler asked to keep."""
        return sent[0]

    @pytest.fixture
    def honest(self, other_side: OtherSide, sent: tuple[Attempt, Redirect | PostForm]) -> Arrival:
        """The honest answer to it."""
        return other_side.answer(sent[1], ANA)

    def test_it_names_itself(self, other_side: OtherSide) -> None:
        """Key and words are fit for books and pages."""
        handler = other_side.handler
        assert handler.key.replace("_", "").isalnum()
        assert handler.key == handler.key.lower()
        assert handler.title.strip()
        assert handler.document_name.strip()
        assert handler.handle_field.isidentifier()
        names = [field.name for field in handler.fields]
        assert len(names) == len(set(names))
        assert all(field.meaning for field in handler.fields)

    def test_it_understands_the_other_side(self, other_side: OtherSide) -> None:
        """A document is read without asking anybody."""
        found = other_side.handler.understand(other_side.document, other_side.values)
        assert found.name
        assert all(words and value for words, value in found.facts)
        for certificate in found.certificates:
            assert certificate.not_before < certificate.not_after
            assert len(bytes.fromhex(certificate.fingerprint)) == 32  # noqa: PLR2004

    @pytest.mark.parametrize("rough", [*ROUGH, "x" * 3_000_000])
    def test_a_document_that_is_none_is_refused_in_a_sentence(
        self, other_side: OtherSide, rough: str
    ) -> None:
        """Nothing but `BadDocument` is raised, and it speaks to an administrator."""
        with pytest.raises(BadDocument) as refused:
            other_side.handler.understand(rough, other_side.values)
        assert str(refused.value).endswith(".")

    def test_half_a_document_is_refused(self, other_side: OtherSide) -> None:
        """A copy that lost its end is none."""
        half = other_side.document[: len(other_side.document) // 2]
        with pytest.raises(BadDocument):
            other_side.handler.understand(half, other_side.values)

    def test_it_publishes_our_side(self, other_side: OtherSide) -> None:
        """What the other side is told holds the answer's address, and no secret."""
        told = other_side.handler.publish(other_side.ours)
        values = [value for _, value in told.facts]
        assert other_side.ours.answer_url in values
        assert "/" in told.media_type
        assert other_side.ours.private_key.encode() not in told.document
        assert other_side.ours.private_key not in values

    def test_it_sends_people_on_with_the_handle(
        self, other_side: OtherSide, provider: IdentityProvider
    ) -> None:
        """The handle travels along; two attempts are never the same."""
        _, one = begin(other_side, provider, "1")
        _, two = begin(other_side, provider, "2")
        name = other_side.handler.handle_field
        assert fields(one)[name] == attempt(other_side.now, "1").handle
        assert fields(two)[name] == attempt(other_side.now, "2").handle
        assert urlsplit(one.url).scheme in ("http", "https")
        assert all(isinstance(each, str) for each in (*one.keep, *one.keep.values()))

    def test_an_honest_answer_proves_who_it_is(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """Subject and address are those of the person; every check has a name and words."""
        found = other_side.handler.complete(provider, begun, honest, other_side.now)
        assert isinstance(found, Proven), found
        assert found.email == ANA.email
        assert 0 < len(found.subject) <= LONGEST_SUBJECT
        assert all(check.passed and check.name and check.words for check in found.checks)
        names = [check.name for check in found.checks]
        assert len(names) == len(set(names))

    def test_what_may_be_used_once_is_named(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """An answer that comes again proves nothing, or names the same ids; they outlast it."""
        handler, now = other_side.handler, other_side.now
        proven = handler.complete(provider, begun, honest, now)
        assert isinstance(proven, Proven), proven
        assert proven.once
        assert all(once.id and once.until > now for once in proven.once)
        again = handler.complete(provider, begun, honest, now)
        assert isinstance(again, NotProven) or ids(again.once) == ids(proven.once)
        last = max(once.until for once in proven.once)
        refused(handler.complete(provider, begun, honest, last + timedelta(seconds=1)))

    def test_a_subject_lasts_and_belongs_to_one(
        self, other_side: OtherSide, provider: IdentityProvider
    ) -> None:
        """Two sign-ins of one person prove one subject, with other ids; another has another."""
        first, again = (proven_of(other_side, provider, ANA, mark) for mark in ("1", "2"))
        other = proven_of(other_side, provider, BEN, "3")
        assert first.subject == again.subject != other.subject
        assert not ids(first.once) & (ids(again.once) | ids(other.once))

    def test_an_answer_belongs_to_its_request(
        self, other_side: OtherSide, provider: IdentityProvider, honest: Arrival
    ) -> None:
        """Under another attempt it proves nothing."""
        other, _ = begin(other_side, provider, "2")
        refused(other_side.handler.complete(provider, other, honest, other_side.now))

    @pytest.mark.parametrize("allowed", [False, True])
    def test_an_answer_to_a_request_is_never_unsolicited(
        self,
        other_side: OtherSide,
        provider: IdentityProvider,
        honest: Arrival,
        allowed: bool,
    ) -> None:
        """Without its attempt it proves nothing, even where unsolicited answers are allowed."""
        provider = replace(provider, unsolicited=allowed)
        refused(other_side.handler.complete(provider, None, honest, other_side.now))

    @pytest.mark.parametrize("days", [1, 400, -1])
    def test_an_answer_has_its_time(
        self,
        other_side: OtherSide,
        provider: IdentityProvider,
        begun: Attempt,
        honest: Arrival,
        days: int,
    ) -> None:
        """A day later, or earlier, it proves nothing."""
        then = other_side.now + timedelta(days=days)
        refused(other_side.handler.complete(provider, begun, honest, then))

    def test_an_answer_is_for_us(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """What was meant for another of our identity providers proves nothing here."""
        ours = provider.ours
        moved = {
            name: getattr(ours, name).replace("://", "://other.")
            for name in ("entity_id", "answer_url", "login_url", "metadata_url", "logout_url")
        }
        values = {
            name: f"other-{value}" if isinstance(value, str) and value else value
            for name, value in provider.values.items()
            if "client" in name
        }
        elsewhere = replace(
            provider, ours=replace(ours, **moved), values={**provider.values, **values}
        )
        refused(other_side.handler.complete(elsewhere, begun, honest, other_side.now))

    @pytest.mark.parametrize("rough", ROUGH)
    def test_rough_fields_prove_nothing_and_raise_nothing(
        self,
        other_side: OtherSide,
        provider: IdentityProvider,
        begun: Attempt,
        honest: Arrival,
        rough: str,
    ) -> None:
        """Each field in turn is replaced."""
        for index, (name, _) in enumerate(honest.fields):
            if name == other_side.handler.handle_field:
                continue
            fields = (*honest.fields[:index], (name, rough), *honest.fields[index + 1 :])
            refused(judged(other_side, provider, begun, replace(honest, fields=fields)))

    def test_fields_are_there_once(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """Each field in turn is left out, cut in half, and sent twice."""
        for index, (name, value) in enumerate(honest.fields):
            if name == other_side.handler.handle_field:
                continue
            before, after = honest.fields[:index], honest.fields[index + 1 :]
            for instead in ((), ((name, value[: len(value) // 2]),), ((name, value),) * 2):
                fields = (*before, *instead, *after)
                refused(judged(other_side, provider, begun, replace(honest, fields=fields)))

    def test_nothing_at_all_proves_nothing(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt
    ) -> None:
        """An empty answer, by either method."""
        for method in ("GET", "POST"):
            refused(judged(other_side, provider, begun, Arrival(method, ())))

    def test_a_huge_answer_is_refused(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """Five million letters in each field."""
        fields = tuple(
            (name, value if name == other_side.handler.handle_field else "A" * 5_000_000)
            for name, value in honest.fields
        )
        refused(judged(other_side, provider, begun, replace(honest, fields=fields)))

    def test_a_forged_sign_out_ends_nothing(
        self, other_side: OtherSide, provider: IdentityProvider, honest: Arrival
    ) -> None:
        """What is no sign-out is refused, and nothing is raised."""
        arrivals = [honest, Arrival("GET", ()), Arrival("POST", ())]
        names = ("SAMLRequest", "SAMLResponse", "logout_token", "state")
        arrivals += [Arrival("GET", ((name, rough),)) for name in names for rough in ROUGH]
        for arrival in arrivals:
            refused(other_side.handler.read_sign_out(provider, arrival, other_side.now))

    def test_a_sign_out_goes_to_the_other_side_or_nowhere(
        self, other_side: OtherSide, provider: IdentityProvider
    ) -> None:
        """It uses what the sign-in proved."""
        proven = proven_of(other_side, provider, ANA, "1")
        signed_on = SignedOn(proven.subject, proven.session, proven.kept)
        onward = other_side.handler.begin_sign_out(
            provider, signed_on, attempt(other_side.now, "9")
        )
        assert onward is None or urlsplit(onward.url).scheme in ("http", "https")

    def test_it_changes_nothing_that_it_is_given(
        self, other_side: OtherSide, provider: IdentityProvider, begun: Attempt, honest: Arrival
    ) -> None:
        """Values are frozen, and stay what they are."""
        before = deepcopy((provider, begun, honest))
        found = other_side.handler.complete(provider, begun, honest, other_side.now)
        assert (provider, begun, honest) == before
        assert isinstance(found, Proven)
        with pytest.raises(FrozenInstanceError):
            found.email = "other@acme.test"  # type: ignore[misc]
