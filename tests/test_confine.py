"""Confinement: the system call filter against libseccomp's, and every layer in a real child."""

from __future__ import annotations

import errno
import os
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.launching.fork_client import ForkServerClient
from grader.limits import Isolation, NotIsolated
from grader.worker import confine, packages, probing, system_calls, users
from grader.worker.access import closed_to_others, without_packages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")
ALLOW = 0x7FFF0000
NATIVE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[os.uname().machine]
Instruction = tuple[int, int, int, int]
LD, AND, JA, JEQ, JGT, JGE, JSET, RET = 0x20, 0x54, 0x05, 0x15, 0x25, 0x35, 0x45, 0x06


def _instructions(program: bytes) -> list[Instruction]:
    return list(struct.iter_unpack("<HBBI", program))


def _decision(program: list[Instruction], number: int, arguments: tuple[int, ...]) -> int:
    """Run a classic BPF program on a system call, as the kernel does."""
    data = struct.pack("<IIQ6Q", number, NATIVE, 0, *arguments)
    accumulator, at = 0, 0
    compare: dict[int, Callable[[int, int], bool]] = {
        JEQ: lambda a, k: a == k,
        JGT: lambda a, k: a > k,
        JGE: lambda a, k: a >= k,
        JSET: lambda a, k: bool(a & k),
    }
    while True:
        code, yes, no, k = program[at]
        at += 1
        if code == RET:
            return k
        if code == LD:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif code == AND:
            accumulator &= k
        elif code == JA:
            at += k
        else:
            at += yes if compare[code](accumulator, k) else no


@pytest.fixture(scope="module", params=[True, False], ids=["with landlock", "without landlock"])
def filters(request: pytest.FixtureRequest) -> tuple[list[Instruction], list[Instruction]]:
    """Return our filter, and the same policy as libseccomp compiles it."""
    pytest.importorskip("seccompy")
    library = pytest.importorskip("pyseccomp", reason="libseccomp is not installed")
    ours = _instructions(system_calls.system_call_filter(request.param).program)
    theirs = library.SyscallFilter(library.ERRNO(errno.ENOSYS))

    def add(name: str, *conditions: Any) -> None:
        number = library.resolve_syscall(library.Arch.NATIVE, name)
        if number >= 0:
            theirs.add_rule(library.ALLOW, name, *conditions)

    for name in system_calls._ALLOWED:
        add(name)
    for name, (place, mask, values) in system_calls._ALLOWED_IF.items():
        for value in values:
            add(name, library.Arg(place, library.MASKED_EQ, mask, value))
    for name, place in (("open", 1), ("openat", 2)):
        writing = 0 if request.param else system_calls._WRITING
        add(name, library.Arg(place, library.MASKED_EQ, writing, 0))
    with tempfile.TemporaryFile() as file:
        theirs.export_bpf(file)
        file.seek(0)
        return ours, _instructions(file.read())


@pytest.mark.slow
def test_the_filter_decides_as_libseccomp_does(
    filters: tuple[list[Instruction], list[Instruction]],
) -> None:
    ours, theirs = filters
    interesting = [
        (0,) * 6,
        (1,) * 6,
        (2**64 - 1,) * 6,
        (os.O_WRONLY | os.O_CREAT,) * 6,
        (system_calls._CLONE_THREAD,) * 6,
        (0, 8, 0x5412, 0, 0, 0),  # F_SETOWN, TIOCSTI
        (16, 0x5401, 0, 0, 0, 0),
        (2**32, 2**32, 2**32, 2**32, 2**32, 2**32),
    ]
    allowed = 0
    for number in range(600):
        for arguments in interesting:
            mine = _decision(ours, number, arguments) == ALLOW
            assert mine == (_decision(theirs, number, arguments) == ALLOW), (number, arguments)
            allowed += mine
    assert allowed > 100


def test_numbers_of_other_architectures_are_never_allowed(
    filters: tuple[list[Instruction], list[Instruction]],
) -> None:
    ours, _ = filters
    for number in range(600):
        assert _decision(ours, number | 0x40000000, (0,) * 6) != ALLOW  # x32


def _in_child(work: Callable[[], object]) -> str:
    """Run a function in a child process; return its result or the error it raises, as text."""
    theirs, ours = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            text = str(work())
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        os.write(ours, text.encode()[:4000])
        os._exit(0)
    os.close(ours)
    with os.fdopen(theirs, "rb") as answers:
        text = answers.read().decode()
    os.waitpid(pid, 0)
    return text


READABLE = tuple(path for path in (*sys.path, "/lib", "/usr/lib", "/lib64") if os.path.isdir(path))


def _confined(*layers: str) -> None:
    folder = sysconfig.get_paths()["purelib"]
    packages.load_packages(dict.fromkeys(packages.PACKAGES, folder))
    confine.Confinement(layers, READABLE).apply(60_750 if "uid" in layers else None, ())


