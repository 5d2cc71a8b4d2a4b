"""One picture at a time through 784-512-10: what an answer costs. A NumPy array goes in, a NumPy array comes out."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from importlib.util import find_spec

from bench import answers, steps
from bench.workload import Session, Workload, mlp_flops
from bench.workloads.mnist_mlp import LAYERS, SIZES, mlp_weights, network, pictures


class InferMnistMlp(Workload):
    """784-512-10, batch 1, forward only."""

    name = "infer_mnist_mlp"
    goal = 1.2
    title = "784-512-10 with relu, batch 1, forward only, from NumPy array to NumPy array"
    kinds = ("infer",)
    tolerance = 1e-5  # of the largest output; sums of 784 products in another order make 1e-6
    flops = mlp_flops(1, SIZES, training=False)

    def weights(self, random):
        return mlp_weights(random)

    def batches(self, random):
        return [(pictures(random, 1),) for _ in range(32)]

    def pellucid(self, weights, setting):
        from pellucid import nn

        return answers.pellucid_session(steps.pellucid_module(network(nn), weights), setting)

    def torch(self, weights, setting):
        from torch import nn

        return answers.torch_session(steps.torch_module(network(nn), weights), setting)

    def jax(self, weights, setting):
        import jax

        w = steps.jax_weights(weights, ("0.weight", "2.weight"))

        def forward(x):
            hidden = jax.nn.relu(x @ w["0.weight"] + w["0.bias"])
            return hidden @ w["2.weight"] + w["2.bias"]

        return answers.jax_session(forward)

    def onnxruntime(self, weights, setting):
        return answers.onnxruntime_session(self.folder)

    def keras(self, weights, setting):
        import keras

        layers = [keras.Input((784,)), keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10)]
        model = steps.keras_model(layers, weights, LAYERS)
        return Session(model.predict_on_batch)

    def files(self, folder, weights):
        """The network as an ONNX file, if the package `onnx` is there: two products with a relu between them."""
        if find_spec("onnx"):
            file = answers.OnnxFile()
            file.linear(file.relu(file.linear("x", "0")), "2")
            file.save(folder, weights, [1, 784], 10)
