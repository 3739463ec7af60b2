"""The drawings of the mechanism: legible, and the same at every run."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from homeo import plotting

DRAWINGS = {
    "draw_loop": ["excitatory cells", "inhibitory cells", "$H$", "$w$"],
    "draw_shared_factor": ["$G$"],
    "draw_pair": ["weight $w$", "lag $Δ$", "$+ηG$"],
    "draw_delays": ["weights", "$H$", "once around: gain $K$"],
    "draw_knowledge": ["global", "local"],
    "draw_network": ["excitatory cells", "inhibitory cells", "learn: $w$"],
}


@pytest.fixture(params=DRAWINGS)
def drawing(request):
    with plt.style.context("homeo.book"):
        ax = getattr(plotting, request.param)()
        ax.figure.canvas.draw()
        yield request.param, ax
        plt.close(ax.figure)


def words(ax):
    return [text for text in ax.findobj(Text) if text.get_text()]


def test_says_who_is_who(drawing):
    name, ax = drawing
    assert set(DRAWINGS[name]) <= {text.get_text() for text in words(ax)}


def test_letters_can_be_read_on_a_phone(drawing):
    """A page 360 px wide shows 4.8 inches (461 px) at 0.7 of their size."""
    _, ax = drawing
    width, _ = ax.figure.get_size_inches()
    assert width == pytest.approx(4.8)
    assert min(text.get_fontsize() for text in words(ax)) >= 9


def test_no_word_leaves_the_picture(drawing):
    _, ax = drawing
    sheet = ax.figure.bbox.padded(1)
    for text in words(ax):
        box = text.get_window_extent()
        assert Bbox.intersection(sheet, box).bounds == box.bounds, text.get_text()


def test_no_word_stands_on_another(drawing):
    _, ax = drawing
    boxes = [(t.get_text(), t.get_window_extent().shrunk(0.9, 0.7)) for t in words(ax)]
    for n, (one, box) in enumerate(boxes):
        for other, its_box in boxes[n + 1 :]:
            assert not box.overlaps(its_box), (one, other)


def test_is_the_same_at_every_run(drawing):
    name, ax = drawing
    first = plotting.as_svg(ax.figure).data
    again = plotting.as_svg(getattr(plotting, name)().figure).data
    assert first == again
    assert len(first) < 45_000
    assert plt.get_fignums() == []
