"""The C++ program of an experiment, and what the page has to know about it.

Brian2 writes an experiment as a C++ program. `tools/build_engines.py` compiles
it to WebAssembly; the manifest says from which sources an engine was made.
"""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from brian2 import get_device

from ..figures.styles import STYLES
from ..runs.simulation import simulation
from ..runs.standalone import (
    LENGTH_ARGUMENT,
    SEED_ARGUMENT,
    seed_from_argument,
    source_text,
    write_sources,
)
from ..units import unit_name
from .experiments import EXPERIMENTS, Affine, Experiment, Output
from .settings import DISPLAY_UNITS, Preset, Setting, plain

#: Where the engines are kept.
ENGINES = Path(__file__).parent / "engines"

#: What takes the place of the standard streams and of the clock in an engine.
HOST = ENGINES / "host"


def write_program(experiment: Experiment, directory: Path) -> dict[str, Any]:
    """Write the C++ program of an experiment, and describe it.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    directory : Path
        Where to write.

    Returns
    -------
    dict
        The manifest: everything the page needs in order to run the program,
        and the hash of the sources. Numbers are in SI units.
    """
    with simulation(target="cpp_standalone", seed=0, dt=experiment.dt) as network:
        seed_from_argument(network)
        outputs = experiment.build(network, experiment)
        report = "".join(map(_writing, outputs)) if experiment.streams else ""
        write_sources(network, directory, report=report)
        device = get_device()
        outputs = [_output(o, device.get_array_filename(o.variable)) for o in outputs]
    return {
        "experiment": experiment.name,
        "title": experiment.title,
        "brian2": version("brian2"),
        "sources_sha256": sources_hash(directory),
        "duration": plain(experiment.duration),
        "dt": float(experiment.dt),
        "record_dt": float(experiment.record_dt),
        "default_preset": experiment.default_preset,
        "settings": {s.name: _setting(s) for s in experiment.settings},
        "streams": experiment.streams,
        "presets_title": experiment.presets_title,
        "preset_settings": list(
            experiment.preset_settings or [s.name for s in experiment.settings]
        ),
        "preset_labels": {
            name: {"label": preset.label or name, "meaning": preset.meaning}
            for name, preset in experiment.presets.items()
        },
        "weight_scales": {
            name: _weight_scale(preset) for name, preset in experiment.presets.items()
        },
        "presets": {
            name: {s.name: _preset_entry(s, preset) for s in experiment.settings}
            for name, preset in experiment.presets.items()
        },
        "arguments": {
            name: [_affine(part) for part in argument]
            if isinstance(argument, list)
            else _affine(argument)
            for name, argument in _arguments(experiment).items()
        },
        "seed_argument": SEED_ARGUMENT,
        "outputs": outputs,
        "static_arrays": {
            path.name: base64.b64encode(path.read_bytes()).decode()
            for path in sorted((directory / "static_arrays").iterdir())
        },
        "colors": {name: style["color"] for name, style in STYLES.items()},
        "facts": dict(experiment.facts),
    }


def write_program_afresh(name: str, directory: Path) -> dict[str, Any]:
    """Write the program of an experiment in a process of its own.

    Brian2 numbers the names that other objects of the process have already, so
    only a fresh process writes the same program every time.

    Parameters
    ----------
    name : str
        Name of the experiment.
    directory : Path
        Where to write.

    Returns
    -------
    dict
        What `write_program` returned.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh_process:
        return fresh_process.submit(_write_by_name, name, directory).result()


def _write_by_name(name: str, directory: Path) -> dict[str, Any]:
    return write_program(EXPERIMENTS[name], directory)


def sources_hash(directory: Path) -> str:
    """Return the hash of everything that an engine is compiled from.

    Parameters
    ----------
    directory : Path
        Where `write_program` wrote.

    Returns
    -------
    str
        SHA-256 over the program and what its host adds to it.
    """
    digest = hashlib.sha256()
    sources = ("*.cpp", "*.h", "*/*.cpp", "*/*.h", "static_arrays/*")
    for root, patterns in ((directory, sources), (HOST, ("*",))):
        for path in sorted({p for pattern in patterns for p in root.glob(pattern)}):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(source_text(path) + b"\0")
    return digest.hexdigest()


def _arguments(experiment: Experiment) -> dict[str, Affine | list[Affine]]:
    if experiment.duration is None:
        length = Affine(terms={"duration": 1})
    else:
        length = Affine(offset=plain(experiment.duration))
    return {**experiment.arguments, LENGTH_ARGUMENT: length}


def _weight_scale(preset: Preset) -> dict[str, Any]:
    unit, factor = DISPLAY_UNITS[preset.weights]
    return {"unit": unit, "factor": factor}


def _writing(output: Output) -> str:
    """Return C++ that writes an output as Brian2 does at the end of a run."""
    device = get_device()
    array = f"brian::{device.get_array_name(output.variable, access_data=False)}"
    file = device.get_array_filename(output.variable)
    write = "file.write(reinterpret_cast<char*>(&{0}), {1} * sizeof({0}));"
    if output.variable.ndim == 1:
        rows = write.format(f"{array}[0]", f"{array}.size()")
    else:
        row = write.format(f"{array}(n, 0)", f"{array}.m")
        rows = f"for (int n = 0; n < {array}.n; n++) {row}"
    return (
        f'{{ std::ofstream file; file.open(brian::results_dir + "{file}", '
        f"std::ios::binary | std::ios::out); {rows} file.close(); }}"
    )


def _output(output: Output, file: str) -> dict[str, Any]:
    return {
        "name": output.name,
        "file": file,
        "dims": list(output.dims),
        "shape": list(output.shape),
        "unit": unit_name(output.variable.dim),
        "meaning": output.meaning,
        "when": dict(output.when),
    }


def _setting(setting: Setting) -> dict[str, Any]:
    entry = {
        "symbol": setting.symbol,
        "meaning": setting.meaning,
        "kind": setting.kind,
    }
    if setting.options:
        entry["options"] = dict(setting.options)
    if setting.grid is not None:
        entry["grid"] = float(setting.grid)
    return entry


def _preset_entry(setting: Setting, preset: Preset) -> dict[str, Any]:
    entry = {"value": plain(setting.start(preset))}
    stops = setting.stops_for(preset)
    if stops is None:
        return entry
    unit, factor = DISPLAY_UNITS[stops.unit]
    return {**entry, "unit": unit, "factor": factor, "positions": list(stops.positions)}


def _affine(function: Affine) -> dict[str, Any]:
    return {
        "offset": function.offset,
        "terms": dict(function.terms),
        "integer": function.integer,
        "none": function.none,
        "when": {name: list(values) for name, values in function.when.items()},
    }
