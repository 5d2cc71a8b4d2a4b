"""One training step of a network for MNIST, as the C program that it becomes.

The network has 784 inputs, 512 hidden units with relu, and 10 outputs; the loss is softmax cross entropy, the optimizer
RMSprop. `pc.compile` records forward pass, backward pass and update of one batch; `step.source` is the C.

    python examples/compiled_step.py               print the C
    python examples/compiled_step.py --graph       print the recorded graph that it was made from
    python examples/compiled_step.py --profile     run it and print where the time goes
"""

import sys

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

pc.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
optimizer = optim.RMSprop(model.parameters(), lr=0.001)


@pc.compile(target="c")
def step(x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


random = np.random.default_rng(0)
images = pc.tensor(random.random((128, 1, 28, 28), dtype=np.float32))
labels = pc.tensor(random.integers(0, 10, size=128))
step(images, labels)

if "--graph" in sys.argv:
    print(step.graph)
elif "--profile" in sys.argv:
    print(step.profile())
else:
    print(step.source)
