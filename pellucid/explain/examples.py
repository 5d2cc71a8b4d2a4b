"""Examples for what has none in its docstring. They are run when a page is asked for, so they cannot be out of date.

Each example is a few lines of Python. The value of y is shown, and after it the gradients of y.sum() with respect to
a, b, c and d, where there are any.
"""

INPUTS = ("a", "b", "c", "d")

UNARY = ["a = pc.tensor([{numbers}], requires_grad=True)", "y = ops.{name}()(a)"]
BINARY = [
    "a = pc.tensor([1.0, 2.0, 3.0], requires_grad=True)",
    "b = pc.tensor([3.0, 2.0, 0.5], requires_grad=True)",
    "y = ops.{name}()(a, b)",
]
QUESTION = ["a = pc.tensor([1.0, 2.0, 3.0])", "b = pc.tensor([3.0, 2.0, 0.5])", "y = ops.{name}()(a, b)"]
LOGIC = ["a = pc.tensor([True, True, False])", "b = pc.tensor([True, False, False])", "y = ops.{name}()(a, b)"]

BITS = ["a = pc.tensor([6, 5, 3])", "b = pc.tensor([3, 1, 2])", "y = ops.{name}()(a, b)"]
STAIRS = [
    "a = pc.tensor([1.0, 2.5, 3.2], requires_grad=True)",
    "b = pc.tensor([3.0, 2.0, 0.5], requires_grad=True)",
    "y = ops.{name}()(a, b)",
]
ALONG = ["a = pc.tensor([1.0, 3.0, 2.0], requires_grad=True)", "y = ops.{name}(axis=0, reverse=False)(a)"]

NUMBERS = {  # where a function takes them, and off the steps of stairs
    **dict.fromkeys(("Log", "Log1p", "Log2", "Log10", "Sqrt"), "0.5, 1.0, 2.0"),
    **dict.fromkeys(("Asin", "Acos", "Atanh"), "-0.5, 0.25, 0.75"),
    **dict.fromkeys(("Floor", "Ceil", "Trunc", "Round"), "-1.2, 0.4, 2.7"),
    "Acosh": "1.5, 2.0, 3.0",
}
LOGICAL = ("And", "Or")
BITWISE = ("BitAnd", "BitOr", "BitXor", "ShiftLeft", "ShiftRight")
DIVISIONS = ("FloorDivide", "Remainder", "Fmod")
RUNNING = ("CumulativeSum", "CumulativeProduct", "CumulativeLogSumExp")
QUESTIONS = ("Equal", "NotEqual", "Greater", "GreaterEqual")
PAIRS = ("Add", "Subtract", "Multiply", "Divide", "Power", "Maximum", "Minimum", "Atan2", "Hypot", "LogAddExp")

MATRIX = "a = pc.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)"
ATTENTION = [
    "a = pc.tensor([[1.0, 0.0], [0.5, 1.0]], requires_grad=True)",
    "b = pc.tensor([[2.0, 1.0], [0.0, 1.5]], requires_grad=True)",
    "c = pc.tensor([[1.0], [3.0]], requires_grad=True)",
]

SIGNAL = "a = pc.tensor([[[1.0, 2.0, 4.0, 3.0]]], requires_grad=True)"
KERNEL = "b = pc.tensor([[[1.0, 0.5]]], requires_grad=True)"
SLIDING = "stride=(1,), padding=((0, 0),), dilation=(1,), groups=1"
WINDOWS = "kernel_size=(2,), stride=(2,), padding=((0, 0),)"

