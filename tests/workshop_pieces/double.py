"""A study that nobody would set: twice a number."""

from pellucid.workshop.piece import Example, Piece, Text, Wrong

PIECE = Piece(
    name="double",
    kind="study",
    title=Text("Twice", "两倍"),
    lesson="one_neuron",
    needs=(),
    lives=(),
    signature="def double(x): ...\n",
    task=Text("Return twice the number `x`.", "返回 `x` 的两倍。"),
    formula="y = 2 x",
    examples=(Example("double(1)", "2"), Example("double(0)", "0"), Example("double(-3)", "-6")),
    invariants=(Text("double(-x) is -double(x).", "double(-x) 等于 -double(x)。"),),
    cases=(0, 1, 3, -2.5, 100),
    play=lambda answer, case: answer.double(case),
    show=lambda case: f"double({case})",
    hints=(
        Text("What is 3 and 3?", "3 加 3 是多少？"),
        Text("double(3) = 3 + 3", "double(3) = 3 + 3"),
        Text("return x and x, added up", "返回 x 与 x 之和"),
        Text("Twice is not the square.", "两倍不是平方。"),
    ),
    explanation=Text("Twice a number is the number added to itself.", "一个数的两倍，就是它加上它自己。"),
    right=("def double(x):\n    return x + x\n", "def double(x):\n    y = 2 * x\n    return y\n"),
    wrong=(
        Wrong("square", Text("This is the square.", "这是平方。"), (("x + x", "x * x"),)),
        Wrong("half", Text("This is half of it.", "这是一半。"), (("x + x", "x / 2"),)),
        Wrong("nothing", Text("Nothing is returned.", "没有返回任何东西。"), (("return x", "x"),)),
        Wrong("text", Text("This is a text.", "这是一段文字。"), source="def double(x):\n    return 2 * str(x)\n"),
        Wrong(
            "loop",
            Text("This never ends.", "这永远不会结束。"),
            source="def double(x):\n    while True: pass\n",
            ends=False,
        ),
    ),
    seconds=3.0,
    megabytes=200,
)
