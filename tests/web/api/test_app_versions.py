"""Files of apps through the API: saved as JSON or as a zip, read back as they were."""

import base64

import pytest

from app.domain.zip_file import files_in_zip, zip_of


@pytest.fixture
def call(api, world):
    """Ask as Bob about one app."""
    app = world.new_app()

    def asked(method, path, body=None, **more):
        return api(method, f"/apps/{app}/versions{path}", world.tokens["member"], body, **more)

    return asked


def save(call, files, **more):
    sent = {path: text if text is None else {"text": text} for path, text in files.items()}
    return call("POST", "", {"files": sent, **more})


def test_from_the_first_version_to_a_restored_one(call):
    whole = call("GET", "/latest").json
    assert (whole["number"], whole["files"], whole["by"]) == (0, [], "alice@acme.test")
    content = bytes(range(256))
    first = call(
        "POST",
        "",
        {
            "files": {
                "index.html": {"text": "<h1>é</h1>\r\n"},
                "img/x.bin": {"base64": base64.b64encode(content).decode()},
            },
            "why": "Begin",
            "base": 0,
        },
    )
    assert first.status_code == 201
    assert (first.json["number"], first.json["why"], first.json["by"]) == (
        1,
        "Begin",
        "bob@acme.test",
    )
    assert save(call, {"img/x.bin": None}, base=1).json["file_count"] == 1
    assert call("GET", "/1/files/img/x.bin").data == content
    assert call("GET", "/latest/files/index.html").data == "<h1>é</h1>\r\n".encode()
    assert call("GET", "/2/files/img/x.bin").status_code == 404
    assert [each["path"] for each in call("GET", "/1").json["files"]] == ["img/x.bin", "index.html"]
    back = call("POST", "/1/restore").json
    assert (back["number"], back["origin"], back["restored_from"]) == (3, "restore", 1)
    part = call("GET", "?limit=2").json
    assert [each["number"] for each in part["items"]] == [3, 2]
    rest = call("GET", f"?limit=2&cursor={part['next']}").json
    assert ([each["number"] for each in rest["items"]], rest["next"]) == ([1], None)


def test_a_zip_in_and_out(call):
    save(call, {"old.txt": "old"})
    files = {"a.txt": b"a", "b/c.bin": bytes(range(200))}
    sent = {"raw": zip_of(files), "Content_Type": "application/zip"}
    assert call("POST", "/zip?whole=false", **sent).json["file_count"] == 3
    assert call("POST", "/zip?why=All%20of%20it&base=2", **sent).json["why"] == "All of it"
    answer = call("GET", "/3/zip")
    assert answer.content_type == "application/zip"
    assert answer.data == sent["raw"]
    assert files_in_zip(answer.data) == files


def test_the_same_file_changed_by_two_is_a_conflict(call):
    save(call, {"a": "1"})
    save(call, {"a": "2"}, base=1)
    answer = save(call, {"a": "3"}, base=1)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert (answer.json["paths"], answer.json["latest"]) == (["a"], 2)
    assert save(call, {"b": "3"}, base=1).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"files": {}},
        {"files": {"../a": {"text": ""}}},
        {"files": {"a": {}}},
        {"files": {"a": {"text": "", "base64": ""}}},
        {"files": {"a": {"base64": "no base64!"}}},
        {"files": {"a": {"text": ""}}, "base": 7},
        {"files": {"a": {"text": ""}}, "base": -1},
        {"files": {"a": {"text": "x" * (1024 * 1024 + 1)}}},
        {"files": {"a": {"text": ""}, "A": {"text": ""}}},
    ],
)
def test_bad_input_is_refused(call, body):
    assert call("POST", "", body).status_code == 422
    assert call("GET", "").json["items"] == []


def test_only_a_zip_that_can_be_read_is_taken(call):
    assert call("POST", "/zip", raw=b"x").status_code == 415
    answer = call("POST", "/zip", raw=b"no zip", Content_Type="application/zip")
    assert (answer.status_code, "no zip file" in answer.json["detail"]) == (422, True)
    large = bytes(12 * 1024 * 1024)
    assert call("POST", "/zip", raw=large, Content_Type="application/zip").status_code == 413


@pytest.mark.parametrize("number", ["0x1", "9", "-1", "9" * 30, "1_0"])
def test_a_version_that_is_none_is_not_found(call, number):
    save(call, {"a": "1"})
    assert call("GET", f"/{number}").status_code == 404
    assert call("POST", f"/{number}/restore").status_code == 404


def test_apps_are_listed_in_parts_and_searched(api, world):
    token = world.tokens["member"]
    for name in ("Ant", "Bee", "Cat", "Bear"):
        api("POST", "/accounts/acme/apps", token, {"name": name, "description": f"A {name}."})
    names, cursor = [], ""
    while cursor is not None:
        part = api(
            "GET", f"/accounts/acme/apps?limit=2{cursor and '&cursor=' + cursor}", token
        ).json
        names += [each["name"] for each in part["items"]]
        cursor = part["next"]
    assert names == sorted(names)
    assert {"Ant", "Bear", "Bee", "Cat"} <= set(names)
    found = api("GET", "/accounts/acme/apps?search=a%20BE", token).json["items"]
    assert [each["name"] for each in found] == ["Bear", "Bee"]
