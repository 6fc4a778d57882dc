"""Every operation of the API, and what each kind of caller gets from it."""

import pytest

from app.domain.zip_file import zip_of
from app.web.api.doors import SUBJECTS
from tests.web.api.world import CALLERS, PUBLIC_URL

OPERATIONS = {operation.name: operation for subject in SUBJECTS for operation in subject.all}

# What each operation answers to:
#                      owner admin member outsider nobody service app
TABLE = {
    "list_accounts":     (200, 200, 200, 200, 401, 200, 403),
    "show_pool":         (200, 200, 200, 404, 401, 200, 200),
    "list_transactions": (200, 200, 200, 404, 401, 200, 403),
    "show_usage":        (200, 200, 200, 404, 401, 200, 403),
    "show_forecast":     (200, 200, 200, 404, 401, 200, 403),
    "show_statement":    (200, 200, 200, 404, 401, 200, 403),
    "create_deduction":  (201, 201, 201, 404, 401, 201, 201),
    "create_deductions": (200, 200, 200, 200, 401, 200, 200),
    "refund_transaction": (201, 403, 403, 404, 401, 201, 404),
    "place_hold":        (201, 201, 201, 404, 401, 201, 201),
    "show_hold":         (200, 200, 200, 404, 401, 200, 200),
    "capture_hold":      (200, 200, 200, 404, 401, 200, 200),
    "release_hold":      (200, 200, 200, 404, 401, 200, 200),
    "extend_hold":       (200, 200, 200, 404, 401, 200, 200),
    "list_workspaces":   (200, 200, 200, 200, 401, 200, 403),
    "create_workspace":  (402, 402, 402, 402, 401, 402, 403),
    "show_workspace":    (200, 200, 200, 404, 401, 200, 403),
    "change_workspace":  (200, 200, 403, 404, 401, 200, 403),
    "delete_workspace":  (204, 403, 403, 404, 401, 204, 403),
    "list_members":      (200, 200, 200, 404, 401, 200, 403),
    "change_member":     (200, 200, 403, 404, 401, 200, 403),
    "remove_member":     (204, 204, 403, 404, 401, 204, 403),
    "list_invitations":  (200, 200, 403, 404, 401, 200, 403),
    "invite":            (201, 201, 403, 404, 401, 201, 403),
    "revoke_invitation": (204, 204, 403, 404, 401, 204, 403),
    "resend_invitation": (200, 200, 403, 404, 401, 200, 403),
    "list_domains":      (200, 200, 403, 404, 401, 200, 403),
    "add_domain":        (201, 201, 403, 404, 401, 201, 403),
    "verify_domain":     (200, 200, 403, 404, 401, 200, 403),
    "change_domain":     (200, 200, 403, 404, 401, 200, 403),
    "remove_domain":     (204, 204, 403, 404, 401, 204, 403),
    "list_apps":         (200, 200, 200, 404, 401, 200, 403),
    "create_app":        (201, 201, 201, 404, 401, 201, 403),
    "show_app":          (200, 200, 200, 404, 401, 200, 403),
    "change_app":        (200, 200, 200, 404, 401, 200, 403),
    "delete_app":        (204, 204, 403, 404, 401, 204, 403),
    "transfer_app":      (200, 403, 403, 404, 401, 200, 403),
    "start_action":      (202, 202, 202, 404, 401, 202, 403),
    "list_actions":      (200, 200, 200, 404, 401, 200, 403),
    "show_action":       (200, 200, 200, 404, 401, 200, 403),
    "follow_action":     (200, 200, 200, 404, 401, 200, 403),
    "cancel_action":     (200, 200, 403, 404, 401, 200, 403),
    "list_versions":     (200, 200, 200, 404, 401, 200, 403),
    "save_version":      (201, 201, 201, 404, 401, 201, 403),
    "upload_version":    (201, 201, 201, 404, 401, 201, 403),
    "show_version":      (200, 200, 200, 404, 401, 200, 403),
    "download_version":  (200, 200, 200, 404, 401, 200, 403),
    "download_file":     (200, 200, 200, 404, 401, 200, 403),
    "restore_version":   (201, 201, 201, 404, 401, 201, 403),
    "list_webhooks":     (200, 200, 403, 404, 401, 200, 403),
    "add_webhook":       (201, 201, 403, 404, 401, 201, 403),
    "show_webhook":      (200, 200, 403, 404, 401, 200, 403),
    "change_webhook":    (200, 200, 403, 404, 401, 200, 403),
    "rotate_webhook":    (200, 200, 403, 404, 401, 200, 403),
    "send_test":         (202, 202, 403, 404, 401, 202, 403),
    "replay_failed":     (202, 202, 403, 404, 401, 202, 403),
    "list_deliveries":   (200, 200, 403, 404, 401, 200, 403),
    "show_delivery":     (200, 200, 403, 404, 401, 200, 403),
    "replay_delivery":   (202, 202, 403, 404, 401, 202, 403),
    "remove_webhook":    (204, 204, 403, 404, 401, 204, 403),
    "list_limits":       (200, 200, 403, 404, 401, 200, 403),
    "set_limit":         (201, 201, 403, 404, 401, 201, 403),
    "change_limit":      (200, 200, 403, 404, 401, 200, 403),
    "remove_limit":      (204, 204, 403, 404, 401, 204, 403),
    "list_audit":        (200, 200, 403, 404, 401, 200, 403),
}  # fmt: skip

