"""Which name was meant if a submission uses one that does not exist, and how to call a function."""

from __future__ import annotations

import ast
import builtins
import difflib
import dis
import os
import re
import sys
from collections.abc import Iterable, Sequence
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from .places import GIVEN_MARK, Places
from .scene import MAX_EXPRESSION, Scene, entries, members, own, scene_of

_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_ARGUMENTS = re.compile(r"(?:\w+\.)*(\w+)\(\) (?:missing|takes|got an unexpected|got multiple)")
# Types whose methods everyone knows.
_KNOWN = (np.ndarray, list, tuple, dict, str, int, float, bool)
_MOST_NAMES = 8
# Names of a terminal's Python that end it; there is nothing to say about names like them.
_ENDING = ("exit", "quit")
MAX_SENTENCE = 300
_called: Any = type.__dict__["__name__"].__get__
_LIKE = 0.7


def instead(error: BaseException, scene: Scene) -> str:
    """Return a sentence about the name that was meant, or about the existing names; or ""."""
    kind = type(error)
    if kind is AttributeError:
        return _attribute(error, scene)
    if kind is KeyError and len(error.args) == 1 and type(error.args[0]) is str:
        return _key(error.args[0], scene)
    if kind is NameError:
        return _name(_plain(getattr(error, "name", "")), scene)
    return ""


def unset(error: BaseException, scene: Scene) -> tuple[str, list[str]]:
    """Return what is not set yet, such as "self.Z", and the methods that store it.

    That is a missing attribute or entry, or an attribute that is None.
    """
    owner = scene.owner()
    if type(error) is AttributeError and error.obj is owner and owner is not None:
        name = _plain(error.name)
        return f"{_owner_of(name, scene) or 'self'}.{name}", _storing(owner, name, "", scene.code)
    if type(error) is KeyError and len(error.args) == 1 and type(error.args[0]) is str:
        missing, _ = _lacking(error.args[0], scene)
        store = missing.rpartition(".")[2]
        return f"{missing}[{error.args[0]!r}]", _storing(owner, error.args[0], store, scene.code)
    for name, about, _ in scene.values(error):
        if about == "None" and "." in name:
            return name, _storing(owner, name.rpartition(".")[2], "", scene.code)
    return "", []


def of_given_code(error: BaseException, scene: Scene, places: Places) -> str:
    """Return an exception's message without the names of given code; "" if it contains none."""
    if type(error) is AttributeError and _is_given(type(error.obj), places):
        name = _plain(error.name)
        return f"{_owner_of(name, scene) or 'the object'} has no attribute {name!r}"
    found = _ARGUMENTS.match(_said(error)) if type(error) is TypeError else None
    if found is None:
        return ""
    name = "" if found[1] == "__call__" else rf"\.{found[1]}"
    call = re.search(rf"([A-Za-z_][\w.\[\]'\"]*?){name}\(", scene.text)
    _, value, whole = scene.find(call[1]) if call else ("", None, False)
    function = members(type(value)).get(found[1]) if whole else None
    if call is None or type(function) is not FunctionType:
        return _said(error)[found.start(1) :]  # without the name of its class
    if not _is_of_given(function, places):
        return ""
    takes = ", ".join(parameters(function)[1:])
    return f"{call[0]}...) was called with {_number(_said(error), function)}; it takes ({takes})"


def parameters(function: FunctionType) -> list[str]:
    """Return a function's parameters as in its definition, without defaults."""
    code = function.__code__
    names, count = code.co_varnames, code.co_argcount
    optional = count - len(function.__defaults__ or ())
    found = [f"{name}=..." if i >= optional else name for i, name in enumerate(names[:count])]
    last = count + code.co_kwonlyargcount
    if code.co_flags & 4:  # *args
        found, last = [*found, f"*{names[last]}"], last + 1
    if code.co_flags & 8:  # **options
        found.append(f"**{names[last]}")
    return found


