"""Runs in the clean environment: what a third party's plugin does inside Coffer, told as JSON.

It is given the folder of an installation that `coffer init` made, with the plugin switched on.
"""

import json
import sys
from pathlib import Path

from app import create_app
from app.domain.role import Role
from app.services.billing.purchase import buy_pack
from app.services.credits.read import pool
from app.services.people.sign_up import create_person
from app.services.plugins.listing import list_plugins
from app.services.tokens.make_token import make_service_token
from app.services.workspaces.access import access_to
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace


def prove(folder: Path) -> dict[str, object]:
    """Deduct, be refused, and buy a pack."""
    app = create_app(instance=folder)
    with app.app_context():
        now = app.extensions["coffer"].clock.now()
        alice = create_person("alice@acme.test", "Alice", None, now, verified=True)
        bob = create_person("bob@acme.test", "Bob", None, now, verified=True)
        account = start_workspace(alice.email, "acme", "Acme", "business", now, now)
        add_member("acme", bob.email, Role.MEMBER, now)
        token = make_service_token("platform", now)[1]
        answers = [
            app.test_client().post(
                "/api/v1/deductions",
                json={"account": "acme", "member": bob.email, "action": action},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": action},
            )
            for action in ("deploy", "ai.video")
        ]
        before = pool(account, now).available
        _, access = access_to(alice.id, "acme")
        bought = buy_pack(access, "pack-500", "corner_shop", "https://coffer.example.com", now)
        return {
            "states": {one.name: (one.state, one.origin) for one in list_plugins(now)},
            "statuses": [answer.status_code for answer in answers],
            "refusal": answers[1].get_json(),
            "bought": str(bought.state),
            "credits": pool(account, now).available - before,
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(prove(Path(sys.argv[1]))))
