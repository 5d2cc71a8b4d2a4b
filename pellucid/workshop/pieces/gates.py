"""Study: logic gates, each one neuron with weights chosen by hand, and XOR, which takes several."""

from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))

RIGHT = """\
def gate(x1, x2, w1, w2, b):
    z = w1 * x1 + w2 * x2 + b
    return 1 if z > 0 else 0


AND = (1.0, 1.0, -1.5)
OR = (1.0, 1.0, -0.5)
NAND = (-1.0, -1.0, 1.5)


def xor(x1, x2):
    not_both = gate(x1, x2, *NAND)
    at_least_one = gate(x1, x2, *OR)
    return gate(not_both, at_least_one, *AND)
"""

RIGHT_FROM_NAND_ONLY = """\
import numpy as np


def gate(x1, x2, w1, w2, b):
    z = np.dot([w1, w2, b], [x1, x2, 1])
    return int(z > 0)


AND = (0.4, 0.4, -0.6)
OR = (3, 3, -1)
NAND = (-2, -2, 3)


def nand(a, b):
    return gate(a, b, *NAND)


def xor(x1, x2):
    middle = nand(x1, x2)
    return nand(nand(x1, middle), nand(x2, middle))
"""


def play(answer, case):
    """What a neuron answers; the table of a gate with the learner's weights; xor, and whether it asks gates."""
    match case:
        case ["gate", *numbers]:
            return plain(answer.gate(*numbers))
        case ["weights", name]:
            weights = getattr(answer, name)
            if weights is ...:  # not chosen yet
                return described(weights)
            w1, w2, b = weights
            return [int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in INPUTS]
        case ["xor"]:
            asked, gate = [], answer.gate

            def noted(*numbers):
                asked.append(numbers)
                return gate(*numbers)

            answer.gate = noted
            try:
                table = [plain(answer.xor(*pair)) for pair in INPUTS]
            finally:
                answer.gate = gate
            return {"table": table, "made of gates": bool(asked)}


def plain(result):
    return int(result) if result in (0, 1) else described(result)


def show(case):
    match case:
        case ["gate", *numbers]:
            return f"gate({', '.join(map(str, numbers))})"
        case ["weights", name]:
            return f"[gate(x1, x2, *{name}) for x1, x2 in {list(INPUTS)}]"
    return f"[xor(x1, x2) for x1, x2 in {list(INPUTS)}]"


