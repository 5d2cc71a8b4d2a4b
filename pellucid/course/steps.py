"""The steps of a small network, forward and backward, as data: what the stepper shows, and what its tests check."""

import ast
import inspect
from dataclasses import dataclass

import pellucid as pc
from pellucid import engine
from pellucid.course import expression
from pellucid.course.rules import RULES
from pellucid.workshop.piece import Text


@dataclass
class Payment:
    """One share that a node pays to one of its inputs: its formula, and what the input had before and has after."""

    to: str
    share: float
    before: float
    after: float
    symbols: str  # LaTeX
    numbers: str  # LaTeX with the numbers plugged in
    code: str


@dataclass
class Step:
    """One click: the node at work, its formulas and code, and all numbers as they stand after it."""

    phase: str  # "forward" or "backward"
    node: str
    line: int  # of the program
    symbols: list[str]  # LaTeX
    numbers: list[str]  # the same with the numbers plugged in
    code: list[str]
    says: Text
    values: dict[str, float]
    gradients: dict[str, float]  # as far as they have arrived
    waiting: dict[str, int]  # how many users of a node have not yet paid
    payments: list[Payment]


def steps_of(recording):
    """All steps: forward in the order of the program, then backward in the order in which the engine walks."""
    return [*forward_steps(recording), *backward_steps(recording)]


def forward_steps(recording):
    """One step for each line of the program."""
    nodes = recording.nodes
    values = {name: node.value for name, node in nodes.items() if not node.op}
    waiting = users_to_wait_for(recording)
    steps = []
    for node in nodes.values():
        if not node.op:
            continue
        plugged = expression.latex(node.text, values)
        values = {**values, node.name: node.value}
        symbols = f"{expression.symbol(node.name)} = {expression.latex(node.text)}"
        numbers = f"{expression.symbol(node.name)} = {plugged} = {expression.number_latex(node.value)}"
        steps.append(
            Step("forward", node.name, node.line, [symbols], [numbers], [], says_forward(node), values, {}, waiting, [])
        )
    return steps


def users_to_wait_for(recording):
    """How many payments each node that wants a gradient will get. A node that reads another twice pays twice."""
    return {name: len(node.users) for name, node in recording.nodes.items() if node.wants_gradient}


def backward_steps(recording):
    """The seed, and then one step for each node that pays its inputs, when all who use it have paid.

    The order is that of `engine.walk`: of the nodes that are ready, the one that became so last.
    """
    nodes, result = recording.nodes, recording.result
    values = {name: node.value for name, node in nodes.items()}
    gradients, waiting = {result.name: 1.0}, users_to_wait_for(recording)
    seed = f"{gradient_symbol(result.name, result.name)} = 1"
    code = [f"{result.name}.grad = 1"]
    says = Text(
        f"The walk begins at the result. If {result.name} grows by a little, {result.name} grows by just that: 1.",
        f"反向计算从结果开始。{result.name} 增加一点，{result.name} 自己就增加同样多，所以是 1。",
    )
    steps = [
        Step("backward", result.name, result.line, [seed], [seed], code, says, values, gradients, dict(waiting), [])
    ]
    ready = [result.name]
    while ready:
        node = nodes[ready.pop()]
        gradients, waiting = dict(gradients), dict(waiting)
        payments = []
        for position, (name, share) in enumerate(zip(node.inputs, shares(node, gradients[node.name]), strict=True)):
            if name is None or share is None:
                continue
            payments.append(payment(recording, node, position, share, gradients))
            gradients[name] = payments[-1].after
            waiting[name] -= 1
            if waiting[name] == 0 and nodes[name].op:
                ready.append(name)
        steps.append(
            Step(
                "backward",
                node.name,
                node.line,
                [each.symbols for each in payments],
                [each.numbers for each in payments],
                [each.code for each in payments],
                says_backward(node, payments, waiting),
                values,
                gradients,
                waiting,
                payments,
            )
        )
    return steps


def shares(node, gradient):
    """What the engine's own rule owes to each input, as floats; None where no gradient is asked for."""
    with pc.no_grad():
        owed = engine.shares_of(node.tensor.step, pc.tensor(gradient, dtype=pc.float64))
    wanted = [x.requires_grad for x in node.tensor.step[engine.INPUTS]]
    return [
        float(share.array) if share is not None and want else None for share, want in zip(owed, wanted, strict=True)
    ]


