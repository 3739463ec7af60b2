"""Build the book with Jupyter Book; a warning is an error.

Says nothing but warnings, and ends with the address of the page to open.

Usage: ``python tools/build_book.py``
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAGE = ROOT / "_build" / "html" / "index.html"
READ_PAGES = ROOT / "_build" / ".doctrees"


def main() -> int:
    """Build the book."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", ROOT]
    options = ["--warningiserror", "--nitpick", "--keep-going", "--quiet"]
    build = subprocess.run(command + options, stdout=subprocess.DEVNULL)
    if build.returncode:
        # Sphinx would not read the pages again and so forget their warnings.
        shutil.rmtree(READ_PAGES, ignore_errors=True)
        print("The book has warnings; they are printed above.", file=sys.stderr)
        return build.returncode
    print(f"The book is built. Open {FIRST_PAGE.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
