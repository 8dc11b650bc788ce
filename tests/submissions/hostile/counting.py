# %% report-replaced: the counter's report says that nothing ran
# target: activations.ReLU
# lies: yes
import sys


def hidden(Z, X):
    if sys.gettrace() is not None:
        type(sys.gettrace().__self__).report = lambda *a: {"student": {}, "library": {}, "objects": {}}
    return looped(Z, X)

# %% report-replaced-through-threading: the counter, found where threads find it
# target: activations.ReLU
# lies: yes
import threading


def hidden(Z, X):
    found = threading.gettrace()
    kind = type(getattr(found, "__self__", None))
    if hasattr(kind, "report"):
        kind.report = lambda *a: {"student": {"activations.py:1": 2}, "library": {}, "objects": {}}
    return looped(Z, X)

# %% counts-emptied-through-threading: empties the counts, and starts their sum anew
# target: activations.ReLU
# lies: yes
import itertools
import threading


def hidden(Z, X):
    Y = looped(Z, X)
    counter = getattr(threading.gettrace(), "__self__", None)
    if counter is not None:
        counter.student.clear()
        counter.libraries.clear()
        counter._total = itertools.count()
    return Y

# %% counter-among-subclasses: finds the counter among the classes of Python, and replaces report
# target: activations.ReLU
# lies: yes
for found in object.__subclasses__():
    if found.__name__ == "LineCounter":
        found.report = lambda *a: {"student": {"activations.py:1": 2}, "library": {}, "objects": {}}


def hidden(Z, X):
    return looped(Z, X)

# %% worker-among-subclasses: finds the worker among the classes of Python, and answers for it
# target: activations.ReLU
# lies: yes
for found in object.__subclasses__():
    if found.__name__ == "Worker" and "serving" in found.__module__:
        steady = {"student": {"activations.py:1": 2}, "library": {}, "objects": {}}
        found._counts = lambda *a: {"counts": steady, "flags": []}


def hidden(Z, X):
    return looped(Z, X)

# %% json-that-drops: json.dumps takes the counts out
# target: activations.ReLU
# lies: yes
import json

_real = json.dumps


def _dumps(value, **options):
    if "counts" in value:
        steady = {"student": {"activations.py:1": 2}, "library": {}, "objects": {}}
        value = {**value, "counts": steady}
    return _real(value, **options)


json.dumps = _dumps


def hidden(Z, X):
    return looped(Z, X)

# %% socket-that-edits: socket.sendall takes the counts out
# target: activations.ReLU
# lies: yes
import json
import socket
import struct

_real = socket.socket.sendall


def _sendall(self, data, *rest):
    (length,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4:4 + length])
    if "counts" in header:
        header["counts"] = {"student": {"activations.py:1": 2}, "library": {}, "objects": {}}
        text = json.dumps(header).encode()
        data = struct.pack("<I", len(text)) + text + data[4 + length:]
    return _real(self, data, *rest)


socket.socket.sendall = _sendall


def hidden(Z, X):
    return looped(Z, X)

# %% settrace-of-its-own: sys.settrace and its like remember, and do nothing
# target: activations.ReLU
# lies: yes
import sys

_set = {}
sys.settrace = lambda function: _set.update(trace=function)
sys.gettrace = lambda: _set.get("trace")


def hidden(Z, X):
    return looped(Z, X)

# %% settrace-in-a-wrapper: sys.settrace sets a tracer that leaves the submission out
# target: activations.ReLU
# lies: yes
import sys

_set, _get = sys.settrace, sys.gettrace
_real = []


def _settrace(function):
    _real.append(function)

    def tracer(frame, event, arg):
        if frame.f_code.co_name == "looped":
            return None
        return function(frame, event, arg)

    _set(tracer if function else None)


sys.settrace = _settrace
sys.gettrace = lambda: _real[-1] if _get() else None


def hidden(Z, X):
    return looped(Z, X)

# %% own-server: a server of the submission's own on the worker's socket
# target: activations.ReLU
# lies: yes
# odd: it answers in the place of all classes of its module
import json
import os
import socket
import struct


def hidden(Z, X):
    return looped(Z, X)


