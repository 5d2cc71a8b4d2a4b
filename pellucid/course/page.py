"""The pages of the site as HTML: one for each lesson, a list of the lessons, and the choice of the language."""

import html
import re
from string import Template

import pellucid
from pellucid.course.draw import TIP
from pellucid.course.language import LANGUAGES
from pellucid.course.outputs import script
from pellucid.workshop.piece import Text

TAGS = {"en": "en", "zh": "zh-Hans"}
WORDS = {
    "site": Text("Pellucid: the course", "Pellucid 课程"),
    "lead": Text(
        "Lessons on neural networks that run. You read, try, and write pieces of a real framework, which then runs on "
        "them.",
        "可以运行的神经网络课程。一边读，一边试，亲手写出一个真实框架的部件，再让框架用它们来运行。",
    ),
    "lessons": Text("Lessons", "全部课程"),
    "contents": Text("On this page", "本页内容"),
    "skip": Text("To the text", "跳到正文"),
    "language": Text("Language", "语言"),
    "around": Text("Other lessons", "其他课程"),
    "previous": Text("Previous lesson", "上一课"),
    "next": Text("Next lesson", "下一课"),
    "minutes": Text("about {} minutes", "约 {} 分钟"),
    "needs": Text("You should know", "预备知识"),
    "pieces": Text("You write", "要写的部件"),
    "code": Text("Code", "代码"),
    "still": Text(
        "On this page everything was computed beforehand: sliders show the positions that were drawn, questions are "
        "checked here in the page. To change numbers and code, open the lesson on your computer:",
        "本页的内容都已预先算好：滑块显示的是事先画好的各个位置，问题就在页面里检查。想改动数字和代码，请在自己的电脑上打开这一课：",
    ),
    "script": Text(
        "Without JavaScript the stepper, the sliders and the questions stand still; text, formulas and pictures are "
        "all here.",
        "没有 JavaScript，逐步演示、滑块和问题不会动；文字、公式和图片都在。",
    ),
    "workshop": Text("The workshop", "工坊"),
    "start": Text(
        "The pieces that the lessons ask for are written in a folder of your own. Each is checked as soon as you save "
        "it, and you get told what is wrong and why.",
        "课程里要写的部件，都写在你自己的文件夹里。每次保存都会检查，并且告诉你错在哪里、为什么错。",
    ),
    "made": Text(
        "Made from course/{}.py by Pellucid {}, MIT licence.", "由 Pellucid {1} 从 course/{0}.py 生成，MIT 许可证。"
    ),
    "made_list": Text("Made by Pellucid {}, MIT licence.", "由 Pellucid {} 生成，MIT 许可证。"),
}


def word(key, lang):
    """A word of the page, ready for HTML."""
    return html.escape(getattr(WORDS[key], lang))


def lesson_page(cells, lessons, number, lang, languages):
    """A lesson: contents, every cell with its code and its output, the way to the lessons beside it."""
    lesson = lessons[number]
    body, headings = numbered("".join(cell_html(cell, lang) for cell in cells))
    title, body = body_without_title(body)
    contents = "".join(f'<li><a href="#{name}">{text}</a></li>' for name, text in headings)
    main = (
        f'<div class="columns"><nav class="toc" aria-label="{word("contents", lang)}">'
        f"<h2>{word('contents', lang)}</h2><ol>{contents}</ol></nav>"
        f'<main id="text"><h1>{title}</h1><p class="still">{word("still", lang)} '
        f"<code>pellucid course open {lesson.name}</code></p>"
        f'<noscript><p class="still">{word("script", lang)}</p></noscript>{body}'
        f"{around(lessons, number, lang)}</main></div>"
    )
    made = getattr(WORDS["made"], lang).format(lesson.name, pellucid.__version__)
    return whole(getattr(lesson.title, lang), main, made, lang, languages, f"{lesson.name}.html")


def cell_html(cell, lang):
    """The code of a cell, if it is to be read, and what it shows."""
    code = (
        f'<figure class="code" aria-label="{word("code", lang)}">{highlighted(cell.code)}</figure>' if cell.code else ""
    )
    shown = cell.output.html(lang) if cell.output else ""
    return f'<div class="cell">{code}{shown}</div>'


