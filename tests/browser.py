"""A browser, and a server for the built book, for tests and benchmarks.

Where Chromium or the book is missing, tests are skipped, but on a machine that
sets ``CI`` they fail. ``CHROMIUM`` names another browser than the first one found.
"""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: How long anything in a page may take, in milliseconds: the machine may be busy.
TIMEOUT = 120_000


def new_window(browser, **options):
    """Open a window that waits for what it needs, whatever else the machine does.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
        The browser.
    **options
        As of ``browser.new_context``.

    Returns
    -------
    playwright.sync_api.BrowserContext
        The window.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT)
    return context


def violations(page, part: str, *rules: str) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong in a part of a page, into which axe was put.

    Parameters
    ----------
    page : playwright.sync_api.Page
        The page.
    part : str
        CSS selector.
    *rules : str
        Names of rules; without any, all.

    Returns
    -------
    list
        Name of each rule that is violated, and the elements that do so.
    """
    options = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("([part, o]) => axe.run(part, o)", [part, options])
    assert found["passes"], f"axe had nothing to look at in {part}"
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in found["violations"]
    ]


def what_is_missing(pages: list) -> str | None:
    """Return what the tests of the pages lack, or None."""
    if not pages:
        return "There is no book; run `make book`."
    if not CHROMIUM or not Path(CHROMIUM).exists():
        return "There is no chromium; install it or set CHROMIUM."
    return None


class Handler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def served(directory: Path = HTML) -> Iterator[str]:
    """Serve a directory on this machine; yield its address."""
    handler = partial(Handler, directory=directory)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


#: What a page loads, by a part of its address; the first that fits counts.
PARTS = {
    "/_images/": "figures",
    "/favicon.svg": "figures",
    ".woff2": "fonts",
    "/vendor/lab": "the Lab",
    "/vendor/mathjax/": "MathJax",
    "/vendor/": "hints beside links",
    ".css": "styles",
    ".js": "scripts of the theme",
    ".html": "the page",
}


def page_weight(context, address: str, ready: str) -> dict[str, int]:
    """Return what a page makes a browser load, in bytes compressed with gzip.

    Parameters
    ----------
    context : playwright.sync_api.BrowserContext
        A window that has loaded nothing yet.
    address : str
        Address of the page on a server.
    ready : str
        What to wait for, a CSS selector.

    Returns
    -------
    dict
        Bytes by part.
    """
    page = context.new_page()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector(ready)
    page.evaluate(
        """() => Promise.all([...document.images].map(image => {
          image.loading = "eager";
          return image.decode().catch(() => {});
        }))"""
    )
    parts = {}
    for response in responses:
        if not response.ok or not response.url.startswith("http"):
            continue
        part = next(p for key, p in PARTS.items() if key in response.url)
        parts[part] = parts.get(part, 0) + len(gzip.compress(response.body()))
    page.close()
    return parts
