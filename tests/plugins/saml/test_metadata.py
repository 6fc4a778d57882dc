"""Metadata of the other side: what can be used of it, and why the rest can't."""

import pytest

from app.hookspecs import BadDocument
from plugins.sso_saml.handler import SamlHandler
from tests.plugins.saml.company import OTHER_IDP, THE_IDP
from tests.plugins.saml.idp import DS, SAMLP, Idp, body

GOOD = THE_IDP.metadata()
WEAK = "MIIBojCCAQugAwIBAgIBATANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDAR3ZWFrMB4XDTI1"  # cut off: no DER


def understand(document):
    return SamlHandler().understand(document, {})


def test_what_is_read():
    found = understand(THE_IDP.metadata(certificates=[THE_IDP.certificate, OTHER_IDP.certificate]))
    assert found.name == THE_IDP.entity_id
    assert ("Sign-in by redirect", THE_IDP.url) in found.facts
    assert [each.subject for each in found.certificates] == ["CN=idp.example"] * 2
    assert len({each.fingerprint for each in found.certificates}) == 2
    assert found.warnings == ()


def test_one_entity_among_entities():
    entity = GOOD.partition("?>")[2]
    wrapped = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{entity}'
    assert understand(f"{wrapped}</md:EntitiesDescriptor>").name == THE_IDP.entity_id
    two = f"{wrapped}{entity}</md:EntitiesDescriptor>"
    with pytest.raises(BadDocument, match="several parties"):
        understand(two)


@pytest.mark.parametrize("mark", ["\ufeff", "\n\n  "])
def test_what_editors_put_before_it_is_overlooked(mark):
    assert understand(mark + GOOD).name == THE_IDP.entity_id


def test_comments_are_overlooked():
    """Those who write metadata by hand explain it in comments."""
    commented = GOOD.replace("<md:IDPSSO", "<!-- ours --><?x y?><md:IDPSSO")
    certificate = body(THE_IDP.certificate)
    commented = commented.replace(certificate, f"{certificate[:40]}<!-- -->{certificate[40:]}")
    assert understand(commented) == understand(GOOD)


def test_warnings():
    plain = understand(GOOD.replace("https://idp.example/sso", "http://idp.example/sso"))
    assert "without encryption" in plain.warnings[0]
    until = 'validUntil="2030-01-01T00:00:00Z" entityID='
    assert "valid until" in understand(GOOD.replace("entityID=", until)).warnings[0]


BAD = {
    "another document": ("<html/>", "EntityDescriptor"),
    "no name": (GOOD.replace(f'entityID="{THE_IDP.entity_id}"', 'entityID=" "'), "entityID"),
    "a long name": (GOOD.replace(THE_IDP.entity_id, "x" * 1100), "entityID"),
    "a service provider": (GOOD.replace("IDPSSO", "SPSSO"), "no SAML 2.0 identity provider"),
    "another protocol": (GOOD.replace(SAMLP, "urn:x"), "no SAML 2.0 identity provider"),
    "no address": (GOOD.replace("SingleSignOnService", "ArtifactService"), "no address"),
    "another binding": (GOOD.replace("bindings:HTTP", "bindings:PAOS"), "no address"),
    "a script": (GOOD.replace('"https://idp.example/sso"', '"javascript:alert(1)"'), "address"),
    "a strange port": (GOOD.replace("idp.example/sso", "idp.example:99999/sso"), "address"),
    "no certificate": (GOOD.replace('use="signing"', 'use="encryption"'), "no certificate"),
    "a broken certificate": (GOOD.replace(body(THE_IDP.certificate), WEAK), "can't be read"),
    "no base64": (GOOD.replace(body(THE_IDP.certificate), "%%"), "can't be read"),
    "a document type": ("<!DOCTYPE x>" + GOOD.partition("?>")[2], "document type"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_t_be_used(name):
    document, words = BAD[name]
    with pytest.raises(BadDocument, match=words):
        understand(document)


def test_a_weak_key_is_refused(monkeypatch):
    from tests.plugins.saml import idp

    real = idp.rsa.generate_private_key
    monkeypatch.setattr(idp.rsa, "generate_private_key", lambda exponent, _: real(exponent, 1024))
    with pytest.raises(BadDocument, match="too weak"):
        understand(Idp().metadata())


def test_an_unknown_use_is_for_both():
    document = GOOD.replace(' use="signing"', "")
    assert len(understand(document).certificates) == 1
    assert DS in document
