"""Right and wrong answers to the piece `cross_entropy`."""

from pellucid.workshop.piece import Text, Wrong

RIGHT = """\
import numpy as np


def log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def cross_entropy(scores, labels):
    log_p = log_softmax(scores)
    rows = np.arange(len(labels))
    return -log_p[rows, labels].mean()


def cross_entropy_gradient(scores, labels):
    slope = np.exp(log_softmax(scores))
    slope[np.arange(len(labels)), labels] -= 1.0
    return slope / len(labels)
"""

RIGHT_WITH_ONE_HOT = """\
import numpy as np


def cross_entropy(scores, labels):
    total = 0.0
    for row, label, log_sum in zip(scores, labels, np.logaddexp.reduce(scores, axis=1)):
        total += log_sum - row[label]
    return total / len(scores)


def cross_entropy_gradient(scores, labels):
    samples, classes = scores.shape
    weights = np.exp(scores - np.max(scores, axis=1)[:, None])
    p = weights / np.sum(weights, axis=1)[:, None]
    return (p - np.eye(classes)[labels]) / samples
"""

SHIFT = "    shifted = scores - scores.max(axis=1, keepdims=True)\n"
SHIFT_IN_PLACE = """\
    scores -= scores.max(axis=1, keepdims=True)
    shifted = scores
"""

