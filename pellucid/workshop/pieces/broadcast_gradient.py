"""Part: the gradient of broadcasting, the sum over everything that a value was repeated for."""

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
def broadcast_gradient(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            g = g.sum(axis, keepdim=True)
    return g
"""

RIGHT_IN_ONE_SUM = """\
def broadcast_gradient(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    repeated = tuple(axis for axis in range(g.ndim) if padded[axis] != g.shape[axis])
    if repeated:
        g = g.sum(repeated)
    return g.reshape(shape)
"""


def play(answer, case):
    """The gradient of what was broadcast."""
    numbers, shape = case
    return described(answer.broadcast_gradient(pc.tensor(numbers), tuple(shape)))


def show(case):
    numbers, shape = case
    return f"broadcast_gradient(pc.tensor({numbers}), {tuple(shape)})"


def plug(answer):
    """The rule of the op Broadcast. There, axes that are added have been added before, with length 1."""

    def gradient(self, g, y, x):
        return answer.broadcast_gradient(g, x.shape)

    return {"pellucid.ops.reduce:Broadcast.gradient": gradient}


PIECE = Piece(
    name="broadcast_gradient",
    kind="part",
    title=Text("The gradient of broadcasting", "广播的梯度"),
    lesson="back_propagation",
    needs=(),
    lives=("pellucid.ops.reduce:Broadcast.gradient",),
    signature="def broadcast_gradient(g, shape): ...\n",
    task=Text(
        en=(
            "x, of the given `shape`, was broadcast: repeated until it fitted beside a larger tensor. Given g, the "
            "gradient of the loss with respect to the repeated one, return the gradient with respect to x itself.\n"
            "\n"
            "g is a tensor, `shape` a tuple; the result is a tensor of exactly this shape. Broadcasting does two "
            "things: it adds axes at the front until there are as many as needed, and it repeats along axes of length "
            "1. So read from the right, each length in `shape` is that of g, or 1, or not there. Write it with "
            "tensors: "
            "`g.sum(dim)`, also with keepdim=True, and `g.reshape(shape)`."
        ),
        zh=(
            "x 的形状是 `shape`，它经过广播，也就是一再重复，直到能与一个更大的张量相配。"
            "现在给你 g，即损失对广播后的张量的梯度，请返回损失对 x 本身的梯度。\n"
            "\n"
            "g 是张量，`shape` 是元组；返回的张量，形状必须正好是 `shape`。广播做两件事："
            "轴的个数不够，就在最前面补上；长度为 1 的轴，就沿着它重复。"
            "因此从右往左看，`shape` 中的每个长度要么与 g 的相同，要么是 1，要么根本没有。"
            "请用张量的运算来写：`g.sum(dim)`（可加 keepdim=True）和 `g.reshape(shape)`。"
        ),
    ),
    formula="""\
Y[i, j] = x[0, j] for every i:    dL/dx[0, j] = sum over i of g[i, j]
Y[i, j] = x[i, 0] for every j:    dL/dx[i, 0] = sum over j of g[i, j]
Y[i, j] = x[j]    for every i:    dL/dx[j]    = sum over i of g[i, j]""",
    examples=(
        Example("broadcast_gradient(pc.tensor([[1.0, 2.0], [10.0, 20.0]]), (1, 2))", "tensor([[11., 22.]])"),
        Example(
            "broadcast_gradient(pc.tensor([[1.0, 2.0], [10.0, 20.0]]), (2, 1))",
            "tensor([[ 3.],\n        [30.]])",
        ),
        Example("broadcast_gradient(pc.tensor([[1.0, 2.0], [10.0, 20.0]]), ())", "tensor(33.)"),
    ),
    invariants=(
        Text("The result has exactly the given shape.", "结果的形状正好是 `shape`。"),
        Text(
            "Nothing is lost: all elements of the result add up to all elements of g.",
            "总量不变：结果的全部元素之和，等于 g 的全部元素之和。",
        ),
        Text("If the shape is that of g, the result is g.", "如果 `shape` 就是 g 的形状，结果就是 g。"),
    ),
    cases=(
        ([1.0, 2.0], [2]),
        ([1.0, 2.0], [1]),
        ([1.0, 2.0], []),
        ([[1.0, 2.0], [10.0, 20.0]], [1, 2]),
        ([[1.0, 2.0], [10.0, 20.0]], [2, 1]),
        ([[1.0, 2.0], [10.0, 20.0]], [2]),
        ([[1.0, 2.0], [10.0, 20.0]], [1, 1]),
        ([[1.0, 2.0], [10.0, 20.0]], [1]),
        ([[1.0, 2.0], [10.0, 20.0]], []),
        ([[1.0, 2.0, 3.0]], [1, 3]),
        ([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]], [3]),
        ([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]], [2, 1, 2]),
        ([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]], [1, 2, 1]),
        ([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]], [2, 1]),
        ([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]], [2]),
        ([[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]], [1, 3]),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "A bias of two numbers is added to a batch of three samples. How often is its first number used? What is "
            "a value owed that is used several times?",
            "一个由两个数组成的偏置，加到一批三个样本上。它的第一个数用了几次？一个值用了好几次，它的梯度该怎么算？",
        ),
        Text(
            "x = [5, 7] is broadcast to [[5, 7], [5, 7], [5, 7]], and g = [[1, 2], [10, 20], [100, 200]].\n"
            "The 5 stands in three places, with gradients 1, 10 and 100: it is owed 1 + 10 + 100 = 111. The 7 is owed "
            "2 + 20 + 200 = 222. The gradient of x is [111, 222].",
            "x = [5, 7] 广播成 [[5, 7], [5, 7], [5, 7]]，g = [[1, 2], [10, 20], [100, 200]]。\n"
            "5 出现在三处，梯度分别是 1、10、100，合起来是 1 + 10 + 100 = 111；7 的梯度是 2 + 20 + 200 = 222。"
            "所以 x 的梯度是 [111, 222]。",
        ),
        Text(
            "as long as g has more axes than shape:\n"
            "    add up along the first axis, so that it disappears\n"
            "for each axis that has length 1 in shape:\n"
            "    add up along it, so that it stays, with length 1",
            "只要 g 的轴比 shape 多：\n"
            "    沿第一个轴求和，让这个轴消失\n"
            "对 shape 中每个长度为 1 的轴：\n"
            "    沿它求和，让这个轴留下来，长度变为 1",
        ),
        Text(
            "The usual slips: keepdim forgotten, so that the axis disappears and those behind it move up; and shapes "
            "compared from the left. Broadcasting counts from the right: missing axes are missing in front.",
            "常见的失误：忘了 keepdim，那个轴就消失了，后面的轴都往前挪；"
            "还有从左往右对齐形状。广播是从右往左对齐的：缺的轴缺在最前面。",
        ),
    ),
    explanation=Text(
        en=(
            "Whoever is used several times is owed the sum of all shares; that is the rule of the multivariable chain "
            "rule that also makes `+=` in a backward pass. Broadcasting is nothing but use several times, so its "
            "gradient is a sum. And the other way round: a sum uses each element once, so its gradient is the "
            "same g for all, a broadcast. The two are each other's gradient. In this framework broadcasting "
            "is an operation of its own, inserted where shapes meet; so this one rule spares all others the trouble: "
            "the gradients of a + b and a * b never speak of shapes."
        ),
        zh=(
            "一个值用了好几次，它的梯度就是各处份额之和：这是多元函数的链式法则，反向传播里的 `+=` 也由此而来。"
            "广播不过是把同一个值用上好几次，所以它的梯度是求和。"
            "反过来，求和时每个元素只用一次，所以求和的梯度是把同一个 g 分给每个元素，也就是广播。"
            "两者互为对方的梯度。在本框架里，广播是一种单独的运算，在形状相遇的地方自动插入。"
            "有了这一条规则，其他规则都不必操心：a + b 和 a * b 的梯度里，从来不提形状。"
        ),
    ),
    right=(RIGHT, RIGHT_IN_ONE_SUM),
    wrong=(
        Wrong(
            "nothing-added-up",
            Text(
                "g comes back as it was. But x is smaller than g: each of its elements was used in several places, and "
                "all of these count.",
                "你把 g 原样返回了。可是 x 比 g 小：x 的每个元素都用在了好几处，每一处都要算进来。",
            ),
            source="def broadcast_gradient(g, shape):\n    return g\n",
        ),
        Wrong(
            "axis-lost",
            Text(
                "An axis of length 1 has disappeared where it should have stayed. The numbers may be right, but the "
                "shape is not that of x; and the axes behind it have moved up.",
                "有个轴本该留下来、长度为 1，却消失了。数也许没错，形状却不是 x 的形状；它后面的轴也都往前挪了。",
            ),
            edits=(("g.sum(axis, keepdim=True)", "g.sum(axis)"),),
        ),
        Wrong(
            "mean-instead-of-sum",
            Text(
                "You take the mean. An element that is used three times has three times the influence on the loss, not "
                "the average one: all elements of the result together must equal those of g.",
                "你取了平均。一个元素用了三次，对损失的影响就是三份之和，不是三份的平均："
                "结果的全部元素之和，应当等于 g 的全部元素之和。",
            ),
            edits=(("g.sum(0)", "g.mean(0)"), ("g.sum(axis, keepdim=True)", "g.mean(axis, keepdim=True)")),
        ),
        Wrong(
            "first-copy-only",
            Text(
                "You take the gradient of the first copy only. The other copies were made of the same x, and the loss "
                "depends on them as well.",
                "你只取了第一份的梯度。其余各份也来自同一个 x，损失同样依赖它们。",
            ),
            source="""\
def broadcast_gradient(g, shape):
    while g.ndim > len(shape):
        g = g[0]
    for axis, length in enumerate(shape):
        if length == 1:
            g = g.transpose(0, axis)[:1].transpose(0, axis)
    return g
""",
        ),
        Wrong(
            "added-axes-kept",
            Text(
                "The axes that broadcasting added are still there, with length 1. x never had them, so its gradient "
                "has not got them either.",
                "广播补上的轴还在，长度为 1。x 本来没有这些轴，它的梯度也不该有。",
            ),
            source="""\
def broadcast_gradient(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    for axis, length in enumerate(padded):
        if length == 1:
            g = g.sum(axis, keepdim=True)
    return g
""",
        ),
        Wrong(
            "added-axes-sought-at-the-end",
            Text(
                "You take the surplus axes away at the end. Broadcasting adds missing axes in front: shapes are "
                "compared from the right.",
                "多出来的轴，你是从最后面去掉的。广播把缺的轴补在最前面：形状是从右往左对齐的。",
            ),
            edits=(("g = g.sum(0)", "g = g.sum(-1)"),),
        ),
        Wrong(
            "wrong-axes",
            Text(
                "You add up along the axes that were not repeated, and keep those that were. An axis along which x has "
                "length 1 is the one that was repeated.",
                "你沿着没有重复的轴求了和，重复过的轴反而留着。x 中长度为 1 的轴，才是广播时重复的轴。",
            ),
            edits=(("if length == 1:", "if length != 1:"),),
        ),
        Wrong(
            "one-axis-only",
            Text(
                "Only the first repeated axis is added up. Broadcasting may repeat along several axes at once, and "
                "each "
                "of them counts.",
                "你只沿第一个重复的轴求了和。广播可能同时沿好几个轴重复，每一个都要求和。",
            ),
            edits=(("            g = g.sum(axis, keepdim=True)\n", "            return g.sum(axis, keepdim=True)\n"),),
        ),
        Wrong(
            "added-axes-forgotten",
            Text(
                "Axes of length 1 are added up, but those that broadcasting added in front are not: for a bias of "
                "shape (3,) nothing happens, or the wrong axis is taken.",
                "长度为 1 的轴求了和，但广播在最前面补上的轴没有处理：对形状为 (3,) 的偏置，"
                "要么什么也没做，要么求错了轴。",
            ),
            edits=(("    while g.ndim > len(shape):\n        g = g.sum(0)\n", ""),),
        ),
        Wrong(
            "one-number-for-all",
            Text(
                "You add up all of g, and every element of x gets that one number. Elements that stay apart in x stay "
                "apart in its gradient: add up along the repeated axes only.",
                "你把 g 全部加成了一个数，x 的每个元素都分到这同一个数。x 里各自独立的元素，梯度也各自独立："
                "只沿重复过的轴求和。",
            ),
            source="""\
import pellucid as pc


def broadcast_gradient(g, shape):
    return g.sum() + pc.zeros(shape)
""",
        ),
    ),
    plug=plug,
)
