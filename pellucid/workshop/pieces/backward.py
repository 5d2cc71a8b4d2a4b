"""Study: the order in which values are gone through, and the pass back that gives each its gradient."""

from pellucid.workshop.piece import Example, Piece, Text, described
from pellucid.workshop.pieces.backward_answers import RIGHT, RIGHT_BY_COUNTING_USERS, WRONG


class Node:
    """What stands in for the learner's Value, if the import of it was taken out."""

    def __init__(self, data, children=(), slopes=()):
        self.data, self.children, self.slopes = data, children, slopes
        self.grad = 0.0

    def __add__(self, other):
        return Node(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Node(self.data * other.data, (self, other), (other.data, self.data))

    def _backward(self):
        for child, slope in zip(self.children, self.slopes, strict=True):
            child.grad += slope * self.grad


def play(answer, case):
    """What is right or not about the order of one calculation, or the gradients after one or more passes."""
    question, leaves, lines, roots = case
    made = getattr(answer, "Value", Node)
    values = {name: made(data) for name, data in leaves}
    for name, (a, sign, b) in lines:
        values[name] = values[a] + values[b] if sign == "+" else values[a] * values[b]
    if question == "order":
        return what_order(answer.topological_order(values[roots]), values)
    for root in roots:
        answer.backward(values[root])
    return {name: described(value.grad) for name, value in values.items()}


def what_order(result, values):
    """Many orders are right: what counts is who is in, who stands before a child of its own, and who is last."""
    names = {id(value): name for name, value in values.items()}
    order = [names.get(id(value), "?") for value in result]
    ahead = [
        f"{name} before {names[id(child)]}"
        for name, value in values.items()
        for child in {id(child): child for child in value.children}.values()
        if name in order and names[id(child)] in order and order.index(name) < order.index(names[id(child)])
    ]
    return {"values": sorted(order), "too early": sorted(ahead), "last": order[-1] if order else None}


def show(case):
    question, leaves, lines, roots = case
    text = [f"{name} = Value({data})" for name, data in leaves]
    text += [f"{name} = {a} {sign} {b}" for name, (a, sign, b) in lines]
    if len(text) > 20:
        text[4:-1] = ["..."]
    if question == "order":
        return "; ".join([*text, f"topological_order({roots})"])
    return "; ".join([*text, *[f"backward({root})" for root in roots]])


TWO = (("a", 2.0), ("b", -3.0))
SHORT_AND_LONG = (("b", ("a", "+", "a")), ("c", ("b", "*", "a")))
LONG_AND_SHORT = (("b", ("a", "+", "a")), ("c", ("a", "*", "b")))
LONGER_AND_SHORT = (("b", ("a", "+", "a")), ("c", ("b", "*", "b")), ("d", ("c", "+", "a")))
LATTICE = (
    ("c", ("a", "*", "b")),
    ("d", ("c", "+", "a")),
    ("e", ("c", "*", "d")),
    ("f", ("e", "+", "b")),
    ("g", ("d", "*", "f")),
)
DEEP = tuple((f"x{i + 1}", (f"x{i}", "+", "one")) for i in range(150))

PIECE = Piece(
    name="backward",
    kind="study",
    title=Text("The whole way back", "走完反向计算的全程"),
    lesson="back_propagation",
    needs=("value",),
    lives=(),
    signature="def topological_order(root): ...\n\n\ndef backward(root): ...\n",
    task=Text(
        en=(
            "A Value can give its children their shares: one step. `backward` takes all the steps, in such an order "
            "that nobody passes a gradient on before all of it has arrived.\n"
            "\n"
            "1. `topological_order(root)`: return a list of all Values from which root was computed, and root itself. "
            "Each stands there once, after all of its children; so root is last. Often there are several such orders, "
            "and any will do.\n"
            "2. `backward(root)`: set `grad` of all these Values to 0 and that of root to 1. Then let each call its "
            "`_backward()`, once, root first, and each before its children. Values that root does not depend on are "
            "left alone. Return nothing.\n"
            "\n"
            "What you need of a Value: `children`, `grad` and `_backward()`. Two different Values may hold the same "
            "number, so tell them apart by `is` or `id`. You may use recursion: no calculation here is deeper than "
            "200 steps. (Python gives up at about 1000; the engine's own walk, a later piece, has no such limit.)"
        ),
        zh=(
            "一个 Value 能把梯度分给自己的 children，这是一步。`backward` 要把所有的步都走完，"
            "而且次序要排好：谁的梯度还没收齐，谁就不能往下传。\n"
            "\n"
            "1. `topological_order(root)`：返回一个列表，包含算出 root 所用到的全部 Value，以及 root 自己。"
            "每个只出现一次，并且排在自己所有的 children 之后，所以 root 排在最后。"
            "符合要求的次序往往不止一种，哪一种都行。\n"
            "2. `backward(root)`：先把这些 Value 的 `grad` 全部置 0，root 的置 1。"
            "然后从 root 开始，让每个 Value 调用一次自己的 `_backward()`，而且要在它的 children 之前调用。"
            "与 root 无关的 Value 不要去动。不需要返回值。\n"
            "\n"
            "你只用得着 Value 的 `children`、`grad` 和 `_backward()`。两个不同的 Value 可能存着同一个数，"
            "所以要用 `is` 或 `id` 来区分。可以用递归：这里的计算不超过 200 步深。"
            "（Python 的递归到 1000 层左右就会报错；后面的部件“引擎的反向遍历”没有这个限制。）"
        ),
    ),
    formula="""\
root.grad = 1
x.grad = sum, over every use of x, of slope of the user * user.grad
order: children before users; the pass back goes through it from the end""",
    examples=(
        Example("a = Value(2.0); b = a * a; [v.data for v in topological_order(b)]", "[2.0, 4.0]"),
        Example("a = Value(3.0); b = a * a; backward(b); (b.grad, a.grad)", "(1.0, 6.0)"),
        Example("a = Value(3.0); b = a + a; c = a * b; backward(c); backward(c); a.grad", "12.0"),
    ),
    invariants=(
        Text(
            "Each Value stands in the order once, however often it was used.",
            "每个 Value 无论用过多少次，在列表里只出现一次。",
        ),
        Text("No Value stands before one of its children.", "任何 Value 都不会排在自己的 child 之前。"),
        Text(
            "A second `backward` comes to the same gradients as the first.",
            "再调用一次 `backward`，得到的梯度与第一次相同。",
        ),
    ),
    cases=(
        ("order", (("a", 2.0),), (), "a"),
        ("backward", (("a", 2.0),), (), "a"),
        ("order", TWO, (("c", ("a", "*", "b")),), "c"),
        ("backward", TWO, (("c", ("a", "*", "b")),), "c"),
        ("order", (("a", 3.0),), (("b", ("a", "+", "a")),), "b"),
        ("backward", (("a", 3.0),), (("b", ("a", "*", "a")),), "b"),
        ("order", (("a", 3.0), ("b", 3.0)), (("c", ("a", "*", "b")),), "c"),
        ("backward", TWO, (("c", ("a", "*", "b")), ("d", ("c", "*", "b"))), "d"),
        ("order", (("a", 3.0),), SHORT_AND_LONG, "c"),
        ("backward", (("a", 3.0),), SHORT_AND_LONG, "c"),
        ("order", (("a", 3.0),), LONG_AND_SHORT, "c"),
        ("backward", (("a", 3.0),), LONG_AND_SHORT, "c"),
        ("backward", (("a", 3.0),), LONG_AND_SHORT, "cc"),
        ("order", (("a", 3.0),), LONGER_AND_SHORT, "d"),
        ("backward", (("a", 3.0),), LONGER_AND_SHORT, "d"),
        ("backward", TWO, (("c", ("a", "*", "b")), ("d", ("a", "+", "c"))), "dc"),
        ("order", TWO, LATTICE, "g"),
        ("backward", TWO, LATTICE, "g"),
        ("backward", (("x0", 1.0), ("one", 1.0)), DEEP, ("x150",)),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "b = a + a; c = a * b. When c has paid its shares, a has got one. May a pay on already, and whose share "
            "is it still waiting for?",
            "b = a + a，c = a * b。c 把梯度分出去之后，a 已经收到一份。这时 a 能往下传了吗？它还在等谁的那一份？",
        ),
        Text(
            "a = 3, b = a + a = 6, c = a * b = 18. In the order a, b, c nobody stands before a child. Back, from the "
            "end: c.grad = 1; c pays a 6 and b 3; b pays a 3 and 3; a has 6 + 3 + 3 = 12, and indeed c = 2 a^2 has "
            "the slope 4 a = 12. In the order b, a, c it would be a's turn before b had paid.",
            "a = 3，b = a + a = 6，c = a * b = 18。按 a、b、c 的次序，没有谁排在自己的 child 之前。从后往前走："
            "c.grad = 1；c 分给 a 6，分给 b 3；b 再分给 a 3 和 3；a 共得 6 + 3 + 3 = 12。"
            "c 就是 2 a^2，斜率 4 a 正好是 12。如果按 b、a、c 的次序，还没等 b 分完就轮到 a 了。",
        ),
        Text(
            "to visit a value:\n"
            "    if it was visited before: nothing\n"
            "    note that it was\n"
            "    visit each of its children\n"
            "    only now put it at the end of the list\n"
            "the order: visit root\n"
            "\n"
            "backward:\n"
            "    all grads of the order to 0, root's to 1\n"
            "    from the last to the first: its step back",
            "访问一个 Value：\n"
            "    如果以前访问过：什么也不做\n"
            "    记下它已经访问过\n"
            "    依次访问它的 children\n"
            "    到这时才把它放到列表末尾\n"
            "求次序：访问 root\n"
            "\n"
            "backward：\n"
            "    列表里所有 grad 置 0，root 的置 1\n"
            "    从最后一个走到第一个：各走一步 _backward",
        ),
        Text(
            "The usual slips: putting a Value on the list before its children were visited; going level by level, "
            "which fails where one way is longer than another; calling `_backward` from the front of the "
            "list; forgetting which Values were visited; leaving the gradients of the last pass in place.",
            "常见的失误：children 还没访问，就把自己放进了列表；一层一层地走，遇到一条路长、一条路短就错了；"
            "从列表前端开始调用 `_backward`；没有记下哪些已经访问过；上一次留下的梯度没有清零。",
        ),
    ),
    explanation=Text(
        en=(
            "The gradient of a Value is a sum over all its uses, and `_backward` passes on what has arrived so far. "
            "If it ran before the last share was there, the rest would never reach the children. So every user must "
            "come first: that is what a topological order, read backward, promises. Depth-first search finds one, "
            "because a Value is put down only when everything below it lies there already. Counting works as well: "
            "whoever has no unpaid users left is next. Both look at each use once, so the pass back costs about as "
            "much as the calculation itself, however many paths lead through it.\n"
            "PyTorch, and Pellucid's tensors, do not set gradients to 0 at the start: they add to what is there, so "
            "that several losses can be added up. That is why a training loop calls zero_grad.\n"
            "Sources: Linnainmaa (1970); Kahn, Topological sorting of large networks (1962); Tarjan, Depth-first "
            "search and linear graph algorithms (1972)."
        ),
        zh=(
            "一个 Value 的梯度，是它每一次被使用所得份额之和；而 `_backward` 传下去的，只是此刻已经收到的那些。"
            "如果最后一份还没到就执行，剩下的就再也到不了 children 那里。所以凡是用过它的都要排在它前面："
            "拓扑序倒过来读，保证的正是这一点。深度优先搜索能找到这样的次序，因为只有下面的都放好了，自己才放进列表。"
            "数一数也行：谁的使用者都已付清，下一个就是谁。两种办法对每次使用都只看一遍，"
            "所以不论图里有多少条路径，反向计算的代价与前向计算都差不多。\n"
            "PyTorch 和 Pellucid 的张量在开始时并不清零，而是加在原有的梯度上，这样可以把几个损失的梯度累加起来。"
            "训练循环里要调用 zero_grad，原因就在这里。\n"
            "出处：Linnainmaa（1970）；Kahn，Topological sorting of large networks（1962）；"
            "Tarjan，Depth-first search and linear graph algorithms（1972）。"
        ),
    ),
    right=(RIGHT, RIGHT_BY_COUNTING_USERS),
    wrong=WRONG,
)
