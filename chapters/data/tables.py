"""Measure point by point, and write tables that say what made them.

A measurement keeps each point as soon as it is measured: interrupted, it goes on
where it was. The first line of a table names the identity of what made it: the
programs, the points, and the tables that were needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from homeo.runs.recording import identity_of

HERE = Path(__file__).parent

#: Where points are kept until all are measured.
UNFINISHED = HERE / "unfinished"

Point = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Points, and how each is measured.

    Parameters
    ----------
    tables : tuple of str
        The files that are written.
    points : sequence of mapping
        Arguments of `measure`, in the order of the rows. Points whose words differ
        run different programs.
    measure : callable
        Takes a point; returns its rows by the name of the file.
    needs : tuple of str, optional
        Tables that are read.
    simulated : bool, optional
        Whether Brian2 runs at all.
    """

    tables: tuple[str, ...]
    points: Sequence[Point]
    measure: Callable[..., Mapping[str, list[dict]]]
    needs: tuple[str, ...] = ()
    simulated: bool = True

    def identity(self) -> str:
        """Return a hash of what makes the tables; nothing is compiled for it."""
        of_each_kind = {
            tuple(v for v in point.values() if isinstance(v, str)): point
            for point in reversed(self.points)
        }
        parts = [json.dumps([dict(point) for point in self.points])]
        if self.simulated:
            parts += [
                identity_of(self.measure, **point)
                for _, point in sorted(of_each_kind.items())
            ]
        parts += [_rows(HERE / name) for name in self.needs]
        return sha256("\n".join(parts).encode()).hexdigest()

    def write(self) -> None:
        """Measure what is not measured yet, and write the tables."""
        identity = self.identity()
        kept = _Kept(UNFINISHED / f"{self.tables[0]}.jsonl", identity)
        done = kept.read()
        seconds = sum(entry["seconds"] for entry in done)
        for k, point in enumerate(self.points[len(done) :], start=len(done)):
            before = perf_counter()
            rows = self.measure(**point)
            entry = {"rows": rows, "seconds": perf_counter() - before}
            kept.add(entry)
            done.append(entry)
            seconds += entry["seconds"]
            n = len(self.points)
            left = seconds / (k + 1) * (n - k - 1)
            print(f"{self.tables[0]}: {k + 1} of {n}, {left:.0f} s left", flush=True)
        for name in self.tables:
            rows = [row for entry in done for row in entry["rows"][name]]
            _write(HERE / name, identity, seconds, rows)
        kept.path.unlink(missing_ok=True)


class _Kept:
    """The points of one measurement that are there already, a line for each."""

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity

    def read(self) -> list[dict]:
        """Return the entries of the same identity; begin anew where it is another."""
        entries = list(self._lines())
        if not entries or entries[0] != {"identity": self.identity}:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(json.dumps({"identity": self.identity}) + "\n")
            return []
        return entries[1:]

    def _lines(self) -> Iterator[dict]:
        # The last line may be half there: it is measured again.
        text = self.path.read_text() if self.path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self.path.write_text(whole)
        return map(json.loads, whole.splitlines())

    def add(self, entry: dict) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def _rows(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def _write(path: Path, identity: str, seconds: float, rows: list[dict]) -> None:
    versions = ", ".join(f"{p} {version(p)}" for p in ("Brian2", "numpy"))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {versions}; {seconds:.0f} s; identity {identity}\n")
        pd.DataFrame(rows).to_csv(file, index=False, lineterminator="\n")


def points(**values: Sequence) -> list[dict]:
    """Return every combination of values, the last one changing fastest.

    Parameters
    ----------
    **values
        By name.

    Returns
    -------
    list of dict
        Points of a `Measurement`.
    """
    grid = pd.MultiIndex.from_product(values.values(), names=list(values))
    return grid.to_frame(index=False).to_dict("records")
