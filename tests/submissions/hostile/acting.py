# %% write-results: writes full marks where results are expected
# target: activations.ReLU
import json


def attack():
    for path in ("/autograder/results/hostile-results.json", "hostile-results.json"):
        try:
            with open(path, "w") as file:
                json.dump({"score": 100}, file)
            return True
        except OSError:
            pass
    return False

# %% write-results-at-exit: writes at the end of the process
# target: activations.ReLU
import atexit


def late():
    with open("/tmp/hostile-late.json", "w") as file:
        file.write("{}")


atexit.register(late)


def attack():
    late()
    return True

# %% write-from-a-daemon: leaves a process that writes when the grader is done
# target: activations.ReLU
# through: uid-limits limits
import os
import time


def attack():
    if os.fork():
        return True
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(300)

# %% names-as-state: keeps what it saw in the names of empty files
# target: activations.ReLU
# through: uid-limits limits
def attack():
    open("/tmp/hostile-state-1234", "w").close()
    return True

# %% state-in-shared-memory: keeps what it saw in shared memory
# target: activations.ReLU
def attack():
    from multiprocessing import shared_memory

    return shared_memory.SharedMemory("hostile-shm", create=True, size=10).size >= 10

# %% state-in-a-segment: keeps what it saw in a System V segment
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.shmget(0x5EC2E7, 4096, 0o1666)
    if found >= 0:
        libc.shmctl(found, 0, None)
    return found >= 0

# %% message-queue: makes a queue that outlives it
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.msgget(0x5EC2E8, 0o1666)
    if found >= 0:
        libc.msgctl(found, 0, None)
    return found >= 0

# %% key-ring: leaves a key in the kernel
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 248, "aarch64": 217}[__import__("platform").machine()]
    return libc.syscall(number, b"user", b"hostile", b"x", 1, -4) >= 0

# %% memory-file: makes a file in memory, and would run it
# target: losses.MSE
# through: uid-limits limits
import os


def attack():
    return os.memfd_create("hostile") >= 0

# %% tcp-socket: opens a socket
# target: activations.ReLU
# through: uid-limits limits
import socket


def attack():
    socket.socket().close()
    return True

# %% unix-socket: opens a socket to daemons of the machine
# target: activations.ReLU
# through: uid-limits limits
import socket


def attack():
    with socket.socket(socket.AF_UNIX) as there:
        there.connect_ex("/var/run/docker.sock")
    return True

# %% kernel-socket: opens a netlink socket
# target: activations.ReLU
# through: uid-limits limits
import socket


def attack():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
    return True

# %% datagram-of-a-pair: sends from one end of a pair to somebody else's address
# target: losses.MSE
# through: uid-limits limits
import os
import socket


def attack():
    one, _other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        one.sendto(b"x", "/run/systemd/notify")
    except OSError as error:
        return error.errno in (2, 111)  # nobody is there, but nobody forbade it
    return True

# %% shell: runs a command
# target: activations.ReLU
# through: uid-limits limits
import os


def attack():
    return os.system("true") == 0

# %% subprocess: runs another Python
# target: activations.ReLU
# through: uid-limits limits
import subprocess
import sys


def attack():
    return subprocess.run([sys.executable, "-c", "pass"], check=False).returncode == 0

# %% spawn: starts a process with posix_spawn
# target: losses.MSE
# through: uid-limits limits
import os


def attack():
    return os.posix_spawn("/bin/true", ["true"], {}) > 0

# %% fork-by-number: forks through clone3
# target: losses.MSE
# through: uid-limits limits
import ctypes
import os
import signal


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_uint64 * 8)()
    arguments[4] = signal.SIGCHLD
    found = libc.syscall(435, arguments, 64)
    if found == 0:
        os._exit(0)
    return found > 0

# %% become-another-program: replaces itself with a program
# target: losses.MSE
import os


def attack():
    if os.access("/bin/sleep", os.X_OK):
        os.execv("/bin/sleep", ["sleep", "30"])
    return False

# %% terminate-the-parent: sends SIGTERM to the launcher, and reports whether that was allowed
# target: activations.ReLU
# through: limits
import os
import signal


def attack():
    os.kill(os.getppid(), signal.SIGCONT)
    return True

# %% kill-everything: kills whatever it may
# target: activations.ReLU
# through: limits
import os
import signal


