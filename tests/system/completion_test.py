#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bash completes: completion_test.py TUTTI SOURCE.

Commands are those of the overview, options those of the page of a command, words those of its usage; a value of an
option is no option.
"""
import os
import re
import subprocess
import sys
import tempfile

TUTTI, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SCRIPT = os.path.join(SOURCE, "src/cli/completion.bash")
# Commands whose first word is one of a few; all others take a value of the user, or none.
WITH_WORDS = {"journal", "task", "budget", "dead", "quarantine", "token", "config", "store"}


def complete(*words, folder="."):
    """What bash would offer for the last of the words."""
    quoted = " ".join("'" + word + "'" for word in (TUTTI, *words))
    text = f"source '{SCRIPT}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _tutti; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    result = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True, cwd=folder)
    assert result.stderr == "", result.stderr
    return [line for line in result.stdout.splitlines() if line]


def page(*words):
    return subprocess.run([TUTTI, *words, "--help"], capture_output=True, text=True, check=True).stdout


def usage_words(command):
    """The words that the usage of a command has in the first place: "run|enable|disable", "add"."""
    text = page(command)
    if command == "journal":
        return re.findall(r"^  ([a-z]+) ", text, re.M)
    usage = text.partition("usage: tutti ")[2].partition("\n\n")[0]
    found = []
    for line in usage.splitlines():
        for part in re.sub(r"^ *(tutti )?" + command + " ", "", line).split(" | "):
            found += re.match(r"[a-z|-]*", part)[0].split("|")
    return [word for word in found if word and not word.startswith("-")]


def main():
    commands = [word for word in re.findall(r"^  ([a-z][a-z-]*) +[a-z]", page(), re.M) if word != "tutti"]
    assert sorted(complete("")) == sorted(commands + ["--help", "--version"]), complete("")
    assert complete("perf") == ["performance"] and complete("--v") == ["--version"]
    for command in commands:
        pages = [[command, word] for word in usage_words("journal")] if command == "journal" else [[command]]
        for words in pages:
            told = re.findall(r"^  (--[a-z-]+)", page(*words), re.M)
            assert sorted(complete(*words, "--")) == sorted(told + ["--help"]), words
        if command in WITH_WORDS:
            assert sorted(complete(command, "")) == sorted(usage_words(command)), (command, usage_words(command))
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "out"))
        for name in ("paper.yaml", "bars.csv"):
            with open(os.path.join(folder, name), "w", encoding="utf-8"):
                pass
        assert complete("backtest", "", folder=folder) == ["out/", "paper.yaml"]
        assert complete("backtest", "paper.yaml", "--data", "b", folder=folder) == ["bars.csv"]
        assert complete("verify", "", folder=folder) == ["out"]
        assert complete("status", "--out", "", folder=folder) == ["out"]
        assert complete("journal", "dump", "o", folder=folder) == ["out"]
        assert complete("orders", "--limit", "", folder=folder) == []
        assert complete("token", "add", "me", "t", folder=folder) == ["trader"]
    # Whatever takes a value offers no option in its place.
    for command in commands:
        for words in ([[command, word] for word in usage_words("journal")] if command == "journal" else [[command]]):
            for option in re.findall(r"^  (--[a-z-]+) [A-Za-z]", page(*words), re.M):
                offered = complete(*words, option, "--")
                assert not [word for word in offered if word.startswith("--")], (words, option, offered)


main()
