"""The libraries that read XML, and what to do when they don't fit together."""

from __future__ import annotations

ADVICE = (
    "SAML needs lxml and xmlsec built against the same libxml2. Install both as wheels again: "
    "pip install --force-reinstall --no-deps --only-binary xmlsec,lxml -r requirements/runtime.txt "
    "(or both from source, with libxml2-dev and libxmlsec1-dev)."
)


class LibrariesDontFit(Exception):  # noqa: N818 - said as what it is
    """lxml and xmlsec can't be used together; the text says what to do."""


def require_libraries() -> None:
    """Load them, or raise `LibrariesDontFit`."""
    try:
        import lxml.etree  # noqa: F401
        import xmlsec  # noqa: F401
    except Exception as error:
        raise LibrariesDontFit(f"{ADVICE} They said: {error}") from error
