"""The doors of single sign-on, whose addresses carry an id that never changes.

Identity providers send browsers here from another site, and those leave our cookies out of what is
posted so. An answer is judged without them; the session starts in the browser that began.
"""

from __future__ import annotations

from typing import Literal, cast

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.domain.refusals import InvalidRequest, SignInRefused
from app.extensions import csrf, limiter
from app.services.sso.begin import Begun, begin_sign_in
from app.services.sso.complete import Landing, Tested, Waits, complete
from app.services.sso.enter import Entered, enter, is_their_browser, link, waiting
from app.services.sso.landed import Arrival
from app.services.sso.publish import published
from app.services.sso.record import Visitor
from app.services.sso.route import Route, route_of
from app.services.sso.sign_out import read_sign_out
from app.web.login import current_person, is_signed_in, safe_next, start_session
from app.web.pages.form import Form, refusals_beside, text_of
from app.web.pages.onward import SEE_OTHER, send_to
from app.web.pages.page import page, pages
from app.web.portal import portal
from app.web.problems import status_of

BROWSER_SECONDS = 900


def attempts() -> str:
    """How often one address may come: a whole company may share one."""
    return portal().settings.sso_rate_limit


class CompanyForm(Form):
    """The address whose domain tells the company."""

    email = EmailField(
        "E-mail",
        [DataRequired("Write your e-mail address."), Length(max=254)],
        render_kw={"autocomplete": "username"},
    )


