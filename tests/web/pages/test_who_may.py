"""Every page route, for the owner, an admin, a member, an outsider and nobody: one table."""

import pytest

from app.domain.action_run import ActionKind
from app.domain.limit import LimitEffect, LimitPer, LimitWho
from app.domain.reference import reference
from app.domain.role import Role
from app.services.actions.start import Wanted, start
from app.services.apps.edit import create_app
from app.services.apps.save_version import save_version
from app.services.fetch_safely import SafeFetch
from app.services.limits.set_limit import WantedLimit, set_limit
from app.services.sites.publish import publish
from app.services.sso.domains.claim import claim_domain
from app.services.tokens.make_token import make_app_key, make_personal_token
from app.services.webhooks.manage import add_webhook
from app.services.webhooks.replay import send_test
from app.services.workspaces.access import access_to
from app.services.workspaces.check_list import check_list
from app.services.workspaces.invite import invite
from app.services.workspaces.join import add_member
from app.services.workspaces.open import start_workspace
from app.store.database import db
from tests.conftest import START, person
from tests.plugins.saml.company import Company, quick_keys
from tests.web.pages.browser import is_html

ROLES = ("owner", "admin", "member", "outsider", "nobody")
ANYBODY = (200,) * 5
SIGNED_IN = (200, 200, 200, 200, 302)
DOES = (302,) * 5
MEMBERS = (200, 200, 200, 404, 302)
ADMINS = (200, 200, 403, 404, 302)
OWNER = (200, 403, 403, 404, 302)
ADMINS_DO = (302, 302, 403, 404, 302)
OWNER_DOES = (302, 403, 403, 404, 302)
MEMBERS_DO = (302, 302, 302, 404, 302)
ADMINS_TRY = (422, 422, 403, 404, 302)
ADMINS_FIND_NONE = (404, 404, 403, 404, 302)
GONE = (404, 404, 404, 404, 302)
OWNER_FINDS_NONE = (404, 403, 403, 404, 302)
NO_ONE = (404,) * 5
PAYMENT = "/accounts/acme/billing/payments/pay-1"
ACTIONS = "/accounts/acme/apps/app_{app}/actions"
SITE = "/accounts/acme/apps/app_{app}/site"
FILES = "/accounts/acme/apps/app_{app}/files"
IDPS = "/accounts/acme/identity-providers"
HOOKS = "/accounts/acme/webhooks"
LIMITS = "/accounts/acme/limits"
REQUEST = "/accounts/acme/requests/request_1"

