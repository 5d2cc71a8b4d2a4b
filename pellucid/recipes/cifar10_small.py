"""CIFAR-10 in three minutes: the recipe cifar10 with 8 layers in place of 20."""

from pellucid.recipes import cifar10

CLASSES, INPUTS = cifar10.CLASSES, cifar10.INPUTS


def make_model():
    """One block in each of the three stages: a third of the work of 20 layers."""
    return cifar10.make_model(depth=8)


def run(folder, epochs=4, batch_size=128, lr=0.2, seed=0, fast=False):
    """Four epochs show what is possible in a short time: seven of ten test pictures are right."""
    return cifar10.learn(folder, 8, min(epochs, 2) if fast else epochs, batch_size, lr, seed, fast)
