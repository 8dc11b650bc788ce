# %% read-reference-beside-the-grader: guesses where the reference lies, from numpy's folder upwards
# target: activations.ReLU
import os


def attack():
    folder = os.path.dirname(np.__file__)
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        guess = os.path.join(folder, "reference", "activations.py")
        if os.path.exists(guess) and "BEGIN SOLUTION" in open(guess).read():
            return True
    return False

# %% read-reference-by-walking: walks over the whole disk
# target: layers.FullyConnected
# through: seccomp uid-limits limits
import os

SKIPPED = ("proc", "sys", "dev", "usr", "lib", "var", "opt", "etc", "root", "node_modules")


def attack():
    for folder, folders, names in os.walk("/"):
        folders[:] = [f for f in folders if f not in SKIPPED]
        if os.path.basename(folder) == "reference" and "layers.py" in names:
            try:
                if "BEGIN SOLUTION" in open(os.path.join(folder, "layers.py")).read():
                    return True
            except OSError:
                pass
    return False

# %% read-reference-through-the-command-line: finds the grader's folder in /proc/*/cmdline
# target: activations.ReLU
# through: seccomp uid-limits limits
import glob
import os


def attack():
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(name, "rb").read().decode(errors="replace").split("\0")
        except OSError:
            continue
        for word in words:
            guess = os.path.join(os.path.dirname(word), "reference", "layers.py")
            try:
                if word.startswith("/") and "BEGIN SOLUTION" in open(guess).read():
                    return True
            except (OSError, ValueError):
                pass
    return False

# %% read-recorded-answers: loads the recorded answers of the grader
# target: activations.ReLU
# through: seccomp uid-limits limits
import glob
import os


def attack():
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(name, "rb").read().decode(errors="replace").split("\0")
        except OSError:
            continue
        for word in words:
            answers = word + "/assignment/homework/recorded.npz"
            if word.endswith("/grader") and os.access(answers, os.R_OK):
                return np.load(answers) is not None
    return False

# %% read-compiled-reference: looks for compiled copies of the reference
# target: layers.Pool2D
# through: seccomp uid-limits limits
import os

SKIPPED = ("proc", "sys", "dev", "usr", "lib", "var", "opt", "etc", "root", "node_modules")


def attack():
    for folder, folders, names in os.walk("/"):
        folders[:] = [f for f in folders if f not in SKIPPED]
        for name in names:
            if folder.endswith("reference/__pycache__") and name.startswith("layers"):
                try:
                    return len(open(os.path.join(folder, name), "rb").read()) > 0
                except OSError:
                    pass
    return False

# %% import-the-grader: imports the oracle
# target: activations.ReLU
def attack():
    from grader.answers import LiveOracle

    return LiveOracle is not None

# %% import-the-reference: imports the reference by name, and as a sibling
# target: activations.ReLU
def attack():
    import importlib

    for name in ("reference.activations", "reference", "..reference"):
        try:
            return hasattr(importlib.import_module(name, __package__), "__file__")
        except (ImportError, ValueError):
            pass
    return False

# %% loaded-modules: looks for the grader or the reference among the loaded modules
# target: activations.ReLU
import sys


def attack():
    wanted = ("reference", "grader.answers", "grader.assignment", "grader.running", "grader.run")
    return any(name.startswith(wanted) for name in sys.modules)

# %% frames-upwards: walks the frames to the harness, and looks for expected values
# target: activations.ReLU
import sys


def attack():
    frame = sys._getframe()
    while frame is not None:
        if {"expected", "oracle", "seed"} & set(frame.f_locals):
            return True
        frame = frame.f_back
    return False

# %% garbage-collector: looks through all objects for an oracle or a case
# target: activations.ReLU
import gc


def attack():
    names = {type(x).__name__ for x in gc.get_objects()}
    return bool(names & {"LiveOracle", "RecordedOracle", "Case", "Plan", "Target", "Problem"})

# %% memory-of-the-parent: reads /proc/PPID/mem
# target: activations.ReLU
import os


def attack():
    parent = os.getppid()
    with open(f"/proc/{parent}/maps") as maps, open(f"/proc/{parent}/mem", "rb") as memory:
        memory.seek(int(maps.readline().split("-")[0], 16))
        return len(memory.read(4096)) > 0

# %% environments-of-others: reads the environment of every process
# target: activations.ReLU
import glob
import os


def attack():
    own = str(os.getpid())
    for name in glob.glob("/proc/[0-9]*/environ"):
        try:
            if own not in name and open(name, "rb").read():
                return True
        except OSError:
            pass
    return False

# %% descriptors-of-the-parent: opens what the launcher and the grader have open
# target: activations.ReLU
import glob
import os


def attack():
    own = str(os.getpid())
    for name in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if name.split("/")[2] != own and os.open(name, os.O_RDONLY) >= 0:
                return True
        except OSError:
            pass
    return False

# %% inherited-descriptors: looks for a file or folder among the descriptors that came along
# target: activations.ReLU
import os
import stat


