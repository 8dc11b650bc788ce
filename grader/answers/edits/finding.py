"""The edits of a target: each editable place in the code it uses, changed in one way."""

from __future__ import annotations
import __future__ as features

import ast
import copy
import itertools
import re
import types
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from .arithmetic import arithmetic
from .calls import calls
from .flow import flow
from .names import names
from .operators import Function, Put, places
from .settings import settings
from .spot import Around, Spot
from .surroundings import around, computed, kept, may_not_end, reaching, used
from .words import Words, called, public_names

# Annotations are not evaluated.
_FLAG = features.annotations.compiler_flag
_OPERATORS = (arithmetic, calls, flow, names, settings)
# What creates an array of a size that it is given: nothing else may replace that size.
# Before a vowel.
_A = re.compile(r"\ba(?= (?:[aeio]|up))")
_ALLOCATING = {"zeros", "ones", "empty", "full", "eye", "pad", "tile", "repeat", "arange", "range"}
# The parts of an `ast.dump` that contain a node's names.
_NAMES = re.compile(r"(?<=id=)'\w+'|(?<=value=)('\w*'|-?[\d.e]+)")
# Maximum number of single-place edits to keep per function: the most natural ones.
MOST = 200


@dataclass(frozen=True)
class Site:
    """A node of a function, its replacement, and how to put it in place."""

    put: Put
    old: ast.AST
    new: ast.AST


@dataclass(frozen=True)
class Edit:
    """One change to one function of a right module.

    Args:
        sentence: what is different with it, in words that reveal no code.
        owner: the class, "" for a function of the module.
        function: the unchanged function; `code` changes it temporarily.
        sites: what is replaced: one place, or all places of a kind.
        reached: the names of what has to be called for the function to run.
    """

    sentence: str
    owner: str
    function: Function
    sites: tuple[Site, ...]
    reached: frozenset[str]

    def code(self) -> types.CodeType:
        """Return the code of the changed function."""
        for site in self.sites:
            new = copy.copy(site.new)  # it may be part of another line
            site.put(new)
            ast.fix_missing_locations(ast.copy_location(new, site.old))
        try:
            module = compile(ast.Module([self.function], []), "<edit>", "exec", _FLAG)
        finally:
            for site in self.sites:
                site.put(site.old)
        return next(x for x in module.co_consts if isinstance(x, types.CodeType))


@dataclass(frozen=True)
class _Found:
    """A change in one place: how natural it is, what it does, and which computation it affects."""

    rank: int
    what: str
    where: str
    site: Site


def edits_of(target: str, source: str, given: str, inside: Container[int]) -> list[Edit]:
    """Return the edits of the parts of a module that a target uses, most natural first.

    Args:
        target: its name.
        source: the source of a right module.
        given: the students' version of that module, whose names may be mentioned.
        inside: the lines of the source that may change.
    """
    edits = sorted(_edits(target, source, given, inside), key=lambda one: one[0])
    return [edit for _, edit in edits]


def _edits(
    target: str, source: str, given: str, inside: Container[int]
) -> Iterator[tuple[int, Edit]]:
    tree, words = _module(source, given)
    for owner, function in used(tree, target):
        if may_not_end(function):
            continue
        known = around(tree, owner, function, words)
        found = list(_changes(function, inside, known))
        place = f"in {function.name}, " if words.is_public(function.name) else ""
        keeper, about_kept = kept(tree, owner, function)
        reached = reaching(tree, function.name)
        several = ((x[0].rank + 1, _together(x), x) for x in _everywhere(found))
        found = sorted(found, key=lambda one: one.rank)[:MOST]
        single = ((x.rank, f"{x.where}{x.what}", [x]) for x in found)
        for rank, what, changes in (*single, *several, *_exchanged(function, inside, known.words)):
            if "another value" in what or "another number" in what:
                continue  # would help nobody
            sites = tuple(change.site for change in changes)
            or_kept = place and any(id(site.old) in about_kept for site in sites)
            also = f"or in what {keeper} keeps for it, " if or_kept else ""
            said = _A.sub("an", f"{place}{also}{what}.")
            yield rank, Edit(said[0].upper() + said[1:], owner, function, sites, reached)


