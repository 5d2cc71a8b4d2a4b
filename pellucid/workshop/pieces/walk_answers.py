"""Right and wrong answers to the piece `walk`."""

from pellucid.workshop.piece import Text, Wrong

RIGHT = """\
def walk_back(graph, owed, leave):
    users = {node: 0 for node in graph}
    for inputs in graph.values():
        for x in inputs:
            users[x] += 1
    ready = [node for node in graph if users[node] == 0]
    while ready:
        node = ready.pop()
        shares = [None] * len(graph[node])
        if node in owed:
            shares = leave(node, owed[node])
        for x, share in zip(graph[node], shares):
            if share is not None:
                owed[x] = owed[x] + share if x in owed else share
            users[x] -= 1
            if users[x] == 0:
                ready.append(x)
"""

RIGHT_BY_TOPOLOGICAL_ORDER = """\
def in_order(graph):
    # every node after all that it was made of; a stack of our own, for Python's is too small for a long chain
    order, seen = [], set()
    for start in graph:
        stack = [(start, False)]
        while stack:
            node, inputs_are_done = stack.pop()
            if inputs_are_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((x, False) for x in graph[node])
    return order


def walk_back(graph, owed, leave):
    for node in reversed(in_order(graph)):
        g = owed.pop(node, None)
        if g is None:
            continue
        for x, share in zip(graph[node], leave(node, g)):
            if share is None:
                continue
            if x in owed:
                share = owed[x] + share
            owed[x] = share
"""

RECURSIVE = """\
def walk_back(graph, owed, leave):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for x in graph[node]:
                visit(x)
            order.append(node)

    for node in graph:
        visit(node)
    for node in reversed(order):
        if node in owed:
            for x, share in zip(graph[node], leave(node, owed[node])):
                if share is not None:
                    owed[x] = owed[x] + share if x in owed else share
"""

ONCE_BUT_TOO_EARLY = """\
def walk_back(graph, owed, leave):
    ready, seen = list(owed), set()
    while ready:
        node = ready.pop(0)
        if node in seen:
            continue
        seen.add(node)
        for x, share in zip(graph[node], leave(node, owed[node])):
            if share is not None:
                owed[x] = owed[x] + share if x in owed else share
                ready.append(x)
"""

PATH_BY_PATH = """\
def walk_back(graph, owed, leave):
    ready = list(owed.items())
    while ready:
        node, g = ready.pop()
        for x, share in zip(graph[node], leave(node, g)):
            if share is not None:
                ready.append((x, share))
"""

WHOEVER_IS_PAID = """\
def walk_back(graph, owed, leave):
    ready = list(owed)
    while ready:
        node = ready.pop()
        for x, share in zip(graph[node], leave(node, owed[node])):
            if share is not None:
                owed[x] = owed[x] + share if x in owed else share
                ready.append(x)
"""

ADD = "                owed[x] = owed[x] + share if x in owed else share\n"
ADD_IN_PLACE = """\
                if x in owed:
                    owed[x] += share
                else:
                    owed[x] = share
"""

COUNT_DOWN = """\
            users[x] -= 1
            if users[x] == 0:
                ready.append(x)
"""
COUNT_DOWN_IF_PAID = """\
                users[x] -= 1
                if users[x] == 0:
                    ready.append(x)
"""

ASK = """\
        if node in owed:
            shares = leave(node, owed[node])
"""
ASK_ALWAYS = "        shares = leave(node, owed.get(node))\n"
ASK_OR_STOP = """\
        if node not in owed:
            continue
        shares = leave(node, owed[node])
"""