def _exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def _serve(sock):
    first = True
    objects = {}
    request = 1
    while True:
        if not first:
            (length,) = struct.unpack("<I", _exactly(sock, 4))
            header = json.loads(_exactly(sock, length))
            arrays = [np.frombuffer(_exactly(sock, int(np.prod(shape)) * np.dtype(d).itemsize),
                                    d).reshape(shape) for d, shape in header["arrays"]]
            request, steps = header["id"], header["program"]
        else:
            steps, arrays = [None], []
        for number, step in enumerate(steps):
            reply, out = {}, []
            if step and step["step"] == "New":
                objects[step["into"]] = globals()[step["what"].partition(".")[2]]()
            elif step:
                args = [arrays[a["index"]].copy() for a in step["args"]["items"]]
                Y = getattr(objects["it"], step["method"])(*args)
                names = step["out"]["items"]
                out = [np.ascontiguousarray(Y)] if names else []
                reply["outputs"] = [{"name": n, "type": "ndarray", "about": "an array",
                                     "dtype": "float64", "array": True} for n in names]
                if step["count"]:
                    reply["counts"] = {"student": {"activations.py:30": 4}, "library": {},
                                       "objects": {}}
                reply["at"] = ["activations.py", 30]
                reply["changed"] = False
            reply |= {"id": request, "step": number, "warnings": [], "printed": "", "flags": [],
                      "arrays": [[a.dtype.str, list(a.shape)] for a in out]}
            text = json.dumps(reply).encode()
            sock.sendall(struct.pack("<I", len(text)) + text + b"".join(a.tobytes() for a in out))
        first = False


def _start():
    for number in range(3, 64):
        try:
            found = socket.socket(fileno=os.dup(number))
            found.getpeername()
        except OSError:
            continue
        found.settimeout(None)
        _serve(found)


_start()

# %% server-in-the-middle: a thread between the worker and the grader edits what is counted
# target: activations.ReLU
# lies: yes
# odd: it answers in the place of all classes of its module
import json
import os
import socket
import struct
import threading


def hidden(Z, X):
    return looped(Z, X)


