"""Part: cross entropy of scores and labels, and its gradient, in NumPy."""

import inspect
import typing

import numpy as np

from pellucid.engine import Op, Spec, mode
from pellucid.errors import UnsupportedError
from pellucid.functional import losses
from pellucid.tensors import as_tensor
from pellucid.workshop.piece import Example, Piece, Text, described
from pellucid.workshop.pieces.cross_entropy_answers import RIGHT, RIGHT_WITH_ONE_HOT, WRONG


def play(answer, case):
    """The loss, its gradient, and whether the scores are still what they were."""
    scores, labels = np.array(case[0]), np.array(case[1])
    before = scores.copy()
    loss = answer.cross_entropy(scores, labels)
    gradient = answer.cross_entropy_gradient(scores, labels)
    return {
        "loss": loss.item() if hasattr(loss, "item") and np.ndim(loss) == 0 else described(loss),
        "gradient": described(gradient),
        "scores as before": bool(np.array_equal(scores, before)),
    }


def show(case):
    scores, labels = case
    return f"cross_entropy and cross_entropy_gradient of (np.array({scores}), np.array({labels}))"


def plug(answer):
    """An op made of both functions, for scores (N, C) and a label each; for all else there is the reference."""
    reference = inspect.unwrap(losses.cross_entropy)

    def cross_entropy(input, target, *, reduction="mean"):
        labels = as_tensor(target)
        if reduction == "mean" and mode.local.recording is None and fits(input, labels):
            return MeanCrossEntropy(answer)(input, labels)
        return reference(input, target, reduction=reduction)

    return {"pellucid.functional.losses:cross_entropy": cross_entropy}


def fits(scores, labels):
    """Is this the case that the learner's functions are for?"""
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or labels.dtype.kind not in "iu" or labels.numel() == 0:
        return False
    return labels.array.min() >= 0 and labels.array.max() < scores.shape[1]


class MeanCrossEntropy(Op):
    """The mean over rows, by the learner's `cross_entropy`."""

    reads_output = False

    answer: typing.Any  # the learner's module

    def infer(self, scores, labels):
        return Spec((), scores.dtype)

    def forward(self, scores, labels):
        return np.asarray(self.answer.cross_entropy(scores, labels), scores.dtype)

    def gradient(self, g, y, scores, labels):
        return g * Slope(self.answer)(scores, labels), None


class Slope(Op):
    """The gradient of the mean, by the learner's `cross_entropy_gradient`."""

    answer: typing.Any

    def infer(self, scores, labels):
        return scores

    def forward(self, scores, labels):
        return np.asarray(self.answer.cross_entropy_gradient(scores, labels), scores.dtype)

    def gradient(self, g, y, scores, labels):
        raise UnsupportedError("the workshop's cross entropy has a first derivative, written by hand, but no second.")


