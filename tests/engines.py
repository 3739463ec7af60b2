"""Engines and their native twins, for the tests of the Lab.

The twin of an engine is the same C++ program, compiled for this machine. Both get
the same arguments. Twins are kept from one session to the next, see `Programs`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from filelock import FileLock

from homeo.lab.sources import ENGINES, HOST, sources_hash, write_program_afresh

PACKAGE = ENGINES.parents[1]

#: What an engine carries, in the text of its file.
ENGINE = re.compile(r"\] = (\{.*\});$", re.MULTILINE)

MANIFEST = json.loads((ENGINES / "manifest.json").read_text(encoding="utf-8"))


def engine_parts(engine: Path) -> tuple[dict, bytes]:
    """Return the manifest and the program that an engine carries."""
    text = engine.read_text(encoding="utf-8")
    parts = json.loads(ENGINE.search(text)[1])
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


class Programs:
    """The programs of the experiments, kept from session to session.

    Each is written anew when the package or Brian2 has changed, and compiled when
    its sources have; the workers of a session share them.

    Parameters
    ----------
    kept : Path
        Where to keep them.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        kept.mkdir(parents=True, exist_ok=True)

    def written(self, name: str) -> tuple[dict, Path]:
        """Return the manifest of an experiment and the folder of its C++ program."""
        directory = self._kept / f"{name}-sources"
        manifest = directory.with_suffix(".json")
        with FileLock(self._kept / f"{name}.lock"):
            if not manifest.exists() or _read(manifest)["origin"] != _origin():
                manifest.unlink(missing_ok=True)
                shutil.rmtree(directory, ignore_errors=True)
                fresh = write_program_afresh(name, directory)
                text = json.dumps({"origin": _origin(), "manifest": fresh})
                manifest.write_text(text, encoding="utf-8")
        return _read(manifest)["manifest"], directory

    def native(self, name: str, directory: Path) -> NativeProgram:
        """Return the program of an experiment; it runs in the folder that is given."""
        manifest, sources = self.written(name)
        program = self._kept / f"{name}-{_key(sources)}"
        with FileLock(self._kept / f"{name}.lock"):
            if not program.exists():
                _compile(sources)
                # One step, so that no program is half there.
                os.replace(shutil.copy2(sources / "main", f"{program}.new"), program)
        shutil.copytree(sources / "static_arrays", directory / "static_arrays")
        (directory / "results").mkdir()
        return NativeProgram(program, manifest, directory)


def _read(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


@cache
def _origin() -> str:
    """Return the hash of all that writes the programs."""
    digest = hashlib.sha256(f"Brian2 {version('brian2')}, {sys.version}".encode())
    for path in sorted([*PACKAGE.rglob("*.py"), *HOST.iterdir()]):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _key(sources: Path) -> str:
    command = [*shlex.split(os.environ.get("CXX", "g++")), "-v"]
    compiler = subprocess.run(command, capture_output=True, check=True)
    told = sources_hash(sources).encode() + STRICT.encode() + compiler.stderr
    return hashlib.sha256(told).hexdigest()[:16]


def _compile(sources: Path) -> None:
    subprocess.run(
        ["make", "-j2", f"OPTIMISATIONS={STRICT} -std=c++11"],
        cwd=sources,
        check=True,
        stdout=subprocess.DEVNULL,
    )


class NativeProgram:
    """The program of an experiment, compiled for this machine."""

    def __init__(self, program: Path, manifest: dict, directory: Path) -> None:
        self.program = program
        self.manifest = manifest
        self.directory = directory

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
            [self.program, "--results_dir", results, *arguments],
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


def shortened(engine: Path, seconds: float) -> str:
    """Return the text of an engine whose longest run takes some seconds of the model.

    For what does not depend on the length of a run. Whatever length a page asks for
    is put right to this one, as any that is beyond the stops.
    """
    text = engine.read_text(encoding="utf-8")
    found = ENGINE.search(text)
    parts = json.loads(found[1])
    for entries in parts["manifest"]["presets"].values():
        n = len(entries["duration"]["positions"])
        stops = [round(seconds * k / n, 1) for k in range(1, n + 1)]
        entries["duration"] |= {"value": seconds, "positions": stops}
    return text[: found.start(1)] + json.dumps(parts) + text[found.end(1) :]