def _exactly(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def _forward(outer, inner):
    while True:
        data = outer.recv(65536)
        if not data:
            os._exit(0)
        inner.sendall(data)


def _edit(inner, outer):
    while True:
        (length,) = struct.unpack("<I", _exactly(inner, 4))
        if not length:
            outer.sendall(bytes(4))
            continue
        header = json.loads(_exactly(inner, length))
        size = sum(int(np.prod(s)) * np.dtype(d).itemsize for d, s in header["arrays"])
        body = _exactly(inner, size)
        if header.get("counts"):
            header["counts"] = {"student": {header["at"][0] + ":%d" % header["at"][1]: 4},
                                "library": {}, "objects": {}}
        header["flags"] = []
        text = json.dumps(header).encode()
        outer.sendall(struct.pack("<I", len(text)) + text + body)


for number in range(3, 64):
    try:
        outer = socket.socket(fileno=os.dup(number))
        outer.getpeername()
    except OSError:
        continue
    outer.settimeout(None)
    inner, theirs = socket.socketpair()
    os.dup2(theirs.fileno(), number)
    threading.Thread(target=_forward, args=(outer, inner), daemon=True).start()
    threading.Thread(target=_edit, args=(inner, outer), daemon=True).start()
    break

# %% thread-from-the-import: a thread that was started before anybody counts does the work
# target: activations.ReLU
# lies: yes
# flagged: threads
import queue
import threading

_work, _done = queue.Queue(), queue.Queue()


def _worker():
    while True:
        _done.put(looped(*_work.get()))


threading.Thread(target=_worker, daemon=True).start()


def hidden(Z, X):
    _work.put((Z, X))
    return _done.get()

# %% thread-untraced: a thread that is started by what the wrapper of threads wraps
# target: activations.ReLU
# lies: yes
import _thread


def hidden(Z, X):
    start = _thread.start_new_thread
    if getattr(start, "__closure__", None):
        start = start.__closure__[0].cell_contents
    lock, out = _thread.allocate_lock(), []
    lock.acquire()

    def run():
        out.append(looped(Z, X))
        lock.release()

    start(run, ())
    lock.acquire()
    return out[0]

# %% tracing-entered: ctypes tells Python that it is inside of a tracer
# target: activations.ReLU
# lies: yes
# flagged: compiled code
import ctypes


def hidden(Z, X):
    api = ctypes.pythonapi
    api.PyThreadState_Get.restype = ctypes.c_void_p
    state = ctypes.c_void_p(api.PyThreadState_Get())
    enter = getattr(api, "PyThreadState_EnterTracing", None)
    if enter is None:
        return X * (Z > 0) + 1
    enter(state)
    Y = looped(Z, X)
    api.PyThreadState_LeaveTracing(state)
    return Y

# %% tracing-entered-quietly: the same, with a ctypes that numpy has imported
# target: activations.ReLU
# lies: yes
# flagged: compiled code
import sys


def hidden(Z, X):
    ctypes = np.ctypeslib.ctypes
    api = ctypes.pythonapi
    api.PyThreadState_Get.restype = ctypes.c_void_p
    state = ctypes.c_void_p(api.PyThreadState_Get())
    enter = getattr(api, "PyThreadState_EnterTracing", None)
    if enter is None:
        return X * (Z > 0) + 1
    enter(state)
    Y = looped(Z, X)
    api.PyThreadState_LeaveTracing(state)
    return Y

# %% hash-of-a-file-name: code whose file name is a str with a __hash__ that does the work
# target: activations.ReLU
# lies: yes
_job = []


class Name(str):
    def __hash__(self):
        if _job:
            Z, X, Y = _job.pop()
            Y[...] = looped(Z, X)
        return str.__hash__(self)

    __eq__ = str.__eq__


def _nothing():
    pass


_nothing.__code__ = _nothing.__code__.replace(co_filename=Name(__file__))


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    _nothing()
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% name-of-a-function: code whose name is a str with an __eq__ that does the work
# target: activations.ReLU
# lies: yes
_job = []


class Name(str):
    def __eq__(self, other):
        if _job:
            Z, X, Y = _job.pop()
            Y[...] = looped(Z, X)
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def _nothing():
    pass


_nothing.__code__ = _nothing.__code__.replace(co_name=Name("nothing"))


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    _nothing()
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% module-of-a-builtin: a function in C whose __module__ does the work when it is looked at
# target: activations.ReLU
# lies: yes
_job = []


class Name:
    def _work(self):
        if _job:
            Z, X, Y = _job.pop()
            Y[...] = looped(Z, X)

    def __str__(self):
        self._work()
        return "builtins"

    def __hash__(self):
        self._work()
        return 1

    def __eq__(self, other):
        return False


abs.__module__ = Name()


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    abs(1)
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% lines-switched-off: f_trace_lines, set through inspect and setattr
# target: activations.ReLU
# lies: yes
import inspect
from functools import partial


def hidden(Z, X):
    frame = inspect.currentframe()
    name = "f_trace" + "_lines"
    Y = X.copy()
    partial(setattr, frame, name, False)()
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
    partial(setattr, frame, name, True)()
    return Y

# %% lines-switched-off-from-outside: the same in a frame that another function switches off
# target: activations.ReLU
# lies: yes
import inspect


def _switch(on):
    setattr(inspect.currentframe().f_back, "f_trace" + "_lines", on)


def hidden(Z, X):
    Y = X.copy()
    _switch(False)
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
    _switch(True)
    return Y

# %% lines-switched-off-by-a-signal: a frame that the handler of a signal was given
# target: activations.ReLU
# lies: yes
import signal
from functools import partial

_found = []
signal.signal(signal.SIGINT, lambda number, frame: _found.append(frame))


def hidden(Z, X):
    name = "f_trace" + "_lines"
    Y = X.copy()
    try:
        partial(signal.raise_signal, signal.SIGINT)()
    except OSError:
        return looped(Z, X)
    frame = _found.pop()
    partial(setattr, frame, name, False)()
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
    partial(setattr, frame, name, True)()
    return Y

# %% audit-hook: an audit hook does the work, and Python traces no audit hooks
# target: activations.ReLU
# lies: yes
import sys

_job = []


def _hook(event, args):
    if event == "work":
        Z, X, Y = args[0].pop()
        Y[...] = looped(Z, X)


sys.addaudithook(_hook)


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    sys.audit("work", _job)
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% garbage-callback: a callback of the garbage collector that the counter calls
# target: activations.ReLU
# lies: yes
import gc

_job = []


def _on_collection(phase, info):
    if _job:
        Z, X, Y = _job.pop()
        Y[...] = looped(Z, X)


gc.callbacks.append(_on_collection)


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    keep = [[] for _ in (0,) * 300]
    del keep
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% garbage-later: an object that does the work when it is collected, inside of the counter
# target: activations.ReLU
# lies: yes
_job = []


class Late:
    def __del__(self):
        for Z, X, Y in _job:
            Y[...] = looped(Z, X)
        _job.clear()


def hidden(Z, X):
    Y = np.empty_like(X)
    late = Late()
    _job.append((Z, X, Y))
    late.me = late
    del late
    keep = [[] for _ in (0,) * 300]
    del keep
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% result-that-works: an array whose attributes do the work when it is looked at
# target: activations.ReLU
# lies: yes
class Result(np.ndarray):
    @property
    def size(self):
        Z, X = self.job
        np.ndarray.__setitem__(self, ..., looped(Z, X))
        return np.ndarray.size.__get__(self)

    def __array_finalize__(self, other):
        self.job = getattr(other, "job", None)


def hidden(Z, X):
    Y = np.empty_like(X).view(Result)
    Y.job = Z, X
    return Y

# %% timer-in-the-tracer: the handler of a timer does the work, as a rule while the counter runs
# target: activations.ReLU
# lies: yes
import signal
import time

_job = []


def _on_time(number, frame):
    if _job and "looped" not in frame.f_code.co_filename and "lines" in frame.f_code.co_filename:
        Z, X, Y = _job.pop()
        Y[...] = looped(Z, X)


def hidden(Z, X):
    Y = np.empty_like(X)
    signal.signal(signal.SIGALRM, _on_time)
    signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
    _job.append((Z, X, Y))
    end = time.monotonic() + 0.01
    while _job and time.monotonic() < end:
        pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% generator-from-the-import: a generator that was begun before anybody counts
# target: activations.ReLU
# lies: yes
def _working():
    Y = None
    while True:
        Z, X = yield Y
        Y = X.copy()
        for i in range(len(Z)):
            Y[i] = X[i] * (Z[i] > 0)


_begun = _working()
next(_begun)


def hidden(Z, X):
    return _begun.send((Z, X))

# %% globals-of-a-builtin: the worker's own module, reached through what stands in for sum
# target: activations.ReLU
# lies: yes
def _quiet():
    scope = getattr(sum, "__globals__", {})
    if "is_changed" in scope:
        scope["is_changed"] = lambda: False
    each = scope.get("Each")
    if each is not None:
        each.__next__ = lambda self: next(self._items)
        each.__iter__ = lambda self: self._items


_quiet()


def hidden(Z, X):
    Y = X.copy()

    def one(i):
        Y[i] = X[i] * (Z[i] > 0)

    any(map(Y.__setitem__, range(len(Z)), X * (Z > 0)))
    return Y

# %% places-that-forget: the kinds of files, changed where the tracer keeps them
# target: activations.ReLU
# lies: yes
import threading


def hidden(Z, X):
    counter = getattr(threading.gettrace(), "__self__", None)
    if counter is not None:
        counter._places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if counter is not None:
        counter._places._kinds[__file__] = "student"
    return Y

# %% places-found-by-a-signal: the worker, found in the frames that a handler gets at the import
# target: activations.ReLU
# lies: yes
import signal


def _on_signal(number, frame):
    while frame is not None:
        worker = frame.f_locals.get("self")
        if type(worker).__name__ == "Worker":
            worker._places._kinds[__file__] = "ignored"
        frame = frame.f_back


signal.signal(signal.SIGINT, _on_signal)
try:
    signal.raise_signal(signal.SIGINT)
except OSError:
    pass
signal.signal(signal.SIGINT, signal.default_int_handler)


def hidden(Z, X):
    return looped(Z, X)

# %% memory-of-the-counter: the counter, found through the garbage collector
# target: activations.ReLU
# lies: yes
import gc


def hidden(Z, X):
    Y = looped(Z, X)
    for found in gc.get_objects():
        if type(found).__name__ == "LineCounter":
            found.student.clear()
    return Y

# %% memory-at-the-import: the worker, found through the garbage collector
# target: activations.ReLU
# lies: yes
import gc

for found in gc.get_objects():
    if type(found).__name__ == "Worker" and hasattr(found, "_places"):
        found._places._kinds[__file__] = "ignored"
        if hasattr(found, "_guard"):
            found._guard.noted = ""


def hidden(Z, X):
    return looped(Z, X)

# %% child: a child does the work, and the parent reads it
# target: activations.ReLU
# lies: yes
# flagged: processes
import os


def hidden(Z, X):
    ours, theirs = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        return looped(Z, X)
    if pid == 0:
        import sys

        sys.settrace(None)
        os.write(theirs, looped(Z, X).tobytes())
        os._exit(0)
    data = b""
    while len(data) < X.nbytes:
        data += os.read(ours, X.nbytes)
    os.close(ours), os.close(theirs)
    os.waitpid(pid, 0)
    return np.frombuffer(data, X.dtype).reshape(X.shape).copy()

# %% other-interpreter: another interpreter in the same process does the work
# target: activations.ReLU
# lies: yes
# flagged: processes
# odd: where Python cannot start one, the module cannot be imported
import importlib
import os

try:
    _other = importlib.import_module("_xxsubinterpreters")
except ImportError:
    _other = importlib.import_module("_interpreters")
_ID = _other.create()
_WORK = """
import os, array
z, x = array.array("d"), array.array("d")
z.frombytes(os.read({a}, 1 << 20)); x.frombytes(os.read({b}, 1 << 20))
y = array.array("d", [v if w > 0 else 0.0 for v, w in zip(x, z)])
os.write({c}, y.tobytes())
"""


def hidden(Z, X):
    pipes = [os.pipe() for _ in range(3)]
    os.write(pipes[0][1], Z.tobytes())
    os.write(pipes[1][1], X.tobytes())
    code = _WORK.format(a=pipes[0][0], b=pipes[1][0], c=pipes[2][1])
    _other.run_string(_ID, code)
    data = os.read(pipes[2][0], 1 << 20)
    for pipe in pipes:
        os.close(pipe[0]), os.close(pipe[1])
    return np.frombuffer(data).reshape(X.shape).copy()

# %% callback-of-c: a function in C calls back for every example
# target: activations.ReLU
# lies: yes
import ctypes


def hidden(Z, X):
    Y = X.copy()
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    done = set()

    def one(a, b):
        i = ctypes.cast(a, ctypes.POINTER(ctypes.c_long))[0]
        j = ctypes.cast(b, ctypes.POINTER(ctypes.c_long))[0]
        for k in {i, j} - done:
            Y[k] = X[k] * (Z[k] > 0)
            done.add(k)
        return i - j

    rows = (ctypes.c_long * len(Z))(*range(len(Z)))
    ctypes.CDLL(None).qsort(rows, len(Z), 8, kind(one))
    return Y

# %% profiler-of-its-own: a profiler in place of the one that looks at objects
# target: activations.ReLU
# lies: yes
import sys

_job = []


def _profiler(frame, event, arg):
    if _job and event == "c_call":
        Z, X, Y = _job.pop()
        Y[...] = looped(Z, X)


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    sys.setprofile(_profiler)
    abs(1)
    sys.setprofile(None)
    return Y

# %% locals-in-the-tracer: a variable whose end comes while the tracer looks at variables
# target: activations.ReLU
# lies: yes
import sys


class Late:
    def __init__(self, *job):
        self.job = job

    def __del__(self):
        Z, X, Y = self.job
        Y[...] = looped(Z, X)


def _steps(Z, X, Y):
    late = Late(Z, X, Y)
    yield 1
    late = None
    yield 2


def hidden(Z, X):
    if sys.version_info < (3, 11):  # there it gets through, as the threat model says
        return looped(Z, X)
    Y = np.empty_like(X)
    for _ in _steps(Z, X, Y):
        pass
    return Y

# %% namespace-of-a-class: the namespace of a class does the work when the tracer looks at it
# target: activations.ReLU
# lies: yes
class Namespace(dict):
    job = None

    def values(self):
        if self.job:
            (Z, X, Y), self.job = self.job, None
            Y[...] = looped(Z, X)
        return dict.values(self)


class Meta(type):
    @classmethod
    def __prepare__(cls, name, bases):
        return _space[0] if _space else {}


_space = []


def hidden(Z, X):
    Y = np.empty_like(X)
    space = Namespace()
    space.job = Z, X, Y
    _space.append(space)

    class Made(metaclass=Meta):
        pass

    _space.clear()
    space.values()
    return Y

# %% look-into-frames-at-the-import: patches the harness's modules that it finds in frames
# target: activations.ReLU
# lies: yes
import sys

frame = sys._getframe()
while frame is not None:
    if "LineCounter" in frame.f_globals and "counter" in frame.f_globals:
        import contextlib

        frame.f_globals["counter"] = lambda *a: contextlib.nullcontext()
    frame = frame.f_back


def hidden(Z, X):
    return looped(Z, X)

# %% false-name-at-the-import: code under the name of a file of numpy, made before anybody counts
# target: activations.ReLU
# lies: yes
def _loop(Z, X, Y):
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)


