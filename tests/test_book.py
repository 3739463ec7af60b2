"""The built book, read in a browser as a reader would.

Every page is opened from a web server on this machine and as a file. The tests
need the book (``make book``) and Debian's chromium; ``CHROMIUM`` names another
one. Where one of both is missing the tests are skipped, but on a machine that
sets ``CI`` they fail.
"""

import os
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
# The outer index.html only leads to the landing page; it has a test of its own.
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in (*HTML.glob("*.html"), *HTML.glob("chapters/**/*.html"))
    if path != HTML / "index.html"
)

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

# Messages on the console that are no fault of a page.
HARMLESS = [
    # sphinx-thebe writes its settings into each page twice; thebe is not used.
    re.compile(r"Identifier 'THEBE_JS_URL' has already been declared"),
    # A browser asks a server for an icon; the book has none.
    re.compile(r"Failed to load resource: .* 404 .*/favicon\.ico"),
]

# The pictures that a reader sees in the output that holds a slider.
PICTURES = """slider => {
  const output = slider.closest(".cell_output") ?? document.body;
  return [...output.querySelectorAll("img, svg, canvas")]
    .filter(picture => picture.getClientRects().length)
    .map(picture =>
      picture instanceof HTMLCanvasElement ? picture.toDataURL()
      : picture instanceof HTMLImageElement ? picture.src
      : picture.outerHTML)
    .join();
}"""
SLIDERS = ".bd-content :is(.noUi-handle, [role=slider], input[type=range])"


def unable(reason):
    """Skip the tests, but fail on a machine that should be able to run them."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    if not PAGES:
        unable("There is no book; run `make book`.")
    if not CHROMIUM or not Path(CHROMIUM).exists():
        unable("There is no chromium; install it or set CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_context(viewport={"width": 360, "height": 740})
        browser.close()


class Handler(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module", params=["server", "file"])
def address(request):
    """Yield the address of the book."""
    if request.param == "file":
        yield HTML.as_uri()
        return
    handler = partial(Handler, directory=HTML)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module", params=PAGES or ["any page"])
def opened(request, browser, address):
    """Yield one page in the browser, and the requests and complaints it made."""
    page = browser.new_page()
    requests, complaints = [], []
    page.on("request", lambda sent: requests.append(sent.url))
    page.on("pageerror", lambda error: complaints.append(error.message))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location.get('url', '')}")
            if message.type == "error"
            else None
        ),
    )
    page.goto(f"{address}/{request.param}", wait_until="load")
    views = 'script[type="application/vnd.jupyter.widget-view+json"]'
    page.wait_for_function(
        "views => [...document.querySelectorAll(views)].every(view =>"
        " view.parentElement.querySelector('.jupyter-widgets, .lm-Widget'))",
        arg=views,
    )
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate("() => document.fonts.ready")
    yield page, requests, complaints
    page.close()


def test_index_leads_to_the_first_chapter(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/chapters/index.html")
    assert page.locator(".bd-article h1").count() == 1
    page.close()


def test_nothing_leaves_the_machine(opened, address):
    _, requests, _ = opened
    assert requests
    own = (address, "data:", "blob:")
    assert [url for url in requests if not url.startswith(own)] == []


def test_nothing_complains(opened):
    _, _, complaints = opened
    assert [
        complaint
        for complaint in complaints
        if not any(harmless.search(complaint) for harmless in HARMLESS)
    ] == []


def test_fits_a_narrow_screen(opened):
    page, _, _ = opened
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_images_load_and_have_words(opened):
    page, _, _ = opened
    images = page.evaluate(
        """() => Promise.all([...document.images].map(async image => {
          image.loading = "eager";
          await image.decode().catch(() => {});
          return [image.src.slice(0, 99), image.naturalWidth, image.alt];
        }))"""
    )
    for source, width, alt in images:
        assert width > 0, source
        assert alt.strip(), source
        assert not re.search(r"\.(png|svg|jpe?g)$|/", alt), f"{source}: alt is {alt}"


def test_equations_are_typeset(opened):
    page, _, _ = opened
    equations = page.locator(".bd-content .math").count()
    assert page.locator(".bd-content mjx-container").count() >= equations
    assert page.locator("mjx-merror").count() == 0


def test_sliders_change_the_picture(opened):
    page, _, _ = opened
    sliders = page.locator(SLIDERS)
    for number in range(sliders.count()):
        slider = sliders.nth(number)
        if not slider.is_visible():
            continue
        before = slider.evaluate(PICTURES)
        assert before, f"slider {number} has no picture"
        for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
            slider.press(key)
            page.wait_for_timeout(300)
            if slider.evaluate(PICTURES) != before:
                break
        else:
            pytest.fail(f"slider {number} changes nothing")
