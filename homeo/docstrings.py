"""Complete docstrings, so that what many functions share is written once."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import cleandoc, signature
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


#: What most functions take that build a group.
NAME_OF_GROUP = entry("name : str, optional", "Name of the group.")


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


def described(
    parameters: str = "", raises: str = "", references: str = ""
) -> Callable[[Function], Function]:
    """Return a decorator that completes the docstring of a function.

    Parameters
    ----------
    parameters : str, optional
        Entries of parameters; all come into the order of the signature.
    raises, references : str, optional
        Entries to be put at the start of these sections.

    Returns
    -------
    callable
        The decorator; it changes nothing but the docstring.
    """

    def decorate(function: Function) -> Function:
        text = cleandoc(function.__doc__ or "")
        for section, entries in (
            ("Parameters", parameters),
            ("Raises", raises),
            ("References", references),
        ):
            if entries:
                text = with_entries(text, section, entries)
        function.__doc__ = _in_order(text, list(signature(function).parameters))
        return function

    return decorate


def _in_order(docstring: str, names: list[str]) -> str:
    """Bring the entries of the parameters into the order of a signature."""
    before, header, after = docstring.partition(_header("Parameters"))
    section, gap, rest = after.partition("\n\n")

    def position(text: str) -> int:
        first = re.match(r"\**(\w+)", text)[1]
        return names.index(first)

    # Only a head begins at the margin.
    entries = re.split(r"\n(?=\S)", section.rstrip()) if header else []
    ordered = "\n".join(sorted(entries, key=position))
    return f"{before}{header}{ordered}{gap}{rest}"


def _header(section: str) -> str:
    return f"{section}\n{'-' * len(section)}\n"
