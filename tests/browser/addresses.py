"""The pages of the story, for each of its people: what they open, and what they are answered."""

from app.demo.people import ALICE, BOB, CAROL, CHARLIE, DANA
from tests.browser.story import (
    IDP,
    NEW,
    NEW_SLUG,
    OPERATOR,
    WIDE_DOMAIN,
    WIDE_EMAIL,
    WIDE_SLUG,
)

YEAR = "since=2026-01-01&until=2026-12-31"

MEMBERS_SEE = [
    *("", "/history", "/usage", "/billing", "/members", "/apps", "/apps/new", "/apps/app_1"),
    "/leave",
    *(f"/apps/app_1/files{path}" for path in ("", "/versions", "/3/to/4", "/upload")),
    *(f"/apps/app_1/files/{path}" for path in ("4/show/index.html", "edit/index.html", "new")),
    *(f"/apps/app_1/files/{path}" for path in ("2/restore", "rename/index.html")),
    "/apps/app_1/files/delete/index.html",
    *(f"/apps/app_1/actions{path}" for path in ("", "/1", "/new/generate", "/new/refine")),
    *("/apps/app_1/actions/new/deploy", "/apps/app_1/site", "/apps/app_1/site/take-down"),
]
IN_SHORT = [path for path in MEMBERS_SEE if path != "/history"] + ["/history?since=2026-06-17"]
FILTERED = [
    f"/history?member={BOB}&kind=refund&{YEAR}",
    "/history?since=2020-01-01&until=2020-01-02",
    f"/usage?by=app&{YEAR}",
    f"/usage?by=action&{YEAR}",
    f"/usage?by=day&{YEAR}",
    "/usage?by=day&since=2020-01-01&until=2020-01-02",
    *("/usage?search=nobody", "/statement", "/statement?period=cycle-1"),
    f"/history?kind=used&app=none&{YEAR}",
]
ADMINS_SEE = [
    "/invite",
    f"/members/{DANA}",
    f"/members/{DANA}/remove",
    *("/apps/app_1/delete", "/apps/app_1/keys/3"),
    *("/limits", "/limits/limit_1", "/limits/limit_1/remove"),
    *("/domains", "/domains/acme.example/remove", "/directory"),
    *("/identity-providers", "/identity-providers/new"),
    *(f"/identity-providers/{IDP}{path}" for path in ("", "/remove", "/records", "/records/1")),
    *("/webhooks", "/webhooks/new"),
    *(f"/webhooks/webhook_1{path}" for path in ("", "/edit", "/rotate", "/remove")),
    "/webhooks/webhook_1/deliveries/delivery_1",
    *("/settings", "/audit", "/audit?kind=sign_in"),
]
OWNER_SEES = [
    *(f"/members/{CAROL}", "/apps/app_1/transfer", "/danger", "/delete"),
    *("/billing/invoices", "/billing/details", "/billing/plans", "/billing/plans/business"),
    *("/billing/top-up", "/billing/auto-top-up", "/billing/payments", "/billing/way"),
]
PERSONAL = ["", "/history", "/usage", "/billing", "/apps", "/apps/new", "/settings"]
EVERYBODY = ["/", "/workspaces/new", "/profile", "/notifications", "/profile/notifications"]
NOWHERE = ["/no/such/page", "/accounts/nowhere"]


def of(slug, paths):
    """These pages of an account."""
    return [f"/accounts/{slug}{path}" for path in paths]


def all_fine(paths):
    """Pages that are shown."""
    return [(path, 200) for path in paths]


def refused(paths, status):
    """Pages that are not."""
    return [(path, status) for path in paths]


ACME = "acme"
OUTSIDERS_404 = refused([*NOWHERE, *of(ACME, ["", "/history"])], 404)
VISITS = {
    "owner": (
        ALICE,
        all_fine(["/api/docs", "/profile/two-factor", "/profile/reading", "/confirm", *EVERYBODY])
        + all_fine(of(ACME, MEMBERS_SEE + FILTERED + ADMINS_SEE + OWNER_SEES))
        + all_fine(["/plugins/journal/accounts/acme"])
        + refused(NOWHERE, 404),
    ),
    "admin": (
        CAROL,
        all_fine(of(ACME, IN_SHORT + ADMINS_SEE)) + refused(of(ACME, OWNER_SEES), 403),
    ),
    "member": (
        BOB,
        all_fine(["/", "/profile", *of(ACME, IN_SHORT), *of("night-shift", ["", "/usage"])])
        + refused(of(ACME, ADMINS_SEE + OWNER_SEES), 403),
    ),
    "outsider": (CHARLIE, all_fine([*EVERYBODY, *of("charlie", PERSONAL)]) + OUTSIDERS_404),
    "newcomer": (
        NEW,
        all_fine(["/", *of(NEW_SLUG, ["", "/history", "/usage", "/billing", "/members", "/apps"])])
        + all_fine(of("newcomer", PERSONAL)),
    ),
    "nobody": (
        None,
        all_fine(["/sign-in", "/sign-up", "/forgotten-password", "/sign-in/company"])
        + all_fine(["/sign-in/company?email=x@nowhere.example"])
        + refused(["/no/such/page", "/verify/forged", "/invitations/forged"], 404),
    ),
    "operator": (
        OPERATOR,
        all_fine(["/admin", "/admin/accounts", "/admin/accounts?state=low", "/admin/people"])
        + all_fine(["/admin/accounts/acme", "/admin/accounts/acme/credits"])
        + all_fine(["/admin/accounts/acme/plan", "/admin/accounts?text=nothing-fits"])
        + all_fine([f"/admin/accounts/{WIDE_SLUG}", "/admin/people?text=nobody-fits"])
        + all_fine([f"/admin/people/1{path}" for path in ("", "/block", "/operator", "/see-as")])
        + all_fine(["/admin/catalogue", "/admin/catalogue/plans/new", "/admin/catalogue/plans/pro"])
        + all_fine(["/admin/catalogue/packs/new", "/admin/catalogue/packs/pack-500"])
        + all_fine(["/admin/catalogue/prices/new", "/admin/catalogue/prices/deploy"])
        + all_fine(["/admin/ledger", "/admin/mails", "/admin/mails/invitation"])
        + all_fine(["/admin/health", "/admin/settings"])
        + all_fine(["/admin/cycles", "/admin/cycles/1", "/admin/payments", "/admin/invoices"])
        + all_fine(["/admin/plugins", "/admin/audit"])
        + all_fine(["/admin/plugins/billing_invoice", "/plugins/billing_invoice"])
        + all_fine(["/admin/plugins/journal", "/plugins/journal"])
        + all_fine(["/admin/plugins/house_rules"]),
    ),
    "extremes": (
        WIDE_EMAIL,
        all_fine(EVERYBODY)
        + all_fine(
            of(
                WIDE_SLUG,
                [
                    *("", "/history", "/usage", f"/usage?by=app&{YEAR}", "/members", "/apps"),
                    "/billing",
                    *("/apps/app_6", "/apps/app_6/delete", "/apps/app_6/transfer"),
                    *("/invite", "/invite/list_1", "/settings", "/danger", "/delete", "/leave"),
                    *("/domains", f"/domains/{WIDE_DOMAIN}/remove", "/identity-providers"),
                    *(f"/members/o-{WIDE_EMAIL[2:]}", f"/members/o-{WIDE_EMAIL[2:]}/remove"),
                ],
            )
        ),
    ),
}