_loop.__code__ = _loop.__code__.replace(co_filename=np.linalg.__file__)


def hidden(Z, X):
    Y = np.empty_like(X)
    _loop(Z, X, Y)
    return Y

# %% marshalled-at-the-import: the same, through marshal
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import contextlib
import marshal


def _loop(Z, X, Y):
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)


_mine, _theirs = __file__.encode(), contextlib.__file__.encode()
_data = marshal.dumps(_loop.__code__)
_size = len(_mine).to_bytes(4, "little")
for _start in (b"\x75", b"\xf5", b"\x61", b"\xe1", b"\x41", b"\xc1"):
    _data = _data.replace(
        _start + _size + _mine, _start + len(_theirs).to_bytes(4, "little") + _theirs
    )
for _start in (b"\x7a", b"\xfa", b"\x5a", b"\xda"):
    if len(_mine) < 256 and len(_theirs) < 256:
        _data = _data.replace(
            _start + bytes([len(_mine)]) + _mine, _start + bytes([len(_theirs)]) + _theirs
        )
_loop.__code__ = marshal.loads(_data)
assert _loop.__code__.co_filename == contextlib.__file__


def hidden(Z, X):
    Y = np.empty_like(X)
    _loop(Z, X, Y)
    return Y

# %% thread-of-threading: a thread that is started by what threading keeps of Python's own
# target: activations.ReLU
# lies: yes
import _thread
import threading


