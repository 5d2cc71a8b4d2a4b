"""Part: the sigmoid and its gradient, as the framework's operation has them."""

import numpy as np

import pellucid as pc
from pellucid.workshop.piece import Example, Piece, Text, Wrong, described

RIGHT = """\
import numpy as np


def forward(x):
    return 1 / (1 + np.exp(-x))


def gradient(g, y):
    return g * (y * (1.0 - y))
"""

RIGHT_WITHOUT_OVERFLOW = """\
import numpy as np


def forward(x):
    small = np.exp(-np.abs(x))  # between 0 and 1 on both sides
    return np.where(x >= 0, np.ones_like(small), small) / (1 + small)


def gradient(g, y):
    share = g * y
    return share - share * y
"""


def play(answer, case):
    """The curve's values, the gradient of tensors, and the gradient of that gradient with respect to y."""
    match case:
        case ["forward", values, dtype]:
            with np.errstate(over="ignore"):
                return described(answer.forward(np.array(values, dtype)))
        case ["gradient", g, y]:
            return of_tensor(answer.gradient(pc.tensor(g, dtype=pc.float64), pc.tensor(y, dtype=pc.float64)))
        case ["gradient twice", g, y]:
            y = pc.tensor(y, dtype=pc.float64, requires_grad=True)
            result = answer.gradient(pc.tensor(g, dtype=pc.float64), y)
            if not isinstance(result, pc.Tensor):
                return of_tensor(result)
            result.sum().backward()
            return described(y.grad)


def of_tensor(result):
    return described(result) if isinstance(result, pc.Tensor) else {"not a tensor": described(result)}


def show(case):
    match case:
        case ["forward", values, dtype]:
            return f"forward(np.array({values}, np.{dtype}))"
        case ["gradient", g, y]:
            return f"gradient(pc.tensor({g}), pc.tensor({y}))"
    return f"y = pc.tensor({case[2]}, requires_grad=True); gradient(pc.tensor({case[1]}), y).sum().backward(); y.grad"


def plug(answer):
    """Put in place of the operation's own two methods."""
    return {
        "pellucid.ops.elementwise:Sigmoid.forward": lambda self, x: answer.forward(x),
        "pellucid.ops.elementwise:Sigmoid.gradient": lambda self, g, y, x: answer.gradient(g, y),
    }


