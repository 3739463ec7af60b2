"""What the book says of widgets that no page can show."""

from types import SimpleNamespace

import nbformat
import pytest
import saved_widgets


def shown(saved):
    """Return the text of a notebook that shows one widget."""
    view = {saved_widgets.VIEW: {"model_id": "one"}}
    output = nbformat.v4.new_output("display_data", data=view)
    cell = nbformat.v4.new_code_cell("show", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["widgets"] = {saved_widgets.STATE: {"state": saved}}
    return nbformat.writes(notebook)


@pytest.fixture
def warnings(monkeypatch):
    """Return the list of widgets that the build warns of."""
    found = []
    monkeypatch.setattr(
        saved_widgets.log, "warning", lambda text, name, location: found.append(name)
    )
    return found


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        ({"one": {"model_name": "AnyModel", "state": {"experiment": "pair"}}}, []),
        ({"one": {"model_name": "IntSliderModel", "state": {}}}, ["IntSliderModel"]),
        ({"one": {"model_name": "AnyModel", "state": {}}}, ["AnyModel"]),
        ({}, ["a widget that is not saved"]),
    ],
    ids=["a Lab", "a slider", "another anywidget", "nothing saved"],
)
def test_warns_of_every_widget_but_a_lab(warnings, saved, expected):
    env = SimpleNamespace(doc2path=lambda page: f"{page}.ipynb")
    saved_widgets.warn_of_dead_widgets(SimpleNamespace(env=env), "a", [shown(saved)])
    assert warnings == expected


def test_reads_notebooks_only(warnings):
    env = SimpleNamespace(doc2path=lambda page: f"{page}.md")
    saved_widgets.warn_of_dead_widgets(SimpleNamespace(env=env), "a", ["# Words"])
    assert warnings == []
