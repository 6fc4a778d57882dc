"""What the tests of identity providers share: answers that land without a browser."""

from app.hookspecs import Arrival
from app.services.sso.begin import begin_sign_in, begin_test
from app.services.sso.complete import Landing, complete
from app.services.sso.record import Visitor
from tests.plugins.saml.company import Company
from tests.plugins.saml.idp import packed, request_in

VISITOR = Visitor("test", "192.0.2.1")


class Direct(Company):
    """A company whose answers are handed to the verbs."""

    def begun(self, tester=None):
        """Begin: what went out, and what the browser carries."""
        if tester is None:
            begun = begin_sign_in(self.id, None, "", self.now)
        else:
            begun = begin_test(tester, self.id, None, self.now)
        handle = dict(pair.split("=") for pair in begun.onward.url.partition("?")[2].split("&"))[
            "RelayState"
        ]
        return request_in(begun.onward.url), handle, begun.browser

    def arrived(self, raw, handle=None):
        """What a browser brings."""
        fields = [("SAMLResponse", packed(raw))] + ([("RelayState", handle)] if handle else [])
        return Arrival("POST", tuple(fields))

    def complete(self, raw, handle=None, browser=None, *, is_browser=False):
        """Judge an answer."""
        landing = Landing(self.arrived(raw, handle), browser, VISITOR, is_browser)
        return complete(self.id, landing, self.now)

    def enter(self, tester=None, **says):
        """Go through it all."""
        asked, handle, browser = self.begun(tester)
        raw = self.idp.answer(self.says(asked, **says), self.now)
        return self.complete(raw, handle, browser)
