"""Lesson "Back-propagation": a small network walked forward and backward, step by step.

Read it in a browser with `marimo edit course/back_propagation.py`. `python course/back_propagation.py` runs it and
prints what its code finds, without the text.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Back-propagation · 反向传播")


@app.cell(hide_code=True)
def _():
    import numpy as np

    import pellucid as pc
    import pellucid.functional as F
    from pellucid import course
    from pellucid.course import pictures
    from pellucid.course.memory import kept_by, memory_of

    language = course.language_switch()
    language
    return F, course, kept_by, language, memory_of, np, pc, pictures


@app.cell(hide_code=True)
def _(course, language):
    say = course.Voice(language.value)
    return (say,)


@app.cell(hide_code=True)
def _(course):
    formulas = {
        "sum": course.Derivative("a + b", "a", "1"),
        "product": course.Derivative("a * b", "a", "b"),
        "difference": course.Derivative("a - b", "b", "-1"),
        "tanh": course.Derivative("tanh(a)", "a", "1 - y * y", where=(("y", "tanh(a)"),)),
        "chain": course.Derivative(
            "(tanh(w * x + b) - t)**2 / 2",
            "w",
            "(y - t) * (1 - y * y) * x",
            shown="J",
            where=(("y", "tanh(w * x + b)"),),
        ),
        "neuron": course.Equation("k", "(y - t) * (1 - y * y) * x", (("y", 0.66404), ("t", 1), ("x", 1.5))),
        "square": course.Derivative("a * a", "a", "a + a"),
        "difference_quotient": course.Derivative(
            "(tanh(w * x + b) - t)**2 / 2",
            "w",
            "((tanh((w + h) * x + b) - t)**2 / 2 - (tanh((w - h) * x + b) - t)**2 / 2) / (2 * h)",
            shown="J",
            about=(("h", 1e-5),),
        ),
        "left": course.MatrixGradient(
            r"\frac{\partial J}{\partial A} = G\,B^{\mathsf T}",
            of=lambda a, b: a @ b,
            by=0,
            is_=lambda g, a, b: g @ b.mT,
            shapes=((2, 3), (3, 4)),
        ),
        "right": course.MatrixGradient(
            r"\frac{\partial J}{\partial B} = A^{\mathsf T}\,G",
            of=lambda a, b: a @ b,
            by=1,
            is_=lambda g, a, b: a.mT @ g,
            shapes=((2, 3), (3, 4)),
        ),
        "bias": course.MatrixGradient(
            r"\frac{\partial J}{\partial b_j} = \sum_i G_{ij}",
            of=lambda a, b: a + b,
            by=1,
            is_=lambda g, a, b: g.sum(0),
            shapes=((5, 3), (3,)),
        ),
    }
    return (formulas,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
# Back-propagation

*About 90 minutes with the five pieces that you write; everything in it computes in a few seconds, without a network
connection.*

**Why.** To learn, a network must know for each of its weights: if this one grows a little, does the loss grow or fall,
and by how much? That number is the gradient of the loss with respect to this weight. A network has thousands or
millions of weights, and **back-propagation** finds all these numbers in one walk that costs about as much as computing
the loss two or three times. (The *loss* is one number that says how wrong the network is: 0 would be perfect. The
lesson "One neuron" begins there, if neuron, bias and loss are new to you.)

If a book has lost you here before, it was most likely among the indices: layers up, neurons down, sums over both. We do
without them. You need two things: multiplying, and adding; for the pieces that you write also enough Python to have
seen a class and a dict. We take a network so small that a pocket calculator can follow, look at every number in it, and
only at the end put the numbers into matrices.

**After this lesson** you have written a number that remembers where it came from, the walk backward over such
numbers, the gradients of the matrix product and of broadcasting, and the walk that Pellucid's `loss.backward()` takes.
The last three then run inside Pellucid.
""",
        zh="""
# 反向传播

时间：连同要写的五个部件，约 90 分钟；所有计算几秒钟就能完成，不需要联网。

**为什么学它。** 要学习，网络就得知道每个权重的这样一件事：它增加一点点，损失是变大还是变小，变多少？
这个数就是损失对这个权重的梯度。一个网络有成千上万乃至上百万个权重，**反向传播**只走一遍，就把这些数全部求出来，
代价不过相当于把损失计算两三次。（**损失**是一个数，表示网络错得有多厉害，0 就是完全正确。
如果神经元、偏置和损失对你都是生词，请先读“一个神经元”那一课。）

如果以前读到这里时没有看懂，多半是迷失在下标里了：层的编号、神经元的编号，还有对两者的求和。这一课不用它们。
只需要两样本事：乘法和加法；要写部件，还得见过 Python 的类和字典。我们取一个小到用计算器就能跟上的网络，
把里面的每个数都看一遍，到最后才把这些数排成矩阵。

**学完之后**，你会写出：一个记得自己来历的数，在这些数上往回走的算法，矩阵乘法的梯度和广播的梯度，
以及 Pellucid 的 `loss.backward()` 所走的那一趟。后三样会真的装进 Pellucid 里运行。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, formulas, pictures, say):
    course.Column(
        say(
            en="""
## The idea in one picture

Think of the loss as a bill. The result owes 1 to itself. Each operation, when it has received its bill, passes it on to
the numbers that it was made of, and to each it writes a share: **its own bill times its own slope**.

The bill of a number says how much the loss grows when this number grows, per unit. So it is nothing but the
**gradient** of the loss with respect to this number, and the result owes 1 because, when the loss grows by something,
the loss grows by just that. The *slope* of an operation says the same of one step: how much its result grows when one
of its inputs grows, per unit.
""",
            zh="""
## 一幅图看懂

把损失想成一张账单。结果欠自己 1。每个运算收到自己的账单之后，就把它往回转给算出自己的那些数，给每个数开出一份：
**自己的账单乘以自己的斜率**。

一个数的账单说的是：它每增加一个单位，损失增加多少。所以账单就是损失对这个数的**梯度**。结果就是损失，
损失对它自己的斜率是 1，所以结果欠自己 1。运算的**斜率**说的是同样的事，不过只管一步：
它的某个输入每增加一个单位，它的结果增加多少。
""",
        ),
        course.Picture(
            pictures.payment(),
            caption=say(
                en="One product. Blue, from left to right: data. Red, from right to left: the bill g arrives, the "
                "shares "
                "leave.",
                zh="一次乘法。蓝色从左到右：数值；红色从右到左：账单 g 到来，份额付出。",
            ),
            alt=say(
                en="Boxes a = 2 and b = 3 with arrows to a product y = 6; dashed arrows back: g = 5 to the "
                "product, from "
                "it g b = 15 to a and g a = 10 to b.",
                zh="方框 a = 2 和 b = 3，箭头指向乘积 y = 6；虚线箭头往回走：账单 g = 5 来到乘积，"
                "从它那里 g b = 15 付给 a，g a = 10 付给 b。",
            ),
        ),
        say(
            en=f"""
