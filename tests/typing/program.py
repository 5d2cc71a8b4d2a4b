"""A small program as users write it: what a type checker must know of each value. Never run, only checked."""

from typing import Any, assert_type

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim, train
from pellucid.optim import ParamGroup

x = pc.tensor([[1.0, 2.0]])
assert_type(x, pc.Tensor)
for y in (x + 1, 1.0 - x, x * x, x / 2, x**2, x @ x.mT, -x, x > 0, x <= 1, x == 1, x[0], x[:, 1], abs(x)):
    assert_type(y, pc.Tensor)
assert_type(x.reshape(2, 1).exp().sum(dim=0, keepdim=True), pc.Tensor)
assert_type(x.shape, tuple[int, ...])
assert_type(x.dtype, np.dtype[Any])
assert_type(x.numpy(), np.ndarray[Any, Any])
assert_type(x.grad, pc.Tensor | None)
assert_type(x.requires_grad, bool)
assert_type(len(x), int)
assert_type(float(x.sum()), float)
assert_type(pc.zeros(2, 3), pc.Tensor)
assert_type(pc.cat([x, x]), pc.Tensor)
assert_type(F.relu(x), pc.Tensor)
assert_type(F.cross_entropy(x, pc.tensor([1])), pc.Tensor)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 3)
        self.out = nn.Linear(3, 2)

    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))


class Pair(nn.Module):
    def forward(self, x: pc.Tensor, *, twice: bool = False) -> tuple[pc.Tensor, int]:
        return (x + x if twice else x), len(x)


model = Net()
assert_type(model(x), pc.Tensor)
assert_type(model.hidden(x), pc.Tensor)
assert_type(model.hidden.weight, nn.Parameter)
assert_type(Pair()(x, twice=True), tuple[pc.Tensor, int])
assert_type(nn.Sequential(nn.Linear(2, 3), nn.ReLU())(x), pc.Tensor)
assert_type(model.eval(), Net)
assert_type(list(model.parameters()), list[nn.Parameter])
assert_type(model.state_dict(), dict[str, pc.Tensor])
assert_type(pc.load("net.safetensors"), dict[str, pc.Tensor])

optimizer = optim.Adam(model.parameters(), lr=0.1)
assert_type(optimizer.param_groups, tuple[ParamGroup, ...])
optimizer.zero_grad()
optimizer.step()

loader = data.DataLoader((np.ones((4, 2)), np.zeros(4)), batch_size=2)
history = train.fit(
    model,
    loader,
    loss=F.cross_entropy,
    optimizer=optimizer,
    epochs=1,
    metrics=[metrics.accuracy],
    callbacks=[train.EarlyStopping(patience=3), train.BestWeights()],
)
assert_type(history, list[dict[str, Any]])


@pc.compile
def step(x, y):
    loss = F.mse_loss(model(x), y)
    loss.backward()
    return loss


step(x, x)
with pc.no_grad():
    assert_type(model(x).argmax(1), pc.Tensor)
