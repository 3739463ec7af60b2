"""Fixtures shared by the tests of the package."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path

import brian2
import pytest
from browser import CHROMIUM, FLAGS, HTML, ROOT, TIMEOUT, served, what_is_missing
from engines import Programs
from playwright.sync_api import expect, sync_playwright

#: What is compiled is kept here for the next session, not in the user's cache.
CACHE = ROOT / "_build" / "cache"

os.environ["HOMEO_CACHE"] = str(CACHE)
brian2.prefs.codegen.runtime.cython.cache_dir = str(CACHE / "cython")
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def data() -> Path:
    """Directory of the reference files, which the chapters read too."""
    return Path(__file__).parents[1] / "chapters" / "data"


@pytest.fixture
def silent(capfd):
    """Fail if the test prints, or makes Brian2 log, anything at all."""
    records = []
    handler = logging.Handler(logging.INFO)
    handler.emit = records.append
    logger = logging.getLogger("brian2")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    assert [record.getMessage() for record in records] == []
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def nothing_runs(monkeypatch):
    """Fail if a simulation starts."""

    def refuse(*_args, **_kwargs):
        pytest.fail("a simulation ran")

    monkeypatch.setattr(brian2.Network, "run", refuse)


@pytest.fixture
def refused(nothing_runs):
    """Return a context in which an argument must be refused before anything runs."""

    @contextmanager
    def context(name, value, allowed):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - checked below
            yield
        head, _, tail = str(caught.value).partition("; allowed: ")
        shown = repr(value)
        expected = f"{name}: got {shown}"
        assert head == (expected if len(shown) <= 120 else head)
        assert head.startswith(expected[: len(name) + 80])
        assert allowed in tail

    return context


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Return the programs of the Lab's experiments, shared by all workers."""
    return Programs(CACHE / "engines")


@pytest.fixture(scope="session")
def browser():
    """Yield a browser; where one, or the book, is missing, skip or, on CI, fail."""
    missing = what_is_missing(list(HTML.glob("chapters/*.html")))
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server():
    """Yield the address of the book on a server of this machine."""
    with served() as address:
        yield address


@pytest.fixture(scope="session", params=["server", "file"])
def address(request, server):
    """Yield the address of the book, on a server and as a file."""
    return server if request.param == "server" else HTML.as_uri()
