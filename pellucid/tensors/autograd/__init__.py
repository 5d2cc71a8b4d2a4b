"""Automatic differentiation beyond `backward`: gradients as values, derivatives of functions, checks, own operations.

Gradients: `grad`. Of functions, as in torch.autograd.functional: `jvp`, `vjp`, `jacobian`, `hessian`, `hvp`, `vhp`.
Checks: `gradcheck`, `gradgradcheck`. Operations of your own: `CustomOp`, `CustomElementwise`, `Function`.
"""

from pellucid import blame
from pellucid.engine import Spec, enable_grad, no_grad
from pellucid.tensors.anomaly import detect_anomaly
from pellucid.tensors.autograd import functional
from pellucid.tensors.autograd.check import gradcheck, gradgradcheck
from pellucid.tensors.autograd.custom import CustomElementwise, CustomOp
from pellucid.tensors.autograd.function import Function
from pellucid.tensors.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp
from pellucid.tensors.autograd.gradients import grad

__all__ = [
    "CustomElementwise",
    "CustomOp",
    "Function",
    "Spec",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "vhp",
    "vjp",
]

blame.answer_for(globals())