def function_of(called: Any) -> FunctionType | None:
    """Return the plain function that runs when a method, a class, or a function is called."""
    if type(called) is MethodType:
        called = called.__func__
    elif issubclass(type(called), type):
        called = members(called).get("__init__")
    return called if type(called) is FunctionType else None


def facts(error: BaseException, places: Places) -> dict[str, Any]:
    """Return what there is to say about an exception in addition to its text, as JSON values."""
    try:
        scene = scene_of(error.__traceback__, places)
        if scene is None:
            return {}
        name, methods = unset(error, scene)
        said = of_given_code(error, scene, places)
        return {
            "values": scene.values(error),
            "instead": instead(error, scene)[:MAX_SENTENCE],
            "said": said[:MAX_SENTENCE],
            "unset": name[:MAX_EXPRESSION],
            "stored": [method[:MAX_EXPRESSION] for method in methods],
        }
    except Exception:  # noqa: BLE001 - an exception can be reported without them
        return {}


def refused(error: BaseException, called: Any, places: Places, given: str) -> dict[str, Any]:
    """Return where a function is that rejected its arguments, and the handout's signature.

    Args:
        error: the error that Python raised instead of calling it.
        called: the function, method, or class; None for nothing.
        places: tells whose files are whose.
        given: the folder of the handout's files.
    """
    try:
        function = function_of(called)
        found = _ARGUMENTS.match(_said(error)) if type(error) is TypeError else None
        if function is None or found is None or found[1] != function.__code__.co_name:
            return {}
        file, first = function.__code__.co_filename, function.__code__.co_firstlineno
        label = places.label(file)
        due = _definition(os.path.join(given, label), called, found[1])
        yours = f"def {found[1]}({', '.join(parameters(function))})"
        return {
            "where": [[label, first, found[1], ""]],
            "facts": {"signatures": [due, yours[:MAX_SENTENCE]]},
        }
    except Exception:  # noqa: BLE001 - an exception can be reported without it
        return {}


