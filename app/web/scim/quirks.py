"""DOOR, SCIM: what Entra ID is known to send against the standard, and the library doesn't mend."""

from __future__ import annotations

from typing import Any

import orjson

MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def mended(method: str, body: bytes) -> bytes:
    """Give the body back as the standard wants it. What can't be read is left as it is."""
    if method not in WITH_BODY or b"manager" not in body:
        return body
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    if not isinstance(document, dict):
        return body
    for operation in _operations(document):
        _mend_operation(operation)
    _mend_user(document)
    return orjson.dumps(document)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Operations") or []
    listed = found if isinstance(found, list) else []
    return [operation for operation in listed if isinstance(operation, dict)]


def _mend_operation(operation: dict[str, Any]) -> None:
    """A manager is named by the id alone, where an object is due."""
    path, value = str(operation.get("path") or ""), operation.get("value")
    if path.lower() == MANAGER and isinstance(value, str):
        operation["value"] = {"value": value}
    elif isinstance(value, dict):
        _mend_user(value)
        for name in list(value):
            if name.lower() == MANAGER and isinstance(value[name], str):
                value[name] = {"value": value[name]}


def _mend_user(user: dict[str, Any]) -> None:
    extension = user.get(ENTERPRISE)
    if isinstance(extension, dict) and isinstance(extension.get("manager"), str):
        extension["manager"] = {"value": extension["manager"]}
