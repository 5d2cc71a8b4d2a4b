"""Right and wrong answers to the piece `value`."""

from pellucid.workshop.piece import Text, Wrong

RIGHT = """\
import math


class Value:
    def __init__(self, data, children=(), op=""):
        self.data = data
        self.grad = 0.0
        self.children = children
        self.op = op
        self._backward = lambda: None

    def __add__(self, other):
        other = as_value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = backward
        return out

    def __mul__(self, other):
        other = as_value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def backward():
            self.grad += (1 - t * t) * out.grad

        out._backward = backward
        return out

    __radd__ = __add__
    __rmul__ = __mul__


def as_value(number):
    return number if isinstance(number, Value) else Value(number)
"""

RIGHT_WITH_SLOPES = """\
import math


class Value:
    def __init__(self, data, children=(), op="", slopes=()):
        self.data, self.children, self.op = data, children, op
        self.slopes = slopes  # of this value, with respect to each of the children
        self.grad = 0.0

    def _backward(self):
        for child, slope in zip(self.children, self.slopes):
            child.grad += slope * self.grad

    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data + other.data, (self, other), "+", (1.0, 1.0))

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data * other.data, (self, other), "*", (other.data, self.data))

    def __rmul__(self, other):
        return self * other

    def tanh(self):
        e = math.exp(2 * self.data)
        y = (e - 1) / (e + 1)
        return Value(y, (self,), "tanh", (1 - y**2,))
"""

