"""The chart of a report: drawn by pygal, stripped of its scripts and styles, coloured by ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from markupsafe import Markup
from pygal.style import Style

from app.web.pages.wording import number

WIDTH, HEIGHT, BAR = 800, 260, 30
MOST_LABELS = 7
XLINK = "{http://www.w3.org/1999/xlink}href"
DROPPED = frozenset({"defs", "desc", "title"})


def columns(
    heading: str, labels: Sequence[str], values: Sequence[int], links: Sequence[str] = ()
) -> Markup:
    """Draw one upright bar per label, for what has an order in time.

    With `links` a bar leads on for those who point at it; all others find the links in the table.
    """
    step = -(-len(labels) // MOST_LABELS)
    chart = pygal.Bar(
        **_shared(HEIGHT),
        x_labels=[label if place % step == 0 else "" for place, label in enumerate(labels)],
        truncate_label=-1,
        max_scale=6,
        spacing=2,
    )
    return _drawn(chart, heading, {"": _linked(values, links)}, is_linked=bool(links))


def lanes(
    heading: str, labels: Sequence[str], values: Sequence[int], links: Sequence[str] = ()
) -> Markup:
    """Draw one lying bar per label, the first on top; links as those of `columns`."""
    chart = pygal.HorizontalBar(
        **_shared(BAR * len(labels) + 2 * BAR),
        x_labels=list(reversed(labels)),
        truncate_label=32,
        spacing=4,
        max_scale=6,
        min_scale=2,
    )
    bars = list(reversed(_linked(values, links)))
    return _drawn(chart, heading, {"": bars}, is_linked=bool(links))


def curves(
    heading: str, series: Mapping[str, Sequence[tuple[float, int]]], labels: Mapping[float, str]
) -> Markup:
    """Draw one line per series, in the line styles of `coffer.css`; `labels` stand below."""
    chart = pygal.XY(
        **_shared(HEIGHT),
        x_labels=[{"value": place, "label": words} for place, words in labels.items()],
        truncate_label=-1,
        show_dots=False,
        max_scale=6,
        include_x_axis=True,
    )
    return _drawn(chart, heading, series)


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


def _linked(values: Sequence[int], links: Sequence[str]) -> list[Any]:
    """Bars with the places to which they lead, where there is one."""
    if not links:
        return list(values)
    both = zip(values, links, strict=True)
    return [{"value": value, "xlink": link} if link else value for value, link in both]


def _drawn(
    chart: Any,  # noqa: ANN401
    heading: str,
    series: Mapping[str, Sequence[Any]],
    *,
    is_linked: bool = False,
) -> Markup:
    for name, values in series.items():
        chart.add(name, list(values))
    chart.add_xml_filter(lambda root: _cleaned(root, heading, is_linked=is_linked))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 - pygal escapes labels itself


def _cleaned(root: Any, heading: str, *, is_linked: bool) -> Any:  # noqa: ANN401
    """Leave shapes and words only. What they show stands in a table, so it is one picture.

    One whose bars are links is nothing but for those who point: a picture holds no links.
    """
    for parent in [node for node in root.iter() if isinstance(node.tag, str)]:
        for child in list(parent):
            if _is_dropped(child):
                parent.remove(child)
        _shorten(parent)
        if XLINK in parent.attrib:
            parent.set("href", parent.attrib.pop(XLINK))
            parent.set("tabindex", "-1")
            parent.attrib.pop("target", None)
    if is_linked:
        root.set("aria-hidden", "true")
    else:
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
