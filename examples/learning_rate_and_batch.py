"""Learning rate by batch size: where both grow by the same factor, the same number of passes brings the same loss.

    python examples/learning_rate_and_batch.py --picture learning_rate_and_batch.png

A network 1-8-1 learns a curve from a thousand points. Every cell of the table gets as many passes over the data, so a
batch ten times as large means a tenth of the steps. If it shall get as far, each step must be ten times as long: cells
with the same quotient of learning rate and batch size, which lie on a diagonal, come out alike. That holds until the
learning rate is so large that training bursts. So a larger batch wants a larger rate, and from some size on there is no
rate large enough to make up for the steps that are missing.
(The data: chapter 9 of Microsoft's ai-edu course. The rule: Goyal et al., "Accurate, large minibatch SGD", 2017.)
"""

import numpy as np
from common import options, samples

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim
from pellucid.view.canvas import INK, new_figure, save

BATCHES = (10, 100, 1000)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def curve():
    """The thousand points of the course; without its file, a law like theirs."""
    found = samples("ch09.train")
    if found is not None:
        return found[0].astype(np.float32), found[1].astype(np.float32)
    random = np.random.default_rng(0)
    x = random.random((1000, 1))
    y = 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.01 * np.cos(50 * x) - 0.3
    return x.astype(np.float32), (y + 0.03 * random.standard_normal(y.shape)).astype(np.float32)


def losses(x, y, size, passes, seeds):
    """For each learning rate the mean loss at the end, over several beginnings; infinite where the training burst."""
    model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    untouched = optimizer.state_dict()

    @pc.compile
    def step(x, y):
        J = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
        return J

    def end(rate, seed):
        pc.manual_seed(seed)
        for layer in (model[0], model[2]):
            layer.reset_parameters()
        optimizer.load_state_dict(untouched)
        optimizer.param_groups[0]["lr"] = rate
        loader = data.DataLoader((x, y), size, shuffle=True, seed=seed)
        for _ in range(passes):
            rows = loader.order(loader.epoch).reshape(-1, size)
            step.repeat(pc.tensor(x[rows]), pc.tensor(y[rows]))
            loader.epoch += 1
        return F.mse_loss(model(pc.tensor(x)), pc.tensor(y)).item()

    return [np.mean([end(rate, seed) for seed in range(seeds)]) for rate in RATES]


def draw(table, path):
    """The table as a map, dark is low."""
    figure = new_figure(6, 3.8)
    axes = figure.add_subplot()
    shown = np.log10(np.where(np.isfinite(table), table, np.nan))
    image = axes.imshow(shown, cmap="Blues_r", aspect="auto")
    for row in range(len(BATCHES)):
        for column in range(len(RATES)):
            words = f"{table[row, column]:.4f}" if np.isfinite(table[row, column]) else "burst"
            dark = shown[row, column] < (np.nanmin(shown) + np.nanmax(shown)) / 2
            axes.text(column, row, words, ha="center", va="center", fontsize=8, color="white" if dark else INK)
    axes.set_xticks(range(len(RATES)), [f"{rate:g}" for rate in RATES])
    axes.set_yticks(range(len(BATCHES)), [str(size) for size in BATCHES])
    axes.set(xlabel="learning rate", ylabel="batch size")
    figure.colorbar(image, label="log10 of the mean squared error")
    save(figure, path)


def factor(losses):
    """How many times the largest loss is as large as the smallest; those that burst are left out."""
    return np.nanmax(losses) / np.nanmin(losses)


def main():
    chosen = options(__doc__)
    x, y = curve()
    print("mean squared error at the end, by batch size and learning rate")
    print("batch " + "".join(f"{rate:>9g}" for rate in RATES))
    table = np.full((len(BATCHES), len(RATES)), np.nan)
    for row, size in enumerate(BATCHES):
        table[row] = losses(x, y, size, passes=60 if chosen.fast else 200, seeds=2 if chosen.fast else 5)
        print(f"{size:<6}" + "".join(f"{loss:9.4f}" for loss in table[row]), flush=True)
    print("largest loss by smallest, of three batch sizes with   the same rate   the same rate / batch")
    for column in range(3):
        diagonal = [table[row, column + 2 * row] for row in range(len(BATCHES))]  # ten times the batch: two columns
        print(f"rate {RATES[column]:<7g} {factor(table[:, column]):53.2f}   {factor(diagonal):21.2f}")
    if chosen.picture:
        draw(table, chosen.picture)


if __name__ == "__main__":
    main()
