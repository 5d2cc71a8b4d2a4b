"""Part: softmax, which turns scores into probabilities, for any axis and any size of scores."""

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
def softmax(input, dim):
    largest = input.detach().amax(dim, keepdim=True)
    exps = (input - largest).exp()
    return exps / exps.sum(dim, keepdim=True)
"""

RIGHT_BY_LOGARITHMS = """\
def softmax(input, dim):
    shifted = input - input.amax(dim, keepdim=True)
    total = shifted.exp().sum(dim, keepdim=True)
    return (shifted - total.log()).exp()
"""


def play(answer, case):
    """The probabilities, or the gradient that the scores get if the probabilities have one.

    In float64, so that nobody's way of rounding scores of 1000 matters; once in float32.
    """
    question, scores, dim, *rest = case
    if question == "float32":
        return of_tensor(answer.softmax(pc.tensor(scores), dim))
    scores = pc.tensor(scores, dtype=pc.float64, requires_grad=question == "gradient")
    result = answer.softmax(scores, dim)
    if question == "values" or not isinstance(result, pc.Tensor):
        return of_tensor(result)
    result.backward(pc.tensor(rest[0], dtype=pc.float64))
    return described(scores.grad)


def of_tensor(result):
    return described(result) if isinstance(result, pc.Tensor) else {"not a tensor": described(result)}


def show(case):
    question, scores, dim, *rest = case
    if question == "float32":
        return f"softmax(pc.tensor({scores}), dim={dim})"
    if question == "values":
        return f"softmax(pc.tensor({scores}, dtype=pc.float64), dim={dim})"
    return (
        f"x = pc.tensor({scores}, dtype=pc.float64, requires_grad=True); "
        f"softmax(x, dim={dim}).backward(pc.tensor({rest[0]}, dtype=pc.float64)); x.grad"
    )


def plug(answer):
    """Put in place of pellucid.functional.softmax."""
    return {"pellucid.functional.activations:softmax": answer.softmax}


PIECE = Piece(
    name="softmax",
    kind="part",
    title=Text("Softmax: scores become probabilities", "softmax 函数：把分数变成概率"),
    lesson="digits",
    needs=(),
    lives=("pellucid.functional.activations:softmax",),
    refuses=("pellucid.functional.activations:log_softmax",),
    signature="def softmax(input, dim): ...\n",
    task=Text(
        en=(
            "A network for ten digits ends in ten scores, any numbers. Softmax makes probabilities of them: "
            "positive, with the sum 1, and the larger the score, the larger the probability.\n"
            "\n"
            "Write `softmax(input, dim)`. `input` is a tensor of floats of any shape, `dim` one of its axes, which "
            "may be counted from the end (-1 is the last). Return a tensor of the same shape; along `dim` each group "
            "of numbers sums to 1.\n"
            "\n"
            "Scores of 1000 must do no harm, although exp(1000) is infinite: find a way by which no exp is too large. "
            "Gradients shall flow, so use the methods of tensors: `exp()`, `sum(dim, keepdim=True)`, "
            "`amax(dim, keepdim=True)` (the largest along dim), and operators."
        ),
        zh=(
            "识别十个数字的网络，最后输出十个分数，大小不限。softmax 函数把它们变成概率："
            "都为正，总和为 1，分数越高，概率越大。\n"
            "\n"
            "请写出 `softmax(input, dim)`。`input` 是浮点数张量，形状任意；`dim` 是它的一个轴，"
            "也可以从后往前数（-1 是最后一个轴）。返回形状相同的张量，沿 `dim` 的每一组数之和为 1。\n"
            "\n"
            "exp(1000) 是无穷大，但分数为 1000 时也不能出错：想个办法，让任何一个 exp 都不会太大。"
            "梯度要能传过去，所以请用张量的方法：`exp()`、`sum(dim, keepdim=True)`、"
            "`amax(dim, keepdim=True)`（沿 dim 的最大值），以及各种运算符。"
        ),
    ),
    formula="""\
