r"""The only filter between LaTeX as students write it, pandoc, and Typst.

    LaTeX --prepared--> LaTeX that pandoc knows --pandoc--> Typst --finished--> the intended Typst

`prepared` rewrites what pandoc refuses or silently drops; `finished` repairs the parts of pandoc's
output that Typst reads differently, and refuses what could be code. Private-use characters carry
what pandoc would lose from one to the other: the students' own are removed first.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Marks: an operator with limits; a matrix without, with single and with double bars; the start and
# end of a group whose delimiters grow; a sequence that has to stay together; a group with its own
# superscript; a line end, so that its backslashes do not start a command.
_LIMITS, _BARE, _BAR, _BARS, _GROW, _GROWN = (chr(0xE000 + n) for n in range(6))
_APART, _GROUPED, _BREAK = (chr(0xE006 + n) for n in range(3))
_PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f]")
# A group in braces, with up to three levels of nested groups.
_FLAT = r"[^{}]*"
for _ in range(3):
    _FLAT = rf"(?:[^{{}}]|\{{{_FLAT}\}})*"
_GROUP = rf"\{{({_FLAT})\}}"
# Text without environments.
_PLAIN = r"(?:(?!\\(?:begin|end)\{)[\s\S])*"

# What pandoc does not know, and its replacement. `\(?![A-Za-z])` ends a command's name.
_COMMANDS: tuple[tuple[str, str], ...] = (
    (r"(?<!\\)%.*", ""),
    (r"\\label\s*" + _GROUP, ""),
    (r"\\(?:nonumber|notag|nolimits|mathstrut|strut|smash|allowbreak|hline)(?![A-Za-z])", " "),
    (r"\\(?:display|text|script|scriptscript)style(?![A-Za-z])", " "),
    (r"\\(?:tiny|small|normalsize|[lL]arge|LARGE)(?![A-Za-z])", " "),
    (r"\\([bB]igg?)m(?![A-Za-z])", r"\\\1"),
    (r"\\fbox\s*" + _GROUP, r"\\boxed{\\text{\1}}"),
    (r"\\vphantom\s*" + _GROUP, ""),
    (r"\\h?phantom\s*" + _GROUP, r"\\quad "),
    (r"\\(?:vspace|vskip)\*?\s*(?:\{[^{}]*\})?", " "),
    (r"\\(?:hskip|kern|mskip|mkern)\s*-?[\d.]+\s*[a-z]{2}", " "),
    (r"\\(?:hfill|hfil)(?![A-Za-z])", r"\\qquad "),
    (r"\\tag\*?\s*" + _GROUP, r"\\qquad\\text{(\1)}"),
    (r"\\eqref\s*\{([^{}]*)\}", r"\\text{(\1)}"),
    (r"\\ref\s*\{([^{}]*)\}", r"\\text{\1}"),
    (r"\\intertext\s*" + _GROUP, r"\\text{\1} \\\\ "),
    (r"\\textcolor\s*(?:\[[^][]*\])?\s*\{[^{}]*\}\s*" + _GROUP, r"{\1}"),
    (r"\\color\s*(?:\[[^][]*\])?\s*\{[^{}]*\}", " "),
    (r"\\(?:mathbbm|mathbbold|mathds|Bbb)(?![A-Za-z])", r"\\mathbb"),
    (r"\\(?:mathnormal|ensuremath)\s*" + _GROUP, r"{\1}"),
    (r"\\(?:hbox|mbox|textnormal|textup|textmd)(?![A-Za-z])", r"\\text"),
    (r"\\textsuperscript\s*" + _GROUP, r"^{\\text{\1}}"),
    (r"\\textsubscript\s*" + _GROUP, r"_{\\text{\1}}"),
    (r"\\cfrac(?![A-Za-z])", r"\\dfrac"),
    (r"\\[dt]binom(?![A-Za-z])", r"\\binom"),
    (r"\\pmb(?![A-Za-z])", r"\\boldsymbol"),
    (r"\\&", r"\\text{&}"),
    (r"\{\s*\\(rm|bf|it|sf|tt|cal)(?![A-Za-z])(" + _FLAT + r")\}", r"{\\math\1{\2}}"),
    (r"\\(rm|bf|it|sf|tt|cal)(?![A-Za-z])\s*(?=\{)", r"\\math\1"),
    (r"\\(?:rm|bf|it|sf|tt)(?![A-Za-z])", " "),
    (r"\\def\s*(\\[A-Za-z]+)\s*(?=\{)", r"\\newcommand{\1}"),
    (r"\\def\s*(\\[A-Za-z]+)\s*#1\s*(?=\{)", r"\\newcommand{\1}[1]"),
    (r"\\def\s*(\\[A-Za-z]+)\s*#1#2\s*(?=\{)", r"\\newcommand{\1}[2]"),
    (r"\\providecommand(?![A-Za-z])", r"\\newcommand"),
    (r"\\[lr]?(?:Vert|\|)(?![A-Za-z])|\\\|", r"\\Vert "),
    (r"\\operatorname\*\s*" + _GROUP, rf"\\operatorname{{\1{_LIMITS}}}"),
    (r"\\mathop\s*\{\s*\\(?:mathrm|text|operatorname|textrm)\s*" + _GROUP + r"\s*\}",
     rf"\\operatorname{{\1{_LIMITS}}}"),
    (
        r"\\underset\s*" + _GROUP + r"\s*\{\s*\\(?:operatorname|mathrm|text)\s*" + _GROUP
        + r"\s*\}",
        rf"\\operatorname{{\2{_LIMITS}}}_{{\1}}",
    ),
    (r"\\begin\{(aligned|gathered|split)\}\s*\[[tbc]\]", r"\\begin{\1}"),
    (r"\\begin\{([pbBvV]?matrix)\*\}\s*(?:\[[lrc]\])?", r"\\begin{\1}"),
    (r"\\end\{([pbBvV]?matrix)\*\}", r"\\end{\1}"),
    (r"\\(begin|end)\{[dr]cases\*?\}", r"\\\1{cases}"),
    (r"\\begin\{(?:small)?matrix\}", rf"\\begin{{pmatrix}} {_BARE} "),
    (r"\\begin\{vmatrix\}", rf"\\begin{{pmatrix}} {_BAR} "),
    (r"\\begin\{Vmatrix\}", rf"\\begin{{pmatrix}} {_BARS} "),
    (r"\\end\{(?:small|v|V)?matrix\}", r"\\end{pmatrix}"),
    (r"\\begin\{array\}\s*(?:\[[tbc]\])?\s*\{[c|\s]*\}(" + _PLAIN + r")\\end\{array\}",
     rf"\\begin{{pmatrix}} {_BARE} \1\\end{{pmatrix}}"),
    (_BREAK + r"\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]", _BREAK),
    (r"([_^])(\d)(?=\d)", r"\1{\2}{}"),
    (r"([_^])\{\s*(?=\\left\s*\()", rf"\1{{{_APART}"),
    (r"(?<![A-Za-z}\]_^\\])\{(" + _FLAT + r"[_^]" + _FLAT + r")\}\s*(?=[_^])",
     rf"\\overline{{{_GROUPED}\1}}"),
    (r"(?<!\\)\{(" + _FLAT + r")\\over(?![A-Za-z])(" + _FLAT + r")\}", r"{\\frac{\1}{\2}}"),
    (r"\\left\s*\\\{\s*\\begin\{(aligned|array|matrix|split)\}(?:\{[^{}]*\})?(" + _PLAIN
     + r")\\end\{\1\}\s*\\right\s*\.", r"\\begin{cases}\2\\end{cases}"),
    (r"\\begin\{cases\}((?:(?!&|\\(?:begin|end)\{)[\s\S])*?)" + _BREAK,
     rf"\\begin{{cases}}\1 & {_BREAK}"),
)  # fmt: skip
_REWRITTEN = tuple((re.compile(pattern), to) for pattern, to in _COMMANDS)
_FRACTION = re.compile(r"\\[dt]?frac(?![A-Za-z])")
_ARGUMENT = re.compile(r"\s*(\{|\\[A-Za-z]+|\\.|[^\s{}\\])")
_SIDES = re.compile(r"\\(left|right)(?![A-Za-z])\s*(\\[A-Za-z]+|\\.|.)")
_CASES = re.compile(r"\\begin\{([dr]?cases\*?)\}" + _PLAIN + r"\\end\{\1\}")
_CELL = re.compile(r"(?<!\\)&")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{[^{}]*\}")


def prepared(tex: str) -> str:
    """Return LaTeX that pandoc knows, with the same meaning.

    Raises:
        Refused: it is too long, or nested too deeply: pandoc's time doubles with each level.
    """
    if len(tex) > MAX_SOURCE or _depth(tex) > MAX_NESTED:
        raise Refused(COMPLEX)
    tex = rewritten(tex)
    outside = _outside_environments(tex)
    if "&" in outside:
        return rf"\begin{{aligned}}{tex}\end{{aligned}}"
    if r"\\" in outside:
        return rf"\begin{{gathered}}{tex}\end{{gathered}}"
    return tex


def rewritten(tex: str) -> str:
    """Return LaTeX, or definitions, without the commands that pandoc does not know."""
    tex = _PRIVATE.sub("", tex).replace("\\\\", _BREAK)
    tex = _CASES.sub(lambda found: _CELL.sub(r"&\\quad ", found[0]), tex)
    for pattern, to in _REWRITTEN:
        tex = pattern.sub(to, tex)
    return _grown(_fractions(tex)).replace(_BREAK, "\\\\")


def _fractions(tex: str) -> str:
    r"""Mark every denominator: pandoc writes `1 / 1 / x` for a fraction in a fraction."""
    parts, at = [], 0
    for found in _FRACTION.finditer(tex):
        above = _argument(tex, found.end())
        below = _argument(tex, above[1]) if above else None
        if above is None or below is None or found.start() < at:
            continue
        inside = tex[slice(*above)], tex[slice(*below)]
        first, second = (x[1:-1] if x[0] == "{" else x for x in map(str.strip, inside))
        nested = _fractions(first), _fractions(second)
        parts += [tex[at : found.start()], rf"\frac{{{nested[0]}}}{{{_APART} {nested[1]}}}"]
        at = below[1]
    return "".join((*parts, tex[at:]))


def _argument(tex: str, at: int) -> tuple[int, int] | None:
    """Return the span of a command's argument that starts at a position."""
    found = _ARGUMENT.match(tex, at)
    if found is None or found[1] != "{":
        return found and found.span()
    depth = 0
    for brace in re.compile(r"\\.|[{}]", re.DOTALL).finditer(tex, found.start(1)):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return found.start(1), brace.end()
    return None