OPS = {
    "AddRows": [
        "index = pc.tensor([0, 2, 0])",
        "a = pc.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], requires_grad=True)",
        "y = ops.AddRows(rows=4, index_axes=1)(index, a)",
    ],
    "ArgMax": ["a = pc.tensor([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])", "y = ops.ArgMax(axis=1)(a)"],
    "ArgSort": ["a = pc.tensor([[1.0, 9.0, 3.0], [7.0, 5.0, 6.0]])", "y = ops.ArgSort(descending=True)(a)"],
    "Attention": [*ATTENTION, "y = ops.Attention(scale=1.0, causal=True)(a, b, c)"],
    "AttentionGradient": [
        *ATTENTION,
        "d = pc.tensor([[1.0], [-1.0]], requires_grad=True)",
        "y = ops.AttentionGradient(scale=1.0, causal=False)(a, b, c, d)",
    ],
    "BitNot": ["a = pc.tensor([6, -1])", "y = ops.BitNot()(a)"],
    "Broadcast": ["a = pc.tensor([[1.0, 2.0, 3.0]], requires_grad=True)", "y = ops.Broadcast(shape=(2, 3))(a)"],
    "Cast": ["a = pc.tensor([1.7, -1.7], requires_grad=True)", "y = ops.Cast(dtype='float64')(a)"],
    "Concatenate": [
        "a = pc.tensor([1.0, 2.0], requires_grad=True)",
        "b = pc.tensor([3.0], requires_grad=True)",
        "y = ops.Concatenate(axis=0)(a, b)",
    ],
    "Convolve": [SIGNAL, KERNEL, f"y = ops.Convolve({SLIDING})(a, b)"],
    "ConvolveInput": [
        "a = pc.tensor([[[1.0, 2.0, 3.0]]], requires_grad=True)",
        KERNEL,
        f"y = ops.ConvolveInput({SLIDING}, size=(4,))(a, b)",
    ],
    "ConvolveKernel": [
        SIGNAL,
        "b = pc.tensor([[[1.0, 2.0, 3.0]]], requires_grad=True)",
        f"y = ops.ConvolveKernel({SLIDING}, kernel_size=(2,))(a, b)",
    ],
    "CumulativeMax": ["a = pc.tensor([1.0, 3.0, 2.0])", "y = ops.CumulativeMax(axis=0, reverse=False)(a)"],
    "Gather": [MATRIX, "index = pc.tensor([[2], [0]])", "y = ops.Gather(axis=1)(a, index)"],
    "Matmul": [
        MATRIX,
        "b = pc.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], requires_grad=True)",
        "y = ops.Matmul()(a, b)",
    ],
    "MaxPool": [SIGNAL, f"y = ops.MaxPool({WINDOWS}, dilation=(1,))(a)"],
    "MaxPoolPick": [
        "x = pc.tensor([[[1.0, 2.0, 4.0, 3.0]]])",
        "a = pc.tensor([[[10.0, 20.0, 30.0, 40.0]]], requires_grad=True)",
        f"y = ops.MaxPoolPick({WINDOWS}, dilation=(1,))(x, a)",
    ],
    "MaxPoolSpread": [
        "x = pc.tensor([[[1.0, 2.0, 4.0, 3.0]]])",
        "a = pc.tensor([[[5.0, 7.0]]], requires_grad=True)",
        f"y = ops.MaxPoolSpread({WINDOWS}, dilation=(1,))(x, a)",
    ],
    "SumPool": [SIGNAL, f"y = ops.SumPool({WINDOWS})(a)"],
    "SumPoolSpread": [
        "a = pc.tensor([[[5.0, 7.0]]], requires_grad=True)",
        f"y = ops.SumPoolSpread({WINDOWS}, size=(4,))(a)",
    ],
    "Max": [MATRIX, "y = ops.Max(axes=(1,))(a)"],
    "Not": ["a = pc.tensor([True, False])", "y = ops.Not()(a)"],
    "Pad": ["a = pc.tensor([1.0, 2.0], requires_grad=True)", "y = ops.Pad(starts=(1,), shape=(5,), steps=(2,))(a)"],
    "PutRows": [
        "a = pc.tensor([1.0, 2.0, 3.0], requires_grad=True)",
        "index = pc.tensor([2, 0])",
        "b = pc.tensor([7.0, 8.0], requires_grad=True)",
        "y = ops.PutRows(how='set')(a, index, b)",
    ],
    "Recurrence": [
        "a = pc.tensor([0.5, 0.5, 0.5], requires_grad=True)",
        "b = pc.tensor([1.0, 2.0, 3.0], requires_grad=True)",
        "y = ops.Recurrence(axis=0, reverse=False)(a, b)",
    ],
    "Reshape": [MATRIX, "y = ops.Reshape(shape=(3, 2))(a)"],
    "ScatterAdd": [
        "index = pc.tensor([1, 1, 3])",
        "a = pc.tensor([1.0, 2.0, 3.0], requires_grad=True)",
        "y = ops.ScatterAdd(axis=0, size=4)(index, a)",
    ],
    "SearchSorted": [
        "a = pc.tensor([1.0, 3.0, 5.0])",
        "b = pc.tensor([0.0, 3.0, 9.0])",
        "y = ops.SearchSorted(right=False)(a, b)",
    ],
    "SignBit": ["a = pc.tensor([1.0, -2.0, -0.0])", "y = ops.SignBit()(a)"],
    "Slice": [MATRIX, "y = ops.Slice(starts=(0, 1), sizes=(2, 2), steps=(1, 1))(a)"],
    "Sum": [MATRIX, "y = ops.Sum(axes=(0,))(a)"],
    "TakeRows": [MATRIX, "index = pc.tensor([1, 1, 0])", "y = ops.TakeRows()(a, index)"],
    "Transpose": [MATRIX, "y = ops.Transpose(order=(1, 0))(a)"],
    "Uniform": ["key = pc.tensor(np.array([7, 0], np.uint32))", "y = ops.Uniform(shape=(4,), dtype='float32')(key)"],
    "Where": [
        "a = pc.tensor([1.0, 2.0], requires_grad=True)",
        "b = pc.tensor([-1.0, -2.0], requires_grad=True)",
        "y = ops.Where()(pc.tensor([True, False]), a, b)",
    ],
}

