"""Hidden checks: what they ask does not leak through any line that students see."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.assignment import VISIBILITIES, Target
from grader.assignment.fitting import problems
from grader.cli import main
from grader.evidence import Arrays
from grader.isolation import Gate, replies
from grader.judging import Grade, Rerun
from grader.paths import HOMEWORK
from grader.program import Call, Load, New, Read
from grader.report import formats, gradescope, html, terminal
from grader.run import Answer
from grader.running import reruns
from grader.running.runner import grade
from grader.submission import Submission
from grader.worker.guard import TAMPERED
from tests.catalogue import reference_files
from tests.grading import QUICK, Watched, live, shared, valid
from tests.homework import ASSIGNMENT, REFERENCE, find_targets

# A forged worker sends this in every text of every reply; nothing that students see may have it.
LEAK = "LEAK 0.955078125"
# Takes over the sending of frames once the module is imported: a thread between the worker and the
# grader replaces every text in a header, except what the protocol itself needs.
FORGE = f"""
import json, os, socket, struct, threading

def forged(value, key=""):
    if isinstance(value, dict):
        return {{(k if k in KEPT else "{LEAK}" + str(i)): forged(v, k)
                for i, (k, v) in enumerate(value.items())}}
    if isinstance(value, (list, tuple)):
        return [forged(item, key) for item in value]
    if isinstance(value, str) and key not in ("arrays", "name"):
        return "{LEAK}"
    return value

KEPT = ("id", "step", "arrays", "outputs", "name", "type", "about", "dtype", "array", "printed",
        "warnings", "changed", "counts", "student", "library", "objects", "flags", "at", "error",
        "ours", "unfinished", "message", "where")
def exactly(sock, size):
    data = b""
    while len(data) < size:
        data += sock.recv(size - len(data)) or os._exit(0)
    return data

def asking(outer, inner):
    while data := outer.recv(65536):
        inner.sendall(data)
    os._exit(0)

def answering(inner, outer):
    while True:
        length = exactly(inner, 4)
        if not any(length):
            outer.sendall(length)
            continue
        header = json.loads(exactly(inner, struct.unpack("<I", length)[0]))
        sizes = [int(np.prod(shape)) * np.dtype(kind).itemsize for kind, shape in header["arrays"]]
        body = exactly(inner, sum(sizes))
        header = dict(header, flags=["x"], warnings=["x"], printed="x", at=["x", 7])
        header = forged(header)
        for entry in header.get("outputs", ()):
            entry["type"], entry["about"], entry["dtype"] = ("{LEAK}",) * 3
        MORE(header)
        text = json.dumps(header).encode()
        outer.sendall(struct.pack("<I", len(text)) + text + body)

def MORE(header):
    pass

for number in range(3, 64):
    try:
        outer = socket.socket(fileno=os.dup(number))
        outer.getpeername()
        break
    except OSError:
        pass
