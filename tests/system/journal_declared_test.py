#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Readers on journals with declared topics: journal_declared_test.py TUTTI DECLARE_JOURNAL ALTER_JOURNAL.

dump, tail, stats, why and store rebuild name what the journal declares; a start in the middle, in segments and in
archives, gives exactly what the same selection from the whole dump gives, although the declarations stand before it.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import program_suite  # noqa: E402

FIRST_NEWS = 4  # three declarations stand before it


class Suite(program_suite.Suite):
    def __init__(self, tutti, declare, alter, folder):
        super().__init__(tutti, folder)
        self.declare, self.alter = declare, alter

    def make(self, name, count, segment_bytes):
        subprocess.run([self.declare, self.path(name), str(count), str(segment_bytes)], check=True)
        return self.path(name)


def names(suite):
    """Names instead of numbers everywhere, and counts by topic."""
    path = suite.make("names", 5, 0)
    every = suite.dump(path)
    suite.expect([m["seq"] for m in every] == list(range(1, 14)), "13 messages", every)
    news = every[FIRST_NEWS - 1]
    suite.expect(news["topic"] == "news.wire" and news["source"] == "reuters", "names", news)
    suite.expect(news["payload"] == {"at": 0, "side": "up", "head": "story 0"}, "payload", news)
    suite.expect(every[FIRST_NEWS]["payload"] == {"count": 3, "bytes": "cafe00"}, "raw", every[FIRST_NEWS])
    suite.expect(every[FIRST_NEWS]["target"] == "reuters", "target", every[FIRST_NEWS])
    stats = json.loads(suite.run("journal", "stats", path, "--json").stdout)
    counts = {name: row["messages"] for name, row in stats["topics"].items()}
    suite.expect(counts == {"source_declarations": 1, "topic_declarations": 2, "news.wire": 5, "raw": 5},
                 "counts by topic", stats)
    suite.expect(stats["declared"] == {"topics": 2, "sources": 1, "refused": 0}, "declared", stats)
    text = suite.run("journal", "stats", path).stdout
    suite.expect("declared: 2 topics, 1 sources" in text and "\n  news.wire " in text, "stats as text", text)
    text = suite.run("journal", "tail", path, "raw", "--last", "1", "--until-closed", "--text").stdout
    suite.expect(text.startswith("       13 ") and text.endswith("bytes=cafe04\n") and " raw " in text, "tail", text)
    why = suite.run("why", "--journal", path, "7")
    suite.expect(why.returncode == 0 and "raw from reuters: bytes=cafe01" in why.stdout and
                 'news.wire from reuters: at=1 side=down head="story 1"' in why.stdout, "why", why)
    chain = json.loads(suite.run("why", "--journal", path, "7", "--json").stdout)["chain"]
    suite.expect([link["message"]["topic"] for link in chain] == ["raw", "news.wire"], "why as JSON", chain)
    made = json.loads(suite.run("store", "rebuild", path, "--json").stdout)
    suite.expect(made == {"last_seq": 13, "passed_over": 10}, "store rebuild", made)
    for command in (["verify", path], ["replay", path]):
        done = suite.run(*command, status=None)
        suite.expect(done.returncode > 0 and "libtutti" in done.stderr, f"{command[0]} says why not", done)


def filters(suite):
    """By the names of topics and sources; one that nobody declares is an error."""
    path = suite.make("filters", 20, 0)
    every = suite.dump(path)
    for args, wanted in (
            (["--topic", "news.wire"], lambda m: m["topic"] == "news.wire"),
            (["--topic", "*w*"], lambda m: m["topic"] in ("news.wire", "raw")),
            (["--source", "reuters"], lambda m: m["source"] == "reuters"),
            (["--source", "reuters", "--topic", "r?w", "--key", "0"], lambda m: m["topic"] == "raw"),
            (["--key", "2"], lambda m: m["key"] == 2),
            (["--topic", "topic_declarations"], lambda m: m["topic"] == "topic_declarations")):
        right = [m for m in every if wanted(m)]
        suite.expect(right and suite.dump(path, *args) == right, f"dump {args}")
    for args in (["--topic", "news"], ["--source", "reuter"]):
        done = suite.run("journal", "dump", path, *args, status=2)
        suite.expect(f"'{args[1]}'" in done.stderr, f"refuses {args}", done)


