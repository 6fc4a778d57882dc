"""A SAML identity provider that somebody else wrote, as a company runs it: npm's saml-idp."""

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.cli.running import eventually, free_port, status_of
from tests.plugins.saml.idp import make_key

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ROOT / ".venv" / "saml-idp"
PEOPLE = Path(__file__).parent / "saml-idp" / "people.js"


@contextmanager
def identity_provider(folder: Path, audience: str, acs_url: str, *more: str) -> Iterator[str]:
    """Run it for one audience; gives its address, which is on another site than the portal."""
    run = INSTALLED / "node_modules" / "saml-idp" / "bin" / "run.js"
    assert run.exists(), "the identity provider is not installed: run `make browser`"
    key, certificate = _files(folder)
    port = free_port()
    command = [str(INSTALLED / "node"), str(run), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--audience", audience, "--acsUrl", acs_url, "--configFile", str(PEOPLE)]
    command += ["--key", str(key), "--cert", str(certificate), *more]
    with (folder / "idp.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=INSTALLED)
        try:
            url = f"http://localhost:{port}"
            eventually(lambda: status_of(f"http://127.0.0.1:{port}/metadata") == 200, "it runs")
            yield url
        finally:
            process.terminate()
            process.wait(10)


def metadata_of(url: str) -> str:
    """What it publishes."""
    with urllib.request.urlopen(f"{url}/metadata", timeout=10) as answer:
        return answer.read().decode()


def _files(folder: Path) -> tuple[Path, Path]:
    private, certificate = make_key()
    key = serialization.load_pem_private_key(private.encode(), None)
    old = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (folder / "idp-key.pem").write_bytes(old)
    (folder / "idp-cert.pem").write_text(certificate)
    return folder / "idp-key.pem", folder / "idp-cert.pem"
