"""The tables of the book: what takes too long for a notebook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from .checks import refuse

#: Where the tables are, seen from the folder that holds the chapters.
DATA = Path("data")


def table_path(name: str) -> Path:
    """Find a table of the book, from whichever folder a chapter runs.

    Parameters
    ----------
    name : str
        Name of the file.

    Returns
    -------
    Path
        The first that is there: in ``data`` or ``chapters/data`` of the current
        folder, or beside the package.

    Raises
    ------
    ValueError
        If there is none.
    """
    beside_package = Path(__file__).resolve().parents[1] / "chapters"
    folders = [base / DATA for base in (Path(), Path("chapters"), beside_package)]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(str(folder) for folder in folders)
    raise refuse("name", name, f"a file in one of {looked}")


def read_table(name: str, **options: object) -> pd.DataFrame:
    """Read a table of the book.

    Parameters
    ----------
    name : str
        Name of the file.
    **options
        Passed on to `pandas.read_csv`.

    Returns
    -------
    pandas.DataFrame
        The table; lines that begin with ``#`` say where it comes from.

    Raises
    ------
    ValueError
        If there is no such table.

    Examples
    --------
    >>> read_table("example_seed1.csv").shape
    (5, 4)
    """
    return pd.read_csv(table_path(name), comment="#", **options)
