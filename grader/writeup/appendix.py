"""The student's code that answers a question, cut from the files with line numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import BEGIN, END, Answer, hole

from .modules import Definition, Import, Module, look_up, names_of

_HOLE = hole("").partition('"')[2].partition(" ")[0]
# Maximum length of a displayed line, and number of a question's helpers.
MAX_LINE = 2000
MAX_HELPERS = 200
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Statement = _Function | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Snippet:
    """Lines of a file with their numbers; the number 0 marks a gap."""

    path: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Code:
    """The answer to a question: its code by file, what is not written yet, and what went wrong."""

    snippets: tuple[Snippet, ...]
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A statement of a module, and the classes that contain it."""

    module: str
    node: Definition
    inside: tuple[ast.ClassDef, ...] = ()


@dataclass
class Collector:
    """Collects the code for one question.

    Args:
        modules: those of the submission.
        given: the same modules as handed out; what is unchanged is not the student's.
    """

    modules: Mapping[str, Module]
    given: Mapping[str, Module]
    parts: list[Part] = field(default_factory=list)

    def add(self, part: Part) -> None:
        """Add a part, and the submission's own code that it calls."""
        if part in self.parts or len(self.parts) > MAX_HELPERS:
            return
        self.parts.append(part)
        for other in [*self._called(part)]:
            if not self._is_given(other):
                self.add(other)

    def method(self, module: str, names: Sequence[str], depth: int = 5) -> Part | None:
        """Return a function by its dotted name; a method may belong to a base class."""
        where = look_up(self.modules, module, names[0])
        if where is None or not where.name or not depth:
            return None
        node = self.modules[where.module].defined[where.name]
        if len(names) == 1:
            return Part(where.module, node)
        if not isinstance(node, ast.ClassDef):
            return None
        for one in node.body:
            if names[1] in names_of(one) and isinstance(one, _Statement):
                return Part(where.module, one, (node,))
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        tries = (self.method(where.module, (base, names[1]), depth - 1) for base in bases)
        return next((one for one in tries if one and not self._is_given(one)), None)

    def _called(self, part: Part) -> Iterator[Part]:
        """Yield the submission's definitions that a part refers to."""
        owner = part.inside[-1].name if part.inside else ""
        for node in ast.walk(part.node):
            found: Part | None = None
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found = self.method(part.module, (node.id,))
            elif isinstance(node, ast.Attribute):
                found = self._attribute(part.module, owner, node)
            if found is not None:
                yield found

    def _attribute(self, module: str, owner: str, node: ast.Attribute) -> Part | None:
        of = node.value
        if isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "super":
            return self.method(module, (owner, node.attr)) if owner else None
        if not isinstance(of, ast.Name):
            return None
        if of.id in ("self", "cls") and owner:
            return self.method(module, (owner, node.attr))
        where = look_up(self.modules, module, of.id)
        if where is None:
            whole = self.modules[module].imported.get(of.id)
            where = look_up(self.modules, whole.module, node.attr) if whole else None
            return self.method(where.module, (node.attr,)) if where and where.name else None
        return self.method(*_target(module, where, of.id, node.attr))

    def _is_given(self, part: Part) -> bool:
        """Tell whether a part is unchanged from the handout."""
        given = self.given.get(part.module)
        if given is None:
            return False
        names = [*(one.name for one in part.inside), *names_of(part.node)[:1]]
        there = Collector({part.module: given}, {}).method(part.module, names)
        if there is None:
            return False
        if isinstance(part.node, ast.ClassDef):
            return True  # its methods are answers, or are called by name
        return given.text_of(there.node) == self.modules[part.module].text_of(part.node)


def _target(module: str, where: Import, name: str, attribute: str) -> tuple[str, tuple[str, ...]]:
    if where.name:
        return module, (name, attribute)
    return where.module, (attribute,)


def code_of(
    answers: Sequence[Answer], modules: Mapping[str, Module], given: Mapping[str, Module]
) -> Code:
    """Return a submission's code that answers a question.

    Args:
        answers: the functions that the question asks for.
        modules: those of the submission.
        given: those of the handout.
    """
    collector, missing, whole = Collector(modules, given), [], {}
    for answer in answers:
        module = modules.get(answer.module)
        if module is not None and module.problem:
            whole[module.path] = module
            is_there = _mentions(module, answer)
        else:
            part = collector.method(answer.module, answer.name.split(".")) if module else None
            is_there = part is not None and not _is_hole(part.node)
            if part is not None and is_there:
                collector.add(part)
        if not is_there:
            missing.append(f"{answer.name} ({answer.module}.py)")
    shown = [Snippet(path, tuple(_numbered(module))) for path, module in whole.items()]
    remarks = [f"{x.path}, {x.problem}; the whole file is shown" for x in whole.values()]
    return Code((*_snippets(collector), *shown), tuple(missing), tuple(remarks))