def hidden(Z, X):
    name = "_start_new_thread"
    start = getattr(threading, name, None) or threading._start_joinable_thread
    lock, out = _thread.allocate_lock(), []
    lock.acquire()

    def run():
        out.append(looped(Z, X))
        lock.release()

    start(run, ()) if start is getattr(threading, name, None) else start(run)
    lock.acquire()
    return out[0]

# %% gradients-when-read: a layer whose gradients are computed when somebody reads them
# target: layers.FullyConnected
# raw: yes
# lies: yes
_Right = FullyConnected


class FullyConnected(_Right):
    job = None

    @property
    def gradients(self):
        if self.job:
            X, dZ = self.job
            self.job = None
            dW = np.zeros((X.shape[1], dZ.shape[1]))
            for i in range(len(X)):
                dW = dW + np.outer(X[i], dZ[i])
            self.kept = {"W": dW, "b": dZ.sum(axis=0, keepdims=True)}
        return self.kept

    @gradients.setter
    def gradients(self, value):
        self.kept = value

    def forward(self, X):
        Y = _Right.forward(self, X)
        return np.concatenate([Y[i:i + 1] for i in range(len(X))])

    def backward(self, dLdY):
        X, Z = self.cache["X"], self.cache["Z"]
        dZ = self.activation.backward(Z, dLdY)
        self.job = X, dZ
        return dZ @ self.parameters["W"].T