def _together(changes: Sequence[_Found]) -> str:
    """Describe a change made in several places."""
    what = " and ".join(dict.fromkeys(change.what for change in changes))
    if what != changes[0].what:
        return what
    return f"{what} in both places" if len(changes) == 2 else f"{what} everywhere"


def _exchanged(
    function: Function, inside: Container[int], words: Words
) -> Iterator[tuple[int, str, list[_Found]]]:
    """Yield changes that swap two values wherever they are used."""
    used: defaultdict[str, list[tuple[Put, ast.expr]]] = defaultdict(list)
    for parent, node, put in list(places(function)):
        match node:
            case ast.Name(_, ast.Load()) | ast.Subscript(_, ast.Constant(str()), ast.Load()):
                owner = isinstance(parent, ast.Attribute) or getattr(parent, "func", None) is node
                if node.lineno in inside and words.name(node) and not owner:
                    used[words.name(node)].append((put, node))
    for first, second in itertools.combinations(sorted(used), 2):
        what = f"{first} and {second} are exchanged"
        both = ((first, used[second][0][1]), (second, used[first][0][1]))
        sites = [Site(put, old, new) for name, new in both for put, old in used[name]]
        if not _nested([site.old for site in sites]):
            yield 1, what, [_Found(1, what, "", site) for site in sites]


@cache
def _module(source: str, given: str) -> tuple[ast.Module, Words]:
    """Return the syntax of a module, and what may be said about it."""
    return ast.parse(source), Words(public_names(given))


def _changes(function: Function, inside: Container[int], known: Around) -> Iterator[_Found]:
    where, seen = computed(function, known.words), set[tuple[int, str]]()
    for spot, put in _spots(function, inside, known):
        for rank, new, what in itertools.chain.from_iterable(x(spot) for x in _OPERATORS):
            key = (id(spot.node), ast.dump(new))
            if key not in seen:
                seen.add(key)
                yield _Found(rank, what, where.get(id(spot.node), ""), Site(put, spot.node, new))


def _everywhere(found: Sequence[_Found]) -> Iterator[Sequence[_Found]]:
    """Yield the same change in all places that match except for names, like rows and columns.

    That means all such places on a line, or in the function; on a line, also identical places.
    """
    alike: defaultdict[tuple[object, ...], dict[int, _Found]] = defaultdict(dict)
    seen: Counter[tuple[str, int]] = Counter()  # a place may have several of one kind
    for one in found:
        kind, old = _kind(one), ast.dump(one.site.old)
        shape = "" if " runs over " in kind else _NAMES.sub("", old)
        seen[kind, id(one.site.old)] += 1
        number, line = seen[kind, id(one.site.old)], getattr(one.site.old, "lineno", 0)
        for place in ((shape, 0), (shape, line), (old, line)):
            alike[(kind, *place, number)].setdefault(id(one.site.old), one)
    groups = {tuple(map(id, changes.values())): [*changes.values()] for changes in alike.values()}
    for changes in groups.values():
        if len(changes) > 1 and not _nested([one.site.old for one in changes]):
            yield changes


def _kind(one: _Found) -> str:
    """Return what a change does, ignoring the name of what is assigned."""
    match one.site.old:
        case ast.Assign([ast.Subscript(_, ast.Constant(str(key)))]):
            return one.what.replace(key, "")
    return re.sub("^a .* runs over ", "a reduction runs over ", one.what)


def _nested(nodes: Sequence[ast.AST]) -> bool:
    inner = {
        id(x) for node in nodes for child in ast.iter_child_nodes(node) for x in ast.walk(child)
    }
    return any(id(node) in inner for node in nodes)


def _spots(
    function: Function, inside: Container[int], around: Around
) -> Iterator[tuple[Spot, Put]]:
    sizes = {
        id(node)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and called(call) in _ALLOCATING
        for argument in call.args
        for node in ast.walk(argument)
    }
    for parent, node, put in list(places(function)):
        line = getattr(node, "lineno", getattr(parent, "lineno", 0))
        if line in inside:
            yield Spot(node, parent, around, id(node) in sizes), put