WRONG = (
    Wrong(
        "assigns-instead-of-adding",
        Text(
            "A node that is used several times keeps only the share that came last. Every use has an influence of "
            "its own on the result, and none replaces another.",
            "用了好几次的节点，只留下了最后到的那一份。每一次使用都各自影响结果，谁也替代不了谁。",
        ),
        edits=((ADD, "                owed[x] = share\n"),),
    ),
    Wrong(
        "adds-in-place",
        Text(
            "`+=` changes the gradient itself, and another node may hold the very same object: an addition hands "
            "its g on to both sides. That node was then left with numbers that were not meant for it.",
            "`+=` 改动了梯度本身，而别的节点拿着的可能正是同一个对象：加法就把同一个 g 交给两边。"
            "结果那个节点离开时，拿着的数里混进了不属于它的份额。",
        ),
        edits=((ADD, ADD_IN_PLACE),),
    ),
    Wrong(
        "path-by-path",
        Text(
            "You follow every path on its own: a node that can be reached in two ways is left twice, each time with "
            "a part of its gradient. The parts add up, but paths double with every fork, and the engine frees a "
            "node when it is left.",
            "你沿每条路径各走一遍：有两条路可达的节点离开了两次，每次只带着一部分梯度。"
            "各部分之和虽然不错，但每遇一次分叉，路径就翻一倍；而且节点一离开，引擎就把它释放了。",
        ),
        source=PATH_BY_PATH,
    ),
    Wrong(
        "whoever-is-paid-pays",
        Text(
            "You leave a node each time that it is paid, with all that has come so far. What it was made of is then "
            "paid several times, with the first shares counted again and again. Wait until all who used it have paid, "
            "and leave it once.",
            "节点每收到一份，你就带着到那时为止的全部梯度离开它一次。于是算出它的那些节点收到好几次，"
            "先到的份额一再重复计算。要等用过它的节点都付清，只离开一次。",
        ),
        source=WHOEVER_IS_PAID,
    ),
    Wrong(
        "once-but-too-early",
        Text(
            "You leave a node as soon as you come upon it. Another of its users had not paid yet, so what it passed "
            "on was too little. First comes whoever nobody else will pay any more.",
            "一遇到节点，你就离开它了。可是还有用过它的节点没有付清，它传下去的就少了。"
            "要先离开那些不会再有人付给它的节点。",
        ),
        source=ONCE_BUT_TOO_EARLY,
    ),
    Wrong(
        "uses-counted-once",
        Text(
            "A node that stands twice in one list is counted once, but paid twice. The count reaches zero while "
            "another user has still to pay.",
            "同一个列表里出现两次的节点，你只数了一次，却付了两次。别的节点还没付清，计数就已经到零了。",
        ),
        edits=(("for x in inputs:", "for x in set(inputs):"),),
    ),
    Wrong(
        "asks-for-nothing",
        Text(
            "You call `leave` for nodes that are owed nothing, with None for a gradient. No operation can compute "
            "with that: such a node is passed by.",
            "没有分到梯度的节点，你也调用了 `leave`，把 None 当作梯度。"
            "没有哪个运算能用 None 来算：这样的节点应当跳过。",
        ),
        edits=((ASK, ASK_ALWAYS),),
    ),
    Wrong(
        "waits-for-a-share-of-none",
        Text(
            "After a share of None the use is not counted down. The node goes on waiting for it, is never left, and "
            "what others paid is lost.",
            "份额为 None 时，你没有把次数减一。那个节点一直等下去，永远不会离开，别的节点付给它的也就丢了。",
        ),
        edits=((COUNT_DOWN, COUNT_DOWN_IF_PAID),),
    ),
    Wrong(
        "stops-where-nothing-is-owed",
        Text(
            "A node that is owed nothing is dropped without a word to those it was made of. They wait for its "
            "share for ever, even if others have paid them.",
            "没有分到梯度的节点，你直接丢下了，没有通知算出它时用到的那些节点。"
            "那些节点一直等着它这一份，哪怕别的节点早已付清。",
        ),
        edits=((ASK, ASK_OR_STOP),),
    ),
    Wrong(
        "zero-taken-for-nothing",
        Text(
            "A gradient of 0 is treated as if there were none. 0 is a number like others: shares that cancel have "
            "been paid. Ask whether there is a gradient, not whether it is true.",
            "梯度为 0，你当成了没有梯度。0 也是数：几份份额正好抵消，也是付过了。要问的是有没有梯度，而不是它的真假。",
        ),
        edits=(("if node in owed:", "if node in owed and owed[node]:"),),
    ),
    Wrong(
        "leaves-not-left",
        Text(
            "`leave` is not called for leaves. They pay nobody, but they are who all of this is for: that call "
            "hands a parameter its gradient.",
            "你没有对叶节点调用 `leave`。叶节点不用再付给谁，但整个过程正是为了它们："
            "参数的梯度就是在这次调用里交给它的。",
        ),
        edits=(("if node in owed:", "if node in owed and graph[node]:"),),
    ),
    Wrong(
        "one-result-only",
        Text(
            "You begin with one node that nobody used, but there may be several results, and what they share waits "
            "for all of them.",
            "你只从一个没有被用过的节点出发，可是结果可能有好几个，它们共用的节点要等每一个结果都付清。",
        ),
        edits=(("if users[node] == 0]", "if users[node] == 0][:1]"),),
    ),
    Wrong(
        "begins-with-what-is-owed",
        Text(
            "You begin with the nodes that are owed something. A node that nobody used and that is owed nothing must "
            "be passed by as well: those it was made of wait for it, and are never left.",
            "你只从已经有账单的节点出发。没有被用过、也没有分到梯度的节点，同样要跳过去："
            "算出它的那些节点在等它，否则永远不会离开。",
        ),
        edits=(("for node in graph if users[node] == 0]", "for node in owed if users[node] == 0]"),),
    ),
    Wrong(
        "wrong-way-round",
        Text(
            "You go in the order of the forward pass, from the leaves to the results. At the leaves nothing has "
            "arrived yet, so nothing can be passed on: backward begins at the results.",
            "你走的是前向计算的次序，从叶节点到结果。叶节点那里还什么都没有，也就无从往下传：反向计算要从结果开始。",
        ),
        source=RIGHT_BY_TOPOLOGICAL_ORDER.replace("reversed(in_order(graph))", "in_order(graph)"),
    ),
    Wrong(
        "recursion",
        Text(
            "For small graphs it is right, but each node calls itself for the next, and Python allows about 1000 "
            "such calls inside one another. A long chain needs a loop with a list of its own.",
            "小图都对，但函数为下一个节点递归调用自己，而 Python 只允许大约 1000 层嵌套调用。"
            "链一长就不行了，要改成循环，自己用一个列表记住还要走的节点。",
        ),
        source=RECURSIVE,
    ),
)