WRONG = (
    Wrong(
        "shares-overwritten",
        Text(
            "A share replaces what was there in place of being added to it. As soon as a Value is used twice, as "
            "in a + a, only the last share is left.",
            "新的一份把原有的梯度覆盖了，没有累加。只要一个 Value 用到两次，比如 a + a，就只剩下最后一份。",
        ),
        source=RIGHT.replace("grad +=", "grad ="),
    ),
    Wrong(
        "shares-overwritten-by-products",
        Text(
            "Sums add their shares, products overwrite what was there: a * a has two shares for a, and one is lost.",
            "加法做了累加，乘法却把原有的梯度覆盖了：a * a 有两份都属于 a，丢了一份。",
        ),
        edits=(
            ("self.grad += other.data * out.grad", "self.grad = other.data * out.grad"),
            ("other.grad += self.data * out.grad", "other.grad = self.data * out.grad"),
        ),
    ),
    Wrong(
        "factors-mixed-up",
        Text(
            "In the product each factor gets itself as its slope. How fast a * b grows with a depends on the "
            "other one.",
            "乘法里，每个因子都拿自己当斜率了。a 增加时 a * b 增加得多快，取决于另一个因子。",
        ),
        edits=(
            ("self.grad += other.data * out.grad", "self.grad += self.data * out.grad"),
            ("other.grad += self.data * out.grad", "other.grad += other.data * out.grad"),
        ),
    ),
    Wrong(
        "chain-rule-left-out",
        Text(
            "You hand on the slope of this one step alone. It must be multiplied by the gradient that has arrived at "
            "the result. As long as that is 1, nobody notices.",
            "你只传了这一步自己的斜率，没有乘上结果那里已经收到的梯度。只要那个梯度恰好是 1，就看不出差别。",
        ),
        source=RIGHT.replace(" * out.grad", "").replace("+= out.grad", "+= 1.0"),
    ),
    Wrong(
        "second-factor-forgotten",
        Text(
            "In the product only the first factor gets a share. Both have moved the result.",
            "乘法里只有第一个因子得到了梯度。两个因子都影响了结果。",
        ),
        edits=(("            other.grad += self.data * out.grad\n", ""),),
    ),
    Wrong(
        "tanh-slope-from-the-input",
        Text(
            "The slope of tanh is one minus the square of its result; you square its input.",
            "tanh 的斜率是 1 减去结果的平方；你平方的却是输入。",
        ),
        edits=(("(1 - t * t)", "(1 - self.data * self.data)"),),
    ),
    Wrong(
        "tanh-slope-without-the-square",
        Text(
            "The slope of tanh must be the same for a and -a, since the curve is as steep on the left as on the "
            "right. Yours is not: something has not been squared.",
            "tanh 的曲线左右一样陡，所以在 a 和 -a 处斜率应当相同。你的不同：有个地方忘了平方。",
        ),
        edits=(("(1 - t * t)", "(1 - t)"),),
    ),
    Wrong(
        "tanh-does-not-pay",
        Text(
            "tanh returns a Value whose `_backward` still does nothing: its input never gets a gradient.",
            "tanh 返回的 Value，它的 `_backward` 还是什么也不做：输入永远得不到梯度。",
        ),
        edits=(
            (
                "            self.grad += (1 - t * t) * out.grad\n\n        out._backward = backward\n",
                "            self.grad += (1 - t * t) * out.grad\n\n",
            ),
        ),
    ),
    Wrong(
        "gradient-read-too-early",
        Text(
            "All gradients stay at 0: the gradient of the result is read while computing forward, when it is "
            "still 0. Read it in the moment in which `_backward` runs.",
            "所有梯度都是 0：结果的梯度在前向计算时就读出来了，那时它还是 0。应当在 `_backward` 执行的那一刻去读。",
        ),
        source=RIGHT.replace("out.grad\n", "g\n").replace(
            "\n        def backward", "        g = out.grad\n\n        def backward"
        ),
    ),
    Wrong(
        "run-in-place-of-kept",
        Text(
            "`_backward` is None, so it cannot be called: the inner function was run at once, in place of being "
            "kept for later. Brackets after a name call it.",
            "`_backward` 成了 None，没法调用：内层函数当场就执行了，没有留到以后。名字后面加括号就是调用。",
        ),
        source=RIGHT.replace("= backward\n", "= backward()\n"),
    ),
    Wrong(
        "nothing-to-run",
        Text(
            "A Value that was not computed has no `_backward`. Give it one in `__init__` that does nothing; then the "
            "walk back may call it for every Value without asking first.",
            "不是算出来的 Value 没有 `_backward`。在 `__init__` 里给它一个什么也不做的，"
            "反向计算时就可以对每个 Value 直接调用，不必先判断。",
        ),
        edits=(("        self._backward = lambda: None\n", ""),),
    ),
    Wrong(
        "children-not-kept",
        Text(
            "Sum and product forget what they were made of: `children` is empty, so nobody can find the way back.",
            "和与积不记得自己由谁算来：`children` 是空的，往回走就找不到路。",
        ),
        edits=(('(self, other), "+"', '(), "+"'), ('(self, other), "*"', '(), "*"')),
    ),
    Wrong(
        "no-number-on-the-left",
        Text(
            "`a + 1.5` works, `1.5 + a` does not. For a plain number on the left Python asks the Value on the "
            "right, with methods of their own: `__radd__` for +, `__rmul__` for *.",
            "`a + 1.5` 可以，`1.5 + a` 不行。左边是普通的数时，Python 会去找右边 Value 的另外两个方法："
            "加法是 `__radd__`，乘法是 `__rmul__`。",
        ),
        edits=(("    __radd__ = __add__\n    __rmul__ = __mul__\n", ""),),
    ),
    Wrong(
        "numbers-not-wrapped",
        Text(
            "A plain number has no `data` and no `grad`. Make it a Value before you calculate with it.",
            "普通的数没有 `data`，也没有 `grad`。先把它变成 Value，再参加运算。",
        ),
        edits=(("return number if isinstance(number, Value) else Value(number)", "return number"),),
    ),
    Wrong(
        "changed-in-place",
        Text(
            "A sum changes the Value on its left and returns it. The old number is lost, though other calculations "
            "may need it. Each result must be a Value of its own.",
            "求和时把左边的 Value 改掉再返回了。原来的数就丢了，而别的计算可能还要用它。每个结果都应当是一个新的 "
            "Value。",
        ),
        edits=(
            (
                '        out = Value(self.data + other.data, (self, other), "+")\n',
                "        self.data += other.data\n        out = self\n",
            ),
        ),
    ),
)