def _definition(file: str, called: Any, name: str) -> str:
    """Return the first line of the handout's definition of a function; "" if it has none."""
    owner = called.__self__ if type(called) is MethodType else None
    kind = called if issubclass(type(called), type) else type(owner)
    with open(file, encoding="utf-8") as source:
        body = ast.parse(source.read()).body
    if kind is not type(None):
        body = next(x.body for x in body if isinstance(x, ast.ClassDef) and x.name == _called(kind))
    found = next(x for x in body if isinstance(x, ast.FunctionDef) and x.name == name)
    for argument in ast.walk(found.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"def {name}({ast.unparse(found.args)})"


def _number(said: str, function: FunctionType) -> str:
    """Return in words how many arguments were given."""
    due, given = function.__code__.co_argcount - 1, re.search(r"but (\d+) w", said)
    lacking = re.search(r"missing (\d+) required", said)
    if given is None and lacking is None:
        return "other arguments"
    optional = len(function.__defaults__ or ())
    count = int(given[1]) - 1 if given else due - optional - int(lacking[1] if lacking else 0)
    return f"{count} argument{'' if count == 1 else 's'}"


def _attribute(error: Any, scene: Scene) -> str:
    name, owner = _plain(error.name), error.obj
    lacking = _MODULE.search(_said(error))
    if not name and lacking is not None:  # modules may raise it themselves
        owner, name = sys.modules.get(lacking[1]), lacking[2]
    shown = _owner_of(name, scene)
    if not name or not shown:
        return ""
    kind, kept = type(owner), own(owner)
    if kind is ModuleType:
        names: Iterable[str] = entries(vars(owner))
    else:
        names = dir(kind) if kind in _KNOWN else [*kept, *members(kind)]
    if close := _close(name, names):
        return f"Did you mean {shown}.{close}?"
    listed = [x for x in kept if x.isidentifier() and x[0] != "_"]
    return f"{shown} has {_listed(listed)}." if listed else ""


def _key(key: str, scene: Scene) -> str:
    shown, found = _lacking(key, scene)
    names = [repr(x)[:40] for x in entries(found)]
    return f"{shown} has {_listed(names)}." if names else f"{shown} is empty." if shown else ""


def _lacking(key: str, scene: Scene) -> tuple[str, dict[Any, Any]]:
    """Return the dict on the line that lacks a key, preferably one that the line reads it from."""
    lacking = [(shown, found) for shown, found in scene.dicts() if key not in entries(found)]
    entry = r"{}\[\s*(['\"]){}\1\s*\]"
    read = [x for x in lacking if re.search(entry.format(*map(re.escape, (x[0], key))), scene.line)]
    assigned = re.match(r"\s*([\w.]+)\[[^\]]*\]\s*=[^=]", scene.line)
    others = [x for x in lacking if assigned is None or x[0] != assigned[1]]
    return next(iter(read or others), ("", {}))


def _name(name: str, scene: Scene) -> str:
    if name in _ENDING:
        return ""
    if name in own(scene.owner()):
        return f"Did you mean self.{name}?"
    names = [*scene.variables, *entries(scene.globals), *vars(builtins)]
    close = _close(name, names)
    return f"Did you mean {close}?" if close else ""


def _close(name: str, names: Iterable[str]) -> str:
    usable = [x for x in names if x.isidentifier() and x[0] != "_" and x != name]
    exact = [x for x in usable if x.lower() == name.lower()]
    return next(iter(exact or difflib.get_close_matches(name, usable, 1, _LIKE)), "")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _owner_of(name: str, scene: Scene) -> str:
    """Return the expression before an attribute on the line."""
    found = re.search(rf"([A-Za-z_][\w.\[\]'\"]*)\.{re.escape(name)}\b", scene.text)
    return found[1] if found else ""


def _storing(owner: Any, name: str, store: str, running: CodeType) -> list[str]:
    """Return the methods, except the running one, that store an attribute or an entry.

    Args:
        owner: the object that has the methods.
        name: the name of the attribute, or the key of the entry.
        store: the attribute that contains the entry; "" if it is not an entry.
        running: the code that needs it.
    """
    functions = [x for x in members(type(owner)).values() if type(x) is FunctionType]
    codes = [x.__code__ for x in functions if x.__code__ is not running]
    return [x.co_name for x in codes if x.co_name != "__init__" and _stores(x, name, store)][:3]


def _stores(code: CodeType, name: str, store: str) -> bool:
    """Tell whether code has `x.name = …` or, with a store, `x.store[name] = …` or a whole dict."""
    found = [x for x in dis.get_instructions(code) if x.opname != "EXTENDED_ARG"]
    if not store:
        return any(x.opname == "STORE_ATTR" and x.argval == name for x in found)
    for i, one in enumerate(found):
        before = found[max(i - 2, 0) : i]
        if one.opname == "STORE_SUBSCR" and [x.argval for x in before] == [store, name]:
            return True
        if one.opname == "STORE_ATTR" and one.argval == store and i:
            keys = [x.argval for x in found[:i] if x.opname == "LOAD_CONST"]
            made = found[i - 2 : i]
            if any(x.opname in ("BUILD_MAP", "BUILD_CONST_KEY_MAP") for x in made):
                return any(name == x or (type(x) is tuple and name in x) for x in keys)
    return False


def _is_given(kind: type, places: Places) -> bool:
    functions = [x for x in members(kind).values() if type(x) is FunctionType]
    return bool(functions) and all(_is_of_given(x, places) for x in functions)


def _is_of_given(function: FunctionType, places: Places) -> bool:
    return places.label(function.__code__.co_filename).endswith(GIVEN_MARK)


def _plain(name: Any) -> str:
    return name if type(name) is str else ""


def _said(error: BaseException) -> str:
    text = error.args[0] if error.args else ""
    return _plain(text)
