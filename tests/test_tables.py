"""The tables of the book: found from anywhere, never stale, measured only once."""

from __future__ import annotations

import importlib
import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
import tables
from brian2 import Hz, ms
from tables import HERE, Measurement, points

from homeo import ZENKE_2015, simulate_global_factor, simulate_window
from homeo.runs.recording import identity_of
from homeo.tables import read_table, table_path

MEASUREMENTS = {
    measurement.tables[0]: measurement
    for script in ("network", "rules", "stability")
    for measurement in importlib.import_module(script).MEASUREMENTS
}


def header(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").partition("\n")[0]


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_tables_are_made_by_the_programs_of_today(name):
    """Another model, other points, or another table underneath: run `make data`."""
    measurement = MEASUREMENTS[name]
    identity = measurement.identity()
    for table in measurement.tables:
        made_by = header(table).partition("identity ")[2]
        assert len(made_by) == 64, table
        # Another version of Brian2 writes another program for the same model.
        if f"Brian2 {version('brian2')}," in header(table):
            assert identity == made_by, f"{table}: run `make data`"


def test_every_measured_table_belongs_to_a_measurement():
    """What came from elsewhere says so itself; all else is measured by a script."""
    elsewhere = {"auryn_single_pairs", "auryn_network_ringing", "example_seed1"}
    benchmarks = {"network_cost", "sharing_cost", "window_cost"}
    measured = {t for m in MEASUREMENTS.values() for t in m.tables}
    found = {path.name for path in HERE.glob("*.csv")}
    assert found == measured | {f"{name}.csv" for name in elsewhere | benchmarks}


@pytest.mark.parametrize("folder", ["", "chapters", "chapters/data", "elsewhere"])
def test_a_table_is_found_from_any_folder(folder, tmp_path, monkeypatch):
    root = HERE.parents[1]
    at = tmp_path if folder == "elsewhere" else root / folder
    monkeypatch.chdir(at)
    assert len(read_table("example_seed1.csv")) == 5


def test_a_missing_table_is_refused(refused):
    with refused("name", "no_such.csv", "chapters/data"):
        table_path("no_such.csv")


# --- Identity ---------------------------------------------------------------


def identity(**changes) -> str:
    options = {"rate": 5 * Hz, "duration": 20 * ms, "trials": 2, "seed": 1} | changes
    rule = options.pop("rule", ZENKE_2015)
    return identity_of(simulate_global_factor, rule, target="cpp_standalone", **options)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"duration": 30 * ms},
        {"trials": 3},
        {"rule": ZENKE_2015.replace(gamma=5 * Hz)},
        {"dt": 0.2 * ms},
        {"rate": 6 * Hz},
    ],
)
def test_identity_tells_runs_apart(changes):
    """Arguments, seed and length count as well as the program; nothing is run."""
    assert identity() == identity()
    assert identity(**changes) != identity()


def test_identity_needs_a_simulation():
    with pytest.raises(ValueError, match="function: got .* runs a simulation"):
        identity_of(len, "")
    # And the next simulation runs again.
    window = simulate_window(ZENKE_2015.synapse, [1] * ms, 4 * Hz)
    assert window.delta_w.size == 1


# --- Interrupted measurements ----------------------------------------------


def measurement_of(monkeypatch, folder: Path, fail_at: int | None = None):
    """Return squares as a measurement, and which points were measured."""
    monkeypatch.setattr(tables, "HERE", folder)
    monkeypatch.setattr(tables, "UNFINISHED", folder / "unfinished")
    measured = []

    def square(x: int) -> dict[str, list[dict]]:
        if x == fail_at:
            raise KeyboardInterrupt
        measured.append(x)
        return {"squares.csv": [{"x": x, "square": x * x}]}

    return (
        Measurement(
            tables=("squares.csv",),
            points=points(x=range(4)),
            measure=square,
            simulated=False,
        ),
        measured,
    )


def test_a_measurement_goes_on_where_it_was(monkeypatch, tmp_path):
    broken, first = measurement_of(monkeypatch, tmp_path, fail_at=2)
    with pytest.raises(KeyboardInterrupt):
        broken.write()
    assert not (tmp_path / "squares.csv").exists()
    whole, second_time = measurement_of(monkeypatch, tmp_path)
    whole.write()
    assert (first, second_time) == ([0, 1], [2, 3])
    table = pd.read_csv(tmp_path / "squares.csv", comment="#")
    assert table.square.tolist() == [0, 1, 4, 9]
    assert list((tmp_path / "unfinished").iterdir()) == []


@pytest.mark.parametrize("cut", [1, 10])
def test_half_a_line_is_measured_again(cut, monkeypatch, tmp_path):
    """A kill in the middle of writing leaves half a line, and not a wrong one."""
    broken, _ = measurement_of(monkeypatch, tmp_path, fail_at=2)
    with pytest.raises(KeyboardInterrupt):
        broken.write()
    kept = tmp_path / "unfinished" / "squares.csv.jsonl"
    kept.write_text(kept.read_text()[:-cut])
    whole, measured = measurement_of(monkeypatch, tmp_path)
    whole.write()
    assert measured == [1, 2, 3]
    table = pd.read_csv(tmp_path / "squares.csv", comment="#")
    assert table.square.tolist() == [0, 1, 4, 9]


def test_points_of_another_identity_are_not_taken(monkeypatch, tmp_path):
    broken, _ = measurement_of(monkeypatch, tmp_path, fail_at=2)
    with pytest.raises(KeyboardInterrupt):
        broken.write()
    kept = tmp_path / "unfinished" / "squares.csv.jsonl"
    lines = kept.read_text().splitlines()
    kept.write_text("\n".join([json.dumps({"identity": "other"}), *lines[1:], ""]))
    whole, measured = measurement_of(monkeypatch, tmp_path)
    whole.write()
    assert measured == [0, 1, 2, 3]


def test_points_are_a_grid_whose_last_name_changes_fastest():
    grid = points(a=(1, 2), b=("x", "y"))
    assert [(p["a"], p["b"]) for p in grid] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
