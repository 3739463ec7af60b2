"""Programs are compiled once, found again, checked, and never half there."""

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import brian2
import psutil
import pytest
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

from homeo import memory
from homeo.runs import compiler, process, program
from homeo.runs.compiler import (
    compiler_settings,
    jobs,
    place_to_build,
)
from homeo.runs.process import run_to_the_end, temporary_folder
from homeo.runs.program import compiled_program, make_command, program_folder
from homeo.runs.standalone import hash_of_sources, source_text

pytestmark = pytest.mark.usefixtures("silent")

MAKEFILE = "main: main.cpp\n\t$(CXX) main.cpp -o main\n"

#: Above the numbers that Linux gives to processes.
NOBODY = 2**22 + 1

#: A compiler that fails as one does whose library is missing.
BROKEN = "#!/bin/sh\necho 'cannot find -lstdc++' >&2\nexit 1\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder that programs are kept in, which is not there yet."""
    monkeypatch.setenv("HOMEO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "programs"


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


@pytest.fixture
def compilations(monkeypatch):
    """Return the list of folders in which something was compiled."""
    done, compile_sources = [], program.compile_sources

    def counted(directory, *rest):
        compile_sources(directory, *rest)
        done.append(directory.name)

    monkeypatch.setattr(program, "compile_sources", counted)
    return done


def built(directory, command="g++"):
    return compiled_program(directory, command)


def built_twice(sources):
    """Build a program in two folders; return how each ended."""
    return [status(built(sources(name, 3))) for name in ("one", "two")]


def status(path):
    return subprocess.run([path], check=False).returncode


def executable(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


# --- Kept -------------------------------------------------------------------


def test_same_sources_are_the_same_program(folder, sources, compilations):
    """Found again from another directory, and not compiled again."""
    for name, result in (("one", 3), ("again", 3), ("other", 4)):
        assert status(built(sources(name, result))) == result
    assert compilations == ["one", "other"]
    assert len(list(folder.iterdir())) == 2


def test_another_compiler_makes_another_program(folder, sources, compilations):
    """Its version and the instructions it may use are part of the name."""
    built(sources("one", 3))
    built(sources("again", 3), "g++ -mno-avx2 -DOTHER")
    assert compilations == ["one", "again"]


def test_arrays_are_no_part_of_the_program(folder, sources, compilations):
    """Connections and states at the start are read when the program starts."""
    for name, content in (("one", b"1"), ("other", b"2")):
        directory = sources(name, 3)
        (directory / "static_arrays").mkdir()
        (directory / "static_arrays" / "_static_array__v").write_bytes(content)
        built(directory)
    assert compilations == ["one"]


@pytest.mark.parametrize("file", ["main", "main.sha256"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "changed", "gone"])
def test_damaged_program_is_compiled_anew(folder, sources, compilations, file, damage):
    """Whatever happened to it (a full disk, a copy by hand), it is noticed."""
    built(sources("one", 3))
    (kept,) = folder.iterdir()
    damaged = kept / file
    whole = damaged.read_bytes()
    if damage == "gone":
        damaged.unlink()
    else:
        changed = bytes([whole[0] ^ 1]) + whole[1:]
        parts = {"truncated": whole[:-9], "emptied": b"", "changed": changed}
        damaged.write_bytes(parts[damage])
    assert status(built(sources("two", 3))) == 3
    assert status(built(sources("three", 3))) == 3
    assert compilations == ["one", "two"]
    assert (kept / "main").exists()


def test_programs_are_private(folder, sources):
    """What is started from there, nobody else may have put there."""
    folder.mkdir(parents=True, mode=0o777)
    folder.chmod(0o777)
    built(sources("one", 3))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for kept in folder.iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700


def test_programs_are_bounded_in_number(folder, sources, compilations, monkeypatch):
    """The one that was not used for longest goes first, with those of old versions."""
    monkeypatch.setattr(program, "KEPT_PROGRAMS", 2)
    folder.mkdir(parents=True)
    (folder / "main-of-an-old-version").write_bytes(b"")
    os.utime(folder / "main-of-an-old-version", (0, 0))
    for age, name in enumerate(["one", "two"]):
        built(sources(name, age))
    for place, kept in enumerate(sorted(folder.iterdir(), key=status_of_kept)):
        os.utime(kept / "main.sha256", (place, place))
    built(sources("one again", 0))  # used now: "two" is the oldest
    built(sources("three", 3))
    assert sorted(map(status_of_kept, folder.iterdir())) == [0, 3]
    assert compilations == ["one", "two", "three"]


def status_of_kept(kept):
    return status(kept / "main")


def test_program_in_use_is_not_removed(folder, sources, monkeypatch):
    """While another process copies or builds it, it holds the lock."""
    monkeypatch.setattr(program, "KEPT_PROGRAMS", 1)
    built(sources("one", 1))
    (kept,) = folder.iterdir()
    with program.FileLock(kept / "lock"):
        built(sources("two", 2))
        assert kept.exists()
    built(sources("three", 3))
    assert sorted(map(status_of_kept, folder.iterdir())) == [3]


def test_build_that_fails_leaves_nothing(folder, sources):
    """The error says what the compiler said."""
    with pytest.raises(RuntimeError, match=r"(?s)compilation failed.*error: expected"):
        built(sources("broken", 3, "int main() {{ return {}"))
    assert list(folder.iterdir()) == []


def test_nothing_is_compiled_for_a_python_that_was_killed(folder, sources, monkeypatch):
    """Each step of make asks first whether it still runs."""
    monkeypatch.setattr(program.os, "getpid", lambda: NOBODY)
    with pytest.raises(RuntimeError, match="compilation failed"):
        built(sources("one", 3))


def test_interrupted_build_leaves_nothing(folder, sources, monkeypatch):
    """Half of a copy is removed, and the next build is whole."""
    copy = shutil.copy2

    def interrupted(_source, destination):
        with open(destination, "wb") as half:
            half.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(program.shutil, "copy2", interrupted)
    with pytest.raises(KeyboardInterrupt):
        built(sources("one", 3))
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(program.shutil, "copy2", copy)
    assert status(built(sources("again", 3))) == 3


def test_two_builders_of_one_program_wait_for_each_other(folder, sources, monkeypatch):
    """The second finds what the first has built; the first waits for the second to ask.

    The second is at the lock, which the first holds, when the first goes on.
    """
    asked, compiled, acquire = threading.Event(), [], program.FileLock.acquire
    compile_sources = program.compile_sources

    def asking(lock, *args, **kwargs):
        if compiled:
            asked.set()
        return acquire(lock, *args, **kwargs)

    def slow(directory, *rest):
        compiled.append(directory.name)
        second.start()
        assert asked.wait(60)
        compile_sources(directory, *rest)

    monkeypatch.setattr(program.FileLock, "acquire", asking)
    monkeypatch.setattr(program, "compile_sources", slow)
    one, two = sources("one", 3), sources("two", 3)
    second = threading.Thread(target=built, args=[two])
    built(one)
    second.join(60)
    assert compiled == ["one"]
    assert status(two / "main") == 3


def unwritable(tmp_path):
    """Return a folder in which not even root can write: a file is in its way."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "cache"


@pytest.mark.filterwarnings("always::RuntimeWarning")
def test_folder_that_cannot_be_written(tmp_path, sources, monkeypatch):
    """The program runs and is not kept; one warning says so, once for each folder."""
    monkeypatch.setenv("HOMEO_CACHE", str(unwritable(tmp_path)))
    with pytest.warns(RuntimeWarning, match="not kept in .*file.*HOMEO_CACHE") as told:
        assert built_twice(sources) == [3, 3]
    assert len(told) == 1


@pytest.mark.filterwarnings("always::RuntimeWarning")
def test_full_disk(folder, sources, monkeypatch):
    """What does not fit is not kept, and nothing half is left."""
    copy = shutil.copy2

    def full(source, destination):
        if Path(destination).is_relative_to(folder):
            raise OSError(28, "No space left on device")
        return copy(source, destination)

    monkeypatch.setattr(program.shutil, "copy2", full)
    with pytest.warns(RuntimeWarning, match="No space left") as told:
        assert built_twice(sources) == [3, 3]
    assert len(told) == 1
    assert list(folder.iterdir()) == []


def test_programs_are_kept_in_the_users_cache(monkeypatch, tmp_path):
    """Outside the chapters, wherever the book is; a variable names another folder."""
    monkeypatch.delenv("HOMEO_CACHE", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = program_folder()
    assert folder.is_absolute()
    assert folder.name == "programs"
    assert tmp_path not in folder.parents
    monkeypatch.setenv("HOMEO_CACHE", "here")
    assert program_folder() == tmp_path / "here" / "programs"


def test_order_of_the_clocks_does_not_matter(tmp_path):
    """Brian2 starts its clocks in an order that is not repeated."""
    lines = [f"    _array_{c}_clock_t[0] = 0.0;\n" for c in "ab"]
    texts = []
    for name, order in (("one", lines), ("other", lines[::-1])):
        (tmp_path / name).mkdir()
        main = tmp_path / name / "main.cpp"
        main.write_text("{\n" + "".join(order) + "}\n")
        texts.append(source_text(main))
    assert texts[0] == texts[1]
    assert hash_of_sources(tmp_path / "one") == hash_of_sources(tmp_path / "other")


# --- Compilers ----------------------------------------------------------------


def test_jobs_are_bounded_by_cores_and_memory(monkeypatch):
    """600 MB a compiler, and one at least."""
    for cores, free, expected in (
        (2, 24_000, 2),
        (45, 2000, 3),
        (8, 700, 1),
        (8, 10, 1),
    ):
        monkeypatch.setattr(
            os, "sched_getaffinity", lambda _pid, n=cores: range(n), raising=False
        )
        monkeypatch.setattr(
            compiler, "available_memory", lambda free=free: free * 2**20
        )
        assert jobs() == expected


def test_memory_of_a_container_counts(monkeypatch, tmp_path):
    """A container of 2 GB on a large machine, in both forms that Linux has.

    500 MB are used, 100 MB of which are files that can be dropped.
    """
    machine = SimpleNamespace(available=24_000)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: machine)
    for name, limit, usage, cache in (
        ("new", "memory.max", "memory.current", "inactive_file"),
        (
            "old",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ):
        root = tmp_path / name
        root.mkdir()
        (root / usage).write_text("500\n")
        (root / "memory.stat").write_text(f"anon 3\n{cache} 100\n")
        monkeypatch.setattr(memory, "CGROUPS", [(root, limit, usage, cache)])
        for allowed, expected in (
            ("2000", 1600),
            ("9223372036854771712", 24_000),
            ("max", 24_000),
            ("300", 0),
        ):
            (root / limit).write_text(f"{allowed}\n")
            assert memory.available_memory() == expected
    monkeypatch.setattr(memory, "CGROUPS", [(tmp_path / "none", "a", "b", "c")])
    assert memory.available_memory() == 24_000


def test_make_has_a_bound_and_preferences_stay(monkeypatch):
    """An unbounded -j is Brian2's default; what the reader chose is left alone."""
    preferences = brian2.prefs.devices.cpp_standalone
    monkeypatch.setattr(program, "jobs", lambda: 2)
    before = brian2.prefs.as_file
    assert make_command() == ["make", "DEPS=", "-j2"]
    assert brian2.prefs.as_file == before
    try:
        preferences.extra_make_args_unix = ["-j7", "-k"]
        preferences.make_cmd_unix = "nice make"
        assert make_command() == ["nice", "make", "DEPS=", "-j7", "-k"]
    finally:
        preferences.extra_make_args_unix = ["-j"]
        preferences.make_cmd_unix = "make"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that makes a machine with some programs, and asks it.

    Real ones are links, others scripts with the text given.
    """
    real = {name: shutil.which(name) for name in ("g++", "make", "sh", "as", "ld")}

    def ask(target="cpp_standalone", cxx=None, **programs):
        path = tmp_path / f"bin{len(list(tmp_path.iterdir()))}"
        path.mkdir()
        for name in ("sh", "as", "ld"):
            (path / name).symlink_to(real[name])
        for name, content in programs.items():
            name = {"gxx": "g++", "clangxx": "clang++"}.get(name, name)
            if content in real:
                executable(path / name, f'#!/bin/sh\nexec {real[content]} "$@"\n')
            else:
                executable(path / name, content)
        monkeypatch.setenv("PATH", str(path))
        monkeypatch.delenv("CXX", raising=False)
        monkeypatch.delenv("CC", raising=False)
        if cxx:
            monkeypatch.setenv("CXX", cxx)
        return compiler.compiler(target, tmp_path)

    return ask


def test_compiler_that_works_is_used(machine):
    assert machine(gxx="g++", make="make") == ("g++", "")
    assert compiler_settings("g++") == {"CC": "g++"}  # there is no gcc
    assert machine(clangxx="g++", make="make") == ("clang++", "")
    assert compiler_settings("clang++") == {"CXX": "clang++", "CC": "clang++"}
    assert machine(gxx=BROKEN, clangxx="g++", make="make") == ("clang++", "")
    assert machine(gxx="g++", mine="g++", make="make", cxx="mine") == ("mine", "")
    assert machine(gxx="g++", target="cython") == ("g++", "")  # needs no make


def test_machine_without_a_compiler_says_what_to_do(machine):
    """Each reason names what is missing, and what the reader can do."""
    for programs, reason in (
        ({"gxx": "g++"}, "no 'make' is found here; install make"),
        ({"make": "make"}, "no C\\+\\+ compiler is found here; install g\\+\\+ or"),
        (
            {"make": "make", "gxx": "g++", "cxx": "missing-c++"},
            "no 'missing-c\\+\\+' is found here; CXX names it: unset CXX, or name",
        ),
        ({"make": "make", "gxx": BROKEN}, "'g\\+\\+' builds no program.*-lstdc.*insta"),
        ({"make": "make", "gxx": "g++", "cxx": "false", "false": BROKEN}, "unset CXX"),
        ({"make": BROKEN, "gxx": "g++"}, "'g\\+\\+' builds no program that runs"),
        # It compiles, and what comes out does not run.
        ({"make": "make", "gxx": "#!/bin/sh\n: > main\n"}, "no program that runs"),
    ):
        command, said = machine(**programs)
        assert command == ""
        with pytest.raises(ValueError, match=reason):
            raise ValueError(said)


def test_place_that_runs_no_programs_is_not_used(tmp_path, monkeypatch):
    """A folder mounted noexec: another one, or a refusal."""
    temporary, kept = tmp_path / "temporary", tmp_path / "kept"
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    assert place_to_build(kept) == temporary

    def noexec(folder):
        def runs(command, **options):
            if Path(command[0]).is_relative_to(folder):
                raise PermissionError(13, "Permission denied")
            return run(command, **options)

        return runs

    run = subprocess.run
    process.runs_programs.cache_clear()
    monkeypatch.setattr(process.subprocess, "run", noexec(temporary))
    assert place_to_build(kept) == kept
    process.runs_programs.cache_clear()
    monkeypatch.setattr(process.subprocess, "run", noexec(tmp_path))
    assert place_to_build(kept) is None
    process.runs_programs.cache_clear()
    command, reason = compiler.compiler("cpp_standalone", None)
    assert command == ""
    assert "set TMPDIR" in reason


# --- Children -----------------------------------------------------------------


def test_interrupted_program_ends_with_all_it_started(tmp_path):
    """A compiler that make has started too."""
    script = "sleep 600 & echo $! > pid.tmp; mv pid.tmp pid; wait"

    def interrupt():
        if (tmp_path / "pid").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_to_the_end(
            ["sh", "-c", script], directory=tmp_path, tell=interrupt, period=0.01
        )
    left = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(left) or ended(psutil.Process(left))
    assert psutil.Process().children() == []


def ended(child):
    """Wait until a process has ended; it may have no parent that notices."""
    try:
        child.wait(60)
    except psutil.TimeoutExpired:
        return child.status() == psutil.STATUS_ZOMBIE
    return True


def test_folders_of_dead_processes_are_removed(tmp_path):
    """Those of living ones, and of others than ours, stay."""
    with temporary_folder(tmp_path) as alive:
        name = alive.name.replace(f"-{os.getpid()}-", "-{}-")
        dead = tmp_path / name.format(NOBODY)
        dead.mkdir()
        (dead / "file").write_text("")
        foreign = tmp_path / "homeo-notes-of-mine"
        foreign.mkdir()
        with temporary_folder(tmp_path) as other:
            assert alive != other
            assert set(tmp_path.iterdir()) == {alive, other, foreign}
    assert list(tmp_path.iterdir()) == [foreign]