PIECE = Piece(
    name="sigmoid",
    kind="part",
    title=Text("The sigmoid and its gradient", "sigmoid 函数及其梯度"),
    lesson="one_neuron",
    needs=(),
    lives=("pellucid.ops.elementwise:Sigmoid.forward", "pellucid.ops.elementwise:Sigmoid.gradient"),
    signature="def forward(x): ...\n\n\ndef gradient(g, y): ...\n",
    task=Text(
        en=(
            "The sigmoid turns any number into one between 0 and 1: a step function with a soft edge. Write the two "
            "functions that the framework needs of it.\n"
            "\n"
            "1. `forward(x)`: x is a NumPy array of any shape. Return the sigmoid of every element, as an array of "
            "the same shape and dtype. For -1000 the answer is 0 and for 1000 it is 1; nothing may fail there. (NumPy "
            "may warn that exp(1000) is infinite; that does no harm.)\n"
            "2. `gradient(g, y)`: y is what `forward` returned, g is the gradient of the loss with respect to y, "
            "both as tensors of one shape. Return the gradient of the loss with respect to x, as a tensor. You do not "
            "get x, and do not need it. Use the operators of tensors (+, -, *) and not NumPy, so that this gradient "
            "has a gradient in its turn."
        ),
        zh=(
            "sigmoid 函数把任意一个数变成 0 到 1 之间的数，好比一个棱角磨圆了的阶跃函数。请写出框架需要的两个函数。\n"
            "\n"
            "1. `forward(x)`：x 是任意形状的 NumPy 数组。对每个元素求 sigmoid 函数的值，"
            "返回形状和 dtype 都相同的数组。x 为 -1000 时结果是 0，为 1000 时结果是 1，都不许出错。"
            "（NumPy 可能会警告 exp(1000) 溢出成无穷大，不要紧。）\n"
            "2. `gradient(g, y)`：y 是 `forward` 的结果，g 是损失对 y 的梯度，二者都是张量，形状相同。"
            "返回损失对 x 的梯度，也是张量。这里拿不到 x，也用不着 x。"
            "请用张量的运算（+、-、*），不要用 NumPy，这样这个梯度自己还能再求梯度。"
        ),
    ),
    formula="""\
y = forward(x) = 1 / (1 + exp(-x))
dy/dx = y * (1 - y)
gradient(g, y) = g * dy/dx""",
    examples=(
        Example("forward(np.array([0.0]))", "array([0.5])"),
        Example("forward(np.array([-1000.0, 1000.0]))", "array([0., 1.])"),
        Example("gradient(pc.tensor([2.0]), pc.tensor([0.25]))", "tensor([0.375])"),
    ),
    invariants=(
        Text(
            "Every value lies from 0 to 1; shape and dtype are those of x.",
            "每个值都在 0 到 1 之间；形状和 dtype 与 x 相同。",
        ),
        Text(
            "Turned by half around the point (0, 1/2) the curve is the same: forward(-x) = 1 - forward(x).",
            "曲线关于点 (0, 1/2) 中心对称：forward(-x) = 1 - forward(x)。",
        ),
        Text("The slope is largest at x = 0, where it is 1/4.", "斜率在 x = 0 处最大，等于 1/4。"),
    ),
    cases=(
        ("forward", [0.0], "float64"),
        ("forward", [1.0], "float64"),
        ("forward", [-2.0, 2.0], "float64"),
        ("forward", [-1000.0, 1000.0], "float64"),
        ("forward", [[1.0, -1.0, 0.5], [3.0, 0.25, -4.0]], "float32"),
        ("gradient", [1.0], [0.5]),
        ("gradient", [2.0], [0.25]),
        ("gradient", [-1.0, 3.0, 0.5], [0.5, 0.875, 0.0625]),
        ("gradient twice", [1.0, 2.0], [0.25, 0.75]),
    ),
    play=play,
    show=show,
    hints=(
        Text(
            "Write e for exp(-x). What is the derivative of 1 / (1 + e) with respect to x, and which part of it is y?",
            "把 exp(-x) 记作 e。1 / (1 + e) 对 x 的导数是什么？其中哪一部分就是 y？",
        ),
        Text(
            "x = 0: exp(-0) = 1, so y = 1 / 2, and the slope is 0.5 * 0.5 = 0.25. If g is 2, then x owes 2 * 0.25 = "
            "0.5. Now y = 0.9: the slope is 0.9 * 0.1 = 0.09. What comes out for g = 2?",
            "x = 0 时，exp(-0) = 1，y = 1 / 2，斜率是 0.5 * 0.5 = 0.25；若 g 是 2，x 的梯度就是 2 * 0.25 = 0.5。"
            "再看 y = 0.9：斜率是 0.9 * 0.1 = 0.09。g = 2 时结果是多少？",
        ),
        Text(
            "forward:\n"
            "    e = exp of minus x, for all elements at once\n"
            "    one divided by (one plus e)\n"
            "gradient:\n"
            "    slope = y times (what is missing from y to one)\n"
            "    g times slope",
            "forward：\n"
            "    e = 对所有元素一次求 exp(负 x)\n"
            "    1 除以（1 加 e）\n"
            "gradient：\n"
            "    斜率 = y 乘以（1 比 y 多出的部分）\n"
            "    g 乘以斜率",
        ),
        Text(
            "The usual slips: exp(x) without the minus, which turns the curve around; 1 / 1 + e without brackets; "
            "the slope without g, although the chain rule multiplies by what comes from behind; 1 - y * y, which is "
            "the slope of tanh; the sigmoid of y once more, as if y were x.",
            "常见的失误：exp 里漏了负号，曲线左右颠倒；写成 1 / 1 + e，少了括号；只返回斜率，"
            "忘了链式法则还要乘上传回来的 g；写成 1 - y * y，那是 tanh 的斜率；把 y 当成 x，又求了一次 sigmoid。",
        ),
    ),
    explanation=Text(
        en=(
            "Write e for exp(-x). Then y = 1 / (1 + e), and dy/dx = e / (1 + e)^2. One factor 1 / (1 + e) is y, the "
            "other, e / (1 + e), is 1 - y. So the slope is y (1 - y), and the result alone is enough for it: the "
            "framework keeps y, which it has anyway, and lets x go.\n"
            "The slope is never above 1/4, so each sigmoid on the way back leaves a quarter of the gradient at most: "
            "in deep networks it vanishes. Where the step function has slope 0 everywhere, and tells a weight "
            "nothing, the sigmoid always says which way to go.\n"
            "For x = -1000 exp(1000) is infinite in floating point, and 1 / infinity is 0. The true value, about "
            "10^-435, has no closer number in floating point. A formula with exp(x) / (1 + exp(x)) would give "
            "infinity / infinity at 1000.\n"
            "Source: Verhulst (1845), the logistic curve."
        ),
        zh=(
            "记 e = exp(-x)，则 y = 1 / (1 + e)，dy/dx = e / (1 + e)^2。其中一个因子 1 / (1 + e) 就是 y，"
            "另一个因子 e / (1 + e) 就是 1 - y。所以斜率是 y (1 - y)，只凭结果就能算出来："
            "框架保留本来就有的 y，x 可以放掉。\n"
            "斜率不会超过 1/4：往回走时，每经过一个 sigmoid 函数，梯度最多只剩四分之一。网络一深，就出现梯度消失。"
            "阶跃函数处处斜率为 0，告诉不了权重任何东西；sigmoid 函数则总能指出该往哪边走。\n"
            "x = -1000 时，exp(1000) 在浮点数里是无穷大，而 1 / 无穷大 = 0。真值约为 10^-435，浮点数里离它最近的正是 "
            "0。如果换成 exp(x) / (1 + exp(x))，在 1000 处就成了无穷大除以无穷大。\n"
            "出处：Verhulst（1845），logistic 曲线。"
        ),
    ),
    right=(RIGHT, RIGHT_WITHOUT_OVERFLOW),
    wrong=(
        Wrong(
            "minus-left-out",
            Text(
                "Your curve falls where it should rise: large x gives values near 0. Look at the sign in the exponent.",
                "你的曲线该升的地方在降：x 越大，值越接近 0。检查一下指数里的符号。",
            ),
            edits=(("np.exp(-x)", "np.exp(x)"),),
        ),
        Wrong(
            "brackets-left-out",
            Text(
                "Division comes before addition: without brackets only the first 1 is divided, and values above 1 "
                "come out.",
                "除法先于加法：少了括号，被除的就只有前面那个 1，于是结果大于 1 了。",
            ),
            edits=(("1 / (1 + np.exp(-x))", "1 / 1 + np.exp(-x)"),),
        ),
        Wrong(
            "infinity-by-infinity",
            Text(
                "For 1000 you get NaN: exp(1000) is infinite, and you divide infinity by infinity. Use a form in "
                "which the large exponential stands in the denominator only.",
                "x 为 1000 时你得到的是 NaN：exp(1000) 是无穷大，无穷大除以无穷大没有意义。"
                "换一种写法，让很大的指数只出现在分母里。",
            ),
            edits=(("1 / (1 + np.exp(-x))", "np.exp(x) / (1 + np.exp(x))"),),
        ),
        Wrong(
            "element-by-element-overflow",
            Text(
                "`math.exp` raises OverflowError for 1000, where np.exp gives infinity. Let NumPy compute all "
                "elements at once.",
                "`math.exp(1000)` 会抛出 OverflowError，而 np.exp 给出无穷大。让 NumPy 一次算完所有元素吧。",
            ),
            edits=(
                ("import numpy as np\n", "import math\n\nimport numpy as np\n"),
                (
                    "return 1 / (1 + np.exp(-x))",
                    "return np.array([1 / (1 + math.exp(-v)) for v in x.flat], x.dtype).reshape(x.shape)",
                ),
            ),
        ),
        Wrong(
            "input-clipped",
            Text(
                "The ends of the curve are cut off: for 1000 the value should be 1, and you stop short of it. There "
                "is no need to limit x.",
                "曲线的两端被截断了：x 为 1000 时应当是 1，你的结果差了一点。没有必要限制 x 的范围。",
            ),
            edits=(("np.exp(-x)", "np.exp(-np.clip(x, -10, 10))"),),
        ),
        Wrong(
            "always-float64",
            Text(
                "A float32 array comes back as float64. Numbers of another dtype in the calculation do that, or a "
                "conversion; the result must have the dtype of x.",
                "传入 float32 的数组，返回的却是 float64。计算里混进了别的 dtype，或者做了转换；结果的 dtype 应当与 "
                "x 相同。",
            ),
            edits=(("np.exp(-x)", 'np.exp(-x.astype("float64"))'),),
        ),
        Wrong(
            "chain-rule-left-out",
            Text(
                "You return the slope of the curve alone. What the loss says about y, g, must come in: chain rule.",
                "你只返回了曲线的斜率。损失对 y 的梯度 g 也要算进去：这就是链式法则。",
            ),
            edits=(("g * (y * (1.0 - y))", "y * (1.0 - y)"),),
        ),
        Wrong(
            "half-the-slope",
            Text(
                "g * y is half of the matter: the slope has a second factor, which becomes 0 as y comes near to 1. "
                "With yours the gradient is largest where the curve is flat.",
                "g * y 只对了一半：斜率还有一个因子，y 接近 1 时它趋于 0。照你的写法，曲线右端最平，梯度反而最大。",
            ),
            edits=(("g * (y * (1.0 - y))", "g * y"),),
        ),
        Wrong(
            "slope-of-tanh",
            Text(
                "1 - y^2 is the slope of tanh. The sigmoid runs from 0 to 1, and its slope must be 0 at both ends; "
                "yours is 1 where y is 0.",
                "1 - y^2 是 tanh 的斜率。sigmoid 函数的值从 0 到 1，两端的斜率都应趋于 0；你的斜率在 y = 0 处却是 1。",
            ),
            edits=(("g * (y * (1.0 - y))", "g * (1.0 - y * y)"),),
        ),
        Wrong(
            "sigmoid-of-y",
            Text(
                "You compute the sigmoid of y. But y is the result already, not the input.",
                "你对 y 又求了一次 sigmoid。y 已经是结果，不是输入了。",
            ),
            edits=(
                ("    return g * (y * (1.0 - y))", "    s = 1.0 / (1.0 + (-y).exp())\n    return g * (s * (1.0 - s))"),
            ),
        ),
        Wrong(
            "gradient-turned-around",
            Text(
                "Your gradient has the wrong sign: the curve rises everywhere, so x is owed a gradient of the sign "
                "of g.",
                "你的梯度符号反了：曲线处处上升，所以 x 的梯度应当与 g 同号。",
            ),
            edits=(("g * (y * (1.0 - y))", "g * (y * (y - 1.0))"),),
        ),
        Wrong(
            "gradient-in-numpy",
            Text(
                "The numbers are right, but they come as a NumPy array, which does not remember how it was computed. "
                "Calculate with the tensors g and y themselves.",
                "数值是对的，但你返回的是 NumPy 数组，它不记得自己是怎么算出来的。请直接用张量 g 和 y 来计算。",
            ),
            edits=(("g * (y * (1.0 - y))", "g.numpy() * (y.detach().numpy() * (1.0 - y.detach().numpy()))"),),
        ),
    ),
    plug=plug,
    eager=True,
)
