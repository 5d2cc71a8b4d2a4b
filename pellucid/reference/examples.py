"""Examples for names whose docstring has none: mostly methods of Tensor, where ten lines for each would hide the code.

Each is a few statements, run when the pages are made. In those of Tensor's methods `x` is the tensor; the function of
the same name (pc.reshape for x.reshape) has the same example, with x as its first argument.
"""

ROWS = "x = pc.tensor([[3.0, 1.0, 2.0], [6.0, 5.0, 4.0]])\n"
ROW = "x = pc.tensor([1.0, 4.0, 9.0])\n"
SIGNS = "x = pc.tensor([-1.5, 0.0, 2.0])\n"
COUNT = "x = pc.arange(6)\n"
TABLE = "x = pc.arange(6).reshape(2, 3)\n"
SQUARE = "x = pc.tensor([[2.0, 1.0], [0.0, 3.0]])\n"
CUBE = "x = pc.arange(24).reshape(2, 3, 4)\n"
STATE = "x = pc.State(pc.ones(3))\n"
LEAF = "x = pc.tensor([1.0, 2.0], requires_grad=True)\n"
LINE = "x = pc.zeros(5)\n"
BATCH = "x = pc.arange(8.0).reshape(2, 2, 2)\n"

METHODS = {
    "T": TABLE + "x.T",
    "abs": SIGNS + "x.abs()",
    "add_": STATE + "x.add_(2.0)",
    "addbmm": SQUARE + "b = pc.ones(4, 2, 2)\nx.addbmm(b, b)",
    "addmm": SQUARE + "x.addmm(pc.ones(2, 3), pc.ones(3, 2))",
    "addmv": "x = pc.tensor([1.0, 2.0])\nx.addmv(pc.ones(2, 3), pc.ones(3))",
    "addr": SQUARE + "x.addr(pc.ones(2), pc.ones(2))",
    "all": "x = pc.tensor([True, False])\nx.all()",
    "amax": ROWS + "x.amax(1)",
    "amin": ROWS + "x.amin(1)",
    "any": "x = pc.tensor([True, False])\nx.any()",
    "argmax": ROWS + "x.argmax(1)",
    "argmin": ROWS + "x.argmin(1)",
    "argwhere": "x = pc.tensor([[0, 1], [2, 0]])\nx.argwhere()",
    "array": ROW + "x.array",
    "assign": STATE + "x.assign(pc.tensor([1.0, 2.0, 3.0]))",
    "backward": LEAF + "(x * x).sum().backward()\nx.grad",
    "baddbmm": BATCH + "x.baddbmm(x, x)",
    "bmm": BATCH + "x.bmm(x)",
    "bool": SIGNS + "x.bool()",
    "broadcast_to": ROW + "x.broadcast_to((2, 3))",
    "byte": ROW + "x.byte()",
    "char": ROW + "x.char()",
    "chunk": COUNT + "x.chunk(3)",
    "clamp": SIGNS + "x.clamp(-1.0, 1.0)",
    "clamp_": STATE + "x.clamp_(max=0.5)",
    "clone": ROW + "x.clone()",
    "contiguous": TABLE + "x.T.contiguous()",
    "copy_": STATE + "x.copy_(pc.tensor([1.0, 2.0, 3.0]))",
    "cos": SIGNS + "x.cos()",
    "data": LEAF + "x.data",
    "detach": LEAF + "(x * x).detach().requires_grad",
    "diag": SQUARE + "x.diag()",
    "diagflat": "x = pc.tensor([1, 2])\nx.diagflat()",
    "diagonal_scatter": "x = pc.zeros(2, 2)\nx.diagonal_scatter(pc.ones(2))",
    "dim": TABLE + "x.dim()",
    "div_": STATE + "x.div_(4.0)",
    "double": ROW + "x.double()",
    "dsplit": CUBE + "[part.shape for part in x.dsplit(2)]",
    "dtype": ROW + "x.dtype",
    "erf": SIGNS + "x.erf()",
    "exp": SIGNS + "x.exp()",
    "expand": ROW + "x.expand(2, 3)",
    "expand_as": ROW + "x.expand_as(pc.ones(2, 3))",
    "fill_": STATE + "x.fill_(7.0)",
    "flatten": TABLE + "x.flatten()",
    "fliplr": TABLE + "x.fliplr()",
    "flipud": TABLE + "x.flipud()",
    "float": COUNT + "x.float()",
    "gather": ROWS + "x.gather(1, pc.tensor([[0], [2]]))",
    "gather_at": ROWS + "x.gather_at(1, pc.tensor([[0], [2]]))",
    "ger": ROW + "x.ger(pc.tensor([1.0, 2.0]))",
    "grad": LEAF + "(x * x).sum().backward()\nx.grad",
    "grad_fn": LEAF + "(x * x).grad_fn",
    "half": ROW + "x.half()",
    "hsplit": TABLE + "x.hsplit(3)",
    "index_add_": "x = pc.State(pc.zeros(3))\nx.index_add_(0, pc.tensor([0, 2, 0]), pc.ones(3))",
    "index_copy": LINE + "x.index_copy(0, pc.tensor([1, 3]), pc.tensor([7.0, 8.0]))",
    "index_copy_": "x = pc.State(pc.zeros(3))\nx.index_copy_(0, pc.tensor([1]), pc.tensor([7.0]))",
    "index_fill": LINE + "x.index_fill(0, pc.tensor([1, 3]), 7.0)",
    "index_fill_": "x = pc.State(pc.zeros(3))\nx.index_fill_(0, pc.tensor([1]), 7.0)",
    "index_put_": "x = pc.State(pc.zeros(3))\nx.index_put_((pc.tensor([1]),), pc.tensor([7.0]))",
    "index_reduce": LINE + 'x.index_reduce(0, pc.tensor([1, 1]), pc.tensor([7.0, 8.0]), "amax")',
    "index_reduce_": 'x = pc.State(pc.zeros(3))\nx.index_reduce_(0, pc.tensor([1, 1]), pc.tensor([7.0, 8.0]), "amax")',
    "index_select": TABLE + "x.index_select(1, pc.tensor([2, 0]))",
    "int": SIGNS + "x.int()",
    "is_floating_point": COUNT + "x.is_floating_point()",
    "is_leaf": LEAF + "x.is_leaf, (x * x).is_leaf",
    "is_recorded": ROW + "x.is_recorded",
    "is_state": STATE + "x.is_state",
    "item": ROW + "x.sum().item()",
    "keep_grad": LEAF + "x.keep_grad(pc.zeros(2))\nx.grad",
    "known": ROW + 'x.known("this example")',
    "log": ROW + "x.log()",
    "log1p": ROW + "x.log1p()",
    "logical_not": "x = pc.tensor([True, False])\nx.logical_not()",
    "long": SIGNS + "x.long()",
    "mT": CUBE + "x.mT.shape",
    "masked_scatter": LINE + "x.masked_scatter(x == 0, pc.arange(5.0))",
    "masked_scatter_": "x = pc.State(pc.zeros(3))\n"
    "x.masked_scatter_(pc.tensor([True, False, True]), pc.tensor([1.0, 2.0]))",
    "matmul": SQUARE + "x.matmul(x)",
    "matrix_power": SQUARE + "x.matrix_power(3)",
    "max": ROWS + "x.max()",
    "mean": ROWS + "x.mean(dim=1)",
    "memory": ROW + 'x.memory("this example")',
    "min": ROWS + "x.min()",
    "mm": SQUARE + "x.mm(x)",
    "moveaxis": CUBE + "x.moveaxis(0, -1).shape",
    "movedim": CUBE + "x.movedim(0, -1).shape",
    "msort": "x = pc.tensor([[2.0, 1.0], [0.0, 3.0]])\nx.msort()",
    "mul_": STATE + "x.mul_(3.0)",
    "mv": SQUARE + "x.mv(pc.ones(2))",
    "nanmedian": "x = pc.tensor([1.0, float('nan'), 3.0])\nx.nanmedian()",
    "nanquantile": "x = pc.tensor([1.0, float('nan'), 3.0])\nx.nanquantile(0.5)",
    "narrow": TABLE + "x.narrow(1, 1, 2)",
    "ndim": TABLE + "x.ndim",
    "new_empty": ROW + "x.new_empty((2, 2))",
    "new_full": ROW + "x.new_full((2, 2), 7.0)",
    "new_ones": ROW + "x.new_ones((2, 2))",
    "new_tensor": ROW + "x.new_tensor([1, 2])",
    "new_zeros": ROW + "x.new_zeros((2, 2))",
    "nonzero": "x = pc.tensor([0, 7, 0, 9])\nx.nonzero()",
    "numel": TABLE + "x.numel()",
    "numpy": ROW + "x.numpy()",
    "permute": CUBE + "x.permute((2, 0, 1)).shape",
    "pow": ROW + "x.pow(0.5)",
    "put": LINE + "x.put(pc.tensor([1, 3]), pc.tensor([7.0, 8.0]))",
    "put_": "x = pc.State(pc.zeros(3))\nx.put_(pc.tensor([1]), pc.tensor([7.0]))",
    "ravel": TABLE + "x.ravel()",
    "relu": SIGNS + "x.relu()",
    "requires_grad": LEAF + "x.requires_grad",
    "requires_grad_": STATE + "x.requires_grad_().requires_grad",
    "reshape": COUNT + "x.reshape((2, 3))",
    "reshape_as": COUNT + "x.reshape_as(pc.ones(3, 2))",
    "rot90": TABLE + "x.rot90()",
    "scatter_": "x = pc.State(pc.zeros(3))\nx.scatter_(0, pc.tensor([1]), pc.tensor([7.0]))",
    "scatter_add": LINE + "x.scatter_add(0, pc.tensor([1, 1, 3]), pc.tensor([1.0, 2.0, 3.0]))",
    "scatter_add_": "x = pc.State(pc.zeros(3))\nx.scatter_add_(0, pc.tensor([1, 1]), pc.tensor([1.0, 2.0]))",
    "scatter_reduce_": "x = pc.State(pc.zeros(3))\n"
    'x.scatter_reduce_(0, pc.tensor([1, 1]), pc.tensor([1.0, 2.0]), "sum")',
    "select": TABLE + "x.select(1, 2)",
    "select_scatter": "x = pc.zeros(2, 3)\nx.select_scatter(pc.ones(2), 1, 2)",
    "shape": TABLE + "x.shape",
    "short": ROW + "x.short()",
    "sigmoid": SIGNS + "x.sigmoid()",
    "sign": SIGNS + "x.sign()",
    "sin": SIGNS + "x.sin()",
    "size": TABLE + "x.size(), x.size(0)",
    "slice_scatter": LINE + "x.slice_scatter(pc.ones(2), 0, 1, 3)",
    "split": COUNT + "x.split(4)",
    "split_with_sizes": COUNT + "x.split_with_sizes([4, 2])",
    "sqrt": ROW + "x.sqrt()",
    "squeeze": "x = pc.ones(2, 1, 3)\nx.squeeze(1).shape",
    "std": ROWS + "x.std(dim=1)",
    "step": LEAF + "(x * x).step[0]",
    "sub_": STATE + "x.sub_(0.5)",
    "sum": ROWS + "x.sum(dim=1)",
    "swapaxes": CUBE + "x.swapaxes(0, 2).shape",
    "swapdims": CUBE + "x.swapdims(0, 2).shape",
    "t": TABLE + "x.t()",
    "take": TABLE + "x.take(pc.tensor([0, 5]))",
    "take_along_dim": ROWS + "x.take_along_dim(x.argmax(1, keepdim=True), 1)",
    "tanh": SIGNS + "x.tanh()",
    "tile": ROW + "x.tile((2,))",
    "to": ROW + "x.to(pc.int64)",
    "tolist": TABLE + "x.tolist()",
    "trace": SQUARE + "x.trace()",
    "transpose": CUBE + "x.transpose(0, 2).shape",
    "triu": SQUARE + "x.triu()",
    "type_as": ROW + "x.type_as(pc.arange(2))",
    "unflatten": COUNT + "x.unflatten(0, (2, 3))",
    "unique": "x = pc.tensor([3, 1, 3])\nx.unique()",
    "unsqueeze": ROW + "x.unsqueeze(0)",
    "var": ROWS + "x.var(dim=1)",
    "vdot": ROW + "x.vdot(x)",
    "view": COUNT + "x.view(3, 2)",
    "view_as": COUNT + "x.view_as(pc.ones(3, 2))",
    "vsplit": TABLE + "x.vsplit(2)",
    "where": SIGNS + "x.where(x > 0, 0.0)",
    "zero_": STATE + "x.zero_()",
}

