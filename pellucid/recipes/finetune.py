"""Fine-tuning: a network that knows six kinds of things learns four others from five pictures of each.

Five pictures are too few to learn what an edge, fur or a wheel is. A network that has seen 30,000 other pictures knows
that already, and has to learn the new names only. Each stage is a training of its own, in a folder of its own:

1. known: a body and a first head learn six classes of CIFAR-10, 5,000 pictures of each;
2. head: the body is frozen, and a new head learns the four other classes from five pictures of each;
3. all of it goes on with the same twenty pictures: the head at the rate lr, the body at a tenth of it, since what lies
   further down is the more general and has the less to change.

Beside it a network of the same kind learns the twenty pictures from nothing (scratch). Over the seeds 0 to 4 the mean
accuracy on 4,000 test pictures is 45.2 % from nothing, 62.9 % with a new head, and 62.3 % at the end: a gain of 17.1
points, with a standard error of 1.2 (docs/what-helps.md).

Source: Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?" (2014).
"""

from functools import partial

import numpy as np

import pellucid.functional as F
from pellucid import data, metrics, nn, optim, tensors, train
from pellucid.data import transforms
from pellucid.recipes.inputs import Photos
from pellucid.recipes.result import Result

KNOWN = (0, 2, 4, 5, 8, 9)  # airplane, bird, deer, dog, ship, truck
NEW = (1, 3, 6, 7)  # automobile, cat, frog, horse
CLASSES = tuple([data.class_names("cifar10")[label] for label in NEW])
INPUTS = Photos(size=32)
FEW = 5  # pictures of each new class
MANY = 128  # pictures in a batch where there are many


class Network(nn.Module):
    """A body, which makes 128 features of a picture, and a head, which makes scores of classes of them.

    x (n, 3, 32, 32) from 0 to 1 -> (n, classes). The first batch norm brings each color to mean 0 and standard
    deviation 1.
    """

    def __init__(self, classes):
        self.body = nn.Sequential(
            nn.BatchNorm2d(3, affine=False),
            *layer(3, 16), nn.MaxPool2d(2),
            *layer(16, 32), nn.MaxPool2d(2),
            *layer(32, 64), nn.MaxPool2d(2),
            *layer(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.head = nn.Linear(128, classes)
        self.learned = False

    def forward(self, x):
        return self.head(self.body(x))

    def train(self, mode=True):
        """As always; but a body that has learned keeps its statistics of many pictures: those of twenty are worse."""
        super().train(mode)
        if self.learned:
            self.body.eval()
        return self

    def take_body(self, other):
        """Begin with what another network has learned."""
        self.body.load_state_dict(other.body.state_dict())
        self.learned = True


def layer(in_channels, channels):
    """A 3 x 3 convolution (batch norm has a bias, so it needs none), batch norm, and ReLU."""
    convolution = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(channels), nn.ReLU()]


def make_model():
    """A network for the new classes, with numbers drawn at random."""
    return Network(len(NEW))


def select(images, labels, classes, count=None, seed=0):
    """The pictures of some classes, all or `count` of each drawn at random, and labels 0, 1, 2 ... of these classes."""
    order = np.random.default_rng(seed).permutation(len(labels))
    rows = np.concatenate([order[labels[order] == label][:count] for label in classes])
    return images[rows], np.searchsorted(classes, labels[rows])


def learn(model, groups, pictures, epochs, batch_size=MANY, seed=0, run=None):
    """One stage: Adam on these groups of parameters, each with its rate, which falls to 0 along a cosine."""
    size = pictures[0].shape[-1]
    moved = transforms.RandomCrop(size, padding=size // 8)
    augment = transforms.Compose([transforms.RandomHorizontalFlip(), moved, transforms.ToFloat()])
    optimizer = optim.Adam(groups)
    train.fit(
        model,
        data.DataLoader(pictures, batch_size, shuffle=True, seed=seed, transform=augment, prefetch=2),
        loss=F.cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        metrics=[metrics.accuracy],
        callbacks=[train.Schedule(optim.CosineAnnealingLR(optimizer, T_max=epochs))],
        run=run,
        progress=run is not None,
    )


def learn_known(model, pictures, epochs, **options):
    """Stage 1, and the training from nothing: all parameters at one rate."""
    learn(model, [{"params": model.parameters(), "lr": 0.004}], pictures, epochs, **options)


def learn_head(model, first, pictures, epochs, lr, **options):
    """Stage 2: the body is that of the first network, gets no gradients and stays so; the head takes large steps."""
    model.take_body(first)
    model.body.requires_grad_(False)
    learn(model, [{"params": model.head.parameters(), "lr": 10 * lr}], pictures, epochs, **options)
    model.body.requires_grad_(True)


def learn_all(model, pictures, epochs, lr, **options):
    """Stage 3: two groups of parameters, each with a rate of its own."""
    groups = [{"params": model.body.parameters(), "lr": lr / 10}, {"params": model.head.parameters(), "lr": lr}]
    learn(model, groups, pictures, epochs, **options)


def stage_of(run, name):
    """The folder of a stage inside that of the run; where it is there already the stage goes on, or is done."""
    folder = run.folder / name
    if (folder / "config.json").exists():
        return train.Run.open(folder)
    return train.Run.create(f"finetune-{name}", run.config["arguments"], folder)


def run(folder, epochs=30, batch_size=20, lr=0.001, seed=0, fast=False):
    """All stages, with `epochs` and `batch_size` for the few pictures; judged by 4,000 test pictures of their kinds."""
    images, labels = data.cifar10(form="first4000") if fast else data.cifar10("train")
    many, few = select(images, labels, KNOWN), select(images, labels, NEW, FEW, seed)
    x_test, y_test = select(*data.cifar10("test"), NEW)
    x_test = x_test.astype(np.float32) / 255
    tensors.manual_seed(seed)
    first, scratch, model = Network(len(KNOWN)), make_model(), make_model()
    networks = {"known": first, "scratch": scratch, "head": model, "all": model}
    small = {"batch_size": batch_size, "seed": seed}
    stages = {
        "known": partial(learn_known, first, many, 2 if fast else 5, seed=seed),
        "scratch": partial(learn_known, scratch, few, 2 * epochs, **small),
        "head": partial(learn_head, model, first, few, epochs, lr, **small),
        "all": partial(learn_all, model, few, epochs, lr, **small),
    }
    test = {}
    for name, stage in stages.items():
        part = folder if name == "all" else stage_of(folder, name)
        stage(run=part)
        folder.interrupted = part.interrupted
        if part.interrupted:
            break
        if name != "known":
            figures = train.evaluate(networks[name], (x_test, y_test), loss=F.cross_entropy, metrics=[metrics.accuracy])
            test |= figures if name == "all" else {f"accuracy_{name}": figures["accuracy"]}
    return Result(model, test, x_test, y_test, (few[0].astype(np.float32) / 255, few[1]))
