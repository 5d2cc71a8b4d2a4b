"""Part: the step of SGD with momentum, for one parameter."""

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
def sgd_step(w, g, v, lr, momentum):
    v = momentum * v + g
    return w - lr * v, v
"""

RIGHT_AS_A_MOVE = """\
def next_velocity(g, v, momentum):
    return g + v * momentum


def sgd_step(w, g, v, lr, momentum):
    velocity = next_velocity(g, v, momentum)
    move = -lr * velocity
    return w + move, velocity
"""

IN_PLACE = """\
def sgd_step(w, g, v, lr, momentum):
    v *= momentum
    v += g
    w -= lr * v
    return w, v
"""


def play(answer, case):
    """Steps with one gradient after the other: what w and v become, and whether what was given stays as it was."""
    start, gradients, velocity, lr, momentum = case
    w, v = double(start), double(velocity)
    steps = []
    for numbers in gradients:
        given = (w, double(numbers), v)
        before = [x.tolist() for x in given]
        came = answer.sgd_step(*given, double(lr), double(momentum))
        if not (isinstance(came, tuple) and len(came) == 2):
            return described(came)
        w, v = came
        unchanged = [x.tolist() for x in given] == before
        steps.append({"w": described(w), "v": described(v), "given as before": unchanged})
    return steps


def double(numbers):
    return pc.tensor(numbers, dtype=pc.float64)


def show(case):
    w, gradients, v, lr, momentum = case
    calls = "once" if len(gradients) == 1 else f"{len(gradients)} times"
    return (
        f"sgd_step(w, g, v, lr, momentum) {calls}, with w = {w}, g = {', then '.join(map(str, gradients))}, "
        f"v = {v}, lr = {lr}, momentum = {momentum}"
    )


def plug(answer):
    """SGD calls it for each parameter, if it was made with momentum."""
    return {"pellucid.optim.sgd:sgd_step": answer.sgd_step}


PIECE = Piece(
    name="sgd",
    kind="part",
    title=Text("A step of SGD with momentum", "带动量的 SGD 的一步"),
    lesson="digits",
    needs=(),
    lives=("pellucid.optim.sgd:sgd_step",),
    signature="def sgd_step(w, g, v, lr, momentum): ...\n",
    task=Text(
        en=(
            "Gradient descent with a memory, like a heavy ball rolling down a slope: it does not go by the gradient "
            "alone, but has a velocity that each gradient changes.\n"
            "\n"
            "w is a parameter, g the gradient of the loss with respect to it, v the velocity from the step before "
            "(zeros at first): three tensors of one shape. lr, the learning rate, and momentum are numbers. Return "
            "two new tensors, the new w and the new v, in this order; leave those given as they are. Write it with "
            "tensor arithmetic, so that it can be recorded and compiled."
        ),
        zh=(
            "这是有记忆的梯度下降，好比一个沉重的球滚下坡：它并不只看眼前的梯度，而是带着速度，"
            "每个梯度只是改变这个速度。\n"
            "\n"
            "w 是一个参数，g 是损失对它的梯度，v 是上一步留下的速度（开始时全是 0）：三个形状相同的张量。"
            "学习率 lr 和动量 momentum 是数。请依次返回两个新张量：新的 w 和新的 v；传进来的张量保持原样。"
            "请用张量的算术来写，这样才能录制和编译。"
        ),
    ),
    formula="""\