class LinkForm(Form):
    """The password of the account that is to be linked, and a code if it has two factors."""

    password = PasswordField(
        "Password",
        [DataRequired("Write the password of your account."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        "Code",
        [Length(max=40)],
        description="Of your device, or a recovery code.",
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


@pages.get("/sign-in/company")
@limiter.limit(attempts)
def sso_choose() -> ResponseReturnValue:
    """Find the identity provider of an address, and go there if there is only one."""
    email, onward = request.args.get("email", ""), request.args.get("next")
    form = CompanyForm(formdata=None, email=email)
    route = _route(form, email) if email else None
    answer = make_response(
        *cast(
            "tuple[str, int]",
            page("sso/choose.html", form, route=route, onward=onward, asked=bool(email)),
        )
    )
    if route is not None and len(route.providers) == 1:
        # A redirect would be a part of sending the form, which may not lead to other sites.
        public_id = route.providers[0].public_id
        address = url_for("pages.sso_login", public_id=public_id, next=onward)
        answer.headers["Refresh"] = f"0; url={address}"
    return answer


@pages.get("/sso/<public_id>/login")
@limiter.limit(attempts)
def sso_login(public_id: str) -> ResponseReturnValue:
    """Begin a sign-in."""
    onward = request.args.get("next") or ""
    begun = begin_sign_in(public_id, browser_mark(), onward, portal().clock.now())
    return sent_on(begun)


@pages.route("/sso/<public_id>/acs", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
# The form comes from the identity provider, which has no token of ours. What stands in for it is
# the handle of a sign-in that was begun here, and the mark that its browser carries.
@limiter.limit(attempts)
def sso_answer(public_id: str) -> ResponseReturnValue:
    """Judge what an identity provider answered."""
    landing = Landing(arrived(), browser_mark(), visitor(), is_browser=_is_browser())
    try:
        outcome = complete(public_id, landing, portal().clock.now())
    except SignInRefused as refusal:
        return refused(refusal, public_id)
    match outcome:
        case Entered():
            return entered(outcome)
        case Tested(slug, number):
            where = url_for("pages.sso_record", slug=slug, public_id=public_id, number=number)
        case Waits(ticket, is_link):
            door = "pages.sso_link" if is_link else "pages.sso_finish"
            where = url_for(door, public_id=public_id, ticket=ticket)
    return redirect(where, SEE_OTHER)


@pages.route("/sso/<public_id>/finish/<ticket>", methods=["GET", "POST"])
@limiter.limit(attempts)
def sso_finish(public_id: str, ticket: str) -> ResponseReturnValue:
    """Start the session in the browser that began; in another one, ask first."""
    now = portal().clock.now()
    found, form = waiting(ticket, now), Form()
    if found.is_link:
        return redirect(url_for("pages.sso_link", public_id=public_id, ticket=ticket))
    present = current_person().id if is_signed_in() else None
    is_theirs = is_their_browser(ticket, browser_mark(), present, now)
    if form.validate_on_submit() or (is_theirs and request.method == "GET"):
        return entered(enter(ticket, visitor(), now))
    return page("sso/finish.html", form, waiting=found)


@pages.route("/sso/<public_id>/link/<ticket>", methods=["GET", "POST"])
@limiter.limit(attempts, methods=["POST"])
def sso_link(public_id: str, ticket: str) -> ResponseReturnValue:  # noqa: ARG001
    """Link the account that was there before, by its own password."""
    now = portal().clock.now()
    found, form = waiting(ticket, now), LinkForm()
    if form.validate_on_submit():
        with refusals_beside(form):
            code = text_of(form.code)
            return entered(link(ticket, text_of(form.password), code, visitor(), now))
    return page("sso/link.html", form, waiting=found)


@pages.get("/sso/<public_id>/metadata")
@limiter.limit(attempts)
def sso_metadata(public_id: str) -> ResponseReturnValue:
    """Tell the other side who we are."""
    told = published(public_id, portal().clock.now())
    return Response(told.document, mimetype=told.media_type)


@pages.route("/sso/<public_id>/logout", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
# The message comes from the identity provider, and is signed by it or refused.
@limiter.limit(attempts)
def sso_sign_out(public_id: str) -> ResponseReturnValue:
    """End the sessions that an identity provider began and wants ended."""
    try:
        onward = read_sign_out(public_id, arrived(), visitor(), portal().clock.now())
    except SignInRefused as refusal:
        return refused(refusal, public_id)
    if onward is None:
        flash("You are signed out.", "success")
        return redirect(url_for("pages.sign_in"), SEE_OTHER)
    return send_to(onward)


def sent_on(begun: Begun) -> ResponseReturnValue:
    """Send the browser to its identity provider, with the mark by which it is known again."""
    answer = send_to(begun.onward)
    settings = portal().settings
    answer.set_cookie(
        _cookie_name(),
        begun.browser,
        max_age=BROWSER_SECONDS,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return answer


def entered(outcome: Entered) -> ResponseReturnValue:
    """Make this browser the person's, and go on to what they wanted."""
    start_session(outcome.person, outcome.token)
    if outcome.said:
        flash(outcome.said, "info")
    return redirect(safe_next(outcome.onward), SEE_OTHER)


def refused(refusal: SignInRefused, public_id: str) -> ResponseReturnValue:
    """Say that it was refused, and nothing of why."""
    words = refusal.detail
    body = render_template("sso/refused.html", words=words, public_id=public_id)
    return body, status_of(refusal), {"Cache-Control": "no-store"}


def arrived() -> Arrival:
    """What the browser brought, unjudged."""
    method: Literal["GET", "POST"] = "POST" if request.method == "POST" else "GET"
    try:
        found = request.form if method == "POST" else request.args
        fields = tuple(found.items(multi=True))
    except RequestEntityTooLarge:
        fields = ()
    return Arrival(method, fields, request.query_string.decode("latin-1"))


def visitor() -> Visitor:
    """Whose browser it is."""
    return Visitor(request.user_agent.string[:200], request.remote_addr or "")


def browser_mark() -> str | None:
    """The mark that this browser carries while a sign-in is on its way."""
    return request.cookies.get(_cookie_name())


def _is_browser() -> bool:
    """Browsers say where a form comes from; who doesn't is a program, which nobody can lead."""
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def _cookie_name() -> str:
    return "__Host-coffer-sso" if portal().settings.is_https else "coffer-sso"


def _route(form: CompanyForm, email: str) -> Route | None:
    try:
        return route_of(email)
    except InvalidRequest as refusal:
        form.email.errors = [refusal.detail]
        return None
