"""Part: the step of Adam, for one parameter."""

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, described
from pellucid.workshop.pieces.adam_answers import RIGHT, RIGHT_BY_DIFFERENCES, WRONG


def play(answer, case):
    """Steps with one gradient after the other, from means of 0: what w, m and s become; is what was given unchanged?"""
    start, gradients, *numbers = case
    w = double(start)
    m, s = w * 0.0, w * 0.0
    steps = []
    for t, gradient in enumerate(gradients, 1):
        given = (w, double(gradient), m, s)
        before = [x.tolist() for x in given]
        came = answer.adam_step(*given, double(t), *map(double, numbers))
        if not (isinstance(came, tuple) and len(came) == 3):
            return described(came)
        w, m, s = came
        unchanged = [x.tolist() for x in given] == before
        steps.append({"w": described(w), "m": described(m), "s": described(s), "given as before": unchanged})
    return steps


def double(numbers):
    return pc.tensor(numbers, dtype=pc.float64)


def show(case):
    w, gradients, lr, beta1, beta2, eps = case
    calls = "once" if len(gradients) == 1 else f"{len(gradients)} times"
    return (
        f"adam_step(w, g, m, s, t, lr, beta1, beta2, eps) {calls}, from w = {w}, m = s = 0, t = 1, with "
        f"g = {', then '.join(map(str, gradients))}, lr = {lr}, beta1 = {beta1}, beta2 = {beta2}, eps = {eps}"
    )


def plug(answer):
    """Adam calls it for each parameter. The betas are float64; what comes back has the dtype of the parameter."""

    def adam_step(w, g, m, s, t, numbers):
        lr, beta1, beta2, eps = numbers.lr, numbers.beta1, numbers.beta2, numbers.eps
        new, mean, square = answer.adam_step(w, g, m, s, t, lr, beta1, beta2, eps)
        return new.to(w.dtype), mean.to(w.dtype), square.to(w.dtype)

    return {"pellucid.optim.adam:adam_step": adam_step}


