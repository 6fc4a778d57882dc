"""The chart of a report: drawn by pygal, stripped of its scripts and styles, coloured by ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pygal
from markupsafe import Markup
from pygal.style import Style

from app.web.pages.wording import number

WIDTH, HEIGHT, BAR = 800, 260, 30
MOST_LABELS = 7
DROPPED = frozenset({"defs", "desc", "title"})


def columns(heading: str, labels: Sequence[str], values: Sequence[int]) -> Markup:
    """Draw one upright bar per label, for what has an order in time."""
    step = -(-len(labels) // MOST_LABELS)
    chart = pygal.Bar(
        **_shared(HEIGHT),
        x_labels=[label if place % step == 0 else "" for place, label in enumerate(labels)],
        truncate_label=-1,
        max_scale=6,
        spacing=2,
    )
    return _drawn(chart, heading, values)


def lanes(heading: str, labels: Sequence[str], values: Sequence[int]) -> Markup:
    """Draw one lying bar per label, the first on top."""
    chart = pygal.HorizontalBar(
        **_shared(BAR * len(labels) + 2 * BAR),
        x_labels=list(reversed(labels)),
        truncate_label=32,
        spacing=4,
        max_scale=6,
        min_scale=2,
    )
    return _drawn(chart, heading, list(reversed(values)))


def _shared(height: int) -> dict[str, Any]:
    return {
        "js": [],
        "css": [],
        "width": WIDTH,
        "height": height,
        "margin": 8,
        "show_legend": False,
        "style": Style(label_font_size=13, major_label_font_size=13),
        "disable_xml_declaration": True,
        "value_formatter": lambda value: number(round(value)),
    }


def _drawn(chart: Any, heading: str, values: Sequence[int]) -> Markup:  # noqa: ANN401
    chart.add("", list(values))
    chart.add_xml_filter(lambda root: _cleaned(root, heading))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 - pygal escapes labels itself


def _cleaned(root: Any, heading: str) -> Any:  # noqa: ANN401 - pygal's own kind of tree
    """Leave shapes and words only. What they show stands in a table, so it is one picture."""
    for parent in [node for node in root.iter() if isinstance(node.tag, str)]:
        for child in list(parent):
            if _is_dropped(child):
                parent.remove(child)
        _shorten(parent)
    root.set("role", "img")
    root.set("aria-label", heading)
    root.attrib.pop("id", None)
    return root


def _is_dropped(node: Any) -> bool:  # noqa: ANN401 - a comment's tag is a function
    if not isinstance(node.tag, str):
        return True
    name, is_empty = node.tag.rpartition("}")[2], len(node) == 0 and not node.text
    is_tooltip = "tooltip-overlay" in node.get("class", "")
    return is_tooltip or name in DROPPED or (is_empty and name in ("text", "g"))


def _shorten(node: Any) -> None:  # noqa: ANN401
    """A tenth of a pixel is exact enough, and nothing listens to the bars."""
    for name in ("x", "y", "width", "height"):
        if name in node.attrib:
            node.set(name, f"{float(node.get(name)):.1f}")
    for name in ("rx", "ry"):
        node.attrib.pop(name, None)
    if "reactive" in node.get("class", ""):
        node.set("class", node.get("class").replace(" reactive tooltip-trigger", ""))
