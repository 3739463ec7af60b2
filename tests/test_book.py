"""The built book, read in a browser as a reader would.

Every page is opened from a web server on this machine and as a file. The tests
need the book (``make book``) and a browser; see `browser.py`.
"""

import re

import pytest
from browser import HTML, new_window

# The outer index.html only leads to the landing page; it has a test of its own.
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in (*HTML.glob("*.html"), *HTML.glob("chapters/**/*.html"))
    if path != HTML / "index.html"
)

# Messages on the console that are no fault of a page.
HARMLESS = [
    # sphinx-thebe writes its settings into each page twice; thebe is not used.
    re.compile(r"Identifier 'THEBE_JS_URL' has already been declared"),
    # A browser asks a server for an icon; the book has none.
    re.compile(r"Failed to load resource: .* 404 .*/favicon\.ico"),
]


@pytest.fixture(scope="module")
def narrow(browser):
    """Yield a window as narrow as a telephone's."""
    context = new_window(browser, viewport={"width": 360, "height": 740})
    yield context
    context.close()


@pytest.fixture(scope="module", params=PAGES or ["any page"])
def opened(request, narrow, address):
    """Yield one page in the browser, and the requests and complaints it made."""
    page = narrow.new_page()
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
    if page.locator(".tag_lab").count():
        page.wait_for_selector(".homeo-lab[data-state=live]")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate("() => document.fonts.ready")
    yield page, requests, complaints
    page.close()


def test_index_leads_to_the_first_chapter(narrow, address):
    page = narrow.new_page()
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
