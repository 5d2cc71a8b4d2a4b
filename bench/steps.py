"""How a training step is put together in each framework. Workloads say what is computed; this says how it is run.

Frameworks are imported inside the functions: each worker process loads its own one only.
"""

# pyright: reportMissingImports=false
# (the other frameworks may be absent)

from typing import Any

import numpy as np

from bench.workload import Session

# ---- Pellucid


def pellucid_module(module, weights):
    """The module with these weights."""
    import pellucid as pc

    module.load_state_dict({name: pc.tensor(array) for name, array in weights.items()})
    return module


def pellucid_session(loss_of, optimizer, setting):
    """The training step as a user writes it: compiled ("pellucid", and "numpy" for that target), or "eager"."""
    import pellucid as pc

    def train(*batch):
        loss = loss_of(*batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step: Any = pellucid_compiled(train, setting)
    return Session(
        step,
        prepare=pc.tensor,
        repeat=(lambda stacked: step.repeat(*stacked)) if setting != "eager" else None,
        stack=lambda batches: [pc.stack(parts) for parts in zip(*batches, strict=True)],
        target=lambda: target_of(step, setting),
    )


def pellucid_compiled(function, setting) -> Any:
    """pc.compile as the column says."""
    import pellucid as pc

    if setting == "eager":
        return function
    return pc.compile(function, target="numpy") if setting == "numpy" else pc.compile(function)


def target_of(step, setting):
    """What ran the step: "c" or "numpy" as the step says itself, or nothing but Python."""
    return "eager" if setting == "eager" else step.target


# ---- PyTorch


def torch_module(module, weights):
    """The module with these weights."""
    import torch

    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return module


def torch_images(module, setting):
    """A network of images: "torch" leaves it as it is, the others have the channels of a point side by side.

    On processors that is the quicker layout of the two; a convolution follows that of its weights.
    """
    import torch

    return module if setting == "torch" else module.to(memory_format=torch.channels_last)


def torch_fused(setting) -> dict[str, Any]:
    """Arguments of an optimizer: "torch" takes the defaults, the others the one kernel for all parameters."""
    return {} if setting == "torch" else {"fused": True}


def torch_session(loss_of, optimizer, setting, compile_optimizer=False):
    """The training step in eager mode, or with forward and backward compiled by torch.compile.

    Most optimizers have a fused kernel already; `compile_optimizer` is for those that do not.
    """
    import torch

    update = optimizer.step
    if setting == "torch_compile":
        loss_of = torch.compile(loss_of)
        update = torch.compile(update) if compile_optimizer else update

    def step(*batch):
        loss = loss_of(*batch)
        optimizer.zero_grad()
        loss.backward()
        update()
        return loss

    return Session(step, prepare=torch.tensor)


# ---- JAX


def jax_weights(weights, transposed=()):
    """Arrays of JAX. Weights of linear layers are turned to (inputs, outputs), which x @ w reads without a detour."""
    import jax.numpy as jnp

    return {name: jnp.array(array.T if name in transposed else array) for name, array in weights.items()}


def jax_session(loss_of, optimizer, weights):
    """One compiled function for forward, backward and update: loss_of(weights, *batch), optimizer (start, update)."""
    import jax

    start, update = optimizer

    def train(state, *batch):
        weights, slots = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, *batch)
        return update(weights, gradients, slots), loss

    return jax_stateful(train, (weights, start(weights)))


def jax_stateful(train, state):
    """A session of train(state, *batch) -> (state, loss). The old state's memory is given to the new one."""
    import jax
    import jax.numpy as jnp

    compiled = jax.jit(train, donate_argnums=0)

    def step(*batch):
        nonlocal state
        state, loss = compiled(state, *batch)
        return loss

    def scan(state, stacked):
        return jax.lax.scan(lambda state, batch: train(state, *batch), state, stacked)

    scanned = jax.jit(scan, donate_argnums=0)

    def repeat(stacked):
        nonlocal state
        state, losses = scanned(state, stacked)
        return losses

    def stack(batches):
        return tuple([jnp.stack(arrays) for arrays in zip(*batches, strict=True)])

    return Session(step, prepare=jnp.array, repeat=repeat, stack=stack)


# ---- Keras


def keras_model(layers, weights, names):
    """A Sequential model of Keras with these weights.

    Its Dense layers hold them as (inputs, outputs), its convolutions as (height, width, inputs, outputs).
    """
    import keras

    def turned(array):
        return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T

    model = keras.Sequential(layers)
    model.set_weights([part for name in names for part in (turned(weights[f"{name}.weight"]), weights[f"{name}.bias"])])
    return model


def keras_session(model, loss, optimizer):
    """train_on_batch, the step that Keras offers. Its loss is a mean over calls, so the mean is begun anew."""
    model.compile(optimizer=optimizer, loss=loss, jit_compile=True)

    def step(*batch):
        model.reset_metrics()
        return model.train_on_batch(*batch)

    return Session(step, prepare=np.asarray)
