"""The people of the story: Alice owns Acme, Carol is an admin, Bob a member, Charlie outside."""

from app.domain.role import Role
from app.services.people.open_person import open_person
from app.services.workspaces.access import access_to
from app.services.workspaces.join import join
from app.services.workspaces.open import start_workspace
from app.store.accounts import account_by_slug
from app.store.database import db, transaction
from app.store.mails import Mail
from app.store.people import person_by_email
from tests.conftest import SCENES, START

NAMES = {
    "alice": "Alice Arden",
    "carol": "Carol Cole",
    "cora": "Cora Clay",
    "bob": "Bob Birch",
    "ben": "Ben Brown",
    "charlie": "Charlie Chase",
}
ROLES = {"carol": Role.ADMIN, "cora": Role.ADMIN, "bob": Role.MEMBER, "ben": Role.MEMBER}


def start_acme():
    """Let Alice start Acme with everybody in it but Charlie."""
    with transaction():
        ids = {
            first: open_person(f"{first}@acme.test", name, None, START, verified=True).id
            for first, name in NAMES.items()
        }
    acme = start_workspace("alice@acme.test", "acme", "Acme Incorporated", "business", None, START)
    with transaction():
        for first, role in ROLES.items():
            join(acme.id, ids[first], role, START)


SCENES["cast_scene"] = start_acme


class Cast:
    """The people by first name, and what each of them may do in Acme."""

    def __init__(self, clock):
        self.clock = clock
        self.ids = {first: person_by_email(self.email(first)).id for first in NAMES}
        self.acme = account_by_slug("acme")

    @property
    def now(self):
        return self.clock.now()

    def email(self, first):
        return f"{first}@acme.test"

    def access(self, first, slug="acme"):
        return access_to(self.ids[first], slug)[1]

    def role(self, first, slug="acme"):
        return self.access(first, slug).role


def mails_to(email, template=None):
    """The mails queued for an address, the oldest first."""
    statement = db.select(Mail).where(Mail.recipient == email).order_by(Mail.id)
    found = list(db.session.scalars(statement))
    return [mail for mail in found if template in (None, mail.template)]


def claims_to(email, template):
    """What the link of the last such mail claims."""
    return mails_to(email, template)[-1].context["link"][1]
