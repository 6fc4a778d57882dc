"""Encrypted assertions: opened with our key, by algorithms that are known and not broken."""

from __future__ import annotations

import base64
import binascii
from xml.sax.saxutils import quoteattr

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from plugins.sso_saml.checks import Failed, shown
from plugins.sso_saml.names import (
    CIPHERS,
    DS,
    MGFS,
    OAEP,
    OAEP_DIGESTS,
    OAEP_MGF1P,
    XENC11,
    ds,
    xenc,
)
from plugins.sso_saml.xml import Element, only_child, parsed, text_of

BLOCK = 16
GCM_NONCE = 12
# One sentence for all that can go wrong inside, so that nobody learns from it how.
_CANT = "The assertion can't be opened with our key. Give the identity provider our metadata again."


def decrypted(holder: Element, private_key: str) -> Element:
    """Open an `EncryptedAssertion`: gives the assertion."""
    data = only_child(holder, xenc("EncryptedData"))
    if data is None:
        raise Failed("encryption", "The encrypted assertion has no data, or more than one.")
    name = _algorithm(data)
    if name not in CIPHERS:
        raise Failed("encryption", f"The encryption {shown(name)} is not accepted.")
    size, is_proof = CIPHERS[name]
    key = _session_key(holder, private_key)
    if len(key) != size:
        raise Failed("decryption", _CANT)
    return _in_place(holder, _opened(_cipher_value(data), key, is_proof=is_proof))


def _in_place(holder: Element, plain: bytes) -> Element:
    """Parse what was encrypted with the namespaces that are known where it stood."""
    known = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}"
        for prefix, uri in holder.nsmap.items()
    )
    around = parsed(f"<around{known}>".encode() + plain + b"</around>")
    if len(around) != 1 or (around.text or "").strip() or (around[0].tail or "").strip():
        raise Failed("one_assertion", "What was encrypted is not one assertion.")
    return around[0]


def _session_key(holder: Element, private_key: str) -> bytes:
    keys = list(holder.iter(xenc("EncryptedKey")))
    if len(keys) != 1:
        raise Failed("encryption", "The encrypted assertion must have one key, and only one.")
    found = load_pem_private_key(private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(found, RSAPrivateKey)
    try:
        return found.decrypt(_cipher_value(keys[0]), _oaep(keys[0]))
    except ValueError:
        raise Failed("decryption", _CANT) from None


def _oaep(key: Element) -> padding.OAEP:
    name = _algorithm(key)
    if name not in (OAEP_MGF1P, OAEP):
        raise Failed("encryption", f"The encryption of the key {shown(name)} is not accepted.")
    method = only_child(key, xenc("EncryptionMethod"))
    assert method is not None
    digest = _named(method, ds("DigestMethod"), f"{DS}sha1")
    mgf = _named(method, f"{{{XENC11}}}MGF", f"{XENC11}mgf1sha1")
    if digest not in OAEP_DIGESTS or mgf not in MGFS:
        raise Failed("encryption", "The encryption of the key uses an unknown digest.")
    chosen = MGFS[mgf] if name == OAEP else SHA1()  # noqa: S303 - rsa-oaep-mgf1p fixes it
    return padding.OAEP(padding.MGF1(chosen), OAEP_DIGESTS[digest], None)


def _named(method: Element, child: str, default: str) -> str:
    found = only_child(method, child)
    return default if found is None else found.get("Algorithm") or ""


def _opened(value: bytes, key: bytes, *, is_proof: bool) -> bytes:
    try:
        if is_proof:
            return AESGCM(key).decrypt(value[:GCM_NONCE], value[GCM_NONCE:], None)
        reader = Cipher(algorithms.AES(key), modes.CBC(value[:BLOCK])).decryptor()
        plain = reader.update(value[BLOCK:]) + reader.finalize()
    except (ValueError, InvalidTag):
        raise Failed("decryption", _CANT) from None
    if not plain or not 1 <= plain[-1] <= BLOCK:
        raise Failed("decryption", _CANT)
    return plain[: -plain[-1]]


def _algorithm(element: Element) -> str:
    method = only_child(element, xenc("EncryptionMethod"))
    return "" if method is None else method.get("Algorithm") or ""


def _cipher_value(element: Element) -> bytes:
    data = only_child(element, xenc("CipherData"))
    text = None if data is None else text_of(only_child(data, xenc("CipherValue")))
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (ValueError, binascii.Error):
        raise Failed("encryption", "What is encrypted is not base64.") from None
