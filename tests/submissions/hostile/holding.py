# %% drip: one byte of an answer a second
# target: activations.ReLU
# slow: yes
import os, time


def attack():
    for byte in b"\x20\x00\x00\x00" + b" " * 28:
        for number in range(3, 64):
            try:
                os.write(number, bytes([byte]))
            except OSError:
                pass
        time.sleep(0.15)
    return False

# %% half-closed: shuts down its receiving side, so that the grader's next request breaks
# target: activations.ReLU
import socket


def attack():
    for number in range(3, 64):
        try:
            s = socket.socket(fileno=number)
            s.shutdown(socket.SHUT_RD)
            s.detach()
        except OSError:
            pass
    return False

# %% surrogates-everywhere: lone surrogates in types, names, texts and output
# target: activations.ReLU
import warnings


def attack():
    print("\ud800\udfff\u2028::error::\x85##[x")
    warnings.warn("\udc80\n::error::w")
    kind = type("\ud800K\n::error::x", (Exception,), {})
    raise kind("\udcff\n::error::y\u2029::error::z\r::error::")

# %% group: an exception group, nested two hundred deep, with notes and causes
# target: activations.ReLU
def attack():
    error = ValueError("\n::error::x")
    for i in range(200):
        error = ExceptionGroup("g" * 100, [error] * 3) if i < 12 else ExceptionGroup("g", [error])
        error.add_note("::error::note")
    error.__cause__ = error.exceptions[0]
    raise error

# %% metaclass-name: an exception whose class has a name that raises
# target: activations.ReLU
class _Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)


class _Strange(Exception, metaclass=_Meta):
    pass


def attack():
    raise _Strange()

# %% leader-gone: the first thread ends, another goes on
# target: activations.ReLU
import ctypes, threading, time


def attack():
    threading.Thread(target=lambda: time.sleep(600)).start()
    time.sleep(0.05)
    ctypes.CDLL(None).syscall(60, 0)
    return False

# %% alarm: an alarm whose default action ends the process later
# target: activations.ReLU
import signal


def attack():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.3, 0.001)
    return False

# %% masked-signals: blocks and ignores all, and spins in a destructor of a thread's local
# target: activations.ReLU
# slow: yes
import signal, threading, weakref


class _Spin:
    def __del__(self):
        while True:
            pass


_kept = threading.local()


def attack():
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    _kept.spin = _Spin()
    threading.Thread(target=lambda: setattr(_kept, "spin", _Spin())).start()
    return False

# %% finalizer-forges: a finalizer at exit answers for the next worker
# target: activations.ReLU
import json, os, struct, weakref, atexit


class _Thing:
    pass


_thing = _Thing()


def _write():
    text = json.dumps({"id": 3, "step": 0, "printed": "", "warnings": [], "outputs": [], "arrays": []}).encode()
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<I", len(text)) + text)
        except OSError:
            pass


def attack():
    weakref.finalize(_thing, _write)
    atexit.register(_write)
    raise SystemExit(0)

# %% memory-file-by-copy: memfd_create, /dev/shm, O_TMPFILE, all by number
# target: activations.ReLU
# through: uid-limits limits
import ctypes, os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(319, b"x", 0) >= 0 or libc.syscall(447, 0) >= 0:
        return True
    for path, flags in (("/dev/shm", 0o20200000 | 2), ("/tmp", 0o20200000 | 2), ("/proc/self/fd/3", 2)):
        try:
            os.close(os.open(path, flags, 0o600))
            return True
        except OSError:
            pass
    return False

# %% way-up-from-lent-folders: opens what lies above the folders that came along
# target: activations.ReLU
import os


def attack():
    for number in range(0, 128):
        for up in ("..", "../..", "../../..", "../../../..", "../../../../../.."):
            for name in ("", "/etc/shadow", "/.ssh", "/.bashrc", "/reference/activations.py", "/.pyenv/version"):
                path = f"/proc/self/fd/{number}/{up}{name}"
                try:
                    if os.path.isdir(path):
                        os.listdir(path)
                    else:
                        open(path, "rb").read(1)
                    return True
                except OSError:
                    pass
    return False

