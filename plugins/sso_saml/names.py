"""Names of SAML, XML signatures and encryption, and the algorithms that are accepted."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
RSA_SHA256 = f"{_MORE}rsa-sha256"
# The kind of key and the hash of each accepted signature. SHA-1, MD5, DSA and HMAC are not here.
SIGNATURES: dict[str, tuple[str, HashAlgorithm]] = {
    RSA_SHA256: ("rsa", SHA256()),
    f"{_MORE}rsa-sha384": ("rsa", SHA384()),
    f"{_MORE}rsa-sha512": ("rsa", SHA512()),
    f"{_MORE}ecdsa-sha256": ("ec", SHA256()),
    f"{_MORE}ecdsa-sha384": ("ec", SHA384()),
    f"{_MORE}ecdsa-sha512": ("ec", SHA512()),
}
DIGESTS: dict[str, HashAlgorithm] = {
    f"{XENC}sha256": SHA256(),
    f"{_MORE}sha384": SHA384(),
    f"{XENC}sha512": SHA512(),
}

# Encryption hides and proves nothing. OAEP with SHA-1 is not broken; RSA 1.5 is, and
# triple DES is out of date: it is read for who has to, and never brings an answer more trust.
OAEP_MGF1P = f"{XENC}rsa-oaep-mgf1p"
OAEP = f"{XENC11}rsa-oaep"
OAEP_DIGESTS: dict[str, HashAlgorithm] = {f"{DS}sha1": SHA1(), **DIGESTS}  # noqa: S303
MGFS: dict[str, HashAlgorithm] = {
    f"{XENC11}mgf1sha1": SHA1(),  # noqa: S303
    f"{XENC11}mgf1sha256": SHA256(),
    f"{XENC11}mgf1sha384": SHA384(),
    f"{XENC11}mgf1sha512": SHA512(),
}
# Bytes of the key, and whether the mode proves that nothing was changed.
CIPHERS: dict[str, tuple[int, bool]] = {
    f"{XENC}aes128-cbc": (16, False),
    f"{XENC}aes256-cbc": (32, False),
    f"{XENC11}aes128-gcm": (16, True),
    f"{XENC11}aes256-gcm": (32, True),
}

TRIPLE_DES = f"{XENC}tripledes-cbc"


def saml(name: str) -> str:
    """Spell the name of an element of an assertion."""
    return f"{{{SAML}}}{name}"


def samlp(name: str) -> str:
    """Spell the name of an element of the protocol."""
    return f"{{{SAMLP}}}{name}"


def ds(name: str) -> str:
    """Spell the name of an element of a signature."""
    return f"{{{DS}}}{name}"


def md(name: str) -> str:
    """Spell the name of an element of metadata."""
    return f"{{{MD}}}{name}"


def xenc(name: str) -> str:
    """Spell the name of an element of encryption."""
    return f"{{{XENC}}}{name}"
