"""Wrong programs: something else where a tensor, a number or an optimizer is needed."""

from tests.wrong_programs import Wrong

TITLE = "Something else than is needed"
FIT = "model = nn.Linear(2, 2)\nx, y = np.ones((8, 2), np.float32), np.zeros(8, np.int64)\n"
TRAIN = FIT + "train.fit(model, (x, y), loss=F.cross_entropy, epochs=1, "
SCHEDULE = "optimizer = optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1)\nschedule = optim.StepLR(optimizer, 10)\n"
WRONG = [
    Wrong("A plain list", "F.relu([1.0, -2.0])", "ArgumentError", ("relu: input is a list", "tensor"), "pc.tensor"),
    Wrong(
        "A forward without return",
        "class Net(nn.Module):\n    def __init__(self):\n        self.layer = nn.Linear(2, 1)\n\n"
        "    def forward(self, x):\n        self.layer(x)\n\nF.mse_loss(Net()(pc.ones(3, 2)), pc.ones(3, 1))",
        "ArgumentError",
        ("mse_loss: input is None",),
        "`return` forgotten",
    ),
    Wrong(
        "Predictions collected in a list",
        "model = nn.Linear(2, 3)\nscores = [model(pc.ones(2)) for _ in range(4)]\n"
        "F.cross_entropy(scores, pc.tensor([0, 1, 2, 0]))",
        "ArgumentError",
        ("cross_entropy: input is a list",),
        "pc.stack(y)",
    ),
    Wrong(
        "A pair passed on to the next layer",
        "class Largest(nn.Module):\n    def forward(self, x):\n        return x.max(dim=1)\n\n"
        "nn.Sequential(Largest(), nn.Linear(4, 2))(pc.ones(4, 5))",
        "ArgumentError",
        ("Linear(4 -> 2): x is a ValuesAndIndices", "layer 1 of Sequential"),
        "y[0]",
    ),
    Wrong(
        "A layer in place of what it gives",
        "F.softmax(nn.Linear(2, 2), dim=1)",
        "ArgumentError",
        ("softmax: input is a Linear",),
        "layer(x)",
    ),
    Wrong(
        "A layer in place of its weight",
        "nn.init.xavier_uniform_(nn.Linear(2, 2))",
        "ArgumentError",
        ("xavier_uniform_: tensor is a Linear",),
        "layer.weight",
    ),
    Wrong(
        "A function that was not called", "F.softmax(pc.exp, dim=1)", "ArgumentError", ("the function exp",), "exp(...)"
    ),
    Wrong(
        "A width that was read from the keyboard",
        'width = "128"\nnn.Linear(784, width)',
        "ArgumentError",
        ("Linear: out_features is '128'", "a whole number"),
        "int(text)",
    ),
    Wrong("A shape as text", "pc.randn('3')", "ArgumentError", ("whole numbers", "'3'"), "int(text)"),
    Wrong("A share as text", "nn.Dropout('0.5')", "ArgumentError", ("p is '0.5'", "a number"), "float(text)"),
    Wrong("A mask as a list", "pc.ones(2).masked_fill([True, False], 0.0)", "ArgumentError", ("mask",), "pc.tensor"),
    Wrong("None among the pieces", "pc.cat([pc.ones(2), None])", "UnsupportedError", ("object",), "None"),
    Wrong(
        "One width of a border for all sides", "F.pad(pc.ones(2, 3), 1)", "ArgumentError", ("pad is 1",), "pad=[...]"
    ),
    Wrong(
        "The optimizer by its name", TRAIN + "optimizer='adam')", "ArgumentError", ("optimizer is 'adam'",), "optim."
    ),
    Wrong(
        "The class of the optimizer",
        TRAIN + "optimizer=optim.Adam)",
        "ArgumentError",
        ("optimizer is the class Adam",),
        "Adam(...)",
    ),
    Wrong(
        "One metric without a list",
        TRAIN + "optimizer=optim.Adam(model.parameters()), metrics=metrics.accuracy)",
        "ArgumentError",
        ("metrics is the function accuracy",),
        "metrics=[...]",
    ),
    Wrong(
        "A share of the data as validation",
        TRAIN + "optimizer=optim.Adam(model.parameters()), validation=0.2)",
        "ArgumentError",
        ("float", "pair of arrays"),
        "(x, y)",
    ),
    Wrong(
        "One milestone without a list",
        SCHEDULE + "optim.MultiStepLR(optimizer, 30)",
        "ArgumentError",
        ("milestones is 30",),
        "milestones=[...]",
    ),
    Wrong(
        "The optimizer's state for the schedule",
        SCHEDULE + "schedule.load_state_dict(optimizer.state_dict())",
        "StateDictError",
        ("StepLR",),
        "an optimizer has a state of its own",
    ),
    Wrong("A loader of nothing", "data.DataLoader(32)", "ArgumentError", ("DataLoader", "32"), "batch_size=32"),
    Wrong("Noise as text", "data.moons(100, noise='0.1')", "ArgumentError", ("noise is '0.1'",), "quotation marks"),
    Wrong(
        "Accuracy of predictions that are not there",
        "metrics.accuracy(None, np.zeros(3, np.int64))",
        "ArgumentError",
        ("predictions are None",),
        "metrics.accuracy(scores, labels)",
    ),
    Wrong(
        "keepdim without dim", "pc.ones(2, 3).max(keepdim=True)", "ArgumentError", ("max", "dim"), "amax(keepdim=True)"
    ),
    Wrong(
        "Yes and no as 1 and 0, where 1 and -1 are meant",
        "F.hinge_embedding_loss(pc.ones(2), pc.tensor([0.0, 1.0]))",
        "TargetError",
        ("hinge_embedding_loss", "1 or -1", "0.0"),
        "2 * target - 1",
    ),
]
