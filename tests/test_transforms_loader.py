"""Transforms on the way to a network: in a DataLoader, ahead of time, resumed, from folders."""

import numpy as np
import pytest
from photos import photos
from PIL import Image
from stopping import Stop

import pellucid as pc
import pellucid.functional as F
from pellucid import metrics, models, nn, optim, train
from pellucid.data import DataLoader, ImageFolder, transforms
from pellucid.errors import ArgumentError

AUGMENT = transforms.Compose(
    [
        transforms.RandomCrop((12, 10), padding=2),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(10, "bilinear"),
        transforms.ColorJitter(0.2),
        transforms.Normalize(0.5, 0.25),
    ]
)
MANY, MANY_LABELS = photos(53, seed=4), np.arange(53) % 5


def bits(batches):
    return [[array.tobytes() for array in batch] for batch in batches]


def test_the_loader_gives_the_same_with_prefetch_and_from_the_middle():
    plain, ahead = (
        DataLoader((MANY, MANY_LABELS), 8, shuffle=True, seed=2, prefetch=prefetch, transform=AUGMENT)
        for prefetch in (0, 3)
    )
    for epoch in range(2):
        whole = bits(plain.batches(epoch))
        assert bits(ahead.batches(epoch)) == whole
        assert bits(ahead.batches(epoch, start=4)) == whole[4:]
    assert bits(plain.batches(0)) != bits(plain.batches(1))
    assert "transform=Compose" in repr(plain)


def test_a_picture_does_not_depend_on_the_size_of_the_batch():
    def by_row(batch_size):
        loader = DataLoader((MANY, np.arange(53)), batch_size, shuffle=True, seed=2, transform=AUGMENT)
        return {row: image.tobytes() for x, rows in loader for image, row in zip(x, rows.tolist(), strict=True)}

    assert by_row(8) == by_row(5) == by_row(53)


def test_any_function_may_be_a_transform():
    loader = DataLoader(np.arange(5), 2, transform=lambda x, *, seed, epoch, rows: x * 10 + epoch)
    assert [batch.tolist() for (batch,) in loader.batches(3)] == [[3, 13], [23, 33], [43]]
    loader = DataLoader((MANY, MANY_LABELS), 4, transform=transforms.MixUp(num_classes=5))
    x, y = next(iter(loader))
    assert (x.shape, y.shape) == ((4, 3, 12, 10), (4, 5))
    for wrong in (transforms.RandomHorizontalFlip, "flip", [transforms.ToFloat()]):
        with pytest.raises(ArgumentError, match="transform"):
            DataLoader(MANY, transform=wrong)


def trained(folder, mix, callbacks=(), prefetch=0):
    """The weights after three epochs with transforms; training goes on where a checkpoint is."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), models.mlp(360, 8, 5))
    steps = [*AUGMENT.transforms, *([transforms.MixUp(0.4, num_classes=5)] if mix else [])]
    loader = DataLoader(
        (MANY, MANY_LABELS), 8, shuffle=True, seed=3, prefetch=prefetch, transform=transforms.Compose(steps)
    )
    exists = (folder / "config.json").exists()
    train.fit(
        model,
        loader,
        loss=F.cross_entropy,
        optimizer=optim.SGD(model.parameters(), lr=0.05, momentum=0.9),
        epochs=3,
        metrics=[] if mix else [metrics.accuracy],
        callbacks=callbacks,
        run=train.Run.open(folder) if exists else train.Run.create("test", folder=folder),
        progress=False,
        compile=False,
    )
    return [parameter.numpy().tobytes() for parameter in model.parameters()]


@pytest.mark.parametrize("mix", [False, True])
def test_a_training_that_was_interrupted_gives_the_same_bits(tmp_path, mix):
    whole = trained(tmp_path / "whole", mix)
    trained(tmp_path / "broken", mix, callbacks=[Stop(10)], prefetch=2)
    assert trained(tmp_path / "broken", mix, prefetch=1) == whole


def test_folders_of_images_fit(tmp_path):
    for name, value in [("black", 0), ("white", 255)]:
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("RGB", (6, 4), (value, 10 * number, 7)).save(tmp_path / name / f"{number}.png")
    dataset = ImageFolder(tmp_path, dtype="uint8")
    images = dataset[:][0]
    assert (images.dtype, images.shape) == (np.uint8, (6, 3, 4, 6))
    assert images[:, :, 0, 0].tolist() == [[v, 10 * i, 7] for v in (0, 255) for i in range(3)]
    np.testing.assert_array_equal(ImageFolder(tmp_path)[:][0], images.astype(np.float32) / 255)
    assert dataset[[]][0].dtype == np.uint8
    loader = DataLoader(dataset, 4, transform=AUGMENT.transforms[-1], prefetch=1)
    assert [x.dtype for x, _ in loader] == [np.float32] * 2
    with pytest.raises(ArgumentError, match="dtype"):
        ImageFolder(tmp_path, dtype="float64")
