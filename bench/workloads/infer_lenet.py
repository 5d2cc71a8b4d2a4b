"""One picture at a time through LeNet-5: a NumPy array goes in, a NumPy array comes out."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from importlib.util import find_spec

from bench import answers, steps
from bench.workload import Session, Workload
from bench.workloads.lenet import FORWARD, TURNED, jax_scores, keras_network, lenet_weights, network
from bench.workloads.mnist_mlp import pictures


class InferLenet(Workload):
    """LeNet-5, batch 1, forward only."""

    name = "infer_lenet"
    goal = 1.2
    title = "LeNet-5, batch 1, forward only, from NumPy array to NumPy array"
    kinds = ("infer",)
    flops = 2.0 * sum(FORWARD.values())

    def weights(self, random):
        return lenet_weights(random)

    def batches(self, random):
        return [(pictures(random, 1).reshape(1, 1, 28, 28),) for _ in range(32)]

    def pellucid(self, weights, setting):
        from pellucid import nn

        return answers.pellucid_session(steps.pellucid_module(network(nn), weights), setting)

    def torch(self, weights, setting):
        from torch import nn

        model = steps.torch_images(steps.torch_module(network(nn), weights), setting)
        return answers.torch_session(model, setting)

    def jax(self, weights, setting):
        w = steps.jax_weights(weights, TURNED)
        return answers.jax_session(lambda x: jax_scores(w, x))

    def onnxruntime(self, weights, setting):
        return answers.onnxruntime_session(self.folder)

    def keras(self, weights, setting):
        return Session(keras_network(weights).predict_on_batch)

    def files(self, folder, weights):
        """The network as an ONNX file, if the package `onnx` is there."""
        if not find_spec("onnx"):
            return
        file, x = answers.OnnxFile(), "x"
        for name, padding in (("0", 2), ("3", 0)):
            x = file.relu(file.node("Conv", x, f"{name}.weight", f"{name}.bias", pads=[padding] * 4))
            x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
        x = file.node("Flatten", x)
        for name in ("7", "9"):
            x = file.relu(file.linear(x, name))
        file.linear(x, "11")
        file.save(folder, weights, [1, 1, 28, 28], 10)
