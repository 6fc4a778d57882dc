"""Files of apps in the pages, without scripts: written, compared, uploaded, taken away."""

import io

import pytest
from sqlalchemy import text
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from app.domain.file_diff import WENT
from app.domain.zip_file import files_in_zip, zip_of
from app.services.apps.edit import create_app
from app.services.apps.save_version import save_version
from app.services.apps.versions import read_version
from app.services.workspaces.access import access_to
from app.store.database import db, transaction
from tests.conftest import START

BOB = "Bob Birch"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
EVIL = b"<script>alert(document.cookie)</script>"


class Site:
    """Alice's app, as Bob works on it."""

    def __init__(self, acme):
        self.access = access_to(acme.alice.id, "acme")[1]
        self.app = create_app(self.access, "Portal", "", START)
        self.path = f"/accounts/acme/apps/app_{self.app.id}"
        self.files = f"{self.path}/files"

    def save(self, why="", **files):
        """Save as Alice; two underscores spell a point."""
        changes = {name.replace("__", "."): content for name, content in files.items()}
        return save_version(self.access, self.app.id, changes, why, START)

    def read(self, number=None):
        db.session.rollback()
        return read_version(self.access, self.app.id, number).files.read_all()


@pytest.fixture
def site(acme):
    return Site(acme)


@pytest.fixture
def bobs(open_browser, acme):
    return open_browser(acme.bob)


def test_from_the_first_file_to_a_diff(bobs, site):
    assert "No file yet" in bobs.get(site.path).main
    assert "No file yet" in bobs.get(site.files).main
    assert "No version yet" in bobs.get(f"{site.files}/versions").main
    page = bobs.submit(
        f"{site.files}/new", path="index.html", content="one\r\ntwo\r\n", why="Begin"
    )
    assert "index.html is saved." in page.main
    assert site.read() == {"index.html": b"one\ntwo\n"}
    page = bobs.submit(f"{site.files}/edit/index.html", content="one\r\n2\r\n", why="Count")
    assert (page.title, site.read()) == ("index.html", {"index.html": b"one\n2\n"})
    rows = bobs.get(site.path).rows("files")
    assert [row[:3] for row in rows] == [["2 latest", "Count", BOB], ["1", "Begin", BOB]]
    page = bobs.get(f"{site.files}/1/to/2")
    lines = page.tree.xpath("//table[@class='diff']/tbody/tr")
    assert [line.text_content() for line in lines] == ["11 one", f"2{WENT}two", "2+2"]
    assert "Nothing is different" in bobs.get(f"{site.files}/1/to/1").main
    assert bobs.get(f"{site.files}/1/to/9").status == 404


def test_rename_delete_and_restore(bobs, site):
    site.save(a__txt=b"a", b__txt=b"b")
    page = bobs.submit(f"{site.files}/rename/a.txt", path="docs/c.txt")
    assert "a.txt is docs/c.txt now." in page.main
    assert "already" in bobs.submit(f"{site.files}/rename/b.txt", path="docs/c.txt").errors()[0]
    page = bobs.get(f"{site.files}/delete/b.txt")
    assert "Version 2 and those before keep it" in page.main
    assert "b.txt is deleted." in bobs.submit(f"{site.files}/delete/b.txt").main
    assert site.read() == {"docs/c.txt": b"a"}
    assert "undone by restoring version 3" in bobs.get(f"{site.files}/1/restore").main
    page = bobs.submit(f"{site.files}/1/restore")
    assert "Version 4 has the files of version 1." in page.main
    assert site.read() == {"a.txt": b"a", "b.txt": b"b"}
    assert "Back to version 1" in bobs.get(f"{site.files}/versions").main
    assert "The latest version is 4" in bobs.get(f"{site.files}?version=3").main


def test_two_who_write_the_same_file_lose_nothing(bobs, site):
    site.save(index__html=b"old\n")
    edit = f"{site.files}/edit/index.html"
    page = bobs.get(edit)
    base = page.tree.xpath("//input[@name='base']/@value")[0]
    site.save(index__html=b"Alice's\n")
    sent = bobs.send(edit, content="Bob's\r\n", base=base)
    page = bobs.follow(sent, edit)
    assert page.status == 422
    assert "Somebody else changed index.html" in page.errors()[0]
    lines = page.tree.xpath("//table[@class='diff']/tbody/tr")
    assert [line.text_content() for line in lines] == [f"1{WENT}Alice's", "1+Bob's"]
    assert page.tree.xpath("//textarea/text()")[0].strip() == "Bob's"
    assert site.read() == {"index.html": b"Alice's\n"}
    base = page.tree.xpath("//input[@name='base']/@value")[0]
    assert base == "2"
    bobs.send(edit, content="Both\r\n", base=base)
    assert site.read() == {"index.html": b"Both\n"}


def test_a_file_deleted_meanwhile_is_a_conflict_too(bobs, site):
    site.save(index__html=b"old\n")
    site.save(index__html=None, other=b"")
    edit = f"{site.files}/edit/index.html"
    assert bobs.get(edit).status == 404
    sent = bobs.send(edit, content="Bob's", base="1")
    assert (sent.status_code, list(site.read())) == (422, ["other"])
    bobs.send(edit, content="Bob's", base="2")
    assert site.read()["index.html"] == b"Bob's"


