"""VERB: find out who is calling, and what they may do to which pool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from app.domain.reference import numbers_of
from app.domain.refusals import Forbidden, NotFound, Unauthenticated
from app.domain.role import Right, Role, may
from app.services.directory import View, directory, looked_up
from app.store.directory import AccountFacts, TokenFacts
from app.store.tokens import TokenKind

IN_HOUSE = ""  # in the place of a token's hash, which is never empty


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a token: a platform's service, a person, or an app."""

    kind: TokenKind
    token_id: int
    person_id: int | None
    app_id: int | None
    token_hash: str


def caller_of(bearer: str, now: datetime, *, checked_later: bool = False) -> Caller:
    """Tell whose token this is, or raise `Unauthenticated`.

    With `checked_later` the directory's version is left to the money path to check.
    """
    token_hash = sha256(bearer.encode()).hexdigest()
    if not checked_later:
        directory().fresh(now)
    token = looked_up(lambda view: standing_token(view, token_hash, now), now)
    return Caller(token.kind, token.id, token.person_id, token.app_id, token_hash)


def caller_for_app(app_id: int) -> Caller:
    """Coffer itself, calling in the name of an app, as for the visitors of its site."""
    return Caller(TokenKind.APP, 0, None, app_id, IN_HOUSE)


def standing_token(view: View, token_hash: str, now: datetime) -> TokenFacts:
    """Find a token that is neither revoked nor past its time, or raise `Unauthenticated`."""
    token = view.token(token_hash)
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        raise Unauthenticated("This token is unknown, was revoked, or is past its time.")
    return token


@dataclass(frozen=True, slots=True)
class Actor:
    """For whom a caller spends: an account, the acting member if any, the app if any."""

    account: AccountFacts
    member: int | None
    app: int | None


def actor_for(
    view: View, caller: Caller, account: str | None, member: str | None, app: str | None
) -> Actor:
    """Resolve the names of a request for this caller; raise `NotFound` or `Forbidden`."""
    app_id = numbers_of("app", app, 1)[0] if app is not None else None
    if caller.kind is TokenKind.APP:
        return _for_app(view, caller, account, member, app_id)
    found = view.account(account or "")
    if found is None:
        raise NotFound("There is no such account, or you have no access to it.")
    if caller.kind is TokenKind.PERSONAL:
        person_id: int | None = _own(view, caller, member)
    else:
        person_id = _named(view, found, member, app_id)
    if person_id is not None:
        role = view.role(found.id, person_id)
        if role is None:
            raise NotFound(_NOT_A_MEMBER)
        _require(role, Right.SPEND)
    return Actor(found, person_id, _app_of(view, found, app_id))


_NOT_A_MEMBER = "There is no such account, or this person is not a member of it."


def _for_app(
    view: View, caller: Caller, account: str | None, member: str | None, app_id: int | None
) -> Actor:
    own = view.app(caller.app_id or 0)
    if own is None or own.deleted:
        raise Unauthenticated("The app of this key was deleted.")
    found = view.account_by_id(own.account_id)
    if found is None or found.deleted or (account is not None and account != found.slug):
        raise NotFound("This key bills the account that owns its app, and no other.")
    if app_id not in (None, own.id):
        raise Forbidden("An app key acts for its own app only.")
    person_id = _member(view, found, member) if member is not None else None
    return Actor(found, person_id, own.id)


def _own(view: View, caller: Caller, member: str | None) -> int:
    assert caller.person_id is not None
    person = view.person(caller.person_id)
    if member is not None and (person is None or person.email != member.lower()):
        raise Forbidden("A personal token acts for its own person only.")
    return caller.person_id


def _named(view: View, account: AccountFacts, member: str | None, app: int | None) -> int | None:
    if member is not None:
        return _member(view, account, member)
    if app is None:
        raise NotFound("Name the member who acts, or the app.")
    return None


def _member(view: View, account: AccountFacts, email: str) -> int:
    person = view.person_by_email(email.lower())
    if person is None or view.role(account.id, person.id) is None:
        raise NotFound(_NOT_A_MEMBER)
    return person.id


def _app_of(view: View, account: AccountFacts, app_id: int | None) -> int | None:
    if app_id is None:
        return None
    app = view.app(app_id)
    if app is None or app.deleted or app.account_id != account.id:
        raise NotFound("This account has no such app.")
    return app_id


def _require(role: Role, right: Right) -> None:
    if not may(role, right):
        raise Forbidden(f"As {role} you may not {right}.")
