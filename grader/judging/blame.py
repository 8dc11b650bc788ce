"""Which method is to blame for a wrong gradient: backward, forward, or both.

The derivative of the submission's own forward is compared, entry by entry, with the gradient that
its backward returned and with the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .gradcheck import Numeric
from .judge import tolerance
from .patterns import factor_of

MATCHES = " It is the derivative of your own forward, though."
OWN_FORWARD = " It is the derivative of your own forward, though: fix forward first."
FORWARD_RIGHT = " Your forward has the right derivative here: look at backward{kept}."
VALUES_RIGHT = " Your forward is right in this case: look at backward{kept}."
KEPT = ", and at what forward keeps for it"
OTHER_VALUES = " Your forward has the right derivative here, but wrong values: fix forward first."
STALE = (
    " Your forward does not change with parameters[{name!r}]: the optimizer replaces that entry, "
    "so read it from there in every call."
)
CHANGES = (
    " Your forward is wrong in this case, too, and gives different numbers when called again "
    "with the same input: look at forward first."
)
WRONG_VALUES = " Your forward has wrong values in this case, too: look at forward first."
BOTH_WRONG = " Your forward has a wrong derivative here, too: look at forward first."
UNRELATED = " Your forward has a wrong derivative here, too, but not this one: look at both."
OF_ITS_OWN = " Your backward has a mistake of its own{or_kept}{where}."
OR_KEPT = ", or forward keeps the wrong numbers for it"
AT_ENTRIES = ": at {own} of the {wrong} wrong entries, your forward has the right derivative"
FOLLOWS = " It follows from the mistake that shows in the values: fix that first."
ELSEWHERE = ": it is also wrong in cases where forward's values are right"

# The smallest fraction of the wrong entries that cannot be put down to chance.
LEAST = 0.1


@dataclass(frozen=True)
class Blame:
    """What the derivative of a submission's own forward says about a wrong gradient.

    Args:
        moves: whether forward changes with the array at all.
        forward_right: whether forward's derivative is the right one, wherever it could be measured.
        fits: whether the gradient is the derivative of forward at those entries.
        wrong: how many entries of the gradient are wrong.
        own: at how many of them forward has the right derivative but the gradient differs from it.
        own_beyond_zero: the same, but excluding entries where the right derivative vanishes: there,
            a wrong forward may be right by chance.
        multiple: whether the gradient is the right one times a number, which it would not be if it
            contained wrong values of forward.
    """

    moves: bool
    forward_right: bool
    fits: bool
    wrong: int
    own: int
    own_beyond_zero: int
    multiple: bool


@dataclass(frozen=True)
class Circumstances:
    """What else is known about the submission's forward and backward in a case.

    Args:
        values_right: whether forward's values are right in this case; None if that was not checked.
        keeps: whether backward builds on what forward stores.
        parameter: the name of the parameter, if the gradient belongs to one.
        elsewhere: whether the gradient is also wrong in a case in which forward is not to blame.
        explained: whether something other than forward explains the gradient: the numbers are those
            of a right forward and a known mistake in backward.
        follows: whether the numbers are those of a mistake that already shows in the values.
        builds_on_values: tells whether wrong values of forward can make backward wrong; None if
            that cannot be determined. It is called only where it matters.
        repeats: tells whether forward gives the same numbers for the same input, under the same
            terms.
    """

    values_right: bool | None
    keeps: bool
    parameter: str
    elsewhere: bool
    builds_on_values: Callable[[], bool | None]
    repeats: Callable[[], bool]
    explained: bool = False
    follows: bool = False


def blame(numeric: Numeric | None, found: np.ndarray, right: np.ndarray) -> Blame | None:
    """Compare a wrong gradient and the right one with the derivative of the submission's forward.

    Args:
        numeric: that derivative; None if it cannot be measured.
        found: the gradient that backward returned.
        right: the right one, of the same shape.

    Returns:
        None where too little could be measured.
    """
    if numeric is None or numeric.value.shape != right.shape or not numeric.says:
        return None
    usable, of_forward = numeric.usable, numeric.fits(right)
    allowed = tolerance(found) * float(np.max(np.abs(right), initial=0.0))
    wrong = ~(np.abs(found - right) <= allowed)  # NaN is wrong
    own = wrong & usable & of_forward & ~numeric.fits(found)
    return Blame(
        moves=bool(numeric.value.any()),
        forward_right=bool(of_forward[usable].all()),
        fits=bool(numeric.fits(found)[usable].all()),
        wrong=int(wrong.sum()),
        own=int(own.sum()),
        own_beyond_zero=int((own & ~numeric.vanishing).sum()),
        multiple=bool(np.count_nonzero(right) > 1 and factor_of(found, right)),
    )


def sentence(said: Blame | None, known: Circumstances) -> str:
    """Say which method to look at; "" if nothing is known.

    Args:
        said: what the derivative of forward says; None if it says nothing.
        known: what else is known.
    """
    if known.follows and (known.values_right or (said is not None and said.forward_right)):
        return FOLLOWS
    if known.values_right:
        return _of_right_forward(said, known)
    if known.explained and (said is None or not said.fits):
        or_kept = OR_KEPT if known.keeps else ""
        return OF_ITS_OWN.format(or_kept=or_kept, where="")
    return _of_wrong_forward(said, known)


def _of_wrong_forward(said: Blame | None, known: Circumstances) -> str:
    """Return the sentence for wrong or unchecked values of forward."""
    if said is not None and said.forward_right and said.fits:  # too close to tell
        return ""
    if said is None:
        return "" if known.values_right is None else _of_wrong_values(known)
    if not said.moves and known.parameter and not said.forward_right:
        return STALE.format(name=known.parameter)
    if said.forward_right:
        return _of_right_derivative(said, known)
    return OWN_FORWARD if said.fits else _of_two(said, known)


def _of_right_forward(said: Blame | None, known: Circumstances) -> str:
    """Return the sentence for right values of forward, which therefore cannot be the cause."""
    if said is not None and said.fits and not said.forward_right:
        return MATCHES
    measured = said is not None and said.forward_right and not said.fits
    text = FORWARD_RIGHT if measured else VALUES_RIGHT
    return text.format(kept=KEPT if known.keeps else "")


def is_apart(said: Blame | None, known: Circumstances) -> bool:
    """Tell whether a gradient is wrong for reasons other than the values of forward."""
    if known.values_right or known.explained:
        return True
    if said is None or said.fits:
        return False
    return said.multiple or (said.forward_right and known.builds_on_values() is False)


def _of_right_derivative(said: Blame, known: Circumstances) -> str:
    """Return the sentence for a right derivative of forward, whose values may still be wrong."""
    if known.values_right is None or is_apart(said, known):
        return FORWARD_RIGHT.format(kept=KEPT if known.keeps else "")
    return _of_its_own(known) or OTHER_VALUES


def _of_wrong_values(known: Circumstances) -> str:
    """Return the sentence for wrong values when the derivative cannot be measured."""
    if own := _of_its_own(known):
        return own
    if not known.repeats():
        return CHANGES
    return WRONG_VALUES if known.builds_on_values() else ""


def _of_two(said: Blame, known: Circumstances) -> str:
    """Return the sentence for a wrong derivative of forward that differs from the gradient."""
    unused = not known.keeps and known.builds_on_values() is False
    own = said.own if unused else said.own_beyond_zero
    or_kept = OR_KEPT if known.keeps else ""
    if own >= LEAST * said.wrong and own:
        where = AT_ENTRIES.format(own=own, wrong=said.wrong)
        return OF_ITS_OWN.format(or_kept=or_kept, where=where)
    if said.multiple:
        return OF_ITS_OWN.format(or_kept=or_kept, where="")
    return _of_its_own(known) or (UNRELATED if unused else BOTH_WRONG)


def _of_its_own(known: Circumstances) -> str:
    """Say that backward is wrong independently of forward, if that is known."""
    or_kept = OR_KEPT if known.keeps else ""
    return OF_ITS_OWN.format(or_kept=or_kept, where=ELSEWHERE) if known.elsewhere else ""
