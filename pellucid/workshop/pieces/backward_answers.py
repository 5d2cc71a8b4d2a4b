"""Right and wrong answers to the piece `backward`."""

from pellucid.workshop.piece import Text, Wrong

RIGHT = """\
def topological_order(root):
    order = []
    seen = set()

    def visit(value):
        if id(value) in seen:
            return
        seen.add(id(value))
        for child in value.children:
            visit(child)
        order.append(value)

    visit(root)
    return order


def backward(root):
    order = topological_order(root)
    for value in order:
        value.grad = 0.0
    root.grad = 1.0
    for value in reversed(order):
        value._backward()
"""

RIGHT_BY_COUNTING_USERS = """\
def topological_order(root):
    unpaid = {id(root): 0}  # how often each value is used on the way to root
    found = [root]
    for value in found:  # the list grows meanwhile
        for child in value.children:
            if id(child) not in unpaid:
                unpaid[id(child)] = 0
                found.append(child)
            unpaid[id(child)] += 1
    backward_order = [root]
    for value in backward_order:
        for child in value.children:
            unpaid[id(child)] -= 1
            if unpaid[id(child)] == 0:
                backward_order.append(child)
    return backward_order[::-1]


def backward(root):
    order = topological_order(root)
    for value in order:
        value.grad = float(value is root)
    while order:
        order.pop()._backward()
"""

LEVEL_BY_LEVEL = """\
def topological_order(root):
    order = []
    seen = {id(root)}
    queue = [root]
    while queue:
        value = queue.pop(0)
        order.append(value)
        for child in value.children:
            if id(child) not in seen:
                seen.add(id(child))
                queue.append(child)
    return order[::-1]
"""

GO_DOWN = """
    def go_down(value):
        value._backward()
        for child in value.children:
            go_down(child)

    go_down(root)
"""

BACKWARD = RIGHT[RIGHT.index("\n\ndef backward") :]

WRONG = (
    Wrong(
        "from-the-front",
        Text(
            "The gradient gets from root to its children, and no further. Either only root's `_backward` is called, "
            "or the list is gone through from the front: then everybody else is asked before there is anything to "
            "pass on.",
            "梯度从 root 传到它的 children 就停住了。要么只调用了 root 的 `_backward`，要么是从列表前端开始走的："
            "轮到其他 Value 时，它们手里还没有梯度可传。",
        ),
        edits=(("reversed(order)", "order"),),
    ),
    Wrong(
        "root-without-gradient",
        Text(
            "All gradients stay at 0, because root's is 0. How fast does root grow, when root itself grows by 1?",
            "所有梯度都是 0，因为 root 的就是 0。想一想：root 自己增加 1，root 会增加多少？",
        ),
        edits=(("    root.grad = 1.0\n", ""),),
    ),
    Wrong(
        "old-gradients-kept",
        Text(
            "A second pass adds its gradients to those of the first. Here every pass begins at 0.",
            "第二次反向计算的梯度加在了第一次的上面。这里要求每一次都从 0 开始。",
        ),
        edits=(("    for value in order:\n        value.grad = 0.0\n", ""),),
    ),
    Wrong(
        "visited-again-and-again",
        Text(
            "A Value that is used twice stands in your order twice, and then pays twice. Note whom you have visited.",
            "用了两次的 Value 在你的列表里出现两次，梯度也就多传了一次。要记下哪些已经访问过。",
        ),
        edits=(("        if id(value) in seen:\n            return\n", ""),),
    ),
    Wrong(
        "put-down-before-its-children",
        Text(
            "Each Value is put on the list before its children are visited, and the list turned around at the end. "
            "That works for chains. Where a Value is reached by a short way first and by a longer one later, it "
            "stands in the wrong place: see the smallest example.",
            "每个 Value 在访问 children 之前就进了列表，最后再整个倒过来。对一条链没有问题；"
            "可是如果先经一条短路、后经一条长路到达同一个 Value，它的位置就错了：看看最小的反例。",
        ),
        edits=(
            (
                "        for child in value.children:\n",
                "        order.append(value)\n        for child in value.children:\n",
            ),
            ("            visit(child)\n        order.append(value)\n", "            visit(child)\n"),
            ("    return order\n", "    return order[::-1]\n"),
        ),
    ),
    Wrong(
        "level-by-level",
        Text(
            "You go level by level, by the distance from root. But a child at distance 1 may be used at distance 3 "
            "as well, and then it must wait: the longest way counts, not the shortest.",
            "你是一层一层走的，按离 root 的远近排。可是距离为 1 的 child 可能在距离 3 的地方还要用到，它就得等："
            "起决定作用的是最长的路，不是最短的。",
        ),
        source=LEVEL_BY_LEVEL + BACKWARD,
    ),
    Wrong(
        "root-first",
        Text(
            "Gradients are right, but `topological_order` is the wrong way round: children come before those who use "
            "them, so root is last.",
            "梯度是对的，但 `topological_order` 的方向反了：children 应当排在使用它们的 Value 前面，root 排在最后。",
        ),
        edits=(("    return order\n", "    return order[::-1]\n"), ("reversed(order)", "order")),
    ),
    Wrong(
        "first-child-only",
        Text(
            "Only the first child of each Value is visited; the others are missing from the order.",
            "每个 Value 只访问了第一个 child，其余的都没有进列表。",
        ),
        edits=(("for child in value.children:", "for child in value.children[:1]:"),),
    ),
    Wrong(
        "same-number-same-value",
        Text(
            "Two Values that hold the same number are taken for one. A number says nothing about who it is; `id` does.",
            "两个 Value 存着同一个数，你就把它们当成同一个了。数相同不等于是同一个 Value，要看 `id`。",
        ),
        edits=(("if id(value) in seen", "if value.data in seen"), ("seen.add(id(value))", "seen.add(value.data)")),
    ),
    Wrong(
        "root-missing",
        Text(
            "root is not in its own order, so its `_backward` is never called and no gradient leaves it.",
            "列表里没有 root 自己，所以它的 `_backward` 从未调用，梯度出不了 root。",
        ),
        edits=(("    visit(root)\n    return order\n", "    visit(root)\n    return order[:-1]\n"),),
    ),
    Wrong(
        "down-every-path",
        Text(
            "You go down from root along every path, and each time a Value is reached it pays on all it has got so "
            "far. On the second visit it pays the first share once more. Your own `topological_order` knows a better "
            "way.",
            "你从 root 出发，沿每条路径往下走，每到一个 Value，它就把至今收到的梯度全部再传一遍。"
            "第二次到达时，第一份又传了一次。你写好的 `topological_order` 正好能避免这一点。",
        ),
        edits=(
            (
                "    for value in reversed(order):\n        value._backward()\n",
                GO_DOWN,
            ),
        ),
    ),
)