# endpoint, method, path, fields, statuses in the order of ROLES. Later rows see what earlier
# ones did, so what destroys comes last. A 302 of nobody leads to the sign-in page.
TABLE = [
    ("stylesheet", "GET", "/looks/any.css", {}, ANYBODY),
    ("home", "GET", "/", {}, SIGNED_IN),
    ("sign_in", "GET", "/sign-in", {}, (302, 302, 302, 302, 200)),
    ("sign_in", "POST", "/sign-in", {}, (302, 302, 302, 302, 422)),
    ("second_step", "GET", "/sign-in/code", {}, DOES),
    ("second_step", "POST", "/sign-in/code", {"code": "123456"}, DOES),
    ("sign_up", "GET", "/sign-up", {}, (302, 302, 302, 302, 200)),
    ("sign_up", "POST", "/sign-up", {}, (302, 302, 302, 302, 422)),
    ("forgotten_password", "GET", "/forgotten-password", {}, ANYBODY),
    ("forgotten_password", "POST", "/forgotten-password", {"email": "no@no.test"}, DOES),
    ("reset_password", "GET", "/reset-password/forged", {}, (404,) * 5),
    ("reset_password", "POST", "/reset-password/forged", {}, (404,) * 5),
    ("verify", "GET", "/verify/forged", {}, (404,) * 5),
    ("verify", "POST", "/verify/forged", {}, (404,) * 5),
    ("ask_verification", "POST", "/verify", {}, (409, 409, 409, 409, 302)),
    ("change_password_address", "GET", "/.well-known/change-password", {}, DOES),
    ("invitation", "GET", "/invitations/forged", {}, (404,) * 5),
    ("invitation", "POST", "/invitations/forged", {}, (404,) * 5),
    ("accept_waiting", "POST", "/invitations/invitation_{invitation}/accept", {}, GONE),
    ("overview", "GET", "/accounts/acme", {}, MEMBERS),
    ("history", "GET", "/accounts/acme/history", {}, MEMBERS),
    ("history_csv", "GET", "/accounts/acme/history.csv", {}, MEMBERS),
    ("audit", "GET", "/accounts/acme/audit", {}, ADMINS),
    ("account_audit_csv", "GET", "/accounts/acme/audit.csv", {}, ADMINS),
    ("usage", "GET", "/accounts/acme/usage", {}, MEMBERS),
    ("usage_csv", "GET", "/accounts/acme/usage.csv", {}, MEMBERS),
    ("statement", "GET", "/accounts/acme/statement", {}, MEMBERS),
    ("statement_pdf", "GET", "/accounts/acme/statement/2026-01.pdf", {}, MEMBERS),
    ("billing", "GET", "/accounts/acme/billing", {}, MEMBERS),
    ("cancel_subscription", "POST", "/accounts/acme/billing/cancel", {}, OWNER_DOES),
    ("resume_subscription", "POST", "/accounts/acme/billing/resume", {}, OWNER_DOES),
    ("plans", "GET", "/accounts/acme/billing/plans", {}, OWNER),
    ("plan", "GET", "/accounts/acme/billing/plans/business", {}, OWNER),
    ("plan", "POST", "/accounts/acme/billing/plans/business", {}, (422, 403, 403, 404, 302)),
    ("change_later", "POST", "/accounts/acme/billing/plans/pro/later", {}, OWNER_FINDS_NONE),
    ("top_up", "GET", "/accounts/acme/billing/top-up", {}, OWNER),
    ("top_up", "POST", "/accounts/acme/billing/top-up", {}, (422, 403, 403, 404, 302)),
    ("auto_top_up", "GET", "/accounts/acme/billing/auto-top-up", {}, OWNER),
    ("auto_top_up", "POST", "/accounts/acme/billing/auto-top-up", {}, (422, 403, 403, 404, 302)),
    ("stop_automatic_top_up", "POST", "/accounts/acme/billing/auto-top-up/stop", {}, OWNER_DOES),
    ("payments", "GET", "/accounts/acme/billing/payments", {}, OWNER),
    ("payment_page", "GET", "/accounts/acme/billing/payments/pay-1", {}, OWNER_FINDS_NONE),
    ("give_up_payment", "POST", f"{PAYMENT}/give-up", {}, OWNER_FINDS_NONE),
    ("give_pack_back", "POST", f"{PAYMENT}/refund", {}, OWNER_FINDS_NONE),
    ("way_to_pay", "GET", "/accounts/acme/billing/way", {}, OWNER),
    ("way_to_pay", "POST", "/accounts/acme/billing/way", {}, (422, 403, 403, 404, 302)),
    ("means_of_payment", "POST", "/accounts/acme/billing/means", {}, OWNER_DOES),
    ("invoices", "GET", "/accounts/acme/billing/invoices", {}, OWNER),
    ("invoice", "GET", "/accounts/acme/billing/invoices/INV-1.pdf", {}, OWNER_FINDS_NONE),
    ("receipt", "GET", "/accounts/acme/billing/invoices/INV-1/receipt.pdf", {}, OWNER_FINDS_NONE),
    ("billing_details", "GET", "/accounts/acme/billing/details", {}, OWNER),
    ("billing_details", "POST", "/accounts/acme/billing/details", {"name": "A"}, OWNER_DOES),
    ("admin", "GET", "/admin", {}, GONE),
    ("admin_accounts", "GET", "/admin/accounts", {}, GONE),
    ("admin_account", "GET", "/admin/accounts/acme", {}, GONE),
    ("admin_account_credits", "GET", "/admin/accounts/acme/credits", {}, GONE),
    ("admin_account_credits", "POST", "/admin/accounts/acme/credits", {}, GONE),
    ("admin_account_plan", "GET", "/admin/accounts/acme/plan", {}, GONE),
    ("admin_account_plan", "POST", "/admin/accounts/acme/plan", {}, GONE),
    ("admin_account_refund", "GET", "/admin/accounts/acme/refunds/tx_1_1", {}, GONE),
    ("admin_account_refund", "POST", "/admin/accounts/acme/refunds/tx_1_1", {}, GONE),
    ("admin_account_restore", "POST", "/admin/accounts/acme/restore", {}, GONE),
    ("admin_people", "GET", "/admin/people", {}, GONE),
    ("admin_person", "GET", "/admin/people/1", {}, GONE),
    ("admin_person_end_sessions", "POST", "/admin/people/1/sessions/end", {}, GONE),
    ("admin_person_block", "GET", "/admin/people/1/block", {}, GONE),
    ("admin_person_block", "POST", "/admin/people/1/block", {}, GONE),
    ("admin_person_unblock", "POST", "/admin/people/1/unblock", {}, GONE),
    ("admin_person_reset_two_factor", "POST", "/admin/people/1/two-factor/reset", {}, GONE),
    ("admin_person_operator", "GET", "/admin/people/1/operator", {}, GONE),
    ("admin_person_operator", "POST", "/admin/people/1/operator", {}, GONE),
    ("admin_see_as", "GET", "/admin/people/1/see-as", {}, GONE),
    ("admin_see_as", "POST", "/admin/people/1/see-as", {}, GONE),
    ("admin_catalogue", "GET", "/admin/catalogue", {}, GONE),
    ("admin_catalogue_new_plan", "GET", "/admin/catalogue/plans/new", {}, GONE),
    ("admin_catalogue_new_plan", "POST", "/admin/catalogue/plans/new", {}, GONE),
    ("admin_catalogue_plan", "GET", "/admin/catalogue/plans/pro", {}, GONE),
    ("admin_catalogue_plan", "POST", "/admin/catalogue/plans/pro", {}, GONE),
    ("admin_catalogue_new_pack", "GET", "/admin/catalogue/packs/new", {}, GONE),
    ("admin_catalogue_new_pack", "POST", "/admin/catalogue/packs/new", {}, GONE),
    ("admin_catalogue_pack", "GET", "/admin/catalogue/packs/pack-500", {}, GONE),
    ("admin_catalogue_pack", "POST", "/admin/catalogue/packs/pack-500", {}, GONE),
    ("admin_catalogue_sale", "POST", "/admin/catalogue/plan/pro/sale", {}, GONE),
    ("admin_catalogue_new_price", "GET", "/admin/catalogue/prices/new", {}, GONE),
    ("admin_catalogue_new_price", "POST", "/admin/catalogue/prices/new", {}, GONE),
    ("admin_catalogue_price", "GET", "/admin/catalogue/prices/deploy", {}, GONE),
    ("admin_catalogue_price", "POST", "/admin/catalogue/prices/deploy", {}, GONE),
    ("admin_catalogue_cancel_price", "POST", "/admin/catalogue/prices/deploy/1/cancel", {}, GONE),
    ("admin_ledger", "GET", "/admin/ledger", {}, GONE),
    ("admin_ledger", "POST", "/admin/ledger", {}, GONE),
    ("admin_ledger_audit", "GET", "/admin/ledger/1", {}, GONE),
    ("admin_mails", "GET", "/admin/mails", {}, GONE),
    ("admin_mail", "GET", "/admin/mails/reset", {}, GONE),
    ("admin_mail_html", "GET", "/admin/mails/reset/html", {}, GONE),
    ("admin_mail_again", "POST", "/admin/mails/again", {}, GONE),
    ("admin_health", "GET", "/admin/health", {}, GONE),
    ("admin_settings", "GET", "/admin/settings", {}, GONE),
    ("end_see_as", "POST", "/see-as/end", {}, DOES),
    ("admin_payments", "GET", "/admin/payments", {}, GONE),
    ("admin_compare_books", "POST", "/admin/payments/compare", {}, GONE),
    ("admin_payment", "GET", "/admin/payments/pay-1", {}, GONE),
    ("admin_payment", "POST", "/admin/payments/pay-1", {}, GONE),
    ("admin_settle_payment", "POST", "/admin/payments/pay-1/settled", {}, GONE),
    ("admin_invoices", "GET", "/admin/invoices", {}, GONE),
    ("admin_invoice", "GET", "/admin/invoices/INV-1.pdf", {}, GONE),
    ("admin_journal", "GET", "/admin/invoices.csv", {}, GONE),
    ("admin_audit", "GET", "/admin/audit", {}, GONE),
    ("admin_audit_csv", "GET", "/admin/audit.csv", {}, GONE),
    ("admin_cycles", "GET", "/admin/cycles", {}, GONE),
    ("admin_cycle", "GET", "/admin/cycles/1", {}, GONE),
    ("admin_run_cycle", "POST", "/admin/cycles/run", {}, GONE),
    ("admin_plugins", "GET", "/admin/plugins", {}, GONE),
    ("admin_plugin", "GET", "/admin/plugins/house_rules", {}, GONE),
    ("admin_plugin", "POST", "/admin/plugins/house_rules", {}, GONE),
    ("admin_switch_plugin", "POST", "/admin/plugins/house_rules/switch", {}, GONE),
    ("admin_shadow_plugin", "POST", "/admin/plugins/house_rules/shadow", {}, GONE),
    ("admin_release_plugin", "POST", "/admin/plugins/house_rules/release", {}, GONE),
    ("admin_switch_plugin_for", "POST", "/admin/plugins/house_rules/workspaces", {}, GONE),
    ("admin_retry_plugin", "POST", "/admin/plugins/house_rules/retry", {}, GONE),
    ("operator_plugin", "GET", "/plugins/house_rules/any", {}, GONE),
    ("operator_plugin", "POST", "/plugins/house_rules/any", {}, GONE),
    ("account_plugin", "GET", "/plugins/house_rules/accounts/acme/any", {}, GONE),
    ("account_plugin", "POST", "/plugins/house_rules/accounts/acme/any", {}, GONE),
    ("members", "GET", "/accounts/acme/members", {}, MEMBERS),
    ("member", "GET", "/accounts/acme/members/dora@acme.test", {}, ADMINS),
    ("member", "GET", "/accounts/acme/members/cora@acme.test", {}, OWNER),
    ("member", "POST", "/accounts/acme/members/cora@acme.test", {"role": "admin"}, OWNER_DOES),
    ("member", "POST", "/accounts/acme/members/dora@acme.test", {"role": "member"}, ADMINS_DO),
    ("member", "POST", "/accounts/acme/members/alice@acme.test", {}, (403, 403, 403, 404, 302)),
    ("remove", "GET", "/accounts/acme/members/cora@acme.test/remove", {}, OWNER),
    ("remove", "GET", "/accounts/acme/members/dora@acme.test/remove", {}, ADMINS),
    ("remove", "POST", "/accounts/acme/members/cora@acme.test/remove", {}, OWNER_DOES),
    ("remove", "POST", "/accounts/acme/members/dora@acme.test/remove", {}, ADMINS_DO),
    ("invite", "GET", "/accounts/acme/invite", {}, ADMINS),
    (
        "invite",
        "POST",
        "/accounts/acme/invite",
        {"emails": "x@x.test", "role": "member"},
        ADMINS_DO,
    ),
    ("invite_list", "GET", "/accounts/acme/invite/list_{list}", {}, ADMINS),
    ("invite_list_csv", "GET", "/accounts/acme/invite/list_{list}.csv", {}, ADMINS),
    ("invite_list", "POST", "/accounts/acme/invite/list_{list}", {}, (303, 303, 403, 404, 302)),
    (
        "resend_invitation",
        "POST",
        "/accounts/acme/invitations/invitation_{invitation}/resend",
        {},
        ADMINS_DO,
    ),
    (
        "revoke_invitation",
        "POST",
        "/accounts/acme/invitations/invitation_{invitation}/revoke",
        {},
        ADMINS_DO,
    ),
    ("apps", "GET", "/accounts/acme/apps", {}, MEMBERS),
    ("new_app", "GET", "/accounts/acme/apps/new", {}, MEMBERS),
    ("new_app", "POST", "/accounts/acme/apps/new", {"name": "New"}, (302, 302, 302, 404, 302)),
    ("app", "GET", "/accounts/acme/apps/app_{app}", {}, MEMBERS),
    ("app", "GET", "/accounts/beta/apps/app_{app}", {}, GONE),
    (
        "app",
        "POST",
        "/accounts/acme/apps/app_{app}",
        {"name": "Renamed"},
        (302, 302, 302, 404, 302),
    ),
    ("app_files", "GET", f"{FILES}", {}, MEMBERS),
    ("app_files", "GET", "/accounts/beta/apps/app_{app}/files", {}, GONE),
    ("app_versions", "GET", f"{FILES}/versions", {}, MEMBERS),
    ("app_file", "GET", f"{FILES}/1/show/index.html", {}, MEMBERS),
    ("app_file_raw", "GET", f"{FILES}/1/raw/index.html", {}, MEMBERS),
    ("app_file_picture", "GET", f"{FILES}/1/picture/index.html", {}, GONE),
    ("app_zip", "GET", f"{FILES}/1/zip", {}, MEMBERS),
    ("app_diff", "GET", f"{FILES}/0/to/1", {}, MEMBERS),
    ("restore_version", "GET", f"{FILES}/1/restore", {}, MEMBERS),
    ("restore_version", "POST", f"{FILES}/1/restore", {}, MEMBERS_DO),
    ("edit_file", "GET", f"{FILES}/edit/index.html", {}, MEMBERS),
    ("edit_file", "POST", f"{FILES}/edit/index.html", {"content": "x"}, MEMBERS_DO),
    ("new_file", "GET", f"{FILES}/new", {}, MEMBERS),
    ("new_file", "POST", f"{FILES}/new", {"path": ".."}, (422, 422, 422, 404, 302)),
    ("rename_file", "GET", f"{FILES}/rename/index.html", {}, MEMBERS),
    ("rename_file", "POST", f"{FILES}/rename/index.html", {}, (422, 422, 422, 404, 302)),
    ("delete_file", "GET", f"{FILES}/delete/index.html", {}, MEMBERS),
    ("delete_file", "POST", f"{FILES}/delete/none.html", {}, GONE),
    ("upload_files", "GET", f"{FILES}/upload", {}, MEMBERS),
    ("upload_files", "POST", f"{FILES}/upload", {}, (422, 422, 422, 404, 302)),
    ("app_actions", "GET", f"{ACTIONS}", {}, MEMBERS),
    ("app_actions", "GET", "/accounts/beta/apps/app_{app}/actions", {}, GONE),
    ("new_action", "GET", f"{ACTIONS}/new/generate", {}, MEMBERS),
    ("new_action", "GET", f"{ACTIONS}/new/other", {}, GONE),
    ("new_action", "POST", f"{ACTIONS}/new/generate", {}, (422, 422, 422, 404, 302)),
    ("action", "GET", f"{ACTIONS}/{{action}}", {}, MEMBERS),
    ("action", "GET", "/accounts/beta/apps/app_{app}/actions/{action}", {}, GONE),
    ("action_progress", "GET", f"{ACTIONS}/{{action}}/progress", {}, MEMBERS),
    ("cancel_action", "POST", f"{ACTIONS}/{{action}}/cancel", {}, ADMINS_DO),
    ("ace", "GET", "/editor/any/ace.js", {}, ANYBODY),
    ("new_key", "POST", "/accounts/acme/apps/app_{app}/keys", {"key-name": "ci"}, ADMINS_DO),
    ("app_key", "GET", "/accounts/acme/apps/app_{app}/keys/{key}", {}, ADMINS),
    ("app_key", "POST", "/accounts/acme/apps/app_{app}/keys/{key}", {"per": "day"}, ADMINS_DO),
    (
        "rotate_key",
        "POST",
        "/accounts/acme/apps/app_{app}/keys/{key}/rotate",
        {"hours": 1},
        ADMINS_DO,
    ),
    (
        "end_former_secret",
        "POST",
        "/accounts/acme/apps/app_{app}/keys/{key}/end-former",
        {},
        ADMINS_DO,
    ),
    ("revoke_key", "POST", "/accounts/acme/apps/app_{app}/keys/{key}/revoke", {}, ADMINS_DO),
    ("transfer_app", "GET", "/accounts/acme/apps/app_{app}/transfer", {}, OWNER),
    ("site", "GET", f"{SITE}", {}, MEMBERS),
    ("site", "GET", "/accounts/beta/apps/app_{app}/site", {}, GONE),
    ("visitors_ai", "POST", f"{SITE}/visitors", {"credits": "1"}, ADMINS_TRY),
    ("take_off_the_web", "GET", f"{SITE}/take-down", {}, MEMBERS),
    ("put_back", "POST", f"{SITE}/releases/1/live", {}, MEMBERS_DO),
    ("take_off_the_web", "POST", f"{SITE}/take-down", {}, MEMBERS_DO),
    ("delete_app", "GET", "/accounts/acme/apps/app_{app}/delete", {}, ADMINS),
    ("delete_app", "POST", "/accounts/acme/apps/app_{app}/delete", {}, ADMINS_DO),
    (
        "transfer_app",
        "POST",
        "/accounts/acme/apps/app_{moved}/transfer",
        {"to": "beta"},
        OWNER_DOES,
    ),
    ("sso_choose", "GET", "/sign-in/company", {}, ANYBODY),
    ("sso_login", "GET", "/sso/none/login", {}, NO_ONE),
    ("sso_answer", "GET", "/sso/none/acs", {}, NO_ONE),
    ("sso_answer", "POST", "/sso/none/acs", {}, NO_ONE),
    ("sso_finish", "GET", "/sso/none/finish/none", {}, NO_ONE),
    ("sso_finish", "POST", "/sso/none/finish/none", {}, NO_ONE),
    ("sso_link", "GET", "/sso/none/link/none", {}, NO_ONE),
    ("sso_link", "POST", "/sso/none/link/none", {}, NO_ONE),
    ("sso_metadata", "GET", "/sso/none/metadata", {}, NO_ONE),
    ("sso_metadata", "GET", "/sso/{idp}/metadata", {}, ANYBODY),
    ("sso_sign_out", "GET", "/sso/none/logout", {}, NO_ONE),
    ("sso_sign_out", "POST", "/sso/none/logout", {}, NO_ONE),
    ("identity_providers", "GET", f"{IDPS}", {}, ADMINS),
    ("new_identity_provider", "GET", f"{IDPS}/new", {}, ADMINS),
    ("new_identity_provider", "POST", f"{IDPS}/new", {}, ADMINS_TRY),
    ("identity_provider", "GET", f"{IDPS}/{{idp}}", {}, ADMINS),
    ("identity_provider", "GET", f"{IDPS}/none", {}, ADMINS_FIND_NONE),
    ("identity_provider", "GET", "/accounts/beta/identity-providers/{idp}", {}, ADMINS_FIND_NONE),
    ("identity_provider", "POST", f"{IDPS}/{{idp}}", {}, ADMINS_DO),
    ("test_identity_provider", "GET", f"{IDPS}/{{idp}}/test", {}, (303, 303, 403, 404, 302)),
    ("sso_records", "GET", f"{IDPS}/{{idp}}/records", {}, ADMINS),
    ("sso_record", "GET", f"{IDPS}/{{idp}}/records/1", {}, ADMINS_FIND_NONE),
    ("switch_identity_provider_off", "POST", f"{IDPS}/{{idp}}/off", {}, ADMINS_DO),
    ("switch_identity_provider_on", "POST", f"{IDPS}/{{idp}}/on", {}, ADMINS_DO),
    ("require_identity_provider", "POST", f"{IDPS}/require", {}, (409, 409, 403, 404, 302)),
    ("stop_requiring_identity_provider", "POST", f"{IDPS}/stop-requiring", {}, ADMINS_DO),
    ("remove_identity_provider", "GET", f"{IDPS}/{{idp}}/remove", {}, ADMINS),
    ("remove_identity_provider", "POST", f"{IDPS}/{{idp}}/remove", {}, ADMINS_DO),
    ("limits", "GET", LIMITS, {}, ADMINS),
    ("limits", "POST", LIMITS, {}, ADMINS_TRY),
    ("limit", "GET", f"{LIMITS}/{{alert}}", {}, ADMINS),
    ("limit", "GET", f"{LIMITS}/{{block}}", {}, OWNER),
    ("limit", "GET", f"{LIMITS}/limit_99", {}, ADMINS_FIND_NONE),
    ("limit", "POST", f"{LIMITS}/{{alert}}", {}, ADMINS_TRY),
    ("remove_one_limit", "GET", f"{LIMITS}/{{alert}}/remove", {}, ADMINS),
    ("remove_one_limit", "POST", f"{LIMITS}/{{alert}}/remove", {}, ADMINS_DO),
    ("remove_one_limit", "POST", f"{LIMITS}/{{block}}/remove", {}, OWNER_DOES),
    ("domains", "GET", "/accounts/acme/domains", {}, ADMINS),
    ("domains", "POST", "/accounts/acme/domains", {"domain": "gmail.com"}, ADMINS_TRY),
    ("verify_domain", "POST", "/accounts/acme/domains/no.test/verify", {}, ADMINS_FIND_NONE),
    ("remove_domain", "GET", "/accounts/acme/domains/no.test/remove", {}, ADMINS_FIND_NONE),
    ("remove_domain", "GET", "/accounts/acme/domains/kept.test/remove", {}, ADMINS),
    ("remove_domain", "POST", "/accounts/acme/domains/given.test/remove", {}, ADMINS_DO),
    ("directory", "GET", "/accounts/acme/directory", {}, ADMINS),
    ("webhooks", "GET", HOOKS, {}, ADMINS),
    ("new_webhook", "GET", f"{HOOKS}/new", {}, ADMINS),
    ("new_webhook", "POST", f"{HOOKS}/new", {"url": "https://127.0.0.1/"}, ADMINS_TRY),
    ("webhook", "GET", f"{HOOKS}/{{hook}}", {}, ADMINS),
    ("edit_webhook", "GET", f"{HOOKS}/{{hook}}/edit", {}, ADMINS),
    ("edit_webhook", "POST", f"{HOOKS}/{{hook}}/edit", {"url": "nowhere"}, ADMINS_TRY),
    ("rotate_webhook", "GET", f"{HOOKS}/{{hook}}/rotate", {}, ADMINS),
    ("rotate_webhook", "POST", f"{HOOKS}/{{hook}}/rotate", {}, ADMINS_DO),
    ("test_webhook", "POST", f"{HOOKS}/{{hook}}/test", {}, ADMINS_DO),
    ("webhook_delivery", "GET", f"{HOOKS}/{{hook}}/deliveries/{{sent}}", {}, ADMINS),
    ("replay_delivery", "POST", f"{HOOKS}/{{hook}}/deliveries/{{sent}}/replay", {}, ADMINS_DO),
    ("replay_webhook", "POST", f"{HOOKS}/{{hook}}/replay", {"days": "3"}, ADMINS_DO),
    ("switch_webhook", "POST", f"{HOOKS}/{{hook}}/switch", {}, ADMINS_DO),
    ("remove_webhook", "GET", f"{HOOKS}/{{hook}}/remove", {}, ADMINS),
    ("remove_webhook", "POST", f"{HOOKS}/{{hook}}/remove", {}, ADMINS_DO),
    ("new_directory_token", "POST", "/accounts/acme/directory/token", {}, ADMINS_DO),
    ("revoke_directory_token", "POST", "/accounts/acme/directory/token/revoke", {}, ADMINS_DO),
    ("ask_to_join", "POST", "/accounts/acme/join/ask", {}, GONE),
    ("take_request_back", "POST", "/accounts/acme/join/take-back", {}, GONE),
    ("approve_request", "POST", REQUEST + "/approve", {}, ADMINS_FIND_NONE),
    ("decline_request", "GET", REQUEST + "/decline", {}, ADMINS_FIND_NONE),
    ("decline_request", "POST", REQUEST + "/decline", {}, ADMINS_FIND_NONE),
    (
        "domain_approval",
        "POST",
        "/accounts/acme/domains/kept.test/approval",
        {"needed": "yes"},
        ADMINS_DO,
    ),
    ("accept_to_join", "POST", "/accounts/acme/join", {}, GONE),
    ("decline_to_join", "POST", "/accounts/acme/join/decline", {}, GONE),
    ("settings", "GET", "/accounts/acme/settings", {}, ADMINS),
    (
        "settings",
        "POST",
        "/accounts/acme/settings",
        {"name": "Acme", "slug": "acme"},
        ADMINS_DO,
    ),
    ("danger", "GET", "/accounts/acme/danger", {}, OWNER),
    (
        "offer_ownership",
        "POST",
        "/accounts/acme/ownership/offer",
        {"email": "bob@acme.test"},
        OWNER_DOES,
    ),
    ("withdraw_offer", "POST", "/accounts/acme/ownership/withdraw", {}, OWNER_DOES),
    ("accept_ownership", "POST", "/accounts/acme/ownership/accept", {}, GONE),
    ("delete_workspace", "GET", "/accounts/acme/delete", {}, OWNER),
    ("leave", "GET", "/accounts/beta/leave", {}, MEMBERS),
    ("leave", "POST", "/accounts/beta/leave", {}, (422, 302, 302, 404, 302)),
    ("delete_workspace", "POST", "/accounts/acme/delete", {"name": "Acme"}, OWNER_DOES),
    ("restore_workspace", "POST", "/accounts/acme/restore", {}, (302, 404, 404, 404, 302)),
    ("new_workspace", "GET", "/workspaces/new", {}, SIGNED_IN),
    ("new_workspace", "POST", "/workspaces/new", {"name": "Mine"}, (422, 422, 422, 422, 302)),
    ("profile", "GET", "/profile", {}, SIGNED_IN),
    ("choose_how_to_read", "GET", "/profile/reading", {}, SIGNED_IN),
    (
        "choose_how_to_read",
        "POST",
        "/profile/reading",
        {"zone": "Europe/Berlin", "numbers": "point"},
        DOES,
    ),
    ("change_name", "POST", "/profile/name", {"name-name": "Other"}, DOES),
    (
        "change_password",
        "POST",
        "/profile/password",
        {"password-old_password": "wrong", "password-new_password": "long enough one"},
        (422, 422, 422, 422, 302),
    ),
    ("confirm", "GET", "/confirm", {}, SIGNED_IN),
    ("confirm", "POST", "/confirm", {"password": "wrong"}, (422, 422, 422, 422, 302)),
    ("two_factor", "GET", "/profile/two-factor", {}, SIGNED_IN),
    ("begin_two_factor", "POST", "/profile/two-factor/begin", {}, DOES),
    (
        "two_factor",
        "POST",
        "/profile/two-factor",
        {"code": "no code"},
        (422, 422, 422, 422, 302),
    ),
    ("recovery_codes", "GET", "/profile/two-factor/recovery-codes", {}, DOES),
    (
        "new_recovery_codes",
        "POST",
        "/profile/two-factor/recovery-codes",
        {},
        (409, 409, 409, 409, 302),
    ),
    ("switch_off_two_factor", "GET", "/profile/two-factor/off", {}, DOES),
    ("switch_off_two_factor", "POST", "/profile/two-factor/off", {}, DOES),
    ("notifications", "GET", "/notifications", {}, SIGNED_IN),
    ("notification", "GET", "/notifications/999999", {}, (404, 404, 404, 404, 302)),
    ("read_notifications", "POST", "/notifications/read", {}, DOES),
    ("choose_notifications", "GET", "/profile/notifications", {}, SIGNED_IN),
    ("choose_notifications", "POST", "/profile/notifications", {}, DOES),
    ("new_token", "POST", "/profile/tokens", {"token-name": "cli", "token-days": "30"}, DOES),
    ("revoke_personal_token", "POST", "/profile/tokens/{token}/revoke", {}, GONE),
    ("end_session", "POST", "/profile/sessions/999/end", {}, DOES),
    ("end_other_sessions", "POST", "/profile/sessions/end-others", {}, DOES),
    ("sign_out", "POST", "/sign-out", {}, DOES),
]


