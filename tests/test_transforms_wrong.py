"""What transforms refuse, with words that say who, what came and what helps."""

import numpy as np
import pytest
from photos import LABELS, X

from pellucid.data import transforms
from pellucid.errors import ArgumentError, DtypeError, LabelError, PellucidError, ShapeError


def refused(error, words, call, *arguments, **options):
    with pytest.raises(error) as caught:
        call(*arguments, **options)
    assert isinstance(caught.value, PellucidError)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_pictures_of_another_kind_are_refused():
    flip, turn = transforms.RandomHorizontalFlip(), transforms.RandomRotation(5)
    refused(ShapeError, ["Channels come second", "transpose(0, 3, 1, 2)"], flip, X.transpose(0, 2, 3, 1))
    refused(ShapeError, ["(6, 12, 10)", "images[:, None]"], flip, X[:, 0])
    refused(ShapeError, ["(12, 10)", "images[None, None]"], flip, X[0, 0])
    refused(ShapeError, ["without pixels"], flip, X[:, :, :0])
    refused(DtypeError, ["RandomRotation", "float32", "uint8", "ToFloat"], turn, X / np.float32(255))
    refused(DtypeError, ["int64", "astype(np.uint8)"], flip, X.astype(np.int64))
    refused(ShapeError, ["rows"], flip, X, rows=[1, 2])
    refused(ShapeError, ["rows"], flip, X, rows=[[1, 2]])
    refused(ArgumentError, ["seed"], flip, X, seed=-1)
    late = transforms.Compose([transforms.ToFloat(), turn])
    refused(DtypeError, ["RandomRotation", "last step"], late, X)
    refused(ShapeError, ["red, green, blue"], transforms.Grayscale(), np.zeros((1, 4, 5, 5), np.uint8))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: transforms.RandomHorizontalFlip(1.5), ["probability", "1.5"]),
        (lambda: transforms.RandomErasing(-0.1), ["probability"]),
        (lambda: transforms.RandomErasing(value="noise"), ["random"]),
        (lambda: transforms.RandomErasing(scale=(0.5, 0.2)), ["scale"]),
        (lambda: transforms.RandomErasing(scale=(0.5, 2)), ["share"]),
        (lambda: transforms.RandomResizedCrop(5, ratio=(0, 1)), ["ratio"]),
        (lambda: transforms.RandomCrop(0), ["size"]),
        (lambda: transforms.RandomCrop(3, padding=(1, 2, 3)), ["padding"]),
        (lambda: transforms.RandomCrop(3, padding=-1), ["padding"]),
        (lambda: transforms.RandomCrop(3, padding_mode="wrap"), ["padding_mode", "reflect"]),
        (lambda: transforms.RandomRotation(-3), ["degrees"]),
        (lambda: transforms.RandomRotation(3, "cubic"), ["bilinear"]),
        (lambda: transforms.RandomAffine(3, translate=(2, 0)), ["translate"]),
        (lambda: transforms.RandomAffine(3, scale=(-1, 1)), ["scale"]),
        (lambda: transforms.ColorJitter(brightness=-1), ["brightness"]),
        (lambda: transforms.ColorJitter(hue=0.7), ["hue"]),
        (lambda: transforms.Grayscale(2), ["1 or 3"]),
        (lambda: transforms.Cutout(0), ["size"]),
        (lambda: transforms.Normalize(125.3, 63.0), ["255"]),
        (lambda: transforms.Normalize(0.5, 0.0), ["std"]),
        (lambda: transforms.MixUp(0), ["alpha"]),
        (lambda: transforms.MixUp("1"), ["alpha"]),
        (lambda: transforms.RandomHorizontalFlip("half"), ["probability"]),
        (lambda: transforms.RandomRotation("30"), ["degrees"]),
        (lambda: transforms.RandomRotation(30, fill="black"), ["fill"]),
        (lambda: transforms.RandomAffine(3, scale=("1", "2")), ["scale"]),
        (lambda: transforms.ColorJitter("much"), ["brightness"]),
        (lambda: transforms.ColorJitter(hue="red"), ["hue"]),
        (lambda: transforms.RandomErasing(scale=3), ["pair"]),
        (lambda: transforms.Cutout(3, value=None), ["value"]),
        (lambda: transforms.Cutout(3, value="black"), ["value"]),
        (lambda: transforms.Normalize("gray", 1), ["mean"]),
        (lambda: transforms.RandomCrop("all"), ["size"]),
        (lambda: transforms.Compose(transforms.ToFloat()), ["list"]),
        (lambda: transforms.Compose([transforms.RandomHorizontalFlip]), ["object"]),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, words):
    refused(ArgumentError, words, make)


def test_pictures_and_labels_that_do_not_fit_are_refused():
    refused(ShapeError, ["13 x 5", "12 x 10", "padding"], transforms.RandomCrop((13, 5)), X)
    refused(ShapeError, ["CenterCrop"], transforms.CenterCrop(11), X)
    refused(ShapeError, ["2 numbers", "3 channels"], transforms.Normalize((0.5, 0.5), 0.5), X)
    mix = transforms.MixUp(num_classes=5)
    refused(ArgumentError, ["transform(images, labels)"], mix, X)
    refused(LabelError, ["0 to 4"], mix, X, LABELS)
    refused(ShapeError, ["labels"], mix, X, LABELS[:3])
    refused(ArgumentError, ["num_classes=10"], transforms.CutMix(), X, LABELS)
    refused(ShapeError, ["10 classes"], mix, X, np.eye(10)[LABELS])
    refused(ArgumentError, ["before Normalize"], transforms.RandomErasing(1, value="random"), X / 255)
