"""Study: a number that remembers how it was computed, and knows how to pass its gradient on."""

from pellucid.workshop.piece import Example, Piece, Text, described
from pellucid.workshop.pieces.value_answers import RIGHT, RIGHT_WITH_SLOPES, WRONG


def play(answer, case):
    """What each value of a small calculation holds, or which gradients there are after one pass backward."""
    question, leaves, lines, *start = case
    values = {name: answer.Value(data) for name, data in leaves}
    for name, line in lines:
        match line:
            case ["tanh", a]:
                values[name] = values[a].tanh()
            case [a, "+", b]:
                values[name] = values.get(a, a) + values.get(b, b)
            case [a, "*", b]:
                values[name] = values.get(a, a) * values.get(b, b)
    if question == "remembers":
        return what_it_holds(values)
    values[[*values][-1]].grad = start[0] if start else 1.0
    for name in way_back(leaves, lines):
        values[name]._backward()
    return {name: described(value.grad) for name, value in values.items()}


def what_it_holds(values):
    """The numbers of all; of the last also the rest."""
    names = {id(value): name for name, value in values.items()}
    last = values[[*values][-1]]
    return {
        "data": {name: described(value.data) for name, value in values.items()},
        "grad": described(last.grad),
        "op": described(last.op),
        "children": sorted({names.get(id(child), str(child.data)) for child in last.children}),
    }


def way_back(leaves, lines):
    """The names of what was computed, the last first; without any, the leaves."""
    return [name for name, _ in reversed(lines or leaves)]


def show(case):
    question, leaves, lines, *start = case
    text = [f"{name} = Value({data})" for name, data in leaves]
    for name, line in lines:
        text.append(f"{name} = {line[1]}.tanh()" if line[0] == "tanh" else f"{name} = {' '.join(map(str, line))}")
    if question == "gradients":
        back = way_back(leaves, lines)
        text.append(f"{back[0]}.grad = {start[0] if start else 1.0}")
        text += [f"{name}._backward()" for name in back]
    return "; ".join(text)


NEURON = (
    "gradients",
    (("x", 2.0), ("w", -0.5), ("b", 1.25)),
    (("p", ("x", "*", "w")), ("z", ("p", "+", "b")), ("y", ("tanh", "z"))),
)

