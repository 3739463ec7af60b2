"""A Sphinx extension that warns of widgets that would be dead in the book.

In a page a `homeo.Lab` starts by itself. Any other widget needs Jupyter's scripts,
which the book does without: they weigh as much as all the rest of a page.
"""

import nbformat
from sphinx.util import logging

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"

log = logging.getLogger(__name__)


def warn_of_dead_widgets(app, page, source):
    """Warn of each widget of a notebook that is shown and is no Lab."""
    path = app.env.doc2path(page)
    if not path.endswith(".ipynb"):
        return
    notebook = nbformat.reads(source[0], as_version=4)
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(VIEW)
            if view is None:
                continue
            model = models.get(view["model_id"], {})
            if "experiment" not in model.get("state", {}):
                name = model.get("model_name", "a widget that is not saved")
                log.warning(
                    "%s would be dead in the page; only a Lab is live there",
                    name,
                    location=path,
                )


def setup(app):
    """Register with Sphinx."""
    app.connect("source-read", warn_of_dead_widgets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