def _grown(tex: str) -> str:
    r"""Mark the groups that have `.` for one side of \left and \right."""
    opened: list[re.Match[str]] = []
    edits: list[tuple[re.Match[str], str]] = []
    for found in _SIDES.finditer(tex):
        if found[1] == "left":
            opened.append(found)
        elif opened:
            begin = opened.pop()
            if "." in (begin[2], found[2]):
                edits += [(begin, rf"\text{{{_GROW}}}" + _side(begin[2]))]
                edits += [(found, _side(found[2]) + rf"\text{{{_GROWN}}}")]
    for found, to in sorted(edits, key=lambda edit: -edit[0].start()):
        tex = tex[: found.start()] + to + tex[found.end() :]
    return tex


def _side(delimiter: str) -> str:
    return "" if delimiter == "." else f"{delimiter} "


def _outside_environments(tex: str) -> str:
    r"""Return the text that is in no environment and in no \substack or \text."""
    depth, at, kept = 0, 0, []
    for found in _ENVIRONMENT.finditer(tex):
        kept += [tex[at : found.start()]] if depth == 0 else []
        depth += 1 if found[1] == "begin" else -1
        at = found.end()
    kept += [tex[at:]] if depth == 0 else []
    return re.sub(r"\\(?:substack|text)\s*" + _GROUP, "", "".join(kept))


