"""Study: the perceptron's learning rule, which finds the weights of one neuron from samples."""

from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

AND = (((1, 1), 1), ((0, 0), 0), ((1, 0), 0), ((0, 1), 0))
NAND = (((0, 0), 1), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))
XOR = (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))

RIGHT = """\
def train(samples, rate, epochs):
    w = [0.0, 0.0]
    b = 0.0
    for _ in range(epochs):
        for (x1, x2), label in samples:
            z = w[0] * x1 + w[1] * x2 + b
            output = 1 if z > 0 else 0
            delta = label - output
            w[0] += rate * delta * x1
            w[1] += rate * delta * x2
            b += rate * delta
    return w, b
"""

RIGHT_WITH_VECTORS = """\
import numpy as np


def train(samples, rate, epochs):
    weights = np.zeros(3)  # the third is the bias: the weight of an input that is always 1
    for inputs, label in list(samples) * epochs:
        x = np.array([*inputs, 1.0])
        if weights @ x > 0 and label == 0:
            weights -= rate * x
        elif weights @ x <= 0 and label == 1:
            weights += rate * x
    return weights[:2].tolist(), float(weights[2])
"""

COLLECTED = """\
def train(samples, rate, epochs):
    w = [0.0, 0.0]
    b = 0.0
    for _ in range(epochs):
        changes = [0.0, 0.0, 0.0]
        for (x1, x2), label in samples:
            z = w[0] * x1 + w[1] * x2 + b
            output = 1 if z > 0 else 0
            delta = label - output
            changes[0] += rate * delta * x1
            changes[1] += rate * delta * x2
            changes[2] += rate * delta
        w = [w[0] + changes[0], w[1] + changes[1]]
        b += changes[2]
    return w, b
"""


def play(answer, case):
    """The weights and the bias that are found."""
    result = answer.train(*case)
    match result:
        case [weights, bias]:
            return {"weights": [float(w) for w in weights], "bias": float(bias)}
    return described(result)


def show(case):
    samples, rate, epochs = case
    listed = ", ".join(f"({tuple(inputs)}, {label})" for inputs, label in samples)
    return f"train([{listed}], rate={rate}, epochs={epochs})"


