"""The libraries that read XML: loaded late, and told about when they don't fit together."""

import subprocess
import sys

import pytest

from app.services.plugins.configure import switch
from app.services.sso.start_up import what_fails
from plugins.sso_saml import libraries

HEAVY = {"lxml", "xmlsec", "onelogin", "cryptography"}


def loaded_by(statement):
    """What a statement loads, in a process of its own."""
    check = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_finding_the_plugin_loads_nothing_heavy():
    assert not HEAVY & loaded_by("import plugins.sso_saml, plugins.sso_saml.handler")


def test_python3_saml_waits_for_the_first_answer():
    assert "onelogin" not in loaded_by("import plugins.sso_saml as p; p.sso_handlers()")


@pytest.fixture
def database_url(sqlite_url):
    """Nothing here asks the database much."""
    return sqlite_url


def test_a_mismatch_says_what_to_do(app, clock, monkeypatch):
    """Both wheels carry a libxml2; one that is built from source meets the other's."""
    switch("sso_saml", on=True)
    assert what_fails(clock.now()) == []
    switch("sso_saml", on=False)
    switch("sso_saml", on=True)
    # No real pair that differs can be loaded beside the one that this process has.
    monkeypatch.setitem(sys.modules, "xmlsec", None)
    with pytest.raises(libraries.LibrariesDontFit, match="--only-binary xmlsec,lxml"):
        libraries.require_libraries()


def test_the_start_tells_of_it(app, clock, monkeypatch):
    monkeypatch.setitem(sys.modules, "xmlsec", None)
    switch("sso_saml", on=True)
    (words,) = what_fails(clock.now())
    assert "sso_saml" in words
    assert "--only-binary xmlsec,lxml" in words