OTHERS = {
    "models.mlp": ["model = mlp(4, 3, 2)", "a = pc.ones(5, 4)", "y = model(a)"],
    "F.batch_norm": ["a = pc.tensor([[1.0], [3.0]])", "y = F.batch_norm(a, None, None, training=True)"],
    "F.dropout": ["pc.manual_seed(0)", "a = pc.ones(8)", "y = F.dropout(a, p=0.5, training=True)"],
    "F.layer_norm": ["a = pc.tensor([[1.0, 2.0, 3.0]], requires_grad=True)", "y = F.layer_norm(a, 3)"],
    "F.linear": [
        "a = pc.tensor([[1.0, 2.0]], requires_grad=True)",
        "b = pc.tensor([[1.0, 1.0], [0.0, 2.0]], requires_grad=True)",
        "y = F.linear(a, b)",
    ],
    "F.nll_loss": ["log_p = pc.tensor([[0.9, 0.1], [0.2, 0.8]]).log()", "y = F.nll_loss(log_p, pc.tensor([0, 1]))"],
    "nn.BCELoss": ["a = pc.tensor([0.9, 0.2], requires_grad=True)", "y = nn.BCELoss()(a, pc.tensor([1.0, 0.0]))"],
    "nn.BCEWithLogitsLoss": [
        "a = pc.tensor([2.0, -1.0], requires_grad=True)",
        "y = nn.BCEWithLogitsLoss()(a, pc.tensor([1.0, 0.0]))",
    ],
    "nn.BatchNorm1d": ["layer = nn.BatchNorm1d(2)", "a = pc.tensor([[1.0, 10.0], [3.0, 30.0]])", "y = layer(a)"],
    "nn.CrossEntropyLoss": [
        "a = pc.tensor([[2.0, 0.0, 0.0]], requires_grad=True)",
        "y = nn.CrossEntropyLoss()(a, pc.tensor([0]))",
    ],
    "nn.Dropout": ["pc.manual_seed(0)", "a = pc.ones(8)", "y = nn.Dropout(0.5)(a)"],
    "nn.Embedding": ["layer = nn.Embedding(5, 2)", "a = pc.tensor([[1, 4], [1, 0]])", "y = layer(a)"],
    "nn.Flatten": ["a = pc.ones(2, 1, 2, 2)", "y = nn.Flatten()(a)"],
    "nn.GELU": ["a = pc.tensor([-1.0, 0.0, 1.0], requires_grad=True)", "y = nn.GELU()(a)"],
    "nn.Identity": ["y = nn.Identity()(pc.tensor([1.0, 2.0]))"],
    "nn.LayerNorm": ["layer = nn.LayerNorm(3)", "a = pc.tensor([[1.0, 2.0, 3.0]], requires_grad=True)", "y = layer(a)"],
    "nn.Linear": ["layer = nn.Linear(3, 2)", "a = pc.ones(5, 3)", "y = layer(a)"],
    "nn.LogSoftmax": ["y = nn.LogSoftmax(dim=1)(pc.tensor([[1.0, 1.0]]))"],
    "nn.MSELoss": ["a = pc.tensor([1.0, 2.0], requires_grad=True)", "y = nn.MSELoss()(a, pc.tensor([1.0, 4.0]))"],
    "nn.NLLLoss": ["log_p = pc.tensor([[0.9, 0.1]]).log()", "y = nn.NLLLoss()(log_p, pc.tensor([0]))"],
    "nn.Parameter": ["w = nn.Parameter(pc.ones(2))", "(w * w).sum().backward()", "y = w.grad"],
    "nn.ReLU": ["a = pc.tensor([-1.0, 2.0], requires_grad=True)", "y = nn.ReLU()(a)"],
    "nn.Sequential": [
        "pc.manual_seed(0)",
        "model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))",
        "a = pc.ones(5, 4)",
        "y = model(a)",
    ],
    "nn.Sigmoid": ["a = pc.tensor([-1.0, 0.0, 1.0], requires_grad=True)", "y = nn.Sigmoid()(a)"],
    "nn.Softmax": ["y = nn.Softmax(dim=1)(pc.tensor([[1.0, 2.0, 3.0]]))"],
    "nn.Tanh": ["a = pc.tensor([-1.0, 0.0, 1.0], requires_grad=True)", "y = nn.Tanh()(a)"],
}

