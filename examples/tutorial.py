"""Ten minutes with Pellucid: tensors, gradients, a network that reads digits, a compiled step, pictures, files, errors.

Three ways to go through it:
    marimo edit examples/tutorial.py      as a notebook that recomputes what depends on what you change
    examples/tutorial.ipynb               in Jupyter, made from this file by scripts/notebooks
    examples/tutorial.zh.ipynb            the same in Chinese
    python examples/tutorial.py           as a program that prints what is to be seen
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Ten minutes with Pellucid · 十分钟入门")


@app.cell(hide_code=True)
def _():
    from pellucid import course

    language = course.language_switch()
    language
    return course, language


@app.cell(hide_code=True)
def _(course, language):
    say = course.Voice(language.value)
    return (say,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
# Ten minutes with Pellucid

You need to know Python, and nothing else. Everything computes in a few seconds and needs no network: run the cells from
top to bottom, change numbers, run them again. Each part says what you will see.
""",
        zh="""
# 十分钟认识 Pellucid

只需要会一点 Python。所有计算几秒钟就能完成，不需要联网：从上到下运行每个单元格，改动数字，再运行一遍。
每一部分都会说明你将看到什么。
""",
    )
    return


@app.cell
def _():
    import time

    import pellucid as pc
    import pellucid.functional as F
    from pellucid import data, metrics, nn, optim, view

    return F, data, metrics, nn, optim, pc, time, view


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 1. Tensors

A tensor is an array of numbers with a shape. Below you see a matrix of 2 rows and 3 columns, what happens when each row
meets the same three numbers, and the sum of each row.
""",
        zh="""
## 1. 张量

张量是带有形状的一组数。下面会看到一个 2 行 3 列的矩阵，看到每一行都加上同样的三个数会怎样，还有每一行的和。
""",
    )
    return


@app.cell
def _(pc):
    x = pc.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    print(x.shape, x.dtype)
    print(x + pc.tensor([10.0, 20.0, 30.0]))
    print(x.sum(dim=1))
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 2. Gradients

A tensor that requires a gradient remembers what is computed from it. `backward()` walks back and writes into `.grad`
how fast the result changes with it. For w² the slope is 2w, so at w = 3 you see 6.
""",
        zh="""
## 2. 梯度

需要梯度的张量会记住由它算出的一切。`backward()` 往回走，把结果随它变化的快慢写进 `.grad`。
w² 的斜率是 2w，所以在 w = 3 处会看到 6。
""",
    )
    return


@app.cell
def _(pc):
    w = pc.tensor(3.0, requires_grad=True)
    (w * w).backward()
    print(w.grad)
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 3. Data

1797 handwritten digits of 8 by 8 pixels are inside the package. A fifth is put aside: the network never learns from it,
so it shows how well new digits are read. You see the first twenty, each with its label.
""",
        zh="""
## 3. 数据

软件包里带有 1797 个 8×8 像素的手写数字。留出五分之一作为测试集：网络不从中学习，所以能看出它认新数字认得怎样。
下面是前二十个，各带自己的标签。
""",
    )
    return


@app.cell
def _(data, view):
    pictures, labels = data.digits()
    pictures = pictures.astype("float32") / pictures.max()
    x_train, x_test, y_train, y_test = data.train_test_split(pictures, labels, test_size=0.2, seed=0, stratify=labels)
    print(x_train.shape, x_test.shape)
    view.image_grid(x_train[:20], labels=y_train[:20])
    return x_test, x_train, y_test, y_train


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 4. A network

Each picture becomes a row of 64 numbers, then 128 units with ReLU, then one score for each digit. You see the layers of
the model, and that it guesses before training: about one in ten is right.
""",
        zh="""
## 4. 网络

每幅图变成一行 64 个数，经过 128 个带 ReLU 的单元，最后给每个数字一个得分。会看到模型的各层，
还会看到训练之前它只是乱猜，大约十个里对一个。
""",
    )
    return


@app.cell
def _(metrics, nn, optim, pc, x_test, y_test):
    pc.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.003)

    def right():
        """The share of right answers on the digits that were put aside."""
        with pc.no_grad():
            return metrics.accuracy(model(pc.tensor(x_test)), y_test)

    print(model)
    print(f"before training: {right():.1%} right")
    return model, optimizer, right


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 5. Training

The loop that all of deep learning turns around: forward, loss, backward, step. `F.cross_entropy` is how surprised the
scores are by the right answer. You see it fall, and more than 97 of 100 digits are read after a few seconds.
""",
        zh="""
