"""Mistakes that a type checker must find: each line that ignores one is an error where there is none to ignore."""

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim, train

x = pc.tensor([[1.0, 2.0]])
x.backwards()  # type: ignore[attr-defined]
x.reshap(2, 1)  # type: ignore[attr-defined]
x.sum(dimension=0)  # type: ignore[call-arg]
F.softmaxx(x)  # type: ignore[attr-defined]
F.cross_entropy(x)  # type: ignore[call-arg]
pc.ons(2)  # type: ignore[attr-defined]
pc.zeros(2, type=pc.int64)  # type: ignore[call-arg]


class Net(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return self.layer(x)


model = Net()
model(x, x)  # type: ignore[call-arg]
model(x).backwards()  # type: ignore[attr-defined]
nn.Linear(2)  # type: ignore[call-arg]
nn.Linear(2, 1, biass=True)  # type: ignore[call-arg]
optimizer = optim.SGD(model.parameters(), lr=0.1)
optimizer.steps()  # type: ignore[attr-defined]
train.fit(model, (np.ones(2), np.ones(2)), optimizer=optimizer, epochs=1)  # type: ignore[call-arg]
history = train.fit(model, (np.ones(2), np.ones(2)), loss=F.mse_loss, optimizer=optimizer, epochs=1)
history["loss"]  # type: ignore[call-overload]
