"""XML from strangers: no DTD, no entities, no comments, of bounded size, depth and number."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from plugins._checks import Failed
from plugins.sso_saml.names import EXC_C14N

Element = etree._Element  # noqa: SLF001 - lxml has no public name for its elements

LARGEST = 512 * 1024
MOST_ELEMENTS = 5_000
DEEPEST = 40
_WHITE = b" \t\r\n"


def from_base64(text: str) -> bytes:
    """Read base64 as SAML spells it: the standard letters, with white space between."""
    if len(text) > LARGEST * 4 // 3:
        raise Failed("size", f"The answer is larger than {LARGEST // 1024} KiB.")
    try:
        packed = text.encode("ascii").translate(None, _WHITE)
        found = base64.b64decode(packed, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Failed("base64", "The answer is not base64.") from None
    if not found:
        raise Failed("base64", "The answer is empty.")
    return found


def inflated(packed: bytes) -> bytes:
    """Unpack what the redirect binding packs, up to the largest that is read."""
    unpacker = zlib.decompressobj(-15)
    try:
        found = unpacker.decompress(packed, LARGEST)
    except zlib.error:
        raise Failed("base64", "The message is not packed as the redirect binding asks.") from None
    if unpacker.unconsumed_tail:
        raise Failed("size", f"The message is larger than {LARGEST // 1024} KiB.")
    return found


def parsed(raw: bytes, *, comments: bool = False) -> Element:
    """Parse, or raise `Failed`. Comments and instructions are refused, or taken out beforehand.

    A comment within a text would let half of it be read where all of it was signed.
    """
    if len(raw) > LARGEST:
        raise Failed("size", f"The message is larger than {LARGEST // 1024} KiB.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=comments,
        remove_pis=comments,
        strip_cdata=False,
    )
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise Failed("dtd", "The message has a document type or entities, which are refused.")
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Failed("xml", f"The message is not well-formed XML: {str(error)[:200]}.") from None
    _require_plain(root)
    return root


def _require_plain(root: Element) -> None:
    # The bytes were looked at before; in another encoding they look different.
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Failed("dtd", "The message has a document type, which is refused.")
    beside = [*root.itersiblings(), *root.itersiblings(preceding=True)]
    count = 0
    for node in (*beside, *root.iter()):
        if not isinstance(node.tag, str):
            raise Failed("comments", "The message has comments or instructions within.")
        count += 1
    if count > MOST_ELEMENTS:
        raise Failed("size", f"The message has more than {MOST_ELEMENTS} elements.")
    if any(depth > DEEPEST for depth in _depths(root)):
        raise Failed("size", "The message is nested too deeply.")


def _depths(root: Element) -> Iterator[int]:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        yield depth


def canonical(element: Element, prefixes: list[str] | None = None) -> bytes:
    """Spell an element in exclusive canonical XML, as it is signed."""
    spelled: bytes = etree.tostring(
        element,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=prefixes or None,
    )
    return spelled


def as_bytes(root: Element) -> bytes:
    """Spell a whole message, to parse it again."""
    spelled: bytes = etree.tostring(root, encoding="utf-8")
    return spelled


def inclusive_prefixes(method: Element) -> list[str]:
    """The prefixes that a canonicalization keeps though they are not visibly used."""
    found = method.findall(f"{{{EXC_C14N}}}InclusiveNamespaces")
    return (found[0].get("PrefixList") or "").split() if found else []


def children(element: Element, name: str) -> list[Element]:
    """List the children of that name."""
    return [child for child in element if child.tag == name]


def only_child(element: Element, name: str) -> Element | None:
    """The child of that name, if there is exactly one."""
    found = children(element, name)
    return found[0] if len(found) == 1 else None


def text_of(element: Element | None) -> str | None:
    """The text of an element that holds text alone, as it stands there."""
    if element is None or len(element):
        return None
    return element.text or ""


def instant_of(text: str | None) -> datetime | None:
    """Read an instant as SAML spells it: with a zone, at most with fractions of a second."""
    if text is None or not text.isascii():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None
