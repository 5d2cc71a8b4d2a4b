"""The workloads, in the order of the tables: networks, one in each file, and operations alone, by families.

Each is written in every framework.
"""

from bench.workloads.adam import ADAMS
from bench.workloads.gpt_small import GptSmall
from bench.workloads.infer_lenet import InferLenet
from bench.workloads.infer_mnist_mlp import InferMnistMlp
from bench.workloads.infer_resnet18_cifar import InferResnet18Cifar
from bench.workloads.layers import LAYERS
from bench.workloads.lenet import Lenet
from bench.workloads.matmul import MATMULS
from bench.workloads.mnist_mlp import MnistMlp
from bench.workloads.moons import Moons
from bench.workloads.resnet18_cifar import Resnet18Cifar
from bench.workloads.tiny_xor import TinyXor
from bench.workloads.vgg_block import VggBlock
from bench.workloads.word2vec_dense import Word2vecDense
from bench.workloads.word2vec_sparse import Word2vecSparse

WORKLOADS = {
    workload.name: workload
    for workload in (
        TinyXor(),
        Moons(),
        MnistMlp(),
        Lenet(),
        Resnet18Cifar(),
        Word2vecDense(),
        Word2vecSparse(),
        GptSmall(),
        InferMnistMlp(),
        InferLenet(),
        InferResnet18Cifar(),
        *MATMULS,
        *LAYERS,
        VggBlock(),
        *ADAMS,
    )
}
GROUPS = {
    group: [name for name, workload in WORKLOADS.items() if workload.group == group] for group in ("networks", "alone")
}
