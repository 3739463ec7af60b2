"""Programs are compiled once, found again, and never half there."""

import os
import shutil
import subprocess

import pytest
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

from homeo.runs import program
from homeo.runs.program import compiled_program, program_folder, source_text

pytestmark = pytest.mark.usefixtures("silent")

MAKEFILE = "main: main.cpp\n\t$(CXX) main.cpp -o main\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder that programs are kept in, which is not there yet."""
    folder = tmp_path / "cache" / "programs"
    monkeypatch.setattr(program, "program_folder", lambda: folder)
    return folder


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Return a function that writes the sources of a program with some status."""
    monkeypatch.setattr(program, "get_device", CPPStandaloneDevice)

    def write(name, status, text="int main() {{ return {}; }}"):
        directory = tmp_path / name
        directory.mkdir()
        (directory / "main.cpp").write_text(text.format(status))
        (directory / "makefile").write_text(MAKEFILE)
        return directory

    return write


def status(path):
    return subprocess.run([path], check=False).returncode


def test_same_sources_are_the_same_program(folder, sources):
    """Found again from another directory, and not compiled again."""
    first = compiled_program(sources("one", 3))
    assert status(first) == 3
    again = sources("again", 3)
    assert compiled_program(again) == first
    assert not (again / "main").exists()
    other = compiled_program(sources("other", 4))
    assert status(other) == 4
    assert sorted(folder.iterdir()) == sorted([first, other])


def test_another_compiler_makes_another_program(folder, sources, monkeypatch):
    """Its version and the instructions it may use are part of the name."""
    first = compiled_program(sources("one", 3))
    monkeypatch.setenv("CXX", f"{os.environ.get('CXX', 'g++')} -mno-avx2 -DOTHER")
    assert compiled_program(sources("again", 3)) != first


def test_arrays_are_no_part_of_the_program(folder, sources):
    """Connections and states at the start are read when the program starts."""
    one, other = sources("one", 3), sources("other", 3)
    for directory, content in ((one, b"1"), (other, b"2")):
        (directory / "static_arrays").mkdir()
        (directory / "static_arrays" / "_static_array__v").write_bytes(content)
    assert compiled_program(one) == compiled_program(other)


def test_build_that_fails_leaves_nothing(folder, sources, capfd):
    with pytest.raises(RuntimeError, match="compilation failed"):
        compiled_program(sources("broken", 3, "int main() {{ return {}"))
    assert not folder.exists()
    capfd.readouterr()  # the compiler's complaint


def test_interrupted_build_leaves_nothing(folder, sources, monkeypatch):
    """Half of a copy is removed, and the next build is whole."""
    copy = shutil.copy2

    def interrupted(_source, destination):
        with open(destination, "wb") as half:
            half.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(program.shutil, "copy2", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compiled_program(sources("one", 3))
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(program.shutil, "copy2", copy)
    assert status(compiled_program(sources("again", 3))) == 3


def test_two_builds_at_the_same_time(folder, sources, monkeypatch):
    """A build that ends second replaces the program by an equal one, at once.

    While it copies, the program of the first is there, whole.
    """
    copy = shutil.copy2

    def interleaved(source, destination):
        monkeypatch.setattr(program.shutil, "copy2", copy)
        first = compiled_program(sources("first", 3))
        assert status(first) == 3
        copy(source, destination)
        assert status(first) == 3

    monkeypatch.setattr(program.shutil, "copy2", interleaved)
    kept = compiled_program(sources("second", 3))
    assert status(kept) == 3
    assert list(folder.iterdir()) == [kept]


def test_programs_are_kept_in_the_users_cache(monkeypatch, tmp_path):
    """Outside the chapters, wherever the book is."""
    monkeypatch.chdir(tmp_path)
    folder = program_folder()
    assert folder.is_absolute()
    assert folder.name == "programs"
    assert tmp_path not in folder.parents


def test_order_of_the_clocks_does_not_matter(tmp_path):
    """Brian2 starts its clocks in an order that is not repeated."""
    lines = [f"    _array_{c}_clock_t[0] = 0.0;\n" for c in "ab"]
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("{\n" + "".join(lines) + "}\n")
    other.write_text("{\n" + "".join(reversed(lines)) + "}\n")
    assert source_text(one) == source_text(other)
    assert one.read_bytes() != other.read_bytes()
