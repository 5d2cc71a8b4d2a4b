"""Part: the engine's walk back, from the results of a computation to everything that they were made of."""

import itertools

import pellucid as pc
from pellucid.errors import GradientError
from pellucid.workshop.piece import Example, Piece, Text
from pellucid.workshop.pieces.walk_answers import RIGHT, RIGHT_BY_TOPOLOGICAL_ORDER, WRONG


def play(answer, case):
    """What each node was left with, each time that it was left; of a long chain, how many were, and its end."""
    made_of, owed = chain(case) if isinstance(case, int) else case
    graph = {node: [x for x, _ in inputs] for node, inputs in made_of.items()}
    gradients = {node: pc.tensor(g) for node, g in owed.items()}
    left = {}

    def leave(node, g):
        left.setdefault(node, []).append(None if g is None else g.item())
        return [g if slope == 1.0 else times(g, slope) for _, slope in made_of[node]]

    try:
        answer.walk_back(graph, gradients, leave)
    except RecursionError:
        return "RecursionError"
    return {"left": len(left), "end": left.get("n0")} if isinstance(case, int) else left


def chain(length):
    """A case: nodes in a row, each made of the next, and the last of nothing."""
    names = [f"n{i}" for i in reversed(range(length))]
    return {**{a: [(b, 1.0)] for a, b in itertools.pairwise(names)}, names[-1]: []}, {names[0]: 1.0}


def times(g, slope):
    return None if g is None or slope is None else g * slope


def show(case):
    if isinstance(case, int):
        return f"walk_back on a chain of {case} nodes, each made of the next"
    made_of, owed = case
    graph = {node: [x for x, _ in inputs] for node, inputs in made_of.items()}
    slopes = {node: [slope for _, slope in inputs] for node, inputs in made_of.items() if inputs}
    return f"walk_back({graph}, {owed}, leave), where leave(node, g) gives g times {slopes}[node]"


def plug(answer):
    """It takes the place of the reference. What the engine could not make sense of is named as an error."""

    def walk_back(graph, owed, leave):
        left = set()

        def leave_once(node, g):
            if g is None or node in left:
                what = "with no gradient at all" if g is None else "for the second time"
                raise GradientError(
                    f"walk_back leaves a node {what}.",
                    remedy="Each node is left once, with all of its gradient; a node that has none is passed by.",
                )
            left.add(node)
            return leave(node, g)

        answer.walk_back(graph, owed, leave_once)

    return {"pellucid.walk:walk_back": walk_back}


EXAMPLE = """\
left = {}
def leave(node, g):
    left[node] = g
    return SHARES[node]
walk_back(GRAPH, OWED, leave)
left"""


def example(graph, owed, shares, left):
    """An example: which shares `leave` gives, and with which gradients it is called."""
    text = EXAMPLE.replace("GRAPH", graph).replace("OWED", owed).replace("SHARES", shares)
    return Example(text, left)


