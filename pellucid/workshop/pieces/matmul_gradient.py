"""Part: the gradient of the matrix product, what each of two factors is owed."""

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
def matmul_gradient(g, a, b):
    return g @ b.mT, a.mT @ g
"""

RIGHT_ELEMENT_BY_ELEMENT = """\
def matmul_gradient(g, a, b):
    # y[i, j] is the sum over k of a[i, k] * b[k, j]
    # a[i, k] is owed the sum over j of g[i, j] * b[k, j]: axes (i, 1, j) times (1, k, j), then j is summed
    for_a = (g.unsqueeze(-2) * b.unsqueeze(-3)).sum(-1)
    # b[k, j] is owed the sum over i of a[i, k] * g[i, j]: axes (i, k, 1) times (i, 1, j), then i is summed
    for_b = (a.unsqueeze(-1) * g.unsqueeze(-2)).sum(-3)
    return for_a, for_b
"""


def play(answer, case):
    """Both shares, as tensors."""
    g, a, b = [pc.tensor(numbers) for numbers in case]
    return described(answer.matmul_gradient(g, a, b))


def show(case):
    return f"matmul_gradient({', '.join(f'pc.tensor({numbers})' for numbers in case)})"


def plug(answer):
    """The rule of the op Matmul. A factor that asks for no gradient gets none."""

    def gradient(self, g, y, a, b):
        for_a, for_b = answer.matmul_gradient(g, a, b)
        return (for_a if a.requires_grad else None), (for_b if b.requires_grad else None)

    return {"pellucid.ops.contract:Matmul.gradient": gradient}


PIECE = Piece(
    name="matmul_gradient",
    kind="part",
    title=Text("The gradient of the matrix product", "矩阵乘法的梯度"),
    lesson="back_propagation",
    needs=(),
    lives=("pellucid.ops.contract:Matmul.gradient",),
    signature="def matmul_gradient(g, a, b): ...\n",
    task=Text(
        en=(
            "Y = A B was computed, and from Y the loss. Given g, the gradient of the loss with respect to Y, return "
            "two gradients: that with respect to A and that with respect to B, in this order.\n"
            "\n"
            "All are tensors: a of shape (..., i, k), b (..., k, j), g (..., i, j). What you return has the shapes of "
            "a and b. Leading axes, if there are any, count matrices that are multiplied pair by pair; they are equal "
            "in all three. Write it with tensors, not with NumPy: `@`, `x.mT` (the last two axes swapped), `*`, "
            "`x.sum(dim)`. Then the same line works while a step is recorded, and for second derivatives."
        ),
        zh=(
            "前向计算时算出了 Y = A B，再由 Y 算出损失。现在给你 g，即损失对 Y 的梯度，"
            "请依次返回两个梯度：损失对 A 的，和损失对 B 的。\n"
            "\n"
            "参数都是张量：a 的形状是 (..., i, k)，b 是 (..., k, j)，g 是 (..., i, j)；"
            "返回的两个梯度，形状分别与 a、b 相同。前面若还有别的轴，表示一批矩阵逐对相乘，三者的这些轴都相等。"
            "请用张量的运算来写，不要用 NumPy：`@`、`x.mT`（交换最后两个轴）、`*`、`x.sum(dim)`。"
            "这样，同一行代码在录制时能用，求二阶导数时也能用。"
        ),
    ),
    formula="""\
