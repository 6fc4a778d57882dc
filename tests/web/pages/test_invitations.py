"""Inviting, and the invitation as the invited person sees it."""

import io

import pytest

from tests.conftest import PASSWORD

INVITE = "/accounts/acme/invite"


@pytest.fixture
def alices(open_browser, acme):
    """Alice's browser."""
    return open_browser(acme.alice)


def test_somebody_new_signs_up_through_the_link(alices, open_browser, link):
    """The link proves the address: name and password are all that is asked."""
    alices.submit(INVITE, emails="new@x.test", role="admin")
    browser = open_browser()
    address = link("new@x.test", "invitation")
    assert "10 to 200 characters" in browser.submit(address, name="N", password="short").errors()[0]
    page = browser.submit(address, name="Nell New", password=PASSWORD)
    assert page.path == "/accounts/acme"
    assert "you are an admin" in page.main
    assert "not confirmed" not in browser.get("/profile").main


def test_somebody_known_signs_in_and_accepts(alices, open_browser, acme, link):
    """Who is known signs in first, comes back to the invitation and accepts it."""
    alices.submit(INVITE, emails=acme.charlie.email)
    browser = open_browser()
    address = link(acme.charlie.email, "invitation")
    (sign_in,) = browser.get(address).links()
    page = browser.submit(sign_in, email=acme.charlie.email, password=PASSWORD)
    assert page.path == address
    page = browser.submit(address)
    assert page.path == "/accounts/acme"
    assert "you are a member" in page.main
    assert "was used already" in browser.get(address).main


def test_another_person_can_not_accept(alices, open_browser, acme, link):
    """The page says whom it is for, and lets one come back as them."""
    alices.submit(INVITE, emails="frank@x.test")
    browser = open_browser(acme.charlie)
    address = link("frank@x.test", "invitation")
    page = browser.get(address)
    assert "signed in as charlie@elsewhere.test" in page.main
    assert page.actions() == [f"/sign-out?next={address}"]
    assert browser.send(address).status_code == 200
    assert browser.get("/accounts/acme").status == 404


def test_a_waiting_invitation_is_accepted_from_home(alices, open_browser, acme):
    """A confirmed address is enough to see it and to join."""
    alices.submit(INVITE, emails=acme.charlie.email)
    browser = open_browser(acme.charlie)
    home = browser.get("/")
    assert "Alice Arden invites you to Acme" in home.main
    page = browser.submit("/", home.actions()[0])
    assert page.path == "/accounts/acme"
    assert "invites you" not in browser.get("/").main


def test_an_unproved_address_does_not_see_invitations(alices, open_browser):
    """Signing up with somebody's address is not enough to join in their place."""
    alices.submit(INVITE, emails="victim@x.test")
    browser = open_browser()
    browser.submit("/sign-up", name="Mallory", email="victim@x.test", password=PASSWORD)
    assert "invites you" not in browser.get("/").main
    assert browser.send("/invitations/invitation_1/accept").status_code == 403
    assert browser.get("/accounts/acme").status == 404


def test_revoked_and_resent_links_stop_working(alices, open_browser, link):
    """Only the link that was sent last works, and none after it was revoked."""
    alices.submit(INVITE, emails="frank@x.test")
    first = link("frank@x.test", "invitation")
    browser = open_browser()
    resend, revoke = alices.get("/accounts/acme/members").actions()
    assert "once more" in alices.submit("/accounts/acme/members", resend).main
    assert "newer invitation" in browser.get(first).main
    last = link("frank@x.test", "invitation")
    assert browser.get(last).title == "Join Acme"
    assert "no longer invited" in alices.submit("/accounts/acme/members", revoke).main
    page = browser.get(last)
    assert page.status == 409
    assert "withdrawn" in page.main
    assert "No invitation is waiting" in alices.get("/accounts/acme/members").main


def test_a_link_is_out_of_date_after_seven_days(alices, open_browser, link, later):
    """The page says so, and the owner sees it in the list."""
    alices.submit(INVITE, emails="frank@x.test")
    later(days=7)
    page = open_browser().get(link("frank@x.test", "invitation"))
    assert page.status == 409
    assert "out of date" in page.main
    assert alices.get("/accounts/acme/members").rows("invited")[0][3] == "out of date"


def test_many_are_invited_and_each_bad_line_is_explained(alices, acme):
    """What was pasted is read in any shape; what can't be sent comes back to be mended."""
    pasted = 'Frank <frank@x.test>, "gina@x.test";\nnonsense\nBob,bob@acme.test\thugo@x.test'
    page = alices.submit(INVITE, emails=pasted)
    assert "3 people can be invited, 2 lines can't" in page.main
    assert [row[:2] for row in page.rows("wrong")] == [["2", "nonsense"], ["3", "bob@acme.test"]]
    assert page.rows("wrong")[1][2] == "Is a member already."
    assert "No invitation is waiting" in alices.get("/accounts/acme/members").main
    mended = alices.get(f"{INVITE}?list=list_1").tree.get_element_by_id("emails").value
    assert mended.split("\n")[1:3] == ["frank@x.test, member", "gina@x.test, member"]
    page = alices.submit(page.path)
    assert "3 invitations on the way, 2 not sent" in page.main
    assert "All 5 lines are done" in page.main
    answer = alices.ask(f"{page.path}.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.splitlines()[:2] == [
        "line,email,role,state,reason",
        "1,frank@x.test,member,sent,",
    ]
    rows = alices.get("/accounts/acme/members").rows("invited")
    assert {row[0] for row in rows} == {"frank@x.test", "gina@x.test", "hugo@x.test"}


def test_a_file_says_who_joins_as_what(alices):
    """A spreadsheet with a heading, whatever its delimiter and encoding; nobody writes twice."""
    table = "Name;E-Mail;Role\nJürgen;j@x.test;admin\nKai;k@x.test;\nLea;l@x.test;boss\n"
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        file = (io.BytesIO(table.encode(encoding)), "people.csv")
        fields = {"emails": "", "role": "member", "table": file, "csrf_token": alices.token()}
        page = alices.follow(alices.ask(INVITE, "POST", data=fields), INVITE)
        assert page.rows("ready") == [["2", "j@x.test", "Admin"], ["3", "k@x.test", "Member"]]
        ((line, email, problem),) = page.rows("wrong")
        assert (line, email, "“boss”" in problem) == ("4", "l@x.test", True)


def test_one_address_that_can_t_be_invited_comes_back_beside_its_field(alices, acme):
    """A single one needs no list to be checked first."""
    page = alices.submit(INVITE, emails=acme.bob.email)
    assert (page.status, page.errors()) == (422, ["Is a member already."])
    assert "at least one" in alices.submit(INVITE, emails=" ").errors()[0]


def test_a_list_is_seen_by_managers_of_its_workspace_only(alices, open_browser, acme):
    """Its number is no way to learn whom others invite."""
    alices.submit(INVITE, emails="a@x.test, b@x.test")
    assert open_browser(acme.carol).get(f"{INVITE}/list_1").status == 200
    assert open_browser(acme.bob).get(f"{INVITE}/list_1").status == 403
    assert open_browser(acme.charlie).get(f"{INVITE}/list_1").status == 404
    assert alices.get(f"{INVITE}/list_2").status == 404


def test_too_many_are_refused_beside_the_field(alices):
    """A list that is too long is sent back as a whole."""
    page = alices.submit(INVITE, emails="\n".join(f"p{n}@x.test" for n in range(10_001)))
    assert page.status == 422
    assert "at most 10,000" in page.errors()[0]
    assert "No invitation is waiting" in alices.get("/accounts/acme/members").main
