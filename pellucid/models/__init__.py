"""Models: one file, one model."""

from pellucid import blame
from pellucid.models.cifar_resnet import cifar_resnet
from pellucid.models.lenet import lenet5
from pellucid.models.mlp import mlp
from pellucid.models.nin import nin
from pellucid.models.resnet import resnet18, resnet34, resnet50
from pellucid.models.vgg import vgg11, vgg16

__all__ = [
    "cifar_resnet",
    "lenet5",
    "mlp",
    "nin",
    "resnet18",
    "resnet34",
    "resnet50",
    "vgg11",
    "vgg16",
]

blame.answer_for(globals())
