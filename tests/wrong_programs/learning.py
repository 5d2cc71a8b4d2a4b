"""Wrong programs: optimizers, training, data, metrics."""

from tests.wrong_programs import Wrong

TITLE = "Optimizers, training, data"
FIT = "model = nn.Linear(2, 2)\nx, y = np.ones((8, 2), np.float32), np.zeros(8, np.int64)\n"
SGD = "optimizer=optim.SGD(model.parameters(), lr=0.1), epochs=1, progress=False)"
WRONG = [
    Wrong(
        "An optimizer with nothing to learn",
        "optim.SGD(nn.ReLU().parameters(), lr=0.1)",
        "ArgumentError",
        ("SGD", "no parameters"),
        "model",
    ),
    Wrong(
        "The module in place of its parameters",
        "optim.Adam(nn.Linear(2, 1))",
        "ArgumentError",
        ("Adam", "module"),
        "model.parameters()",
    ),
    Wrong(
        "A negative learning rate",
        "optim.SGD(nn.Linear(2, 1).parameters(), lr=-0.1)",
        "ArgumentError",
        ("lr", "-0.1"),
        "0",
    ),
    Wrong(
        "A learning rate as text",
        "optim.SGD(nn.Linear(2, 1).parameters(), lr='0.1')",
        "ArgumentError",
        ("lr", "'0.1'"),
        "number",
    ),
    Wrong(
        "Results in place of parameters",
        "w = pc.ones(3, requires_grad=True)\noptim.SGD([w * 2], lr=0.1)",
        "ArgumentError",
        ("result of a computation",),
        "nn.Parameter",
    ),
    Wrong(
        "A loss that lost its gradient",
        FIT + "loss = pc.tensor(F.cross_entropy(model(pc.tensor(x)), pc.tensor(y)).item())\nloss.backward()",
        "GradientError",
        ("nothing that requires a gradient",),
        "requires_grad=True",
    ),
    Wrong(
        "Labels that count from 1, in fit",
        FIT + "train.fit(model, (x, y + 2), loss=F.cross_entropy, " + SGD,
        "LabelError",
        ("label 2", "0 to 1"),
        "count from 1",
    ),
    Wrong(
        "Data without labels",
        FIT + "train.fit(model, x, loss=F.cross_entropy, " + SGD,
        "ArgumentError",
        ("ndarray",),
        "(x, y)",
    ),
    Wrong(
        "More labels than images",
        FIT + "train.fit(model, (x, y[:7]), loss=F.cross_entropy, " + SGD,
        "ShapeError",
        ("(8, 2)", "(7,)"),
        "one label",
    ),
    Wrong(
        "A loss given as a class",
        FIT + "train.fit(model, (x, y), loss=nn.CrossEntropyLoss, " + SGD,
        "ArgumentError",
        ("CrossEntropyLoss", "class"),
        "CrossEntropyLoss()",
    ),
    Wrong(
        "No epochs",
        FIT
        + "train.fit(model, (x, y), loss=F.cross_entropy, optimizer=optim.SGD(model.parameters(), lr=0.1), epochs=0)",
        "ArgumentError",
        ("epochs", "0"),
        "1",
    ),
    Wrong(
        "An infinite loss",
        FIT + "train.fit(model, (x * np.inf, y), loss=F.cross_entropy, " + SGD,
        "AnomalyError",
        ("epoch 1", "batch 1"),
        "learning rate",
    ),
    Wrong(
        "Watching a figure that is not measured",
        FIT + "train.fit(model, (x, y), loss=F.cross_entropy, callbacks=[train.EarlyStopping()], " + SGD,
        "ArgumentError",
        ("val_loss", "loss"),
        "validation=",
    ),
    Wrong(
        "A callback given as a class",
        FIT + "train.fit(model, (x, y), loss=F.cross_entropy, callbacks=[train.EarlyStopping], " + SGD,
        "ArgumentError",
        ("EarlyStopping", "class"),
        "EarlyStopping()",
    ),
    Wrong(
        "Texts in the data",
        "data.DataLoader((np.array([['1', '2']]), np.array([0])))\n"
        + FIT
        + "train.fit(model, (x.astype(str), y), loss=F.cross_entropy, "
        + SGD,
        "UnsupportedError",
        ("<U",),
        "Texts become numbers",
    ),
    Wrong(
        "A batch of no samples",
        "data.DataLoader(np.arange(6), batch_size=0)",
        "ArgumentError",
        ("batch_size", "0"),
        "1",
    ),
    Wrong(
        "A share of 20 in place of 0.2",
        "data.train_test_split(np.arange(10), test_size=20)",
        "ArgumentError",
        ("10 rows", "test 20"),
        "0.2",
    ),
    Wrong(
        "Scaling before the scale is known",
        "data.StandardScaler().transform(np.ones((3, 2)))",
        "ArgumentError",
        ("StandardScaler", "fit"),
        "fit",
    ),
    Wrong(
        "Accuracy of one score a sample",
        "metrics.accuracy(np.array([[0.7], [0.2]]), np.array([1, 0]))",
        "ArgumentError",
        ("accuracy",),
        "binary_accuracy",
    ),
    Wrong(
        "Accuracy of more answers than labels",
        "metrics.accuracy(np.zeros((4, 3)), np.zeros(5, np.int64))",
        "ShapeError",
        ("(4,", "(5,)"),
        "one label for each",
    ),
    Wrong(
        "A schedule among the callbacks",
        FIT + "optimizer = optim.SGD(model.parameters(), lr=0.1)\nschedule = optim.StepLR(optimizer, 3)\n"
        "train.fit(model, (x, y), loss=F.cross_entropy, optimizer=optimizer, callbacks=[schedule], epochs=1)",
        "ArgumentError",
        ("callback StepLR", "start, batch, epoch, end"),
        "train.Schedule(schedule)",
    ),
    Wrong(
        "One callback without a list",
        FIT + "train.fit(model, (x, y), loss=F.cross_entropy, callbacks=train.EarlyStopping('loss'), " + SGD,
        "ArgumentError",
        ("callbacks", "list", "EarlyStopping"),
        "callbacks=[callback]",
    ),
    Wrong(
        "Patience where the figure stands",
        "train.EarlyStopping(5)",
        "ArgumentError",
        ("EarlyStopping", "name", "5"),
        "val_loss",
    ),
    Wrong(
        "Best weights by an accuracy that nobody measures",
        FIT + "train.fit(model, (x, y), loss=F.cross_entropy, callbacks=[train.BestWeights('accuracy')], " + SGD,
        "ArgumentError",
        ("BestWeights", "'accuracy'"),
        "metrics=",
    ),
    Wrong(
        "A loss by its name",
        FIT + "train.fit(model, (x, y), loss='cross_entropy', " + SGD,
        "ArgumentError",
        ("loss", "str"),
        "loss=F.cross_entropy",
    ),
    Wrong(
        "A metric by its name",
        FIT + "train.fit(model, (x, y), loss=F.cross_entropy, metrics=['accuracy'], " + SGD,
        "ArgumentError",
        ("metric", "accuracy"),
        "metrics=[metrics.accuracy]",
    ),
]