v_new = momentum * v + g
w_new = w - lr * v_new""",
    examples=(
        Example(
            "sgd_step(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([0.0]), 0.1, 0.9)",
            "(tensor([0.8]), tensor([2.]))",
        ),
        Example(
            "sgd_step(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([0.5]), 0.1, 0.9)",
            "(tensor([0.755]), tensor([2.45]))",
        ),
        Example(
            "sgd_step(pc.tensor([1.0]), pc.tensor([0.0]), pc.tensor([0.5]), 0.1, 0.9)",
            "(tensor([0.955]), tensor([0.45]))",
        ),
    ),
    invariants=(
        Text("With momentum 0, w moves by lr times g, against it.", "动量为 0 时，w 沿 g 的反方向移动 lr 乘 g。"),
        Text(
            "With the same g again and again, the velocity approaches g / (1 - momentum): ten times g for 0.9.",
            "如果 g 一直不变，速度趋近于 g / (1 - momentum)：momentum 为 0.9 时，就是 g 的十倍。",
        ),
        Text("The velocity does not depend on the learning rate.", "速度与学习率无关。"),
        Text("w, g and v themselves are not changed.", "w、g、v 本身不变。"),
    ),
    cases=(
        ([1.0], [[2.0]], [0.0], 0.5, 0.0),
        ([1.0], [[2.0]], [0.0], 0.5, 0.5),
        ([1.0], [[2.0]], [4.0], 0.5, 0.5),
        ([1.0], [[0.0]], [4.0], 0.5, 0.25),
        ([1.0], [[2.0], [2.0]], [0.0], 0.1, 0.9),
        ([1.0, -1.0], [[2.0, 1.0], [-1.0, 3.0], [0.5, 0.0]], [0.0, 0.0], 0.1, 0.9),
        ([[1.0, 2.0], [3.0, 4.0]], [[[0.1, 0.2], [0.3, 0.4]], [[0.0, -1.0], [1.0, 0.0]]], [[0.0] * 2] * 2, 1.0, 0.5),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "What does a ball do where the ground is level, g = 0? What is left of its velocity after one step, and "
            "does it still move?",
            "地面是平的，也就是 g = 0 时，球会怎样？走一步之后，速度还剩多少？它还会动吗？",
        ),
        Text(
            "w = 1, g = 2, v = 0.5, lr = 0.1, momentum = 0.9:\n"
            "new v = 0.9*0.5 + 2 = 2.45\n"
            "new w = 1 - 0.1*2.45 = 0.755",
            "w = 1，g = 2，v = 0.5，lr = 0.1，momentum = 0.9：\n"
            "新的 v = 0.9*0.5 + 2 = 2.45\n"
            "新的 w = 1 - 0.1*2.45 = 0.755",
        ),
        Text(
            "velocity = what is left of the old one, plus the gradient\n"
            "w goes against the velocity, by lr times as much\n"
            "give back both",
            "速度 = 旧速度剩下的部分，加上梯度\nw 沿速度的反方向走，走 lr 乘速度那么远\n两个都返回",
        ),
        Text(
            "The usual slips: to step with the old velocity instead of the new one, which is always one gradient late; "
            "and to put lr, or a factor 1 - momentum, into the velocity. Both are methods of their own, but others: "
            "the usual learning rates would no longer fit.",
            "常见的失误：用旧速度而不是新速度来走，总是慢一个梯度；还有把 lr 或系数 1 - momentum 放进速度里。"
            "后两种也各是一种方法，却不是这一种：惯用的学习率就不合适了。",
        ),
    ),
    explanation=Text(
        en=(
            "Written out, v is g + momentum g' + momentum^2 g'' + ... over the gradients of the steps before. Where "
            "they "
            "agree, they add up to g / (1 - momentum), ten times as much for 0.9; where they alternate, as across a "
            "narrow valley, they cancel. So momentum is quick along a valley and calm across it, with one more tensor "
            "to keep and hardly any work. It also means that a learning rate that was right without momentum is about "
            "ten times too large with 0.9.\n"
            "Sources: Polyak, Some methods of speeding up the convergence of iteration methods (1964); Sutskever et "
            "al., "
            "On the importance of initialization and momentum in deep learning (2013)."
        ),
        zh=(
            "把式子展开，v 就是 g + momentum g' + momentum^2 g'' + …，g'、g'' 是前几步的梯度。"
            "各步方向一致时，它们累加到 g / (1 - momentum)，momentum 为 0.9 时就是十倍；"
            "方向来回变化时，比如横穿狭窄的山谷，它们互相抵消。"
            "所以动量使参数沿着谷底走得快，横着又不乱晃，只多存一个张量，几乎不增加计算。"
            "由此也可知：不用动量时合适的学习率，换成 0.9 的动量就大了约十倍。\n"
            "出处：Polyak，Some methods of speeding up the convergence of iteration methods（1964）；"
            "Sutskever 等，On the importance of initialization and momentum in deep learning（2013）。"
        ),
    ),
    right=(RIGHT, RIGHT_AS_A_MOVE),
    wrong=(
        Wrong(
            "uphill",
            Text(
                "w moves along the gradient. The gradient points to where the loss grows, so training would make it "
                "larger and larger.",
                "你让 w 顺着梯度走了。梯度指向损失增大的方向，这样训练下去，损失只会越来越大。",
            ),
            edits=(("w - lr", "w + lr"),),
        ),
        Wrong(
            "momentum-left-out",
            Text(
                "The old velocity does not take part: this is gradient descent without a memory. Something of v has to "
                "be left after each step.",
                "旧速度没有参与：这是没有记忆的梯度下降。每走一步，v 总要留下一部分。",
            ),
            edits=(("momentum * v + g", "g"),),
        ),
        Wrong(
            "velocity-not-handed-on",
            Text(
                "w is right, but the velocity that comes back is the old one. The next step begins with it, so nothing "
                "is ever remembered.",
                "w 是对的，但返回的速度还是旧的。下一步要从它开始，结果什么也没有记住。",
            ),
            edits=(
                ("    v = momentum * v + g\n    return w - lr * v, v\n", "    return w - lr * (momentum * v + g), v\n"),
            ),
        ),
        Wrong(
            "step-with-old-velocity",
            Text(
                "The new velocity is right, but w moves by the old one: each gradient takes effect one step late, and "
                "in the first step w does not move at all.",
                "新速度是对的，w 却是按旧速度走的：每个梯度都晚一步才起作用，第一步 w 根本不动。",
            ),
            edits=(
                ("    v = momentum * v + g\n    return w - lr * v, v\n", "    return w - lr * v, momentum * v + g\n"),
            ),
        ),
        Wrong(
            "learning-rate-in-the-velocity",
            Text(
                "lr is part of your velocity. As long as lr stays the same, w is the same; when it changes, your "
                "velocity still remembers the old one. In the convention here v knows nothing of lr.",
                "你把 lr 乘进了速度里。只要 lr 不变，w 是一样的；lr 一变，你的速度里还留着旧的 lr。按这里的约定，v "
                "与 lr 无关。",
            ),
            edits=(("momentum * v + g", "momentum * v + lr * g"), ("w - lr * v", "w - v")),
        ),
        Wrong(
            "mean-of-gradients",
            Text(
                "You weigh the gradient with 1 - momentum, so v is a mean of gradients, as in Adam. Here each gradient "
                "counts in full; your steps are ten times too small for a momentum of 0.9.",
                "你给梯度乘了 1 - momentum，v 就成了梯度的平均，那是 Adam 的做法。这里每个梯度都要全部计入；"
                "momentum 为 0.9 时，你的步子只有应有的十分之一。",
            ),
            edits=(("momentum * v + g", "momentum * v + (1 - momentum) * g"),),
        ),
        Wrong(
            "momentum-on-the-gradient",
            Text(
                "momentum stands at the gradient, and the old velocity is kept whole: it never dies away, and w would "
                "roll on for ever.",
                "momentum 乘到了梯度上，旧速度却原封不动地留着：它永远不会衰减，w 会一直滚下去。",
            ),
            edits=(("momentum * v + g", "v + momentum * g"),),
        ),
        Wrong(
            "looks-ahead",
            Text(
                "Your w moves by g + momentum times the new velocity. That is Nesterov's method, which looks one step "
                "ahead, and not the plain one that is wanted here.",
                "你的 w 按 g 加 momentum 乘新速度来走。那是 Nesterov 的方法，会往前多看一步，"
                "而这里要的是普通的动量法。",
            ),
            edits=(("w - lr * v", "w - lr * (g + momentum * v)"),),
        ),
        Wrong(
            "returned-in-wrong-order",
            Text(
                "Both are computed rightly, but the velocity comes back first. The contract wants the new w first, "
                "then "
                "the new v.",
                "两个都算对了，但先返回的是速度。按约定，先返回新的 w，再返回新的 v。",
            ),
            edits=(("return w - lr * v, v", "return v, w - lr * v"),),
        ),
        Wrong(
            "changed-in-place",
            Text(
                "The numbers are right, but `*=`, `+=` or `-=` changed the tensors that were handed to you. Make new "
                "ones: who called you decides what becomes of the old.",
                "数是对的，但 `*=`、`+=`、`-=` 改动了传进来的张量。要新建张量：旧的怎么处理，由调用的一方决定。",
            ),
            source=IN_PLACE,
        ),
    ),
    plug=plug,
)