outer.settimeout(None)
inner, worker = socket.socketpair()
os.dup2(worker.fileno(), number)
threading.Thread(target=asking, args=(outer, inner), daemon=True).start()
threading.Thread(target=answering, args=(inner, outer), daemon=True).start()
"""
RELU = reference_files()["activations.py"].decode()
NUMBERS = "return np.maximum(Z, 0.0)"
ATTACKS = {
    "right numbers": RELU,
    "wrong numbers": RELU.replace(NUMBERS, "return np.abs(Z)"),
    "no numbers": RELU.replace(NUMBERS, 'return "no numbers"'),
    "an exception": RELU.replace(NUMBERS, 'raise ValueError("x")'),
    "an exception of its own": RELU.replace(NUMBERS, 'raise type("E", (Exception,), {})("x")'),
    "not implemented": RELU.replace(NUMBERS, "raise NotImplementedError"),
    "an endless loop": RELU.replace(NUMBERS, "\n        while True: pass"),
    "a loop": RELU.replace(NUMBERS, "return np.array([[max(z, 0.0) for z in row] for row in Z])"),
    "no method": RELU.replace("def forward", "def backwards_forward"),
    "no class": "import numpy as np\n",
}


def _hidden(name: str, *checks: str) -> Target:
    (target,) = find_targets((name,))
    assert target.points.keys() >= set(checks)
    return dataclasses.replace(target, visibilities=dict.fromkeys(checks, "hidden"))


def _graded(code: str, target: Target, **options: Any) -> Grade:
    files = {f"{target.module}.py": code.encode()}
    options = {"limits": QUICK, "workers": shared(), "pictures": True, **options}
    found = grade(ASSIGNMENT, Submission(files, "."), live(), (target,), **options)
    return valid(found)


def _shown(found: Grade) -> Iterator[tuple[str, str]]:
    """Yield everything that a student may see of a grade, with where it is shown."""
    value = gradescope.results(found, "html")
    for test in value["tests"]:
        if test["visibility"] == "visible":
            yield "Gradescope", json.dumps(test)
    student = dataclasses.replace(found, oracle="recorded").student_view
    yield "results.json", json.dumps(gradescope.results(student))
    yield "HTML", html.render(found)
    yield "HTML of a student", html.render(student)
    console = Console(file=StringIO(), width=100)
    terminal.show(student, console, terminal.Detail.VERBOSE)
    assert isinstance(console.file, StringIO)
    yield "the terminal", console.file.getvalue()
    for name, form in formats.FORMATS.items():
        text = form(value, 100) if name != "gradescope" else ""
        yield name, base64.b64decode(text[7:]).decode() if name == "classroom" else text


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_field_of_a_reply_takes_a_text_past_the_gate(attack: str) -> None:
    code = ATTACKS[attack] + FORGE
    found = _graded(code, _hidden("ReLU", "values"))
    assert not found.faults
    for where, text in _shown(found):
        assert "LEAK" not in text, where
        assert "955078125" not in text, where
    # The attack works: where every line is visible, the text gets through.
    (plain,) = find_targets(("ReLU",))
    assert any("LEAK" in text for _, text in _shown(_graded(code, plain)))


# What a submission can name without forging anything: files, functions, types, keys.
NAMED = '''
seen = []

def named(Z, work):
    """Run some work in a function whose file, name and result's type are the input."""
    seen.append(Z)
    text = "See HIDDEN Z: " + str(Z.ravel()[:8].tolist())
    print(text)
    import types, warnings
    warnings.warn(text)
    code = work.__code__.replace(co_filename=text, co_name=text)
    return types.FunctionType(code, globals(), text)(Z)