PIECE = Piece(
    name="perceptron",
    kind="study",
    title=Text("The perceptron learns", "感知机的学习规则"),
    lesson="one_neuron",
    needs=(),
    lives=(),
    signature="def train(samples, rate, epochs): ...\n",
    task=Text(
        en=(
            "A neuron with two inputs answers 1 if z = w1 x1 + w2 x2 + b is above 0, else 0 (also where z is 0). This "
            "time nobody chooses its weights: it learns them from samples with known answers.\n"
            "\n"
            "Write `train`. Weights and bias begin at 0. Go through the samples in their order, `epochs` times over. "
            "For each sample compute the output with the weights as they are now; delta is label minus output; then "
            "change both weights and the bias, at once, as the formula says.\n"
            "\n"
            "`samples` is a list of pairs ((x1, x2), label), label 0 or 1; `rate` is the learning rate. Return "
            "`[w1, w2], b`."
        ),
        zh=(
            "一个有两个输入的神经元，当 z = w1 x1 + w2 x2 + b 大于 0 时输出 1，否则输出 0（z 等于 0 时也输出 0）。"
            "这一回不用人来挑权重：它从带有标签的样本里自己学。\n"
            "\n"
            "请写出 `train`。权重和偏置都从 0 开始。按顺序逐个处理样本，全部样本共过 `epochs` 轮。"
            "对每个样本，先用当前的权重算出输出，delta 等于标签减输出，然后立即按公式修改两个权重和偏置。\n"
            "\n"
            "`samples` 是列表，每一项是 ((x1, x2), label)，标签 label 为 0 或 1；`rate` 是学习率。返回 `[w1, w2], b`。"
        ),
    ),
    formula="""\
output = 1 if w1*x1 + w2*x2 + b > 0, else 0
delta  = label - output
w1 <- w1 + rate * delta * x1
w2 <- w2 + rate * delta * x2
b  <- b  + rate * delta""",
    examples=(
        Example("train([((1, 0), 1)], rate=1.0, epochs=1)", "([1.0, 0.0], 1.0)"),
        Example("train([((0, 0), 0)], rate=1.0, epochs=5)", "([0.0, 0.0], 0.0)"),
        Example(
            "train([((1, 1), 1), ((0, 0), 0), ((1, 0), 0), ((0, 1), 0)], rate=0.1, epochs=10)", "([0.1, 0.2], -0.2)"
        ),
    ),
    invariants=(
        Text("A sample that is answered rightly changes nothing.", "输出正确的样本不会引起任何改变。"),
        Text(
            "Twice the rate gives twice the weights and twice the bias, because all begin at 0.",
            "学习率加倍，学到的权重和偏置也恰好加倍，因为它们都从 0 开始。",
        ),
        Text("Zero epochs leave weights and bias at 0.", "轮数为 0 时，权重和偏置都还是 0。"),
    ),
    cases=(
        ([((1, 0), 1)], 1.0, 0),
        ([((1, 0), 1)], 1.0, 1),
        ([((0, 0), 0)], 1.0, 1),
        ([((0, 2), 1)], 0.5, 1),
        ([((1, 0), 1)], 0.5, 3),
        ([((1, 0), 1), ((2, 1), 0)], 1.0, 1),
        ([((0.5, -2), 1), ((1, 1), 0)], 0.25, 3),
        (list(AND), 0.1, 10),
        (list(NAND), 0.5, 2),
        (list(NAND), 1.0, 12),
        (list(XOR), 1.0, 4),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "The label is 1, the output was 0. Was z too large or too small? Which way must each weight move, if its "
            "input is 1, 0 or -1?",
            "标签是 1，输出却是 0。z 是偏大了还是偏小了？输入分别是 1、0、-1 时，对应的权重各该往哪边动？",
        ),
        Text(
            "AND, rate 0.1, all zeros. First sample (1, 1) -> 1: z = 0, output 0, delta = 1, so w = [0.1, 0.1], b = "
            "0.1. Second sample (0, 0) -> 0: z = 0.1, output 1, delta = -1; both inputs are 0, so only b changes: b "
            "= 0. Third sample (1, 0) -> 0: z = 0.1, output 1, delta = -1. What are w and b now?",
            "以 AND 为例，学习率 0.1，全部从 0 开始。第一个样本 (1, 1) -> 1：z = 0，输出 0，delta = 1，"
            "于是 w = [0.1, 0.1]，b = 0.1。第二个样本 (0, 0) -> 0：z = 0.1，输出 1，delta = -1，两个输入都是 0，"
            "所以只有 b 变，b = 0。第三个样本 (1, 0) -> 0：z = 0.1，输出 1，delta = -1。现在 w 和 b 各是多少？",
        ),
        Text(
            "all weights and the bias are 0\n"
            "repeat for each epoch:\n"
            "    for each sample:\n"
            "        output from the current weights\n"
            "        delta = label - output\n"
            "        each weight grows by rate * delta * its own input\n"
            "        the bias grows by rate * delta\n"
            "return when all epochs are over",
            "权重和偏置全部置 0\n"
            "每一轮：\n"
            "    对每个样本：\n"
            "        用当前的权重算输出\n"
            "        delta = 标签 - 输出\n"
            "        每个权重加上 学习率 * delta * 自己的输入\n"
            "        偏置加上 学习率 * delta\n"
            "所有轮结束后返回",
        ),
        Text(
            "The usual slips: output - label in place of label - output, which runs away from the right answer; "
            "z in place of the output in delta; changing the weights at the end of the round instead of after "
            "each sample; setting the weights to 0 inside the loop over epochs, so that each round forgets the last.",
            "常见的失误：把标签减输出写成了输出减标签，结果越学越偏；算 delta 时用了 z 而不是输出；"
            "等一轮结束才改权重，而不是每个样本之后就改；把权重清零写进了轮次的循环里，每一轮都忘掉上一轮。",
        ),
    ),
    explanation=Text(
        en=(
            "If the output was 0 and should have been 1, z was too small. Adding rate * x to the weights and rate to "
            "the bias raises the z of this very sample by rate * (x1^2 + x2^2 + 1), which is always positive. If it "
            "was 1 and should have been 0, z sinks by as much. An input of 0 had no part in the answer, so its "
            "weight stays. The bias is the weight of an input that is always 1.\n"
            "If some straight line separates the ones from the zeros, the rule makes only a finite number of mistakes "
            "(Novikoff 1962): AND in this order is settled after four rounds. Which of the many lines is found "
            "depends on the order of the samples. For XOR no line exists, and the weights go round in circles for "
            "ever.\n"
            "Sources: Rosenblatt, The perceptron (1958); Novikoff, On convergence proofs on perceptrons (1962)."
        ),
        zh=(
            "该输出 1 却输出了 0，说明 z 太小。给权重加上 rate * x，给偏置加上 rate，"
            "这个样本自己的 z 就会增大 rate * (x1^2 + x2^2 + 1)，这个量永远为正。反过来，该输出 0 却输出了 1，"
            "z 就减小同样多。等于 0 的输入没有参与这次判断，它的权重也就不动。偏置不过是一个恒为 1 的输入的权重。\n"
            "只要有一条直线能把标签为 1 和为 0 的样本分开，这条规则就只会犯有限次错误（Novikoff 1962）："
            "按这里的顺序，AND 四轮之后就不再变化。能分开的直线有很多，找到哪一条取决于样本的顺序。"
            "对 XOR 来说这样的直线不存在，权重会永远兜圈子。\n"
            "出处：Rosenblatt，The perceptron（1958）；Novikoff，On convergence proofs on perceptrons（1962）。"
        ),
    ),
    right=(RIGHT, RIGHT_WITH_VECTORS),
    wrong=(
        Wrong(
            "delta-turned-around",
            Text(
                "Weights move away from the right answer: where z was too small, you make it smaller still. Look at "
                "the sign of delta when the label is 1 and the output 0.",
                "权重在朝错误的方向走：z 本来就小了，你让它更小。想一想：标签是 1、输出是 0 时，delta 应该是正还是负？",
            ),
            edits=(("delta = label - output", "delta = output - label"),),
        ),
        Wrong(
            "bias-does-not-learn",
            Text(
                "The bias stays at 0. Without it the line z = 0 always runs through the point 0, 0, where only the "
                "bias speaks.",
                "偏置一直是 0。没有偏置，直线 z = 0 就总要经过点 0, 0，而在那一点上，z 只由偏置决定。",
            ),
            edits=(("            b += rate * delta\n", ""),),
        ),
        Wrong(
            "rate-left-out",
            Text(
                "The learning rate has no effect: the steps are as large as with rate 1.",
                "学习率没有起作用：每一步都和学习率为 1 时一样大。",
            ),
            edits=(
                ("w[0] += rate * delta * x1", "w[0] += delta * x1"),
                ("w[1] += rate * delta * x2", "w[1] += delta * x2"),
                ("b += rate * delta", "b += delta"),
            ),
        ),
        Wrong(
            "rate-not-for-the-bias",
            Text(
                "The weights use the learning rate, the bias does not. It learns in the same way as a weight whose "
                "input is always 1.",
                "权重乘了学习率，偏置却没有。偏置相当于一个输入恒为 1 的权重，学法完全一样。",
            ),
            edits=(("b += rate * delta", "b += delta"),),
        ),
        Wrong(
            "input-left-out",
            Text(
                "Both weights change by the same amount, even where an input is 0. A weight whose input is 0 had no "
                "part in the answer and must not change; one whose input is large had a large part.",
                "两个权重改变了同样多，连输入为 0 的那个也变了。输入是 0，这个权重就没有参与判断，不该动；"
                "输入越大，参与得越多，也就该动得越多。",
            ),
            edits=(
                ("w[0] += rate * delta * x1", "w[0] += rate * delta"),
                ("w[1] += rate * delta * x2", "w[1] += rate * delta"),
            ),
        ),
        Wrong(
            "fires-at-zero",
            Text(
                "Where z is exactly 0 your neuron answers 1. The contract wants 0 there; at the start z is 0 for "
                "every sample, so it matters.",
                "z 正好等于 0 时，你的神经元输出了 1，按约定应输出 0。刚开始时每个样本的 z 都是 0，所以这一点很要紧。",
            ),
            edits=(("if z > 0", "if z >= 0"),),
        ),
        Wrong(
            "sum-in-place-of-output",
            Text(
                "Your delta is label minus z, not label minus output. Then even a right answer changes the weights. "
                "(This is another rule, the one of Widrow and Hoff.)",
                "你的 delta 是标签减 z，而不是标签减输出。这样一来，即使判断正确，权重也会改变。"
                "（那是另一条规则，出自 Widrow 和 Hoff。）",
            ),
            edits=(("delta = label - output", "delta = label - z"),),
        ),
        Wrong(
            "label-in-place-of-delta",
            Text(
                "The weights grow with every sample whose label is 1, even if the answer was right already, and "
                "nothing ever makes them smaller. What the neuron answered must come in.",
                "只要标签是 1，权重就增大，哪怕本来就判断对了；而且没有什么能让权重变小。"
                "修改量里必须考虑神经元的输出。",
            ),
            edits=(("delta = label - output", "delta = label"),),
        ),
        Wrong(
            "learns-from-ones-only",
            Text(
                "A 0 that was answered with 1 changes nothing. The rule learns from both kinds of mistake.",
                "标签是 0、输出是 1 时，你什么也没有改。两种错误都要从中学习。",
            ),
            edits=(("delta = label - output", "delta = max(label - output, 0)"),),
        ),
        Wrong(
            "one-epoch-too-few",
            Text(
                "The samples are gone through once too few. With `epochs` equal to 1 every sample is seen once.",
                "样本少过了一轮。`epochs` 等于 1 时，每个样本应当处理一次。",
            ),
            edits=(("range(epochs)", "range(1, epochs)"),),
        ),
        Wrong(
            "one-epoch-counts",
            Text(
                "More epochs make no difference: the result is always that of a single round. Either you stop after "
                "the first, or weights and bias are set to 0 again as each round begins.",
                "轮数再多也没有差别，结果总是只过一轮的结果。要么第一轮之后就返回了，"
                "要么每轮开头又把权重和偏置清零了。",
            ),
            edits=(("range(epochs)", "range(min(epochs, 1))"),),
        ),
        Wrong(
            "weights-changed-after-the-round",
            Text(
                "You collect the changes and make them at the end of a round. Here the next sample must already be "
                "answered with the changed weights.",
                "你把修改量攒到一轮结束才用上。这里要求立即修改：处理下一个样本时，用的就应当是改过的权重。",
            ),
            source=COLLECTED,
        ),
    ),
)