def test_landlock_leaves_reading_the_interpreter_and_nothing_else(tmp_path: Path) -> None:
    def look() -> list[str]:
        _confined("landlock")
        seen = []
        for path in (os.__file__, "/etc/passwd", str(tmp_path), "/proc/1/environ"):
            try:
                (os.listdir if os.path.isdir(path) else open)(path)
                seen.append("yes")
            except OSError as error:
                seen.append(errno.errorcode[error.errno or 0])
        with open(os.devnull, "w") as nothing:
            nothing.write("x")
        return seen

    assert _in_child(look) == "['yes', 'EACCES', 'EACCES', 'EACCES']"


def test_landlock_lets_the_staged_folders_be_listed_and_read() -> None:
    folder = sysconfig.get_paths()["purelib"]
    packages.load_packages(dict.fromkeys(packages.PACKAGES, folder))
    with tempfile.TemporaryDirectory() as name:  # pytest's own shuts other users out
        (Path(name) / "layers.py").write_text("x = 1\n", "utf-8")

        def look() -> list[object]:
            confine.Confinement(("landlock",)).apply(None, [name])
            return [os.listdir(name), (Path(name) / "layers.py").read_text("utf-8")]

        assert _in_child(look) == "[['layers.py'], 'x = 1\\n']"


@pytest.mark.parametrize("place", ["", "python3", "."], ids=["alone", "enclosed", "in a place"])
def test_landlock_leaves_out_the_packages_that_are_installed_beside_the_library(
    tmp_path: Path, place: str
) -> None:
    library = tmp_path / "python3.12"
    for name in ("json/decoder.py", "os.py", "site-packages/torch/__init__.py"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text("x", "utf-8")
    (library / "out").symlink_to(tmp_path)
    for name in ("python3/own", "python3/another"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "layers.py").write_text("y", "utf-8")

    def look() -> list[str]:
        folder = sysconfig.get_paths()["purelib"]
        packages.load_packages(dict.fromkeys(packages.PACKAGES, folder))
        layers = confine.Confinement(("landlock",), (*READABLE, str(library)))
        if place:  # the launcher may read all it stages, a worker only its own
            layers.enclose([str(tmp_path / place), str(tmp_path / "missing")])
            assert (tmp_path / "python3/another/layers.py").read_text("utf-8") == "y"
        layers.apply(None, [str(tmp_path / "python3/own")])
        seen = [*sorted(os.listdir(library))]
        inside = ("json/decoder.py", "os.py", "site-packages/torch/__init__.py")
        staged = ("../python3/own/layers.py", "../python3/another/layers.py")
        for name in (*inside, *staged, "out/python3/another/layers.py"):
            try:
                seen.append((library / name).read_text("utf-8"))
            except OSError as error:
                seen.append(errno.errorcode[error.errno or 0])
        return seen

    listed = ["json", "os.py", "out", "site-packages"]
    assert _in_child(look) == str([*listed, "x", "x", "EACCES", "y", "EACCES", "EACCES"])
    assert without_packages(str(tmp_path)) == []
    assert without_packages(str(library / "json")) == [str(library / "json")]


def test_landlock_lets_nobody_be_signalled() -> None:
    def signal_parent() -> None:
        _confined("landlock")
        os.kill(os.getppid(), 0)

    landlock = pytest.importorskip("landlockpy")
    if landlock.abi_version() < 6:
        pytest.skip("this kernel's Landlock has no scopes of signals")
    assert _in_child(signal_parent).startswith("PermissionError")


def _threads() -> int:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        return len(list(pool.map(abs, range(8))))


ACTIONS: dict[str, tuple[Callable[[], object], str]] = {
    "socket": (lambda: __import__("socket").socket(), "PermissionError"),
    "fork": (os.fork, "PermissionError"),
    "exec": (lambda: os.execv("/bin/true", ["true"]), "PermissionError"),
    "kill": (lambda: os.kill(os.getpid(), 0), "PermissionError"),
    "mkdir": (lambda: os.mkdir("/tmp/hostile-folder"), "PermissionError"),
    "write": (lambda: open("/tmp/hostile-file", "w"), "PermissionError"),
    "append": (lambda: open(os.devnull, "a"), "PermissionError"),
    "unknown": (lambda: os.memfd_create("x"), "PermissionError"),
    "mount": (lambda: os.sched_setaffinity(0, {0}), "OSError"),
    "read": (lambda: len(open(os.__file__).read()) > 9, "True"),
    "thread": (_threads, "8"),
    "matmul": (lambda: __import__("numpy").ones((300, 300)).dot([1.0] * 300)[0], "300.0"),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_the_filter_leaves_computing_and_reading(name: str) -> None:
    action, expected = ACTIONS[name]

    def act() -> object:
        _confined("seccomp")
        return action()

    assert _in_child(act).split(":")[0] == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_has_no_rights_of_root_and_dies_with_its_parent() -> None:
    def look() -> tuple[Any, ...]:
        _confined("limits", "uid")
        status = Path("/proc/self/status").read_text()
        caps = [line.split()[1] for line in status.splitlines() if line.startswith("CapEff")]
        return os.getresuid(), os.getgroups(), caps, _pdeathsig()

    uid = 60_750
    assert _in_child(look) == str(((uid, uid, uid), [], ["0" * 16], 9))


def _pdeathsig() -> int:
    import ctypes

    found = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(found), 0, 0, 0)
    return found.value


def test_limits_cap_memory_and_every_byte_of_a_file(tmp_path: Path) -> None:
    def use() -> list[str]:
        _confined("limits")
        seen = []
        for action in (lambda: bytearray(2 * confine.MEMORY), lambda: _write(tmp_path / "x")):
            try:
                action()
                seen.append("done")
            except (MemoryError, OSError) as error:
                seen.append(type(error).__name__)
        return seen

    assert _in_child(use) == "['MemoryError', 'OSError']"


def _write(path: Path) -> None:
    with path.open("w") as file:
        file.write("x")
        file.flush()


def test_a_layer_that_cannot_be_had_is_reported_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("landlockpy", "seccompy"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    missing = probing.probe(("limits", "seccomp", "landlock"), READABLE, None)
    assert missing == {
        "limits": "",
        "uid": "it was turned off",
        "landlock": "the package landlockpy is not installed",
        "seccomp": "the package seccompy is not installed",
    }
    assert probing.probe(confine.LAYERS, READABLE, None)["uid"] == (
        "only root can change to another user"
    )


def test_a_layer_that_is_applied_and_does_not_hold_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(probing._FORBIDDEN, "limits", lambda: False)
    found = probing.probe(("limits",), READABLE, None)["limits"]
    assert found == "it was applied, but does not hold"


def test_the_way_to_a_folder_that_others_cannot_enter_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own shuts other users out
        top, inner = Path(name), Path(name) / "home" / "lib"
        inner.mkdir(parents=True)
        top.chmod(0o755)
        assert closed_to_others(str(inner)) == ""
        (top / "home").chmod(0o700)
        assert closed_to_others(str(inner)) == str(top / "home")
        assert closed_to_others(str(top / "home")) == str(top / "home")


LEVELS = [
    ({}, "uid"),
    ({"uid": "no"}, "confined"),
    ({"landlock": "no"}, "uid"),
    ({"seccomp": "no"}, "any"),
]


@pytest.mark.parametrize(("missing", "level"), LEVELS)
def test_the_level_is_the_strongest_that_holds(missing: dict[str, str], level: str) -> None:
    isolation = Isolation(dict.fromkeys(confine.LAYERS, "") | missing)
    assert isolation.level == level
    isolation.require(level)
    if level != "uid":
        with pytest.raises(NotIsolated, match=": no".join([*missing, ""])):
            isolation.require("uid")


@pytest.fixture
def launchers() -> Iterator[Callable[..., ForkServerClient]]:
    started: list[ForkServerClient] = []

    def start(*layers: str) -> ForkServerClient:
        started.append(ForkServerClient(layers))
        return started[-1]

    yield start
    for launcher in started:
        launcher.close()


def test_layers_that_are_switched_off_are_missing_and_said_so(
    launchers: Callable[..., ForkServerClient],
) -> None:
    found = launchers("limits").isolation
    assert found.level == "any"
    assert found.missing["seccomp"] == "it was turned off"
    assert found.missing["limits"] == ""


PYTHON = sysconfig.get_paths()["stdlib"]


@pytest.mark.slow
@pytest.mark.skipif(not closed_to_others(PYTHON), reason="every user can enter Python")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_python_below_a_closed_folder_is_lent_with_landlock_and_said_so_without(
    launchers: Callable[..., ForkServerClient],
) -> None:
    assert launchers(*confine.LAYERS).isolation.missing["uid"] == ""
    closed = closed_to_others(PYTHON)
    found = launchers("limits", "uid", "seccomp").isolation
    assert found.missing["uid"] == f"Python is below {closed}, which other users cannot access"
    assert found.level == "confined"


def test_workers_are_users_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked up while the launcher can still see the accounts."""
    monkeypatch.setattr(users, "_has_account", lambda uid: uid % 2 == 0)
    found = users.without_account()
    assert len(set(found)) == users.MOST
    assert set(found) <= {uid for uid in users.UIDS if uid % 2}
    claims = [users.claim_uid(found[:2]) for _ in range(2)]
    assert sorted(uid for uid, _ in claims) == sorted(found[:2])
    with pytest.raises(RuntimeError, match="are taken by other graders"):
        users.claim_uid(found[:2])
    for _, claim in claims:
        claim.close()
