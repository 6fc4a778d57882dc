"""The README's commands and addresses are those that work."""

import re
import shlex
from pathlib import Path

from app.cli.identity_providers import add
from plugins import sso_oidc
from plugins.sso_oidc.conformance import OURS, VALUES
from plugins.sso_oidc.discovery import OF_ENTRA
from plugins.sso_oidc.handler import OidcHandler
from plugins.sso_oidc.person import GOOGLE

README = (Path(sso_oidc.__file__).parent / "README.md").read_text("utf-8")


def test_its_command_has_options_that_there_are():
    (command,) = re.findall(r"```console\n(.*?)\n```", README)
    given = {word for word in shlex.split(command) if word.startswith("--")}
    assert given <= {name for each in add.params for name in each.opts}
    fields = {field.name for field in OidcHandler(None).fields}
    assert {"client_id", "client_secret"} <= fields & VALUES.keys()
    assert "client_id=" in command


def test_its_addresses_are_those_that_are_treated_so():
    assert f"`{GOOGLE}`" in README
    assert any(f"https://{host}/TENANT-ID/v2.0" in README for host in OF_ENTRA)


def test_the_page_shows_what_it_speaks_of():
    words = [words for words, _ in OidcHandler(None).publish(OURS).facts]
    assert any(each.startswith("Redirect URI") for each in words)
    assert any("initiate login URI" in each for each in words)