DESCENT = """w = pc.tensor([1.0], requires_grad=True)
optimizer = optim.{name}([w], lr={lr})
way = []
for _ in range(3):
    optimizer.zero_grad()
    (w * w).sum().backward()
    optimizer.step()
    way.append(w.item())
y = way"""

SCHEDULE = """optimizer = optim.SGD([pc.tensor([1.0], requires_grad=True)], lr=0.1)
schedule = optim.{name}(optimizer, {arguments})
rates = []
for _ in range(4):
    rates.append(optimizer.param_groups[0]['lr'])
    schedule.step()
y = rates"""
SCHEDULES = {"CosineAnnealingLR": "T_max=4", "LambdaLR": "lambda epoch: 0.5**epoch", "StepLR": "step_size=2"}


def example_of(kind, name):
    """The lines of an example, or None."""
    if kind == "op":
        return op_example(name)
    short = name.rpartition(".")[2]
    if kind == "optimizer" and short not in ("Optimizer", "ParamGroup"):
        return DESCENT.format(name=short, lr=0.01 if short == "RMSprop" else 0.1)  # its first steps are 10 lr long
    if kind == "schedule" and short in SCHEDULES:
        return SCHEDULE.format(name=short, arguments=SCHEDULES[short])
    return "\n".join(OTHERS[name]) if name in OTHERS else None


def op_example(name):
    """Every op has an example: one of its own, or that of its family."""
    if name in OPS:
        return "\n".join(OPS[name])
    families = (LOGICAL, LOGIC), (QUESTIONS, QUESTION), (PAIRS, BINARY), (BITWISE, BITS), (DIVISIONS, STAIRS)
    for family, template in (*families, (RUNNING, ALONG)):
        if name in family:
            return "\n".join(template).format(name=name)
    return "\n".join(UNARY).format(name=name, numbers=NUMBERS.get(name, "-1.0, 0.5, 2.0"))