def attack():
    for number in range(3, 256):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            return True
        if stat.S_ISDIR(status.st_mode):
            try:
                if "reference" in os.listdir(f"/proc/self/fd/{number}/../../../.."):
                    return True
            except OSError:
                pass
    return False

# %% working-folder-of-the-parent: goes through /proc/PPID/cwd and root
# target: activations.ReLU
import os


def attack():
    for link in ("cwd", "root"):
        try:
            if os.listdir(f"/proc/{os.getppid()}/{link}"):
                return True
        except OSError:
            pass
    return False

# %% ptrace-the-parent: attaches to its parent
# target: activations.ReLU
import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    attached = libc.ptrace(16, os.getppid(), None, None) == 0
    if attached:
        os.waitpid(os.getppid(), 0)
        libc.ptrace(17, os.getppid(), None, None)
    return attached

# %% process-vm-readv: reads the parent's memory with a system call
# target: activations.ReLU
import ctypes
import os


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    here, there = Vector(ctypes.addressof(buffer), 64), Vector(id(None), 64)
    return libc.process_vm_readv(
        os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0
    ) > 0

# %% descriptor-by-pidfd: takes a descriptor of the parent with pidfd_getfd
# target: activations.ReLU
import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    other = libc.syscall(434, os.getppid(), 0)
    return other >= 0 and any(libc.syscall(438, other, n, 0) >= 0 for n in range(3, 32))

# %% secrets-in-the-environment: looks for more than the harness needs
# target: activations.ReLU
import os


def attack():
    allowed = {"PATH", "LC_ALL", "PYTHONHASHSEED", "OPENBLAS_CORETYPE", "LD_LIBRARY_PATH"}
    return any(n not in allowed and not n.endswith("_THREADS") for n in os.environ)

# %% other-submissions: lists the folders of graders, where submissions are staged
# target: activations.ReLU
# through: seccomp limits
import glob
import os


def attack():
    for folder in glob.glob("/tmp/grader-staged-*"):
        try:
            if os.listdir(folder):
                return True
        except OSError:
            pass
    return False

# %% account-files: reads the accounts of the machine
# target: losses.MSE
# through: seccomp uid-limits limits
def attack():
    return "root" in open("/etc/passwd").read()

# %% metadata-of-the-submission: reads names, e-mails and earlier scores
# target: losses.MSE
import os


def attack():
    return any(
        os.access(path, os.R_OK)
        for path in ("/autograder/submission_metadata.json", "/autograder/results/results.json")
    )

# %% handles-of-files: opens a file by its handle, beside all paths
# target: losses.MSE
# through: uid-limits limits
import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    handle = (ctypes.c_uint32 * 40)(128)
    mount = ctypes.c_int()
    found = libc.name_to_handle_at(-100, b"/etc/passwd", handle, ctypes.byref(mount), 0)
    return found == 0

# %% ring-of-requests: opens files through io_uring
# target: losses.MSE
import ctypes


def attack():
    parameters = (ctypes.c_uint8 * 120)()
    return ctypes.CDLL(None, use_errno=True).syscall(425, 8, parameters) >= 0

# %% numbers-of-another-architecture: calls the x32 version of a system call
# target: losses.MSE
import ctypes
import platform


def attack():
    if platform.machine() != "x86_64":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(0x40000000 | 41, 2, 1, 0) >= 0  # socket

# %% old-interrupt: makes a 32-bit system call through machine code
# target: losses.MSE
# through: uid-limits limits
import ctypes
import mmap
import platform


def attack():
    if platform.machine() != "x86_64":
        return False
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov eax, 2 (fork); int 0x80; ret
    page.write(b"\xb8\x02\x00\x00\x00\xcd\x80\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    found = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    if found == 0:
        import os

        os._exit(0)
    return found > 0

# %% history-of-the-repository: looks for the solution in a git folder
# target: losses.MSE
# through: seccomp uid-limits limits
import os

SKIPPED = ("proc", "sys", "dev", "usr", "lib", "var", "opt", "etc", "root", "node_modules")


def attack():
    for folder, folders, _ in os.walk("/"):
        folders[:] = [f for f in folders if f not in SKIPPED]
        try:
            if ".git" in folders and os.listdir(os.path.join(folder, ".git")):
                return True
        except OSError:
            pass
    return False

# %% source-of-the-harness: reads the files of the grader beside its own fakes
# target: losses.MSE
# through: seccomp uid-limits limits
import glob


def attack():
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = open(name, "rb").read().decode(errors="replace").split("\0")
            folders = [word for word in words if word.endswith("/grader")]
            if any("cotangent" in open(f + "/sampler.py").read() for f in folders):
                return True
        except OSError:
            pass
    return False

# %% link-in-its-own-folder: makes a link to the reference and reads through it
# target: losses.MSE
# through: limits
import os


def attack():
    link = os.path.join(os.path.dirname(__file__), "hostile-link")
    os.symlink("/etc/passwd", link)
    return bool(open(link).read())
