"""Compile the C++ programs that Brian2 writes, and keep them for the next run.

A program is found again by the hash of its sources, compiler and machine. A run
that is interrupted, or another one at the same time, never leaves half a program.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.devices.device import get_device
from platformdirs import user_cache_path

#: Brian2 keeps clocks in a set and starts them in an order that is not repeated.
CLOCKS_AT_ZERO = re.compile(
    rb"(?:^ +_array_\w+_(?:timestep|t)\[0\] = 0[.0]*;\n)+", re.MULTILINE
)

#: Brian2 numbers its random functions through a whole session.
NUMBERED_FUNCTIONS = re.compile(rb"\b(\w*_binomial)_\d+\b")

#: The files that a program is compiled from.
SOURCES = ("*.cpp", "*.h", "*/*.cpp", "*/*.h", "makefile", "win_makefile")


def program_folder() -> Path:
    """Return the folder where compiled programs are kept from run to run.

    Returns
    -------
    Path
        In the user's cache folder. Whatever is in it may be deleted at any time.
    """
    return user_cache_path("homeo", appauthor=False) / "programs"


def compiled_program(directory: Path) -> Path:
    """Compile a C++ program that Brian2 has written, unless it is kept already.

    Parameters
    ----------
    directory : Path
        Where Brian2's current device wrote the sources.

    Returns
    -------
    Path
        The program, in `program_folder`. It reads the arrays of the model from the
        folder in which it is started.

    Raises
    ------
    RuntimeError
        If the sources cannot be compiled.
    """
    suffix = ".exe" if os.name == "nt" else ""
    folder = program_folder()
    program = folder / f"main-{_program_key(directory)}{suffix}"
    if not program.exists():
        compiler, _ = get_compiler_and_args()
        get_device().compile_source(str(directory), compiler, debug=False, clean=False)
        folder.mkdir(parents=True, exist_ok=True)
        _put(directory / f"main{suffix}", program)
    return program


def _put(source: Path, destination: Path) -> None:
    # Renaming is atomic: another run sees the whole program or none.
    handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=destination.parent)
    os.close(handle)
    try:
        shutil.copy2(source, unfinished)
        os.replace(unfinished, destination)
    except BaseException:
        os.unlink(unfinished)
        raise


def _program_key(directory: Path) -> str:
    digest = hashlib.sha256(_compiler_and_machine())
    for path in sorted({p for pattern in SOURCES for p in directory.glob(pattern)}):
        text = NUMBERED_FUNCTIONS.sub(rb"\1", source_text(path))
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0")
        digest.update(text + b"\0")
    return digest.hexdigest()[:32]


def _compiler_and_machine() -> bytes:
    # The predefined macros name the compiler's version and, with -march=native,
    # the instructions of this machine: a home folder may be shared by several.
    compiler, flags = get_compiler_and_args()
    if compiler == "msvc":
        return " ".join([sys.version, *flags]).encode()
    command = [*shlex.split(os.environ.get("CXX", "g++")), *flags]
    command += ["-dM", "-E", "-x", "c++", os.devnull]
    return subprocess.run(command, check=True, capture_output=True).stdout


def source_text(path: Path) -> bytes:
    """Return a source file of a C++ program, the same whenever Brian2 writes it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        Its text, with the lines in order that Brian2 writes in any order.
    """
    return CLOCKS_AT_ZERO.sub(_sort_lines, path.read_bytes())


def _sort_lines(match: re.Match) -> bytes:
    return b"".join(sorted(match[0].splitlines(keepends=True)))
