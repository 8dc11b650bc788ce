"""The hostile submissions: each arms the reference so that points mean the attack got through.

A file in `tests/submissions/hostile/` holds cells like those of the catalogue. A cell defines
`attack()`, which returns True if it succeeds. The methods of the target's class then return the
right results, and wrong ones otherwise: if the target earns anything, the attack has won.
A cell's settings:

    # target: activations.ReLU   the class that is armed
    # when: import               attack() runs once, when the module is imported
    # raw: yes                   there is no attack(): the cell's own class is graded
    # lies: yes                  the numbers are right, but come from a loop that the cell hides, in
    #                            `hidden(Z, X)` or in its own class: no points for batching
    # flagged: threads           it earns those points, but the course staff is told
    # through: limits seccomp    the modes in which it succeeds; without this line, none
    # odd: ...                   why other targets in the module may lose points, too
    # slow: yes                  it is about time limits
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.judging import Line
from tests.catalogue import reference_files

FOLDER = Path(__file__).parent.parent / "submissions" / "hostile"
_SETTINGS = ("target", "when", "raw", "lies", "flagged", "through", "odd", "slow")
_ARMED = """

def _armed(owner):
    for name in ("forward", "backward", "predict", "update"):
        if name in vars(owner):
            setattr(owner, name, _with_attack(vars(owner)[name]))


def _with_attack(right):
    def method(self, *args, **options):
        if {attack}:
            return right(self, *args, **options)
        return 7.0

    return method


_armed({owner})
"""

_LOOPED = """

class ReLU(Activation):
    def forward(self, Z):
        return hidden(Z, Z)

    def backward(self, Z, dY):
        return hidden(Z, dY)


def looped(Z, X):
    Y = np.empty(X.shape)
    for i in range(len(Z)):
        Y[i] = X[i] * (Z[i] > 0)
    return Y

"""


@dataclass(frozen=True)
class Attack:
    """One hostile submission."""

    id: str
    file: str
    title: str
    target: str
    when: str
    raw: bool
    lies: bool
    flagged: str
    through: frozenset[str]
    odd: str
    slow: bool
    code: str

    @property
    def module(self) -> str:
        """Return the module that the attack is in."""
        return self.target.partition(".")[0]

    @property
    def spoils_module(self) -> bool:
        """Tell whether the other targets in its module may lose their points, too."""
        return self.when == "import" or bool(self.odd)

    def won(self, lines: Iterable[Line]) -> float:
        """Return the points that the attack gained without being flagged."""
        own = [line for line in lines if line.target.name == self.target]
        if self.lies:
            own = [line for line in own if line.check == "batching"]
        return sum(x.score for x in own if not self.flagged or self.flagged not in x.result.flags)

    def files(self) -> dict[str, bytes]:
        """Return the submission: the reference, with this attack at the end of its module."""
        files = reference_files()
        name = f"{self.module}.py"
        code = self.code
        if self.when == "import":
            code += "\n_won = attack()\n"
        if self.lies and not self.raw:
            code = _LOOPED + code
        elif not self.raw:
            attack = "_won" if self.when == "import" else "attack()"
            code += _ARMED.format(attack=attack, owner=self.target.partition(".")[2])
        files[name] += f"\n\n{code}".encode()
        return files


def attacks() -> list[Attack]:
    """Return all hostile submissions."""
    cells = [
        (path.stem, cell)
        for path in sorted(FOLDER.glob("*.py"))
        for cell in path.read_text("utf-8").split("# %% ")[1:]
    ]
    return [_attack(file, cell) for file, cell in cells]


def _attack(file: str, cell: str) -> Attack:
    heading, *lines = cell.splitlines()
    identifier, _, title = heading.partition(": ")
    settings = {}
    while lines and lines[0].startswith(tuple(f"# {name}:" for name in _SETTINGS)):
        key, _, value = lines.pop(0)[2:].partition(":")
        settings[key] = value.strip()
    return Attack(
        identifier,
        file,
        title,
        settings["target"],
        settings.get("when", "call"),
        "raw" in settings,
        "lies" in settings,
        settings.get("flagged", ""),
        frozenset(settings.get("through", "").split()),
        settings.get("odd", ""),
        "slow" in settings,
        "\n".join(lines) + "\n",
    )