@pytest.fixture
def things(app, acme, monkeypatch):
    """What the table's paths name: made by Alice, about people who play no role in it."""
    cora, dora = person("cora@acme.test", "Cora"), person("dora@acme.test", "Dora")
    add_member("acme", cora.email, Role.ADMIN, START)
    add_member("acme", dora.email, Role.MEMBER, START)
    start_workspace(acme.alice.email, "beta", "Beta", "business", START, START)
    add_member("beta", acme.bob.email, Role.MEMBER, START)
    add_member("beta", acme.carol.email, Role.ADMIN, START)
    _, access = access_to(acme.alice.id, "acme")
    quick_keys(monkeypatch)
    idp = Company(app, acme.account.id)
    app, moved = (create_app(access, name, "", START) for name in ("First", "Second"))
    publish(app.id, START, key="a", version="1", by=None, files={"index.html": b"1"})
    save_version(access, app.id, {"index.html": b"<h1>Hi</h1>"}, "", START)
    for domain in ("kept.test", "given.test"):
        claim_domain(access, domain, START)
    return {
        "idp": idp.id,
        **webhook_of(access),
        **limits_of(access),
        "app": app.id,
        "action": start(access, app.id, Wanted(ActionKind.DEPLOY), "it", START).value.id,
        "moved": moved.id,
        "key": make_app_key(access, app.id, "production", START)[0].id,
        "list": check_list(access, "j@x.test, k@x.test", Role.MEMBER, START).id,
        "invitation": invite(access, ["i@x.test"], Role.MEMBER, START).invited[0].id,
        "token": make_personal_token(dora.id, "hers", START)[0].id,
    }


