#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands on journals with the real program: journal_commands_test.py TUTTI ALTER_JOURNAL.

The filters are compared with the same selection made here from the whole dump; tail follows a writer that lives, ends
with it and on Ctrl-C; stats and verify count what the dump holds; every damage is named with file and offset; every
wrong argument ends with status 2 and one clear error, and nothing is changed on disk.

Covers: cli/cmd_journal.c cli/cmd_journal_dump.c cli/cmd_journal_repair.c cli/cmd_journal_stats.c cli/cmd_journal_tail.c
cli/cmd_journal_verify.c cli/journal_select.c cli/journal_source.c
"""
import datetime
import fnmatch
import json
import math
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import program_suite  # noqa: E402
from program_suite import tree  # noqa: E402

CONFIG = """\
run: {id: j, name: journal commands}
feed: {kind: csv_bars, path: %s}
ma_cross: {enabled: true, fast: 3, slow: 8, confidence: 0.95}
coordinator:
  schedules:
    ta_analysis: {enabled: false}
    regime_detection: {enabled: false}
    sentiment_analysis: {enabled: false}
    trading_decision: {enabled: false}
    portfolio_check: {enabled: false}
instruments:
  - symbol: BTC/USDT
    price_increment: 0.5
    qty_increment: 0.001
journal: {batch_bytes: 4096}
"""
PAPER = """\
run: {id: p, name: paper}
feed: {kind: synthetic}
market: {aggregate_bars: true}
clock: {speed: 600}
api: {enabled: false}
instruments: [{symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}]
"""
START = 1704067200


def bars(count):
    lines = ["timestamp,open,high,low,close,volume\n"]
    for i in range(count):
        price = round(2 * (50000 + 400 * math.sin(i / 7))) / 2
        lines.append(f"{START + 60 * (i + 1)},{price},{price + 20},{price - 20},{price + 5},10\n")
    return "".join(lines)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Suite(program_suite.Suite):
    def __init__(self, tutti, alter, folder):
        super().__init__(tutti, folder)
        self.alter = alter
        self.out = self.path("done")
        self.journal = os.path.join(self.out, "journal")


def filters(suite):
    every = suite.dump(suite.out)
    suite.equal([msg["seq"] for msg in every], list(range(1, len(every) + 1)), "numbers of the whole dump")
    end = moment(every[-1]["time"])
    fill = next(msg for msg in every if msg["topic"] == "fills")

    def same(words, keep, what=None):
        suite.equal(suite.dump(suite.out, *words), [msg for msg in every if keep(msg)], what or words)

    same(["fills"], lambda m: m["topic"] == "fills")
    same(["--topic", "market_data.*"], lambda m: fnmatch.fnmatch(m["topic"], "market_data.*"))
    same(["--topic", "*_updates"], lambda m: m["topic"].endswith("_updates"))
    same(["--key", "BTC/USDT"], lambda m: m["key"] == 1)
    same(["--key", "0"], lambda m: m["key"] == 0)
    same(["--correlation", fill["correlation"]], lambda m: m["correlation"] == fill["correlation"])
    same(["--source", "risk"], lambda m: m["source"] == "risk")
    same(["--from-seq", "10", "--to-seq", "20"], lambda m: 10 <= m["seq"] <= 20)
    same(["--from-seq", str(len(every) + 1)], lambda m: False)
    same(["--since", fill["time"]], lambda m: moment(m["time"]) >= moment(fill["time"]))
    same(["--until", fill["time"]], lambda m: moment(m["time"]) <= moment(fill["time"]))
    same(["--since", "10m"], lambda m: moment(m["time"]) >= end - datetime.timedelta(minutes=10))
    same(["--since", "1h", "--until", "30m", "--source", "trade", "--topic", "acc*"],
         lambda m: end - datetime.timedelta(minutes=60) <= moment(m["time"]) <= end - datetime.timedelta(minutes=30)
         and m["source"] == "trade" and m["topic"].startswith("acc"))
    fills = [msg for msg in every if msg["topic"] == "fills"]
    suite.expect(len(fills) > 4, "too few fills for the test")
    for count in (1, 3, len(fills), len(fills) + 5):
        suite.equal(suite.dump(suite.out, "fills", "--limit", str(count)), fills[:count], f"--limit {count}")
        suite.equal(suite.dump(suite.out, "fills", "--last", str(count)), fills[-count:], f"--last {count}")
    text = suite.run("journal", "dump", suite.out, "fills", "--limit", "1", "--text").stdout
    want = (f"{fill['seq']:>9}  {fill['time'][:23].rstrip('Z')}")
    suite.expect(text.startswith(want) and f" qty={fill['payload']['qty']} " in text and text.count("\n") == 1,
                 f"text {text!r} instead of {want!r}")
    return every


def terminal(suite):
    """On a terminal people get text, with --json lines of JSON."""
    def on_terminal(*words):
        main, other = pty.openpty()
        run = subprocess.Popen([suite.tutti, *words], stdout=other, stderr=subprocess.DEVNULL)
        os.close(other)
        found = b""
        try:
            while chunk := os.read(main, 65536):
                found += chunk
        except OSError:
            pass
        os.close(main)
        suite.equal(run.wait(timeout=60), 0, words)
        return found.decode()
    words = ["journal", "dump", suite.out, "fills", "--limit", "1"]
    suite.expect(" fills " in on_terminal(*words) and "{" not in on_terminal(*words), "no text on a terminal")
    suite.expect(on_terminal(*words, "--json").startswith('{"seq":'), "no JSON on a terminal with --json")


def wrong_arguments(suite):
    before = tree(suite.out)
    cases = [
        (["dump", suite.out, "fils"], "there is no topic 'fils'", "tutti topics"),
        (["dump", suite.out, "--topic", "x*"], "there is no topic 'x*'", "tutti topics"),
        (["dump", suite.out, "fills", "--topic", "fills"], "given twice", "usage"),
        (["dump", suite.out, "--key", "BTC"], "no symbol 'BTC'", "BTC/USDT"),
        (["dump", suite.out, "--correlation", "xyz"], "'xyz' is not an id", "32 digits"),
        (["dump", suite.out, "--source", "nobody"], "no source 'nobody'", "trade"),
        (["dump", suite.out, "--since", "yesterday"], "--since: 'yesterday' is not a time", "10m"),
        (["dump", suite.out, "--until", "2024-13-01"], "--until", "2022-01-03T10:00:00Z"),
        (["dump", suite.out, "--from-seq", "-1"], "--from-seq: '-1'", "digits"),
        (["dump", suite.out, "--from-seq", "2", "--to-seq", "1"], "--from-seq is larger", ""),
        (["dump", suite.out, "--limit", "0"], "--limit: '0'", "digits"),
        (["dump", suite.out, "--limit", "1", "--last", "1"], "exclude", "first N"),
        (["dump", suite.out, "--limit", "1", "--limit", "2"], "given twice: limit", "usage"),
        (["dump", suite.out, "--frob"], "no such option: --frob", "usage"),
        (["dump", suite.out, "--until-closed"], "no such option: --until-closed", "usage"),
        (["dump", suite.out, "--limit"], "needs a value: --limit", "usage"),
        (["dump"], "one folder", "usage"), (["dump", "a", "b", "c"], "not understood: c", "usage"),
        (["tail"], "one folder", "usage"), (["tail", suite.out, "--last", "x"], "--last: 'x'", "digits"),
        (["stats"], "one folder", "usage"), (["stats", "a", "b"], "not understood: b", "usage"),
        (["verify"], "one folder", "usage"), (["frob", suite.out], "no command 'journal frob'", "usage"),
        ([], "a command for the journal is needed", "usage")]
    for words, *said in cases:
        text = suite.run("journal", *words, status=2).stderr
        suite.expect(all(part in text for part in said) and text.count("tutti: ") == 1, f"{words} said {text!r}")
    for command in ("dump", "tail", "stats", "verify"):
        text = suite.run("journal", command, suite.path("none"), status=4).stderr
        suite.expect("there is no journal" in text, f"{command}: {text}")
        found = json.loads(suite.run("journal", command, suite.path("none"), "--json", status=4).stdout)
        suite.equal(found["error"]["exit_code"], 4, f"{command} --json")
        suite.expect(f"usage: tutti journal {command} DIR" in suite.run("journal", command, "--help").stdout, command)
    suite.expect("stats" in suite.run("journal", "--help").stdout, "help of journal")
    suite.equal(tree(suite.out), before, "the journal after wrong arguments")


def numbers(suite, every):
    found = json.loads(suite.run("journal", "stats", suite.out, "--json").stdout)
    topics = {}
    for msg in every:
        topics[msg["topic"]] = topics.get(msg["topic"], 0) + 1
    suite.equal({name: row["messages"] for name, row in found["topics"].items()}, topics, "messages by topic")
    suite.equal(found["messages"], len(every), "messages")
    suite.equal(found["inputs"], sum(msg["input"] for msg in every), "inputs")
    suite.equal(found["steps"], found["inputs"], "steps")
    suite.equal(sum(row["bytes"] for row in found["topics"].values()), found["message_bytes"], "bytes by topic")
    suite.equal((found["first_time"], found["last_time"]), (every[0]["time"], every[-1]["time"]), "times")
    segments = [name for name in os.listdir(suite.journal) if name.endswith(".ttj")]
    size = sum(os.path.getsize(os.path.join(suite.journal, name)) for name in segments)
    suite.equal((found["first_seq"], found["writer_pid"]), (1, 0), "first message, writer")
    suite.equal(found["segments"], {"count": len(segments), "bytes": size}, "segments")
    suite.equal((found["closed"], found["unfinished_bytes"]), (True, 0), "end")
    verified = json.loads(suite.run("verify", suite.out, "--json").stdout)
    suite.equal(found["digest"], verified["digest"], "digest")
    checked = json.loads(suite.run("journal", "verify", suite.out, "--json").stdout)
    suite.equal(checked, {
        "verified": True, "segments": len(segments), "commits": found["commits"], "steps": found["steps"],
        "messages": len(every), "first_seq": 1, "last_seq": len(every), "closed": True, "unfinished_bytes": 0,
        "unfinished_reason": "", "digest": found["digest"]}, "journal verify")
    text = suite.run("journal", "stats", suite.journal).stdout
    suite.expect("end          closed" in text and f"messages     {len(every):>10}" in text, text)
    text = suite.run("journal", "verify", suite.out).stdout
    suite.expect("checked: configuration" in text and found["digest"] in text, text)


def damage(suite):
    copy = suite.path("copy")
    segment = sorted(name for name in os.listdir(suite.journal) if name.endswith(".ttj"))[0]

    def damaged(change):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(suite.journal, copy)
        path = os.path.join(copy, segment)
        with open(path, "rb") as file:
            data = bytearray(file.read())
        change(data)
        with open(path, "wb") as file:
            file.write(data)
        return len(data)

    def flip(data):
        data[len(data) // 2] ^= 1

    damaged(flip)
    before = tree(copy)
    text = suite.run("journal", "verify", copy, status=6).stderr
    suite.expect(all(word in text for word in (f"{copy}/{segment}: record at byte", "step", "commit")), f"damage is told as {text!r}")
    for command in ("dump", "stats"):
        suite.equal(suite.run("journal", command, copy, status=6).stderr, text, f"{command} of a damaged journal")
    suite.run("journal", "tail", copy, "--until-closed", status=6)
    error = json.loads(suite.run("journal", "verify", copy, "--json", status=6).stdout)["error"]
    suite.expect(error["exit_code"] == 6 and error["message"] in text, str(error))
    suite.equal(tree(copy), before, "a damaged journal after reading it")
    damaged(lambda data: data.extend(b"torn"))
    found = json.loads(suite.run("journal", "stats", copy, "--json").stdout)
    suite.expect(found["unfinished_bytes"] == 4 and found["unfinished_reason"] != "", f"unfinished {found}")
    text = suite.run("journal", "verify", copy).stdout
    suite.expect("4 bytes after the last commit were never durable" in text, text)


def repair(suite):
    """Cuts an unfinished end alone; refuses damage, and a journal in use; says what it does."""
    copy = suite.path("torn")
    shutil.copytree(suite.journal, copy)
    whole = tree(copy)
    segment = os.path.join(copy, sorted(name for name in os.listdir(copy) if name.endswith(".ttj"))[-1])
    text = suite.run("journal", "repair", copy).stdout
    suite.expect("nothing to repair" in text, text)
    with open(segment, "ab") as file:
        file.write(b"torn")
    torn = tree(copy)
    dry = json.loads(suite.run("journal", "repair", copy, "--dry-run", "--json").stdout)
    suite.expect(dry["dry_run"] and dry["cut_bytes"] == 4 and dry["reason"] != "", str(dry))
    suite.expect("would cut 4 bytes" in suite.run("journal", "repair", copy, "--dry-run").stdout, "--dry-run")
    suite.equal(tree(copy), torn, "the journal after --dry-run")
    done = json.loads(suite.run("journal", "repair", copy, "--json").stdout)
    suite.expect(not done["dry_run"] and done["cut_bytes"] == 4 and done["reason"] != "", str(done))
    verified = json.loads(suite.run("verify", suite.out, "--json").stdout)
    suite.equal((done["digest"], done["last_seq"]), (verified["digest"], verified["last_seq"]), "the repaired end")
    left = {name: digest for name, digest in tree(copy).items() if name != "lock"}
    suite.equal(left, {name: digest for name, digest in whole.items() if name != "lock"}, "the repaired journal")
    with open(segment, "r+b") as file:
        file.seek(os.path.getsize(segment) // 2)
        file.write(b"\xff" * 8)
    damaged = {name: digest for name, digest in tree(copy).items() if name != "lock"}
    for words in ([], ["--dry-run"]):
        text = suite.run("journal", "repair", copy, *words, status=6).stderr
        suite.expect("record at byte" in text and "restore the journal" in text and "nothing was changed" in text, text)
    suite.equal({name: digest for name, digest in tree(copy).items() if name != "lock"}, damaged, "damage after repair")
    suite.run("journal", "repair", suite.path("none"), status=4)
    suite.run("journal", "repair", status=2)


def archives(suite):
    """Compressed segments change nothing but where the bytes lie."""
    csv = suite.write("long.csv", bars(3000))
    out = suite.path("long")
    suite.run("backtest", suite.write("long.yaml", CONFIG % csv), "--out", out, "--quiet",
              "--set", "journal.segment_mib=1")
    before = suite.run("journal", "dump", out).stdout
    plain = json.loads(suite.run("journal", "stats", out, "--json").stdout)
    suite.expect(plain["segments"]["count"] > 1 and plain["archived"]["count"] == 0, str(plain)[:300])
    done = subprocess.run([suite.alter, "--archive", os.path.join(out, "journal")], check=True, capture_output=True)
    suite.equal(int(done.stdout), plain["segments"]["count"] - 1, "segments that were compressed")
    packed = json.loads(suite.run("journal", "stats", out, "--json").stdout)
    suite.equal((packed["segments"]["count"], packed["archived"]["count"]), (1, plain["segments"]["count"] - 1), "files")
    suite.expect(0 < packed["archived"]["bytes"] < plain["segments"]["bytes"] / 2, f"bytes {packed['archived']}")
    for key in ("messages", "steps", "commits", "topics", "digest", "largest_step"):
        suite.equal(packed[key], plain[key], f"{key} of a compressed journal")
    suite.expect(suite.run("journal", "dump", out).stdout == before, "another dump of a compressed journal")
    for words in (["journal", "verify"], ["verify"], ["replay"], ["journal", "repair"]):
        suite.run(*words, out)


def held(suite, out, owner):
    for words in ([], ["--dry-run"]):
        text = suite.run("journal", "repair", out, *words, status=7).stderr
        suite.expect(f"in use by process {owner}" in text, text)
    found = json.loads(suite.run("journal", "stats", out, "--json").stdout)
    suite.equal((found["writer_pid"], found["closed"]), (owner, False), "stats of a journal in use")


def follow(suite):
    """Tail of a session that runs: everything comes, in order, and it ends with the session."""
    config = suite.write("paper.yaml", PAPER)
    out = suite.path("session")
    session = subprocess.Popen([suite.tutti, "run", config, "--out", out, "--quiet"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not os.path.exists(os.path.join(out, "journal", "meta")) and time.monotonic() < deadline:
        time.sleep(0.02)
    words = [suite.tutti, "journal", "tail", out]
    tails = [subprocess.Popen([*words, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
             for more in (["--from-seq", "1", "--until-closed"], ["--last", "1"], ["market_data.bar", "--limit", "3"])]
    limited = tails[2].communicate(timeout=60)[0].splitlines()
    suite.equal([json.loads(line)["topic"] for line in limited], 3 * ["market_data.bar"], "tail --limit 3")
    held(suite, out, session.pid)
    time.sleep(1)
    tails[1].send_signal(signal.SIGINT)
    interrupted = tails[1].communicate(timeout=30)[0].splitlines()
    suite.equal(tails[1].returncode, 0, "tail after Ctrl-C")
    session.send_signal(signal.SIGTERM)
    said = session.communicate(timeout=60)[1]
    suite.equal(session.returncode, 0, f"the session {said}")
    followed = tails[0].communicate(timeout=30)[0].splitlines()
    suite.equal((tails[0].returncode, tails[2].returncode), (0, 0), "tail --until-closed, tail --limit")
    whole = suite.run("journal", "dump", out).stdout.splitlines()
    suite.expect(len(whole) > 100, f"the session has only {len(whole)} messages")
    suite.equal(followed, whole, "what tail --until-closed has followed")
    first = json.loads(interrupted[0])["seq"]
    suite.expect(len(interrupted) > 1, "tail did not follow")
    suite.equal(interrupted, whole[first - 1:first - 1 + len(interrupted)], "what tail has followed")
    last = suite.run("journal", "tail", out, "--until-closed").stdout.splitlines()
    suite.equal(last, whole[-10:], "tail of a closed journal")


def main():
    with tempfile.TemporaryDirectory(prefix="tutti-journal-") as folder:
        suite = Suite(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), folder)
        csv = suite.write("bars.csv", bars(300))
        suite.run("backtest", suite.write("good.yaml", CONFIG % csv), "--out", suite.out, "--quiet")
        every = filters(suite)
        terminal(suite)
        wrong_arguments(suite)
        numbers(suite, every)
        damage(suite)
        repair(suite)
        archives(suite)
        follow(suite)
    return suite.end()


if __name__ == "__main__":
    sys.exit(main())
