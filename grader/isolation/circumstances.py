"""What to add to Python's message for an exception: facts about its line, and which call it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from grader.program import Call, Load, Step

from .hints import REMOVED, hint
from .replies import Error, Facts

ALONE = (
    "backward is called here without an earlier call to forward: it must compute everything from "
    "its arguments."
)
# Exceptions that are not explained by the shapes on their line.
_NOT_OF_VALUES = (
    *("NameError", "UnboundLocalError", "KeyError", "ImportError", "ModuleNotFoundError"),
    *("NotImplementedError", "PermissionError", "RecursionError", "KeyboardInterrupt"),
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ARGUMENTS = re.compile(r"\(\) (takes|missing|got an unexpected|got multiple)\b")
# Sizes that tell the axes of an array apart.
_DISTINCT = 3


def circumstances(
    error: Error, steps: Sequence[Step | None], number: int, modules: Sequence[str]
) -> Iterator[str]:
    """Yield what a student reads below the place of an exception, one line each.

    Args:
        error: the exception as reported by a worker.
        steps: the steps of the program; None for the import.
        number: the number of the step that raised it.
        modules: the names of the homework's modules, for the hint on how to import them.
    """
    step, before, facts = steps[number], steps[:number], error.facts
    line = error.where[-1].text if error.where else ""
    if facts.signatures:
        due, yours = facts.signatures
        yield f"Expected `{due}`, found `{yours}`." if due else f"It is defined as `{yours}`."
        return
    if "forward" in facts.stored and _is_alone(step, before):
        yield ALONE
        return
    is_shown = "NoneType" in error.message and any(about == "None" for _, about, _ in facts.values)
    known = "" if is_shown else hint(error.kind, error.message, modules, line)
    if known.startswith(REMOVED):
        yield known
        return
    of_arguments = error.kind == "TypeError" and _ARGUMENTS.search(error.message)
    if not facts.instead and not of_arguments and error.kind not in _NOT_OF_VALUES:
        yield from _values(facts, steps, step)
    if facts.stored:
        yield f"{facts.unset} is stored in {' and '.join(facts.stored)}."
    elif known or facts.instead:
        yield facts.instead or known
    if call := _call(step, before):
        yield call


def _values(facts: Facts, steps: Sequence[Step | None], step: Step | None) -> Iterator[str]:
    """Yield a sentence about a line's arrays, and one about each whose axes are swapped."""
    shown = [
        f"{name} is {' '.join(filter(None, ['' if shape is None else str(shape), about]))}"
        for name, about, shape in facts.values
    ]
    if shown:
        yield f"{', '.join(shown)}."
    inputs = {
        x.shape: "an array that was passed in"
        for x in _arrays(step)
        if len(set(x.shape)) >= _DISTINCT
    }
    for name, _, shape in facts.values:
        loads = [x for x in steps if isinstance(x, Load) and _names(name, x.key)]
        due = inputs | {x.value.shape: f"the expected parameters[{x.key!r}]" for x in loads}
        same = [x for x in due if shape not in due and sorted(x) == sorted(shape or ())]
        yield from (f"{name} has the sizes of {due[x]}, {x}, in another order." for x in same[:1])


def _names(expression: str, key: str) -> bool:
    return expression == key or expression.replace('"', "'").endswith(f"[{key!r}]")


def _is_alone(step: Step | None, before: Sequence[Step | None]) -> bool:
    """Tell whether a step is a backward that is given all it needs, with no call before it."""
    if not isinstance(step, Call) or step.method != "backward":
        return False
    return not any(isinstance(x, Call) and x.on == step.on for x in before)


def _arrays(step: Step | None) -> list[np.ndarray]:
    return [x for x in step.args if isinstance(x, np.ndarray)] if isinstance(step, Call) else []


def _call(step: Step | None, before: Sequence[Step | None]) -> str:
    """Return which of several calls it was, and its arguments other than arrays; or ""."""
    if not isinstance(step, Call):
        return ""
    same = [x for x in before if isinstance(x, Call) and (x.on, x.method) == (step.on, step.method)]
    options = [f"{k}={v!r}" for k, v in step.arguments.items() if isinstance(v, str | bool | int)]
    given = f"with {', '.join(options)}" if options else ""
    if not same or len(same) >= len(_ORDINALS):
        return f"{step.method} was called {given}." if given else ""
    text = f"This is the {_ORDINALS[len(same)]} call of {step.method}"
    if given:
        return f"{text}, {given}."
    *earlier, now = [_batch(call) for call in (*same, step)]
    if None in (*earlier, now) or set(earlier) == {now}:
        return f"{text}."
    batches = " and ".join(f"one of {n}" for n in earlier)
    return f"{text}, for a batch of {now} examples after {batches}."


def _batch(call: Call) -> int | None:
    """Return the batch size passed to a call; None if its first argument is something else."""
    first = call.args[0] if call.args else None
    return len(first) if isinstance(first, np.ndarray) and first.ndim else None
