"""Save the first figure of the landing page as the picture of the README.

Usage: ``python tools/readme_picture.py``
"""

import base64
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "_static" / "readme.png"


def first_picture(notebook):
    """Return the bytes of the first PNG among the outputs of a notebook."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                return base64.b64decode(output["data"]["image/png"])
    raise ValueError("chapters/index.ipynb: no figure among its outputs")


if __name__ == "__main__":
    landing_page = nbformat.read(ROOT / "chapters" / "index.ipynb", as_version=4)
    PICTURE.write_bytes(first_picture(landing_page))