softmax(x)_i = exp(x_i) / (sum over j of exp(x_j)), i and j along dim
softmax(x + c) = softmax(x) for every number c""",
    examples=(
        Example("softmax(pc.tensor([0.0, 0.0]), dim=0)", "tensor([0.5, 0.5])"),
        Example("softmax(pc.tensor([1000.0, 1000.0, 0.0]), dim=0)", "tensor([0.5, 0.5, 0. ])"),
        Example("softmax(pc.tensor([[1.0, 1.0], [5.0, 5.0]]), dim=1)", "tensor([[0.5, 0.5],\n        [0.5, 0.5]])"),
    ),
    invariants=(
        Text("Along `dim` the results sum to 1, and none is negative.", "沿 `dim` 的结果之和为 1，没有负数。"),
        Text(
            "One number added to all scores of a group changes nothing.",
            "给一组里的所有分数加上同一个数，结果不变。",
        ),
        Text(
            "The gradients of the scores of a group sum to 0.",
            "一组分数的梯度之和为 0。",
        ),
    ),
    cases=(
        ("values", [0.0, 0.0], 0),
        ("values", [0.0, 1.0], 0),
        ("values", [1.0, 2.0, 3.0], -1),
        ("values", [-2.0, 0.0], 0),
        ("float32", [0.5, 1.0, -1.0], 0),
        ("values", [[0.0, 1.0], [2.0, 5.0]], 1),
        ("values", [[0.0, 1.0], [2.0, 5.0]], 0),
        ("values", [[0.0, 1.0, 3.0], [2.0, -1.0, 0.0]], -1),
        ("values", [[0.0, 1.0, 3.0], [2.0, -1.0, 0.0]], 0),
        ("values", [0.0, 1000.0], 0),
        ("values", [0.0, 2000.0], 0),
        ("values", [1000.0, 999.0], 0),
        ("values", [[1000.0, 1001.0], [1.0, 0.0]], 1),
        ("values", [[[0.0, 1.0], [1.0, 3.0]], [[2.0, 0.0], [-1.0, 1.0]]], 1),
        ("gradient", [0.0, 1.0], 0, [1.0, 0.0]),
        ("gradient", [[0.0, 1.0, 3.0], [2.0, 2.0, 0.0]], 1, [[1.0, 2.0, -1.0], [0.5, 0.0, 4.0]]),
        ("gradient", [1000.0, 1001.0], 0, [2.0, 0.0]),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "What happens to exp(x_i) / sum of exp(x_j), if you add the same number c to every x? Which c makes the "
            "largest exponent as small as you like?",
            "如果给每个 x 都加上同一个数 c，exp(x_i) / Σ exp(x_j) 会怎样？取什么样的 c，能让最大的指数不再危险？",
        ),
        Text(
            "Scores 1000 and 999: take 1000 from both, 0 and -1. exp(0) = 1, exp(-1) = 0.3679, together 1.3679; the "
            "probabilities are 1 / 1.3679 = 0.7311 and 0.3679 / 1.3679 = 0.2689. For [[0, 1], [2, 5]] and dim=1 the "
            "largest of each row are 1 and 5, one for each row; what is their shape with keepdim=True?",
            "分数是 1000 和 999：都减去 1000，得 0 和 -1。exp(0) = 1，exp(-1) = 0.3679，合计 1.3679；"
            "概率就是 1 / 1.3679 = 0.7311 和 0.3679 / 1.3679 = 0.2689。再看 [[0, 1], [2, 5]]，dim=1："
            "两行的最大值是 1 和 5，每行一个；用了 keepdim=True，它们的形状是什么？",
        ),
        Text(
            "largest = the largest along dim, the axis kept\n"
            "exps = exp of (input less largest)\n"
            "total = sum of exps along dim, the axis kept\n"
            "exps divided by total",
            "largest = 沿 dim 的最大值，保留这个轴\n"
            "exps = exp(input 减 largest)\n"
            "total = exps 沿 dim 求和，保留这个轴\n"
            "exps 除以 total",
        ),
        Text(
            "The usual slips: no `dim` in the sum, so that all groups together have the sum 1; no keepdim, so that "
            "broadcasting divides each column by the sum of some row, without any error if the matrix is square; the "
            "largest of the whole tensor, so that a group far below it underflows to 0 / 0.",
            "常见的失误：求和时漏了 `dim`，结果所有组加在一起才等于 1；漏了 keepdim，广播时每一列除以了某一行的和，"
            "矩阵是方阵时还不报错；减去的是整个张量的最大值，离它太远的那一组就全部下溢成 0 / 0。",
        ),
    ),
    explanation=Text(
        en=(
            "exp(x_i - c) = exp(x_i) / exp(c), and this factor stands in numerator and denominator alike, so it "
            "cancels. With c the largest score, the largest exp is exp(0) = 1, and the denominator lies between 1 "
            "and the number of scores: neither overflow nor division by 0 can happen. What underflows to 0 was too "
            "small to matter.\n"
            "Because c makes no difference to the result, it makes none to the gradient either: whether gradients "
            "flow through the largest score or not, they come out the same. The framework detaches it, which saves "
            "work. From s = softmax(x) the gradient is s * (g - sum(g * s)): a step that is the same for all scores "
            "changes nothing, so a group's gradients sum to 0.\n"
            "Source: Bridle, Probabilistic interpretation of feedforward classification network outputs (1990)."
        ),
        zh=(
            "exp(x_i - c) = exp(x_i) / exp(c)，这个因子分子分母里都有，正好约掉。c 取最大的分数，"
            "最大的 exp 就是 exp(0) = 1，分母在 1 和分数个数之间：既不会上溢，也不会除以 0。"
            "下溢成 0 的，本来就小得无关紧要。\n"
            "c 不影响结果，也就不影响梯度：梯度是否经过最大值那条路，得到的都一样。"
            "框架用 detach 把它断开，可以少算一些。记 s = softmax(x)，梯度是 s * (g - sum(g * s))："
            "所有分数同加一个数，结果不变，所以一组的梯度之和必为 0。\n"
            "出处：Bridle，Probabilistic interpretation of feedforward classification network outputs（1990）。"
        ),
    ),
    right=(RIGHT, RIGHT_BY_LOGARITHMS),
    wrong=(
        Wrong(
            "largest-not-subtracted",
            Text(
                "For small scores all is right; for 1000 you get NaN, infinity divided by infinity. Make the scores "
                "smaller before exp, in a way that changes no probability.",
                "分数小的时候都对；到 1000 就成了 NaN，也就是无穷大除以无穷大。"
                "在求 exp 之前把分数变小，而且不能改变概率。",
            ),
            edits=(("(input - largest).exp()", "input.exp()"),),
        ),
        Wrong(
            "sum-over-everything",
            Text(
                "All numbers of the tensor together sum to 1. Each group along `dim` should, by itself.",
                "整个张量的所有数加起来才等于 1。应当是沿 `dim` 的每一组各自等于 1。",
            ),
            edits=(("exps.sum(dim, keepdim=True)", "exps.sum()"),),
        ),
        Wrong(
            "always-the-last-axis",
            Text(
                "`dim` is not looked at: you always go along the last axis.",
                "你没有理会 `dim`，总是沿着最后一个轴计算。",
            ),
            source=RIGHT.replace("(dim, keepdim", "(-1, keepdim"),
        ),
        Wrong(
            "always-the-first-axis",
            Text(
                "`dim` is not looked at: you always go along axis 0.",
                "你没有理会 `dim`，总是沿着轴 0 计算。",
            ),
            source=RIGHT.replace("(dim, keepdim", "(0, keepdim"),
        ),
        Wrong(
            "axis-lost-in-the-sum",
            Text(
                "The sum has lost its axis, and broadcasting lays the sums along the wrong one: for a square matrix "
                "each column is divided by the sum of a row, and for other shapes there is an error.",
                "求和之后那个轴没有了，广播时这些和就排到了别的轴上：方阵的每一列都除以某一行的和，别的形状则会报错。",
            ),
            edits=(("exps.sum(dim, keepdim=True)", "exps.sum(dim)"),),
        ),
        Wrong(
            "largest-of-everything",
            Text(
                "You subtract the largest number of the whole tensor. In a group whose scores lie far below it every "
                "exp is 0, and 0 / 0 is NaN. Each group needs a largest of its own.",
                "你减去的是整个张量的最大值。如果某一组的分数都比它小很多，这一组的 exp 就全是 0，而 0 / 0 是 NaN。"
                "每一组都要有自己的最大值。",
            ),
            edits=(("amax(dim, keepdim=True)", "amax()"),),
        ),
        Wrong(
            "mean-subtracted",
            Text(
                "The mean is no safe number to subtract: with the scores 0 and 2000, 1000 is left, and exp(1000) is "
                "infinite. Which number makes sure that none is left above 0?",
                "减去平均值并不保险：分数是 0 和 2000 时，减完还剩 1000，而 exp(1000) 是无穷大。"
                "减去哪个数，才能保证剩下的都不大于 0？",
            ),
            edits=(("amax(dim, keepdim=True)", "mean(dim, keepdim=True)"),),
        ),
        Wrong(
            "smallest-subtracted",
            Text(
                "You subtract the smallest score: then all others are above 0, and exp may overflow as before.",
                "你减去的是最小的分数：这样其余的都大于 0，exp 照样会上溢。",
            ),
            edits=(("input.detach().amax(dim, keepdim=True)", "-(-input.detach()).amax(dim, keepdim=True)"),),
        ),
        Wrong(
            "scores-cut-off",
            Text(
                "Large scores are cut off, so 1000 and 999 become equal. Only their difference counts, and that must "
                "stay.",
                "过大的分数被截断了，于是 1000 和 999 变成了一样。有意义的是它们的差，这个差必须保留。",
            ),
            edits=(("(input - largest).exp()", "input.clamp(max=80.0).exp()"),),
        ),
        Wrong(
            "without-exp",
            Text(
                "You divide the scores by their sum. Scores may be negative, and their sum may be 0; exp makes each "
                "of them positive first.",
                "你直接用分数除以它们的和。分数可能是负的，和可能为 0；要先用 exp 把它们都变成正数。",
            ),
            edits=(("(input - largest).exp()", "input"),),
        ),
        Wrong(
            "divided-by-the-largest",
            Text(
                "You divide by the largest exp, so that the best class gets 1 and the sum is more than 1.",
                "你除以的是最大的 exp，于是最好的类别得 1，总和超过了 1。",
            ),
            edits=(("exps.sum(dim", "exps.amax(dim"),),
        ),
        Wrong(
            "logarithms-returned",
            Text(
                "These are the logarithms of the probabilities: none of them is above 0. That is log_softmax.",
                "这是概率的对数，没有一个大于 0。那是 log_softmax。",
            ),
            edits=(("return exps / exps.sum(dim, keepdim=True)", "return (exps / exps.sum(dim, keepdim=True)).log()"),),
        ),
        Wrong(
            "sum-detached",
            Text(
                "The probabilities are right, the gradients are not: the denominator is cut off from the graph, "
                "although it too depends on the scores. The largest score may be detached, because it cancels; the "
                "sum does not.",
                "概率是对的，梯度不对：分母从计算图上断开了，可它同样取决于分数。"
                "最大值可以断开，因为它会约掉；分母却约不掉。",
            ),
            edits=(("exps.sum(dim, keepdim=True)", "exps.detach().sum(dim, keepdim=True)"),),
        ),
        Wrong(
            "scores-detached",
            Text(
                "The probabilities are right, but no gradient can reach the scores: you calculate with a detached "
                "copy of them, or in NumPy.",
                "概率是对的，但梯度传不到分数那里：你用来计算的是断开了的副本，或者是 NumPy 数组。",
            ),
            edits=(("(input - largest)", "(input.detach() - largest)"),),
        ),
    ),
    plug=plug,
)
