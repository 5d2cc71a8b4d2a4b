"""What the lessons in `course/` are made of: two languages from one source, formulas, pictures, stepper, questions."""

from pellucid.course.formulas import Derivative, Equation, MatrixGradient
from pellucid.course.language import LANGUAGES, default_language, language_switch
from pellucid.course.outputs import Column, Output, Picture, Printed, Say, Table, Varied, Voice
from pellucid.course.questions import Choice, ChoiceQuestion, FormulaQuestion, Guess, NumberQuestion, Question
from pellucid.course.stepper import Stepper, stepper_html

__all__ = [
    "LANGUAGES",
    "Choice",
    "ChoiceQuestion",
    "Column",
    "Derivative",
    "Equation",
    "FormulaQuestion",
    "Guess",
    "MatrixGradient",
    "NumberQuestion",
    "Output",
    "Picture",
    "Printed",
    "Question",
    "Say",
    "Stepper",
    "Table",
    "Varied",
    "Voice",
    "default_language",
    "language_switch",
    "stepper_html",
]
