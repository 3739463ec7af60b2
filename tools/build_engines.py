"""Compile the experiments of the Lab to WebAssembly, one file for each.

Writes ``homeo/lab/engines/<experiment>.js`` and ``manifest.json``. They are kept
in the repository, so only who changes an experiment, a rule or the version of
Brian2 needs a compiler: emscripten (on Debian, ``apt-get install
--no-install-recommends emscripten``).

Usage: ``python tools/build_engines.py``
"""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import files
from pathlib import Path

from homeo.lab.experiments import EXPERIMENTS
from homeo.lab.sources import ENGINES, HOST, write_program_afresh

COMPILER = "em++"
OPTIONS = [
    "-flto",
    "-std=c++17",
    "-w",
    *("-include", "map"),  # Brian2 2.9 uses std::map without naming its header
    "-sSTANDALONE_WASM=1",
    # Every run has a memory of its own: start small.
    "-sALLOW_MEMORY_GROWTH=1",
    "-sINITIAL_MEMORY=1048576",
    "-sTOTAL_STACK=131072",
    # The host's functions are known when the page runs, not when it is linked.
    "-sERROR_ON_UNDEFINED_SYMBOLS=0",
    "-sWARN_ON_UNDEFINED_SYMBOLS=0",
]


#: A slider waits for a run that is over within a frame, so it is to be fast. A run
#: that is drawn while it goes on belongs to the largest program: it is to be small,
#: at half the size and four fifths of the speed.
FAST, SMALL = "-O3", "-Os"


def compiler_options(experiment):
    """Return the options for an experiment."""
    optimise = SMALL if experiment.streams else FAST
    return [optimise, *OPTIONS]


def compiler_version():
    """Return name and version of the compiler."""
    told = subprocess.run([COMPILER, "--version"], capture_output=True, text=True)
    return f"emscripten {re.search(r'[0-9]+[.][0-9.]+', told.stdout)[0]}"


def compile_program(directory, options):
    """Compile the program in a directory; return the WebAssembly."""
    program = directory / "engine.wasm"
    sources = [
        path.relative_to(directory).as_posix()
        for path in sorted([*directory.glob("*.cpp"), *directory.glob("*/*.cpp")])
    ]
    places = [f"-I{HOST}", "-I."]
    command = [COMPILER, *options, *places, *sources, *HOST.glob("*.cpp")]
    subprocess.run([*command, "-o", program], cwd=directory, check=True)
    return program.read_bytes()


def build(name):
    """Write the engine of an experiment; return its entry in the manifest."""
    options = compiler_options(EXPERIMENTS[name])
    with tempfile.TemporaryDirectory(prefix="homeo-") as place:
        directory = Path(place)
        manifest = write_program_afresh(name, directory)
        program = compile_program(directory, options)
    manifest["compiler"] = compiler_version()
    manifest["options"] = options
    manifest["wasm_sha256"] = hashlib.sha256(program).hexdigest()
    engine = json.dumps(
        {"manifest": manifest, "wasm": base64.b64encode(program).decode()},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    text = (
        "/*! Contains Brian2's runtime (CeCILL-2.1), see NOTICE.md beside this. */\n"
        f'(globalThis.homeoEngines ??= {{}})["{name}"] = {engine};\n'
    ).encode()
    (ENGINES / f"{name}.js").write_bytes(text)
    size = {"bytes": len(text), "gzipped": len(gzip.compress(text, mtime=0))}
    print(f"{name}: {size['bytes']} bytes, {size['gzipped']} gzipped")
    del manifest["static_arrays"], manifest["colors"]
    return {**manifest, "size": size}


def copy_licences():
    """Put the licences beside the engines, of all that the engines contain."""
    brian2, numpy = (
        next(f for f in files(package) if re.fullmatch(r"LICENSE(\.txt)?", f.name))
        for package in ("brian2", "numpy")
    )
    shutil.copy(brian2.locate(), ENGINES / "LICENSE-CeCILL-2.1.txt")
    shutil.copy(numpy.locate(), ENGINES / "LICENSE-NumPy.txt")
    compiler = Path(shutil.which(COMPILER)).resolve().parent
    musl = compiler / "system" / "lib" / "libc" / "musl" / "COPYRIGHT"
    shutil.copy(musl, ENGINES / "LICENSE-musl.txt")


def main():
    """Build all engines."""
    if shutil.which(COMPILER) is None:
        print(f"{COMPILER} is missing; install emscripten.", file=sys.stderr)
        return 1
    manifest = {name: build(name) for name in EXPERIMENTS}
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (ENGINES / "manifest.json").write_text(text + "\n", encoding="utf-8")
    copy_licences()
    return 0


if __name__ == "__main__":
    sys.exit(main())
