"""How one answer is given in each framework: a NumPy array goes in, a NumPy array comes out, and nothing is learned.

Frameworks are imported inside the functions: each worker process loads its own one only.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

import os

import numpy as np

from bench import steps
from bench.workload import Session

MODEL_FILE = "model.onnx"


def pellucid_session(model, setting):
    """A module of Pellucid, in evaluation mode, compiled as the column says."""
    import pellucid as pc

    model.eval()

    def forward(x):
        with pc.no_grad():
            return model(x)

    step = steps.pellucid_compiled(forward, setting)
    return Session(lambda x: step(pc.from_numpy(x)).numpy(), target=lambda: steps.target_of(step, setting))


def torch_session(model, setting):
    """A module of PyTorch in evaluation mode: "torch" takes no_grad, the others inference_mode."""
    import torch

    model.eval()
    mode = torch.no_grad if setting == "torch" else torch.inference_mode
    forward = torch.compile(model) if setting == "torch_compile" else model

    def answer(x):
        with mode():
            return forward(torch.from_numpy(x)).numpy()

    return Session(answer)


def jax_session(forward):
    """One compiled function of the input; the weights are constants in it."""
    import jax

    compiled = jax.jit(forward)
    return Session(lambda x: np.asarray(compiled(x)))


def onnxruntime_session(folder):
    """The network that `OnnxFile` has written into the folder."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / MODEL_FILE, options)
    return Session(lambda x: session.run(None, {"x": x})[0])


class OnnxFile:
    """A network as an ONNX file, written node by node: `x` goes in, and the last node's result comes out."""

    def __init__(self):
        self.nodes = []

    def node(self, kind, *inputs, **attributes):
        """Add an operation of the operator set 17; the name of its result. Inputs are results, `x`, and weights."""
        from onnx import helper

        result = f"result{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    def linear(self, x, name):
        return self.node("Gemm", x, f"{name}.weight", f"{name}.bias", transB=1)

    def relu(self, x):
        return self.node("Relu", x)

    def save(self, folder, weights, shape, classes):
        """Check the network and write it. `shape` is that of x."""
        from onnx import TensorProto, checker, helper, numpy_helper, save

        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        y = helper.make_tensor_value_info(self.nodes[-1].output[0], TensorProto.FLOAT, [shape[0], classes])
        constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
        graph = helper.make_graph(self.nodes, "network", [x], [y], constants)
        # Versions that every runtime of the last years reads.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        checker.check_model(model)
        save(model, folder / MODEL_FILE)
