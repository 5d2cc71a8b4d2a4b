"""Lesson "One neuron": perceptron, gates, sigmoid neuron, gradient descent.

Read it in a browser with `marimo edit course/one_neuron.py`, or run it: `python course/one_neuron.py`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="One neuron · 一个神经元")


@app.cell(hide_code=True)
def _():
    import numpy as np

    import pellucid as pc
    from pellucid import course, view
    from pellucid.course import pictures

    language = course.language_switch()
    language
    return course, language, np, pc, pictures, view


@app.cell(hide_code=True)
def _(course, language):
    say = course.Voice(language.value)
    return (say,)


@app.cell(hide_code=True)
def _(course):
    formulas = {
        "sum": course.Equation("z", "w1 * x1 + w2 * x2 + b"),
        "and_11": course.Equation(
            "z", "w1 * x1 + w2 * x2 + b", (("w1", 1), ("x1", 1), ("w2", 1), ("x2", 1), ("b", -1.5))
        ),
        "and_10": course.Equation(
            "z", "w1 * x1 + w2 * x2 + b", (("w1", 1), ("x1", 1), ("w2", 1), ("x2", 0), ("b", -1.5))
        ),
        "sigmoid": course.Equation("sigmoid(z)", "1 / (1 + exp(-z))"),
        "sigmoid_slope": course.Derivative("sigmoid(z)", "z", "y * (1 - y)", where=(("y", "sigmoid(z)"),)),
        "parabola": course.Equation("J", "(w * x - t)**2 / 2"),
        "parabola_slope": course.Derivative("(w * x - t)**2 / 2", "w", "(w * x - t) * x", shown="J"),
        "parabola_start": course.Equation("J", "(w * x - t)**2 / 2", (("w", 0), ("x", 2), ("t", 1))),
        "slope_start": course.Equation("k", "(w * x - t) * x", (("w", 0), ("x", 2), ("t", 1))),
        "step_one": course.Equation("w_new", "w - eta * k", (("w", 0), ("eta", 0.1), ("k", -2))),
        "neuron_slope": course.Derivative(
            "(sigmoid(w * x + b) - t)**2 / 2",
            "w",
            "(y - t) * (y * (1 - y)) * x",
            shown="J",
            where=(("y", "sigmoid(w * x + b)"),),
        ),
    }
    return (formulas,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
# One neuron

*About 40 minutes to read and try; everything in it computes in a few seconds, without a network connection.*

**Why.** A network that recognizes pictures or writes text is made of millions of copies of one small part. If you
know that part, what it can say, what it cannot say, and how it learns, then what remains is to put many of them
together. So we take one neuron and look at all of it: four multiplications here, a bowl and a marble there.

**After this lesson** you have written three things that work: logic gates from neurons, the rule by which a perceptron
learns, and the sigmoid with its gradient, which then runs inside Pellucid in the place of Pellucid's own.
""",
        zh="""
# 一个神经元

时间：读完并动手试一遍约 40 分钟；所有计算几秒钟就能完成，不需要联网。

**为什么学它。** 能认图、能写文章的网络，是由同一种小零件的千百万个副本拼成的。先弄懂这个零件：它能表达什么，
不能表达什么，又是怎样学习的；剩下的事就只是把许多个这样的零件接起来。所以这一课只看一个神经元，并且把它看透。

**学完之后**，你会亲手写出三样真正能用的东西：用神经元搭成的逻辑门、感知机的学习规则，以及 sigmoid 函数和它的梯度。
最后这一样还会装进 Pellucid，代替它自己的那一份运行。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, formulas, pictures, say):
    course.Column(
        say(
            en=f"""
## The idea in one picture

A neuron has **inputs**, one **weight** for each of them, and one **bias**. It multiplies each input by its weight, adds
everything up, adds the bias, and calls the sum $z$. Then an **activation function** $f$ turns $z$ into the output $y$.

{formulas["sum"]}

A large weight says: this input matters. A negative one says: this input speaks against it. The bias says how easily
the neuron is convinced when the inputs say nothing. For a **perceptron** the activation function is a **step
function**: the output is 1 if $z > 0$, and 0 otherwise.
""",
            zh=f"""
## 一幅图看懂

神经元有若干个**输入**，每个输入配一个**权重**，另外还有一个**偏置**。它把每个输入乘以对应的权重，全部相加，再加上偏置，
得到的和记作 $z$。然后用一个**激活函数** $f$ 把 $z$ 变成输出 $y$。