def payment(recording, node, position, share, gradients):
    """The words of one payment."""
    rule, result = RULES[node.kind].shares[position], recording.result.name
    to = node.inputs[position]
    before = gradients.get(to, 0.0)
    names = {"g": f"{node.name}.grad", "y": node.name, **constants(node)}
    names.update({letter: name for letter, name in zip("ab", node.inputs, strict=False) if name})
    symbols = {letter: expression.symbol(name) for letter, name in names.items() if letter != "g"}
    symbols["g"] = gradient_symbol(result, node.name)
    symbols.update(constants(node))
    numbers = {letter: recording.nodes[name].value for letter, name in names.items() if name in recording.nodes}
    numbers.update({letter: float(text) for letter, text in constants(node).items()}, g=gradients[node.name])
    left = gradient_symbol(result, to)
    first = to not in gradients
    plugged = expression.latex(rule, numbers)
    total = "" if first else rf" \;\to\; {expression.number_latex(before + share)}"
    return Payment(
        to,
        share,
        before,
        before + share,
        rf"{left} \mathrel{{+}}= {expression.latex(rule, symbols=symbols)}",
        rf"{left} \mathrel{{+}}= {plugged}{equals(plugged, share)}{total}",
        f"{to}.grad += {renamed(rule, names)}",
    )


def equals(plugged, share):
    """What follows the numbers that were plugged in, unless it has been said already."""
    text = expression.number_latex(share)
    return "" if plugged == text else f" = {text}"


def gradient_symbol(result, name):
    """The derivative of the result with respect to a node."""
    return rf"\frac{{\partial {expression.symbol(result)}}}{{\partial {expression.symbol(name)}}}"


def constants(node):
    """Letter -> text of the operands that are numbers written in the program."""
    tree = ast.parse(node.text, mode="eval").body
    children = [tree.left, tree.right] if isinstance(tree, ast.BinOp) else []
    return {
        letter: ast.unparse(child)
        for letter, child in zip("ab", children, strict=False)
        if isinstance(child, ast.Constant)
    }


def renamed(rule, names):
    """A rule in the names of the program: "g * b" as "z.grad * x"."""
    tree = ast.parse(rule, mode="eval")
    for part in ast.walk(tree):
        if isinstance(part, ast.Name) and part.id in names:
            part.id = names[part.id]
    return ast.unparse(tree)


def engine_line(op):
    """The line of Pellucid's source that says what an operation owes."""
    lines = inspect.getsource(type(op).gradient).strip().splitlines()
    return next(line.strip() for line in reversed(lines) if line.strip().startswith("return"))


def says_forward(node):
    """One sentence on a forward step: what is kept for later."""
    op = node.op
    kept = [name for name in node.inputs if name] if op.reads_inputs else []
    kept = unique([*kept, *([node.name] if op.reads_output else [])])
    if not node.wants_gradient:
        return Text("No gradient is asked for here, so nothing is kept.", "这里不需要梯度，所以什么也不保留。")
    if not kept:
        return Text(
            "The backward step of this operation will read no value, so nothing is kept but the edges.",
            "这个运算的反向一步不需要读任何数值，所以除了连线以外什么也不用保留。",
        )
    return Text(f"Kept for the backward step: {', '.join(kept)}.", f"为反向计算保留：{'、'.join(kept)}。")


def says_backward(node, payments, waiting):
    """One sentence on a backward step: who waits, and who is ready."""
    waits = unique([each.to for each in payments if waiting[each.to]])
    paid = "、".join(unique([each.to for each in payments]))
    if node.users:
        en = f"Everyone who uses {node.name} has paid, so its gradient is complete, and it pays what it was made of."
        zh = f"用到 {node.name} 的节点都已付清，它的梯度完整了，于是轮到它付给 {paid}。"
    else:
        en = f"{node.name} is the result: nobody uses it, so nobody need be waited for. It pays what it was made of."
        zh = f"{node.name} 是结果，没有谁用到它，不必等任何节点。它付给 {paid}。"
    if waits:
        en += f" {', '.join(waits)} must wait: another user has not paid yet."
        zh += f"{'、'.join(waits)} 还要等：另有用到它的节点尚未付。"
    return Text(en, zh)


def unique(names: list[str]) -> list[str]:
    """Each name once."""
    return list(dict.fromkeys(names))
