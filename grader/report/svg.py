"""Drawings as SVG: the page's style sheet sets the colors by class, for light and dark mode."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from markupsafe import Markup

from .cleaning import clean


class Drawing:
    """A picture under construction, in CSS pixels, with a description in words."""

    def __init__(
        self,
        key: str,
        size: tuple[float, float],
        title: str,
        description: str,
        wide: float | None = None,
    ) -> None:
        """Begin an empty picture.

        Args:
            key: part of the ids of its title and description, unique on a page.
            size: (width, height).
            title: what it is.
            description: what it shows.
            wide: its width on the page in pixels, if its units are not pixels.
        """
        width, height = size
        self._root = ET.Element("svg", viewBox=f"0 0 {_number(width)} {_number(height)}")
        scale = 1.0 if wide is None else wide / width
        self._root.attrib |= {"width": _number(width * scale), "height": _number(height * scale)}
        self._root.attrib |= {"role": "img", "aria-labelledby": f"{key}-title {key}-about"}
        ET.SubElement(self._root, "title", id=f"{key}-title").text = clean(title)
        ET.SubElement(self._root, "desc", id=f"{key}-about").text = clean(description)
        self._at = self._root

    def group(self, name: str) -> None:
        """Put everything added from now on into a group with a class."""
        self._at = ET.SubElement(self._root, "g", {"class": name})

    def add(self, shape: str, name: str, about: str = "", **numbers: float) -> ET.Element:
        """Add a shape with a class; `about` is its tooltip."""
        element = ET.SubElement(self._at, shape)
        if name:
            element.set("class", name)
        for attribute, number in numbers.items():
            element.set(attribute.replace("_", "-"), _number(number))
        if about:
            ET.SubElement(element, "title").text = clean(about)
        return element

    def write(self, text: str, x: float, y: float, name: str = "", anchor: str = "middle") -> None:
        """Add a text."""
        element = self.add("text", name, x=x, y=y)
        element.set("text-anchor", anchor)
        element.text = clean(text)

    def trace(self, points: list[tuple[float, float]], name: str) -> None:
        """Add a line through a list of points."""
        shown = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self.add("polyline", name).set("points", shown)

    def markup(self) -> Markup:
        """Return the picture's markup for a page; all texts are escaped."""
        return Markup(ET.tostring(self._root, encoding="unicode"))  # noqa: S704 - ET escapes


def _number(value: float) -> str:
    return f"{round(float(value), 3):g}"


def shown(value: float) -> str:
    """Return a number in the format used in messages."""
    return f"{value + 0.0:.6g}" if value == value else "NaN"  # noqa: PLR0124


def short(value: float) -> str:
    """Return a number in the format used at the ends of scales."""
    return f"{value + 0.0:.3g}"