Why *times*? Check it with the numbers of the picture. Somewhere behind the product stands the rest of the network; we
do not see it, only what it asks: the bill 5. Let $a$ grow by 0.001. Then $y$ grows by 0.003, because $b = 3$; and the
loss grows five times as much as $y$, by 0.015. Per unit of $a$ that is $0.015 / 0.001 = 15 = 5 \\cdot 3$.

An operation knows nothing about the rest of the network. It knows only how strongly *its* result follows *its* inputs,
and that is a rule of one line. In front of the brackets, $\\partial / \\partial a$ means "the slope along $a$, of":

{formulas["sum"]}

{formulas["product"]}

{formulas["difference"]}

{formulas["tanh"]}

Read the second line aloud: if $a$ grows a little, $a \\cdot b$ grows $b$ times as much. With $b = 3$ and $a$ growing
from 2 to 2.001, the product grows from 6 to 6.003. (For $b$ in place of $a$, exchange the letters.)

The third line is the slope along $b$; along $a$ a difference has the slope 1, like a sum. In the fourth, $y$ is short
for the result, $\\tanh(a)$. The function tanh squeezes every number into the range from −1 to 1: steep around 0, flat
far out. Its rule may be taken on trust, or checked on the calculator: $\\tanh(0.8) = 0.66404$ and
$\\tanh(0.801) = 0.66460$, so it grows by 0.56 per unit; and $1 - 0.66404^2 = 0.56$. To halve a number is to multiply it
by 0.5, so its slope is 0.5.

These four lines are all the calculus of this lesson.

## Numbers first: one neuron

One input, one weight, one bias, the activation function tanh, and half the squared error as the loss. Written so that
**each line does one operation**, it is a program of six lines. Step through it. Forward, each box fills with its
*data*. Then, backward, each box gets its *grad*, its bill: how much $J$ grows when this number grows by a little, per
unit. Books write $\\partial J / \\partial w$ for what the code calls `w.grad`. Three things to know while you step:
numbers are shown with four digits but computed with all of them; `x` and `t` get no bill, because they are data that
nobody will change; and what "kept" means is told further down.
""",
            zh=f"""
为什么是**乘**？用图里的数验算一下。乘积后面还有网络的其余部分，我们看不见，只看见它开来的账单：5。让 $a$ 增加 0.001，
因为 $b = 3$，$y$ 就增加 0.003；损失的增加是 $y$ 的五倍，也就是 0.015。折合到 $a$ 的每个单位，
就是 $0.015 / 0.001 = 15 = 5 \\cdot 3$。

运算对网络的其余部分一无所知，它只知道**自己的**结果随**自己的**输入变得有多快，而这只是一行规则。
方括号前面的 $\\partial / \\partial a$ 读作“对 $a$ 的斜率”：

{formulas["sum"]}

{formulas["product"]}

{formulas["difference"]}

{formulas["tanh"]}

把第二行念出来：$a$ 增加一点点，$a \\cdot b$ 的增加是它的 $b$ 倍。设 $b = 3$，$a$ 从 2 增加到 2.001，
乘积就从 6 增加到 6.003。（对 $b$ 求导时，把两个字母对调即可。）

第三行是减法对 $b$ 的斜率；对 $a$ 的斜率和加法一样，是 1。第四行里的 $y$ 就是结果 $\\tanh(a)$。
tanh 这个函数把任何数都压到 −1 和 1 之间：0 附近陡，远处平。它的规则可以先承认，也可以用计算器验算：
$\\tanh(0.8) = 0.66404$，$\\tanh(0.801) = 0.66460$，每个单位增加 0.56；而 $1 - 0.66404^2 = 0.56$。
除以 2 就是乘以 0.5，所以斜率是 0.5。

这一课要用的微积分，就只有这四行。

## 先看数字：一个神经元

一个输入、一个权重、一个偏置，激活函数用 tanh（双曲正切），损失取误差平方的一半。写成**每行只做一个运算**，
就是一个六行的程序。请一步一步走。前向计算时，每个方框填上自己的数值（data）；然后反向计算，
每个方框得到自己的梯度（grad）：这个数增加一点点时，$J$ 的增加是它的多少倍。
""",
        ),
    )
    return


@app.cell
def _(course, language):
    NEURON = """
    p = w * x
    z = p + b
    y = tanh(z)
    e = y - t
    q = e * e
    J = q / 2
    """
    neuron = {"w": 0.8, "x": 1.5, "b": -0.4, "t": 1.0}
    neuron_stepper = course.Stepper(NEURON, neuron, parameters=["w", "b"], lang=language.value)
    neuron_stepper
    return (neuron_stepper,)


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
**What you have seen.** Between $J$ and $w$ lies one path, and along it the slopes are multiplied: that is the **chain
rule**. Written as one formula it looks as in the books. With the numbers, and $k$ for the result, it gives what stands
in the box of `w`:

{formulas["chain"]}

{formulas["neuron"]}

Read it as the walk, from left to right: $y - t$ is the bill of `y`; times the slope of tanh, it is the bill of `z`,
which `p` gets unchanged; times $x$, the slope of the product, it is the bill of `w`.

The formula had to be found by a person, for this network. The walk needed only the four rules, and would work for any
other network as well. That is the whole reason for back-propagation.

**Two payments to one box.** At `q = e * e` the number $e$ is used twice, so it is paid twice, and the payments are
**added**: $0.5\\,e + 0.5\\,e$, where 0.5 is the bill of `q`. If the second had overwritten the first (`=` in place of
`+=`), the gradient would be half of what it should be:

{formulas["square"]}

That is the most common mistake when people write this by hand, and nothing crashes: the network just learns badly.
""",
        zh=f"""
**刚才看到了什么。** 从 $J$ 到 $w$ 只有一条路，沿路把斜率连乘起来：这就是**链式法则**。写成一个公式，
就是书上的样子；代入数字，把结果记作 $k$，正是方框 `w` 里的那个数：

{formulas["chain"]}

{formulas["neuron"]}

从左往右读，正是往回走的那一趟：$y - t$ 是 `y` 的账单；乘以 tanh 的斜率，是 `z` 的账单，`p` 原样得到它；
再乘以乘法的斜率 $x$，就是 `w` 的账单。

这个公式要由人专门为这个网络推导出来。而那一趟往回走只用到四条规则，换成任何别的网络也照样能走。反向传播的意义就在这里。

**同一个方框收到两份。** 在 `q = e * e` 里 $e$ 用了两次，所以收到两份，两份要**相加**：$0.5\\,e + 0.5\\,e$，
其中 0.5 是 `q` 的账单。如果后一份把前一份覆盖掉（把 `+=` 写成了 `=`），梯度就只剩应有的一半：

{formulas["square"]}

自己动手写的时候，这是最常见的错误。程序并不会崩溃，只是网络怎么也学不好。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(
            en="**Question 1.** $c = a \\cdot b$ with $a = 2$ and $b = -3$. The gradient of $J$ with respect to "
            "$c$ is 5. "
            "What is the gradient with respect to $a$?",
            zh="**问题 1。** $c = a \\cdot b$，其中 $a = 2$，$b = -3$。$J$ 对 $c$ 的梯度是 5。$J$ 对 $a$ "
            "的梯度是多少？",
        ),
        -15,
        hint=say(
            en="Its own bill times its own slope. The slope along a is the other factor.",
            zh="自己的账单乘以自己的斜率。沿 a 的斜率是另一个因子。",
        ),
        because=say(
            en="5 · (−3) = −15. The own value of $a$ does not matter, only that of the other factor.",
            zh="5 · (−3) = −15。与 $a$ 自己的值无关，只用到另一个因子的值。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.FormulaQuestion(
        say(
            en="**Question 2.** In the network above, write the derivative of $J$ with respect to the input $x$, with "
            "the letters `y`, `t`, `w`.",
            zh="**问题 2。** 在上面的网络里，用字母 `y`、`t`、`w` 写出 $J$ 对输入 $x$ 的导数。",
        ),
        "(y - t) * (1 - y * y) * w",
        {"y": (-0.95, 0.95), "t": (-1, 1), "w": (-2, 2)},
        hint=say(
            en="Follow the path from J to x. It differs from the path to w in its last step only.",
            zh="沿着从 J 到 x 的路走。它与到 w 的路只差最后一步。",
        ),
        because=say(
            en="The last step is `p = w * x`, and along $x$ its slope is $w$. Nobody wants to change the input; but if "
            "$x$ were the output of an earlier layer, this would be the bill that this layer gets.",
            zh="最后一步是 `p = w * x`，沿 $x$ 的斜率是 $w$。输入当然不需要改；但如果 $x$ 是前一层的输出，"
            "这就是前一层收到的账单。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## A network: two inputs, two hidden neurons, one output

Nothing new happens now, there is only more of it. Two neurons with tanh read the same two inputs; a third, without
activation function, reads those two. There are 9 parameters (boxes with round ends), 3 numbers of data (dotted)
and 17 operations: 17 forward steps, then the walk backward. **Take a pocket calculator for at least one box of each
kind.** Watch the moment at which a box turns from blue to red: that is when the last of its users has paid.

**Try it.** The numbers of the network stand in the next cell. In `marimo edit` change one of them, say `w22` to 0.4,
run the cell with Ctrl+Enter, and look which gradients have changed. The stepper follows, whatever you write there.
""",
        zh="""
## 一个网络：两个输入，两个隐藏神经元，一个输出

接下来没有新东西，只是多一些。两个用 tanh 的神经元读同样的两个输入；第三个神经元没有激活函数，读前两个的输出。
共有 9 个参数（两头圆的方框）、3 个数据（点线方框）、17 个运算。先是 17 步前向计算，然后往回走。
**每一种方框，请至少拿计算器验算一个。** 留意方框由蓝变红的那一刻：那时，用到它的节点都已付清。

**试一试。** 网络里的数写在下一格。在 `marimo edit` 里改动其中一个，比如把 `w22` 改成 0.4，按 Ctrl+Enter 运行这一格，
看看哪些梯度变了。不管改成什么，逐步演示都会跟着变。
""",
    )
    return


