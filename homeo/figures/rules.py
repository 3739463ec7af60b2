"""Figures of chapter 7: networks that learn by different rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..checks import refuse
from ._drawing import draws
from ._results import check_one_row_each, finite, panels
from .loop import plot_cells
from .styles import line_of, line_style, marker_style, rule_label, rule_looks


@draws
def plot_courses_by_rule(courses: pd.DataFrame, ax: Axes | None = None) -> None:
    """Draw the rate under each rule against time: mean and range of the seeds.

    One line and one band for each rule, on a logarithmic axis.

    Parameters
    ----------
    courses : pandas.DataFrame
        Columns ``rule``, ``seed``, ``time_s`` and ``rate_E_hz``, one row for each
        rule, seed and time. A rule is ``"none"`` where the synapses do not learn;
        rules that the book does not know get looks of their own.
    """
    check_one_row_each("courses", courses, ["rule", "seed", "time_s"])
    looks = rule_looks(courses.rule)
    for rule, of_rule in courses.groupby("rule", sort=False):
        rates = of_rule.groupby("time_s").rate_E_hz.agg(["mean", "min", "max"])
        line = line_of(looks[rule])
        band = {"color": line["color"], "alpha": 0.25, "linewidth": 0}
        ax.fill_between(rates.index, rates["min"], rates["max"], **band)
        ax.plot(rates["mean"], **line, label=rule_label(rule))
    ax.set(xlabel="time (s)", ylabel="rate of E (Hz)", yscale="log")
    ax.yaxis.set_major_formatter("{x:g}")


@draws
def plot_cells_by_rule(
    rates: Mapping[str, np.ndarray], bins: np.ndarray, axes: Sequence[Axes]
) -> None:
    """Draw how many cells fire at which rate, a histogram for each rule.

    Each panel says the mean and the standard deviation of its cells.

    Parameters
    ----------
    rates : mapping of str to numpy.ndarray
        Rate of each cell, in Hz, by rule, or under ``"none"``.
    axes : sequence of matplotlib.axes.Axes
        One for each rule.
    """
    for (rule, of_cells), ax in zip(
        rates.items(), panels(axes, len(rates)), strict=True
    ):
        plot_cells(of_cells, bins, "E", ax).set_title(rule_label(rule))
        facts = f"{np.mean(of_cells):.2f} ± {np.std(of_cells, ddof=1):.2g} Hz"
        ax.text(0.97, 0.93, facts, transform=ax.transAxes, ha="right", va="top")


@draws
def plot_counts_twice(
    first: np.ndarray, second: np.ndarray, ax: Axes | None = None
) -> None:
    """Draw the rate of each cell in one stretch of time against that in another.

    Along the diagonal lie the rates that the cells have; across it, the noise of
    counting.

    Parameters
    ----------
    first, second : numpy.ndarray
        Rate of each cell in either stretch, in Hz.
    """
    first, second = finite("first", first), finite("second", second)
    if len(first) != len(second):
        raise refuse("second", f"{len(second)} cells", f"{len(first)}, as in first")
    ax.axline((0, 0), slope=1, **line_style("target"), linewidth=1)
    ax.plot(first, second, **marker_style("E"), markersize=3, alpha=0.4)
    ax.set(xlabel="rate, first count (Hz)", ylabel="rate, second count (Hz)")
    ax.set_aspect("equal")
