"""What was learned from many pictures helps to learn others from few; what is frozen stays; groups keep their rates."""

import json

import numpy as np
import pytest

import pellucid.functional as F
from pellucid import data, metrics, recipes, tensors, train
from pellucid.data import transforms
from pellucid.recipes import finetune

SEEDS = 5


def accuracy(model, test):
    """The part of the test pictures that a model names rightly."""
    return train.evaluate(model, test, loss=F.cross_entropy, metrics=[metrics.accuracy])["accuracy"]


def small(classes, images, labels, count, seed=0):
    """Pictures of 16 x 16 pixels of some classes."""
    x, y = finetune.select(images, labels, classes, count, seed)
    return np.asarray(transforms.Resize(16)(x)), y


@pytest.mark.slow
def test_what_was_learned_before_beats_learning_from_scratch(real_data):
    """Five pictures of each new class, five times others: the gain is above two standard errors.

    The recipe at a quarter of the pixels, with 2,000 of the 5,000 pictures of each known class, three epochs.
    """
    images, labels = data.cifar10("train")
    tensors.manual_seed(0)
    first = finetune.Network(len(finetune.KNOWN))
    finetune.learn_known(first, small(finetune.KNOWN, images, labels, 2000), epochs=3)
    gains = []
    for seed in range(SEEDS):
        x, y = small(finetune.NEW, images, labels, 250, seed)
        count = np.arange(len(y)) % 250  # the pictures of a class lie together
        few, others = count < finetune.FEW, count >= 50
        test = x[others].astype(np.float32) / 255, y[others]
        tensors.manual_seed(seed)
        scratch, model = finetune.make_model(), finetune.make_model()
        options = {"batch_size": 20, "seed": seed}
        finetune.learn_known(scratch, (x[few], y[few]), 60, **options)
        finetune.learn_head(model, first, (x[few], y[few]), 30, 0.001, **options)
        finetune.learn_all(model, (x[few], y[few]), 30, 0.001, **options)
        gains.append(accuracy(model, test) - accuracy(scratch, test))
    assert np.mean(gains) > 2 * np.std(gains, ddof=1) / np.sqrt(SEEDS)
    assert np.mean(gains) > 0.03


def pictures(count=20):
    """Noise in four classes."""
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, 3, 8, 8), dtype=np.uint8), np.arange(count) % len(finetune.NEW)


def test_a_frozen_body_stays_as_it_was_to_the_bit():
    """Weights and the statistics of batch norm; the head has learned."""
    tensors.manual_seed(0)
    first, model = finetune.Network(6), finetune.make_model()
    before, head = first.body.state_dict(), model.head.weight.numpy().copy()
    finetune.learn_head(model, first, pictures(), 8, 0.01, batch_size=10)
    after = model.body.state_dict()
    assert before.keys() == after.keys()
    assert all((before[name].numpy() == after[name].numpy()).all() for name in before)
    assert (model.head.weight.numpy() != head).any()  # features that are always 0 move nothing
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_body_moves_less_than_the_head():
    """Adam's steps are about as large as its rate, whatever the gradient: 1/10 in the body; its statistics stay."""
    tensors.manual_seed(0)
    model = finetune.make_model()
    model.take_body(finetune.Network(6))
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    finetune.learn_all(model, pictures(), 2, 0.001, batch_size=20)
    moved = {name: np.abs(value.numpy() - before[name]).max() for name, value in model.state_dict().items()}
    assert 0 < moved["body.1.weight"] < 0.25 * moved["head.weight"]
    assert moved["head.weight"] <= 2.1 * 0.001
    assert moved["body.2.running_mean"] == 0


@pytest.mark.slow
def test_the_recipe_runs_and_goes_on_where_it_was_interrupted(real_data, tmp_path, monkeypatch):
    whole = recipes.start("finetune", tmp_path / "whole", fast=True, epochs=2)
    kept = json.loads((tmp_path / "whole" / "metrics.json").read_text(encoding="utf-8"))
    assert kept["test_samples"] == 4000
    assert {"accuracy", "accuracy_head", "accuracy_scratch"} <= kept["test"].keys()
    assert len(whole.samples) == 3

    with monkeypatch.context() as broken:
        broken.setattr(finetune, "learn_head", interrupted)
        parts = recipes.start("finetune", tmp_path / "parts", fast=True, epochs=2)
    assert parts.run.interrupted
    assert not (tmp_path / "parts" / "metrics.json").exists()
    recipes.resume(tmp_path / "parts")
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "parts")]
    assert weights[0] == weights[1]
    assert json.loads((tmp_path / "parts" / "metrics.json").read_text(encoding="utf-8"))["test"] == kept["test"]


def interrupted(*_, run, **__):
    """Ctrl-C before the first step of a stage."""
    run.interrupted = True