'''


@pytest.mark.parametrize(
    "work",
    ["np.maximum(Z, 0.0)", "np.array([[max(z, 0.0) for z in row] for row in Z])",
     "type(str(Z), (np.ndarray,), {})(Z.shape)", "type(str(Z), (Exception,), {})(str(Z)).nothing",
     "Z.astype([(str(Z.ravel()[:3].tolist()), float)])", "[z for row in Z for z in row][10**9]",
     "np.apply_along_axis(lambda z: np.maximum(z, 0.0), 1, Z)"],
)  # fmt: skip
def test_nothing_that_code_can_name_after_an_input_is_shown(work: str) -> None:
    body = f"return named(Z, lambda Z: {work})"
    code = RELU.replace("\nclass Activation", NAMED + "\nclass Activation", 1)
    assert code != RELU
    found = _graded(code.replace(NUMBERS, body), _hidden("ReLU", "values", "batching"))
    for where, text in _shown(found):
        assert "HIDDEN" not in text, where


@pytest.mark.slow
def test_what_a_hidden_check_asks_is_known_to_no_worker_of_a_visible_one() -> None:
    """Numbers are shown, so a process that answers a visible check must not see hidden inputs."""
    kept = f"seen.append(float(Z.ravel()[0]))\n        {NUMBERS}"
    code = RELU.replace(NUMBERS, kept).replace("class Activation", "seen = []\n\nclass Activation")
    head, body = code.split("class ReLU", 1)
    spoiled = re.sub(
        r"return dY[^\n]+", "return 0.0 * dY + (seen or [0.0])[0] + 1e6", body, count=1
    )
    assert spoiled != body
    (plain,) = find_targets(("ReLU",))
    others = [check for check in plain.points if check != "gradient"]
    known = {}
    for target in (plain, _hidden("ReLU", *others)):
        found = _graded(f"{head}class ReLU{spoiled}", target)
        (line,) = [line for line in found.lines if line.check == "gradient"]
        pairs = [case.evidence for case in line.result.cases]
        (said,) = {round(pair.found.flat[0] - 1e6, 6) for pair in pairs if isinstance(pair, Arrays)}
        known[target.secret] = said in {0.0, *_inputs("gradient")}
    assert known == {False: False, True: True}


@pytest.mark.slow
def test_lines_that_are_seen_later_are_graded_after_all_others_have_ended() -> None:
    """What a hidden check asks could be left where a later process finds it."""
    whole = "activations.ReLU", "activations.Sigmoid", "losses.MSE"
    later = {
        "activations.ReLU": {"values": "hidden", "batching": "after_published"},
        "activations.Sigmoid": {"shape": "hidden", "gradient": "after_due_date"},
    }
    targets = [
        dataclasses.replace(target, visibilities=later.get(target.name, {}))
        for target in find_targets(whole)
    ]
    workers, seen = Watched(shared()), list[tuple[str, str, int, int]]()
    by_title = {target.title: target for target in targets}

    def progress(text: str) -> None:
        title, _, check = text.partition(" ")[2].rpartition(": ")
        visibility = by_title[title].visibility_of(check)
        seen.append((visibility, title, workers.alive, len(workers.started)))

    found = grade(ASSIGNMENT, Submission(reference_files(), "."), live(), targets,
                  limits=QUICK, workers=workers, progress=progress)  # fmt: skip
    order = [visibility for visibility, *_ in seen]
    assert order == sorted(order, key=VISIBILITIES.index)
    assert set(order) == set(VISIBILITIES)
    for (first, title, *_), (second, following, alive, started) in itertools.pairwise(seen):
        groups = dict.fromkeys((one[0], one[1]) for one in seen)
        until = [group for group in groups if order.index(group[0]) <= order.index(first)]
        assert started <= len(until), "a worker started before all earlier checks had ended"
        assert alive <= 2, "more than two workers were alive at once"
        assert alive >= 1 or title != following
        assert alive == 1 or first == second, "a worker lived on beside a later check"
    assert [(line.target.name, line.check) for line in found.lines] == [
        (target.name, check) for target in targets for check in target.points
    ]
    assert {line.result.verdict.value for line in found.lines} == {"passed"}


@pytest.mark.parametrize(
    ("change", "said"),
    [({"visibility": "hiden"}, "ReLU has the visibility 'hiden'; it can be visible, after_due"),
     ({"visibilities": {"values": "secret"}}, "ReLU has the visibility 'secret'"),
     ({"visibilities": {"valeus": "hidden"}}, "ReLU has a visibility for 'valeus', but no points")],
)  # fmt: skip
def test_a_visibility_that_there_is_not_is_refused(change: dict[str, Any], said: str) -> None:
    relu, *others = ASSIGNMENT.rubric
    rubric = (dataclasses.replace(relu, **change), *others)
    found = list(problems(dataclasses.replace(ASSIGNMENT, rubric=rubric)))
    assert len(found) == 1
    assert said in found[0]


def _inputs(check: str) -> set[float]:
    """Return the first number of every array that a check of ReLU gives to forward."""
    programs = [case.problem(0).program for case in ASSIGNMENT.cases_of("activations.ReLU", check)]
    calls = [step for program in programs for step in program if isinstance(step, Call)]
    return {round(float(call.args[0].ravel()[0]), 6) for call in calls}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "verdict", "said"),
    [("not implemented", "not_implemented", "forward is not implemented yet"),
     ("no method", "failed", "Your class has no method forward."),
     ("no class", "not_implemented", "activations.py defines no ReLU."),
     ("an exception", "raised", "forward raised ValueError (its message is not shown, because"),
     ("an exception of its own", "raised", "forward raised an exception (its message is not"),
     ("no numbers", "failed", "is a str; expected an array of shape")],
)  # fmt: skip
def test_with_a_hidden_line_the_verdict_is_the_same_and_plain_words_are_left(
    attack: str, verdict: str, said: str
) -> None:
    (plain,) = find_targets(("ReLU",))
    code = ATTACKS[attack]
    seen, withheld = (_graded(code, target) for target in (plain, _hidden("ReLU", "batching")))
    assert [x.result.verdict for x in seen.lines] == [x.result.verdict for x in withheld.lines]
    (line,) = [line for line in withheld.lines if line.check == "values"]
    assert line.result.verdict.value == verdict
    assert said in line.result.cases[0].message


@pytest.mark.slow
def test_where_a_hidden_line_hangs_is_said_without_its_code() -> None:
    found = _graded(ATTACKS["an endless loop"], _hidden("ReLU", "batching"))
    texts = [case.message for line in found.lines for case in line.result.cases]
    (text,) = {text for text in texts if "It was stopped here" in text}
    assert re.search(r"here:\n  activations\.py:\d+$", text)


@pytest.mark.parametrize(
    ("step", "kind", "said"),
    [(New("it", "layers.Conv2D"), "Missing", "layers.py defines no Conv2D."),
     (Load("it", "W", live), "Missing", "After forward, parameters has no 'W'"),  # type: ignore[arg-type]
     (Call("it", "backward", out=("dZ", "dW")), "WrongResult",
      "backward must return the tuple (dZ, dW)."),
     (Call("it", "forward", out=("Y",)), "Tampered", TAMPERED),
     (Call("it", "forward", out=("Y",)), LEAK, "Your class has no method forward.")],
)  # fmt: skip
def test_the_harness_own_errors_are_said_in_its_own_words(
    step: New | Load | Call, kind: str, said: str
) -> None:
    error = replies.Error(kind, LEAK, ours=True, unfinished=False, where=())
    found = Gate().error(error, step)
    assert found.message.startswith(said)
    assert found.kind in ("Missing", "WrongResult", "Tampered")


def test_a_result_that_is_missing_is_said_without_what_is_there_instead() -> None:
    answer = Answer("missing", LEAK, LEAK, None)
    step = Read("it", "gradients", "W", ("dW",))
    (found,) = Gate().reply(replies.Reply({"dW": answer}), step).answers.values()
    assert found == Answer("missing", "gradients['W'] is missing.", "", None)


@pytest.mark.parametrize(
    ("kind", "dtype", "about"),
    [("int", "int", "an int"), ("float", "float", "a float"), ("list", "", "a list"),
     ("S3cret", "S3cret", "an object"), ("ellipsis", "", "an ellipsis"), ("NoneType", "", "None"),
     ("ndarray", "object", "an array"), ("missing", "", "dW is missing.")],
)  # fmt: skip
def test_what_a_result_is_stays_in_words_that_are_known(kind: str, dtype: str, about: str) -> None:
    answer = Answer(kind, "S3cret", dtype, None)
    (found,) = Gate().reply(replies.Reply({"dW": answer}), None).answers.values()
    assert found.about == about
    assert found.type == ("object" if kind == "S3cret" else kind)
    assert "S3cret" not in str(found)


def test_nothing_of_the_line_of_an_exception_is_said() -> None:
    facts = replies.Facts(((LEAK, LEAK, (3, 4)),), LEAK, LEAK, LEAK, (LEAK,), (LEAK, LEAK))
    error = replies.Error("ValueError", LEAK, False, False, (), facts=facts)
    assert Gate().error(error, None).facts == replies.Facts()


def test_counts_of_unknown_places_stay_apart_and_known_ones_keep_their_names() -> None:
    counts = {
        "student": {"layers.py:x": 9, "layers.py:3": 5, f"{LEAK}:4": 8, f"{LEAK}:3": 7},
        "library": {"vectorize layers.py:3": 1, f"{LEAK} layers.py:3": 2, f"f {LEAK}:1": 3},
        LEAK: {"layers.py:3": 4},
    }
    found = Gate(["layers.py"]).reply(replies.Reply(counts=counts), None).counts
    assert found["student"]["layers.py:3"] == 5
    assert found["library"]["vectorize layers.py:3"] == 1
    assert sorted(found["library"].values()) == [1, 2, 3]
    assert list(found["student"].values()) == [9, 5, 8, 7]  # in the order in which they first ran
    assert "LEAK" not in str(found)


# A student's own run: recorded answers and hidden lines.
SECRET = re.compile("forward gives the right numbers|values: ")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an assignment whose first question has a hidden line, as students have it."""
    folder = tmp_path / "assignment"
    folder.mkdir()
    (folder / "assignment.py").write_text(
        "import dataclasses\nfrom pathlib import Path\n"
        "from grader.assignment import load\nfrom grader.paths import HOMEWORK\n"
        "one = load(HOMEWORK)\n"
        "hidden = dataclasses.replace(one.rubric[0], visibilities={'values': 'hidden'})\n"
        "home = Path(__file__).parent\n"
        "folders = dataclasses.replace(one.folders, home=home)\n"
        "ASSIGNMENT = dataclasses.replace(one, folders=folders, fakes=home / 'fakes.py',\n"
        "                                 rubric=(hidden, *one.rubric[1:]))\n"
    )
    shutil.copy(HOMEWORK / "fakes.py", folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", ["terminal", "gradescope", "markdown"])
def test_a_students_own_results_have_no_hidden_line_and_count_what_is_seen(
    tmp_path: Path, home: Path, form: str
) -> None:
    out, page = tmp_path / "results.json", tmp_path / "report.html"
    run = CliRunner().invoke(
        main,
        ["grade", str(REFERENCE), "--assignment", str(home), "--oracle", "recorded", "--format",
         form, "--out", str(out), "--html", str(page), "--only", "3.1"],
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    value = json.loads(out.read_text("utf-8"))
    texts = (run.stdout, out.read_text("utf-8"), page.read_text("utf-8"))
    assert not [text for text in texts if SECRET.search(text)]
    hidden = find_targets(("3.1",))[0].points["values"]
    assert value["extra_data"]["hidden_points"] == hidden
    assert value["score"] == sum(test["max_score"] for test in value["tests"])


@pytest.mark.slow
def test_a_whole_grade_with_hidden_lines_is_no_selection() -> None:
    (relu,) = find_targets(("3.1",))
    rubric = (_hidden("3.1", "values"), *find_targets(())[1:])
    assignment = dataclasses.replace(ASSIGNMENT, rubric=rubric)
    whole = grade(assignment, Submission({}, "."), live(), workers=shared())
    view = dataclasses.replace(whole, oracle="recorded").student_view
    seen = 100 - relu.points["values"]
    assert (view.maximum, view.is_whole, view.student_view.is_whole) == (seen, True, True)
    console = Console(file=StringIO(), width=200)
    terminal.show(view, console)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert f"Score: 0 / {seen:g} ({relu.points['values']:g} more points are in checks" in said
    for found in (whole, view):
        text = formats.markdown(gradescope.results(found), assignment.total)
        assert text.startswith(f"## Score: 0 / {seen:g}\n")
    one = grade(assignment, Submission({}, "."), live(), rubric[:1], workers=shared())
    assert not dataclasses.replace(one, oracle="recorded").student_view.is_whole
    assert "of the selected" in formats.markdown(gradescope.results(one), assignment.total)


@pytest.mark.slow
def test_watch_compares_what_is_seen_with_what_was_seen(tmp_path: Path) -> None:
    rubric = (_hidden("3.1", "values"), *find_targets(())[1:])
    assignment = dataclasses.replace(ASSIGNMENT, rubric=rubric)
    file = tmp_path / "activations.py"

    def grading(submission: Submission, targets: Any) -> Grade:
        found = grade(assignment, submission, live(), targets, limits=QUICK, workers=shared())
        return dataclasses.replace(found, oracle="recorded")

    def saves() -> Iterator[list[str]]:
        for code in (RELU + "# the same\n", RELU.replace(NUMBERS, "return 0 * Z")):
            file.write_text(code)
            yield [str(file)]

    file.write_text(RELU)
    found = list(reruns(assignment, tmp_path, rubric[:1], grading, saves()))
    first, same, worse = map(_printed, found)
    assert "->" not in first + same
    assert re.search(r"3\.1 ReLU: 5 -> [\d.]+ of 5\b", worse)


def _printed(found: Rerun) -> str:
    console = Console(file=StringIO(), width=100)
    terminal.show_rerun(found, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
