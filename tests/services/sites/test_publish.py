"""Publishing: once for each action, in numbered releases, of which so many are kept."""

import pytest

from app.domain.refusals import Conflict, InvalidRequest, NotFound
from app.services.apps.edit import create_app, delete_app
from app.services.apps.save_version import save_version
from app.services.apps.transfer import transfer_app
from app.services.apps.versions import load_version
from app.services.sites.change import make_live, take_down
from app.services.sites.publish import KEPT, publish
from app.services.sites.serve import Body, Served, Shelf, body_of, what_is_served
from app.services.workspaces.access import access_to
from app.store.accounts import memberships_of
from app.store.sites import releases_of, site_of_app
from tests.conftest import START

SITE = {"index.html": b"<h1>One</h1>", "docs/index.html": b"docs"}


@pytest.fixture
def access(acme):
    """Alice's standing in Acme."""
    return access_to(acme.alice.id, "acme")[1]


@pytest.fixture
def shop(access):
    """An app of Acme."""
    return create_app(access, "Shop", "", START)


def put(app, key, files=None, **more):
    given = {"version": "1", "by": None, "files": SITE if files is None else files, **more}
    return publish(app.id, START, key=key, **given)


def seen(app, path=""):
    found = what_is_served(site_of_app(app.id).name, path)
    return body_of(found).plain if isinstance(found, Served) else None


def test_an_action_publishes_once(shop, acme):
    first = put(shop, "a", by=acme.alice.id)
    assert put(shop, "a", {"index.html": b"other"}).number == first.number == 1
    assert (first.files, first.size, first.by_id) == (2, 16, acme.alice.id)
    assert seen(shop) == SITE["index.html"]
    assert seen(shop, "docs/") == b"docs"


def test_contents_of_a_version_are_not_kept_twice(shop, access):
    save_version(access, shop.id, SITE, "", START)
    put(shop, "a", load_version(shop.id).files.read_all())
    assert seen(shop) == SITE["index.html"]


def test_the_last_releases_are_kept(shop):
    for number in range(KEPT + 3):
        put(shop, str(number), {"index.html": str(number).encode()})
    numbers = [each.number for each in releases_of(shop.id)]
    assert numbers == list(range(KEPT + 3, 3, -1))
    assert seen(shop) == str(KEPT + 2).encode()


def test_the_name_is_the_app_s_with_a_suffix_that_nobody_guesses(shop, access):
    put(shop, "a")
    other = create_app(access, "Shop", "", START)
    put(other, "b")
    names = {site_of_app(app.id).name for app in (shop, other)}
    assert len(names) == 2
    assert all(name.startswith("shop-") and len(name) == len("shop-") + 10 for name in names)


def test_back_and_off_and_on(shop, access):
    put(shop, "a")
    put(shop, "b", {"index.html": b"two"})
    make_live(access, shop.id, 1, START)
    assert seen(shop) == SITE["index.html"]
    take_down(access, shop.id, START)
    assert seen(shop) is None
    with pytest.raises(Conflict):
        take_down(access, shop.id, START)
    with pytest.raises(NotFound):
        make_live(access, shop.id, 9, START)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"main.html": b""}, "no index.html"),
        ({"index.html": b"", "_coffer/x": b""}, "Coffer's own"),
        ({"index.html": b"", "../x": b""}, "needs a name"),
    ],
)
def test_what_is_no_site_is_refused(shop, files, words):
    with pytest.raises(InvalidRequest, match=words):
        put(shop, "a", files)
    assert site_of_app(shop.id) is None


def test_a_deleted_app_can_t_be_published(shop, access):
    delete_app(access, shop.id, START)
    with pytest.raises(NotFound):
        put(shop, "a")


def test_a_transferred_app_keeps_its_address(shop, acme):
    put(shop, "a")
    name = site_of_app(shop.id).name
    own = next(
        each.account for each in memberships_of(acme.alice.id) if each.account.slug != "acme"
    )
    transfer_app(acme.alice.id, shop.id, own.slug, START)
    assert site_of_app(shop.id).name == name
    assert what_is_served(name, "").site.account_id == own.id


def test_memory_is_bounded():
    shelf = Shelf(most_bytes=10)
    for letter in "abc":
        shelf.put((letter, False), Body(letter.encode() * 4, None))
    assert [shelf.get((letter, False)) is None for letter in "abc"] == [True, False, False]
