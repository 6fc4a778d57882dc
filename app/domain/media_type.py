"""Media types by a file's ending: one fixed table, so that nobody ever guesses from content.

What a browser would run or show gets its own type; what is not named here is only downloaded.
"""

from __future__ import annotations

UNKNOWN = "application/octet-stream"
_UTF8 = "; charset=utf-8"

_TEXT = {
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "xml": "application/xml",
    "json": "application/json",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "vtt": "text/vtt",
    "ics": "text/calendar",
}
_BINARY = {
    "avif": "image/avif",
    "gif": "image/gif",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "otf": "font/otf",
    "ttf": "font/ttf",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
    "wasm": "application/wasm",
    "zip": "application/zip",
}
MEDIA_TYPES = {ending: kind + _UTF8 for ending, kind in _TEXT.items()} | _BINARY


def media_type(path: str) -> str:
    """Tell the media type of a file by its ending; text is UTF-8 always."""
    name = path.rpartition("/")[2]
    return MEDIA_TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN) if "." in name else UNKNOWN


def is_text(path: str) -> bool:
    """Tell whether a file is text, which gets much smaller when it is packed."""
    return media_type(path).endswith(_UTF8)
