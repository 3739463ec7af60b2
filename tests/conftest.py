"""Fixtures shared by the tests of the package."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path

import brian2
import pytest


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