{formulas["sum"]}

权重大，说明这个输入要紧；权重为负，说明这个输入是反对票；偏置则表示在输入什么都不说的时候，神经元有多容易被说服。
**感知机**用的激活函数是**阶跃函数**：$z > 0$ 时输出 1，否则输出 0。
""",
        ),
        course.Picture(
            pictures.neuron(),
            caption=say(
                en="A neuron with two inputs. Read it from left to right.",
                zh="有两个输入的神经元，从左往右读。",
            ),
            alt=say(
                en="Two circles x1 and x2 on the left, arrows with weights w1 and w2 to a circle with the sign for a "
                "sum, into which the bias b leads as well; an arrow z to a circle f; an arrow to the output y.",
                zh="左边两个圆圈 x1、x2，带权重 w1、w2 的箭头指向求和的圆圈，偏置 b 也指向它；"
                "箭头 z 指向圆圈 f，再指向输出 y。",
            ),
        ),
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## Numbers: a neuron that answers "and"

We want a neuron that says 1 only if *both* inputs are 1. Take both weights 1 and the bias −1.5. For the inputs 1 and 1:

{formulas["and_11"]}

That is above 0, so the output is 1. For the inputs 1 and 0:

{formulas["and_10"]}

That is not above 0, so the output is 0. Do the other two rows yourself, with a pencil, and then look at the table that
the next cell prints.
""",
        zh=f"""
## 先看数字：一个会算“与”的神经元

我们想要一个神经元，只有**两个**输入都是 1 时才输出 1。取两个权重都是 1，偏置是 −1.5。输入为 1 和 1 时：

{formulas["and_11"]}

大于 0，所以输出 1。输入为 1 和 0 时：

{formulas["and_10"]}

不大于 0，所以输出 0。剩下的两行请你自己用笔算一算，再看下一格打印出来的表。
""",
    )
    return


@app.cell
def _(course):
    def neuron(x1, x2, w1, w2, b):
        z = w1 * x1 + w2 * x2 + b
        return 1 if z > 0 else 0

    table = [f"{x1}  {x2}   {neuron(x1, x2, 1, 1, -1.5)}" for x1, x2 in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    course.Printed("x1 x2 AND", *table)
    return (neuron,)


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(
            en="**Question 1.** The weights are 1 and 1, the bias is −0.5. What is $z$ for the inputs 0 and 1?",
            zh="**问题 1。** 权重都是 1，偏置是 −0.5。输入为 0 和 1 时，$z$ 是多少？",
        ),
        0.5,
        hint=say(en="Put the numbers into the formula above.", zh="把这些数代入上面的公式。"),
        because=say(
            en="1·0 + 1·1 − 0.5 = 0.5. It is above 0, so this neuron answers 1 as soon as one input is 1: it is OR.",
            zh="1·0 + 1·1 − 0.5 = 0.5，大于 0。只要有一个输入是 1，这个神经元就输出 1：它就是“或”（OR）。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## What one neuron can say, and what it cannot

Draw the two inputs as a point in the plane. Where $z = 0$ there is a straight line: on one side of it the neuron
answers 1, on the other 0. The weights say which way the line faces, the bias moves it. So AND, OR and NAND ("not both")
are three places for one line.
""",
        zh="""
## 一个神经元能表达什么，不能表达什么

把两个输入画成平面上的一个点。$z = 0$ 的地方是一条直线：直线的一侧输出 1，另一侧输出 0。权重决定直线朝哪个方向，
偏置把直线平移。所以 AND、OR 和 NAND（“不都是”）不过是同一条直线的三种摆法。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, neuron, np, say, view):
    corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)], dtype=float)

    def gate_picture(weights, labels, title):
        def _predict(points):
            return np.array([neuron(*point, *weights) for point in points])

        return view.decision_boundary(_predict, corners, labels, names=["0", "1"], title=title)

    course.Column(
        course.Picture(
            gate_picture((-1, -1, 1.5), [1, 1, 1, 0], "NAND"),
            caption=say(
                en="NAND with the weights −1, −1 and the bias 1.5: one line parts the one 0 from the three 1.",
                zh="NAND，权重为 −1、−1，偏置为 1.5：一条直线就把一个 0 和三个 1 分开了。",
            ),
            alt=say(
                en="A square of four points; a slanting line parts the upper right point from the others.",
                zh="四个点组成的正方形；一条斜线把右上角的点和其余三个点分开。",
            ),
        ),
        say(
            en="""
Now XOR, "exactly one of the two": the points (0, 1) and (1, 0) must get 1, the points (0, 0) and (1, 1) must get 0.
Try to lay one straight line between them. It cannot be done: the two 1 stand on one diagonal, the two 0 on the other,
and the diagonals cross. No weights exist, so no way of learning can find them.

**Two layers** can do it. Let one neuron compute OR, another NAND, and a third AND of those two answers: "at least one,
and not both".
""",
            zh="""
再看 XOR（异或，“恰好一个是 1”）：点 (0, 1) 和 (1, 0) 要输出 1，点 (0, 0) 和 (1, 1) 要输出 0。
试着在中间画一条直线：画不出来。两个 1 在一条对角线上，两个 0 在另一条对角线上，而两条对角线是相交的。
合适的权重根本不存在，所以不管怎么学都学不到。

**两层**就可以。让一个神经元算 OR，另一个算 NAND，第三个对这两个答案算 AND：“至少有一个，并且不都是”。
""",
        ),
    )
    return (corners,)


