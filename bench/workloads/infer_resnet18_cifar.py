"""One picture at a time through ResNet-18: a NumPy array goes in, a NumPy array comes out."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from importlib.util import find_spec

import numpy as np

from bench import answers, steps
from bench.workload import Workload
from bench.workloads.resnet18_cifar import (
    MULTIPLICATIONS,
    jax_scores,
    kernel_size,
    resnet_weights,
    scores,
    torch_network,
)


class InferResnet18Cifar(Workload):
    """ResNet-18, batch 1, forward only, batch norms with their running statistics."""

    name = "infer_resnet18_cifar"
    goal = 1.0
    title = "ResNet-18, pictures 3 x 32 x 32, batch 1, forward only, from NumPy array to NumPy array"
    kinds = ("infer",)
    flops = 2.0 * (MULTIPLICATIONS + 512 * 10)
    left_out = {"keras": "not written: its residual blocks would have to be put together by hand"}  # noqa: RUF012

    def weights(self, random):
        return resnet_weights(random)

    def batches(self, random):
        return [(random.normal(0, 1, (1, 3, 32, 32)).astype(np.float32),) for _ in range(32)]

    def pellucid(self, weights, setting):
        from pellucid import models

        model = steps.pellucid_module(models.resnet18(10, small_images=True), weights)
        return answers.pellucid_session(model, setting)

    def torch(self, weights, setting):
        model = steps.torch_images(steps.torch_module(torch_network(), weights), setting)
        return answers.torch_session(model, setting)

    def jax(self, weights, setting):
        from bench.jax_images import normalised

        w = steps.jax_weights(weights, ("fc.weight",))

        def norm(x, name):
            mean, variance = w[f"{name}.running_mean"], w[f"{name}.running_var"]
            return normalised(x, mean, variance, w[f"{name}.weight"], w[f"{name}.bias"])

        return answers.jax_session(lambda x: jax_scores(w, x, norm))

    def onnxruntime(self, weights, setting):
        return answers.onnxruntime_session(self.folder)

    def files(self, folder, weights):
        """The network as an ONNX file, if the package `onnx` is there."""
        if not find_spec("onnx"):
            return
        file = answers.OnnxFile()

        def layer(x, convolution, norm, entering, leaving, stride):
            pads = [kernel_size(convolution) // 2] * 4
            y = file.node("Conv", x, f"{convolution}.weight", strides=[stride] * 2, pads=pads)
            return file.node(
                "BatchNormalization",
                y,
                *[f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var")],
            )

        def head(x):
            return file.linear(file.node("Flatten", file.node("GlobalAveragePool", x)), "fc")

        scores("x", layer, file.relu, lambda y, x: file.node("Add", y, x), head)
        weights = {name: array for name, array in weights.items() if not name.endswith("num_batches_tracked")}
        file.save(folder, weights, [1, 3, 32, 32], 10)