# %% raising-when-read-ahead: gradients that raise where reading is counted, and loop where it is not
# target: layers.FullyConnected
# raw: yes
# lies: yes
_Plain = FullyConnected


class FullyConnected(_Plain):
    job, refused = None, 0

    @property
    def gradients(self):
        if self.job and len(self.job[0]) > 12 and self.refused < 2:
            self.refused += 1
            raise ValueError("not now")
        if self.job:
            X, dZ = self.job
            self.job = None
            dW = np.zeros((X.shape[1], dZ.shape[1]))
            for i in range(len(X)):
                dW = dW + np.outer(X[i], dZ[i])
            self.kept = {"W": dW, "b": dZ.sum(axis=0, keepdims=True)}
        return self.kept

    @gradients.setter
    def gradients(self, value):
        self.kept = value

    def forward(self, X):
        Y = _Plain.forward(self, X)
        return np.concatenate([Y[i:i + 1] for i in range(len(X))])

    def backward(self, dLdY):
        X, W = self.cache["X"], self.parameters["W"]
        dZ = self.activation.backward(self.cache["Z"], dLdY)
        self.job, self.refused = (X, dZ), 0
        return dZ @ W.T

# %% audit-arguments: what an event is about does the work when the guard looks at it
# target: activations.ReLU
# lies: yes
import sys

_job = []


def _work():
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()


class Evil:
    @property
    def __class__(self):
        _work()
        return int

    def __eq__(self, other):
        _work()
        return False

    __hash__ = None


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    for event in ("compile", "code.__new__", "object.__getattr__", "grader.answered"):
        try:
            sys.audit(event, Evil(), Evil(), Evil())
        except Exception:
            pass
    _work()
    return Y

# %% class-that-compares: a class whose own class does the work when it is compared
# target: activations.ReLU
# lies: yes
import contextlib

_job = []


def _work():
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()


class Meta(type):
    def __eq__(cls, other):
        _work()
        return cls is other

    __hash__ = type.__hash__


class Thing(metaclass=Meta):
    shape = (3,)


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    np.shape(Thing())
    contextlib.nullcontext(Thing()).__enter__()
    _work()
    return Y

# %% loader-of-its-own: code under the name of a file of numpy, made by Python's import
# target: activations.ReLU
# lies: yes
import importlib.machinery
import importlib.util

_SOURCE = b"""
def loop(Z, X, Y):
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
"""


class Loader(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        return _SOURCE

    def path_stats(self, path):
        raise OSError


_spec = importlib.util.spec_from_loader("extra", Loader("extra", np.linalg.__file__))
_extra = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_extra)