## 5. 训练

整个深度学习都围着这个循环转：前向计算、损失函数、反向计算、更新一步。`F.cross_entropy` 表示得分对正确答案有多意外。
会看到它不断下降，几秒钟之后，每 100 个数字能认对 97 个以上。
""",
    )
    return


@app.cell
def _(F, data, model, optimizer, pc, right, x_train, y_train):
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    loader = data.DataLoader((x_train, y_train), batch_size=32, shuffle=True, seed=0)
    for epoch in range(30):
        losses = [step(pc.tensor(x), pc.tensor(y)).item() for x, y in loader]
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1:2}: loss {sum(losses) / len(losses):.4f}")
    print(f"after training: {right():.1%} right")
    return loader, step


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 6. Compile the step

`pc.compile` records the step once, backward pass and update included, and makes one program of it: in C if this
computer has a compiler (then `print(compiled.source)` shows it), else for NumPy. The first call takes the time of
compiling. You see how long a step takes before and after, and the beginning of what was recorded.
""",
        zh="""
## 6. 编译这一步

`pc.compile` 把这一步（包括反向计算和更新）录制一次，变成一个程序：这台电脑有编译器就是 C 程序
（`print(compiled.source)` 可以看到它），否则由 NumPy 执行。第一次调用要花编译的时间。
会看到编译前后每一步各用多久，还有录制内容的开头。
""",
    )
    return


@app.cell
def _(loader, pc, step, time):
    compiled = pc.compile(step)
    batch = [pc.tensor(array) for array in next(iter(loader))]
    compiled(*batch)  # records and compiles

    def microseconds(function, times=200):
        begin = time.perf_counter()
        for _ in range(times):
            function(*batch)
        return (time.perf_counter() - begin) / times * 1e6

    print(f"step by step: {microseconds(step):.0f} microseconds; compiled: {microseconds(compiled):.0f}")
    print("\n".join(str(compiled.graph).splitlines()[:8]))
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 7. Look at the mistakes

What does it get wrong? You see the digits that were read wrongly, framed, each with its label and the answer. Would you
have known?
""",
        zh="""
## 7. 看看错在哪里

它认错了哪些？会看到被认错的数字，加了边框，各带自己的标签和网络的回答。换了你，认得出来吗？
""",
    )
    return


@app.cell
def _(model, pc, view, x_test, y_test):
    answers = model(pc.tensor(x_test)).argmax(1).numpy()
    wrong = (answers != y_test).nonzero()[0][:10]
    view.image_grid(x_test[wrong], labels=y_test[wrong], predictions=answers[wrong], columns=5)
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 8. Save and load

The weights go into a safetensors file, from which nothing can run. A second network of the same layers loads them, and
you see that it gives the same answers.
""",
        zh="""
## 8. 保存与读取

权重写进一个 safetensors 文件，读取它不会执行任何代码。层数相同的另一个网络读入这些权重，会看到两者的回答完全相同。
""",
    )
    return


@app.cell
def _(model, nn, pc, x_test):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.safetensors"
        pc.save(model, path)
        twin = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
        twin.load_state_dict(pc.load(path))
        print(path.name, path.stat().st_size, "bytes")
    print("the same scores:", bool((twin(pc.tensor(x_test)) == model(pc.tensor(x_test))).all()))
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## 9. Errors that help

Everybody gets shapes wrong. Here 28 by 28 pictures go into a network for 8 by 8. You see who refused, what came, what
is needed and what to try; `pellucid explain ShapeError` says more.

**Where to go on.** `pellucid course` has lessons, `pellucid workshop` lets you write these parts yourself, and
[from-pytorch.md](../docs/from-pytorch.md) is for those who know PyTorch.
""",
        zh="""
## 9. 会帮忙的报错

形状弄错，人人都会遇到。这里把 28×28 的图送进为 8×8 准备的网络。
会看到是谁拒绝的、来的是什么、需要的是什么、可以怎样改；`pellucid explain ShapeError --lang zh` 讲得更细。

**接下来。** `pellucid course` 有课程，`pellucid workshop` 让你亲手写这些部件；
熟悉 PyTorch 的读者可以看 [from-pytorch.md](../docs/from-pytorch.md)。
""",
    )
    return


@app.cell
def _(model, pc):
    try:
        model(pc.ones(32, 1, 28, 28))
    except pc.errors.ShapeError as error:
        print(error)
    return


if __name__ == "__main__":
    app.run()
