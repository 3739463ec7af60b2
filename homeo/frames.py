"""A slider over pictures drawn beforehand: a control that needs no kernel."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from .checks import refuse


def slider_over_frames(
    plot: Callable[[Any, Figure], object],
    results: Sequence[Any],
    labels: Sequence[str],
    *,
    description: str,
    alt_text: str,
    start: int = 0,
    height: float = 2.8,
) -> ipywidgets.VBox:
    """Show one of several results, chosen with a slider, in the browser alone.

    Parameters
    ----------
    plot : callable
        Draws one result into a figure: ``plot(result, figure)``.
    results : sequence
        One result per position of the slider.
    labels : sequence of str
        What the slider shows at each position: a value with its unit.
    description : str
        The name of what the slider sets.
    alt_text : str
        What a frame shows, for readers who do not see it; ``{label}`` stands
        for the label.
    start : int, optional
        The position at the start.
    height : float, optional
        Height of a frame, in inches.

    Returns
    -------
    ipywidgets.VBox
        The slider above the frame. Its state holds everything that is shown.

    Raises
    ------
    ValueError
        If there is not one label for each result.
    """
    if len(labels) != len(results):
        raise refuse("labels", f"{len(labels)} labels", f"{len(results)} labels")
    images = []
    for result, label in zip(results, labels, strict=True):
        figure = plt.figure(figsize=(6.4, height))
        plot(result, figure)
        image = _image(figure, alt_text.format(label=label))
        images.append(ipywidgets.HTML(image, layout={"width": "100%", "margin": "0"}))
        plt.close(figure)
    frames = ipywidgets.Stack(images, selected_index=start)
    slider = ipywidgets.SelectionSlider(
        options=list(labels),
        index=start,
        description=description,
        style={"description_width": "initial"},
        layout={"width": "100%", "max_width": "36rem"},
    )
    ipywidgets.jslink((slider, "index"), (frames, "selected_index"))
    return ipywidgets.VBox([slider, frames])


def _image(figure: Figure, alt: str) -> str:
    drawn = io.StringIO()
    # Named by hash and without a date, the same figure gives the same bytes:
    # a notebook that is run again stays as it is.
    with plt.rc_context({"svg.hashsalt": "homeo"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    data = base64.b64encode(drawn.getvalue().encode()).decode()
    return (
        f'<img alt="{html.escape(alt, quote=True)}" style="width: 100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
