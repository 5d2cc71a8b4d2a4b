"""Large learning rates early, small ones late: five schedules, and where each lets the same network end.

    python examples/schedules.py --picture schedules.png

A large rate is quick, but batches differ, and the last steps are as long as the first: the weights never come to rest.
A small rate rests at last, but long after. A schedule has both: it begins large and ends small, in stairs, along half a
wave of a cosine, or after a warm-up, during which the first, wildest gradients do little harm.
(Robbins and Monro, 1951, ask for rates whose sum is infinite and whose squares have a finite sum; cosine: Loshchilov
and Hutter, "SGDR", 2017; one cycle: Smith and Topin, "Super-convergence", 2018; warm-up: Goyal et al., 2017.)
"""

import numpy as np
from common import options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import PALETTE, new_figure, save, tidy

STEPS, BATCH = 600, 8
RATES = (0.3, 0.1, 0.03)
SCHEDULES = {
    "constant": lambda o, rate: optim.LambdaLR(o, lambda step: 1.0),
    "stairs": lambda o, rate: optim.StepLR(o, step_size=STEPS // 3, gamma=0.2),
    "cosine": lambda o, rate: optim.CosineAnnealingLR(o, T_max=STEPS),
    "warm-up, cosine": lambda o, rate: optim.WarmupCosineLR(o, warmup=STEPS // 10, total=STEPS),
    "one cycle": lambda o, rate: optim.OneCycleLR(o, max_lr=rate, total_steps=STEPS, cycle_momentum=False),
}


class Lab:
    """A network and its compiled step; every training begins anew in it, and nothing is compiled twice."""

    def __init__(self):
        images, labels = data.digits()
        x = images.reshape(len(images), 64).astype(np.float32)
        self.x, self.y = x[:1000], labels[:1000].copy()
        random = np.random.default_rng(0)
        wrong = random.random(1000) < 0.15  # so that batches disagree for ever
        self.y[wrong] = random.integers(10, size=wrong.sum())
        self.x_held, self.y_held = pc.tensor(x[1000:]), pc.tensor(labels[1000:])
        self.model = model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        self.optimizer = optimizer = optim.SGD(model.parameters(), lr=0.1)

        @pc.compile
        def step(x, y):
            J = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            J.backward()
            optimizer.step()
            return J

        self.step = step

    def train(self, make_schedule, rate, seed):
        """The learning rate of each step, the loss of each step, and the loss on digits held back."""
        pc.manual_seed(seed)
        for layer in (self.model[0], self.model[2]):
            layer.reset_parameters()
        (group,) = self.optimizer.param_groups
        group["lr"] = group["initial_lr"] = rate
        schedule = make_schedule(self.optimizer, rate)
        random = np.random.default_rng(seed)
        rates, losses = [], []
        for _ in range(STEPS):
            rows = random.integers(len(self.x), size=BATCH)
            rates.append(group["lr"])
            losses.append(self.step(pc.from_numpy(self.x[rows]), pc.from_numpy(self.y[rows])).item())
            schedule.step()
        return rates, losses, F.cross_entropy(self.model(self.x_held), self.y_held).item()


def draw(shown, path):
    """The learning rates above, the losses below."""
    figure = new_figure(7, 5.2)
    above, below = figure.subplots(2, 1, sharex=True)
    for (name, (rates, losses)), color in zip(shown.items(), PALETTE, strict=False):
        above.plot(rates, color=color, label=name)
        smooth = np.array(losses).reshape(-1, 30).mean(1)
        below.plot(np.arange(len(smooth)) * 30 + 15, smooth, color=color, label=name)
    above.set_ylabel("learning rate")
    below.set(xlabel="step", ylabel="training loss (means of 30)")
    for axes in (above, below):
        tidy(axes)
    above.legend(frameon=False, fontsize=8, loc="upper right")
    save(figure, path)


def main():
    chosen = options(__doc__)
    seeds, rates = (4, RATES[:2]) if chosen.fast else (12, RATES)
    lab, ends, shown = Lab(), {}, {}
    for name, make in SCHEDULES.items():
        runs = {rate: [lab.train(make, rate, seed) for seed in range(seeds)] for rate in rates}
        finals = {rate: np.array([held for _, _, held in found]) for rate, found in runs.items()}
        rate = min(rates, key=lambda rate: finals[rate].mean())
        ends[name] = finals[rate]
        shown[name] = runs[rate][0][0], np.mean([losses for _, losses, _ in runs[rate]], axis=0)
        gain = ends["constant"] - ends[name]
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        told = f"lower than constant by {gain.mean():.3f} ± {error:.3f}" if name != "constant" else ""
        print(f"{name:16} best rate {rate:<5} loss on digits held back {ends[name].mean():.3f}   {told}", flush=True)
    if chosen.picture:
        draw(shown, chosen.picture)


if __name__ == "__main__":
    main()
