"""Which C++ compiler is used, and how many of it at once.

What is tested is what is used: a compiler counts if a program that `make` built
with it runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import brian2

from ..memory import available_memory
from .process import runs_programs, temporary_folder

#: What is tried where CXX names no compiler. The first is what make uses by itself.
COMPILERS = ("g++", "clang++", "c++")

PROGRAM = """
#include <iostream>
#include <vector>
int main() { std::vector<int> v(1); std::cout << v[0] << std::endl; return v[0]; }
"""

MAKEFILE = "main: main.cpp\n\t$(CXX) -std=c++11 main.cpp -o main\n"

#: What one compiler needs for a file that Brian2 writes, with room to spare.
MEMORY_OF_A_JOB = 600 * 2**20


def place_to_build(kept: Path) -> Path | None:
    """Return a folder in which programs can be built and started.

    Parameters
    ----------
    kept : Path
        Folder that is used if the folder for temporary files allows no programs.

    Returns
    -------
    Path or None
        The folder, or None if there is none.
    """
    try:
        places = (Path(tempfile.gettempdir()), kept)
    except FileNotFoundError:
        places = (kept,)
    return next(filter(runs_programs, places), None)


def compiler(target: str, place: Path | None) -> tuple[str, str]:
    """Return the C++ compiler that is used, or why there is none.

    Parameters
    ----------
    target : {"cython", "cpp_standalone"}
        What it is needed for; the second needs ``make`` too.
    place : Path or None
        Where programs can be built and started; see `place_to_build`.

    Returns
    -------
    command : str
        The command; empty if there is none.
    reason : str
        Why there is none, and what to do; empty if there is one.
    """
    if sys.platform == "win32":
        return "cl", ""
    if place is None:
        reason = (
            "no program can be started in the folder for temporary files; set TMPDIR"
            " to a folder that can be written and is not mounted noexec"
        )
        return "", reason
    make = brian2.prefs.devices.cpp_standalone.make_cmd_unix
    make = make if target == "cpp_standalone" else ""
    named = os.environ.get("CXX", "").strip()
    return _first_that_works(named, os.environ.get("PATH", ""), make, place)


@lru_cache
def _first_that_works(
    named: str, _path: str, make: str, place: Path
) -> tuple[str, str]:
    if make and not shutil.which(shlex.split(make)[0]):
        return "", f"no '{make}' is found here; install make, or set PATH to find it"
    faults = []
    for command in [named] if named else COMPILERS:
        if not shutil.which(shlex.split(command)[0]):
            continue
        fault = _fault(command, make, place)
        if not fault:
            return command, ""
        faults.append(f"'{command}' builds no program that runs ({fault})")
    if named:
        found = faults[0] if faults else f"no '{named}' is found here"
        return "", f"{found}; CXX names it: unset CXX, or name another compiler"
    found = "; ".join(faults) or "no C++ compiler is found here"
    return "", f"{found}; install g++ or clang++, or name a compiler in CXX"


def _fault(command: str, make: str, place: Path) -> str:
    """Build a program and run it; return what went wrong."""
    direct = [*shlex.split(command), "-std=c++11", "main.cpp", "-o", "main"]
    with temporary_folder(place) as folder:
        (folder / "main.cpp").write_text(PROGRAM)
        (folder / "makefile").write_text(MAKEFILE)
        for step in (shlex.split(make) or direct, ["./main"]):
            try:
                done = subprocess.run(
                    step,
                    cwd=folder,
                    env={**os.environ, "CXX": command},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    check=False,
                )
            except OSError as error:
                return str(error)
            if done.returncode:
                said = (done.stderr.strip() or done.stdout.strip()).splitlines()
                errors = [line for line in said if "error:" in line.lower()]
                return (errors or said or [f"exit code {done.returncode}"])[0]
    return ""


def compiler_settings(command: str) -> dict[str, str]:
    """Return the environment in which Brian2 and ``make`` use a compiler.

    Parameters
    ----------
    command : str
        The compiler.

    Returns
    -------
    dict of str to str
        Variables to set; none where the compiler is the one used anyway.
    """
    if sys.platform == "win32":
        return {}
    used = {} if command == COMPILERS[0] else {"CXX": command}
    # Brian2 tries its options on the C compiler, and drops them if there is none.
    if not shutil.which(shlex.split(os.environ.get("CC") or "gcc")[0]):
        used["CC"] = command
    return used


def jobs() -> int:
    """Return how many compilers may run at once.

    Returns
    -------
    int
        As many as the cores that are ours and the free memory allow, at least one.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, available_memory() // MEMORY_OF_A_JOB))
