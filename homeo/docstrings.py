"""Complete docstrings, so that what many functions share is written once."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from textwrap import fill, indent
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)

#: The sections of numpydoc that the package uses, in their order.
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")


def entry(head: str, text: str) -> str:
    """Write one entry of a section of numpydoc.

    Parameters
    ----------
    head : str
        What is described, such as ``rate : Quantity``.
    text : str
        The description.

    Returns
    -------
    str
        The entry, with its line breaks.
    """
    # A formula or a literal may not be torn apart.
    lines = fill(text, 80, break_long_words=False, break_on_hyphens=False)
    return f"{head}\n{indent(lines, '    ')}\n"


def with_entries(docstring: str, section: str, entries: str) -> str:
    """Put entries at the start of a section of a docstring.

    Parameters
    ----------
    docstring : str
        The docstring, without indentation.
    section : str
        One of `SECTIONS`; made where the docstring has none.
    entries : str
        The entries.

    Returns
    -------
    str
        The longer docstring.
    """
    if _header(section) in docstring:
        return docstring.replace(_header(section), _header(section) + entries, 1)
    whole = f"{_header(section)}{entries}"
    for later in SECTIONS[SECTIONS.index(section) + 1 :]:
        before, header, after = docstring.partition(_header(later))
        if header:
            return f"{before}{whole}\n{header}{after}"
    return f"{docstring}\n\n{whole}".rstrip()


def described(parameters: str = "", raises: str = "") -> Callable[[Function], Function]:
    """Return a decorator that completes the docstring of a function.

    Parameters
    ----------
    parameters, raises : str, optional
        Entries to be put at the start of these sections.

    Returns
    -------
    callable
        The decorator; it changes nothing but the docstring.
    """

    def decorate(function: Function) -> Function:
        text = cleandoc(function.__doc__ or "")
        for section, entries in (("Parameters", parameters), ("Raises", raises)):
            if entries:
                text = with_entries(text, section, entries)
        function.__doc__ = text
        return function

    return decorate


def _header(section: str) -> str:
    return f"{section}\n{'-' * len(section)}\n"
