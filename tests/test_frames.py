"""The slider over frames works without a kernel: all it shows is in its state."""

import base64
import re

import ipywidgets
import pytest

from homeo.frames import slider_over_frames


def draw(number, figure):
    figure.subplots().plot([0, number])


def frames_of(box):
    return box.children[1]


def test_slider_is_linked_in_the_browser():
    """A `jslink` needs no Python; the link is part of the widget state."""
    box = slider_over_frames(
        draw,
        [1, 2, 3],
        ["1 ms", "2 ms", "3 ms"],
        description="lag",
        alt_text="lag {label}",
        start=1,
    )
    slider, frames = box.children
    assert (slider.index, frames.selected_index) == (1, 1)
    assert slider.value == "2 ms"
    links = [
        w
        for w in ipywidgets.widgets.widget._instances.values()
        if isinstance(w, ipywidgets.widgets.widget_link.Link) and w.source[0] is slider
    ]
    assert [(w.source[1], w.target) for w in links] == [
        ("index", (frames, "selected_index"))
    ]


def test_every_frame_is_a_picture_with_words():
    box = slider_over_frames(
        draw, [1, 2], ["a", "b"], description="x", alt_text='size "{label}"'
    )
    for frame, label in zip(frames_of(box).children, "ab", strict=True):
        assert f'alt="size &quot;{label}&quot;"' in frame.value
        data = re.search(r"base64,([^\"]+)", frame.value)[1]
        assert base64.b64decode(data).startswith(b"<?xml")


def test_same_figure_gives_the_same_bytes():
    """So a notebook that is run again does not change."""
    first, second = (
        slider_over_frames(draw, [1], ["a"], description="x", alt_text="{label}")
        for _ in range(2)
    )
    assert frames_of(first).children[0].value == frames_of(second).children[0].value


def test_one_label_for_each_frame():
    with pytest.raises(ValueError, match=r"labels: got '1 labels'; allowed: 2 labels"):
        slider_over_frames(draw, [1, 2], ["a"], description="x", alt_text="{label}")
