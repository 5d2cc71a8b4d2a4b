"""Wrong programs: layers, modules, losses."""

from tests.wrong_programs import Wrong

TITLE = "Layers and losses"
MODEL = "model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))\n"
WRONG = [
    Wrong(
        "Images that were not flattened",
        MODEL + "model(pc.ones(32, 1, 28, 28))",
        "ShapeError",
        ("float32[32, 1, 28, 28]", "Linear(784 -> 128)", "layer 0"),
        "flatten",
    ),
    Wrong(
        "Layers whose sizes do not meet",
        "model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(16, 3))\nmodel(pc.ones(5, 4))",
        "ShapeError",
        ("layer 2", "float32[5, 8]", "Linear(16 -> 3)"),
        "in_features=8",
    ),
    Wrong(
        "One sample without the axis of the batch",
        "nn.BatchNorm1d(3)(pc.ones(3))",
        "ShapeError",
        ("BatchNorm1d", "float32[3]"),
        "unsqueeze(0)",
    ),
    Wrong(
        "NumPy arrays given to a model",
        "model = nn.Linear(2, 1)\nmodel(np.ones((3, 2), np.float32))",
        "ArgumentError",
        ("Linear(2 -> 1)", "NumPy array float32[3, 2]"),
        "pc.tensor",
    ),
    Wrong(
        "Floats given to an embedding",
        "nn.Embedding(10, 4)(pc.tensor([1.0, 2.0]))",
        "DtypeError",
        ("float32",),
        "long()",
    ),
    Wrong(
        "A number that the embedding has no row for",
        "nn.Embedding(10, 4)(pc.tensor([3, 10]))",
        "LabelError",
        ("row 10", "0 to 9"),
        "unknown",
    ),
    Wrong(
        "A module without forward",
        "class Net(nn.Module):\n    def __init__(self):\n        self.layer = nn.Linear(2, 1)\n\nNet()(pc.ones(1, 2))",
        "UnsupportedError",
        ("Net", "forward"),
        "def forward(self",
    ),
    Wrong(
        "The class in place of an instance",
        "model = nn.Sequential(nn.Linear(2, 2), nn.ReLU)",
        "ArgumentError",
        ("ReLU", "class"),
        "nn.ReLU()",
    ),
    Wrong("A size that is no whole number", "nn.Linear(10 / 2, 3)", "ArgumentError", ("whole numbers", "5.0"), "//"),
    Wrong("A probability in percent", "nn.Dropout(50)", "ArgumentError", ("p ", "50"), "0.5"),
    Wrong(
        "Labels that count from 1",
        "F.cross_entropy(pc.zeros(3, 3), pc.tensor([1, 2, 3]))",
        "LabelError",
        ("label 3", "3 classes", "0 to 2"),
        "count from 1",
    ),
    Wrong(
        "Labels as floats",
        "F.cross_entropy(pc.zeros(3, 10), pc.tensor([1.0, 2.0, 3.0]))",
        "TargetError",
        ("float32[3]",),
        "long()",
    ),
    Wrong(
        "Labels in a column",
        "F.cross_entropy(pc.zeros(3, 10), pc.tensor([[1], [2], [3]]))",
        "TargetError",
        ("int64[3, 1]",),
        "squeeze(-1)",
    ),
    Wrong(
        "Another number of labels than of predictions",
        "F.cross_entropy(pc.zeros(3, 10), pc.tensor([1, 2]))",
        "TargetError",
        ("float32[3, 10]", "int64[2]"),
        "(3,)",
    ),
    Wrong(
        "Targets as a column, predictions not",
        "F.mse_loss(pc.zeros(8), pc.zeros(8, 1))",
        "TargetError",
        ("float32[8]", "float32[8, 1]"),
        "squeeze",
    ),
    Wrong(
        "Scores given to a loss of probabilities",
        "F.binary_cross_entropy(pc.tensor([2.3, -1.0]), pc.tensor([1.0, 0.0]))",
        "ArgumentError",
        ("0 to 1",),
        "with_logits",
    ),
    Wrong(
        "Yes and no as 1 and -1",
        "F.binary_cross_entropy_with_logits(pc.tensor([2.3, -1.0]), pc.tensor([1.0, -1.0]))",
        "TargetError",
        ("-1", "0 to 1"),
        "No is 0",
    ),
    Wrong(
        "Labels for a binary loss of one column",
        "F.binary_cross_entropy_with_logits(pc.zeros(4, 1), pc.tensor([0.0, 1.0, 1.0, 0.0]))",
        "TargetError",
        ("float32[4, 1]", "float32[4]"),
        "unsqueeze(-1)",
    ),
    Wrong(
        "A reduction that does not exist",
        "F.mse_loss(pc.ones(2), pc.ones(2), reduction='avg')",
        "ArgumentError",
        ("reduction", "avg"),
        "mean",
    ),
]