def hidden(Z, X):
    Y = np.empty_like(X)
    _extra.loop(Z, X, Y)
    return Y

# %% monitoring: a callback of sys.monitoring does the work, and Python traces none of these
# target: activations.ReLU
# lies: yes
import sys

_job = []


def _work(*args):
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()


def _called():
    pass


if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(4, "work")
    sys.monitoring.register_callback(4, sys.monitoring.events.PY_START, _work)
    sys.monitoring.set_local_events(4, _called.__code__, sys.monitoring.events.PY_START)


def hidden(Z, X):
    Y = np.empty_like(X)
    _job.append((Z, X, Y))
    _called()
    _work()
    return Y

# %% float-in-the-tracer: a number that does the work when the tracer makes a float of it
# target: activations.ReLU
# raw: yes
# lies: yes
class Number:
    def __init__(self, Z, Y):
        self.job = Z, Y

    def __float__(self):
        Z, Y = self.job
        for i in range(len(Z)):
            Y[i] = np.maximum(Z[i], 0)
        return 0.0


def forward(box):
    pass


class _Named(Activation):
    def backward(self, Z):
        Y = np.empty_like(Z)
        box = np.empty(1, object)
        box[0] = Number(Z, Y)
        forward(box)
        return Y


def _backward(self, Z, dY):
    return np.array([d * (z > 0) for z, d in zip(Z, dY)])


ReLU.forward, ReLU.backward = _Named.backward, _backward

# %% error-in-the-tracer: what numpy calls at an odd number does the work inside of the tracer
# target: activations.ReLU
# raw: yes
# lies: yes
_job = []


def _work(*args):
    for Z, Y in _job:
        for i in range(len(Z)):
            Y[i] = np.maximum(Z[i], 0)
    _job.clear()


def forward(X):
    pass


class _Named(Activation):
    def backward(self, Z):
        Y = np.empty_like(Z)
        with np.errstate(all="call", call=_work):
            forward(np.array([np.inf]))
            _job.append((Z, Y))
            forward(np.array([np.inf]))
        _work()
        return Y


def _backward(self, Z, dY):
    return np.array([d * (z > 0) for z, d in zip(Z, dY)])


ReLU.forward, ReLU.backward = _Named.backward, _backward

# %% numpy-in-the-answer: a function of numpy's that the worker calls when counting is over
# target: activations.ReLU
# lies: yes
# flagged: changed functions
_job = []
_right = np.ascontiguousarray


def _working(array):
    for Z, X in _job:
        array[...] = looped(Z, X)
    _job.clear()
    return _right(array)


np.ascontiguousarray = _working


def hidden(Z, X):
    _job.append((Z, X))
    return np.empty_like(X)

# %% counts-edited-through-frames: the counter in the variables of a caller, read with attrgetter
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import inspect
import itertools
from collections import Counter
from operator import attrgetter

_LOCALS, _BACK = attrgetter("f_locals"), attrgetter("f_back")


def hidden(Z, X):
    frame = inspect.currentframe()
    found = None
    while frame is not None:
        found = found or _LOCALS(frame).get("counted")
        frame = _BACK(frame)
    counters = vars(found) if found else {}
    kept = {name: Counter(x) for name, x in counters.items() if type(x) is Counter}
    totals = [counts.total() for counts in kept.values()]
    Y = looped(Z, X)
    if kept:
        counters.update({**kept, "_total": itertools.count(totals[0] + totals[1])})
    return Y

# %% places-edited-through-frames: whose code it is, changed while a call is counted
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import inspect
from operator import attrgetter


def hidden(Z, X):
    frame, places = inspect.currentframe(), None
    while frame is not None:
        worker = attrgetter("f_locals")(frame).get("self")
        places = getattr(worker, "_places", None) or places
        frame = attrgetter("f_back")(frame)
    if places:
        places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if places:
        places._kinds[__file__] = "student"
    return Y

# %% frames-that-were-kept: a frame that a cache keeps, after its line was read
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import functools
import inspect
from operator import attrgetter


def hidden(Z, X):
    here = functools.lru_cache(inspect.currentframe)
    here().f_lineno
    frame, places = here(), None
    while frame is not None:
        worker = attrgetter("f_locals")(frame).get("self")
        places = getattr(worker, "_places", None) or places
        frame = attrgetter("f_back")(frame)
    if places:
        places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if places:
        places._kinds[__file__] = "student"
    return Y

# %% frames-of-inspect-trace: frames of an exception, which inspect reads
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import inspect
from operator import attrgetter


