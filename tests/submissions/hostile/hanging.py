# %% endless-import: its import never ends
# target: losses.MSE
# slow: yes
# when: import
def attack():
    while True:
        pass

# %% endless-call: never returns
# target: activations.ReLU
# slow: yes
def attack():
    while True:
        pass

# %% endless-constructor: its constructor never returns
# target: losses.MSE
# raw: yes
class MSE(Loss):
    def __init__(self, *args):
        while True:
            pass

# %% endless-attribute: looking up an attribute never ends
# target: activations.ReLU
# slow: yes
# raw: yes
class ReLU:
    def __getattribute__(self, name):
        while True:
            pass

# %% endless-array: returns something that never becomes an array
# target: activations.ReLU
# raw: yes
class Endless:
    def __array__(self, *args, **options):
        while True:
            pass

    def __len__(self):
        while True:
            pass

    __repr__ = __str__ = __float__ = __iter__ = __len__


class ReLU(Activation):
    def forward(self, Z):
        return Endless()

    def backward(self, Z, dY):
        return [Endless()]

# %% deaf: ignores all signals, and sleeps
# target: activations.ReLU
# slow: yes
import signal
import time


def attack():
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    time.sleep(300)

# %% stopped: stops itself
# target: activations.ReLU
import os
import signal


def attack():
    os.kill(os.getpid(), signal.SIGSTOP)
    return False

# %% lock-held: holds the interpreter's lock in C
# target: activations.ReLU
# slow: yes
def attack():
    return (10**10**7) % 7 ** 10**7 == 0

# %% backtracking: a regular expression that takes forever
# target: activations.ReLU
# slow: yes
import re


def attack():
    return re.match(r"(a+)+$", "a" * 60 + "b") is not None

# %% endless-good-bye: hangs when the process ends
# target: activations.ReLU
import atexit
import sys
import time

atexit.register(time.sleep, 300)


def attack():
    sys.exit(1)

# %% endless-thread: a thread that keeps the process alive
# target: activations.ReLU
import threading
import time

threading.Thread(target=time.sleep, args=(300,)).start()


def attack():
    return False

# %% just-below-the-limit: sleeps almost as long as it may, in every call
# target: activations.ReLU
# slow: yes
import time


def attack():
    time.sleep(0.5)
    return False

# %% recursion: recurses as deeply as C lets it
# target: activations.ReLU
# slow: yes
import sys


def deeper(n):
    return deeper(n + 1)


def attack():
    sys.setrecursionlimit(10**9)
    return deeper(0)

# %% nested-lists: crashes the interpreter with the text of a nested list
# target: activations.ReLU
# slow: yes
import sys


def attack():
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    return len(repr(nested)) < 0

# %% segmentation-fault: reads from the address zero
# target: activations.ReLU
import ctypes


def attack():
    ctypes.string_at(0)

# %% abort: aborts
# target: activations.ReLU
import os


def attack():
    os.abort()

# %% stack-of-a-thread: overflows the stack of a thread
# target: activations.ReLU
# slow: yes
import sys
import threading


def deeper(n):
    return deeper(n + 1)


def attack():
    sys.setrecursionlimit(10**9)
    threading.stack_size(32768)
    thread = threading.Thread(target=deeper, args=(0,))
    thread.start()
    thread.join()
    return False

# %% memory-at-once: asks for six gigabytes and touches them
# target: activations.ReLU
def attack():
    return bool(np.ones(6 * 2**27).sum())

# %% memory-bit-by-bit: keeps what it is given until nothing is left
# target: activations.ReLU
# slow: yes
def attack():
    kept = []
    while len(kept) < 600:
        kept.append(bytearray(10**7))
    return True

# %% memory-in-files: writes to shared memory instead
# target: losses.MSE
def attack():
    with open("/dev/shm/hostile-memory", "wb") as file:
        file.write(bytes(10**7))
        file.flush()
    return True

# %% anonymous-maps: maps memory that limits on data may miss
# target: losses.MSE
import mmap


def attack():
    kept = [mmap.mmap(-1, 2**28) for _ in range(16)]
    for page in kept:
        page[0] = 1
    return True

# %% many-threads: starts hundreds of threads
# target: activations.ReLU
import threading
import time


def attack():
    for _ in range(300):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return False

# %% many-processes: forks until it is stopped, two hundred times at most
# target: activations.ReLU
import os
import time


def attack():
    for _ in range(200):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    return False

# %% many-descriptors: opens files until none is left
# target: activations.ReLU
import os


def attack():
    kept = []
    try:
        while len(kept) < 100_000:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return False
    return True

# %% full-disk: writes fifty megabytes
# target: activations.ReLU
def attack():
    with open("/tmp/hostile-disk", "wb") as file:
        for _ in range(50):
            file.write(bytes(2**20))
    return True

# %% flood-of-prints: prints without end
# target: activations.ReLU
# slow: yes
def attack():
    while True:
        print("x" * 10_000)

# %% flood-of-writes: writes to the descriptors of stdout and stderr without end
# target: activations.ReLU
# slow: yes
import os


def attack():
    while True:
        os.write(1, b"x" * 10_000)
        os.write(2, b"x" * 10_000)

# %% flood-of-warnings: warns with a hundred megabytes
# target: activations.ReLU
# slow: yes
import warnings


def attack():
    for number in range(100):
        warnings.warn("x" * 10**6 + str(number), stacklevel=2)
    return False

# %% bomb: unpacks a bomb
# target: activations.ReLU
# slow: yes
import zlib


def attack():
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(10**7)) for _ in range(300)) + packer.flush()
    return len(zlib.decompress(packed)) > 0

# %% endless-collection: loops whenever garbage is collected
# target: activations.ReLU
# slow: yes
import gc


def loop(*_):
    while True:
        pass


def attack():
    gc.callbacks.append(loop)
    gc.collect()
    return False

# %% timer: raises at any time from a timer
# target: activations.ReLU
import signal


def raising(*_):
    raise RuntimeError("now")


def attack():
    signal.signal(signal.SIGALRM, raising)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    return False

# %% tracing: traces the harness, and loops there
# target: activations.ReLU
# slow: yes
import sys


def tracing(frame, event, arg):
    if "wire" in frame.f_code.co_filename:
        while True:
            pass
    return tracing


def attack():
    sys.settrace(tracing)
    sys.setprofile(tracing)
    return False

# %% import-lock: holds an import lock forever
# target: activations.ReLU
# slow: yes
import threading


def attack():
    import importlib._bootstrap as bootstrap

    lock = bootstrap._get_module_lock("student.activations")
    lock.acquire()
    bootstrap._imp.acquire_lock()
    threading.Event().wait()

# %% source-without-an-end: compiles an expression that is too deep
# target: losses.MSE
# when: import
def attack():
    eval("(" * 10**6 + ")" * 10**6)

# %% long-number: writes a number with a hundred million digits
# target: losses.MSE
# slow: yes
import sys


def attack():
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    return len(str(3 ** (2 * 10**7))) < 0

# %% deleted-globals: deletes what the harness and numpy hold on to
# target: activations.ReLU
import sys


def attack():
    for name in list(sys.modules):
        del sys.modules[name]
    vars(np).clear()
    return False