@app.cell
def _(corners, course, neuron):
    def xor(x1, x2):
        at_least_one = neuron(x1, x2, 1, 1, -0.5)  # OR
        not_both = neuron(x1, x2, -1, -1, 1.5)  # NAND
        return neuron(at_least_one, not_both, 1, 1, -1.5)  # AND

    xor_answers = [xor(*point) for point in corners]
    course.Printed(f"XOR of (0,0), (0,1), (1,0), (1,1): {xor_answers}")
    return xor, xor_answers


@app.cell(hide_code=True)
def _(corners, course, np, say, view, xor):
    course.Picture(
        view.decision_boundary(
            lambda points: np.array([xor(*point) for point in points]),
            corners,
            [0, 1, 1, 0],
            names=["0", "1"],
            title="XOR, two layers",
        ),
        caption=say(
            en="Two lines, one for each neuron of the first layer; the second layer answers 1 between them.",
            zh="第一层的两个神经元各画一条直线；第二层在两条线之间输出 1。",
        ),
        alt=say(
            en="A slanting band between two parallel lines holds the points (0, 1) and (1, 0).",
            zh="两条平行斜线之间的带状区域里有点 (0, 1) 和 (1, 0)。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Your piece: `gates`

Make a folder of your own (once), and write the first piece in it:

```sh
pellucid workshop start my-workshop
cd my-workshop
pellucid workshop check gates
```

The file `gates.py` says what to write. You can use everything that you have read so far. If you are stuck,
`pellucid workshop hint gates` helps one rung at a time.
""",
        zh="""
### 你的部件：`gates`

先建一个自己的文件夹（只需一次），在里面写第一个部件：

```sh
pellucid workshop start my-workshop
cd my-workshop
pellucid workshop check gates
```

要写什么，文件 `gates.py` 里说得很清楚，前面读过的内容已经够用。卡住了就运行 `pellucid workshop hint gates`，
每次给一级提示。
""",
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## A perceptron learns

Until now *we* chose the weights. A perceptron finds them itself, from samples with a label. The rule fits in one
sentence: **if the answer was right, change nothing; if it was too low, move weights and bias towards the inputs, and if
it was too high, away from them.** With `delta = label - output`, which is 1, 0 or −1:

```python
w1 = w1 + rate * delta * x1
w2 = w2 + rate * delta * x2
b  = b  + rate * delta
```

Follow the first sample of AND, inputs (1, 1), label 1, from weights and bias 0, with the learning rate 0.1. The sum is
$z = 0$, the output 0, `delta` 1. So $w_1$ becomes 0.1, $w_2$ becomes 0.1, and $b$ becomes 0.1. The second sample,
(0, 0) with label 0: now $z = 0.1$, the output is 1, which is too high; `delta` is −1, the inputs are 0, so only the
bias changes, back to 0.

The next cell goes through the four samples ten times: ten *epochs*.
""",
        zh="""
## 感知机会学习

到现在为止，权重都是**我们**挑的。感知机能从带标签的样本里自己找到权重。规则一句话就能说完：
**答对了，什么也不改；输出低了，就把权重和偏置朝输入的方向挪一点；输出高了，就朝相反的方向挪一点。**
令 `delta = 标签 - 输出`，它只会是 1、0 或 −1：

```python
w1 = w1 + rate * delta * x1
w2 = w2 + rate * delta * x2
b  = b  + rate * delta
```

跟着 AND 的第一个样本走一遍：输入 (1, 1)，标签 1，权重和偏置都从 0 开始，学习率 0.1。算得 $z = 0$，输出 0，
`delta` 为 1。于是 $w_1$ 变成 0.1，$w_2$ 变成 0.1，$b$ 变成 0.1。第二个样本是 (0, 0)，标签 0：这时 $z = 0.1$，输出 1，
高了；`delta` 为 −1，而输入都是 0，所以只有偏置改变，回到 0。

下一格把四个样本过十遍，也就是十**轮**。
""",
    )
    return


@app.cell
def _(course, neuron):
    AND = [((1, 1), 1), ((0, 0), 0), ((1, 0), 0), ((0, 1), 0)]
    XOR = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]

    def train(samples, rate, epochs):
        w1 = w2 = b = 0.0
        history = [(w1, w2, b)]
        for _ in range(epochs):
            for (x1, x2), label in samples:
                delta = label - neuron(x1, x2, w1, w2, b)
                w1 = w1 + rate * delta * x1
                w2 = w2 + rate * delta * x2
                b = b + rate * delta
                history.append((w1, w2, b))
        return history

    and_history = train(AND, rate=0.1, epochs=10)
    and_weights = [round(value, 10) for value in and_history[-1]]
    course.Printed(f"AND: w = {and_weights[:2]}, b = {and_weights[2]}")
    return AND, XOR, and_history, and_weights, train