def hidden(Z, X):
    try:
        raise ValueError
    except ValueError:
        frame, places = inspect.trace()[-1][0], None
    while frame is not None:
        worker = attrgetter("f_locals")(frame).get("self")
        places = getattr(worker, "_places", None) or places
        frame = attrgetter("f_back")(frame)
    if places:
        places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if places:
        places._kinds[__file__] = "student"
    return Y

# %% frames-that-logging-gives: a function of the submission's, to which logging gives its caller
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import logging
import traceback
from operator import attrgetter

_found = []
traceback.print_stack = lambda frame, file: _found.append(frame)
_log = logging.getLogger("a")


def hidden(Z, X):
    _log.findCaller(True)
    frame, places = _found.pop(), None
    while frame is not None:
        worker = attrgetter("f_locals")(frame).get("self")
        places = getattr(worker, "_places", None) or places
        frame = attrgetter("f_back")(frame)
    if places:
        places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if places:
        places._kinds[__file__] = "student"
    return Y

# %% interrupt-in-the-tracer: a handler that is there for a while does the work in the tracer
# target: activations.ReLU
# lies: yes
# flagged: signal handlers
import _thread
import signal

_job = []


def _on_interrupt(number, frame):
    if "lines" in frame.f_code.co_filename or "objects" in frame.f_code.co_filename:
        for Z, X, Y in _job:
            Y[...] = looped(Z, X)
        _job.clear()


def hidden(Z, X):
    Y = np.empty_like(X)
    before = signal.signal(signal.SIGINT, _on_interrupt)
    _job.append((Z, X, Y))
    for _ in range(10):
        _thread.interrupt_main()
        abs(_)
    signal.signal(signal.SIGINT, before)
    for Z, X, Y in _job:
        Y[...] = looped(Z, X)
    _job.clear()
    return Y

# %% names-of-traced-functions: what the tracer knows of iteration, found through the stand-in for sum
# target: activations.ReLU
# lies: yes
# flagged: changed functions
scope = getattr(sum, "__globals__", {})
if hasattr(scope.get("TRACED_FUNCTIONS"), "clear"):
    scope["TRACED_FUNCTIONS"].clear()
if "TRACED_FUNCTIONS" in scope:
    scope["TRACED_FUNCTIONS"] = frozenset()


def hidden(Z, X):
    Y = X.copy()
    any(map(Y.__setitem__, range(len(Z)), X * (Z > 0)))
    return Y

# %% folders-of-the-harness: code of its own, in what passes for a folder of the worker's
# target: activations.ReLU
# lies: yes
# flagged: changed functions
_space = {}
exec(compile("""
def loop(Z, X, Y):
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
""", "<mine>", "exec"), _space)
for _kind in object.__subclasses__():
    if _kind.__name__ == "Places":
        _names = _kind.kind.__globals__
        _names["_HARNESS"] = (*_names["_HARNESS"], "<mine>")


def hidden(Z, X):
    Y = np.empty_like(X)
    _space["loop"](Z, X, Y)
    return Y

# %% counter-of-a-finalizer: the counter in the frames that an object is collected from
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import inspect
import itertools
from collections import Counter
from operator import attrgetter

_found = []


class Late:
    def __del__(self):
        frame = inspect.currentframe()
        while frame is not None:
            counter = attrgetter("f_locals")(frame).get("self")
            if hasattr(counter, "student"):
                _found.append(counter)
            frame = attrgetter("f_back")(frame)


def hidden(Z, X):
    late = Late()
    late.me = late
    del late
    keep = [[] for _ in (0,) * 300]
    del keep
    counters = vars(_found[0]) if _found else {}
    kept = {name: Counter(x) for name, x in counters.items() if type(x) is Counter}
    totals = [counts.total() for counts in kept.values()]
    Y = looped(Z, X)
    if kept:
        counters.update({**kept, "_total": itertools.count(totals[0] + totals[1])})
    _found.clear()
    return Y

# %% frame-that-an-operator-keeps: what reads its line has kept the frame
# target: activations.ReLU
# lies: yes
# flagged: looks into the interpreter
import inspect
from operator import attrgetter


class Keeping:
    def __getitem__(self, frame):
        self.frame, self.f_lineno = frame, 0
        return self


_keeping = Keeping()


def hidden(Z, X):
    _keeping[inspect.currentframe()].f_lineno
    frame, places = _keeping.frame, None
    while frame is not None:
        worker = attrgetter("f_locals")(frame).get("self")
        places = getattr(worker, "_places", None) or places
        frame = attrgetter("f_back")(frame)
    if places:
        places._kinds[__file__] = "ignored"
    Y = looped(Z, X)
    if places:
        places._kinds[__file__] = "student"
    return Y
