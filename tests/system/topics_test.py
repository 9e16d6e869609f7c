#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of topics, and that none is without use: topics_test.py TUTTI SOURCE.

Each topic must have somebody who publishes it and somebody who takes it: a subscriber of the core, an edge, or code
that reads its payload or treats it by name.
"""
import glob
import json
import os
import re
import subprocess
import sys

TUTTI, SOURCE = sys.argv[1], os.path.abspath(sys.argv[2])
CONFIG = os.path.join(SOURCE, "tests/scenario/base.yaml")


def run(*words, status=0):
    result = subprocess.run([TUTTI, "topics", *words], capture_output=True, text=True, check=False)
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stderr}"
    return result.stdout if status == 0 else result.stderr


def code(*without):
    """The text of all modules but these, by path."""
    texts = {}
    for path in glob.glob(os.path.join(SOURCE, "src/*/*.c")):
        module = path.split("/")[-2]
        if module not in without:
            with open(path, encoding="utf-8") as file:
                texts[os.path.relpath(path, SOURCE)] = file.read()
    return texts


def registry_names():
    """Name in the code of each topic, by its name for people."""
    with open(os.path.join(SOURCE, "src/model/topics.h"), encoding="utf-8") as file:
        return {name: symbol for symbol, name in re.findall(r'^    T\((\w+), "([^"]+)", ', file.read(), re.M)}


def found(texts, patterns, symbol):
    expressions = [re.compile(pattern.replace("@", symbol + r"\b")) for pattern in patterns]
    return [path for path, text in texts.items() if any(expression.search(text) for expression in expressions)]


PRODUCES = [
    r"[.>]topic = TT_TOPIC_@",  # a post
    r"tt_trade_post\)?(?: post = )?\s*\{\s*TT_TOPIC_@",
    r"(?:publish|announce|item_set)\w*\([^;]*TT_TOPIC_@",
]
CONSUMES = [
    r"TT_PAYLOAD\([^;]*?, @",
    r"\[TT_TOPIC_@\] =",
    r"\{TT_TOPIC_@,",
    r"(?:==|!=) TT_TOPIC_@",
    r"case TT_TOPIC_@",
]


def test_the_catalogue():
    topics = json.loads(run("--json"))["topics"]
    page = run()
    assert [topic["number"] for topic in topics] == list(range(1, len(topics) + 1))
    for topic in topics:
        origin = ", ".join(word for word in ("input", "core") if topic[word])
        edge = "" if topic["edge"] == "none" else topic["edge"]
        row = (f"| {topic['number']} | `{topic['name']}` | [{topic['payload']}](#{topic['payload']}) | {topic['kind']} | "
               f"{topic['priority']} | {topic['ttl_ms'] // 1000} | {topic['history']} | {origin} | {edge} | {topic['meaning']} |")
        assert row in page, row
        assert "subscribers" not in topic


def test_subscribers():
    topics = {topic["name"]: topic for topic in json.loads(run("--subscribers", CONFIG, "--json"))["topics"]}
    assert topics["trade_proposals"]["subscribers"] == ["risk"], topics["trade_proposals"]
    assert topics["agent_answers"]["subscribers"] == ["coordinator"]
    assert topics["fills"]["subscribers"] == []  # the read model takes them from the journal
    lines = run("--subscribers", CONFIG).splitlines()
    assert len(lines) == len(topics)
    assert any(line.split() == ["agent_calls", "->", "agent"] for line in lines)
    assert any(line.split() == ["trade_proposals", "risk"] for line in lines)
    for words in (["x"], ["--subscribers"], ["--subscribers", CONFIG, "more"]):
        assert "usage: tutti topics" in run(*words, status=2)


def test_each_has_a_producer_and_a_consumer():
    topics = json.loads(run("--subscribers", CONFIG, "--json"))["topics"]
    names = registry_names()
    assert set(names) == {topic["name"] for topic in topics}
    writers, readers = code("model", "report", "store"), code("model")
    missing = []
    for topic in topics:
        name, symbol = topic["name"], names[topic["name"]]
        if not found(writers, PRODUCES, symbol):
            missing.append(f"nobody publishes {name}")
        is_taken = topic["subscribers"] or topic["edge"] != "none"
        if not is_taken and not found(readers, CONSUMES, symbol):
            missing.append(f"nobody takes {name}")
    assert not missing, missing
    # The search itself must be able to fail.
    assert not found(writers, PRODUCES, "NOBODY") and not found(readers, CONSUMES, "NOBODY")


if __name__ == "__main__":
    tests = [value for name, value in list(globals().items()) if name.startswith("test_")]
    for test in tests:
        test()
        print(f"{test.__name__}: ok")
