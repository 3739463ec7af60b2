"""The built book, read in a browser as a reader would.

Every page is opened from a web server on this machine and as a file. The tests
need the book (``make book``) and a browser; see `browser.py`.
"""

import re

import pytest
from browser import AXE, HTML, new_window, violations

# The outer index.html only leads to the landing page; it has a test of its own.
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in (*HTML.glob("*.html"), *HTML.glob("chapters/**/*.html"))
    if path != HTML / "index.html"
)

#: Pages that a person wrote, word by word; those in api/ come from docstrings.
WRITTEN = [p for p in PAGES if re.match(r"chapters/(?!api/)", p)]

#: What must not be wider than its box: there, nobody sees that something is missing.
BLOCKS = (
    ".bd-article :is(mjx-container[display], div.math, pre,"
    " .cell_output > .output, .pst-scrollable-table-container)"
)


def load(page, address):
    """Open a page and wait until its equations, its Lab and its letters are there."""
    page.goto(address, wait_until="load")
    if page.locator(".tag_lab").count():
        page.wait_for_selector(".homeo-lab[data-state=live]")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate("() => document.fonts.ready")


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
            if message.type in ("error", "warning")
            else None
        ),
    )
    load(page, f"{address}/{request.param}")
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
    assert complaints == []


def test_fits_a_narrow_screen(opened):
    page, _, _ = opened
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_cut_off(opened, width):
    page, _, _ = opened
    page.set_viewport_size({"width": width, "height": 740})
    cut_off = page.evaluate(
        """blocks => [...document.querySelectorAll(blocks)]
          .filter(block => block.clientWidth && !block.closest(".homeo-lab")
            && block.scrollWidth > block.clientWidth + 1)
          .map(block => [block.tagName, block.scrollWidth, block.clientWidth,
            block.textContent.trim().slice(0, 80)])""",
        BLOCKS,
    )
    page.set_viewport_size({"width": 360, "height": 740})
    assert cut_off == []


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


def test_says_what_it_is_about(opened):
    page, _, _ = opened
    if "/chapters/" not in page.url:
        return  # an index or the search, which Sphinx makes
    head = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("head meta")]
          .map(tag => [tag.getAttribute("property") ?? tag.name, tag.content]))"""
    )
    for key in ("description", "og:title", "og:description"):
        assert head.get(key, "").strip(), key
    assert page.locator("head link[rel=icon]").count() == 1
    assert "CC BY 4.0" in page.locator(".bd-footer-content").inner_text()


# --- For everyone, on every screen and on paper ------------------------------


@pytest.fixture(scope="module", params=WRITTEN or ["any page"])
def on_screen(request, browser, server):
    """Yield a page in a window of a desk, with axe."""
    context = new_window(browser, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    load(page, f"{server}/{request.param}")
    page.add_script_tag(path=AXE)
    yield page
    context.close()


def test_axe_finds_nothing_in_light(on_screen):
    on_screen.evaluate("document.documentElement.dataset.theme = 'light'")
    assert violations(on_screen, ".bd-article") == []


def test_words_stand_out_in_dark(on_screen):
    on_screen.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert violations(on_screen, ".bd-article", "color-contrast") == []


def test_words_stand_out_on_paper_from_the_dark_theme(on_screen):
    on_screen.evaluate("document.documentElement.dataset.theme = 'dark'")
    on_screen.emulate_media(media="print")
    try:
        body = "getComputedStyle(document.body).backgroundColor"
        assert on_screen.evaluate(body) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        assert violations(on_screen, ".bd-article", "color-contrast") == []
    finally:
        on_screen.emulate_media(media="screen")


def test_paper_shows_hints_and_the_still_of_a_lab(on_screen):
    on_screen.emulate_media(media="print")
    try:
        shown = "e => e.checkVisibility() && e.getBoundingClientRect().height > 0"
        for hint in on_screen.locator(
            ".admonition.dropdown:not(.solution) > p:not(.admonition-title)"
        ).all():
            assert hint.evaluate(shown)
        for solution in on_screen.locator(".admonition.solution").all():
            assert not solution.evaluate(shown)
        for lab in on_screen.locator(".cell.tag_lab").all():
            assert not lab.evaluate(shown)
        for still in on_screen.locator(".cell.tag_lab-still img").all():
            assert still.evaluate(shown)
    finally:
        on_screen.emulate_media(media="screen")


def test_a_term_says_what_it_means(on_screen):
    terms = on_screen.locator(".bd-article p > a[href*='glossary.html#term-']")
    if not terms.count():
        return
    terms.first.focus()
    tip = on_screen.locator(".tippy-box").first
    tip.wait_for()
    assert len(tip.inner_text().split()) > 3