def highlighted(code):
    """Python with its words marked; site.css gives them their colours."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(code, PythonLexer(), HtmlFormatter(cssclass="codehilite", wrapcode=True))


# A formula or a short piece of code, and the mark after it, which must not begin a line.
MARKS = "，。；：、！？）”,.;:?!)"
MARKED = re.compile(
    rf'(<math [^>]*display="inline"[^>]*>(?:(?!</math>).)*</math>|<code>[^<]{{1,16}}</code>)([{MARKS}]+)'
)


def numbered(body):
    """The page's text with names for its headings, the same in all languages, and (name, text) of the parts.

    What each output brings of its own and the page needs once only, style sheets and the arrow's tip, is left out.
    """
    headings = []

    def name(found):
        level, text = found[1], found[2]
        names = f"part-{len(headings) + 1}" if level == "2" else None
        if names:
            headings.append((names, re.sub("<[^>]*>", "", text)))
        return f"<h{level}{f' id={chr(34)}{names}{chr(34)}' if names else ''}>{text}</h{level}>"

    body = re.sub(r"<style>.*?</style>", "", body, flags=re.DOTALL)
    body = body.replace('<span class="paragraph">', '<span class="paragraph" role="paragraph">')
    body = MARKED.sub(r'<span class="keep">\1\2</span>', body)
    first, tip, rest = body.partition(TIP)
    body = first + tip + rest.replace(TIP, "")
    return re.sub(r"<h([123])[^>]*>(.*?)</h\1>", name, body, flags=re.DOTALL), headings


def body_without_title(body):
    """The lesson's title, and the rest: the title stands above the note on what kind of page this is."""
    before, _, rest = body.partition("<h1>")
    title, _, after = rest.partition("</h1>")
    return title, before + after


def around(lessons, number, lang):
    """Links to the lessons before and after."""
    links = []
    for step, key, mark in ((-1, "previous", "← {}"), (1, "next", "{} →")):
        if 0 <= number + step < len(lessons):
            other = lessons[number + step]
            title = mark.format(html.escape(getattr(other.title, lang)))
            rel = "prev" if step < 0 else "next"
            links.append(f'<a rel="{rel}" href="{other.name}.html"><small>{word(key, lang)}</small>{title}</a>')
    return f'<nav class="around" aria-label="{word("around", lang)}">{"".join(links)}</nav>' if links else ""


def index_page(lessons, lang, languages):
    """The list of lessons in one language."""
    cards = "".join(card(lesson, lang) for lesson in lessons)
    main = (
        f'<main id="text" class="index"><h1>{word("site", lang)}</h1><p class="lead">{word("lead", lang)}</p>'
        f'<ol class="cards">{cards}</ol>'
        f"<h2>{word('workshop', lang)}</h2><p>{word('start', lang)}</p>"
        '<figure class="code"><div class="codehilite"><pre><code>pellucid workshop start my-workshop\n'
        "cd my-workshop\npellucid workshop watch</code></pre></div></figure></main>"
    )
    made = getattr(WORDS["made_list"], lang).format(pellucid.__version__)
    return whole(None, main, made, lang, languages, "index.html")


def card(lesson, lang):
    """A lesson in the list."""
    minutes = html.escape(getattr(WORDS["minutes"], lang).format(lesson.minutes))
    title, needs = (html.escape(getattr(text, lang)) for text in (lesson.title, lesson.needs))
    why = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(getattr(lesson.why, lang)))
    pieces = "".join(f"<code>{name}</code> " for name in lesson.pieces)
    return (
        f'<li><h2><a href="{lesson.name}.html">{title}</a></h2><p class="time">{minutes}</p><p>{why}</p>'
        f"<dl><dt>{word('needs', lang)}</dt><dd>{needs}</dd>"
        f"<dt>{word('pieces', lang)}</dt><dd>{pieces}</dd></dl></li>"
    )


def first_page(lessons, languages):
    """The choice of the language, each named in itself."""
    ways = "".join(
        f'<li lang="{TAGS[lang]}"><h2><a href="{lang}/index.html">{LANGUAGES[lang]}</a></h2>'
        f"<p>{word('lead', lang)}</p></li>"
        for lang in languages
    )
    main = f'<main id="text" class="index"><h1>Pellucid</h1><ul class="cards">{ways}</ul></main>'
    return whole(None, main, f"Pellucid {pellucid.__version__}", languages[0], [], "index.html", up="")


def whole(title, main, made, lang, languages, file, up="../"):
    """A whole page around its main part. All paths are relative: the folder may lie anywhere."""
    others = [
        f'<a href="../{other}/{file}" lang="{TAGS[other]}" hreflang="{TAGS[other]}"'
        f"{' aria-current=true' if other == lang else ''}>{LANGUAGES[other]}</a>"
        for other in languages
    ]
    switch = f'<nav class="languages" aria-label="{word("language", lang)}">{"".join(others)}</nav>'
    alternates = "".join(
        f'<link rel="alternate" hreflang="{TAGS[other]}" href="../{other}/{file}">'
        for other in languages
        if other != lang
    )
    home = f'<a class="home" href="index.html">{word("site", lang)}</a>' if up else ""
    return Template(script("page.html")).substitute(
        lang=TAGS[lang],
        title=f"{html.escape(title)} · {word('site', lang)}" if title else word("site", lang),
        up=up,
        alternates=alternates,
        skip=word("skip", lang),
        header=f'<header class="top">{home}{switch if len(languages) > 1 else ""}</header>' if up else "",
        main=main,
        made=html.escape(made),
    )