# Symbols for which pandoc 3.9 uses names that Typst 0.15 no longer has.
_SYMBOLS = {
    "dot.circle": "dot.o", "times.circle": "times.o", "minus.circle": "minus.o",
    "plus.circle": "plus.o", "dot.circle.big": "dot.o.big", "times.circle.big": "times.o.big",
    "plus.circle.big": "plus.o.big", "sect": "inter", "sect.big": "inter.big",
    "sect.sq": "inter.sq", "sect.double": "inter.double", "bracket.l.double": "⟦",
    "bracket.r.double": "⟧", "bar.v.double": "‖", "angle.l": "⟨", "angle.r": "⟩",
}  # fmt: skip
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_WORD = re.compile(r"(?<![\\\w.])[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z]+)*")
# The only code that pandoc writes in formulas, and its equivalent in math.
_SCALE = re.compile(r"#scale\(x: (\d+)%, y: \d+%\)\[(\\?[^\w\s\"#\[\]\\]|\\[\[\]\\]|[a-z.]+)\]")
_SPACE = re.compile(r"#h\((-?[\d.]+)em\)")
_MATRIX = re.compile(rf'(mat\(delim: "\(",|vec\() *([{_BARE}{_BAR}{_BARS}])')
_DELIMITERS = {_BARE: "#none", _BAR: '"|"', _BARS: '"‖"'}
_BREAK_AT_END = re.compile(r"(?<!\\)((?:\\\\)*)\\$")
# A standalone name, and a text with the space after it.
_OPERATOR = re.compile(r'(\w\(|delim: )?"((?:[^"\\]|\\.)*)"')
_TEXT = re.compile(r'((?:upright|op|wrlimits)\("(?:[^"\\]|\\.)*"\)) +(?![(\[.])')
_TEXT_BEFORE_GROUP = re.compile(r'((?:upright|op|wrlimits)\("(?:[^"\\]|\\.)*"\)) +(?=[(\[])')
# Limits for one formula in Typst, since macros can expand a short one, and in LaTeX.
MAX_LENGTH, MAX_DEPTH = 30_000, 24
MAX_SOURCE, MAX_NESTED = 8_000, 14
COMPLEX = "this formula is too long, or nested too deeply"