@app.cell
def _(course, language):
    NETWORK = """
    p1 = w11 * x1
    p2 = w12 * x2
    s1 = p1 + p2
    z1 = s1 + b1
    h1 = tanh(z1)
    q1 = w21 * x1
    q2 = w22 * x2
    s2 = q1 + q2
    z2 = s2 + b2
    h2 = tanh(z2)
    r1 = v1 * h1
    r2 = v2 * h2
    s3 = r1 + r2
    y = s3 + c
    e = y - t
    q = e * e
    J = q / 2
    """
    data = {"x1": 1.0, "x2": -2.0, "t": 1.0}
    weights = {"w11": 0.5, "w12": 0.1, "b1": 0.2, "w21": -0.3, "w22": -0.4, "b2": -0.1, "v1": 0.8, "v2": -0.5, "c": 0.1}
    network_stepper = course.Stepper(NETWORK, {**weights, **data}, parameters=list(weights), lang=language.value)
    network_stepper
    return data, network_stepper, weights


@app.cell(hide_code=True)
def _(course, say):
    course.ChoiceQuestion(
        say(
            en="**Question 3.** In the last picture `w11.grad` is negative. The network shall have a smaller loss. "
            "What "
            "should happen to `w11`?",
            zh="**问题 3。** 在最后的图里，`w11.grad` 是负的。想让网络的损失变小，`w11` 应该怎样变？",
        ),
        [
            course.Choice(
                say(en="It should grow a little.", zh="增加一点。"),
                say(
                    en="A negative gradient: if the weight grows, the loss falls.", zh="梯度为负：权重增加，损失减小。"
                ),
            ),
            course.Choice(
                say(en="It should shrink a little.", zh="减少一点。"),
                say(en="Then the loss would grow, see the sign.", zh="那样损失反而变大，看看符号。"),
            ),
            course.Choice(
                say(en="It is right as it is.", zh="不用变。"),
                say(en="Only a gradient of 0 would say so.", zh="只有梯度为 0 才是这个意思。"),
            ),
        ],
        0,
        because=say(
            en="`w11 -= rate * w11.grad` does it: subtracting something negative makes it larger. All 9 parameters are "
            "changed in this way, each by its own gradient, after the walk is over.",
            zh="`w11 -= rate * w11.grad` 正是这样：减去一个负数，它就变大了。走完之后，9 "
            "个参数都这样各按自己的梯度改变。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## In which order? A diamond

In which order may the boxes pay? Take a program of three lines in which one number is used twice, by two *different*
lines:

```python
b = a * p
c = a + b
d = b * c
```

With $a = 2$ and $p = 3$ it gives $b = 6$, $c = 8$, $d = 48$. `b` is used by `c` and by `d`. So `b` gets two payments,
and only when both have arrived does it know its own bill. Suppose that `b` is impatient, and pays as soon as `d` has
paid. The next cell does that and compares.
""",
        zh="""
## 按什么次序？一个菱形

这些方框可以按什么次序付账？看一个三行的程序，其中有一个数被**不同的**两行用到：

```python
b = a * p
c = a + b
d = b * c
```

取 $a = 2$，$p = 3$，得 $b = 6$，$c = 8$，$d = 48$。`b` 被 `c` 和 `d` 用到，所以会收到两份，两份都到了，
它才知道自己的账单是多少。假如 `b` 性子急，`d` 一付，它就接着往回付，会怎样？下一格就这样做，并且与正确的结果比较。
""",
    )
    return


@app.cell
def _(course):
    a, p = 2.0, 3.0
    b = a * p
    c = a + b

    def pay(order):
        grad = {"a": 0.0, "p": 0.0, "b": 0.0, "c": 0.0, "d": 1.0}
        for name in order:
            if name == "d":
                grad["b"] += grad["d"] * c
                grad["c"] += grad["d"] * b
            elif name == "c":
                grad["a"] += grad["c"]
                grad["b"] += grad["c"]
            elif name == "b":
                grad["a"] += grad["b"] * p
                grad["p"] += grad["b"] * a
        return grad

    impatient = pay(["d", "b", "c"])
    patient = pay(["d", "c", "b"])
    course.Printed(f"impatient: {impatient}", f"patient:   {patient}")
    return impatient, patient


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
The impatient walk gives `a` 30 in place of 48, and `p` 16 in place of 28: when `b` paid, its bill stood at 8 (the slope
of `d` along `b` is $c$), and the 6 from `c` came too late: 3 times 6 is missing in `a`, 2 times 6 in `p`. `b` itself
shows 14 both times, so there the mistake leaves no trace. Step through the patient one. A box with a dashed border has
part of its gradient, and waits.
""",
        zh="""
性急的走法给 `a` 的是 30 而不是 48，给 `p` 的是 16 而不是 28：`b` 付账的时候，
自己的账单上只有 8（`d` 对 `b` 的斜率是 $c$），`c` 那里的 6 来晚了：`a` 少了 3 乘 6，`p` 少了 2 乘 6。
而 `b` 自己两次都是 14，从它身上看不出错。再一步一步看看耐心的走法。虚线边框的方框，梯度还不完整，正在等待。
""",
    )
    return


@app.cell
def _(course, language):
    diamond_stepper = course.Stepper(
        """
        b = a * p
        c = a + b
        d = b * c
        """,
        {"a": 2.0, "p": 3.0},
        parameters=["a", "p"],
        lang=language.value,
    )
    diamond_stepper
    return (diamond_stepper,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
**The rule:** a box pays when all who use it have paid. Lists like this have a name: an order in which every number
comes *after* those it was made of is a **topological order** of the graph; read from its end, it is an order in which
to pay. There are two ways to find one, and you will write both:

- **First make a list, then walk it.** Begin at the result. Before you write a number down, first write down
  everything it was made of (and before those, what *they* were made of), each only once. In this list every number
  comes after its inputs. Read from the end, every number comes before its inputs: that is the order in which to pay.
  For the diamond the list is `a, p, b, c, d`, and the order of payment `d, c, b, p, a`.
- **Count, then wait.** Go through the graph once and count for every number how often it is used. Keep a pile of those
  that need not wait for anybody: at first only the result. Take one from it, let it pay, and take 1 from the count of
  each number that it has paid; a number whose count comes to 0 joins the pile. For the diamond the counts are
  `b: 2, c: 1, a: 2, p: 1`.

The second way is what Pellucid does. Why not the shortest program, "pay, and let the inputs pay at once"? That is just
the impatient walk. And why not the list? A function that calls itself for the inputs makes it in a few lines, and in
your piece `backward` you may write it so. But Python gives up when about 1,000 calls stand inside one another, and a
network that applies the same layer 1,000 times, one after the other, is deeper than that. Counting has no such limit.
""",
        zh="""
**规则**：一个方框，要等用到它的方框全都付了，自己才付。把每个数都排在算出它的那些数**后面**，叫作计算图的**拓扑排序**；
从末尾往前读，就是付账的次序。有两种办法得到它，两种你都会写：

- **先列清单，再照单走。** 从结果开始。写下一个数之前，先写下算出它的那些数（在这之前又先写下算出**那些数**的数），
  每个只写一次。这样列出的清单里，每个数都排在自己的输入后面。从末尾往前读，每个数就排在自己的输入前面：
  这就是付账的次序。菱形的清单是 `a, p, b, c, d`，付账的次序是 `d, c, b, p, a`。
- **先数数，再等。** 把图走一遍，数清楚每个数被用到几次。把不必再等任何人的放成一堆，起初只有结果。
  每次从堆里取一个让它付账，收到付款的各减一次；减到 0 的，就放进这一堆。菱形的次数是 `b: 2, c: 1, a: 2, p: 1`。

Pellucid 用的是第二种。为什么不用最短的写法，“付了账就让输入马上接着付”？那正是性急的走法。
为什么不列清单呢？让一个函数对每个输入调用自己（递归），几行就能列出来，部件 `backward` 里可以这样写。
但 Python 的递归到 1000 层左右就会报错，而把同一层接连用上 1000 次的网络比这还深。数次数则没有这个限制。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.ChoiceQuestion(
        say(
            en="**Question 4.** `u = x * x`, `v = tanh(u)`, `w = x + v`, `J = w * u`. Who pays right after `J`?",
            zh="**问题 4。** `u = x * x`，`v = tanh(u)`，`w = x + v`，`J = w * u`。`J` 之后紧接着该谁付？",
        ),
        [
            course.Choice(
                say(en="`u`", zh="`u`"),
                say(
                    en="`u` is used by `v` as well, and `v` has not paid yet.", zh="`u` 还被 `v` 用到，而 `v` 还没付。"
                ),
            ),
            course.Choice(
                say(en="`v`", zh="`v`"),
                say(
                    en="`v` has not been paid by `w` yet, its bill is still 0.", zh="`w` 还没付给 `v`，它的账单还是 0。"
                ),
            ),
            course.Choice(
                say(en="`w`", zh="`w`"),
                say(en="Only `J` uses `w`, and `J` has paid.", zh="用到 `w` 的只有 `J`，而 `J` 已经付了。"),
            ),
        ],
        2,
        because=say(
            en="The order is `J, w, v, u, x`. Here it is the only one.",
            zh="次序是 `J, w, v, u, x`，这里只有这一种。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Your pieces: `value` and `backward`

```sh
pellucid workshop start my-workshop     # once
cd my-workshop
pellucid workshop check value
pellucid workshop check backward
```

**value** is the box of the pictures as a class. `data` and `grad` you know; `children` are the boxes it was made of.
Each operation makes a new box and gives it a function `_backward` that pays the children. As an example here is one
that is *not* asked of you, the exponential function, whose slope is its own result:

```python
def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def backward():
        self.grad += out.data * out.grad  # its own slope times its own bill

    out._backward = backward
    return out
```

The function is made now and called later. It remembers `self` and `out`: that is what Python calls a closure, and it is
all the bookkeeping there is. Note the `+=`.

When Python meets `a + b`, it calls `a.__add__(b)`, and for `a * b` it calls `a.__mul__(b)`: that is why the methods
have these names. Three things more. A plain number beside a box, as in `a + 1.0`, becomes a box without children. If
the number stands on the *left*, it has no method that knows boxes, so Python asks the box on the right, by another
name: for `2.0 - a` it calls `a.__rsub__(2.0)`, with r for right, and sum and product have such names too. And a box
that was not computed, like `Value(2.0)`, has a `_backward` as well, which does nothing; in `a + a` both children are
the same box.

**backward** is two functions. `topological_order` makes the list of the first way above. `backward` sets the `grad` of
every box in the list to 0 and that of the result to 1, and then goes through the list from its end and calls each
`_backward`. Boxes are told apart by `is` or `id`, not by their numbers: two boxes may both hold a 3.
""",
        zh="""
### 你的部件：`value` 和 `backward`

```sh
pellucid workshop start my-workshop     # 只需一次
cd my-workshop
pellucid workshop check value
pellucid workshop check backward
```

**value** 就是图里的方框，写成一个类。`data` 和 `grad` 你已经认识了；`children` 是算出它的那些方框。
每个运算造一个新方框，并且给它一个函数 `_backward`，负责付给 children。举个例子，下面是指数函数，它**不**在要求之列，
斜率就是它自己的结果：

```python
def exp(self):
    out = Value(math.exp(self.data), (self,), "exp")

    def backward():
        self.grad += out.data * out.grad  # 自己的斜率乘以自己的账单

    out._backward = backward
    return out
```

这个函数现在造好，以后才调用。它记得 `self` 和 `out`，在 Python 里这叫闭包；全部的记账就靠它。请注意 `+=`。

Python 遇到 `a + b`，调用的是 `a.__add__(b)`；遇到 `a * b`，调用的是 `a.__mul__(b)`：这些方法的名字就是这样来的。
还有三件事。方框旁边是一个普通的数，比如 `a + 1.0`，这个数就变成没有 children 的方框。如果数在**左边**，
它自己没有认得方框的方法，Python 就去找右边的方框，用的是另一个名字：`2.0 - a` 调用 `a.__rsub__(2.0)`
（r 表示 right，即右边），加法和乘法也各有这样的名字。不是算出来的方框，例如 `Value(2.0)`，也有 `_backward`，
只是什么也不做；在 `a + a` 里，两个 children 是同一个方框。

**backward** 有两个函数。`topological_order` 按上面的第一种办法列出清单。`backward` 先把清单里每个方框的 `grad` 设为 0，
结果的设为 1，然后从清单末尾往前走，逐个调用 `_backward`。区分方框要用 `is` 或 `id`，不能看数值：两个方框可能都装着 3。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, kept_by, network_stepper, say):
    kept_rows = kept_by(network_stepper.recording)
    kept_numbers = sorted({name for row in kept_rows for name in row.kept})
    course.Column(
        say(
            en="""
## Where the forward values are kept, and why

Look once more at the rules. A product pays each factor *the other factor* times its bill. So the values of both must
still be there when the walk comes back, long after the forward pass has gone on. tanh needs its own result. A sum
needs no value at all. So each operation keeps just what its rule will read, and everything else may be forgotten at
once. In Pellucid each operation says so in two attributes of its class, `reads_inputs` and `reads_output`. This is what
the engine really kept for the network above:
""",
            zh="""
## 前向计算的值存在哪里，为什么要存

再看一遍那些规则。乘法付给每个因子的，是**另一个因子**乘以账单。所以当我们往回走到这里时，两个因子的值必须还在，
尽管前向计算早已往前走了。tanh 需要的是自己的结果。加法什么值都不需要。所以每个运算只保留自己的规则要读的东西，
其余的马上就可以忘掉。在 Pellucid 里，每个运算用类的两个属性说明这一点：`reads_inputs` 和 `reads_output`。
下面是引擎为上面那个网络真正保留的东西：
""",
        ),
        course.Table(
            [
                say(en="line", zh="程序行"),
                say(en="operation", zh="运算"),
                "reads_inputs",
                "reads_output",
                say(en="numbers kept", zh="保留的数"),
            ],
            [[row.line, row.op, row.reads_inputs, row.reads_output, ", ".join(row.kept) or "–"] for row in kept_rows],
            say(
                en=f"Read from the engine's record. Kept are {len(kept_numbers)} different numbers: "
                f"{', '.join(kept_numbers)}.",
                zh=f"读自引擎的记录。一共保留了 {len(kept_numbers)} 个不同的数：{'、'.join(kept_numbers)}。",
            ),
        ),
        say(
            en="""
The last row keeps more than you would expect: halving needs nothing. But Pellucid's rule for a quotient is written for
any divisor, and the slope along the divisor reads these numbers.

This is why training needs more memory than using a network: without a walk backward nothing has to be kept. Now the
same for layers of real size: 128 pictures of 784 pixels, 512 hidden neurons, 10 classes. (The loss for ten classes,
`cross_entropy`, is explained in the next lesson; here only what it keeps matters.)
""",
            zh="""
最后一行保留得比你想的多：除以 2 本来什么都不需要。不过 Pellucid 的除法规则对任何除数都适用，对除数的斜率要读这几个数。

训练比使用网络更费内存，原因就在这里：如果不往回走，什么都不用保留。再看看真实的大小：
128 张 784 个像素的图片，512 个隐藏神经元，10 个类别。（十个类别用的损失 `cross_entropy` 下一课再讲，
这里只看它保留了什么。）
""",
        ),
    )
    return (kept_numbers,)


@app.cell
def _(F, course, memory_of, np, pc):
    rng = np.random.default_rng(0)
    images = pc.tensor(rng.normal(size=(128, 784)).astype("float32"))
    labels = pc.tensor(rng.integers(0, 10, 128))
    W1 = pc.tensor(rng.normal(size=(512, 784)).astype("float32") * 0.03, requires_grad=True)
    b1 = pc.zeros(512, requires_grad=True)
    W2 = pc.tensor(rng.normal(size=(10, 512)).astype("float32") * 0.05, requires_grad=True)
    b2 = pc.zeros(10, requires_grad=True)

    hidden = (images @ W1.mT + b1).tanh()
    big_loss = F.cross_entropy(hidden @ W2.mT + b2, labels)

    kept_memory = [kept for kept in memory_of(big_loss) if kept.array.nbytes >= 1000]
    course.Printed(*kept_memory)
    return (kept_memory,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
The weights and the pictures are there anyway; they are only pointed at. What the record adds is the result of tanh,
128 · 512 numbers of 4 bytes, and two small arrays of the loss, 128 · 10 numbers each. When the walk has left an
operation, what it kept is freed, so a second `backward()` over the same graph is an error that says so. If you change a
weight between forward and backward, the kept value would be wrong; Pellucid notices (`StaleValueError`).
""",
        zh="""
权重和图片本来就在内存里，记录只是引用它们。真正多出来的，是 tanh 的结果（128 · 512 个数，每个 4 字节），
以及损失里的两个小数组（各 128 · 10 个数）。
走过一个运算之后，它保留的东西就释放了，所以在同一张图上第二次调用 `backward()` 会报错，并说明原因。
如果在前向计算与反向计算之间改了权重，保留的值就不对了；Pellucid 会发现（`StaleValueError`）。
""",
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## The same without any rule: numerical differences

How do you know that a gradient is right? Take the definition: change one weight by a little, up and down, compute the
loss twice, and divide.

{formulas["difference_quotient"]}

The error is of the order of $h^2$. This needs no rule, no graph and no order, and cannot be misunderstood. It is how
every gradient in Pellucid's tests is checked: a **gradient check**. Here for all nine parameters of the network,
with $h = 0.00001$:
""",
        zh=f"""
## 不用任何规则，再算一遍：有限差分

怎么知道梯度算对了？回到定义：把一个权重改动一点点，往上一次，往下一次，把损失算两遍，再相除。

{formulas["difference_quotient"]}

误差的量级是 $h^2$。它不需要规则，不需要图，也不用管次序，绝不会弄错。
Pellucid 的测试就是这样检查每一个梯度的，叫作**梯度检验**。下面对网络的全部九个参数各做一遍，取 $h = 0.00001$：
""",
    )
    return


@app.cell
def _(course, data, network_stepper, np, weights):
    losses = []

    def network_loss(x1, x2, t, w11, w12, b1, w21, w22, b2, v1, v2, c):
        h1 = np.tanh(w11 * x1 + w12 * x2 + b1)
        h2 = np.tanh(w21 * x1 + w22 * x2 + b2)
        losses.append((v1 * h1 + v2 * h2 + c - t) ** 2 / 2)
        return losses[-1]

    h = 1e-5
    backward = network_stepper.steps[-1].gradients
    agreement = []
    for name, value in weights.items():
        up = network_loss(**data, **{**weights, name: value + h})
        down = network_loss(**data, **{**weights, name: value - h})
        agreement.append((name, backward[name], (up - down) / (2 * h)))

    course.Printed(
        "          walk back   differences   apart by",
        *[f"{name:<6} {one:12.8f}  {two:12.8f}   {abs(one - two):.0e}" for name, one, two in agreement],
        f"The loss was computed {len(losses)} times. The walk back needs it once.",
    )
    return agreement, losses


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
They agree. So why not always do it like this? Because of the last line: two computations of the loss for **each**
parameter. The layers above have 784 · 512 + 512 + 512 · 10 + 10 = 407,050 parameters. That is 814,100 computations of
the loss for one single step of learning, where the walk back costs about as much as two. And the differences are less
exact: make $h$ smaller, and the rounding of the computer takes over: `up` and `down` then agree in nearly all of their
digits, and few are left of their difference.
""",
        zh="""
两者一致。那为什么不一直这样算？原因在最后一行：**每个**参数都要把损失算两遍。
上面那两层有 784 · 512 + 512 + 512 · 10 + 10 = 407,050 个参数，学习的每一步就要把损失算 814,100 遍，
而往回走一趟的代价大约只相当于两遍。而且差分不够精确：$h$ 取得更小，计算机的舍入误差就占了上风，
因为 `up` 和 `down` 几乎每一位都相同，相减之后剩不下几位。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(
            en="**Question 5.** A network has 1,000 parameters. How many times must the loss be computed for all "
            "gradients by differences (up and down)?",
            zh="**问题 5。** 一个网络有 1000 个参数。用有限差分（上下各一次）求全部梯度，要把损失计算多少次？",
        ),
        2000,
        tolerance=0.5,
        because=say(
            en="Two for each parameter. For the walk back the number of parameters does not matter in this way: it "
            "visits each operation once.",
            zh="每个参数两次。往回走则不同：不管参数有多少，每个运算只经过一次。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## From numbers to matrices

Each of the 512 neurons above multiplies and adds 784 numbers, for each of 128 samples: 512 · 784 · 2 · 128 is some
hundred million boxes. So we let one box hold a whole matrix, and one operation be a whole product of matrices. The walk
does not change at all. Only two rules are new. Here, and only here, we need indices: $A_{{ik}}$ is the number in row
$i$ and column $k$ of $A$.

**The matrix product**, $Y = A B$. Look at one number of it: $Y_{{ij}}$ is the sum over $k$ of $A_{{ik}} B_{{kj}}$.
So $A_{{ik}}$ is a factor in a product, and its share is the bill of $Y_{{ij}}$ times the other factor $B_{{kj}}$. It
is used for *every* $j$, so the shares add up: sum over $j$ of $G_{{ij}} B_{{kj}}$, where $G$ holds the bills of $Y$.
That sum is again a matrix product, in which the columns of $B$ have become rows. This is what the small T says
(*transposed*; in code `B.mT`):

{formulas["left"]}

For $B_{{kj}}$ it is the same with the roles exchanged: its partner is $A_{{ik}}$, it is used for every row $i$, so the
sum runs over $i$:

{formulas["right"]}

With numbers: $A = [2, 3]$ (one row), $B$ a column of 5 and 7, so $Y = 2 · 5 + 3 · 7 = 31$. If the bill of $Y$ is 10,
then the 2 gets 10 · 5 = 50, the 3 gets 10 · 7 = 70; the 5 gets 10 · 2 = 20, the 7 gets 10 · 3 = 30. Every factor
gets the bill times its partner, as before.

**A help for the memory: shapes.** The gradient of $A$ has the shape of $A$. With $A$ (2, 3), $B$ (3, 4), $G$ (2, 4),
there is only one way to make (2, 3) from $G$ and $B$: (2, 4) times (4, 3).

**Broadcasting.** The bias $b$ has 3 numbers, and is added to each of 5 rows. So each of its numbers is used 5 times,
and gets 5 payments, which are added up. Repeating forward is summing backward:

{formulas["bias"]}

With numbers: if $G$ has the rows [1, 2] and [10, 20], a bias that was repeated for both rows gets [11, 22]; a column
that was repeated for both columns gets [3, 30] as a column; a single number that was repeated everywhere gets 33. In
general: sum over each axis that was added in front (a bias of shape (3,) beside (5, 3)) or stretched from length 1 (a
column of shape (5, 1)), and let the result have the shape of the one that was small.
""",
        zh=f"""
## 从数到矩阵

上面的 512 个神经元，每个都要把 784 个数相乘、相加，128 个样本各来一遍：512 · 784 · 2 · 128，会是上亿个方框。
所以让一个方框装下整个矩阵，让一个运算就是整个矩阵乘法。往回走的算法一点也不变，只多了两条规则。这里要用到下标，
也只有这里用：$A_{{ik}}$ 是 $A$ 第 $i$ 行第 $k$ 列的数。

**矩阵乘法**，$Y = A B$。看其中一个数：$Y_{{ij}}$ 是 $A_{{ik}} B_{{kj}}$ 对 $k$ 求和。$A_{{ik}}$ 是乘积里的一个因子，
所以它分到的一份是 $Y_{{ij}}$ 的账单乘以另一个因子 $B_{{kj}}$。而**每一个** $j$ 都用到它，各份要相加：
$G_{{ij}} B_{{kj}}$ 对 $j$ 求和，其中 $G$ 装着 $Y$ 的账单。这个和又是一个矩阵乘法，只是 $B$ 的列变成了行。
右上角的小 T 说的就是这件事（**转置**，代码里写 `B.mT`）：

{formulas["left"]}

对 $B_{{kj}}$ 也一样，只是角色对调：它的搭档是 $A_{{ik}}$，每一行 $i$ 都用到它，所以对 $i$ 求和：

{formulas["right"]}

用数字来看：$A = [2, 3]$（一行），$B$ 是 5 和 7 组成的一列，于是 $Y = 2 · 5 + 3 · 7 = 31$。设 $Y$ 的账单是 10，
那么 2 得到 10 · 5 = 50，3 得到 10 · 7 = 70；5 得到 10 · 2 = 20，7 得到 10 · 3 = 30。
和先前一样，每个因子得到的都是账单乘以它的搭档。

**看形状，好记。** $A$ 的梯度，形状与 $A$ 相同。设 $A$ 是 (2, 3)，$B$ 是 (3, 4)，$G$ 是 (2, 4)，
要用 $G$ 和 $B$ 凑出 (2, 3)，只有一种办法：(2, 4) 乘 (4, 3)。

**广播。** 偏置 $b$ 有 3 个数，加到 5 行中的每一行上。它的每个数都用了 5 次，收到 5 份，要加起来。
前向时重复，反向时就求和：

{formulas["bias"]}

用数字来看：设 $G$ 的两行是 [1, 2] 和 [10, 20]。重复到两行的偏置得到 [11, 22]；重复到两列的一列，
得到由 3、30 组成的一列；重复到所有位置的单个数得到 33。一般地：凡是在前面补上的轴（偏置的形状是 (3,)，
旁边是 (5, 3)）和由长度 1 拉长的轴（一列的形状是 (5, 1)），都沿着它求和，并让结果的形状与原来小的那个相同。
""",
    )
    return


@app.cell
def _(course, pc):
    A = pc.tensor([[2.0, 3.0]], requires_grad=True)
    B = pc.tensor([[5.0], [7.0]], requires_grad=True)
    (A @ B).backward(pc.tensor([[10.0]]))

    bias = pc.tensor([0.0, 0.0], requires_grad=True)
    G = pc.tensor([[1.0, 2.0], [10.0, 20.0]])
    (pc.zeros(2, 2) + bias).backward(G)
    course.Printed(f"A.grad = {A.grad.tolist()}, B.grad = {B.grad.tolist()}", f"bias.grad = {bias.grad.tolist()}")
    return A, B, bias


@app.cell(hide_code=True)
def _(course, say):
    course.Guess(
        say(
            en="**Predict before you look.** A weight matrix (10, 512) is used for a batch of 128 samples, so the "
            "product is (128, 10). How does its gradient change if the batch is put in twice (256 rows, each sample "
            "two times), and the loss is the *sum* over the rows?",
            zh="**先猜，再看。** 一个 (10, 512) 的权重矩阵用于 128 个样本的小批量，乘积的形状是 (128, 10)。"
            "如果把这一批放进去两次（256 行，每个样本出现两遍），而损失是各行**之和**，它的梯度怎样变？",
        ),
        [
            course.Choice(
                say(en="It stays the same.", zh="不变。"),
                say(en="It would, if the loss were the mean.", zh="如果损失取平均，就是这样。"),
            ),
            course.Choice(
                say(en="It doubles.", zh="变成两倍。"),
                say(en="Yes: the product sums over the rows.", zh="对：乘积沿着行求和。"),
            ),
            course.Choice(
                say(en="Its shape becomes (20, 512).", zh="形状变成 (20, 512)。"),
                say(
                    en="A gradient always has the shape of what it belongs to.", zh="梯度的形状总与它所属的那个量相同。"
                ),
            ),
        ],
        1,
        because=say(
            en="The number of samples is the axis over which the product for the gradient sums. Each sample pays its "
            "share, and twice the samples pay twice. That is why losses usually take the mean.",
            zh="求梯度的那个乘积，正是沿样本这个轴求和的。每个样本付一份，样本多一倍，付的就多一倍。"
            "所以损失通常取平均。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
**All of it together.** The lesson "One neuron" left a question open: two layers can say XOR, but how do they find the
weights? Like this. Three hidden neurons, four samples at once, and one gradient for each number in two matrices and two
biases. (The weights stand here as (inputs, outputs), so the product needs no `.mT`.)
""",
        zh="""
**合在一起。** “一个神经元”那一课留下了一个问题：两层能表达 XOR，可是权重从哪里来？就这样来。三个隐藏神经元，
四个样本一起算，两个矩阵和两个偏置里的每个数各有一个梯度。（这里权重的形状是（输入，输出），所以相乘时不用 `.mT`。）
""",
    )
    return


@app.cell
def _(course, np, pc):
    X = pc.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    T = pc.tensor([[0.0], [1.0], [1.0], [0.0]])
    draw = np.random.default_rng(1)
    V1, c1 = draw.normal(size=(2, 3)).astype("float32"), np.zeros(3, "float32")
    V2, c2 = draw.normal(size=(3, 1)).astype("float32"), np.zeros(1, "float32")
    xor_parameters = [pc.tensor(each, requires_grad=True) for each in (V1, c1, V2, c2)]

    xor_losses = []
    for _ in range(300):
        v1, bias1, v2, bias2 = xor_parameters
        guess = (X @ v1 + bias1).tanh() @ v2 + bias2  # (4, 2) @ (2, 3), then (4, 3) @ (3, 1)
        xor_loss = ((guess - T) ** 2).sum() / 2
        xor_loss.backward()
        xor_losses.append(xor_loss.item())
        xor_parameters = [
            pc.tensor(each.numpy() - 0.2 * each.grad.numpy(), requires_grad=True) for each in xor_parameters
        ]

    course.Printed(
        f"loss: {xor_losses[0]:.3f} at first, {xor_losses[-1]:.6f} after {len(xor_losses)} steps",
        f"answers: {[round(each, 2) for [each] in guess.tolist()]}",
    )
    return (xor_losses,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Your pieces: `matmul_gradient`, `broadcast_gradient`, `walk`

`value` and `backward` were *studies*: they are checked, but Pellucid itself does without them. These three are *parts*:
they take the place of Pellucid's own.

```sh
pellucid workshop check matmul_gradient
pellucid workshop check broadcast_gradient
pellucid workshop check walk
```

**matmul_gradient** gets `g` (the bill $G$), `a`, `b` and returns the two gradients; `x.mT` swaps the last two axes of a
tensor.

**broadcast_gradient** gets `g` and the shape that was small. First bring the axes into line, from the right:
with `g` of shape (5, 3) and the small shape (3,), the first axis of `g` was added. In the small shape (5, 1) the second
axis was stretched. Sum over such axes, and reshape to the small shape.

**walk** is the heart of `loss.backward()`; the function is called `walk_back(graph, owed, leave)`. It knows nothing of
numbers, not even a rule: those are behind `leave`. It gets three things. `graph` is a dict: each node with the list of
those that it was made of, one entry for each use. `owed` is a dict of the bills so far, at first only that of the
result. And `leave(node, g)` is a function that is given to you: call it once for each node, when its bill `g` is
complete; it answers with a list, the shares of the node's inputs in the order in which they stand in `graph`. You
return nothing: all is done by these calls. For the diamond, and the second of the two ways above:

```python
graph = {"d": ["b", "c"], "c": ["a", "b"], "b": ["a", "p"], "a": [], "p": []}
owed = {"d": 1.0}
```

The counts are `b: 2, c: 1, a: 2, p: 1`. Leave `d` with 1, that is, call `leave("d", 1.0)`: it answers `[8, 6]`, the
values of `c` and `b`, so `b` is owed 8 and waits for one more, `c` is owed 6 and is ready. Leave `c` with 6: it answers
`[6, 6]`; now `b` is owed 14 and is ready. Leave `b` with 14: it answers `[42, 28]`. Now `a` is owed 48 and `p` 28, both
are ready, and are left as well: leaves were made of nothing, so they answer `[]`. Two things to think of: a share may
be `None` (nothing is owed by this way, but the count goes down all the same); and a node that is owed nothing at all is
passed by: do not call `leave` for it, but count down those that it was made of, or they would wait for it for ever.

When all have passed, let this lesson run on them, XOR included:

```sh
pellucid workshop run back_propagation
```

It prints the same numbers as before, now found by your three parts, and proves it by counting their calls. (Pieces of
other lessons that you have not written are named at the end; for these Pellucid's own stand in.)
""",
        zh="""
### 你的部件：`matmul_gradient`、`broadcast_gradient` 和 `walk`

`value` 和 `backward` 是习作，只作检验，Pellucid 自己并不用。这三个则会替换 Pellucid 自己的那一份。

```sh
pellucid workshop check matmul_gradient
pellucid workshop check broadcast_gradient
pellucid workshop check walk
```

**matmul_gradient** 得到 `g`（也就是账单 $G$）、`a`、`b`，返回两个梯度；`x.mT` 交换张量的最后两个轴。

**broadcast_gradient** 得到 `g` 和原来较小的形状。先从右边起把轴对齐：`g` 的形状是 (5, 3)，小的形状是 (3,)，
那么 `g` 的第一个轴是补上的。小的形状若是 (5, 1)，第二个轴就是拉长的。沿着这些轴求和，再用 `reshape` 变成小的那个形状。

**walk** 是 `loss.backward()` 的核心，函数写作 `walk_back(graph, owed, leave)`。它不管数值，也不懂规则，
规则都藏在 `leave` 后面。它得到三样东西：字典 `graph` 就是图，每个节点对应一个列表，列出算出它的那些节点，
用一次记一项；字典 `owed` 是到目前为止各节点的账单，起初只有结果有；函数 `leave(node, g)` 是现成的，
每个节点只调用一次，而且要等它的账单 `g` 完整了才调用，它返回一个列表，依次是 `graph` 里各个输入分得的份额。
你的函数不需要返回值，要做的事都在这些调用里。拿菱形来说，用上面的第二种办法：

```python
graph = {"d": ["b", "c"], "c": ["a", "b"], "b": ["a", "p"], "a": [], "p": []}
owed = {"d": 1.0}
```

次数是 `b: 2, c: 1, a: 2, p: 1`。带着 1 离开 `d`，也就是调用 `leave("d", 1.0)`：它返回 `[8, 6]`，即 `c` 和 `b` 的值，
于是 `b` 的账单是 8，还要再等一份；`c` 的账单是 6，可以走了。带着 6 离开 `c`：它返回 `[6, 6]`，于是 `b` 的账单是 14，
可以走了。带着 14 离开 `b`：它返回 `[42, 28]`。现在 `a` 的账单是 48，`p` 的是 28，两个都可以走了，同样要离开：
叶节点不由别的节点算出，返回 `[]`。有两件事要想到：份额可能是 `None`（这条路上什么也不欠，但次数照样要减）；
一分账单也没有的节点要跳过，不对它调用 `leave`，但算出它的那些节点，次数也要减，否则会一直等着它。

全部通过之后，让这一课（连同 XOR）在它们上面跑起来：

```sh
pellucid workshop run back_propagation
```

打印出来的数和先前一样，但现在是你写的后三个部件算出来的；它还会数出它们被调用了多少次，以此为证。
（别的课里还没写的部件，会在最后列出来，由 Pellucid 自己的顶替。）
""",
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## What next

You can now find every gradient. What to do with them (momentum, Adam), and which loss to take for ten classes (softmax
and cross-entropy), is the business of the next lesson, in which a network learns to read digits.

To read on in Pellucid: `pellucid/engine.py` records, `pellucid/walk.py` walks back, and `pellucid/ops/elementwise.py`
has the rules. You know all three now.

## Sources, and how they differ

- Linnainmaa (1970): the walk backward for any program, as a way to estimate rounding errors. Nothing in it is about
  networks.
- Werbos (1974, 1982): the same for training networks.
- Rumelhart, Hinton and Williams (1986): made it known, layer by layer. Most books follow them and write $\\delta$ for
  what is here the gradient of $z$, the sum before the activation function. Our picture has the same numbers:
  $\\delta$ of the first hidden neuron is `z1.grad`.
- Speelpenning (1980), Griewank and Walther (2008): what it costs. Loss and all gradients together cost at most about
  four times as much as the loss alone, whatever the number of parameters.
- Books write $\\partial J / \\partial W$ in different layouts: some transpose. Here a gradient always has the shape of
  what it belongs to, as in all frameworks.
- PyTorch, JAX and Pellucid do the walk of this lesson. PyTorch counts users, as here; JAX first writes the whole
  program down and then turns it round.
""",
        zh="""
## 接下来

现在你能求出任何梯度了。拿它们做什么（动量、Adam），十个类别该用什么损失（softmax 函数与交叉熵），
是下一课的内容，那里有一个网络学着认数字。

想在 Pellucid 里接着读：`pellucid/engine.py` 负责记录，`pellucid/walk.py` 负责往回走，
`pellucid/ops/elementwise.py` 里是那些规则。
这三样你现在都懂了。

## 出处，以及各家说法的不同

- Linnainmaa（1970）：对任意程序往回走一趟，用来估计舍入误差，完全没有提到神经网络。
- Werbos（1974，1982）：把同样的方法用于训练神经网络。
- Rumelhart、Hinton 与 Williams（1986）：使它广为人知，按层来写。多数书沿用他们的写法，用 $\\delta$ 表示的，
  就是这里 $z$（激活函数之前的和）的梯度。我们的图里有同样的数：第一个隐藏神经元的 $\\delta$ 就是 `z1.grad`。
- Speelpenning（1980），Griewank 与 Walther（2008）：代价有多大。不管有多少参数，损失连同全部梯度的代价，
  至多约为只算损失的四倍。
- 各书对 $\\partial J / \\partial W$ 的排法不同，有的要转置。这里和所有框架一样，梯度的形状总与它所属的那个量相同。
- PyTorch、JAX 和 Pellucid 走的都是本课的这一趟。PyTorch 和这里一样数使用的次数；JAX 先把整个程序记下来，再倒过来。
""",
    )
    return


if __name__ == "__main__":
    app.run()
