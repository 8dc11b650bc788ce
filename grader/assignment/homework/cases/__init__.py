"""The cases: which inputs every check tries on every target, in the order of the rubric."""

from __future__ import annotations

from grader.assignment import Case

from .activations import relu, sigmoid, softmax
from .derivations import derivations
from .images import conv, pool
from .layers import batch_norm, fully_connected
from .losses import cross_entropy, mse
from .models import network
from .training import sgd, training

CASES: tuple[Case, ...] = (
    *relu(),
    *sigmoid(),
    *fully_connected(),
    *softmax(),
    *cross_entropy(),
    *mse(),
    *network(),
    *sgd(),
    training("train.iris", "iris", epochs=20),
    *conv(),
    *pool(),
    training("train.digits", "digits", epochs=7),
    *batch_norm(),
    *derivations(),
)