def upload(bobs, site, *files, **fields):
    """Send files as a browser does."""
    base = bobs.get(f"{site.files}/upload").tree.xpath("//input[@name='base']/@value")[0]
    sent = [FileStorage(io.BytesIO(content), name) for name, content in files]
    values = MultiDict([("csrf_token", bobs.token()), ("base", base), *fields.items()])
    values.setlist("files", sent)
    boundary, body = encode_multipart(values)
    media_type = f"multipart/form-data; boundary={boundary}"
    return bobs.ask(f"{site.files}/upload", "POST", data=body, content_type=media_type)


def test_upload_and_download(bobs, site):
    site.save(old__txt=b"old")
    assert upload(bobs, site, ("logo.png", PNG), ("a.txt", b"a"), folder="img").status_code == 302
    assert site.read() == {"old.txt": b"old", "img/logo.png": PNG, "img/a.txt": b"a"}
    packed = zip_of({"index.html": b"hi"})
    assert upload(bobs, site, ("site.zip", packed)).status_code == 302
    assert set(site.read()) == {"old.txt", "img/logo.png", "img/a.txt", "index.html"}
    assert upload(bobs, site, ("site.zip", packed), whole="y").status_code == 302
    assert site.read() == {"index.html": b"hi"}
    answer = bobs.ask(f"{site.files}/2/zip")
    assert f"app-{site.app.id}-version-2.zip" in answer.headers["Content-Disposition"]
    assert files_in_zip(answer.data) == site.read(2)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.zip", b"no zip", "no zip file"),
        ("up.zip", b"", "no zip file"),
        ("con.txt", b"", "reserved name"),
        ("large.bin", bytes(1024 * 1024 + 1), "at most 1 MiB"),
    ],
)
def test_what_can_t_be_taken_is_refused_in_words(bobs, site, name, content, words):
    answer = upload(bobs, site, (name, content))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert site.read() == {}


def test_too_much_is_not_even_read(bobs, site):
    assert upload(bobs, site, ("huge.bin", bytes(12 * 1024 * 1024))).status_code == 413
    answer = bobs.ask(site.path, "POST", data={"name": "x" * (2 * 1024 * 1024)})
    assert answer.status_code == 413


def test_a_text_of_a_megabyte_can_be_edited(bobs, site):
    site.save(large__txt=b"x" * (1024 * 1024))
    wanted = "y" * (1024 * 1024)
    answer = bobs.send(f"{site.files}/edit/large.txt", content=wanted, base="1")
    assert answer.status_code == 302
    assert site.read() == {"large.txt": wanted.encode()}


def test_a_file_never_acts_in_our_name(bobs, site):
    site.save(evil__html=EVIL, pic__png=PNG, evil__svg=b"<svg>" + EVIL + b"</svg>")
    for name in ("evil.html", "pic.png", "evil.svg"):
        answer = bobs.ask(f"{site.files}/1/raw/{name}")
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert bobs.get(f"{site.files}/1/picture/evil.svg").status == 404
    assert bobs.ask(f"{site.files}/1/picture/pic.png").mimetype == "image/png"
    page = bobs.get(f"{site.files}/1/show/evil.html")
    assert page.tree.xpath("//main//script") == []
    assert EVIL.decode() in page.main
    assert page.tree.xpath("//main//pre/@tabindex") == ["0"]


def test_what_is_no_text_can_t_be_edited(bobs, site):
    site.save(pic__png=PNG)
    assert bobs.get(f"{site.files}/edit/pic.png").status == 409
    assert "Edit" not in bobs.get(f"{site.files}/1/show/pic.png").main


def test_many_files_are_listed_in_parts(bobs, site):
    site.save(**{f"f{number:03}": b"" for number in range(150)})
    page = bobs.get(site.files)
    assert len(page.rows("files")) == 100
    more = page.tree.xpath("//a[@rel='next']/@href")[0]
    assert [row[0] for row in bobs.get(more).rows("files")][:1] == ["f100"]


def test_the_editor_comes_out_of_the_package_and_nothing_else(bobs):
    answer = bobs.ask("/editor/any/ace.js", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert len(answer.data) < 160_000
    assert bobs.ask("/editor/any/css/ace.css").mimetype == "text/css"
    for name in ("../widget.js", "worker-html.js", "mode-abap.js", "css/../ace.js"):
        assert bobs.ask(f"/editor/any/{name}").status_code == 404


@pytest.fixture
def read_only(site, app):
    """The workspace is suspended."""
    with transaction():
        statement = text("UPDATE pools SET suspends_at = :at WHERE id = :id")
        db.session.execute(statement, {"at": str(START), "id": site.access.account_id})


def test_a_suspended_workspace_says_that_it_is_read_only(bobs, site, request):
    site.save(a__txt=b"a")
    request.getfixturevalue("read_only")
    page = bobs.submit(f"{site.files}/edit/a.txt", content="b")
    assert "read-only" in page.errors()[0]
    assert "read-only" in bobs.submit(f"{site.files}/1/restore").main
    assert site.read() == {"a.txt": b"a"}
