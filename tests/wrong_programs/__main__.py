"""`python -m tests.wrong_programs`: every message on one page; with `--gaps`, only what is not as it should be."""

import sys

from tests.wrong_programs import PAGE, everything, message
from tests.wrong_programs.page import page

if "--gaps" in sys.argv:
    for wrongs in everything().values():
        for wrong in wrongs:
            name, text = message(wrong)
            if name != wrong.error or any(word not in text for word in (*wrong.says, wrong.remedy)):
                lacks = [word for word in (*wrong.says, wrong.remedy) if word not in text]
                print(f"# {wrong.mistake}: wanted {wrong.error}, lacks {lacks}\n{name}: {text}\n")
else:
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(PAGE)
