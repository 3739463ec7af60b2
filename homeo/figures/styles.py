"""How quantities and rules look: the same in every figure and in the pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import matplotlib as mpl

from ..checks import refuse
from ..rules import RULES

Item = TypeVar("Item")
Look = TypeVar("Look")

#: One look for each quantity: the hues of Okabe and Ito, which colour-blind
#: readers can tell apart, a violet for theory that stands out on all of them, and a
#: line or a marker that works without colour.
STYLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "E": {"color": "#D55E00", "linestyle": "-", "marker": "^"},
        "I": {"color": "#0072B2", "linestyle": "--", "marker": "v"},
        "H": {"color": "#009E73", "linestyle": "-", "marker": "s"},
        "G": {"color": "#AA4499", "linestyle": "-", "marker": "o"},
        "w": {"color": "#222222", "linestyle": "-", "marker": "D"},
        "theory": {"color": "#6F3CE8", "linestyle": (0, (4, 2)), "marker": "x"},
        "target": {"color": "#777777", "linestyle": ":", "marker": "_"},
    }
)

#: Markers, lines and shades for several curves of one quantity, in order of use.
MARKERS = tuple("so^vD<>pPX*h")
LINES = (
    *("-", "--", ":", "-."),
    *((0, dashes) for dashes in ((8, 3), (1, 4), (2, 1), (3, 5), (12, 4))),
    *((0, dashes) for dashes in ((8, 2, 1, 2), (5, 1, 1, 1, 1, 1), (8, 1, 2, 1, 2, 1))),
)
GREYS = ("#000000", "#555555", "#888888") * 4

#: The rules are told apart by line and marker; colours stand for quantities.
RULE_STYLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "zenke_2015": {"color": "#000000", "linestyle": "-", "marker": "o"},
        "brian_example": {"color": "#666666", "linestyle": "--", "marker": "s"},
        "vogels_2011": {"color": "#8C6D1F", "linestyle": ":", "marker": "^"},
    }
)
# One rule inside another where both give the same.
_RULE_MARKERS = {
    "zenke_2015": {"markersize": 3},
    "brian_example": {"markersize": 7, "fillstyle": "none"},
    "vogels_2011": {"markersize": 4},
}
#: What to call a network that learns by a rule, or by none.
RULE_LABELS: Mapping[str, str] = MappingProxyType(
    {**{name: rule.label for name, rule in RULES.items()}, "none": "no plasticity"}
)
_NO_RULE = {"color": "#BBBBBB", "linestyle": (0, (1, 0.6, 4, 0.6))}
_OWN_RULES = tuple(
    {"color": color, "linestyle": line, "marker": marker}
    for color, line, marker in zip(GREYS[3:], LINES[3:], MARKERS[3:], strict=True)
)

_DASHES = {
    "-": (),
    "--": mpl.rcParamsDefault["lines.dashed_pattern"],
    ":": mpl.rcParamsDefault["lines.dotted_pattern"],
}

#: Simulations by other code, to be drawn around one's own.
AURYN_STYLE = MappingProxyType(
    {
        "color": "#CC3311",
        "marker": "o",
        "fillstyle": "none",
        "markersize": 8,
        "linestyle": "none",
    }
)


def line_of(look: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a look that draws a line."""
    return {key: look[key] for key in ("color", "linestyle")}


def marker_of(look: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a look that draws markers."""
    return {**look, "linestyle": "none"}


def line_style(name: str) -> dict[str, Any]:
    """Return colour and line style of a quantity, for `matplotlib.axes.Axes.plot`.

    Parameters
    ----------
    name : str
        A key of `STYLES`.

    Returns
    -------
    dict
        Keyword arguments.
    """
    return line_of(STYLES[name])


def marker_style(name: str) -> dict[str, Any]:
    """Return colour and marker of a quantity, for `matplotlib.axes.Axes.plot`.

    Parameters
    ----------
    name : str
        Which quantity: a key of `STYLES`.

    Returns
    -------
    dict
        Keyword arguments; they draw no line.
    """
    return marker_of(STYLES[name])


def paired(
    name: str, items: Iterable[Item], looks: Sequence[Look]
) -> list[tuple[Item, Look]]:
    """Give each item of an argument a look of its own, or refuse."""
    items = list(items)
    if len(items) > len(looks):
        allowed = f"at most {len(looks)}, so that each has a look of its own"
        raise refuse(name, f"{len(items)} of them", allowed)
    return list(zip(items, looks[: len(items)], strict=True))


def rule_looks(rules: Iterable[Hashable]) -> dict[Hashable, Mapping[str, Any]]:
    """Give each rule a look of its own.

    Rules of the book, and ``"none"``, look as everywhere. Rules of a reader's own
    get their looks in the order in which they are given.
    """
    rules = list(dict.fromkeys(rules))
    book = {rule: {**look, **_RULE_MARKERS[rule]} for rule, look in RULE_STYLES.items()}
    known = {**book, "none": _NO_RULE}
    own = [rule for rule in rules if rule not in known]
    looks = {**known, **dict(paired("rules of one's own", own, _OWN_RULES))}
    return {rule: looks[rule] for rule in rules}


def rule_look(rule: Hashable) -> Mapping[str, Any]:
    """Return the look of a rule that is drawn alone."""
    return rule_looks([rule])[rule]


def rule_label(rule: Hashable) -> str:
    """Return what to call a rule; one of a reader's own has a label or a name."""
    return RULE_LABELS.get(rule, str(getattr(rule, "label", rule)))


def signed(value: float) -> str:
    """Write a number with its sign, minus as a minus and not as a hyphen.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        For instance ``+4`` or ``−0.5``.
    """
    return f"{float(value):+g}".replace("-", "\N{MINUS SIGN}")


def styles_for_pages() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the looks of quantities and rules for pages that draw by themselves.

    Returns
    -------
    dict
        Under ``"quantities"`` and ``"rules"``, by name: ``color``, ``marker`` (as
        matplotlib names it, or None) and ``dash``, lengths of dashes and gaps in
        line widths, empty for a solid line; of rules also ``label``. Plain JSON.
    """
    quantities = {name: _for_page(look) for name, look in STYLES.items()}
    rules = {
        rule: {**_for_page(look), "label": rule_label(rule)}
        for rule, look in rule_looks(RULE_LABELS).items()
    }
    return {"quantities": quantities, "rules": rules}


def _for_page(look: Mapping[str, Any]) -> dict[str, Any]:
    line = look["linestyle"]
    dash = _DASHES[line] if isinstance(line, str) else line[1]
    return {"color": look["color"], "dash": list(dash), "marker": look.get("marker")}