WRONG = (
    Wrong(
        "softmax-over-wrong-axis",
        Text(
            "Your softmax runs down the columns: the probabilities of one class over all samples add up to 1. It is "
            "the classes of one sample that compete with each other.",
            "你的 softmax 是沿着列算的：同一个类别在所有样本上的概率之和为 1。互相竞争的，应当是同一个样本的各个类别。",
        ),
        edits=(
            ("max(axis=1, keepdims=True)", "max(axis=0, keepdims=True)"),
            ("sum(axis=1, keepdims=True)", "sum(axis=0, keepdims=True)"),
        ),
    ),
    Wrong(
        "loss-added-up",
        Text(
            "Your loss is the sum over the rows, the contract wants the mean; the gradient is that of the mean "
            "already. "
            "A sum grows with the batch, and nobody could compare the losses of two batch sizes.",
            "你的损失是各行之和，约定的是平均；梯度倒是平均的梯度。和会随批量大小增长，"
            "批量大小不同，损失就没法比较了。",
        ),
        edits=((".mean()", ".sum()"),),
    ),
    Wrong(
        "gradient-not-divided",
        Text(
            "Your loss is a mean over rows, but the gradient is that of a sum. What has the loss been divided by? Its "
            "gradient has been divided by it, too.",
            "你的损失是对各行取的平均，梯度却是求和的梯度。损失除以了什么，梯度也应当除以什么。",
        ),
        edits=(("return slope / len(labels)", "return slope"),),
    ),
    Wrong(
        "sum-instead-of-mean",
        Text(
            "Loss and gradient fit each other, but both are those of the sum over the rows. The contract wants the "
            "mean: otherwise the size of a step depends on the size of the batch.",
            "损失和梯度彼此相符，但都是各行之和的。约定的是平均：否则批量越大，每一步就越大。",
        ),
        edits=((".mean()", ".sum()"), ("return slope / len(labels)", "return slope")),
    ),
    Wrong(
        "mean-over-all-elements",
        Text(
            "You divide by the number of all scores, N times C. Every sample has one loss, not one for each class: the "
            "mean is over the N rows.",
            "你除以了全部分数的个数，即 N 乘 C。每个样本只有一个损失，不是每个类别各有一个：平均是对 N 行取的。",
        ),
        edits=((".mean()", ".mean() / scores.shape[1]"), ("slope / len(labels)", "slope / scores.size")),
    ),
    Wrong(
        "exponent-too-large",
        Text(
            "For scores of 1000 nothing useful comes out: exp(1000) is larger than any float, and exp(-1000) is 0. "
            "What can you subtract from all scores of a row without changing the probabilities?",
            "分数是 1000 时结果就不对了：exp(1000) 超出了浮点数的范围，exp(-1000) 则成了 0。"
            "从一行的所有分数里减去什么，概率不变？",
        ),
        edits=(("shifted = scores - scores.max(axis=1, keepdims=True)", "shifted = scores"),),
    ),
    Wrong(
        "one-maximum-for-all",
        Text(
            "You take away the largest score of the whole array. In a row whose scores are all far below it every exp "
            "becomes 0. Each row needs its own.",
            "你减去的是整个数组的最大值。如果某一行的分数都远小于它，这一行的 exp 就全是 0 了。"
            "每一行要减自己的最大值。",
        ),
        edits=(("scores.max(axis=1, keepdims=True)", "scores.max()"),),
    ),
    Wrong(
        "logarithm-of-zero",
        Text(
            "You compute p and take its logarithm afterwards. A very small p has become 0 by then, and the loss "
            "infinite, where it should be 1000. The logarithm can be had without p.",
            "你先算出 p，再取对数。p 很小的时候已经舍入成 0，损失就成了无穷大，而它应当是 1000。"
            "不经过 p 也能得到这个对数。",
        ),
        edits=(("-log_p[rows, labels].mean()", "-np.log(np.exp(log_p[rows, labels])).mean()"),),
    ),
    Wrong(
        "tiny-number-added",
        Text(
            "A tiny number inside the logarithm prevents infinity, but makes the loss wrong: however bad a score is, "
            "the "
            "loss ends at the logarithm of that number, while the gradient goes on.",
            "在对数里加一个很小的数，无穷大是避免了，损失却不对了：分数再差，损失也只到那个小数的对数为止，"
            "与梯度不再相符。",
        ),
        edits=(("-log_p[rows, labels].mean()", "-np.log(np.exp(log_p[rows, labels]) + 1e-9).mean()"),),
    ),
    Wrong(
        "sign-lost",
        Text(
            "Your loss is negative. The logarithm of a probability is 0 or below; a loss is 0 at best, and grows as "
            "things get worse.",
            "你的损失是负数。概率的对数不大于 0；而损失最好时是 0，预测越差就越大。",
        ),
        edits=(("return -log_p", "return log_p"),),
    ),
    Wrong(
        "probability-without-logarithm",
        Text(
            "Your loss is made of the probability itself, without the logarithm. Then a hopeless answer costs hardly "
            "more than a doubtful one, and the gradient does not belong to this loss.",
            "你的损失用的是概率本身，没有取对数。这样，错得离谱也不比拿不准多付多少代价，而且梯度与这个损失对不上。",
        ),
        edits=(("return -log_p[rows, labels]", "return -np.exp(log_p[rows, labels])"),),
    ),
    Wrong(
        "gradient-turned-round",
        Text(
            "Your gradient has the opposite sign. A gradient points to where the loss grows: raising the score of the "
            "right class lowers the loss, so what sign has its gradient?",
            "你的梯度符号反了。梯度指向损失增大的方向：提高正确类别的分数会使损失减小，那么它的梯度应当是正还是负？",
        ),
        edits=(("return slope / len(labels)", "return -slope / len(labels)"),),
    ),
    Wrong(
        "label-left-out",
        Text(
            "The labels do not take part in your gradient: it is the probabilities only, and would push down every "
            "score, the right one too. Each row must add up to 0.",
            "你的梯度没有用到标签：只是概率而已，这样会把所有分数都往下压，连正确的那个也不例外。"
            "每一行加起来应当是 0。",
        ),
        edits=(("    slope[np.arange(len(labels)), labels] -= 1.0\n", ""),),
    ),
    Wrong(
        "every-label-from-every-row",
        Text(
            "`[:, labels]` picks, from every row, the columns of all labels, so samples are measured by the labels of "
            "others. With one sample it makes no difference. Row and label have to go in pairs.",
            "`[:, labels]` 从每一行取出了所有标签对应的列，于是样本被拿去跟别的样本的标签比。"
            "只有一个样本时看不出差别。行号和标签要成对地给出。",
        ),
        edits=(
            ("log_p[rows, labels]", "log_p[:, labels]"),
            ("slope[np.arange(len(labels)), labels]", "slope[:, labels]"),
        ),
    ),
    Wrong(
        "scores-changed",
        Text(
            "Your numbers are right, but afterwards the scores are no longer what they were: `-=` writes into the "
            "array "
            "that was handed to you. It belongs to the network, which still needs it.",
            "数都算对了，但算完之后，scores 已经不是原来的样子：`-=` 写进了传给你的数组。"
            "这个数组属于网络，后面还要用。",
        ),
        edits=((SHIFT, SHIFT_IN_PLACE),),
    ),
)
