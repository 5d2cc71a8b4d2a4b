"""One picture at a time through 784-512-10: what an answer costs. A NumPy array goes in, a NumPy array comes out."""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from bench import steps
from bench.workload import Session, Workload, mlp_flops
from bench.workloads.mnist_mlp import LAYERS, SIZES, mlp_weights, network, pictures

MODEL_FILE = "model.onnx"


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
        import pellucid as pc

        model = steps.pellucid_module(network(pc.nn), weights).eval()

        def forward(x):
            with pc.no_grad():
                return model(x)

        step = steps.pellucid_compiled(forward, setting)
        return Session(lambda x: step(pc.from_numpy(x)).numpy(), target=lambda: steps.target_of(step, setting))

    def torch(self, weights, setting):
        import torch

        model = steps.torch_module(network(torch.nn), weights).eval()
        mode = torch.no_grad if setting == "torch" else torch.inference_mode
        forward = torch.compile(model) if setting == "torch_compile" else model

        def answer(x):
            with mode():
                return forward(torch.from_numpy(x)).numpy()

        return Session(answer)

    def jax(self, weights, setting):
        import jax
        import numpy as np

        w = steps.jax_weights(weights, ("0.weight", "2.weight"))

        @jax.jit
        def forward(x):
            hidden = jax.nn.relu(x @ w["0.weight"] + w["0.bias"])
            return hidden @ w["2.weight"] + w["2.bias"]

        return Session(lambda x: np.asarray(forward(x)))

    def onnxruntime(self, weights, setting):
        import os

        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(self.folder / MODEL_FILE, options)
        return Session(lambda x: session.run(None, {"x": x})[0])

    def keras(self, weights, setting):
        import keras

        layers = [keras.Input((784,)), keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10)]
        model = steps.keras_model(layers, weights, LAYERS)
        return Session(model.predict_on_batch)

    def files(self, folder, weights):
        """The network as an ONNX file, if the package `onnx` is there: two products with a relu between them."""
        try:
            from onnx import TensorProto, checker, helper, numpy_helper, save
        except ModuleNotFoundError:
            return
        nodes = [
            helper.make_node("Gemm", ["x", "0.weight", "0.bias"], ["z"], transB=1),
            helper.make_node("Relu", ["z"], ["a"]),
            helper.make_node("Gemm", ["a", "2.weight", "2.bias"], ["y"], transB=1),
        ]
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 784])
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])
        constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
        graph = helper.make_graph(nodes, self.name, [x], [y], constants)
        # Versions that every runtime of the last years reads.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        checker.check_model(model)
        save(model, folder / MODEL_FILE)
