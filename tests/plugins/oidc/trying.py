"""One sign-in at the stand-in, judged by the handler; each test changes what it wants."""

import itertools
from dataclasses import replace

from app.hookspecs import Arrival, Attempt, IdentityProvider, NotProven
from plugins.sso_oidc.conformance import NOW, OURS, VALUES
from plugins.sso_oidc.handler import OidcHandler
from plugins.sso_oidc.stand_in import SigningKey, StandIn

KEY, OTHER_KEY = SigningKey("one"), SigningKey("two")
EC_KEY = SigningKey("ec", "ES256")
ATTEMPT = Attempt("handle-1", "_request-1", NOW)
PERSON = {"sub": "person-1", "email": "ana@acme.test", "name": "Ana Arden"}


class Trial:
    """An identity provider, and a handler that knows nothing of it yet."""

    def __init__(self, keys=(KEY,), person=(), without=(), values=(), fetch=None, **changes):
        self.stand_in = StandIn(NOW, list(keys), OURS.answer_url, **changes)
        self.handler = OidcHandler(fetch or self.stand_in)
        self.person = {**PERSON, **dict(person)}
        for name in without:
            self.person.pop(name)
        self.values = {**VALUES, **dict(values)}
        self.now, self.attempt, self.change_answer = NOW, ATTEMPT, None

    @property
    def provider(self):
        return IdentityProvider(OURS, self.stand_in.document, self.values)

    def judge(self):
        """Begin, sign in there, and judge what comes back."""
        provider = self.provider
        onward = self.handler.begin(provider, self.attempt)
        attempt = replace(self.attempt, kept=onward.keep)
        fields = self.stand_in.sign_in(onward.url, self.person)
        if self.change_answer:
            fields = self.change_answer(fields)
        return self.handler.complete(provider, attempt, Arrival("GET", fields), self.now)

    def refused(self):
        """The check that refuses it; those before it passed."""
        found = self.judge()
        assert isinstance(found, NotProven), found
        assert all(check.passed for check in found.checks[:-1])
        assert not found.checks[-1].passed
        assert found.checks[-1].words.rstrip(")").endswith((".", "?", "”")), found.checks[-1].words
        return found.checks[-1]


def says(**claims):
    """Let the ID token say this; None takes a claim away."""

    def change(said):
        said.update(claims)
        for name in [name for name, value in claims.items() if value is None]:
            del said[name]

    return change


def numbers():
    """Names for values that have no short one."""
    return map(str, itertools.count())
