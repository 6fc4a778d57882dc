"""Times and numbers as each person reads them."""

READING = "/profile/reading"


def test_everybody_reads_in_utc_at_first(open_browser, acme):
    page = open_browser(acme.alice).get("/accounts/acme")
    assert "times are in UTC" in page.source
    assert "\u00a0UTC" in page.source


def test_one_chooses_and_others_are_left_alone(open_browser, acme):
    alice, bob = open_browser(acme.alice), open_browser(acme.bob)
    page = alice.submit(READING, READING, zone="Asia/Kathmandu", numbers="apostrophe")
    assert "are written so from now on" in page.main
    overview = alice.get("/accounts/acme")
    assert "times are in UTC+5:45" in overview.source
    assert "5\u2019000" in overview.source
    assert "5,000" in bob.get("/accounts/acme").source
    again = alice.get(READING)
    assert again.source.count("selected") == 2
    assert 'selected value="Asia/Kathmandu"' in again.source


def test_programs_still_read_utc(open_browser, acme):
    """What a machine reads of an instant never depends on who looks."""
    alice = open_browser(acme.alice)
    before = alice.get("/accounts/acme/history").source.count('Z">')
    alice.submit(READING, READING, zone="America/New_York", numbers="space")
    assert alice.get("/accounts/acme/history").source.count('Z">') == before > 0


def test_what_there_is_not_is_refused(open_browser, acme):
    page = open_browser(acme.alice).submit(READING, READING, zone="Mars/Base", numbers="comma")
    assert page.status == 422
    assert page.errors() == ["Not a valid choice."]
