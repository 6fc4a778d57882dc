"""Signatures: what exactly was signed, by a key that the identity provider's metadata names.

`signed` gives back what was signed as it was hashed, parsed anew. Nothing else is ever read, so
that what is verified and what is believed can't be two things (signature wrapping).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import Hash, HashAlgorithm
from cryptography.x509 import Certificate

from plugins._checks import Checks, Failed, shown
from plugins.sso_saml.names import (
    DIGESTS,
    ENVELOPED,
    EXC_C14N,
    SIGNATURES,
    ds,
    saml,
    samlp,
)
from plugins.sso_saml.xml import (
    Element,
    as_bytes,
    canonical,
    children,
    inclusive_prefixes,
    only_child,
    parsed,
    text_of,
)

LEAST_RSA_BITS = 2048
SIGNED = (samlp("Response"), saml("Assertion"), samlp("LogoutRequest"), samlp("LogoutResponse"))
UNKNOWN_KEY = (
    "The signature is by none of the certificates in the identity provider's metadata. If they "
    "were changed there, give Coffer the new metadata."
)


def require_single_ids(root: Element) -> None:
    """Refuse a message in which an id occurs twice: a reference could mean either."""
    seen: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if str(name).rpartition("}")[2].lower() == "id":
                if value in seen:
                    raise Failed("ids", f"The id {shown(value)} occurs twice.")
                seen.add(str(value))


def require_places(root: Element) -> None:
    """Refuse signatures anywhere but directly in what they sign, one at most in each."""
    for found in root.iter(ds("Signature")):
        parent = found.getparent()
        if parent is None or parent.tag not in SIGNED:
            raise Failed("signature_place", "There is a signature where none belongs.")
        if len(children(parent, ds("Signature"))) > 1:
            raise Failed("signature_place", "An element has more than one signature.")


def signed(
    root: Element, element: Element, certificates: Sequence[Certificate], checks: Checks
) -> Element | None:
    """Give an element as it was signed, parsed anew; None when it has no signature.

    Raises `Failed` when it has one that is not good. The message is spelled and parsed again
    first, since the signature is taken out and the namespaces around are needed.
    """
    signature = only_child(element, ds("Signature"))
    if signature is None:
        return None
    info = only_child(signature, ds("SignedInfo"))
    if info is None:
        raise Failed("signature_shape", "The signature has no, or more than one, SignedInfo.")
    if list(signature.iter(ds("Object"))):
        raise Failed("signature_shape", "The signature carries objects of its own.")
    method = _canonicalization(info)
    reference = _reference(info, element)
    content = _content(root, element, _transforms(reference))
    _require_digest(reference, content)
    _require_signature(signature, info, inclusive_prefixes(method), certificates)
    kind = str(element.tag).rpartition("}")[2]
    checks.passed(
        f"{kind.lower()}_signature",
        f"The {kind} is signed by a key in the identity provider's metadata, and unchanged.",
    )
    return parsed(content)


def _canonicalization(info: Element) -> Element:
    method = only_child(info, ds("CanonicalizationMethod"))
    name = None if method is None else method.get("Algorithm")
    if method is None or name != EXC_C14N:
        raise Failed("canonicalization", f"The canonicalization {shown(name)} is not accepted.")
    return method


def _reference(info: Element, element: Element) -> Element:
    """The one reference, which must name the element that holds the signature, by its id."""
    found = only_child(info, ds("Reference"))
    if found is None:
        raise Failed("reference", "The signature must refer to one thing, and only to one.")
    own, uri = element.get("ID"), found.get("URI")
    if not own or uri != f"#{own}":
        raise Failed(
            "reference", f"The signature refers to {shown(uri)}, not to the element it stands in."
        )
    return found


def _transforms(reference: Element) -> list[str]:
    """Require the two transforms that SAML knows; gives the prefixes that are kept."""
    holder = only_child(reference, ds("Transforms"))
    found = [] if holder is None else list(holder)
    names = [each.get("Algorithm") for each in found]
    if names != [ENVELOPED, EXC_C14N]:
        told = ", ".join(shown(name) for name in names) or "none"
        raise Failed("transforms", f"These transforms are not accepted: {told}.")
    return inclusive_prefixes(found[1])


def _content(root: Element, element: Element, prefixes: list[str]) -> bytes:
    """Spell the element without its signature, in the midst of the whole message."""
    path = root.getroottree().getelementpath(element)
    again = parsed(as_bytes(root))
    same = again if path == "." else again.find(path)
    signature = None if same is None else only_child(same, ds("Signature"))
    assert same is not None
    assert signature is not None
    _take_out(signature)
    return canonical(same, prefixes)


def _take_out(node: Element) -> None:
    """Remove a node and leave the text after it, which lxml would remove, too."""
    parent, before = node.getparent(), node.getprevious()
    assert parent is not None
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    node.tail = None
    parent.remove(node)


def _require_digest(reference: Element, content: bytes) -> None:
    method = only_child(reference, ds("DigestMethod"))
    value = only_child(reference, ds("DigestValue"))
    name = None if method is None else method.get("Algorithm")
    algorithm = DIGESTS.get(name or "")
    if algorithm is None:
        raise Failed("digest_algorithm", f"The digest algorithm {shown(name)} is not accepted.")
    if not compare_digest(_hash(algorithm, content), _bytes(value)):
        raise Failed("digest", "The content was changed after it was signed.")


def _require_signature(
    signature: Element, info: Element, prefixes: list[str], certificates: Sequence[Certificate]
) -> None:
    method = only_child(info, ds("SignatureMethod"))
    name = (None if method is None else method.get("Algorithm")) or ""
    if name not in SIGNATURES:
        raise Failed(
            "signature_algorithm", f"The signature algorithm {shown(name)} is not accepted."
        )
    value, spelled = _bytes(only_child(signature, ds("SignatureValue"))), canonical(info, prefixes)
    if not any(is_by(each, name, value, spelled) for each in certificates):
        raise Failed("signature", UNKNOWN_KEY)


def is_by(certificate: Certificate, name: str, value: bytes, content: bytes) -> bool:
    """Tell whether a signature is by a certificate's key, of the kind that the algorithm needs."""
    kind, algorithm = SIGNATURES[name]
    key = certificate.public_key()
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
            key.verify(value, content, padding.PKCS1v15(), algorithm)
            return True
        if kind == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            numbers = (int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
            key.verify(encode_dss_signature(*numbers), content, ec.ECDSA(algorithm))
            return True
    except InvalidSignature:
        return False
    return False


def _hash(algorithm: HashAlgorithm, content: bytes) -> bytes:
    hashed = Hash(algorithm)
    hashed.update(content)
    return hashed.finalize()


def _bytes(element: Element | None) -> bytes:
    text = text_of(element)
    try:
        packed = "".join((text or "").split()).encode("ascii")
        return base64.b64decode(packed, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Failed("signature_shape", "A value of the signature is not base64.") from None
