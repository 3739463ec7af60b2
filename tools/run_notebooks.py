"""Run notebooks and save them with their outputs and the state of their widgets.

The saved file depends only on the notebook and the results: metadata that
differ from machine to machine are dropped, and widgets are numbered instead of
named at random. So a notebook whose results have not changed does not change.

Usage: ``python tools/run_notebooks.py NOTEBOOK...``
"""

import base64
import io
import re
import sys
import uuid
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image, ImageChops

METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
# Metadata of a cell that are written by hand; all else comes from a program.
CELL_METADATA = {"editable", "mystnb", "slideshow", "tags"}
# Of 255 levels of a colour: such a change is not seen.
MOST_CHANGE = 4
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def number_widgets(notebook, seed):
    """Return the notebook with widgets named by number, not at random."""
    widgets = notebook.metadata.get("widgets", {})
    names = widgets.get(WIDGET_STATE, {}).get("state", {})
    text = nbformat.writes(notebook)
    for number, name in enumerate(names):  # in the order they were made
        text = text.replace(
            name, uuid.uuid5(uuid.NAMESPACE_URL, f"{seed}/{number}").hex
        )
    return nbformat.reads(text, as_version=4)


def forget_addresses(output):
    """Replace addresses in memory in the printed form of objects, in place."""
    text = output.get("data", {}).get("text/plain")
    if text:
        output["data"]["text/plain"] = re.sub(r"(?<= at )0x[0-9a-f]+", "0x0", text)


def slim_picture(output):
    """Make a picture smaller, in place, by what nobody can tell."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
        full = picture.convert("RGB")
        few = full.quantize(
            256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        change = ImageChops.difference(full, few.convert("RGB"))
        shown = max(high for _, high in change.getextrema()) > MOST_CHANGE
        file = io.BytesIO()
        # Figures are opaque: without the alpha channel nothing is lost.
        (full if shown else few).save(file, "png", optimize=True)
        data["image/png"] = base64.b64encode(file.getvalue()).decode()


def run(path):
    """Run one notebook and save it."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=True,
        record_timing=False,
        coalesce_streams=True,
        timeout=600,
        # Newer kernels warn that they talk unencrypted to this very machine.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    ).execute()
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.from_dict(METADATA)
    if widgets:
        notebook.metadata["widgets"] = widgets
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in cell.metadata if key in CELL_METADATA}
        )
        for output in cell.get("outputs", []):
            forget_addresses(output)
            slim_picture(output)
    nbformat.write(number_widgets(notebook, path.name), path)


def main(names):
    """Run the notebooks named."""
    for name in names:
        print(name, flush=True)
        run(Path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
