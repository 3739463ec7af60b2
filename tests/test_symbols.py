"""The page of symbols says what the package has."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from brian2 import Hz, have_same_dimensions, ms, nS, second

from homeo.published import PRESETS
from homeo.rules import RULES

PAGE = Path(__file__).resolve().parent.parent / "chapters" / "symbols.md"
UNITS = {"Hz": Hz, "s": second, "ms": ms, "nS": nS, "nS s": nS * second}
#: Cells of the table of presets, by name of the parameter.
ROWS = {
    name: cells
    for name, *cells in re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
    )
}


def of(preset):
    """Return the values of a preset by name."""
    parts = preset.global_factor, preset.synapse
    return {f.name: getattr(part, f.name) for part in parts for f in fields(part)}


def value(cell):
    """Read a cell of the table: a number with its unit, if any."""
    number, _, unit = cell.partition(" ")
    return float(number) * UNITS[unit] if unit else float(number)


@pytest.mark.parametrize("column", PRESETS)
@pytest.mark.parametrize("name", ROWS)
def test_values_are_those_of_the_preset(name, column):
    cell = ROWS[name][list(PRESETS).index(column)].strip()
    expected = of(PRESETS[column])[name]
    if name == "rule":
        assert cell == RULES[expected].label
    elif expected is None:
        assert cell == "none"
    else:
        assert have_same_dimensions(value(cell), expected)
        assert float(value(cell)) == pytest.approx(float(expected))


def test_lists_every_parameter_but_the_target_of_single_cells():
    assert set(of(PRESETS["ZENKE_2015"])) - {"rho_0"} == set(ROWS)