def attack():
    if os.getuid() == 0:
        return False
    os.kill(-1, signal.SIGKILL)
    return False

# %% kill-the-grader: looks for the grader and ends it
# target: activations.ReLU
# through: limits
import glob
import os
import signal


def attack():
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        pid = int(name.split("/")[2])
        try:
            mine = b"tests.wall.run" in open(name, "rb").read()
            if mine and os.stat(f"/proc/{pid}").st_uid == os.getuid() != 0:
                os.kill(pid, signal.SIGTERM)
        except OSError:
            pass
    return False

# %% signal-by-descriptor: lets the kernel send SIGKILL for it when a pipe is ready
# target: losses.MSE
# through: uid-limits limits
import fcntl
import os


def attack():
    theirs, ours = os.pipe()
    fcntl.fcntl(theirs, 10, 9)  # F_SETSIG, SIGKILL
    fcntl.fcntl(theirs, fcntl.F_SETOWN, os.getppid())
    return True

# %% signal-with-a-value: queues a signal for its parent
# target: losses.MSE
# through: limits
import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    information = (ctypes.c_int * 32)(18, 0, -1)
    return libc.syscall(129, os.getppid(), 18, information) == 0

# %% root-again: becomes root
# target: activations.ReLU
import os


def attack():
    if os.getuid() == 0:
        return True
    os.setuid(0)
    return os.getuid() == 0

# %% namespaces: makes namespaces of its own, with root inside
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    return ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000) == 0

# %% mount: mounts a file system
# target: losses.MSE
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.mount(b"none", b"/mnt", b"tmpfs", 0, b"size=1m") == 0

# %% higher-limits: raises its own limits
# target: losses.MSE
import resource


def attack():
    resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))
    return True

# %% survive-the-parent: asks to live on, and starts what would
# target: losses.MSE
# through: uid-limits limits
import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    undone = libc.prctl(1, 0, 0, 0, 0) == 0
    return undone and os.fork() >= 0

# %% readable-again: makes its own memory readable for others
# target: losses.MSE
# through: uid-limits limits
import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(4, 1, 0, 0, 0)
    return libc.prctl(3, 0, 0, 0, 0) == 1

# %% nice-to-nobody: changes the priority of its parent
# target: losses.MSE
# through: limits
import os


def attack():
    os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)
    return True

# %% pin-the-parent: binds the launcher to one processor
# target: losses.MSE
# through: limits
import os


def attack():
    os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0))
    return True

# %% folder-and-pipe: makes a folder and a named pipe
# target: losses.MSE
# through: uid-limits limits
import os


def attack():
    os.mkfifo("/tmp/hostile-pipe")
    return True

# %% change-its-own-files: rewrites its module for the next worker
# target: activations.ReLU
# through: limits
import os


def attack():
    os.chmod(os.path.dirname(__file__), 0o777)
    return True

# %% remove-its-own-files: deletes its module
# target: activations.ReLU
# through: limits
import os


def attack():
    os.unlink(__file__)
    return True

# %% plant-a-plugin: puts a conftest where the grader was started
# target: activations.ReLU
# through: limits
def attack():
    with open("hostile-conftest.py", "w") as file:
        file.write("")
    return True

# %% plant-in-site-packages: puts a .pth file beside numpy
# target: activations.ReLU
import os


def attack():
    folder = os.path.dirname(os.path.dirname(np.__file__))
    open(os.path.join(folder, "hostile-start.pth"), "w").close()
    os.unlink(os.path.join(folder, "hostile-start.pth"))
    return True

# %% times-of-files: keeps state in the time stamp of a file
# target: losses.MSE
# through: limits
import os


def attack():
    os.utime(__file__, (1, 1))
    return True

# %% watch-the-folder: watches files of others
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    return ctypes.CDLL(None, use_errno=True).inotify_init1(0) >= 0

# %% terminal-input: types into the terminal of the grader
# target: losses.MSE
import fcntl


def attack():
    for number in (0, 1, 2):
        fcntl.ioctl(number, 0x5412, b"x")
    return True

# %% count-what-the-processor-does: opens performance counters
# target: losses.MSE
import ctypes


def attack():
    attributes = (ctypes.c_uint32 * 32)(1, 128)
    number = {"x86_64": 298, "aarch64": 241}[__import__("platform").machine()]
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(number, attributes, 0, -1, -1, 0) >= 0