PIECE = Piece(
    name="gates",
    kind="study",
    title=Text("Logic gates as neurons", "用神经元搭逻辑门"),
    lesson="one_neuron",
    needs=(),
    lives=(),
    signature="""\
def gate(x1, x2, w1, w2, b): ...


AND = ...  # (w1, w2, b)
OR = ...
NAND = ...


def xor(x1, x2): ...
""",
    task=Text(
        en=(
            "A neuron with two inputs multiplies each by its weight, adds them up, and adds a bias: the sum is z. "
            "It answers 1 if z is above 0, otherwise 0; where z is 0 exactly it answers 0.\n"
            "\n"
            "1. Write `gate`, this neuron. All five arguments are numbers.\n"
            "2. Choose weights and bias of three neurons by hand, as tuples (w1, w2, b): AND, OR and NAND, with "
            "the answers that the table shows. Many choices are right; one that keeps z well away from 0 is the "
            "safest.\n"
            "3. Write `xor`, which answers 1 if exactly one of its inputs is 1. One neuron cannot do that. Ask "
            "`gate` several times, and let one gate read the answers of others."
        ),
        zh=(
            "一个有两个输入的神经元，先把每个输入乘以各自的权重，相加，再加上偏置，得到 z。"
            "z 大于 0 时输出 1，否则输出 0；z 正好等于 0 时也输出 0。\n"
            "\n"
            "1. 写出 `gate`，也就是这个神经元。五个参数都是数。\n"
            "2. 不经训练，亲手为三个神经元挑选权重和偏置，写成元组 (w1, w2, b)：AND、OR 和 NAND，"
            "输出要与下面的真值表一致。合适的取法很多，让 z 离 0 远一些最稳妥。\n"
            "3. 写出 `xor`：两个输入恰有一个为 1 时输出 1。单个神经元办不到，"
            "要多次调用 `gate`，让一个门读取其他门的输出。"
        ),
    ),
    formula="""\
z = w1*x1 + w2*x2 + b
gate = 1 if z > 0, else 0

x1  x2 | AND  OR  NAND  XOR
 0   0 |  0    0    1    0
 0   1 |  0    1    1    1
 1   0 |  0    1    1    1
 1   1 |  1    1    0    0""",
    examples=(
        Example("gate(1, 0, 2.0, 3.0, -1.0)", "1"),
        Example("[gate(a, b, *AND) for a, b in [(0, 0), (0, 1), (1, 0), (1, 1)]]", "[0, 0, 0, 1]"),
        Example("[xor(a, b) for a, b in [(0, 0), (0, 1), (1, 0), (1, 1)]]", "[0, 1, 1, 0]"),
    ),
    invariants=(
        Text("The answer is 1 or 0, nothing in between.", "输出只能是 1 或 0，没有中间值。"),
        Text(
            "Weights and bias times the same positive number give the same gate.",
            "权重和偏置同乘一个正数，门不变。",
        ),
        Text("`xor` gets its answer from gates only.", "`xor` 的结果完全由门得出。"),
    ),
    cases=(
        ("gate", 0, 0, 1.0, 1.0, 1.0),
        ("gate", 0, 0, 1.0, 1.0, 0.0),
        ("gate", 1, 0, 2.0, -3.0, -1.0),
        ("gate", 0, 1, 2.0, -3.0, -1.0),
        ("gate", 1, 1, 2.0, 3.0, -5.5),
        ("gate", 0.5, 0.25, 2.0, 4.0, -2.0),
        ("gate", 0.5, 0.25, 200.0, 400.0, -100.0),
        ("weights", "AND"),
        ("weights", "OR"),
        ("weights", "NAND"),
        ("xor",),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "For which of the four inputs must z be above 0, and for which must it not be? Write down the four "
            "conditions for AND before you choose a number.",
            "四种输入里，哪些必须让 z 大于 0，哪些必须不大于 0？先把 AND 的四个条件写下来，再挑数。",
        ),
        Text(
            "OR with w1 = w2 = 1: the four values of z are 0 + b, 1 + b, 1 + b and 2 + b. The first must not be "
            "above 0, the three others must. Between which two numbers does b lie, then? With b = -0.5 they are "
            "-0.5, 0.5, 0.5 and 1.5. Do the same for AND.",
            "以 OR 为例，取 w1 = w2 = 1，四个 z 依次是 0 + b、1 + b、1 + b、2 + b。第一个不能大于 0，"
            "后三个都要大于 0，那么 b 应该落在哪两个数之间？取 b = -0.5，就得到 -0.5、0.5、0.5、1.5。"
            "照这个办法再算 AND。",
        ),
        Text(
            "gate:\n"
            "    z = first weight times first input + second weight times second input + bias\n"
            "    1 if z is above 0, else 0\n"
            "xor:\n"
            "    h1 = one gate on x1, x2\n"
            "    h2 = another gate on x1, x2\n"
            "    a third gate on h1, h2\n"
            "\n"
            "XOR in words: at least one of them, but not both.",
            "gate：\n"
            "    z = 第一个权重 × 第一个输入 + 第二个权重 × 第二个输入 + 偏置\n"
            "    z 大于 0 得 1，否则得 0\n"
            "xor：\n"
            "    h1 = 某个门（x1, x2）\n"
            "    h2 = 另一个门（x1, x2）\n"
            "    第三个门（h1, h2）\n"
            "\n"
            "用一句话说 XOR：至少有一个是 1，但不都是 1。",
        ),
        Text(
            "The usual slips: `z > b` instead of adding b, which turns the bias's sign around; and for NAND only the "
            "weights of AND with the other sign. All three numbers change their sign, the bias too: then every z "
            "does, and with it every answer.",
            "常见的失误：写成 `z > b`，没有把 b 加进去，等于把偏置的符号弄反了；还有写 NAND 时只把 AND 的权重变号。"
            "三个数都要变号，偏置也不例外：这样每个 z 都变号，每个输出也就跟着翻转。",
        ),
    ),
    explanation=Text(
        en=(
            "The inputs for which z = 0 lie on a straight line; on one side of it the neuron answers 1. For AND, OR "
            "and NAND some line has all the ones on one side. For XOR none has: its answers demand b <= 0, w1 + b > "
            "0, w2 + b > 0 and w1 + w2 + b <= 0. The two in the middle add up to w1 + w2 + 2b > 0, and the last one "
            "taken away leaves b > 0, against the first. So no weights exist. A second layer reads the answers of "
            "the first instead of the inputs, and for those a line can be found: that is why networks have layers. "
            "NAND alone is enough for every circuit; NAND of x and x is NOT x.\n"
            "Sources: McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity (1943); "
            "Minsky and Papert, Perceptrons (1969)."
        ),
        zh=(
            "使 z = 0 的输入都落在一条直线上，直线的一侧输出 1，另一侧输出 0。AND、OR、NAND 都能找到这样一条直线，"
            "XOR 却不能：它要求 b <= 0，w1 + b > 0，w2 + b > 0，并且 w1 + w2 + b <= 0。"
            "中间两式相加得 w1 + w2 + 2b > 0，减去最后一式便得 b > 0，与第一式矛盾，所以合适的权重根本不存在。"
            "第二层读的不是输入，而是第一层的输出，对这些输出又能画出一条直线来：这正是神经网络要分层的原因。"
            "只用 NAND 就能搭出任何逻辑电路，例如 NAND(x, x) 就是“非 x”。\n"
            "出处：McCulloch 和 Pitts，A logical calculus of the ideas immanent in nervous activity（1943）；"
            "Minsky 和 Papert，Perceptrons（1969）。"
        ),
    ),
    right=(RIGHT, RIGHT_FROM_NAND_ONLY),
    wrong=(
        Wrong(
            "fires-at-zero",
            Text(
                "Your neuron answers 1 where z is exactly 0. The contract wants 0 there: z has to be above 0, and 0 "
                "is not.",
                "z 正好等于 0 时，你的神经元输出了 1。按约定这时应当输出 0：z 必须大于 0，而 0 并不大于 0。",
            ),
            edits=(("if z > 0", "if z >= 0"),),
        ),
        Wrong(
            "bias-left-out",
            Text(
                "The bias does not take part. Without it z is always 0 for the inputs 0, 0, so no neuron could answer "
                "1 there, and NAND must.",
                "偏置没有参与计算。没有它，输入 0, 0 时 z 永远是 0，任何神经元在这里都输出不了 1，而 NAND 必须输出 1。",
            ),
            edits=((" + w2 * x2 + b", " + w2 * x2"),),
        ),
        Wrong(
            "bias-as-threshold",
            Text(
                "You compare the weighted sum with b, as if b were a threshold. A bias is added; a threshold is the "
                "bias with the other sign.",
                "你拿加权和去跟 b 比大小，把 b 当成了阈值。偏置是要加上去的；阈值等于偏置变号。",
            ),
            edits=((" + w2 * x2 + b", " + w2 * x2"), ("if z > 0", "if z > b")),
        ),
        Wrong(
            "weights-crossed",
            Text(
                "The first weight meets the second input, and the second weight the first. Gates whose two weights "
                "are equal do not notice; others do.",
                "第一个权重乘到了第二个输入上，第二个权重乘到了第一个输入上。两个权重相等时看不出差别，不等就会出错。",
            ),
            edits=(("w1 * x1 + w2 * x2", "w1 * x2 + w2 * x1"),),
        ),
        Wrong(
            "sum-returned",
            Text(
                "Your neuron returns the sum z itself. It has still to decide between 1 and 0, by which side of 0 z "
                "is on.",
                "你的神经元把加权和 z 原样返回了。它还差一步判断：看 z 在 0 的哪一边，输出 1 或 0。",
            ),
            edits=(("return 1 if z > 0 else 0", "return z"),),
        ),
        Wrong(
            "and-content-with-one",
            Text(
                "Your AND answers 1 when only one input is 1: one weight alone already lifts z above 0. Its bias must "
                "outweigh one of them, but not both.",
                "只有一个输入是 1 时，你的 AND 就输出 1 了：单独一个权重已经把 z 抬到了 0 以上。"
                "偏置要压得住一个权重，又压不住两个。",
            ),
            edits=(("AND = (1.0, 1.0, -1.5)", "AND = (1.0, 1.0, -0.5)"),),
        ),
        Wrong(
            "and-never",
            Text(
                "Your AND never answers 1. For the inputs 1, 1 z comes to 0 or below: the bias outweighs both weights.",
                "你的 AND 从不输出 1。输入 1, 1 时 z 也不大于 0：偏置把两个权重都压住了。",
            ),
            edits=(("AND = (1.0, 1.0, -1.5)", "AND = (1.0, 1.0, -2.0)"),),
        ),
        Wrong(
            "or-wants-both",
            Text(
                "Your OR answers 1 only when both inputs are 1. One weight alone must be enough to lift z above 0.",
                "两个输入都是 1 时，你的 OR 才输出 1。应当单凭一个权重就能把 z 抬到 0 以上。",
            ),
            edits=(("OR = (1.0, 1.0, -0.5)", "OR = (1.0, 1.0, -1.5)"),),
        ),
        Wrong(
            "nand-bias-not-turned",
            Text(
                "Your NAND never answers 1. Its weights are negative and so is its bias, so that nothing lifts z "
                "above 0, not even for the inputs 0, 0.",
                "你的 NAND 从不输出 1。权重是负的，偏置也是负的，没有什么能把 z 抬到 0 以上，输入 0, 0 时也不行。",
            ),
            edits=(("NAND = (-1.0, -1.0, 1.5)", "NAND = (-1.0, -1.0, -1.5)"),),
        ),
        Wrong(
            "xor-is-or",
            Text(
                "Your xor answers 1 for the inputs 1, 1 as well, as OR does. A single neuron gets three of the four "
                "right at most. What tells 1, 1 apart from 0, 1 has still to come in, from a second gate.",
                "输入 1, 1 时你的 xor 也输出 1，这就成了 OR。单个神经元最多只能答对其中三种。"
                "要把 1, 1 和 0, 1 区分开，还需要另一个门提供信息。",
            ),
            edits=(("return gate(not_both, at_least_one, *AND)", "return at_least_one"),),
        ),
        Wrong(
            "xor-joined-by-or",
            Text(
                "Your xor is 1 for all four inputs. `not both` and `at least one` must hold together; you ask whether "
                "either of them does, and one always does.",
                "四种输入下你的 xor 都是 1。“不都是 1”和“至少有一个 1”必须同时成立；"
                "你问的却是二者有没有一个成立，而这总是成立的。",
            ),
            edits=(("at_least_one, *AND", "at_least_one, *OR"),),
        ),
        Wrong(
            "xor-without-gates",
            Text(
                "The table of xor is right, but it was found by Python's comparison, not by neurons. Here xor is to "
                "be built from calls of `gate`.",
                "xor 的真值表是对的，但结果是用 Python 的比较算出来的，没有用到神经元。这里要用 `gate` 来搭 xor。",
            ),
            edits=(
                ("return gate(not_both, at_least_one, *AND)", "return int(x1 != x2)"),
                ("    not_both = gate(x1, x2, *NAND)\n    at_least_one = gate(x1, x2, *OR)\n", ""),
            ),
        ),
    ),
)