class Refused(Exception):
    """Why a formula is not typeset."""


def finished(typst: str, is_display: bool) -> str:
    """Return a formula for Typst, with its dollars.

    Args:
        typst: pandoc's output for it.
        is_display: whether it is on lines of its own.

    Raises:
        Refused: it is not a formula, or could be something other than math.
    """
    if not (len(typst) > 1 and typst[0] == typst[-1] == "$"):
        raise Refused("this formula is not understood")
    text = _MATRIX.sub(lambda x: f"{x[1][:3]}(delim: {_DELIMITERS[x[2]]},", typst[1:-1])
    text = re.sub(rf"overline\({_GROUPED} *", "wrgroup(", text)
    text = text.replace(f'upright("{_GROW}")', "lr(").replace(f'upright("{_GROWN}")', ")")
    text = _outside_strings(text, _mended)
    text = _PRIVATE.sub("", _with_operators(text)).strip()
    text = _BREAK_AT_END.sub(r"\1", text)  # it would escape the dollar
    _refuse_code(text)
    if len(text) > MAX_LENGTH or _depth(text) > MAX_DEPTH:
        raise Refused(COMPLEX)
    return f"$ {text} $" if is_display else f"${text}$"


def _outside_strings(text: str, change: Callable[[str], str]) -> str:
    """Change the text outside of strings; the strings stay unchanged."""
    parts, at = [], 0
    for found in _STRING.finditer(text):
        parts += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join((*parts, change(text[at:])))


def _mended(text: str) -> str:
    text = text.replace("∥", "‖")
    text = _SCALE.sub(_big, text)
    text = text.replace("#box(stroke: black, inset: 3pt, [$ ", "wrboxed(").replace(" $])", ")")
    text = _SPACE.sub(lambda x: {"0": "thick", "-1": "wrback"}.get(x[1], "quad"), text)
    text = _WORD.sub(lambda found: _SYMBOLS.get(found[0], found[0]), text)
    # A space beside a bar would be visible.
    return re.sub(r"(?<!\\) *(\\\||‖)(?: +(?![&\\]))?", r"\1", text)


def _big(found: re.Match[str]) -> str:
    r"""Return a delimiter for \big, \Big, \bigg or \Bigg: at 120, 180, 240 or 300 percent."""
    size = "abcd"[min(max(int(found[1]) // 60 - 2, 0), 3)]
    name = {"parallel": "‖", "{": r"\{", "}": r"\}"}.get(found[2], found[2])
    return f"wrbig{size}({_SYMBOLS.get(name, name)})"


def _with_operators(text: str) -> str:
    """Turn names into operators, and keep the space beside a text from being shown twice."""
    text = _OPERATOR.sub(_operator, text)
    text = _TEXT_BEFORE_GROUP.sub(r'\1""', text)
    return _TEXT.sub(r"\1", text)


def _operator(found: re.Match[str]) -> str:
    before, name = found.groups()
    if before or not name:
        return found[0]
    if _LIMITS in name:
        return f'wrlimits("{name.replace(_LIMITS, "")}")'
    return f'op("{name}")'


def _refuse_code(text: str) -> None:
    """Raise unless all of it is math: nothing that leads to code, markup, or a comment."""
    bare = re.sub(r"\\.", " ", _STRING.sub("", text), flags=re.DOTALL)
    found = re.search(r"#(?!none,|true\b)|[$`@\"]|//|/\*|\bstd\b|\\$", bare)
    if found:
        raise Refused(f"{found[0]!r} cannot be typeset here")


def _depth(text: str) -> int:
    depth = most = 0
    for char in re.sub(r"\\.", "", _STRING.sub("", text), flags=re.DOTALL):
        depth += (char in "([{") - (char in ")]}")
        most = max(most, depth)
    return most
