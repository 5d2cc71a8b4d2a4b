"""A part: softmax along the last axis, with a study before it that it may use."""

import numpy as np

from pellucid.tensors import from_numpy
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
import numpy as np
from workshop.double import double


def soft(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) + 0 * double(1)
"""

ANOTHER = """\
import numpy as np


def soft(x):
    shifted = x - np.max(x, axis=-1)[..., None]
    return np.exp(shifted - np.log(np.exp(shifted).sum(-1))[..., None])
"""


def play(answer, case):
    """The array that comes out."""
    return described(answer.soft(np.array(case)))


def plug(answer):
    """Tensors in, tensors out."""

    def softmax(input, dim):
        array = np.moveaxis(np.asarray(input.detach().array, np.float64), dim, -1)
        return from_numpy(np.moveaxis(answer.soft(array), -1, dim).astype(np.float32))

    return {"pellucid.functional.activations:softmax": softmax}


PIECE = Piece(
    name="soft",
    kind="part",
    title=Text("Softmax", "softmax 函数"),
    lesson="digits",
    needs=("double",),
    lives=("pellucid.functional.activations:softmax",),
    signature="def soft(x): ...\n",
    task=Text("Make probabilities of scores.", "把分数变成概率。"),
    formula="y_i = exp(x_i) / sum_j exp(x_j)",
    examples=(Example("soft(np.array([0.0, 0.0]))", "array([0.5, 0.5])"),) * 3,
    invariants=(Text("The sum is 1.", "总和为 1。"),),
    cases=([0.0, 0.0], [1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 5.0]], [1000.0, 0.0]),
    play=play,
    show=lambda case: f"soft(np.array({case}))",
    hints=(Text("a", "一"), Text("b", "二"), Text("c", "三"), Text("d", "四")),
    explanation=Text("The shift changes nothing.", "平移不改变结果。"),
    right=(RIGHT, ANOTHER),
    wrong=(
        Wrong("no-shift", Text("exp overflows.", "exp 溢出。"), (("x - x.max(axis=-1, keepdims=True)", "x"),)),
        Wrong("no-sum", Text("Not divided.", "没有除以总和。"), ((" / e.sum(axis=-1, keepdims=True)", ""),)),
        Wrong(
            "one-sum", Text("One sum for all.", "所有行共用一个和。"), (("e.sum(axis=-1, keepdims=True)", "e.sum()"),)
        ),
        Wrong(
            "shape", Text("No axis is kept.", "没有保留轴。"), (("e.sum(axis=-1, keepdims=True)", "e.sum(axis=-1)"),)
        ),
        Wrong("minus", Text("The sign.", "符号。"), (("np.exp(x", "np.exp(-x"),)),
    ),
    plug=plug,
    eager=True,
    seconds=3.0,
)
