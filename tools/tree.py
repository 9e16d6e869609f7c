# SPDX-License-Identifier: Apache-2.0
"""The files of the project, for the other tools."""
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
LEFT_OUT = re.compile(r"^(\.git|\.cache|build|build-.*|out|__pycache__)$")


def enter_root():
    """Makes paths relative to the project."""
    os.chdir(ROOT)


def files(*folders):
    """Paths of all files below `folders`, sorted; build and output folders are left out."""
    found = []
    for folder in folders:
        for place, names, leaves in os.walk(folder):
            names[:] = [name for name in names if not LEFT_OUT.match(name)]
            found += [os.path.normpath(os.path.join(place, leaf)) for leaf in leaves]
    return sorted(found)


def read(path):
    """The text of a file; bytes that are no UTF-8 become question marks."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


# Comments, texts and characters of C, in the order in which they hide each other.
C_HIDDEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip_c(text, keep_strings=False):
    """C without comments (and texts): line by line in place, so that line numbers stay."""
    def blank(match):
        hidden = match.group(0)
        if keep_strings and hidden[0] in "\"'":
            return hidden
        edge = hidden[0] if hidden[0] in "\"'" else ""
        return edge + "\n" * hidden.count("\n") + edge if edge else re.sub(r"[^\n]", " ", hidden)
    return C_HIDDEN.sub(blank, text)