ACTIVATIONS = (
    "CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish",
    "ReLU6", "SELU", "SiLU", "Softplus", "Softshrink", "Softsign", "Tanhshrink",
)  # fmt: skip
TWO = "a, b = pc.tensor([[1.0, 0.0], [0.5, 2.0]]), pc.tensor([[0.0, 1.0], [1.0, 2.0]])\n"
SCORES = "scores = pc.tensor([[2.0, 0.5, -1.0], [0.0, 1.0, 0.5]])\n"
YES_NO = "scores, sign = pc.tensor([0.5, -2.0, 1.0]), pc.tensor([1.0, -1.0, -1.0])\n"
RATES = "optimizer = optim.SGD([nn.Parameter(pc.ones(1))], lr=0.1, momentum=0.9)\nschedule = optim.{}\nrates = []\n"
RATES += 'for _ in range(5):\n    rates.append(round(optimizer.param_groups[0]["lr"], 6))\n    schedule.step()\n\n'

# No page shall wait for a download.
FILES = (
    'import os\nhere = os.path.isdir(os.path.join(os.environ.get("PELLUCID_DATA", ""), "{}"))\n'
    'data.{}("test")[0].shape if here else "60,000 pictures to learn from, 10,000 to test"'
)

OTHERS = {
    "pc.arange": "pc.arange(5)\npc.arange(0, 1, 0.25)",
    "pc.as_tensor": "pc.as_tensor(np.ones(2))",
    "pc.atleast_1d": "pc.atleast_1d(pc.tensor(5))",
    "pc.atleast_2d": "pc.atleast_2d(pc.tensor([5]))",
    "pc.atleast_3d": "pc.atleast_3d(pc.tensor([[5]])).shape",
    "pc.bernoulli": "pc.bernoulli(pc.tensor([0.0, 0.5, 1.0]))",
    "pc.broadcast_tensors": "pc.broadcast_tensors(pc.ones(2, 1), pc.arange(3))",
    "pc.chain_matmul": "pc.chain_matmul(pc.ones(2, 3), pc.ones(3, 4), pc.ones(4, 1))",
    "pc.column_stack": "pc.column_stack((pc.arange(3), pc.arange(3)))",
    "pc.combinations": "pc.combinations(pc.arange(3))",
    "pc.concat": "pc.concat([pc.arange(2), pc.arange(3)])",
    "pc.concatenate": "pc.concatenate([pc.arange(2), pc.arange(3)])",
    "pc.detect_anomaly": "try:\n    with pc.detect_anomaly():\n        pc.tensor([1.0, 0.0]).log()\n"
    "except pc.errors.AnomalyError as error:\n    print(error.message)\n",
    "pc.dstack": "pc.dstack((pc.arange(3), pc.arange(3))).shape",
    "pc.empty": "pc.empty(2, 2)",
    "pc.empty_like": "pc.empty_like(pc.ones(3))",
    "pc.enable_grad": "w = pc.ones(1, requires_grad=True)\nwith pc.no_grad(), pc.enable_grad():\n    y = w * 2\n\n"
    "y.requires_grad",
    "pc.eye": "pc.eye(3)",
    "pc.from_numpy": "array = np.zeros(2)\nx = pc.from_numpy(array)\narray[0] = 5.0\nx",
    "pc.full": "pc.full((2, 3), 7.0)",
    "pc.full_like": "pc.full_like(pc.ones(3), 7.0)",
    "pc.hstack": "pc.hstack((pc.arange(2), pc.arange(3)))",
    "pc.linspace": "pc.linspace(0.0, 1.0, 5)",
    "pc.manual_seed": "first = pc.manual_seed(7) and pc.rand(2)\nsecond = pc.manual_seed(7) and pc.rand(2)\n"
    "(first == second).all()",
    "pc.maximum": "pc.maximum(pc.tensor([1.0, 5.0]), pc.tensor([3.0, 2.0]))",
    "pc.minimum": "pc.minimum(pc.tensor([1.0, 5.0]), pc.tensor([3.0, 2.0]))",
    "pc.no_grad": "w = pc.ones(1, requires_grad=True)\nwith pc.no_grad():\n    y = w * 2\n\ny.requires_grad",
    "pc.ones": "pc.ones(2, 3)",
    "pc.ones_like": "pc.ones_like(pc.arange(3))",
    "pc.rand": "pc.rand(2, 2)",
    "pc.rand_like": "pc.rand_like(pc.ones(2)).shape",
    "pc.randint": "pc.randint(0, 10, (5,))",
    "pc.randint_like": "pc.randint_like(pc.ones(2), 10).shape",
    "pc.randn": "pc.randn(2, 2)",
    "pc.randn_like": "pc.randn_like(pc.ones(2)).shape",
    "pc.randperm": "pc.randperm(5)",
    "pc.row_stack": "pc.row_stack((pc.arange(3), pc.arange(3)))",
    "pc.scalar_tensor": "pc.scalar_tensor(3)",
    "pc.stack": "pc.stack([pc.arange(3), pc.arange(3)])",
    "pc.tril_indices": "pc.tril_indices(3, 3)",
    "pc.triu_indices": "pc.triu_indices(3, 3)",
    "pc.vstack": "pc.vstack((pc.arange(3), pc.arange(3)))",
    "pc.zeros": "pc.zeros(2, 3)",
    "pc.zeros_like": "pc.zeros_like(pc.arange(3))",
    "optim.Optimizer": "class Descent(optim.Optimizer):\n    def update(self, group):\n"
    "        for parameter, gradient, slots in self.with_gradients(group):\n            parameter -= 0.5 * gradient\n\n"
    "w = nn.Parameter(pc.ones(2))\n(w * w).sum().backward()\nDescent([w]).step()\nw",
    "data.mnist": FILES.format("mnist", "mnist"),
    "data.cifar10": FILES.split("data.", maxsplit=1)[0].format("cifar10")
    + 'data.cifar10(form="first4000")[0].shape if here else "50,000 pictures to learn from, 10,000 to test"',
    "data.fashion_mnist": FILES.format("fashion-mnist", "fashion_mnist"),
    "data.Table": "data.Table(x=np.ones((2, 1)), y=np.array([0, 1]), columns=('width',), classes=('no', 'yes'))",
    "data.read_idx": "data.write_idx('x.idx', np.array([[1, 2], [3, 4]], np.uint8))\ndata.read_idx('x.idx')",
    "data.write_idx": "data.write_idx('x.idx', np.array([1, 2, 3], np.uint8))\ndata.read_idx('x.idx')",
    **{f"nn.{name}": f"x = pc.tensor([-2.0, -0.2, 0.0, 0.2, 2.0])\nnn.{name}()(x)" for name in ACTIVATIONS},
    "nn.AlphaDropout": "nn.AlphaDropout(0.5)(pc.ones(6))",
    "nn.BatchNorm3d": "nn.BatchNorm3d(2)(pc.rand(4, 2, 3, 3, 3)).shape",
    "nn.ChannelShuffle": "nn.ChannelShuffle(2)(pc.arange(4.0).reshape(1, 4, 1, 1)).flatten()",
    "nn.CosineEmbeddingLoss": TWO + "nn.CosineEmbeddingLoss()(a, b, pc.tensor([1, -1]))",
    "nn.CosineSimilarity": TWO + "nn.CosineSimilarity(dim=1)(a, b)",
    "nn.Dropout1d": "nn.Dropout1d(0.5)(pc.ones(1, 4, 2))",
    "nn.Dropout2d": "nn.Dropout2d(0.5)(pc.ones(1, 4, 1, 2))",
    "nn.Dropout3d": "nn.Dropout3d(0.5)(pc.ones(1, 4, 1, 1, 2)).flatten()",
    "nn.FeatureAlphaDropout": "nn.FeatureAlphaDropout(0.5)(pc.ones(1, 4, 2))",
    "nn.GLU": "nn.GLU()(pc.tensor([1.0, 2.0, 0.0, 100.0]))",
    "nn.GaussianNLLLoss": "nn.GaussianNLLLoss()(pc.zeros(2), pc.tensor([0.0, 1.0]), pc.ones(2))",
    "nn.HingeEmbeddingLoss": YES_NO + "nn.HingeEmbeddingLoss()(scores, sign)",
    "nn.HuberLoss": "nn.HuberLoss()(pc.tensor([0.0, 3.0]), pc.zeros(2))",
    "nn.InstanceNorm1d": "nn.InstanceNorm1d(1)(pc.tensor([[[1.0, 3.0]]]))",
    "nn.InstanceNorm3d": "nn.InstanceNorm3d(2)(pc.rand(1, 2, 3, 3, 3)).shape",
    "nn.KLDivLoss": "p, q = pc.tensor([[0.5, 0.5]]), pc.tensor([[0.9, 0.1]])\n"
    'nn.KLDivLoss(reduction="batchmean")(q.log(), p)',
    "nn.L1Loss": "nn.L1Loss()(pc.tensor([1.0, 5.0]), pc.tensor([2.0, 2.0]))",
    "nn.LocalResponseNorm": "nn.LocalResponseNorm(2)(pc.ones(1, 4, 1)).flatten()",
    "nn.MarginRankingLoss": "nn.MarginRankingLoss()(pc.tensor([1.0]), pc.tensor([2.0]), pc.tensor([1.0]))",
    "nn.MultiLabelMarginLoss": "nn.MultiLabelMarginLoss()(pc.tensor([[0.1, 0.2, 0.4]]), pc.tensor([[2, 0, -1]]))",
    "nn.MultiLabelSoftMarginLoss": SCORES
    + "nn.MultiLabelSoftMarginLoss()(scores, pc.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]))",
    "nn.MultiMarginLoss": SCORES + "nn.MultiMarginLoss()(scores, pc.tensor([0, 1]))",
    "nn.PairwiseDistance": TWO + "nn.PairwiseDistance()(a, b)",
    "nn.PixelShuffle": "nn.PixelShuffle(2)(pc.arange(4.0).reshape(1, 4, 1, 1))",
    "nn.PixelUnshuffle": "nn.PixelUnshuffle(2)(pc.arange(4.0).reshape(1, 1, 2, 2)).shape",
    "nn.PoissonNLLLoss": "nn.PoissonNLLLoss()(pc.zeros(2), pc.tensor([1.0, 2.0]))",
    "nn.RReLU": "nn.RReLU().eval()(pc.tensor([-1.0, 2.0]))",
    "nn.SmoothL1Loss": "nn.SmoothL1Loss()(pc.tensor([0.0, 3.0]), pc.zeros(2))",
    "nn.SoftMarginLoss": YES_NO + "nn.SoftMarginLoss()(scores, sign)",
    "nn.Softmax2d": "nn.Softmax2d()(pc.zeros(1, 4, 1, 2))[0, :, 0]",
    "nn.Softmin": SCORES + "nn.Softmin(dim=1)(scores)",
    "nn.Threshold": "nn.Threshold(0.5, 0.0)(pc.tensor([0.2, 0.8]))",
    "nn.TripletMarginLoss": TWO + "nn.TripletMarginLoss()(a, b, -b)",
    "nn.TripletMarginWithDistanceLoss": TWO + "nn.TripletMarginWithDistanceLoss()(a, b, -b)",
    "nn.init.uniform_": "nn.init.uniform_(nn.Parameter(pc.zeros(2, 2)), -1.0, 1.0)",
    "nn.init.normal_": "nn.init.normal_(nn.Parameter(pc.zeros(2, 2)), std=0.1)",
    "nn.init.constant_": "nn.init.constant_(nn.Parameter(pc.zeros(2)), 0.5)",
    "nn.init.zeros_": "nn.init.zeros_(nn.Parameter(pc.ones(2)))",
    "nn.init.ones_": "nn.init.ones_(nn.Parameter(pc.zeros(2)))",
    "nn.init.eye_": "nn.init.eye_(nn.Parameter(pc.zeros(2, 3)))",
    "nn.init.calculate_gain": 'nn.init.calculate_gain("relu")',
    "nn.init.xavier_uniform_": "nn.init.xavier_uniform_(nn.Parameter(pc.zeros(2, 3)))",
    "nn.init.xavier_normal_": "nn.init.xavier_normal_(nn.Parameter(pc.zeros(2, 3)))",
    "nn.init.kaiming_uniform_": 'nn.init.kaiming_uniform_(nn.Parameter(pc.zeros(2, 3)), nonlinearity="relu")',
    "nn.init.kaiming_normal_": 'nn.init.kaiming_normal_(nn.Parameter(pc.zeros(2, 3)), nonlinearity="relu")',
    "nn.init.trunc_normal_": "nn.init.trunc_normal_(nn.Parameter(pc.zeros(2, 3)))",
    "nn.init.orthogonal_": "w = nn.init.orthogonal_(nn.Parameter(pc.zeros(2, 3)))\n(w @ w.mT).numpy().round(4) + 0.0",
    "nn.init.sparse_": "nn.init.sparse_(nn.Parameter(pc.zeros(3, 2)), sparsity=0.5)",
    "nn.utils.clip_grads_with_norm_": "w = nn.Parameter(pc.tensor([3.0, 4.0]))\n(w * w).sum().backward()\n"
    "norm = nn.utils.get_total_norm([w.grad])\nnn.utils.clip_grads_with_norm_([w], 1.0, norm)\nw.grad",
    "optim.LRScheduler": "class Halving(optim.LRScheduler):\n    def get_lr(self):\n"
    "        return [base / 2**self.last_epoch for base in self.base_lrs]\n\n"
    + RATES.format("LRScheduler").replace("optim.LRScheduler", "Halving(optimizer)")
    + "rates",
    "optim.ChainedScheduler": RATES.format(
        "ChainedScheduler([optim.ExponentialLR(optimizer, 0.5), optim.StepLR(optimizer, 2)])"
    )
    + "rates",
    **{
        f"optim.{name}": RATES.format(f"{name}(optimizer{', ' if arguments else ''}{arguments})") + "rates"
        for name, arguments in {
            "ConstantLR": "factor=0.5, total_iters=2",
            "CosineAnnealingWarmRestarts": "T_0=2",
            "CyclicLR": "base_lr=0.01, max_lr=0.1, step_size_up=2",
            "ExponentialLR": "gamma=0.5",
            "LinearLR": "start_factor=0.5, total_iters=2",
            "MultiStepLR": "milestones=[2, 4], gamma=0.5",
            "MultiplicativeLR": "lambda epoch: 0.5",
            "OneCycleLR": "max_lr=0.1, total_steps=6",
            "PolynomialLR": "total_iters=4",
            "WarmupCosineLR": "warmup=2, total=6",
        }.items()
    },
}


def written_example(entry):
    """The example of an entry as statements, or "". What has a second name has the example of the first."""
    for name in (entry.name, getattr(entry.thing, "__name__", "")):
        if entry.owner == "Tensor" and name in METHODS:
            return METHODS[name]
        for module in (entry.module, "pc"):
            if not entry.owner and f"{module}.{name}" in OTHERS:
                return OTHERS[f"{module}.{name}"]
        if entry.module == "pc" and not entry.owner and name in METHODS:
            text = METHODS[name].replace(f"x.{name}()", f"pc.{name}(x)")
            return text.replace(f"x.{name}(", f"pc.{name}(x, ")
    return ""
