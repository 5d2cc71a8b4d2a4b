"""Lesson template: copy this file, keep its parts and their order. It is a small lesson that works.

Read it in a browser with `marimo edit course/template.py`, or run it: `python course/template.py`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Template · 模板")


@app.cell(hide_code=True)
def _():
    import pellucid as pc
    from pellucid import course
    from pellucid.course import pictures

    language = course.language_switch()
    language
    return course, language, pc, pictures


@app.cell(hide_code=True)
def _(course, language):
    say = course.Voice(language.value)
    return (say,)


@app.cell(hide_code=True)
def _(course):
    # Every display formula stands here, so that a test can put it to the proof.
    formulas = {
        "square": course.Equation("J", "w * w"),
        "slope": course.Derivative("w * w", "w", "2 * w", shown="J"),
    }
    return (formulas,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
# The slope of a parabola

*5 minutes; everything in it computes in a second, without a network connection.*

**Why.** One sentence on what the reader cannot do yet. One on what they can do afterwards.
""",
        zh="""
# 抛物线的斜率

时间：5 分钟；所有计算一秒钟就能完成，不需要联网。

**为什么学它。** 一句话说明读者现在还做不到什么，一句话说明学完以后能做到什么。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, pictures, say):
    course.Column(
        say(
            en="""
## The idea in one picture

What the picture shows, in three sentences at most.
""",
            zh="""
## 一幅图看懂

图里画的是什么，最多三句话。
""",
        ),
        course.Picture(
            pictures.payment(),
            caption=say(en="What to look at.", zh="该看哪里。"),
            alt=say(
                en="What someone needs to know who does not see the picture.",
                zh="看不见图的人需要知道的内容。",
            ),
        ),
    )
    return


@app.cell(hide_code=True)
def _(formulas, say):
    say(
        en=f"""
## Numbers

Numbers first, with which a pocket calculator can follow: 3 · 3 = 9, and 3.001 · 3.001 = 9.006, so where $w$ grows by
0.001 the square grows by 0.006. Then the formula, which now says something:

{formulas["square"]}

{formulas["slope"]}
""",
        zh=f"""
## 先看数字

先给出用计算器就能跟上的数字：3 · 3 = 9，3.001 · 3.001 = 9.006，所以 $w$ 增加 0.001 时，平方增加 0.006。
然后才是公式，这时它才有内容：

{formulas["square"]}

{formulas["slope"]}
""",
    )
    return


@app.cell
def _(course, pc):
    w = pc.tensor(3.0, requires_grad=True)
    (w * w).backward()
    course.Printed(f"w.grad = {w.grad.item()}")
    return (w,)


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
**Try it.** Something to change, and what to watch while it changes.

### Your piece: the name of a piece of the workshop

What to write, how it fits what was just read, and the command that checks it: `pellucid workshop check NAME`.
""",
        zh="""
**试一试。** 可以改动什么，改动的时候留意什么。

### 你的部件：部件的名字

要写什么，它和刚读过的内容有什么关系，以及检查它的命令：`pellucid workshop check NAME`。
""",
    )
    return


@app.cell(hide_code=True)
def _(course, say):
    course.NumberQuestion(
        say(en="**Question 1.** What is the slope at $w = -2$?", zh="**问题 1。** $w = -2$ 处的斜率是多少？"),
        -4,
        hint=say(en="Put the number into the last formula.", zh="把数代入最后一个公式。"),
        because=say(
            en="2 · (−2) = −4: there the parabola falls.",
            zh="2 · (−2) = −4：抛物线在那里是下降的。",
        ),
    )
    return


@app.cell(hide_code=True)
def _(say):
    say(
        en="""
## What next

The next lesson, and where to read on in Pellucid.

## Sources, and how they differ

Paper, year, and in which conventions books and frameworks differ from this page.
""",
        zh="""
## 接下来

下一课是什么，在 Pellucid 里可以接着读哪里。

## 出处，以及各家说法的不同

论文、年份，以及各书和各框架的约定与本页有何不同。
""",
    )
    return


if __name__ == "__main__":
    app.run()