@app.cell(hide_code=True)
def _(and_history, course, pictures, say):
    course.Picture(
        pictures.changes(and_history),
        caption=say(
            en="Weights and bias while AND is learned. Where the lines are level, the answers were right.",
            zh="学习 AND 的过程中权重和偏置的变化。线是平的，就说明那里的答案是对的。",
        ),
        alt=say(
            en="Three stepped lines over 40 samples; after some changes at the beginning they stay level.",
            zh="横轴是 40 个样本的三条阶梯线；开头变了几次，后来一直是平的。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(XOR, course, neuron, say, train):
    xor_history = train(XOR, rate=0.1, epochs=1000)
    xor_right = sum(neuron(*x, *xor_history[-1]) == label for x, label in XOR)
    course.Guess(
        say(
            en="**Predict before you look.** The same rule gets the four samples of XOR, for 1,000 epochs. "
            "What happens to the weights?",
            zh="**先猜，再看。** 用同样的规则学习 XOR 的四个样本，过 1000 轮。权重会怎样？",
        ),
        [
            course.Choice(
                say(en="They find XOR in the end.", zh="最后会学会 XOR。"),
                say(
                    en="They cannot: no line separates the points, so whatever the weights, one answer is wrong.",
                    zh="不可能：没有直线能把这些点分开，不管权重是什么，总有一个答案是错的。",
                ),
            ),
            course.Choice(
                say(en="They come to rest at the best line there is.", zh="停在最好的一条直线上。"),
                say(
                    en="A perceptron rests only where nothing is wrong. Here something is always wrong, so it "
                    "moves on.",
                    zh="感知机只有全部答对才会停下。这里总有错，所以它一直在动。",
                ),
            ),
            course.Choice(
                say(en="They go round in a circle for ever.", zh="永远绕着圈子变。"),
                say(
                    en="Yes. Each correction for one sample spoils another one.",
                    zh="对。为一个样本所做的修正，总会弄坏另一个样本。",
                ),
            ),
        ],
        2,
        because=say(
            en=f"After 1,000 epochs {xor_right} of 4 answers are right, and the weights are the same as after 10: the "
            "changes of one epoch cancel. If a line exists, the perceptron finds one after finitely many mistakes "
            "(Novikoff, 1962); if none exists, it never stops.",
            zh=f"1000 轮之后 4 个答案里对了 {xor_right} 个，权重和第 10 轮之后完全一样：一轮之中的改变恰好互相抵消。"
            "只要存在一条能分开的直线，感知机犯有限次错误就能找到它（Novikoff，1962）；如果不存在，它就永远停不下来。",
        ),
    )
    return (xor_history,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Your piece: `perceptron`

`pellucid workshop check perceptron`. Write the function `train` of this lesson in your own words. The order matters:
each sample uses the weights as the sample before has left them.
""",
        zh="""
### 你的部件：`perceptron`

`pellucid workshop check perceptron`。用你自己的写法写出本课的函数 `train`。次序很要紧：每个样本用的，
都是前一个样本改过之后的权重。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, formulas, pictures, say):
    course.Column(
        say(
            en=f"""
## From the step to the sigmoid

The step has a fault: it does not say *how nearly* it was wrong. Change a weight a little, and most of the time the
output does not change at all. So nothing tells you which way to go. What we need is a function that goes from 0 to 1 as
the step does, but smoothly:

{formulas["sigmoid"]}

At $z = 0$ it is 0.5, at $z = 2$ it is 0.88, at $z = -2$ it is 0.12. And it has a slope everywhere, which can be
computed from its own output:

{formulas["sigmoid_slope"]}

At $z = 0$ the output is 0.5, so the slope is 0.5 · 0.5 = 0.25. Further out it is smaller: at $z = 4$ it is only 0.018.
""",
            zh=f"""
## 从阶跃函数到 sigmoid 函数

阶跃函数有个毛病：它不会告诉你**差了多少**。把权重改动一点点，大多数时候输出纹丝不动，于是你不知道该往哪边改。
我们需要一个像阶跃函数那样从 0 走到 1、但走得平滑的函数：

{formulas["sigmoid"]}

$z = 0$ 时它等于 0.5，$z = 2$ 时等于 0.88，$z = -2$ 时等于 0.12。它处处都有斜率，而且斜率可以直接由它自己的输出算出来：

{formulas["sigmoid_slope"]}

$z = 0$ 时输出是 0.5，所以斜率是 0.5 · 0.5 = 0.25。离 0 越远斜率越小：$z = 4$ 时只有 0.018。
""",
        ),
        course.Picture(
            pictures.slope_of_sigmoid(),
            caption=say(
                en="The sigmoid and its slope. The slope is never above 1/4.",
                zh="sigmoid 函数和它的斜率。斜率从不超过 1/4。",
            ),
            alt=say(
                en="An S-shaped curve from 0 to 1, and a bell-shaped dashed curve with its peak 0.25 at z = 0.",
                zh="一条从 0 到 1 的 S 形曲线，和一条在 z = 0 处达到峰值 0.25 的钟形虚线。",
            ),
        ),
        say(
            en="""
**Try it.** Move the weight. A large weight makes the sigmoid as steep as the step; a small one makes it almost
straight; a negative one turns it round.
""",
            zh="""
**试一试。** 拖动滑块改变权重。权重大，sigmoid 函数就陡得像阶跃函数；权重小，就几乎是一条直线；权重为负，左右就翻过来。
""",
        ),
    )
    return


@app.cell(hide_code=True)
def _(language):
    import marimo as mo

    weight = mo.ui.slider(
        steps=[-2, -0.5, 0.5, 1, 2, 5, 20],
        value=1,
        show_value=True,
        label={"en": "weight w", "zh": "权重 w"}[language.value],
    )
    weight
    return mo, weight


@app.cell(hide_code=True)
def _(course, pictures, say, weight):
    course.Varied(
        weight,
        lambda w: course.Picture(
            pictures.step_and_sigmoid(w),
            caption=say(
                en=f"Step and sigmoid for the weight {w:g}.",
                zh=f"权重为 {w:g} 时的阶跃函数与 sigmoid 函数。",
            ),
            alt=say(
                en=f"A dashed step at x = 0 and an S-shaped curve of steepness {w:g}.",
                zh=f"x = 0 处的虚线阶跃，和陡度为 {w:g} 的 S 形曲线。",
            ),
        ),
        say(en="weight w", zh="权重 w"),
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(
            en="**Question 2.** A sigmoid neuron answers 0.8. What is the slope of its output with respect to $z$?",
            zh="**问题 2。** 一个用 sigmoid 函数的神经元输出 0.8。它的输出对 $z$ 的斜率是多少？",
        ),
        0.16,
        tolerance=0.0005,
        hint=say(en="You need only the output.", zh="只需要用到输出。"),
        because=say(
            en="0.8 · (1 − 0.8) = 0.16. Nobody had to know $z$: that is why Pellucid keeps the output for the "
            "backward pass and lets the input go.",
            zh="0.8 · (1 − 0.8) = 0.16。不必知道 $z$：所以 Pellucid 为反向计算只保留输出，不必留着输入。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## Gradient descent: walk downhill

Now the output changes smoothly, and so does the **loss**, which says how wrong the neuron is. Take the simplest case:
one input, one weight, no bias, no activation function, and half the squared error:

{formulas["parabola"]}

With $x = 2$ and the label $t = 1$, and the weight 0 to begin with:

{formulas["parabola_start"]}

Which way to go? The **gradient** says how much $J$ grows when $w$ grows a little. (With one weight it is just the
derivative, a slope; call it $k$.)

{formulas["parabola_slope"]}

{formulas["slope_start"]}

A slope of −2 says: if $w$ grows, $J$ falls. So go *against* the sign of the slope, by a step that is the **learning
rate** $\\eta$ times the slope. With $\\eta = 0.1$:

{formulas["step_one"]}

There the loss is 0.18 instead of 0.5. Do it again, and again:
""",
        zh=f"""
## 梯度下降：往低处走

现在输出是平滑变化的，**损失**也就平滑变化了。损失说的是神经元错得有多厉害。先看最简单的情形：
一个输入、一个权重，没有偏置，没有激活函数，损失取误差平方的一半：

{formulas["parabola"]}

设 $x = 2$，标签 $t = 1$，权重从 0 开始：

{formulas["parabola_start"]}

该往哪边走？**梯度**说的是：$w$ 增加一点点时，$J$ 增加多少。（只有一个权重时它就是导数，也就是斜率，记作 $k$。）

{formulas["parabola_slope"]}

{formulas["slope_start"]}

斜率是 −2，意思是 $w$ 增大时 $J$ 减小。所以要朝与斜率**相反**的方向走，步子的大小是**学习率** $\\eta$ 乘以斜率。
取 $\\eta = 0.1$：

{formulas["step_one"]}

走到这里，损失从 0.5 降到了 0.18。再走一步，又一步：
""",
    )
    return


@app.cell
def _(course):
    def descend(w, rate, steps, x=2.0, t=1.0):
        rows = []
        for _ in range(steps):
            slope = (w * x - t) * x
            rows.append((w, (w * x - t) ** 2 / 2, slope))
            w = w - rate * slope
        return rows

    descent_rows = descend(w=0.0, rate=0.1, steps=6)
    course.Printed("     w       J   slope", *["{:6.3f}  {:6.4f}  {:6.3f}".format(*row) for row in descent_rows])
    return (descent_rows,)


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(
            en="**Question 3.** The weight is 0.5, the slope there is 0.8, the learning rate is 0.1. What is the "
            "weight "
            "after one step of gradient descent?",
            zh="**问题 3。** 权重是 0.5，那里的斜率是 0.8，学习率是 0.1。梯度下降走一步之后，权重是多少？",
        ),
        0.42,
        tolerance=0.0005,
        because=say(
            en="0.5 − 0.1 · 0.8 = 0.42. The slope is positive, so the way down is to the left.",
            zh="0.5 − 0.1 · 0.8 = 0.42。斜率为正，所以下坡的方向是向左。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Two parameters: a bowl

With a weight *and* a bias the loss is a surface over a plane. For four samples and no activation function it is a bowl.
The map on the right shows the same bowl from above; each line joins places of equal loss, as on a map for hikers. At
each place the gradient is an arrow that points straight uphill, at a right angle to the line, so each step goes
straight downhill.

**Try it.** Move the learning rate. With 0.02 it is too small: after 30 steps you have not arrived. With 0.3 it is
right. With 1.05 each step jumps across the valley and only just comes down. With 1.15 each jump lands higher than
the one before.
""",
        zh="""
### 两个参数：一只碗

有了权重**和**偏置，损失就是平面上方的一张曲面。四个样本、没有激活函数时，它正好是一只碗。右边的图是从正上方看同一只碗，
每条线把损失相等的地方连起来，就像登山地图上的等高线。在每一处，梯度是一个箭头，指向上坡最陡的方向，与等高线垂直；
所以每一步都朝下坡最陡的方向走。

**试一试。** 拖动滑块改变学习率。0.02 太小：走了 30 步还没到。0.3 正合适。1.05 时每一步都跳到山谷的另一侧，勉强能下来。
1.15 时每跳一次，落点都比上一次更高。
""",
    )
    return


@app.cell(hide_code=True)
def _(language, mo):
    rate = mo.ui.slider(
        steps=[0.02, 0.1, 0.3, 0.7, 1.05, 1.15],
        value=0.3,
        show_value=True,
        label={"en": "learning rate", "zh": "学习率"}[language.value],
    )
    rate
    return (rate,)


@app.cell(hide_code=True)
def _(course, np, pictures, rate, say):
    xs, ts = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([-1.0, 0.5, 1.0, 2.5])

    def bowl(w, b):
        return sum((w * x + b - t) ** 2 for x, t in zip(xs, ts, strict=True)) / (2 * len(xs))

    def walk(rate, steps=30, w=-1.5, b=-0.5):
        path = [(w, b)]
        for _ in range(steps):
            error = w * xs + b - ts
            w, b = w - rate * (error * xs).mean(), b - rate * error.mean()
            path.append((w, b))
        return path

    def _picture(value):
        path = walk(value)
        end = f"{bowl(*path[-1]):.4g}"
        return course.Picture(
            pictures.bowl_and_path(bowl, path, (-2.5, 4.5), (-2.5, 3.0), f"learning rate {value}, 30 steps"),
            caption=say(
                en=f"Learning rate {value}: the loss begins at {bowl(*path[0]):.4g} and after 30 steps is {end}. "
                "The lowest possible is 0.025.",
                zh=f"学习率 {value}：损失从 {bowl(*path[0]):.4g} 开始，30 步之后是 {end}。能达到的最小值是 0.025。",
            ),
            alt=say(
                en=f"A bowl, and its map with the path of gradient descent at learning rate {value}.",
                zh=f"一只碗，以及它的等高线图，图上画着学习率为 {value} 时梯度下降走过的路。",
            ),
        )

    course.Varied(rate, _picture, say(en="learning rate", zh="学习率"))
    return


@app.cell(hide_code=True)
def _(course, say):
    course.ChoiceQuestion(
        say(
            en="**Question 4.** The loss grows from step to step, faster and faster. What should you try first?",
            zh="**问题 4。** 损失一步比一步大，而且越来越快。首先应该试什么？",
        ),
        [
            course.Choice(
                say(en="Take more steps.", zh="多走几步。"),
                say(en="Each further step leads further away.", zh="再走下去只会越走越远。"),
            ),
            course.Choice(
                say(en="Make the learning rate smaller.", zh="减小学习率。"),
                say(en="Then the steps no longer jump across the valley.", zh="这样每一步就不会再跳过山谷。"),
            ),
            course.Choice(
                say(en="Make the learning rate larger.", zh="增大学习率。"),
                say(en="The jumps would become larger still.", zh="那样跳得更远。"),
            ),
        ],
        1,
        because=say(
            en="In this bowl everything up to about 1.1 comes down. Where that limit lies depends on how steep the "
            "bowl "
            "is in its steepest direction.",
            zh="在这只碗里，学习率不超过 1.1 左右，都能走到谷底。这个界限在哪里，取决于碗在最陡的方向上有多陡。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## The whole neuron learns

Now put the pieces together: a weight, a bias, the sigmoid, and half the squared error. A small change of $w$ changes
$z$ by $x$ times as much; that changes $y$ by the slope of the sigmoid; that changes $J$ by $y - t$. Multiply the three:

{formulas["neuron_slope"]}

You have just used the **chain rule**. The next cell computes this formula, and asks Pellucid, which knows no such
formula but only the rules of the single operations, for the same.
""",
        zh=f"""
## 整个神经元一起学

现在把各部分拼起来：一个权重、一个偏置、sigmoid 函数，再加上误差平方的一半。$w$ 变一点，$z$ 就变 $x$ 倍那么多；
$z$ 的变化乘以 sigmoid 函数的斜率，就是 $y$ 的变化；再乘以 $y - t$，就是 $J$ 的变化。把三者相乘：

{formulas["neuron_slope"]}

你刚刚用的就是**链式法则**。下一格先按这个公式计算，再请 Pellucid 算同一个量。Pellucid 并不知道这个公式，
它只知道每一个运算各自的规则。
""",
    )
    return


@app.cell
def _(course, np, pc):
    x, t = 1.5, 0.0
    w = pc.tensor(0.8, dtype=pc.float64, requires_grad=True)
    b = pc.tensor(-0.4, dtype=pc.float64, requires_grad=True)

    y = (w * x + b).sigmoid()
    loss = (y - t) ** 2 / 2
    loss.backward()

    y_by_hand = 1 / (1 + np.exp(-(0.8 * x - 0.4)))
    slope_by_hand = (y_by_hand - t) * y_by_hand * (1 - y_by_hand) * x
    course.Printed(f"by hand:  {slope_by_hand:.6f}", f"Pellucid: {w.grad.item():.6f}")
    return slope_by_hand, w


@app.cell(hide_code=True)
def _(course, say):
    course.FormulaQuestion(
        say(
            en="**Question 5.** And with respect to the bias? Write the derivative of $J$ by $b$ with the letters "
            "`y` and `t`.",
            zh="**问题 5。** 那么对偏置呢？用字母 `y` 和 `t` 写出 $J$ 对 $b$ 的导数。",
        ),
        "(y - t) * y * (1 - y)",
        {"y": (0.05, 0.95), "t": (0, 1)},
        hint=say(
            en="How much does $z = w x + b$ change if $b$ changes by 1? Replace the last factor of the formula above.",
            zh="$b$ 改变 1，$z = w x + b$ 改变多少？把上面公式里的最后一个因子换掉。",
        ),
        because=say(
            en="$z$ changes by as much as $b$ does, so the last factor is 1 in place of $x$. A bias is a weight whose "
            "input is always 1. Your formula was compared at eight random points; any other way to write it is as "
            "right.",
            zh="$b$ 变多少，$z$ 就变多少，所以最后一个因子不是 $x$ 而是 1。偏置就是输入永远为 1 的权重。"
            "你的公式是在八个随机点上比较的，换一种写法同样正确。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
### Your piece: `sigmoid`

`pellucid workshop check sigmoid`. This one is a *part*: when it has passed, it takes the place of Pellucid's own
sigmoid. You write two functions. `forward(x)` computes the sigmoid of an array. `gradient(g, y)` gets `g`, by how
much the loss changes when the *output* changes, and `y`, the output; it answers by how much the loss changes when
the *input* changes. That is one factor of the chain above, times `g`.

## What next

One neuron has one gradient that fits on a line. A network has thousands, and writing each by hand is hopeless. How a
program finds all of them in a single walk is the next lesson, **Back-propagation** (`course/back_propagation.py`).

## Sources, and how they differ

- McCulloch and Pitts (1943): neurons with fixed weights compute logic. Their neurons have no weights to learn.
- Rosenblatt (1958): the perceptron and its rule. Books differ in three ways: labels 0 and 1 (here) or −1 and 1; a
  threshold $\\theta$ to be exceeded, which is our bias with the other sign; $z \\ge 0$ or $z > 0$ for the answer 1
  (here $z > 0$, so with all weights 0 the answer is 0).
- Novikoff (1962): the perceptron stops after finitely many mistakes if a line exists.
- Minsky and Papert (1969): what one layer cannot do, XOR among it.
- Widrow and Hoff (1960): gradient descent on the squared error of a neuron without activation function. Their rule
  looks like Rosenblatt's, but the error is that of $z$, not of the output.
- Half the squared error or the whole? We take the half, so that the 2 of the derivative cancels.
""",
        zh="""
### 你的部件：`sigmoid`

`pellucid workshop check sigmoid`。这一个通过检查之后，会替换掉 Pellucid 自己的 sigmoid 函数。
要写两个函数。`forward(x)` 对数组求 sigmoid 函数的值。`gradient(g, y)` 得到 `g` 和 `y`：`g`
表示**输出**变一点时损失变多少，`y` 就是输出；它要返回**输入**变一点时损失变多少。也就是上面那条链里的一个因子，
再乘以 `g`。

## 接下来

一个神经元的梯度，一行公式就写完了。一个网络有成千上万个，不可能逐个手写。程序怎样只走一遍就把它们全部求出来，
是下一课**反向传播**（`course/back_propagation.py`）的内容。

## 出处，以及各家说法的不同

- McCulloch 与 Pitts（1943）：权重固定的神经元可以做逻辑运算。他们的神经元没有要学的权重。
- Rosenblatt（1958）：感知机及其学习规则。各书有三处不同：标签用 0 和 1（本课）还是 −1 和 1；
  有的书用必须超过的阈值 $\\theta$，它就是变了号的偏置；输出 1 的条件是 $z \\ge 0$ 还是 $z > 0$
  （本课用 $z > 0$，所以权重全为 0 时输出 0）。
- Novikoff（1962）：只要存在能分开的直线，感知机犯有限次错误之后就会停下。
- Minsky 与 Papert（1969）：单层做不到的事，XOR 是其中之一。
- Widrow 与 Hoff（1960）：对没有激活函数的神经元的误差平方做梯度下降。规则看上去和 Rosenblatt 的一样，
  但误差是 $z$ 的误差，不是输出的误差。
- 误差平方取一半还是不取？我们取一半，这样导数里的 2 正好约掉。
""",
    )
    return


if __name__ == "__main__":
    app.run()
