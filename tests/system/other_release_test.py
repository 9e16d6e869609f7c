#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The journal of another release with the real program: other_release_test.py TUTTI.

A journal is given the layouts of a release that called things otherwise: the file that describes them is changed, and
the segments get its fingerprint, which is worked out here. Who looks at it (dump, stats, verify, why, the read model)
finds what that release meant; who would go on with it (replay, run) is refused; a description that is missing or wrong
is named.

Covers: journal/journal_layouts.c model/layout_map.c
"""
import glob
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import program_suite  # noqa: E402
from crc32c import crc32c  # noqa: E402

from journal_commands_test import CONFIG, bars  # noqa: E402

KINDS = ("price qty money ratio time dur u64 i64 seq u32 key u16 topic source u8 flag enum uuid hash text reserved "
         "list").split()


class Fingerprint:
    """FNV-1a over names with their ends and numbers of four bytes, as docs/spec/journal.md says."""

    def __init__(self):
        self.value = 0xCBF29CE484222325

    def mix(self, data):
        for byte in data:
            self.value = (self.value ^ byte) * 0x100000001B3 % 2**64

    def text(self, text):
        self.mix(text.encode() + b"\0")

    def number(self, number):
        self.mix(struct.pack("<I", number))


def read_layouts(text):
    enums, payloads, topics = {}, {}, []
    now = None
    for line in text.splitlines()[1:]:
        word, *rest = line.split(" ")
        if word == "=":
            enums[now].append(line[2:])
        elif word == "enum":
            now = rest[0]
            enums[now] = []
        elif word == "payload":
            now = rest[0]
            payloads[now] = ([int(n) for n in rest[1:]], [])
        elif word == "field":
            payloads[now][1].append(rest)
        elif word == "topic":
            topics.append((int(rest[0]), rest[1], rest[2]))
    return enums, payloads, topics


def fingerprint(text):
    enums, payloads, topics = read_layouts(text)
    mixed = Fingerprint()

    def layout(name):
        (size, fixed, item_size, item_max, _, _), fields = payloads[name]
        mixed.text(name)
        mixed.number(size << 16 | fixed)
        mixed.number(item_size << 16 | item_max)
        for kind, field, offset, bytes_, *named in fields:
            mixed.text(field)
            mixed.number(KINDS.index(kind))
            mixed.number(int(offset) << 16 | int(bytes_))
            if kind == "enum":
                mixed.text(named[0])
                for value in enums[named[0]]:
                    mixed.text(value)
            if kind == "list":
                layout(named[0])

    for number, topic, payload in topics:
        mixed.number(number)
        mixed.text(topic)
        layout(payload)
    return mixed.value


def seal(text):
    """The text with the checksum of what it says now as its last line."""
    lines = "".join(line for line in text.splitlines(True) if not line.startswith("end "))
    return f"{lines}end {crc32c(lines.encode())}\n"


def dress(journal, to, change):
    """Copies a journal as that of the release whose layouts `change` makes of ours. Returns the file of its layouts."""
    shutil.copytree(journal, to)
    [path] = glob.glob(os.path.join(to, "layouts-*.txt"))
    with open(path, encoding="utf-8") as file:
        text = seal(change(file.read()))
    os.remove(path)
    path = os.path.join(to, f"layouts-{fingerprint(text):020d}.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    for segment in glob.glob(os.path.join(to, "*.ttj")):
        with open(segment, "r+b") as file:
            head = bytearray(file.read(96))
            head[80:88] = struct.pack("<Q", fingerprint(text))
            head[92:96] = struct.pack("<I", crc32c(bytes(head[:92])))
            file.seek(0)
            file.write(head)
    return path


def record_with(journal, to, change):
    """Copies a journal as that of a release with other settings: the chain begins with another text, and goes on so."""
    shutil.copytree(journal, to)
    with open(os.path.join(to, "meta"), "r+b") as file:
        head = bytearray(file.read(32))
        text = change(file.read().decode()).encode()
        head[16:28] = struct.pack("<QI", len(text), crc32c(text))
        head[28:32] = struct.pack("<I", crc32c(bytes(head[:28])))
        file.seek(0)
        file.write(head + text)
    [path] = glob.glob(os.path.join(to, "*.ttj"))
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        chain = hashlib.sha256(text).digest()
        data[48:80] = chain
        data[92:96] = struct.pack("<I", crc32c(bytes(data[:92])))
        start = at = 96
        while at + 16 <= len(data):
            length, _, kind = struct.unpack_from("<IIB", data, at)
            if kind == 2:
                data[at + 48:at + 80] = chain
                data[at + 4:at + 8] = struct.pack("<I", crc32c(data[at + 16:at + 96], data[at:at + 4], data[at + 8:at + 16]))
                pieces = [hashlib.sha256(data[i:min(i + 8192, at)]).digest() for i in range(start, at, 8192)]
                chain = hashlib.sha256(chain + b"".join(pieces)).digest() if pieces else chain
                start = at + 16 + length
            at += 16 + length
        file.seek(0)
        file.write(data)


def older(text):
    """A release that called a topic and a field otherwise, and counted two values the other way round."""
    text = text.replace(" consensus consensus\n", " agreement consensus\n")
    text = text.replace("field enum liquidity 169 1 liquidity", "field enum took 169 1 liquidity")
    text = text.replace("= buy\n= sell\n", "= sell\n= buy\n", 1)
    return text


def check_layouts_tell_themselves(suite):
    [path] = glob.glob(os.path.join(suite.journal, "layouts-*.txt"))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    suite.equal(os.path.basename(path), f"layouts-{fingerprint(text):020d}.txt", "name of the layouts")
    with open(sorted(glob.glob(os.path.join(suite.journal, "*.ttj")))[0], "rb") as file:
        suite.equal(struct.unpack("<Q", file.read(88)[80:])[0], fingerprint(text), "fingerprint of the segment")


def check_what_looks(suite, every):
    """What is shown is what that release meant."""
    other = {"buy": "sell", "sell": "buy"}

    def meant(msg):
        payload = {k: other.get(v, v) if k in ("side", "position_side") else v for k, v in msg["payload"].items()}
        if msg["topic"] == "fills":
            payload["liquidity"] = "none"
        return {**msg, "payload": payload}

    fills = [meant(msg) for msg in every if msg["topic"] == "fills"]
    suite.expect(len({fill["payload"]["side"] for fill in fills}) == 2, "fills of one side only")
    suite.equal(suite.dump(suite.other, "fills"), fills, "fills of another release")
    suite.equal(suite.dump(suite.other, "fills", "--last", "2"), fills[-2:], "the last of them")
    gone = [msg for msg in every if msg["topic"] == "consensus"]
    suite.expect(len(gone) > 0, "no consensus in the test")
    seqs = {msg["seq"] for msg in every} - {msg["seq"] for msg in gone}
    suite.equal([msg["seq"] for msg in suite.dump(suite.other)], sorted(seqs), "numbers without the unknown topic")
    # A fill looks the other way round to the check of the books, which says so: the bytes are read, not believed.
    text = suite.run("verify", suite.other, status=6).stderr
    suite.expect("books do not balance" in text, f"books of swapped sides: {text}")
    last = suite.run("journal", "tail", suite.other, "--until-closed", "--json").stdout.splitlines()
    suite.equal([json.loads(line)["seq"] for line in last], sorted(seqs)[-10:], "tail")
    stats = json.loads(suite.run("journal", "stats", suite.other, "--json").stdout)
    suite.equal(stats["messages"], len(seqs), "messages of stats")


def check_verify(suite, every):
    """With names alone changed the books hold, and nothing is replayed."""
    renamed = suite.path("renamed/journal")
    dress(suite.journal, renamed, lambda text: text.replace(" consensus consensus\n", " agreement consensus\n"))
    gone = sum(msg["topic"] == "consensus" for msg in every)
    told = json.loads(suite.run("verify", renamed, "--json").stdout)
    suite.equal((told["verified"], told["replayed"], told["other_release"]), (True, False, True), "verify")
    suite.equal((told["passed_over"], told["messages"]), (gone, len(every) - gone), "messages of verify")
    suite.equal(told["fills_checked"], sum(msg["topic"] == "fills" for msg in every), "fills of verify")
    text = suite.run("verify", renamed).stdout
    suite.expect("written by another release" in text and f"{gone} messages of topics" in text and "same bytes" not in text, text)
    own = json.loads(suite.run("verify", suite.out, "--json").stdout)
    suite.equal((own["replayed"], own["other_release"], own["passed_over"], own["digest"]), (True, False, 0, told["digest"]), "own")
    fill = next(msg for msg in every if msg["topic"] == "fills")
    suite.equal(suite.run("why", "--journal", renamed, str(fill["seq"])).stdout.splitlines()[0],
                suite.run("why", "--journal", suite.journal, str(fill["seq"])).stdout.splitlines()[0], "why")
    # The read model has the same rows, but for what was passed over.
    rows = []
    for run in (suite.out, os.path.dirname(renamed)):
        suite.run("store", "rebuild", run)
        rows.append(sqlite3.connect(os.path.join(run, "store.db")).execute("SELECT * FROM fills ORDER BY 1").fetchall())
    suite.expect(len(rows[0]) > 0 and rows[0] == rows[1], "fills of the read model")
    return renamed


def check_what_goes_on(suite, renamed):
    """Who would decide anew, or append, is refused, and nothing is changed."""
    before = sorted(os.listdir(renamed))
    text = suite.run("replay", renamed, status=8).stderr
    suite.expect("other layouts" in text and "journal dump" in text, f"replay: {text}")
    suite.equal(sorted(os.listdir(renamed)), before, "files after a refusal")


def check_settings(suite, every):
    """A setting that we have not is left out by who looks; who would run it is refused."""
    other = suite.path("settings")
    record_with(suite.journal, other, lambda text: text.replace("run:\n", "run:\n  sign: aries\n", 1))
    suite.equal(suite.dump(other), every, "dump with another setting")
    told = json.loads(suite.run("verify", other, "--json").stdout)
    suite.equal((told["replayed"], told["other_release"], told["settings_left_out"]), (False, True, 1), "verify")
    suite.equal((told["messages"], told["passed_over"]), (len(every), 0), "messages of verify")
    suite.expect("1 recorded settings are none of this release" in suite.run("verify", other).stdout, "verify in words")
    fill = next(msg for msg in every if msg["topic"] == "fills")
    suite.equal(suite.run("why", "--journal", other, str(fill["seq"])).stdout,
                suite.run("why", "--journal", suite.journal, str(fill["seq"])).stdout, "why with another setting")
    for more in ([], ["--set", "run.seed=2"]):
        text = suite.run("replay", other, *more, status=8).stderr
        suite.expect("there is no key `sign`" in text and "use the release that wrote" in text, f"replay {more}: {text}")


def check_descriptions(suite):
    """A description that is missing, damaged, or of other layouts than its name says."""
    path = dress(suite.journal, suite.path("described"), older)
    with open(path, encoding="utf-8") as file:
        text = file.read()

    def told(content, is_sealed=True):
        with open(path, "w", encoding="utf-8") as file:
            file.write(seal(content) if is_sealed else content)
        return suite.run("journal", "dump", suite.path("described"), status=6).stderr

    suite.expect("describes other layouts" in told(text.replace("= sell\n= buy\n", "= buy\n= sell\n", 1)), "another text")
    suite.expect("line 2: a value of the enumeration is missing" in told("tutti layouts 1\nenum side 3\nfield x\n"), "damaged")
    suite.expect("checksum of the others" in told(text.replace("bar", "bat", 1), is_sealed=False), "changed")
    suite.expect("whole lines" in told(text[:-1], is_sealed=False), "cut")
    suite.expect("whole lines" in told("", is_sealed=False), "empty")
    suite.expect(os.path.basename(path) in told("x" + text), "named")
    os.remove(path)
    text = suite.run("journal", "dump", suite.path("described"), status=8).stderr
    suite.expect("other layouts" in text and "is missing" in text, f"without a description: {text}")


def main():
    with tempfile.TemporaryDirectory(prefix="tutti-release-") as folder:
        suite = program_suite.Suite(os.path.abspath(sys.argv[1]), folder)
        suite.out = suite.path("done")
        suite.journal = os.path.join(suite.out, "journal")
        csv = suite.write("bars.csv", bars(300))
        suite.run("backtest", suite.write("good.yaml", CONFIG % csv), "--out", suite.out, "--quiet")
        every = suite.dump(suite.out)
        check_layouts_tell_themselves(suite)
        suite.other = suite.path("other")
        dress(suite.journal, suite.other, older)
        check_what_looks(suite, every)
        renamed = check_verify(suite, every)
        check_what_goes_on(suite, renamed)
        check_settings(suite, every)
        check_descriptions(suite)
    return suite.end()


if __name__ == "__main__":
    sys.exit(main())