def starts(suite, path, every):
    """A start in the middle of many segments, with the declarations before it."""
    last = every[-1]["seq"]
    dice = random.Random(7)
    for seq in [1, 2, last, last + 1] + [dice.randrange(1, last) for _ in range(12)]:
        right = [m for m in every if m["seq"] >= seq]
        suite.expect(suite.dump(path, "--from-seq", str(seq)) == right, f"--from-seq {seq}")
        right = [m for m in right if m["topic"] == "raw"]
        suite.expect(suite.dump(path, "--from-seq", str(seq), "--topic", "ra*") == right, f"raw from {seq}")
    for at in [every[0]["time"], every[-1]["time"]] + [dice.choice(every)["time"] for _ in range(8)]:
        right = [m for m in every if m["time"] >= at]
        suite.expect(suite.dump(path, "--since", at) == right, f"--since {at}")
    for count in [1, 2, 7, last - 1, last, last + 5]:
        suite.expect(suite.dump(path, "--last", str(count)) == every[-count:], f"--last {count}")
        right = [m for m in every if m["key"] == 2][-count:]
        suite.expect(suite.dump(path, "--last", str(count), "--key", "2") == right, f"--last {count} --key 2")
        right = [m for m in every if m["topic"] == "news.wire"][-count:]
        suite.expect(suite.dump(path, "--last", str(count), "--topic", "n*e") == right, f"--last {count} --topic")
        right = [m for m in every if 50 <= m["seq"] <= 300][-count:]
        suite.expect(suite.dump(path, "--last", str(count), "--from-seq", "50", "--to-seq", "300") == right,
                     f"--last {count} of a range")
        since = every[-40]["time"]
        right = [m for m in every if m["time"] >= since][-count:]
        suite.expect(suite.dump(path, "--last", str(count), "--since", since) == right, f"--last {count} --since")
    right = [m for m in every if m["time"] >= every[-21]["time"]]
    suite.expect(suite.dump(path, "--since", "10s") == right, "--since 10s", right[:1])


def undeclared(suite):
    """A declaration that says something else: numbers and raw bytes, and no name."""
    path = suite.make("whole", 2, 0)
    other = os.path.join(suite.folder, "undeclared")
    # The number of the first topic (byte 24 of its declaration): 1025 is what the next one declares.
    subprocess.run([suite.alter, path, other, "2", "24"], check=True)
    every = suite.dump(other)
    news = [m for m in every if m["topic"] == 1024]
    suite.expect(len(news) == 2 and news[0]["payload"].startswith("00000000") and len(news[0]["payload"]) == 64,
                 "number and raw bytes", every)
    stats = json.loads(suite.run("journal", "stats", other, "--json").stdout)
    suite.expect(stats["declared"]["refused"] == 1 and stats["topics"]["1024"]["messages"] == 2, "stats", stats)
    text = suite.run("why", "--journal", other, "4").stdout
    suite.expect("1024 from reuters: 32 bytes 0000" in text, "why", text)
    suite.expect(len(suite.dump(other, "--topic", "1024")) == 2, "--topic by number")


def main():
    tutti, declare, alter = (os.path.abspath(arg) for arg in sys.argv[1:4])
    with tempfile.TemporaryDirectory(prefix="tutti-declared-") as folder:
        suite = Suite(tutti, declare, alter, folder)
        names(suite)
        filters(suite)
        path = suite.make("many", 300, 4096)
        every = suite.dump(path)
        suite.expect(len(every) == 603 and len(os.listdir(path)) > 12, "many segments", os.listdir(path))
        starts(suite, path, every)
        archived = subprocess.run([alter, "--archive", path], check=True, capture_output=True, text=True)
        suite.expect(int(archived.stdout) > 10, "archives", archived.stdout)
        starts(suite, path, every)
        undeclared(suite)
    return suite.end()


if __name__ == "__main__":
    sys.exit(main())
