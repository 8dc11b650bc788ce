"""Reading an HTML page as a tree, strictly: tags must be closed in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"meta", "br", "img", "hr", "input", "link", "base"}


@dataclass
class Node:
    """An element: its name, attributes, and the elements and texts in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    @property
    def children(self) -> list[Node]:
        return [part for part in self.inside if isinstance(part, Node)]

    def all(self, name: str = "", **wanted: str) -> Iterator[Node]:
        """Yield the descendants with a name and attributes; `kind` is one of the classes."""
        kind = wanted.pop("kind", None)
        for child in self.children:
            attributes = child.attributes
            fits = all(attributes.get(key) == value for key, value in wanted.items())
            classes = attributes.get("class", "").split()
            if name in ("", child.name) and fits and (kind is None or kind in classes):
                yield child
            yield from child.all(name, **wanted, **({} if kind is None else {"kind": kind}))

    def one(self, name: str = "", **wanted: str) -> Node:
        found = list(self.all(name, **wanted))
        assert len(found) == 1, (name, wanted, len(found))
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in _EMPTY:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, (tag, self.open[-1].name)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(text: str) -> Node:
    """Return the page as a tree."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, reader.open[-1].name
    return reader.root
