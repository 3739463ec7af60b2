"""Figures of chapter 6: where the loop rings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from brian2 import Hz, Quantity
from matplotlib.axes import Axes

from ..checks import check_quantity
from ._drawing import draws
from ._results import finite
from .styles import line_style, marker_style


@draws
def plot_ringing_map(
    swings: pd.DataFrame, gain_per_eta: Quantity, ax: Axes | None = None
) -> None:
    r"""Draw where in the plane of learning rate and :math:`\tau_H` a loop rings.

    The line is :math:`4 K \tau_H = 1`; the loop should ring where it is grey. Points
    are filled if the rate was seen to swing; the numbers are how often, and in
    brackets how often it was predicted to.

    Parameters
    ----------
    swings : pandas.DataFrame
        Swings that were counted: columns ``eta_s``, ``tau_H_s``, ``swings`` and
        ``predicted_swings``, one row for each point.
    gain_per_eta : Quantity
        The predicted gain over the learning rate, in Hz²; positive.
    """
    slope = float(check_quantity("gain_per_eta", gain_per_eta, Hz**2, above=0))
    eta, tau_H, counted, predicted = (
        finite("swings", swings[name])
        for name in ("eta_s", "tau_H_s", "swings", "predicted_swings")
    )
    # The line goes on beyond the points, for axes that are made longer.
    x, top = np.geomspace(eta.min() / 1000, eta.max() * 1000, 2), tau_H.max() * 3
    border = 1 / (4 * slope * x)
    ax.fill_between(x, border, top, color="#EEEEEE", linewidth=0)
    ax.plot(x, border, **line_style("theory"), label=r"$4 K \tau_H = 1$")
    seen = counted > 0
    for chosen, fill, label in ((seen, "full", "swings"), (~seen, "none", "does not")):
        style = {**marker_style("E"), "fillstyle": fill}
        ax.plot(eta[chosen], tau_H[chosen], **style, label=label)
    below = {"textcoords": "offset points", "xytext": (0, -14), "ha": "center"}
    for *point, n, expected in zip(eta, tau_H, counted, predicted, strict=True):
        ax.annotate(f"{n:.1f} ({expected:.1f})", point, **below, fontsize=8)
    ax.set(xscale="log", xlim=(eta.min() / 3, eta.max() * 3))
    ax.set(yscale="log", ylim=(tau_H.min() / 3, top))
    ax.set(xlabel=r"learning rate $\eta$ (s)", ylabel=r"$\tau_H$ (s)")
    ax.legend(loc="lower left")