Y[i, j] = sum over k of A[i, k] B[k, j]
dL/dA[i, k] = sum over j of g[i, j] B[k, j]
dL/dB[k, j] = sum over i of A[i, k] g[i, j]""",
    examples=(
        Example(
            "matmul_gradient(pc.tensor([[1.0]]), pc.tensor([[2.0]]), pc.tensor([[3.0]]))",
            "(tensor([[3.]]), tensor([[2.]]))",
        ),
        Example(
            "matmul_gradient(pc.tensor([[10.0]]), pc.tensor([[1.0, 2.0]]), pc.tensor([[3.0], [4.0]]))[0]",
            "tensor([[30., 40.]])",
        ),
        Example(
            "[x.shape for x in matmul_gradient(pc.ones(5, 2, 4), pc.ones(5, 2, 3), pc.ones(5, 3, 4))]",
            "[(5, 2, 3), (5, 3, 4)]",
        ),
    ),
    invariants=(
        Text(
            "Each gradient has the shape of what it is the gradient of.",
            "梯度的形状，与它所对应的张量相同。",
        ),
        Text(
            "Twice the g gives twice of both gradients; g = 0 gives zeros.",
            "g 变为两倍，两个梯度都变为两倍；g 为 0，两个梯度都为 0。",
        ),
        Text(
            "Of a pair of matrices in a batch, only the g of this pair counts.",
            "一批矩阵中，每一对的梯度只取决于这一对的 g。",
        ),
    ),
    cases=(
        ([[1.0]], [[2.0]], [[3.0]]),
        ([[10.0]], [[2.0]], [[3.0]]),
        ([[10.0, 1.0]], [[2.0]], [[3.0, 5.0]]),
        ([[10.0]], [[1.0, 2.0]], [[3.0], [4.0]]),
        ([[1.0, 10.0], [100.0, 1000.0]], [[1.0], [2.0]], [[3.0, 4.0]]),
        ([[1.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]),
        ([[1.0, 2.0], [0.0, -1.0]], [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]),
        ([[1.0, -1.0], [2.0, 0.5]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0, 2.0], [0.0, 1.0], [3.0, -2.0]]),
        (
            [[[1.0, 0.0], [2.0, 1.0]], [[0.0, 3.0], [1.0, 0.0]]],
            [[[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [1.0, 5.0]]],
            [[[5.0, 6.0], [7.0, 8.0]], [[2.0, 0.0], [1.0, 1.0]]],
        ),
        ([[[1.0]], [[2.0]], [[3.0]]], [[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]], [[[7.0], [8.0]]] * 3),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "Which elements of Y does the one element A[i, k] take part in? By which factor does each of them change "
            "when A[i, k] grows a little, and how much does the loss mind?",
            "单个元素 A[i, k] 参与了 Y 的哪些元素？A[i, k] 增大一点点，这些元素各按什么倍数变化？"
            "它们的变化又怎样影响损失？",
        ),
        Text(
            "A = [[1, 2]], B = [[3], [4]]: Y = [[1*3 + 2*4]] = [[11]]. Let g = [[10]].\n"
            "If A[0, 0] grows by 0.1, Y grows by 0.1*3, and the loss by 10 times that: the gradient of A[0, 0] is "
            "10*3 = 30, that of A[0, 1] is 10*4 = 40.\n"
            "If B[0, 0] grows by 0.1, Y grows by 0.1*1: its gradient is 10*1 = 10, that of B[1, 0] is 10*2 = 20.",
            "设 A = [[1, 2]]，B = [[3], [4]]，则 Y = [[1*3 + 2*4]] = [[11]]。再设 g = [[10]]。\n"
            "A[0, 0] 增大 0.1，Y 就增大 0.1*3，损失增大的是它的 10 倍："
            "所以 A[0, 0] 的梯度是 10*3 = 30，A[0, 1] 的梯度是 10*4 = 40。\n"
            "B[0, 0] 增大 0.1，Y 就增大 0.1*1：它的梯度是 10*1 = 10，B[1, 0] 的梯度是 10*2 = 20。",
        ),
        Text(
            "for A: sum over j of g[i, j] * B[k, j]\n"
            "       a matrix product sums over the last axis of the left and the first axis of the right factor,\n"
            "       but here j is the last axis of both: one of the two has to be turned\n"
            "for B: sum over i of A[i, k] * g[i, j]\n"
            "       here i is the first axis of both: again one has to be turned",
            "对 A：对 j 求和，g[i, j] * B[k, j]\n"
            "      矩阵乘法是沿左边的最后一个轴、右边的第一个轴求和，\n"
            "      而这里 j 在两者中都是最后一个轴：其中一个要转置\n"
            "对 B：对 i 求和，A[i, k] * g[i, j]\n"
            "      这里 i 在两者中都是第一个轴：同样要转置一个",
        ),
        Text(
            "The usual slips: the right matrices in the wrong order, or the wrong one turned. Let the shapes decide: "
            "(i, k) can be had from g, (i, j), and B, (k, j), in one way only. With square matrices every order "
            "computes, so test with i, k and j different. And in a batch `.T` turns round all axes, `.mT` the last "
            "two.",
            "常见的失误：矩阵没选错，次序却反了；或者转置了不该转置的那个。让形状来决定："
            "由 g 的 (i, j) 和 B 的 (k, j) 要得到 (i, k)，只有一种写法。方阵怎么乘都能算出结果，"
            "所以检验时要让 i、k、j 各不相同。另外，对一批矩阵，`.T` 会颠倒所有的轴，`.mT` 只交换最后两个。",
        ),
    ),
    explanation=Text(
        en=(
            "A small change dA changes Y by dA B, and the loss by the sum over all elements of g times dA B. Written "
            "element by element, that is the sum over i, k and j of g[i, j] dA[i, k] B[k, j]; what stands beside "
            "dA[i, k] is the gradient: the sum over j, which is the product of g with B turned. For B it is the same "
            "with the roles exchanged. So the backward pass of a linear layer is two more matrix products of the same "
            "size, which is why a training step costs about three times a forward pass. And it shows what has to be "
            "kept: for the gradient of the weight the input of the layer, for that of the input the weight.\n"
            "Source: Giles, Collected matrix derivative results for forward and reverse mode algorithmic "
            "differentiation (2008)."
        ),
        zh=(
            "A 有一个微小的变化 dA，Y 就变化 dA B，损失则变化“g 与 dA B 逐元素相乘再全部相加”。"
            "按元素写出来，就是对 i、k、j 求和：g[i, j] dA[i, k] B[k, j]。dA[i, k] 旁边的系数就是它的梯度："
            "对 j 求和，正好是 g 乘以 B 的转置。B 的梯度同理，只是角色互换。"
            "可见线性层的反向计算就是两次同样规模的矩阵乘法，所以训练一步的花费大约是前向计算的三倍。"
            "由此还看得出前向计算时要留下什么：求权重的梯度要用这一层的输入，求输入的梯度要用权重。\n"
            "出处：Giles，Collected matrix derivative results for forward and reverse mode algorithmic "
            "differentiation（2008）。"
        ),
    ),
    right=(RIGHT, RIGHT_ELEMENT_BY_ELEMENT),
    wrong=(
        Wrong(
            "shares-exchanged",
            Text(
                "Both gradients are right, but the first one returned is that of B. The contract wants that of A "
                "first.",
                "两个梯度都算对了，但先返回的是 B 的梯度。按约定，应当先返回 A 的。",
            ),
            edits=(("g @ b.mT, a.mT @ g", "a.mT @ g, g @ b.mT"),),
        ),
        Wrong(
            "b-not-turned",
            Text(
                "The gradient of A is made with B as it is. Then the sum runs over B's rows, where it should run over "
                "its columns; unless B is square, the shapes do not even fit.",
                "求 A 的梯度时，B 原样用了。这样求和走的是 B 的行，而应当走 B 的列；B 若不是方阵，连形状都对不上。",
            ),
            edits=(("g @ b.mT", "g @ b"),),
        ),
        Wrong(
            "a-not-turned",
            Text(
                "The gradient of B is made with A as it is. Then the sum runs over A's columns, where it should run "
                "over its rows, the samples; unless A is square, the shapes do not even fit.",
                "求 B 的梯度时，A 原样用了。这样求和走的是 A 的列，而应当走 A 的行，也就是各个样本；"
                "A 若不是方阵，连形状都对不上。",
            ),
            edits=(("a.mT @ g", "a @ g"),),
        ),
        Wrong(
            "factors-in-wrong-order",
            Text(
                "The right matrices, turned as they should be, but multiplied in the wrong order. A matrix product "
                "may not be turned round: compare the shapes of what comes out with those of a and b.",
                "矩阵选对了，转置也对，但相乘的次序反了。矩阵乘法不能交换次序：把结果的形状与 a、b 的形状比一比。",
            ),
            edits=(("g @ b.mT, a.mT @ g", "b.mT @ g, g @ a.mT"),),
        ),
        Wrong(
            "second-in-wrong-order",
            Text(
                "The gradient of A is right. That of B has the right matrices too, but multiplied in the wrong order: "
                "to get B's shape (k, j), A turned, (k, i), must come first, and then g, (i, j).",
                "A 的梯度是对的。B 的梯度，矩阵也选对了，但相乘的次序反了：要得到 B 的形状 (k, j)，"
                "只能是转置后的 A (k, i) 在前，g (i, j) 在后。",
            ),
            edits=(("a.mT @ g", "g @ a.mT"),),
        ),
        Wrong(
            "first-in-wrong-order",
            Text(
                "The gradient of B is right. That of A has the right matrices too, but multiplied in the wrong order: "
                "to get A's shape (i, k), g, (i, j), must come first, and then B turned, (j, k).",
                "B 的梯度是对的。A 的梯度，矩阵也选对了，但相乘的次序反了：要得到 A 的形状 (i, k)，"
                "只能是 g (i, j) 在前，转置后的 B (j, k) 在后。",
            ),
            edits=(("g @ b.mT", "b.mT @ g"),),
        ),
        Wrong(
            "g-turned",
            Text(
                "You turned g, and the gradients come out transposed: the numbers are there, but row and column are "
                "exchanged. Of each pair, the other factor has to be turned.",
                "你转置的是 g，得到的梯度也就转置了：数都在，行和列却对调了。每一对里，该转置的是另一个因子。",
            ),
            edits=(("g @ b.mT, a.mT @ g", "b @ g.mT, g.mT @ a"),),
        ),
        Wrong(
            "all-axes-turned",
            Text(
                "For one matrix it is right, for several it is not: `.T` reverses all axes, so the axis that counts "
                "the "
                "matrices ends up last. Only the last two may change places.",
                "单个矩阵时对，一批矩阵时就错了：`.T` 颠倒了所有的轴，表示第几个矩阵的轴被换到了最后。"
                "应当只交换最后两个轴。",
            ),
            edits=(("b.mT", "b.T"), ("a.mT", "a.T")),
        ),
        Wrong(
            "g-left-out",
            Text(
                "You return how Y changes with each factor, but g does not take part. By the chain rule that slope is "
                "still to be combined with how much the loss minds Y.",
                "你返回的只是 Y 随各因子的变化，g 没有参与。按链式法则，还要结合损失对 Y 的梯度。",
            ),
            edits=(("g @ b.mT, a.mT @ g", "b.mT, a.mT"),),
        ),
        Wrong(
            "element-wise",
            Text(
                "You multiply element by element (`*`), as for y = a * b. In a matrix product every element of A "
                "meets a whole row of B, so a sum has to be taken.",
                "你用的是逐元素相乘（`*`），那是 y = a * b 的梯度。矩阵乘法中，A 的每个元素都要与 B 的整行相遇，"
                "所以必须求和。",
            ),
            edits=(("g @ b.mT, a.mT @ g", "g * b, g * a"),),
        ),
        Wrong(
            "batch-added-up",
            Text(
                "The gradient of B is added up over all matrices of the batch. Here each matrix of the batch has its "
                "own B, and its own gradient; nothing is shared that would have to be added up.",
                "你把 B 的梯度沿整批矩阵加了起来。这里每一对矩阵各有各的 B，也各有各的梯度，"
                "没有哪个 B 是共用的，不该相加。",
            ),
            edits=(("a.mT @ g", "(a.mT @ g).sum(0, keepdim=True) if a.ndim > 2 else a.mT @ g"),),
        ),
        Wrong(
            "averaged-over-rows",
            Text(
                "The gradient of B is divided by the number of rows. The mean over samples belongs to the loss; it is "
                "in g already. Here the rows are added up.",
                "你把 B 的梯度除以了行数。对样本取平均是损失函数的事，已经包含在 g 里了；这里只要把各行的贡献加起来。",
            ),
            edits=(("a.mT @ g", "a.mT @ g / a.shape[-2]"),),
        ),
    ),
    plug=plug,
)
