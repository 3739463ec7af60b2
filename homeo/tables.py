"""The tables of the book: what takes too long for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from .checks import refuse
from .figures.styles import rule_label

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


#: What to call the columns of the tables where people read them.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "eta": "η",
        "eta_s": "η (s)",
        "tau_H_s": "τ_H (s)",
        "time_s": "time (s)",
        "w_0": "w at the start",
        "w": "mean w",
        "w_end": "mean w at the end",
        "rate_E_hz": "rate of E (Hz)",
        "rate_I_hz": "rate of I (Hz)",
        "H_hz": "H (Hz)",
        "end_rate_hz": "rate at the end (Hz)",
        "settle_s": "settled after (s)",
        "sd_of_cells_hz": "s.d. between cells (Hz)",
        "silent_cells": "silent cells",
    }
)


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as a person would write it: names, units, labels of rules.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns and levels of the index as in the tables of the book. What `LABELS`
        does not know keeps its name.

    Returns
    -------
    pandas.DataFrame
        Rules by their label. The first column is the index, its name in the corner,
        so that the heading is one line; other levels of the index have become columns.

    Examples
    --------
    >>> runs = read_table("network_runs.csv")
    >>> print(labelled(runs.groupby("rule")[["end_rate_hz"]].mean().round(1)))
    rule            rate at the end (Hz)
    example's rule                   0.7
    paper's rule                     3.1
    """
    flat = table.reset_index()
    if "rule" in flat:
        flat["rule"] = flat["rule"].map(rule_label)
    labelled = flat.rename(columns=LABELS)
    first = labelled.columns[0]
    return labelled.set_index(first).rename_axis(index=None, columns=first)
