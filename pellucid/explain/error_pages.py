"""What the page of an error has beside its docstring: the smallest program that raises it, and the page in Chinese.

The English page is the docstring of the class, in `pellucid/errors.py`: what happened, why, remedy. The Chinese one has
the same three parts.
"""

from typing import NamedTuple


class ErrorPage(NamedTuple):
    """The example of an error's page, and the Chinese text: what happened, why, what to do."""

    example: str
    what: str
    why: str
    remedy: str


PAGES = {
    "PellucidError": ErrorPage(
        "try:\n    pc.ones(2, 3) @ pc.ones(2, 3)\nexcept pc.errors.PellucidError as error:\n    raise error",
        "Pellucid 拒绝执行的一切操作。每一类错误都有自己的类，都是它的子类。",
        "写 `except pc.errors.PellucidError` 能捕获所有这些错误，而且不会捕获别的。每个类同时也是 Python 的标准错误"
        "（例如 ShapeError 也是 ValueError），所以不认识 Pellucid 的程序同样能捕获。",
        "把信息从上到下读一遍：错在哪里，出在模型的哪一层、程序的哪一行，可以怎样改。错误对象的属性 `message` 和 "
        "`remedy` "
        "分别是说明和建议。",
    ),
    "ShapeError": ErrorPage(
        "images = pc.ones(32, 1, 28, 28)\nnn.Linear(784, 10)(images)",
        "操作数的形状与运算不相符。",
        "最常见的情形：图像没有展平就送进 Linear 层；少了批量那一个轴；矩阵乘法的两个因子顺序写反了；"
        "标签的形状是 (n, 1)，而预测的形状是 (n,)。",
        "把两个形状都打印出来，从右往左对照：两个轴长度相等，或者其中一个是 1，才能配上。`x.flatten(1)` "
        "把每幅图像变成一行，"
        "`x.unsqueeze(0)` 把单个样本变成一批，`x.squeeze(-1)` 去掉长度为 1 的轴，`w.mT` 把矩阵转置。",
    ),
    "DtypeError": ErrorPage(
        "pc.tensor([1, 2, 3]).mean()",
        "操作数的数据类型不对，例如标签是浮点数，或者对整数求平均。",
        "要学习的数是 float32（或 float64），标签和下标是 int64，掩码是 bool。由整数组成的 Python 列表会变成 int64，"
        "而整数不能求梯度；文字则根本变不成数。",
        "用 `x.float()`、`x.long()`、`x.bool()` 转换；写 1.0 而不写 1，得到的就是浮点数。",
    ),
    "GradientError": ErrorPage(
        "x = pc.tensor([1.0, 2.0])\n(x * x).sum().backward()",
        "所求的梯度无路可走。",
        "一路上没有任何东西需要梯度（忘了写 `requires_grad=True`，或者这个值是在 `pc.no_grad()` 之下、由 `.detach()` "
        "或由 `.item()` 得到的）；或者结果不是单个数；或者反向计算已经做过一次；或者在 `pc.no_grad()` "
        "之外就地修改了需要梯度的叶子。",
        "顺着这个值往回找，看它是怎样得到的。结果有多个数时先归成一个（`loss.mean()`），或者传入 `gradient=`；"
        "要做两次反向计算，第一次传入 `retain_graph=True`；更新权重写在 `with pc.no_grad():` 里面。",
    ),
    "StaleValueError": ErrorPage(
        "w = pc.tensor([1.0], requires_grad=True)\nloss = (w * w).sum()\nwith pc.no_grad():\n    w -= 0.1\n"
        "loss.backward()",
        "反向计算还要用到的值，在用过之后被改写了。",
        "`w * w` 的梯度要用到当时相乘的那个 w。如果在前向计算与 `loss.backward()` 之间给 w 赋了新值，"
        "原来的数就没有了。",
        "先做反向计算，再更新；或者用一份副本来计算：`w * 1.0`。",
    ),
    "RecordedValueError": ErrorPage(
        "@pc.compile\ndef step(x):\n    return x if x.sum() > 0 else -x\n\nstep(pc.ones(3))",
        "向一个还没有数值的值要数值，因为这一步正在录制。",
        "`pc.compile` 录制的时候，值只有形状和数据类型，没有具体的数；`.item()`、`if x > 0`、`float(x)`、`x[mask]` "
        "都无从回答。",
        "选择写成 `pc.where(condition, a, b)`；用掩码保持形状，而不是挑出一部分；想看的东西从这一步返回，到外面去看；"
        "这一步结束之后，不要再保留录制时的值。",
    ),
    "RecordingError": ErrorPage(
        "w = pc.ones(3, requires_grad=True)\n\n@pc.compile\ndef step(w):\n    return (w * w).sum()\n\nstep(w)",
        "这一步做了录制无法重复的事。",
        "参数被当作实参传入；在这一步里面创建了参数或优化器；就地修改了不是 State 的东西；"
        "或者闭包里的值还在等它的梯度。"
        "只在录制时执行一次的事，以后每次调用都不会再有。",
        "参数和优化器在这一步之前创建，由闭包使用；就地修改改用 `where` 或 `scatter_add`，或者把那个值做成 "
        "`pc.State`。",
    ),
    "ConstantChangedError": ErrorPage(
        "rate = 1.0\n\n@pc.compile\ndef step(x):\n    return x * rate\n\nstep(pc.ones(2))\nrate = 2.0\n"
        "step(pc.ones(2))",
        "编译过的一步在闭包中用到的数或张量，录制之后变了。",
        "程序里保存的是当时看到的值，所以改动不会起作用，而且没有人会发觉。",
        "每次调用都要变的东西，做成这一步的参数，或者做成 `pc.State`。",
    ),
    "LabelError": ErrorPage(
        "scores = pc.zeros(3, 3)\nF.cross_entropy(scores, pc.tensor([1, 2, 3]))",
        "类别标签或下标超出了范围。",
        "标签从 0 数起：有 k 个类别，标签就是 0 到 k - 1。常见的原因：标签从 1 数起；最后一层没有给这个类别留输出；"
        "用 -1 表示“未知”。",
        "看一看 `y.min()` 和 `y.max()`：从 1 数起就减去 1；最后一层要给每个类别一个输出；没有标签的样本先去掉。",
    ),
    "TargetError": ErrorPage(
        "F.mse_loss(pc.zeros(8), pc.zeros(8, 1))",
        "给损失函数的目标不是它要的那一种。",
        "cross_entropy 要类别的编号（int64，比得分少一个轴），或者概率（与得分形状相同）；二元损失要 0 到 1 之间、"
        "形状相同的数；"
        "mse_loss 要形状相同的数。只是碰巧能广播的形状，会让每个预测与每个目标都比较一遍。",
        "类别编号用 `y.long()`；多一个轴或少一个轴，用 `y.squeeze(-1)` 或 `y.unsqueeze(-1)`；是与否写成 1 和 0，用 "
        "`y.float()`。",
    ),
    "StateDictError": ErrorPage(
        "saved = nn.Linear(3, 1).state_dict()\nnn.Linear(2, 1).load_state_dict(saved)",
        "保存的值与模型对不上：缺少某个名称，多出某个名称，或者形状不同。",
        "现在的模型与当初保存的模型，层或大小不一样，或者各部分的名称不一样。什么都没有载入。",
        "照当初的样子建立模型；`strict=False` 只载入两边都有的名称，并返回其余的名称（形状不对仍然会被拒绝）。"
        "名称不同时可以改名：`{new[name]: value for name, value in saved.items()}`。",
    ),
    "AnomalyError": ErrorPage(
        "x = pc.tensor([1.0, 0.0])\nwith pc.detect_anomaly():\n    x.log()",
        "出现了 NaN 或无穷大，这里指出的就是从正常的数算出它的那个运算。",
        "通常是：对 0 取对数或除以 0，对很大的数取 exp，平方根在 0 处的斜率，学习率太大使权重无限增长，"
        "或者数据里有 NaN。",
        "看一看所指运算的输入。减小学习率，用 `log_softmax` 代替先 `softmax` 再 `log`，或者在根号里加一个小常数，"
        "往往就好了。"
        "`with pc.detect_anomaly():` 会指出是哪个运算。",
    ),
    "ArgumentError": ErrorPage(
        "optim.SGD(nn.Linear(2, 1).parameters(), lr=-0.1)",
        "某个参数的取值不被允许。",
        "数超出了范围，名称不存在，该给对象的地方给了类，该给参数的地方给了模块。信息里写着是哪个参数、给的是什么、"
        "允许什么。",
        "改正这个参数；`pellucid explain NAME` 会列出函数或类的参数，并附有例子。",
    ),
    "UnsupportedError": ErrorPage(
        "@pc.compile(target='cuda')\ndef step(x):\n    return x\n",
        "Pellucid（还）没有这项功能。",
        "PyTorch 的某个参数或函数在这里没有对应物；某个软件包没有安装；这台电脑没有这种编译目标；"
        "或者子类漏写了某个方法。"
        "之所以拒绝，是因为悄悄忽略会得到与预期不同的结果。",
        "信息里写着可以改用什么；docs/differences.md 列出了所有的不同之处。",
    ),
    "DataFileError": ErrorPage(
        "open('model.safetensors', 'wb').write(b'half of a file')\npc.load('model.safetensors')",
        "文件已损坏、不完整，或者是另一种文件；信息里写着文件名、位置和应有的内容。",
        "下载中断，磁盘已满，文件写好之后又被改动，或者内容与文件名不符。文件中的内容一概没有使用。",
        "删除后重新下载，或者改用较早的副本。",
    ),
    "DataNotFoundError": ErrorPage(
        "pc.load('model.safetensors')",
        "这台电脑上没有这个文件或数据集，也无法下载。",
        "文件名或文件夹写错了；程序运行时所在的文件夹与你想的不同；或者没有网络。",
        "到信息所说的地方看一看。如果是数据集，把信息里列出的文件放进它所说的文件夹，"
        "或者让环境变量 PELLUCID_DATA 指向有这些文件的文件夹。",
    ),
    "FormatError": ErrorPage(
        "np.save('weights.npy', np.ones(3))\npc.load('weights.npy')",
        "这不是 Pellucid 的文件，或者是由更新版本的 Pellucid 写的。",
        "`pc.load` 只读 safetensors。PyTorch 的 `.pt` 文件是 pickle，读取时可以执行任意代码；NumPy 和 Keras "
        "的文件格式也不同。",
        "运行信息里给出的那一行，把文件转换过来；如果是新版本写的文件，请升级 Pellucid。",
    ),
    "CompilerError": ErrorPage(
        "import os\n\nos.environ['CC'] = 'no-such-compiler'\npc.compile(lambda x: x + 1.0, target='c')(pc.ones(2))",
        "没有可用的 C 编译器，或者编译器没能完成任务。",
        "编译过的一步是 C 程序，由这台电脑上的编译器翻译：先看环境变量 CC，再找 cc、clang、gcc，最后是 Python "
        "软件包 ziglang。",
        "`pellucid doctor` 会告诉你找到了哪个编译器、编译结果放在哪里。`python -m pip install ziglang` "
        "能给任何系统装上编译器；"
        '没有编译器时可以用 `pc.compile(target="numpy")`。其他环境变量：PELLUCID_CACHE 是存放编译结果的文件夹，'
        "PELLUCID_CC_TIMEOUT 是编译器最多可用的秒数。",
    ),
    "CacheError": ErrorPage(
        "import os, tempfile\n\nos.environ['PELLUCID_CACHE'] = os.devnull + '/cache'\ntempfile.tempdir = os.devnull\n"
        "pc.compile(lambda x: x + 1.0, target='c')(pc.ones(2))",
        "编译结果没有地方存放：用户的缓存文件夹和临时文件夹都不行。",
        "通常是磁盘已满，或者两个文件夹都没有写入的权限。",
        "`pellucid doctor` 会告诉你是哪个文件夹（随时可以删除）；环境变量 PELLUCID_CACHE 可以另选一个。",
    ),
}
