"""Engines and their native twins, for the tests of the Lab.

The twin of an engine is the same C++ program, compiled for this machine. Both get
the same arguments.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path

import numpy as np

from homeo.lab.experiments import Experiment
from homeo.lab.sources import ENGINES, write_program

MANIFEST = json.loads((ENGINES / "manifest.json").read_text(encoding="utf-8"))


def engine_parts(engine: Path) -> tuple[dict, bytes]:
    """Return the manifest and the program that an engine carries."""
    text = engine.read_text(encoding="utf-8")
    parts = json.loads(re.search(r"\] = (\{.*\});$", text, re.MULTILINE)[1])
    return parts["manifest"], base64.b64decode(parts["wasm"])


def arguments_of(manifest: dict, values: dict, seed: int) -> dict:
    """Return the arguments of a program for given settings, as the page does."""

    def evaluate(function: dict) -> float | int | str:
        terms = function["terms"]
        if any(values[name] not in kept for name, kept in function["when"].items()):
            return 0.0
        if function["none"] and any(values[name] is None for name in terms):
            return function["none"]
        number = function["offset"] + sum(terms[name] * values[name] for name in terms)
        return round(number) if function["integer"] else float(number)

    return {
        **{
            name: [*map(evaluate, function)]
            if isinstance(function, list)
            else evaluate(function)
            for name, function in manifest["arguments"].items()
        },
        manifest["seed_argument"]: seed,
    }


#: Arithmetic as written, operation by operation, which is what WebAssembly does:
#: in a recurrent network the last digit of one number soon changes all others.
STRICT = "-w -O3 -ffp-contract=off"


class NativeProgram:
    """The program of an experiment, compiled for this machine."""

    def __init__(self, experiment: Experiment, directory: Path) -> None:
        self.directory = directory
        self.manifest = write_program(experiment, directory)
        subprocess.run(
            ["make", "-j2", f"OPTIMISATIONS={STRICT} -std=c++11"],
            cwd=directory,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def run(self, values: dict, seed: int) -> dict[str, np.ndarray]:
        """Run with given settings; return the outputs that go with them."""
        arguments = []
        for name, value in arguments_of(self.manifest, values, seed).items():
            if isinstance(value, list):
                np.array(value, dtype=float).tofile(self.directory / "values")
                value = "values"
            arguments.append(f"{name}={value!r}".replace("'", ""))
        results = "results/"
        subprocess.run(
            ["./main", "--results_dir", results, *arguments],
            cwd=self.directory,
            check=True,
        )
        return {
            output["name"]: np.fromfile(
                self.directory / results / output["file"]
            ).reshape([-1 if n is None else n for n in output["shape"]])
            for output in self.manifest["outputs"]
            if all(values[key] == wanted for key, wanted in output["when"].items())
        }


def random_settings(manifest: dict, preset: str, rng: np.random.Generator) -> dict:
    """Draw settings from the stops of the sliders."""
    entries = manifest["presets"][preset]
    values = {}
    for name, setting in manifest["settings"].items():
        options = {
            "choice": list(setting.get("options", ())),
            "switch": [True, False],
        }.get(setting["kind"], entries[name].get("positions"))
        values[name] = options[rng.integers(len(options))]
    return values


def settings_at_the_ends(manifest: dict, preset: str) -> list[dict]:
    """Return settings with each slider at either end, the others at their start."""
    entries = manifest["presets"][preset]
    start = {name: entry["value"] for name, entry in entries.items()}
    return [
        {**start, name: entry["positions"][end]}
        for name, entry in entries.items()
        if "positions" in entry
        for end in (0, -1)
    ]
