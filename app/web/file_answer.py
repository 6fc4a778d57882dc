"""DOORS: files of apps as answers, so that nothing in them ever acts in the portal's name.

Whoever may edit an app could put a page with a script into it. So a file is a download of no
known type, in a sandbox without scripts; only pixel pictures are shown, told by their first bytes.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from app.domain.refusals import NotFound

SANDBOX = "default-src 'none'; sandbox"
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
WEBP = slice(8, 12)


def picture_type(content: bytes) -> str | None:
    """The type of a pixel picture; None for everything else, drawings with scripts too."""
    if content.startswith(b"RIFF") and content[WEBP] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES.items() if content.startswith(start)), None)


def as_download(
    content: bytes, name: str, media_type: str = "application/octet-stream"
) -> Response:
    """Send bytes to be kept under a name."""
    plain = "".join(each if each.isascii() and each.isprintable() else "_" for each in name)
    plain = plain.replace('"', "_").replace("\\", "_")
    how = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return _guarded(Response(content, mimetype=media_type), how)


def as_picture(content: bytes) -> Response:
    """Send a picture to be shown; `NotFound` for what is none."""
    media_type = picture_type(content)
    if media_type is None:
        raise NotFound
    return _guarded(Response(content, mimetype=media_type), "inline")


def _guarded(answer: Response, disposition: str) -> Response:
    answer.headers["Content-Disposition"] = disposition
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
