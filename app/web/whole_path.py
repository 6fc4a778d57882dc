"""DOORS: what `<path:…>` stands for in an address."""

from __future__ import annotations

from werkzeug.routing import PathConverter


class WholePath(PathConverter):
    """All that is left of an address.

    Werkzeug's own ends at a line break (`%0A`), so that such an address would be nobody's, and
    the program that asks would get a page.
    """

    regex = f"(?s:{PathConverter.regex})"
