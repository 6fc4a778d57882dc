"""Commands about people, their places in workspaces, and tokens."""

from __future__ import annotations

import sys

import click

from app.cli.terms import answer, as_json, installation

ROLES = click.Choice(["admin", "member"])


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.argument("email")
@click.option("--name", help="What others call them; default is the first part of the address.")
@click.option("--operator", is_flag=True, help="May see everything under /admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@as_json
def create_user(
    email: str, name: str | None, operator: bool, password_stdin: bool, as_json: bool
) -> None:
    """Open an account for EMAIL, whose address counts as proved.

    Without a password they set one through "Forgot your password?".
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with installation() as portal:
        from app.services.people.sign_up import create_person

        person = create_person(
            email,
            name or email.partition("@")[0],
            password,
            portal.clock.now(),
            verified=True,
            operator=operator,
        )
        data = {"email": person.email, "name": person.name, "operator": person.is_operator}
        answer(data, f"{person.email} has an account.", as_json=as_json)


@user.command("reset-two-factor")
@click.argument("email")
@as_json
def reset_two_factor(email: str, as_json: bool) -> None:
    """Switch off two-factor sign-in of EMAIL, who lost device and codes.

    Make sure first that it is they who ask. It signs them out everywhere and tells them by mail.
    """
    with installation() as portal:
        from app.services.people.two_factor import reset_two_factor as reset_as_operator

        person = reset_as_operator(email, portal.clock.now())
        answer({"email": person.email}, f"{person.email} signs in by password.", as_json=as_json)


@click.group()
def member() -> None:
    """Places in workspaces."""


@member.command("add")
@click.argument("slug")
@click.argument("email")
@click.option("--role", type=ROLES, default="member", show_default=True)
@as_json
def add_member(slug: str, email: str, role: str, as_json: bool) -> None:
    """Make EMAIL, who has an account, a member of the workspace SLUG."""
    with installation() as portal:
        from app.domain.role import Role
        from app.services.workspaces.join import add_member as join_as_operator

        join_as_operator(slug, email, Role(role), portal.clock.now())
        data = {"account": slug, "member": email, "role": role}
        answer(data, f"{email} is {role} of {slug}.", as_json=as_json)


@click.group()
def token() -> None:
    """Tokens with which programs call."""


@token.command("create")
@click.option("--service", metavar="NAME", help="A service token: acts for any member.")
@click.option("--user", "email", metavar="EMAIL", help="A personal token: acts as that person.")
@click.option("--days", type=click.IntRange(min=1), help="Days for which a personal token is good.")
@as_json
def create_token(service: str | None, email: str | None, days: int | None, as_json: bool) -> None:
    """Make a token and print it; it can't be shown again."""
    if (service is None) == (email is None):
        raise click.UsageError("Say either --service NAME or --user EMAIL.")
    if service is not None and days is not None:
        raise click.UsageError("--days is for personal tokens; a service token stays good.")
    with installation() as portal:
        from app.services.tokens.make_token import make_personal_token, make_service_token

        now = portal.clock.now()
        if service is not None:
            made, text = make_service_token(service, now)
        else:
            made, text = make_personal_token(_person_id(str(email)), "coffer command", now, days)
        data = {"token": text, "kind": made.kind, "name": made.name, "expires_at": made.expires_at}
        answer(data, text, as_json=as_json)


def _person_id(email: str) -> int:
    from app.domain.refusals import NotFound
    from app.store.people import person_by_email

    person = person_by_email(email.strip().lower())
    if person is None:
        raise NotFound(f"Nobody is known by the address {email}. Run `coffer user create` first.")
    return person.id


COMMANDS = (user, member, token)