def limits_of(access):
    """An alert and a block, by their references."""
    wanted = {each: WantedLimit(LimitWho.ACCOUNT, each, 9, LimitPer.DAY) for each in LimitEffect}
    made = {effect: set_limit(access, one, START) for effect, one in wanted.items()}
    return {effect.value: reference("limit", row.id) for effect, row in made.items()}


def webhook_of(access):
    """A webhook, and a delivery to it."""
    url = "https://93.184.216.34/coffer"
    hook, _ = add_webhook(access, url, ["credits.low"], "", START, SafeFetch())
    sent = send_test(access, hook.id, START)
    return {"hook": reference("webhook", hook.id), "sent": reference("delivery", sent.id)}


def test_table_knows_every_page(app):
    """A page that is not in the table fails here, and so does a row without its page."""
    routes = {
        (rule.endpoint.removeprefix("pages."), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {row[:2] for row in TABLE} == routes


@pytest.mark.parametrize("role", ROLES)
def test_who_may(open_browser, acme, things, role):
    """Each role gets the table's status, and every page keeps to the content security policy."""
    people = {
        "owner": acme.alice,
        "admin": acme.carol,
        "member": acme.bob,
        "outsider": acme.charlie,
        "nobody": None,
    }
    visitor = open_browser(people[role])
    token = visitor.token()
    got, wanted = [], []
    for endpoint, method, pattern, fields, statuses in TABLE:
        path = pattern.format(**things)
        data = fields | {"csrf_token": token} if method == "POST" else None
        answer = visitor.ask(path, method, data=data)
        require_plain(answer, path)
        if role == "nobody" and answer.status_code == 302 and endpoint not in OPEN_TO_NOBODY:
            assert answer.headers["Location"].startswith("/sign-in"), path
        got.append((method, path, answer.status_code))
        wanted.append((method, path, statuses[ROLES.index(role)]))
        db.session.rollback()
    assert got == wanted


OPEN_TO_NOBODY = {"change_password_address", "forgotten_password", "sign_out"}


def require_plain(answer, path):
    """No inline script or style, which the policy would refuse, and no page without a heading."""
    if not is_html(answer) or answer.status_code == 302:
        return
    text = answer.get_data(as_text=True)
    assert " style=" not in text, path
    assert "<style" not in text, path
    assert "<script>" not in text, path
    assert text.count("<h1>") == 1, path
    assert answer.headers["Cache-Control"] == "no-store", path
