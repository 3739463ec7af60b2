"""Write a table beside this file, and say in its first line what made it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import pandas as pd

HERE = Path(__file__).parent


def write_table(name: str, rows: Iterable[dict]) -> pd.DataFrame:
    """Write rows to a file as they come out of a computation, and return them.

    Parameters
    ----------
    name : str
        Name of the file.
    rows : iterable of dict
        The rows. What it takes to compute them is timed, and written down unless
        they are there already.

    Returns
    -------
    pandas.DataFrame
        The table.
    """
    start = perf_counter()
    table = pd.DataFrame(rows)
    versions = ", ".join(f"{p} {version(p)}" for p in ("Brian2", "numpy"))
    with open(HERE / name, "w", encoding="utf-8", newline="\n") as file:
        took = "" if isinstance(rows, list) else f"; {perf_counter() - start:.0f} s"
        file.write(f"# {versions}{took}\n")
        table.to_csv(file, index=False, lineterminator="\n")
    return table