PIECE = Piece(
    name="adam",
    kind="part",
    title=Text("A step of Adam", "Adam 的一步"),
    lesson="digits",
    needs=(),
    lives=("pellucid.optim.adam:adam_step",),
    signature="def adam_step(w, g, m, s, t, lr, beta1, beta2, eps): ...\n",
    task=Text(
        en=(
            "Adam gives each number of a parameter a step of its own length: the mean of its gradients so far, divided "
            "by how large they usually are.\n"
            "\n"
            "w is a parameter, g its gradient; m is a mean of the gradients before, s a mean of their squares (both "
            "zeros at first): four tensors of one shape. t counts the steps: 1 in the first. lr, beta1, beta2 and eps "
            "are numbers. Return three new tensors, the new w, m and s, in this order; leave those given as they are. "
            "m and s are returned as the next step needs them: without the correction by t. Write it with tensor "
            "arithmetic, so that it can be recorded and compiled; a root is `x.sqrt()` or `x ** 0.5`."
        ),
        zh=(
            "Adam 让参数中的每个数各走各的步长：它至今梯度的平均，除以这些梯度通常的大小。\n"
            "\n"
            "w 是一个参数，g 是它的梯度；m 是以往梯度的平均，s 是以往梯度平方的平均（开始时都是 0）："
            "四个形状相同的张量。"
            "t 是步数，第一步为 1。lr、beta1、beta2 和 eps 是数。请依次返回三个新张量：新的 w、m 和 s；"
            "传进来的张量保持原样。返回的 m 和 s 是留给下一步用的，不含按 t 所做的修正。"
            "请用张量的算术来写，这样才能录制和编译；开方写 `x.sqrt()` 或 `x ** 0.5`。"
        ),
    ),
    formula="""\
m_new = beta1 * m + (1 - beta1) * g
s_new = beta2 * s + (1 - beta2) * g^2
m_hat = m_new / (1 - beta1^t)
s_hat = s_new / (1 - beta2^t)
w_new = w - lr * m_hat / (sqrt(s_hat) + eps)""",
    examples=(
        Example(
            "adam_step(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([0.0]), pc.tensor([0.0]), 1, 0.1, 0.9, 0.99, "
            "1e-8)",
            "(tensor([0.9]), tensor([0.2]), tensor([0.04]))",
        ),
        Example(
            "adam_step(pc.tensor([1.0]), pc.tensor([-50.0]), pc.tensor([0.0]), pc.tensor([0.0]), 1, 0.1, 0.9, 0.99, "
            "1e-8)[0]",
            "tensor([1.1])",
        ),
        Example(
            "adam_step(pc.tensor([1.0]), pc.tensor([0.0]), pc.tensor([0.5]), pc.tensor([4.0]), 2, 0.1, 0.5, 0.5, "
            "1e-8)[1:]",
            "(tensor([0.25]), tensor([2.]))",
        ),
    ),
    invariants=(
        Text(
            "In the first step every number moves by lr, whatever the size of its gradient (if eps is small).",
            "第一步，每个数都移动 lr，与梯度的大小无关（只要 eps 很小）。",
        ),
        Text(
            "All gradients times the same positive number: the same steps (if eps is small).",
            "所有梯度同乘一个正数，每一步都不变（只要 eps 很小）。",
        ),
        Text("Where the gradient has always been 0, w stays.", "梯度一直是 0 的地方，w 不动。"),
        Text("w, g, m and s themselves are not changed.", "w、g、m、s 本身不变。"),
    ),
    cases=(
        ([1.0], [[2.0]], 0.1, 0.9, 0.99, 1e-8),
        ([1.0], [[-2.0]], 0.1, 0.9, 0.99, 1e-8),
        ([1.0], [[0.0]], 0.1, 0.9, 0.99, 1e-8),
        ([1.0], [[2.0]], 0.1, 0.75, 0.5, 1.0),
        ([1.0], [[2.0], [2.0]], 0.1, 0.75, 0.5, 1e-8),
        ([1.0], [[2.0], [-1.0]], 0.1, 0.9, 0.99, 1e-8),
        ([1.0, -1.0], [[2.0, 100.0], [-1.0, 50.0], [0.5, 0.0]], 0.1, 0.9, 0.999, 0.25),
        ([[1.0, 2.0], [3.0, 4.0]], [[[0.1, -0.2], [0.3, 0.0]]] * 4, 0.5, 0.9, 0.99, 1e-8),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "m begins at 0. After one step with g = 2 and beta1 = 0.9, how much too small is it, as a mean of "
            "gradients? And after very many steps?",
            "m 从 0 开始。取 g = 2、beta1 = 0.9，走一步之后，作为梯度的平均，m 只有应有的几分之几？走很多步之后呢？",
        ),
        Text(
            "First step, t = 1, w = 1, g = 2, lr = 0.1, beta1 = 0.9, beta2 = 0.99:\n"
            "m = 0.9*0 + 0.1*2 = 0.2, s = 0.99*0 + 0.01*4 = 0.04\n"
            "m_hat = 0.2 / (1 - 0.9) = 2, s_hat = 0.04 / (1 - 0.99) = 4\n"
            "w = 1 - 0.1*2/2 = 0.9\n"
            "Second step, t = 2, g = -1: m = 0.9*0.2 - 0.1 = 0.08, and m_hat = 0.08 / (1 - 0.81) = 0.4211.",
            "第一步，t = 1，w = 1，g = 2，lr = 0.1，beta1 = 0.9，beta2 = 0.99：\n"
            "m = 0.9*0 + 0.1*2 = 0.2，s = 0.99*0 + 0.01*4 = 0.04\n"
            "m_hat = 0.2 / (1 - 0.9) = 2，s_hat = 0.04 / (1 - 0.99) = 4\n"
            "w = 1 - 0.1*2/2 = 0.9\n"
            "第二步，t = 2，g = -1：m = 0.9*0.2 - 0.1 = 0.08，m_hat = 0.08 / (1 - 0.81) = 0.4211。",
        ),
        Text(
            "m = beta1 of the old m, and 1 - beta1 of g\n"
            "s = beta2 of the old s, and 1 - beta2 of g squared\n"
            "divide each by 1 - beta to the power of t, under new names\n"
            "step = lr * corrected m / (root of corrected s, plus eps)\n"
            "give back w - step, and m and s as they were before the division",
            "m = beta1 份旧的 m，加 1 - beta1 份 g\n"
            "s = beta2 份旧的 s，加 1 - beta2 份 g 的平方\n"
            "两者各除以 1 减 beta 的 t 次方，另起名字\n"
            "这一步 = lr * 修正后的 m / (修正后的 s 开方，再加 eps)\n"
            "返回 w 减去这一步，以及除之前的 m 和 s",
        ),
        Text(
            "The usual slips: eps under the root; the correction without t, which is right in the first step only; and "
            "the corrected means handed on to the next step, which corrects them again.",
            "常见的失误：把 eps 放进了根号里；修正时漏了 t，只有第一步是对的；"
            "还有把修正后的平均传给了下一步，于是又被修正一次。",
        ),
    ),
    explanation=Text(
        en=(
            "m and s are running means: a gradient of k steps ago counts with the weight (1 - beta) beta^k. In step t "
            "all weights together are 1 - beta^t, not yet 1, since the zeros of the beginning hold the rest; so "
            "dividing by that makes a true mean of them. Without it the first steps would go wrong: with the usual "
            "0.9 and 0.999, m would be 10 times and the root of s about 32 times too small, and the step 3 times too "
            "large. Mean over root of the mean square is near 1 in size if the gradients agree, near 0 if "
            "they alternate: so lr is about the largest step that any number takes, whatever the scale of its "
            "gradients. eps only prevents a division by zero; it stands outside of the root.\n"
            "Source: Kingma and Ba, Adam: a method for stochastic optimization (2015)."
        ),
        zh=(
            "m 和 s 是滑动平均：k 步以前的梯度，所占的权重是 (1 - beta) beta^k。到第 t 步，所有权重之和是 1 - beta^t，"
            "还不到 1，差额被开头的 0 占着；除以这个和，才是真正的平均。"
            "不作修正，开头几步就会走错：按惯用的 0.9 和 0.999，m 只有应有的 1/10，s 的平方根只有约 1/32，"
            "步子就成了应有的约 3 倍。"
            "平均除以“平方平均的平方根”：各步梯度方向一致时，大小接近 1；来回变化时，接近 0。"
            "所以不论梯度的尺度如何，每个数一步最多大约走 lr。eps 只是为了避免除以零，它在根号外面。\n"
            "出处：Kingma 和 Ba，Adam: a method for stochastic optimization（2015）。"
        ),
    ),
    right=(RIGHT, RIGHT_BY_DIFFERENCES),
    wrong=WRONG,
    plug=plug,
)