PIECE = Piece(
    name="value",
    kind="study",
    title=Text("A value that remembers", "会记账的数"),
    lesson="back_propagation",
    needs=(),
    lives=(),
    signature="""\
class Value:
    def __init__(self, data, children=(), op=""): ...

    def __add__(self, other): ...

    def __mul__(self, other): ...

    def tanh(self): ...
""",
    task=Text(
        en=(
            "Write `Value`: one number, which remembers from what it was computed and how to pass its gradient on.\n"
            "\n"
            "- `data` is the number, `grad` the gradient of the final result with respect to it, 0 at first.\n"
            "- `children` are the Values it was computed from, `op` is how: '+', '*' or 'tanh'. A Value that was not "
            "computed has no children, and '' for op.\n"
            "- `a + b`, `a * b` and `a.tanh()` make a new Value. In sum and product either side may be a plain number "
            "(`a + 1.0`, `2.0 * a`); it becomes a Value without children.\n"
            "- `_backward()`, called without arguments, takes `grad` as it is at that moment and gives each child its "
            "share: slope times grad. Shares add up, because a Value may be used several times, even twice in "
            "one place: `a + a`, `a * a`. For a Value that was not computed it does nothing.\n"
            "\n"
            "`_backward` takes one step, to the children. Going through the whole graph is the next piece."
        ),
        zh=(
            "请写出 `Value`：它是一个数，记得自己由哪些数算来，也知道怎样把梯度往回传。\n"
            "\n"
            "- `data` 是这个数本身；`grad` 是最终结果对它的梯度，一开始是 0。\n"
            "- `children` 是算出它的那些 Value；`op` 是所用的运算：'+'、'*' 或 'tanh'。"
            "不是算出来的 Value 没有 children，op 为 ''。\n"
            "- `a + b`、`a * b` 和 `a.tanh()` 都产生一个新的 Value。"
            "加法和乘法里，任何一边都可以是普通的数（`a + 1.0`、`2.0 * a`），它会变成一个没有 children 的 Value。\n"
            "- `_backward()` 调用时不带参数：取此刻的 `grad`，给每个 child 加上它应得的一份，即斜率乘以 grad。"
            "每一份都要累加，因为一个 Value 可能用到好几次，甚至在同一处用两次：`a + a`、`a * a`。"
            "不是算出来的 Value，它的 `_backward()` 什么也不做。\n"
            "\n"
            "`_backward` 只走一步，传到 children 为止。走遍整个计算图，是下一个部件的事。"
        ),
    ),
    formula="""\
out = a + b     a.grad += out.grad              b.grad += out.grad
out = a * b     a.grad += b.data * out.grad     b.grad += a.data * out.grad
out = tanh(a)   a.grad += (1 - out.data^2) * out.grad""",
    examples=(
        Example("(Value(2.0) * Value(-3.0)).data", "-6.0"),
        Example("a = Value(2.0); b = a * 5.0; b.grad = 1.0; b._backward(); a.grad", "5.0"),
        Example("a = Value(3.0); b = a + a; b.grad = 1.0; b._backward(); a.grad", "2.0"),
    ),
    invariants=(
        Text("Computing changes no gradient and no older value.", "前向计算不会改动任何梯度，也不会改动已有的数。"),
        Text(
            "`_backward` changes `grad` of the children only, and only by adding.",
            "`_backward` 只改 children 的 `grad`，而且只做累加。",
        ),
        Text("Twice the `grad` gives each child twice the share.", "`grad` 加倍，每个 child 得到的份额也加倍。"),
    ),
    cases=(
        ("remembers", (("a", 2.0),), ()),
        ("gradients", (("a", 2.0),), ()),
        ("remembers", (("a", 2.0), ("b", -3.0)), (("c", ("a", "+", "b")),)),
        ("remembers", (("a", 2.0), ("b", -3.0)), (("c", ("a", "*", "b")),)),
        ("remembers", (("a", 0.5),), (("b", ("tanh", "a")),)),
        ("gradients", (("a", 2.0), ("b", -3.0)), (("c", ("a", "+", "b")),)),
        ("gradients", (("a", 2.0), ("b", -3.0)), (("c", ("a", "*", "b")),)),
        ("gradients", (("a", 0.5),), (("b", ("tanh", "a")),)),
        ("gradients", (("a", 2.0), ("b", -3.0)), (("c", ("a", "*", "b")),), 10.0),
        ("remembers", (("a", 2.0),), (("b", ("a", "+", 1.5)),)),
        ("remembers", (("a", 2.0),), (("b", (1.5, "+", "a")),)),
        ("gradients", (("a", 2.0),), (("b", ("a", "*", 4.0)),)),
        ("gradients", (("a", 2.0),), (("b", (4.0, "*", "a")),)),
        ("gradients", (("a", 3.0),), (("b", ("a", "+", "a")),)),
        ("gradients", (("a", 3.0),), (("b", ("a", "*", "a")),)),
        ("gradients", (("a", 2.0), ("b", -3.0)), (("c", ("a", "*", "b")), ("d", ("c", "*", "b")))),
        ("gradients", (("a", 2.0), ("b", 5.0)), (("c", ("a", "+", "b")), ("d", ("c", "+", "a")))),
        NEURON,
        ("gradients", (("a", 0.25),), (("b", ("tanh", "a")), ("c", ("b", "*", "a")), ("d", ("tanh", "c")))),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "c = a * b, and the final result grows by c.grad when c grows by 1. If a grows by a tiny step, by how "
            "much does c grow, and by how much the final result?",
            "c = a * b，c 增加 1，最终结果就增加 c.grad。如果 a 增加一点点，c 增加多少？最终结果又增加多少？",
        ),
        Text(
            "a = 2, b = -3, c = a * b = -6, c.grad = 10. A step of 0.001 of a moves c by -0.003 and the result by "
            "-0.03: a's share is -3 * 10 = -30. And b's? For a = 3, b = a + a, b.grad = 1, the step 0.001 of a moves "
            "b by 0.002: the two shares of a are 1 and 1, together 2.",
            "a = 2，b = -3，c = a * b = -6，c.grad = 10。a 增加 0.001，c 就变化 -0.003，结果变化 -0.03："
            "a 的份额是 -3 * 10 = -30。b 的呢？再看 a = 3，b = a + a，b.grad = 1：a 增加 0.001，b 增加 0.002，"
            "a 得到两份，每份是 1，合起来是 2。",
        ),
        Text(
            "a times b:\n"
            "    make a number on the right into a Value\n"
            "    out = a Value with the product, children (a, b), op '*'\n"
            "    out's way back, to be run later:\n"
            "        add to a.grad: slope with respect to a, times out.grad\n"
            "        add to b.grad: slope with respect to b, times out.grad\n"
            "    return out\n"
            "\n"
            "For a plain number on the left Python asks for `__radd__` and `__rmul__`.",
            "a 乘以 b：\n"
            "    右边如果是普通的数，先变成 Value\n"
            "    out = 新的 Value：数是乘积，children 是 (a, b)，op 是 '*'\n"
            "    记下 out 往回传的办法，以后再执行：\n"
            "        a.grad 加上：对 a 的斜率，乘以 out.grad\n"
            "        b.grad 加上：对 b 的斜率，乘以 out.grad\n"
            "    返回 out\n"
            "\n"
            "普通的数在左边时，Python 找的是 `__radd__` 和 `__rmul__`。",
        ),
        Text(
            "The usual slips: `=` in place of `+=`, so that in a + a the second share wipes out the first; reading "
            "out.grad while computing forward, when it is still 0, instead of inside the inner function; writing "
            "`out._backward = backward()`, which runs it at once and keeps None.",
            "常见的失误：该写 `+=` 的地方写成了 `=`，于是 a + a 的第二份把第一份覆盖掉；在前向计算时就读取 out.grad，"
            "那时它还是 0，应当放到内层函数里去读；写成 `out._backward = backward()`，这会立即执行它，留下的只是 "
            "None。",
        ),
    ),
    explanation=Text(
        en=(
            "Each Value knows only its own operation. By the chain rule that is enough: the slope of the final result "
            "with respect to a child is the slope of this step times `grad`, the slope of all that comes after. If a "
            "child is used in several places, a step of it moves the result through all of them, and the movements "
            "add up: hence +=.\n"
            "The inner function keeps hold of `self`, `other` and `out`: this is where the forward values are stored "
            "that the way back needs. A product needs both factors, a tanh its result only, a sum nothing at all. "
            "That is why training takes more memory than mere prediction.\n"
            "The framework does the same with whole arrays; its engine keeps, for each operation, a step with the "
            "operation, its inputs and its result.\n"
            "Sources: Wengert, A simple automatic derivative evaluation program (1964); Linnainmaa (1970); the form "
            "with one small object for each number follows Karpathy's micrograd (2020)."
        ),
        zh=(
            "每个 Value 只管自己这一步运算。有了链式法则，这就够了：最终结果对某个 child 的斜率，"
            "等于这一步的斜率乘以 `grad`，而 `grad` 就是后面所有步骤的斜率。"
            "一个 child 如果用在好几处，它动一点，结果会从每一处都受到影响，这些影响要相加：所以是 +=。\n"
            "内层函数一直记着 `self`、`other` 和 `out`：反向计算要用的前向值就存在这里。"
            "乘法要用两个因子，tanh 只要自己的结果，加法什么都不用存。训练比单纯的推断更占内存，原因就在这里。\n"
            "框架做的是同一件事，只不过对象是整个数组：引擎为每次运算保留一个步骤，里面有运算、输入和结果。\n"
            "出处：Wengert，A simple automatic derivative evaluation program（1964）；Linnainmaa（1970）；"
            "每个数一个小对象的写法借鉴 Karpathy 的 micrograd（2020）。"
        ),
    ),
    right=(RIGHT, RIGHT_WITH_SLOPES),
    wrong=WRONG,
)