PIECE = Piece(
    name="walk",
    kind="part",
    title=Text("The engine's walk back", "引擎的反向遍历"),
    lesson="back_propagation",
    needs=(),
    lives=("pellucid.walk:walk_back",),
    signature="def walk_back(graph, owed, leave): ...\n",
    task=Text(
        en=(
            "Every `loss.backward()` of the framework goes through this function. It knows no formulas: it finds the "
            "order, adds up, and asks.\n"
            "\n"
            "`graph` is a dict: node -> list of the nodes that it was made of, one entry for each use, so a node that "
            "was used twice stands there twice. A leaf was made of none: []. Nodes are names or numbers, in any "
            "order.\n"
            "`owed` is a dict: node -> gradient, at first only those of one or more results. A node that no other used "
            "may also be owed nothing. You may change it as you like. "
            "Gradients can be tensors: all you do with them is `+`.\n"
            "`leave(node, g)` is what you call for each node, leaves too, once, when g is all of its gradient. It "
            "returns a list: the share of each of graph[node], in the same order. A share of None means: owed "
            "nothing, by this way. For a node that is owed nothing by any way, `leave` is not called, and what it was "
            "made of gets nothing from it.\n"
            "\n"
            "Return nothing. Chains can be thousands of nodes long."
        ),
        zh=(
            "框架里每一次 `loss.backward()` 都要经过这个函数。它不懂任何公式，只管三件事：定次序、累加、询问。\n"
            "\n"
            "`graph` 是字典：节点 -> 它由哪些节点算出来（列表），用一次记一项，用了两次的节点就出现两次。"
            "叶节点不由别的节点算出，列表是 []。节点是名字或数字，在字典里的先后没有规律。\n"
            "`owed` 是字典：节点 -> 梯度，开始时只有一个或几个结果的梯度。没有被用过的节点，"
            "也可能什么都没有分到。你可以随意改动这个字典。梯度可能是张量，你只需要对它们做 `+`。\n"
            "`leave(node, g)` 由你来调用：每个节点（叶节点也在内）只调用一次，而且要等 g 是它的全部梯度时才调用。"
            "它返回一个列表，依次是 graph[node] 中各节点分得的份额。份额为 None，表示这条路上什么也不给。"
            "如果一个节点从哪条路上都没有分到梯度，就不要对它调用 `leave`，它也不再往回传任何东西。\n"
            "\n"
            "不需要返回值。一条链可能有几千个节点。"
        ),
    ),
    formula="""\
gradient of x = sum, over every use of x, of the share that is paid for this use
a node is left when all who used it have paid""",
    examples=(
        example('{"y": ["x"], "x": []}', '{"y": 5}', '{"y": [3 * g], "x": []}', "{'y': 5, 'x': 15}"),
        example('{"y": ["x", "x"], "x": []}', '{"y": 5}', '{"y": [g, 10 * g], "x": []}', "{'y': 5, 'x': 55}"),
        example(
            '{"x": [], "a": ["x"], "y": ["a", "x"]}',
            '{"y": 1}',
            '{"y": [2 * g, 7 * g], "a": [10 * g], "x": []}',
            "{'y': 1, 'a': 2, 'x': 27}",
        ),
    ),
    invariants=(
        Text("No node is left twice.", "任何节点都不会离开两次。"),
        Text(
            "When a node is left, every node that used it has been left before or passed by.",
            "一个节点离开时，用过它的节点都已经离开，或者已经跳过。",
        ),
        Text(
            "No gradient is changed in place: several nodes may have been given the very same object.",
            "不就地改动任何梯度：几个节点分到的可能是同一个对象。",
        ),
    ),
    cases=(
        ({"y": []}, {"y": 1.0}),
        ({"y": [("x", 3.0)], "x": []}, {"y": 2.0}),
        ({"y": [("x", 2.0), ("x", 5.0)], "x": []}, {"y": 1.0}),
        ({"y": [("x", 2.0), ("c", None)], "x": [], "c": []}, {"y": 1.0}),
        ({"x": [], "y1": [("x", 2.0)], "y2": [("x", 3.0)]}, {"y1": 1.0, "y2": 10.0}),
        ({"x": [], "y1": [("x", 2.0)], "y2": [("y1", 3.0)]}, {"y1": 1.0, "y2": 10.0}),
        ({"x": [], "y": [("a", 2.0), ("x", 7.0)], "a": [("x", 10.0)]}, {"y": 1.0}),
        ({"x": [], "y": [("x", 7.0), ("a", 2.0)], "a": [("x", 10.0)]}, {"y": 1.0}),
        ({"y": [("a", 2.0), ("b", 3.0)], "a": [("x", 10.0)], "b": [("x", 100.0)], "x": []}, {"y": 1.0}),
        ({"y": [("b", 1.0), ("x", 10.0), ("x", 100.0)], "x": [], "b": [("x", 7.0)]}, {"y": 1.0}),
        ({"y": [("a", 1.0), ("b", 1.0), ("a", 3.0)], "a": [], "b": []}, {"y": 1.0}),
        ({"y": [("a", None), ("b", 2.0)], "a": [("x", 5.0)], "b": [("x", 3.0)], "x": []}, {"y": 1.0}),
        ({"y": [("a", None), ("b", 2.0)], "a": [("x", 5.0)], "b": [("a", 3.0)], "x": []}, {"y": 1.0}),
        ({"z": [("x", 7.0)], "y": [("x", 2.0)], "x": []}, {"y": 1.0}),
        ({"y": [("a", 1.0), ("a", -1.0)], "a": [("x", 5.0)], "x": []}, {"y": 4.0}),
        (
            {
                "x": [],
                "a": [("x", 2.0)],
                "b": [("a", 3.0), ("a", 1.0)],
                "c": [("b", 5.0), ("x", 1.0)],
                "y": [("a", 7.0), ("c", 1.0), ("b", -1.0)],
            },
            {"y": 1.0},
        ),
        5000,
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "x was used by a and by y, and a by y. If you leave x as soon as y has paid it, what is missing? How can "
            "you know, without looking at the whole graph each time, that nobody else will pay x?",
            "x 被 a 和 y 用过，a 又被 y 用过。如果 y 一付清就离开 x，会漏掉什么？"
            "不必每次都查看整个图，怎样知道不会再有别人付给 x？",
        ),
        Text(
            "graph: y made of [a, x], a made of [x]. So x is used 2 times, a once, y never.\n"
            "Leave y with 1; say that it pays 2 to a and 7 to x. a has no user left to wait for; x waits for 1 more.\n"
            "Leave a with 2; say that it pays 20 to x. Now x waits for nobody, and is owed 7 + 20.\n"
            "Leave x with 27.",
            "图：y 由 [a, x] 算出，a 由 [x] 算出。所以 x 用了 2 次，a 用了 1 次，y 没有被用过。\n"
            "带着 1 离开 y，假定它付给 a 2，付给 x 7。这时 a 不必再等谁，x 还要等 1 次。\n"
            "带着 2 离开 a，假定它付给 x 20。这时 x 也不必再等谁了，它分得 7 + 20。\n"
            "带着 27 离开 x。",
        ),
        Text(
            "count for each node how often it is used\n"
            "ready = the nodes that are used by nobody\n"
            "while there are ready ones:\n"
            "    take one of them\n"
            "    if it is owed something, leave it and get the shares; otherwise all shares are None\n"
            "    for each node that it was made of, and its share:\n"
            "        if there is a share, add it to what this node is owed\n"
            "        count one use less, share or not; at zero the node is ready",
            "数一数每个节点用了几次\n"
            "ready = 没有被用过的节点\n"
            "只要 ready 里还有节点：\n"
            "    取出一个\n"
            "    如果它分到了梯度，就离开它，得到各份份额；否则份额全是 None\n"
            "    对算出它时用到的每个节点，连同各自的份额：\n"
            "        如果有份额，就累加到这个节点分得的梯度上\n"
            "        不论有没有份额，剩余次数都减一；减到零，这个节点就可以离开了",
        ),
        Text(
            "The usual slips: `=` where shares add up; `owed[x] += share`, which changes a tensor that others hold as "
            "well; and a share of None after which the use is not counted down, so that somebody waits for ever.",
            "常见的失误：份额应当累加，却用了 `=`；写成 `owed[x] += share`，"
            "把别的节点也拿着的张量就地改了；份额为 None 时没有把次数减一，结果有节点永远等下去。",
        ),
    ),
    explanation=Text(
        en=(
            "By the chain rule the gradient of x is the sum over all paths from the result to x. Paths can be far "
            "more than nodes: in a row of 30 diamonds there are 2^30. The walk does not follow them one by one: "
            "it waits at each node until everything has come together, and goes on once. So a backward pass "
            "costs about as much as the forward pass, whatever the graph looks like; this is the whole of reverse "
            "mode. Any order will do in which a node comes before all that it was made of, a reversed topological "
            "order; counting users finds one on the way. The framework gives you numbers for nodes; inside `leave` "
            "it asks the operation for its gradients, frees what was kept for it, and hands leaves over to `.grad`. "
            "Sorting by counting: Kahn, Topological sorting of large networks (1962). "
            "Reverse mode: Linnainmaa (1970), Speelpenning (1980)."
        ),
        zh=(
            "按链式法则，x 的梯度等于从结果到 x 的所有路径之和。路径可能比节点多得多：30 个菱形首尾相连，就有 2^30 条。"
            "反向遍历并不逐条去走，而是在每个节点等所有份额到齐，然后只往下走一次。"
            "所以无论图是什么样子，反向计算的花费都与前向计算相当：这就是反向模式自动微分的全部要义。"
            "只要每个节点都排在算出它时用到的节点之前，次序就合用，也就是拓扑序倒过来；"
            "数使用次数，边走边就得到了这样的次序。框架交给你的节点是一些编号；"
            "在 `leave` 里，它向运算询问梯度，释放为它保留的内容，并把叶节点的梯度存进 `.grad`。"
            "靠计数来排序：Kahn，Topological sorting of large networks（1962）。"
            "反向模式：Linnainmaa（1970），Speelpenning（1980）。"
        ),
    ),
    right=(RIGHT, RIGHT_BY_TOPOLOGICAL_ORDER),
    wrong=WRONG,
    plug=plug,
)