ZIP = zip_of({"index.html": b"hi"})
WITH_FILES = {
    *("start_action", "show_version", "download_version", "download_file", "restore_version"),
}


@pytest.fixture
def asking(world, deduct, hold):
    """Make, for an operation and a caller, the path and the body of a request that makes sense."""

    def ask(name, who):
        path = OPERATIONS[name].path
        made = {
            "{slug}": lambda: world.workspace() if name == "delete_workspace" else "acme",
            "{hold_id}": lambda: hold()["id"],
            "{transaction_id}": lambda: deduct()["id"],
            "{app_id}": world.app_with_files if name in WITH_FILES else world.new_app,
            "{number}": lambda: "1",
            "{path}": lambda: "index.html",
            "{action_id}": world.action,
            "{invitation_id}": world.invitation,
            "{email}": world.newcomer,
            "{domain}": world.domain,
            "{webhook_id}": world.webhook,
            "{delivery_id}": world.delivery,
            "{limit_id}": world.limit,
        }
        for hole, fill in made.items():
            if hole in path:
                path = path.replace(hole, fill())
        return path, body_for(name, who)

    def body_for(name, who):
        bodies = {
            "create_deduction": world.spending(),
            "create_deductions": {"deductions": [world.spending(idempotency_key=f"{who} batch")]},
            "place_hold": world.spending(),
            "refund_transaction": {"reason": "by mistake"},
            "create_workspace": {"name": "New"}
            | ({"owner": "alice@acme.test"} if who == "service" else {}),
            "change_workspace": {"name": f"Acme of {who}"},
            "change_member": {"role": "admin"},
            "invite": {"emails": [f"{who}@elsewhere.test"]},
            "add_domain": {"domain": f"{who}.test"},
            "change_domain": {"default_role": "member"},
            "create_app": {"name": "App"},
            "change_app": {"name": "Shop 2"},
            "transfer_app": {"to": "alice"},
            "save_version": {"files": {"a.txt": {"text": "a"}}},
            "upload_version": ZIP,
            "start_action": {"kind": "deploy"},
            "set_limit": {
                "who": "account",
                "effect": "alert",
                "per": "day",
                "credits": 1 + CALLERS.index(who),
            },
            "change_limit": {"credits": 50 + CALLERS.index(who)},
            "add_webhook": {"url": PUBLIC_URL},
            "change_webhook": {"description": who},
            "replay_failed": {"since": "2026-01-01T00:00:00Z"},
        }
        return bodies.get(name)

    return ask


def test_the_table_knows_every_operation():
    assert TABLE.keys() == OPERATIONS.keys()


def test_every_route_of_the_api_is_an_operation(app):
    routes = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
    }
    assert routes == {(operation.rule, operation.method) for operation in OPERATIONS.values()}


@pytest.mark.parametrize("name", TABLE)
def test_what_each_caller_gets(name, api, world, asking, subtests):
    method = OPERATIONS[name].method
    wanted = {}
    for who, expected in zip(CALLERS, TABLE[name], strict=True):
        with subtests.test(who):
            path, body = asking(name, who)
            if body is ZIP:
                body, wanted = None, {"raw": ZIP, "Content_Type": "application/zip"}
            answer = api(method, path, world.tokens[who], body, **wanted)
            assert answer.status_code == expected, answer.text


def test_a_line_of_a_batch_is_refused_to_outsiders(api, world):
    body = {"deductions": [world.spending(idempotency_key="1")]}
    answer = api("POST", "/deductions/batch", world.tokens["outsider"], body)
    assert [line["status"] for line in answer.json["results"]] == [404]


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Basic YTpi", "Bearer coffer_s_x", "x"]
)
def test_a_bad_token_is_refused_and_told_how(authorization, api):
    answer = api("GET", "/accounts", Authorization=authorization)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_outsider_can_not_tell_what_is_there_from_what_is_not(api, world):
    for path in ("/accounts/{}/pool", "/workspaces/{}", "/workspaces/{}/members"):
        there, absent = (
            api("GET", path.format(slug), world.tokens["outsider"]) for slug in ("acme", "nope")
        )
        assert there.json == absent.json


def test_a_personal_token_acts_for_its_own_person_only(api, world):
    body = world.spending(member="alice@acme.test")
    answer = api("POST", "/deductions", world.tokens["member"], body)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_an_app_key_bills_its_own_account_and_app_only(api, world):
    other = world.workspace()
    elsewhere = api(
        "POST", "/deductions", world.tokens["app"], {"account": other, "action": "deploy"}
    )
    assert elsewhere.status_code == 404
    foreign = world.spending(app=world.new_app())
    assert api("POST", "/deductions", world.tokens["app"], foreign).status_code == 403
    assert api("GET", f"/accounts/{other}/pool", world.tokens["app"]).status_code == 404
    own = api("POST", "/deductions", world.tokens["app"], {"action": "deploy"})
    assert (own.json["account"], own.json["app"]) == ("acme", world.app)
