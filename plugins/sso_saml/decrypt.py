"""Encrypted assertions: opened with our key, by algorithms that are known and not broken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from plugins._checks import Failed, shown
from plugins.sso_saml.names import (
    CIPHERS,
    DS,
    MGFS,
    OAEP,
    OAEP_DIGESTS,
    OAEP_MGF1P,
    TRIPLE_DES,
    XENC11,
    ds,
    xenc,
)
from plugins.sso_saml.xml import Element, only_child, parsed, text_of

GCM_NONCE = 12
Names = Mapping[str | None, str]
_HINT = "Let the identity provider use AES."
# One sentence for all that can go wrong inside, so that nobody learns from it how.
_CANT = "The assertion can't be opened with our key. Give the identity provider our metadata again."


def decrypted(
    holder: Element, known: Names, private_key: str, *, triple_des: bool = False
) -> Element:
    """Open an `EncryptedAssertion`: gives the assertion.

    `known` are the namespaces that were known where it stood, by prefix; what is signed around it
    names only those that it needs itself. `triple_des` reads that, too.
    """
    data = only_child(holder, xenc("EncryptedData"))
    if data is None:
        raise Failed("encryption", "The encrypted assertion has no data, or more than one.")
    name = _algorithm(data)
    ciphers = {**CIPHERS, TRIPLE_DES: (24, False)} if triple_des else CIPHERS
    if name not in ciphers:
        raise Failed("encryption", f"The encryption {shown(name)} is not accepted. {_HINT}")
    size, is_proof = ciphers[name]
    key = _session_key(holder, private_key)
    if len(key) != size:
        raise Failed("decryption", _CANT)
    value = _cipher_value(data)
    return _in_place(known, _proven(value, key) if is_proof else _opened(value, key, name))


def _in_place(known: Names, plain: bytes) -> Element:
    """Parse what was encrypted with the namespaces that were known where it stood."""
    spelled = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in known.items()
    )
    around = parsed(f"<around{spelled}>".encode() + plain + b"</around>")
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


def _proven(value: bytes, key: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(value[:GCM_NONCE], value[GCM_NONCE:], None)
    except (ValueError, InvalidTag):
        raise Failed("decryption", _CANT) from None


def _opened(value: bytes, key: bytes, name: str) -> bytes:
    cipher = TripleDES(key) if name == TRIPLE_DES else algorithms.AES(key)
    block = cipher.block_size // 8
    try:
        reader = Cipher(cipher, modes.CBC(value[:block])).decryptor()
        plain = reader.update(value[block:]) + reader.finalize()
    except ValueError:
        raise Failed("decryption", _CANT) from None
    if not plain or not 1 <= plain[-1] <= block:
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