PIECE = Piece(
    name="cross_entropy",
    kind="part",
    title=Text("Cross entropy and its gradient", "交叉熵及其梯度"),
    lesson="digits",
    needs=(),
    lives=("pellucid.functional.losses:cross_entropy",),
    refuses=("pellucid.functional.activations:log_softmax", "pellucid.engine:walk"),
    signature="""\
def cross_entropy(scores, labels): ...


def cross_entropy_gradient(scores, labels): ...
""",
    task=Text(
        en=(
            "`scores` is a NumPy array of shape (N, C): for each of N samples a score for each of C classes, any "
            "numbers. `labels`, of shape (N,), holds the right class of each sample, integers from 0 to C - 1.\n"
            "\n"
            "1. `cross_entropy` returns the loss, one number: softmax makes probabilities of each row; the loss of a "
            "row is minus the logarithm of the probability of its right class; of these, take the mean.\n"
            "2. `cross_entropy_gradient` returns the gradient of this loss with respect to the scores, an array of "
            "shape (N, C).\n"
            "\n"
            "Scores of 1000 or -1000 must come out right, too. Leave `scores` as it is."
        ),
        zh=(
            "`scores` 是形状为 (N, C) 的 NumPy 数组：N 个样本，每个样本对 C 个类别各有一个分数，可以是任意的数。"
            "`labels` 的形状是 (N,)，是每个样本的正确类别，取 0 到 C - 1 的整数。\n"
            "\n"
            "1. `cross_entropy` 返回损失，一个数：先用 softmax 把每一行变成概率；"
            "每一行的损失，是正确类别的概率取对数再变号；最后对各行取平均。\n"
            "2. `cross_entropy_gradient` 返回这个损失对 `scores` 的梯度，形状为 (N, C) 的数组。\n"
            "\n"
            "分数是 1000 或 -1000 时也必须算对。不要改动 `scores` 本身。"
        ),
    ),
    formula="""\
p[n, c] = exp(scores[n, c]) / sum over k of exp(scores[n, k])
L = mean over n of -log p[n, labels[n]]
dL/dscores[n, c] = (p[n, c] - (1 if c == labels[n] else 0)) / N""",
    examples=(
        Example("round(float(cross_entropy(np.array([[2.0, 1.0, 0.0]]), np.array([0]))), 4)", "0.4076"),
        Example(
            "cross_entropy_gradient(np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([1, 0]))",
            "array([[ 0.25, -0.25],\n       [-0.25,  0.25]])",
        ),
        Example("float(cross_entropy(np.array([[1000.0, 0.0]]), np.array([1])))", "1000.0"),
    ),
    invariants=(
        Text("The loss is never below 0.", "损失不会小于 0。"),
        Text("Each row of the gradient adds up to 0.", "梯度的每一行加起来都是 0。"),
        Text(
            "The same number added to all scores of a row changes nothing.",
            "给一行的所有分数加上同一个数，结果不变。",
        ),
        Text(
            "The same batch twice, one below the other, has the same loss, and half the gradient in each row.",
            "把同一批样本重复一遍接在后面，损失不变，每一行的梯度减半。",
        ),
    ),
    cases=(
        ([[0.0, 0.0]], [1]),
        ([[2.0, 1.0, 0.0]], [0]),
        ([[2.0, 1.0, 0.0]], [2]),
        ([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [0, 1]),
        ([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [0, 0, 1, 1]),
        ([[1.0, 2.0], [3.0, 1.0], [0.0, -1.0]], [0, 0, 1]),
        ([[11.0, 12.0], [-7.0, -9.0], [0.0, -1.0]], [0, 0, 1]),
        ([[1000.0, 0.0]], [0]),
        ([[1000.0, 0.0]], [1]),
        ([[-1000.0, -1001.0]], [0]),
        ([[1000.0, 1001.0], [-1000.0, -999.0]], [0, 1]),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "If the right class has probability 1, what should the loss be? And if it has probability 0.1? Into which "
            "direction must each score move for the loss to become smaller?",
            "如果正确类别的概率是 1，损失应当是多少？概率是 0.1 呢？要让损失变小，每个分数应当往哪个方向变？",
        ),
        Text(
            "One row, scores [2, 1, 0], label 0. exp: 7.38906, 2.71828, 1, together 11.10734.\n"
            "p = [0.66524, 0.24473, 0.09003], and the loss is -log 0.66524 = 0.40761.\n"
            "The gradient is [0.66524 - 1, 0.24473, 0.09003] = [-0.33476, 0.24473, 0.09003].\n"
            "With the largest score, 2, taken away: [0, -1, -2], exp: 1, 0.36788, 0.13534; p is the same.",
            "只有一行，分数 [2, 1, 0]，标签 0。取 exp 得 7.38906、2.71828、1，和为 11.10734。\n"
            "p = [0.66524, 0.24473, 0.09003]，损失是 -log 0.66524 = 0.40761。\n"
            "梯度是 [0.66524 - 1, 0.24473, 0.09003] = [-0.33476, 0.24473, 0.09003]。\n"
            "如果先减去最大的分数 2，得 [0, -1, -2]，exp 是 1、0.36788、0.13534，p 不变。",
        ),
        Text(
            "log p, for the whole array:\n"
            "    shifted = scores minus the largest score of each row\n"
            "    log p = shifted - log(sum over the row of exp(shifted))\n"
            "loss: for each row pick log p at its label; minus the mean of these\n"
            "gradient: p; at the label of each row one less; all of it divided by the number of rows",
            "先对整个数组求 log p：\n"
            "    shifted = scores 减去各行的最大值\n"
            "    log p = shifted - log(exp(shifted) 各行之和)\n"
            "损失：每一行取标签处的 log p，求平均，再变号\n"
            "梯度：p；每一行在标签处减 1；再全部除以行数",
        ),
        Text(
            "The usual slips: p first and the logarithm after it, so that a p that was rounded to 0 gives infinity "
            "(the formula for log p never has to leave the logarithm); `axis` or `keepdims` forgotten; and "
            "`log_p[:, labels]`, which picks every label from every row. To pick one per row, give row numbers too: "
            "`log_p[np.arange(N), labels]`.",
            "常见的失误：先算 p 再取对数，p 舍入成 0 时就得到无穷大（直接用 log p 的公式，始终不必离开对数）；"
            "忘了 `axis` 或 `keepdims`；还有写成 `log_p[:, labels]`，那是从每一行取出所有标签。"
            "每行只取一个，就要连行号一起给出：`log_p[np.arange(N), labels]`。",
        ),
    ),
    explanation=Text(
        en=(
            "The gradient is what was said minus what is true: p - y, where y is 1 at the right class. Written out, "
            "log p of the right class is its score minus log(sum of exp); the first has slope 1 at the right "
            "class, and the slope of the second is exp(score) / sum, which is p again. That softmax and logarithm "
            "are taken together is more than a shortcut: each alone has slopes that blow up or vanish, together they "
            "leave a number between -1 and 1. The mean makes the step independent of the batch size. And since the "
            "largest score is taken away first, every exp is at most 1 and one of them is exactly 1: the sum neither "
            "overflows nor becomes 0.\n"
            "Source: Bridle, Probabilistic interpretation of feedforward classification network outputs (1990)."
        ),
        zh=(
            "梯度就是“预测减去事实”：p - y，其中 y 在正确类别处为 1，其余为 0。把式子写开，"
            "正确类别的 log p 等于它的分数减去 log(exp 之和)：前一项只在正确类别处有斜率 1，"
            "后一项的斜率是 exp(分数) / 和，恰好又是 p。把 softmax 和对数合在一起，不只是为了省事："
            "分开来看，各自的斜率会变得极大或趋近于 0；合起来，只剩下一个 -1 到 1 之间的数。"
            "取平均，是为了让每一步的大小不随批量大小而变。先减去最大的分数，每个 exp 就都不超过 1，"
            "而且至少有一个正好是 1，所以求和既不会溢出，也不会变成 0。\n"
            "出处：Bridle，Probabilistic interpretation of feedforward classification network outputs（1990）。"
        ),
    ),
    right=(RIGHT, RIGHT_WITH_ONE_HOT),
    wrong=WRONG,
    plug=plug,
    eager=True,
)