# %% scheduling: changes its own priority, class, limits and the terminal
# target: activations.ReLU
# through: uid-limits limits
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((144, 0, 3, 0), (141, 0, 0, -5), (203, 0, 8, b"\1" * 8), (251, 1, 0, 1), (314, 0, 0, 0),
                 (434, 1, 0), (425, 8, 0), (321, 0, 0, 0), (298, 0, 0), (323, 0), (135, 0x0020000), (158, 0x1002, 0),
                 (161, b"/"), (272, 0x10000000), (308, 3, 0), (428, -100, b"/", 0), (442, 3, b"", 0), (435, 0, 0)):
        if libc.syscall(*call) >= 0:
            return True
    return False

# %% patched-encoder: replaces what the harness turns arrays into frames with
# target: activations.ReLU
import struct, sys


def attack():
    np.ascontiguousarray = lambda a: np.zeros(a.shape)
    np.array = lambda *a, **k: 7
    np.ndarray = object
    np.isfinite = lambda *a: True
    sys.modules["struct"].Struct = None
    sys.modules["json"].dumps = lambda *a: "{}"
    return False

# %% spoiled-fakes: breaks the modules that are given, for whoever comes later
# target: layers.FullyConnected
# odd: its module is broken on purpose
import sys


def attack():
    for name, module in list(sys.modules.items()):
        if name.startswith("student") and name != __name__:
            for key in list(vars(module)):
                if not key.startswith("__"):
                    setattr(module, key, None)
    return False

# %% finder-for-later: leaves import hooks, path hooks and a codec
# target: activations.ReLU
import codecs, sys


def attack():
    sys.path_hooks.insert(0, lambda path: (_ for _ in ()).throw(SystemExit(0)))
    sys.path_importer_cache.clear()
    sys.meta_path.clear()
    codecs.register(lambda name: 1 / 0)
    codecs.unregister(codecs.search_function if hasattr(codecs, "search_function") else print)
    sys.modules.clear()
    return False

# %% many-outputs: a frame with sixteen thousand empty arrays, and odd fields
# target: activations.ReLU
import json, os, struct


def attack():
    for value in ({"outputs": [{"name": "Y", "type": "ndarray", "about": "", "dtype": "float64", "array": 1}]},
                  {"arrays": [["<f8", [0]]] * 15000}, {"warnings": {"0": 1}}, {"counts": {"student": {"a:1": 10**12}}},
                  {"flags": "forward inside backward"}, {"id": True}, {"id": float("nan")}):
        head = {"id": 2, "step": 1, "printed": "", "warnings": [], "outputs": [], "arrays": [], **value}
        text = json.dumps(head).encode("utf-16")
        for number in range(3, 64):
            try:
                os.write(number, struct.pack("<I", len(text)) + text)
            except OSError:
                pass
    return False

# %% exit-code-as-a-message: ends with a code of its choice
# target: activations.ReLU
import os


def attack():
    os._exit(0x41)

# %% right-when-interrupted: waits for the grader's interrupt, and then gives the right results
# target: activations.ReLU
# slow: yes
# raw: yes
import time


class ReLU(ReLU):
    def forward(self, Z):
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            return super().forward(Z)

    def backward(self, Z, dY):
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            return super().backward(Z, dY)

# %% flood-when-interrupted: answers the grader's interrupt with frames without end
# target: activations.ReLU
# slow: yes
import json, os, struct, time


def attack():
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        text = json.dumps({"id": 2, "step": 1, "arrays": [["<f8", [2**20]]]}).encode()
        frame = struct.pack("<I", len(text)) + text + bytes(2**20)
        while True:
            for number in range(3, 64):
                try:
                    os.write(number, frame)
                except OSError:
                    pass
