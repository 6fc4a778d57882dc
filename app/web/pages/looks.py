"""The looks: Bootstrap's stylesheet cut down to what the templates use, our own, and the icons.

Bootstrap comes from the Bootstrap-Flask package, 230 kB of it. A page needs a fifth, so rules whose
classes no template of this installation names (plugins' templates count) are left out, and the
colours of its dark mode follow the system's wish instead of a script. Nothing is copied: the
stylesheet is made once per process, out of the package that is installed.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Flask, current_app
from markupsafe import Markup

from app.services.plugins.installed import plugin_templates

PACKAGE = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
OWN = Path(__file__).parents[2] / "static" / "coffer.css"
SYMBOL = r'<symbol class="[^"]*" viewBox="([^"]*)" id="{}">(.*?)</symbol>'


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The one stylesheet of all pages; its address changes with its text."""

    text: bytes
    packed: bytes
    version: str


def stylesheet() -> Stylesheet:
    """Give the stylesheet of this application, made on first use."""
    made: Stylesheet | None = current_app.extensions.get("coffer_looks")
    if made is None or current_app.debug:
        made = current_app.extensions["coffer_looks"] = _make(_words(current_app))
    return made


@cache
def _make(words: frozenset[str]) -> Stylesheet:
    bootstrap = (PACKAGE / "css" / "bootstrap.min.css").read_text("utf-8")
    text = f"{cut(bootstrap, words)}\n{_lean(OWN.read_text('utf-8'))}".encode()
    packed = gzip.compress(text, 9, mtime=0)
    return Stylesheet(text, packed, hashlib.sha256(text).hexdigest()[:12])


def _lean(css: str) -> str:
    """Leave out what only people read: comments and indentation."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def _words(app: Flask) -> frozenset[str]:
    """Every word in the templates of the application, of its blueprints and of its plugins."""
    loader = app.jinja_env.loader
    assert loader is not None
    found: set[str] = set()
    for name in app.jinja_env.list_templates(filter_func=_is_page):
        found.update(_words_in(loader.get_source(app.jinja_env, name)[0]))
    for path in plugin_templates():
        found.update(_words_in(path.read_text("utf-8", "replace")))
    return frozenset(found)


def _words_in(text: str) -> list[str]:
    return re.findall(r"[A-Za-z][\w-]*", text)


def _is_page(name: str) -> bool:
    return not name.startswith(("bootstrap", "base/", "mail/"))


def cut(css: str, words: frozenset[str]) -> str:
    """Keep the rules of a minified stylesheet that these words can name; dark by system's wish."""
    return "".join(kept for rule in _rules(css) if (kept := _cut_rule(rule, words)))


def _rules(css: str) -> Iterator[str]:
    """Split a stylesheet into its outermost rules."""
    depth = start = 0
    for brace in re.finditer(r"[{}]", css):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            yield css[start : brace.end()]
            start = brace.end()


def _cut_rule(rule: str, words: frozenset[str]) -> str:
    rule = re.sub(r'^\s*(@charset "[^"]*";|/\*.*?\*/)*', "", rule, flags=re.DOTALL)
    head, body = rule.split("{", 1)
    if head.startswith(("@media", "@supports")):
        inner = cut(body[:-1], words)
        return f"{head}{{{inner}}}" if inner else ""
    if head.startswith("@"):
        return rule
    selectors = re.split(r",(?![^()]*\))", head)
    kept = [each for each in selectors if _is_used(each, words)]
    return _by_wish(",".join(kept), body) if kept else ""


def _is_used(selector: str, words: frozenset[str]) -> bool:
    wanted = re.sub(r":not\([^)]*\)", "", selector)
    return words.issuperset(re.findall(r"\.([A-Za-z][\w-]*)", wanted))


def _by_wish(selector: str, body: str) -> str:
    """Let the dark colours follow the system's wish, not an attribute that a script would set."""
    dark = "[data-bs-theme=dark]"
    if dark not in selector:
        return f"{selector}{{{body}"
    plain = ",".join(each.replace(dark, ":root", 1) for each in selector.split(","))
    return f"@media (prefers-color-scheme:dark){{{plain}{{{body}}}"


@cache
def icon(name: str) -> Markup:
    """Draw one of Bootstrap's icons into the page; it is decoration, so the words stand beside."""
    sprite = (PACKAGE / "icons" / "bootstrap-icons.svg").read_text("utf-8")
    found = re.search(SYMBOL.format(re.escape(name)), sprite, re.DOTALL)
    if found is None:
        raise LookupError(f"Bootstrap has no icon {name!r}")
    box, paths = found.groups()
    return Markup(  # noqa: S704 - the text comes out of an installed package
        f'<svg class="icon" viewBox="{box}" fill="currentColor" aria-hidden="true" '
        f'focusable="false">{paths}</svg>'
    )