def _mentions(module: Module, answer: Answer) -> bool:
    """Tell whether a file with invalid Python may have an answer: the name but not the hole."""
    asked, name = f"write {answer.name}.", answer.name.rpartition(".")[2]
    is_hole = any(asked in line and _HOLE in line for line in module.lines)
    return not is_hole and any(name in line for line in module.lines)


def _is_hole(node: ast.AST) -> bool:
    """Tell whether a function has no body yet, or raises the handout's error before any return."""
    body = [one for one in getattr(node, "body", []) if not _is_constant(one)]
    if all(isinstance(one, ast.Pass) or _is_unfinished(one) for one in body):
        return isinstance(node, _Function)
    for statement in body:
        if isinstance(statement, ast.Raise):
            return any(
                isinstance(x, ast.Constant) and str(x.value).startswith(f"{_HOLE} ")
                for x in ast.walk(statement)
            )
        if isinstance(statement, ast.Return):
            return False
    return False


def _is_constant(node: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_unfinished(node: ast.stmt) -> bool:
    """Tell whether a statement raises NotImplementedError."""
    names = [x.id for x in ast.walk(node) if isinstance(x, ast.Name)]
    return isinstance(node, ast.Raise) and "NotImplementedError" in names


def _numbered(module: Module) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(module.lines, start=1):
        yield number, cut(line)


def cut(line: str) -> str:
    """Return a line as it is displayed."""
    more = len(line) - MAX_LINE
    return f"{line[:MAX_LINE]} ... ({more} more characters)" if more > 0 else line


def _snippets(collector: Collector) -> Iterator[Snippet]:
    """Yield the parts by file, starting with the first answer's file, in line order."""
    for name in dict.fromkeys(part.module for part in collector.parts):
        module = collector.modules[name]
        kept: set[int] = set()
        left_out: set[int] = set()
        for part in (one for one in collector.parts if one.module == name):
            lines, without = _lines_of(part, module)
            kept, left_out = kept | lines, left_out | without
        yield Snippet(module.path, tuple(_spaced(sorted(kept), left_out, module)))


def _spaced(kept: Sequence[int], left_out: set[int], module: Module) -> list[tuple[int, str]]:
    """Return numbered lines, with a gap where more than docstrings was omitted."""
    lines: list[tuple[int, str]] = []
    for number in kept:
        text = module.lines[number - 1]
        before = lines[-1][0] if lines else number - 1
        if text.strip() and not left_out.issuperset(range(before + 1, number)):
            lines.append((0, ""))
        lines.append((number, cut(text)))
    return _trimmed(lines)


def _trimmed(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    while lines and not lines[-1][1].strip():
        lines.pop()
    return lines


def _lines_of(part: Part, module: Module) -> tuple[set[int], set[int]]:
    """Return the line numbers of a part and the comments above it, and of its docstrings."""
    first, last = _extent(part.node, module)
    lines = set(range(first, last + 1))
    left_out = set().union(*map(_docstring, ast.walk(part.node)))
    for around in part.inside:
        begin = _first_line(around)
        head = range(begin, max(_first_line(around.body[0]) - 1, around.lineno) + 1)
        lines |= {n for n in head if module.lines[n - 1].strip() and not _is_comment(n, module)}
        left_out |= _docstring(around)
    marks = {n for n in lines if module.lines[n - 1].strip().startswith((BEGIN, END))}
    return lines - left_out - marks, left_out | marks


def _first_line(node: ast.stmt) -> int:
    """Return the line where a statement starts, including its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _is_comment(number: int, module: Module) -> bool:
    return module.lines[number - 1].strip().startswith("#")


def _docstring(node: ast.AST) -> set[int]:
    """Return the lines that contain only the docstring of a class or a function."""
    if not isinstance(node, ast.ClassDef | _Function) or len(node.body) < 2:
        return set()
    first, second = node.body[0], node.body[1]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
        return set()
    last = first.end_lineno or first.lineno
    is_apart = node.lineno < first.lineno and last < second.lineno
    return (
        set(range(first.lineno, last + 1))
        if is_apart and isinstance(first.value.value, str)
        else set()
    )


def _extent(node: Definition, module: Module) -> tuple[int, int]:
    """Return the first and last line of a definition, with decorators and comments."""
    first = _first_line(node)
    last = node.end_lineno or node.lineno
    while first > 1 and _is_comment(first - 1, module):
        first -= 1
    for number in range(last + 1, len(module.lines) + 1):
        line = module.lines[number - 1]
        if line.strip() and not (line.lstrip().startswith("#") and _indent(line) > node.col_offset):
            break
        last = number if line.strip() else last
    return first, last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
