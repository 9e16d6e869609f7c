#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gives the program what is wrong: bad_input_test.py TUTTI.

One process a case. Each must end with the documented status and one clear error that names the place, without a
finding of a sanitizer, and must leave the folder of the run as it was: nothing half-written, earlier results whole.

Covers: cli/cli.c cli/main.c cli/commands.c cli/cmd_config.c cli/cmd_run.c cli/cmd_version.c
cli/cmd_store.c cli/cmd_topics.c
"""
import gzip
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import program_suite  # noqa: E402
from program_suite import tree  # noqa: E402

CONFIG = """\
run: {id: t, name: test}
feed: {kind: csv_bars, path: %s}
instruments:
  - symbol: BTC/USDT
    price_increment: 0.5
    qty_increment: 0.001
"""
PAPER = """\
run: {id: p, name: test}
feed: {kind: synthetic}
market: {aggregate_bars: true}
clock: {speed: 600}
instruments: [{symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}]
"""
START = 1704067200
HEADER = "timestamp,open,high,low,close,volume\n"


def bar(index, price=None):
    price = 50000 + 10 * (index % 100) if price is None else price
    return f"{START + 60 * (index + 1)},{price},{price + 20},{price - 20},{price + 5},10\n"


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Suite(program_suite.Suite):
    """Cases are counted, not checks; the exit status is for the case to judge."""

    def __init__(self, tutti, folder):
        super().__init__(tutti, folder)
        self.skipped = 0

    def run(self, *words, limit=None):
        def prepare():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        environment = dict(os.environ, ASAN_OPTIONS="exitcode=99:detect_leaks=1",
                           UBSAN_OPTIONS="halt_on_error=1:exitcode=98")
        return subprocess.run([self.tutti, *words], capture_output=True, text=True, timeout=120, check=False,
                              errors="replace", env=environment, preexec_fn=prepare)

    def wrong(self, name, text):
        self.failed += 1
        print(f"FAILED {name}: {text}")

    def check(self, name, words, status, *said, limit=None, keep=None):
        """Runs a case; `keep` is a folder that must be the same before and after."""
        self.count += 1
        before = tree(keep) if keep else None
        result = self.run(*words, limit=limit)
        text = result.stderr + (result.stdout if "--json" in words else "")
        missing = [part for part in said if part not in text]
        if result.returncode != status or missing:
            self.wrong(name, f"exit {result.returncode} instead of {status}, missing {missing}\n{text[:1200]}")
        if any(word in text for word in ("Sanitizer", "runtime error", "Assertion", "Traceback")):
            self.wrong(name, text[:1200])
        if status not in (0, 2) and "--json" not in words and result.stderr.count("tutti: ") != 1:
            self.wrong(name, f"not one error:\n{text[:1200]}")
        if keep and tree(keep) != before:
            self.wrong(name, f"left something in {keep}: {sorted(set(tree(keep)) ^ set(before))}")
        return result


def configurations(suite, csv):
    good = CONFIG % csv
    cases = [
        ("unknown_key", good.replace("run: {id", "run: {idd"), 3, ":1:7: ", "there is no key `idd`", "did you mean `id`"),
        ("unknown_section", good + "feeed: {}\n", 3, ":7:1: ", "feeed"),
        ("duplicate_key", good + "run: {id: u}\n", 3, ":7:1: ", "run"),
        ("wrong_type", good + "risk: {max_leverage: high}\n", 3, ":7:22: ", "risk.max_leverage", "`high`"),
        ("out_of_range", good + "risk: {max_leverage: 11}\n", 3, ":7:22: ", "risk.max_leverage"),
        ("nan", good + "risk: {max_leverage: .nan}\n", 3, ":7:22: ", "risk.max_leverage"),
        ("list_for_value", good + "risk: {max_leverage: [1]}\n", 3, ":7:", "risk.max_leverage"),
        ("no_instruments", good.split("instruments")[0], 3, "instruments"),
        ("bad_symbol_twice", good + "  - {symbol: BTC/USDT, price_increment: 1, qty_increment: 1}\n", 3, "BTC/USDT"),
        ("broken_yaml", good + "risk: {max_leverage: 1\n", 3, ":"),
        ("binary", "\0\1\2", 3, ":1:1: "),
        ("empty", "", 3, "instruments"),
    ]
    for name, text, status, *said in cases:
        path = suite.write(f"c_{name}.yaml", text)
        out = suite.path(f"c_{name}")
        suite.check(name, ["backtest", path, "--out", out, "--quiet"], status, path, *said)
        if os.path.exists(out):
            suite.wrong(name, "the output folder was made")
        result = suite.check(name + "_json", ["config", "check", path, "--json"], status)
        error = json.loads(result.stdout)["error"]
        if error["exit_code"] != status or not error["message"]:
            suite.wrong(name, f"envelope {error}")
    suite.check("missing_config", ["backtest", suite.path("none.yaml")], 3, "none.yaml: No such file")
    suite.check("bad_set", ["config", "check", suite.path("good.yaml"), "--set", "run.seed=x"], 3, "--set: run.seed: `x`")
    suite.check("set_without_key", ["config", "check", suite.path("good.yaml"), "--set", "run.seed"], 3, "--set")


def command_lines(suite):
    good = suite.path("good.yaml")
    for words, said in [
            ([], "usage: tutti COMMAND"), (["frob"], "there is no command 'frob'"), (["backtest"], "usage: tutti backtest"),
            (["backtest", good, "--frob"], "no such option: --frob"), (["backtest", good, "--out"], "needs a value: --out"),
            (["backtest", good, "--out", "--quiet"], "needs a value: --out"),
            (["close", "5", "--reason", "--yes"], "needs a value: --reason"),
            (["backtest", good, good], "usage"), (["verify"], "usage"), (["verify", "a", "b"], "usage"),
            (["verify", "a", "--out", "b"], "no such option: --out"), (["why"], "this needs: the number of a message"),
            (["why", "--journal", "x", "three"], "not the number of a message: three"), (["scenario"], "usage"),
            (["journal", "list"], "usage: tutti journal"),
            (["config", "frob"], "none of check, show and reference: frob"), (["config", "check"], "one configuration file"),
            (["config", "reference", "x"], "takes no file: x"), (["store"], "this needs: rebuild"), (["store", "x", "y"], "not: x"),
            (["version", "x"], "not understood: x"), (["run"], "usage"), (["token"], "add, list or revoke"),
            (["token", "add", "me"], "add NAME viewer|trader|admin"), (["token", "frob"], "none of add, list and revoke: frob"),
            (["token", "list", "x"], "list, and nothing else"), (["orders", "--limt", "3"], "no such option: --limt; did you mean --limit?"),
            (["locks", "--state", "x"], "no such option: --state"), (["task", "start", "x"], "run|enable|disable NAME, not start"),
            (["budget", "reserve", "strategy"], "--amount MONEY"), (["protect", "5"], "--stop, --target or both"),
            (["amend", "5", "--stop", "1"], "no such option: --stop"), (["dead", "list", "x"], "not understood: x"),
            (["dead", "show"], "the ID of a letter"), (["quarantine", "list", "--all"], "no such option: --all"),
            (["journal", "dmp"], "did you mean 'dump'?")]:
        suite.check("usage " + " ".join(words[:3]), words, 2, said)
        if not words or words[0] == "journal":
            continue
        answer = json.loads(suite.check("usage_json", [words[0], "--json", *words[1:]], 2).stdout)["error"]  # For programs.
        if said not in answer["message"] + answer["hint"] or answer["exit_code"] != 2 or answer["retryable"]:
            suite.wrong("usage_json " + " ".join(words), f"envelope {answer}")
    error = json.loads(suite.check("journal_json", ["journal", "frob", "--json"], 2).stdout)["error"]
    if error["hint"] != "usage: tutti journal dump|tail|stats|verify|repair DIR [OPTIONS]":
        suite.wrong("journal_json", str(error))


def why_without_a_folder(suite):
    """The journal of a session that is not named is that of `tutti run`."""
    folder = suite.path("plain")
    os.makedirs(os.path.join(folder, "out"))
    for status, said in [(4, "out/paper: there is no journal"), (0, "message 1 ")]:
        result = subprocess.run([suite.tutti, "why", "1"], capture_output=True, text=True, check=False, cwd=folder)
        suite.count += 1
        if result.returncode != status or (said not in result.stderr if status else not result.stdout):
            suite.wrong("why", f"exit {result.returncode}: {result.stdout}{result.stderr}")
        if status:
            os.symlink(suite.path("done"), os.path.join(folder, "out", "paper"))


def reader_that_went_away(suite):
    """`tutti ... | head -1` says nothing of its own; what could not be printed is not done all the same."""
    # A pipe of one page: more than that and what the reader has taken at once waits for the reader.
    for words in (["config", "reference"], ["journal", "dump", suite.path("done")], ["topics", "--json"]):
        suite.count += 1
        with subprocess.Popen([suite.tutti, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              pipesize=4096) as writer:
            first = writer.stdout.readline()
            writer.stdout.close()
            said = writer.stderr.read()
        if not first or said or writer.returncode != 5:
            suite.wrong("pipe", f"{words}: exit {writer.returncode}: {said}")


def settings_as_json(suite):
    """`config show` and `config reference` for programs hold what they hold for people."""
    good = suite.path("good.yaml")
    shown = json.loads(suite.check("show_json", ["config", "show", good, "--json", "--set", "risk.max_leverage=2"], 0).stdout)
    rows = {row["key"]: row for row in shown["settings"]}
    keys = [line for line in suite.check("show", ["config", "show", good], 0).stdout.splitlines() if re.match(r" *(- )?\w+: .", line)]
    if len(keys) != len(rows):
        suite.wrong("show_json", f"{len(rows)} rows, {len(keys)} lines")
    if rows["risk.max_leverage"] != {"key": "risk.max_leverage", "value": "2", "origin": "--set"}:
        suite.wrong("show_json", str(rows["risk.max_leverage"]))
    if rows["instruments[0].symbol"]["origin"] != "file" or rows["instruments[0].symbol"]["line"] < 1:
        suite.wrong("show_json", str(rows["instruments[0].symbol"]))
    reference = json.loads(suite.check("reference_json", ["config", "reference", "--json"], 0).stdout)["settings"]
    page = suite.check("reference", ["config", "reference"], 0).stdout
    if len(reference) != sum(line.startswith("| `") for line in page.splitlines()):
        suite.wrong("reference_json", f"{len(reference)} keys")
    for row in reference:
        if row["meaning"].replace("|", "\\|") not in page or not {"default", "required", "as"} & set(row):
            suite.wrong("reference_json", str(row))


def market_data(suite):
    def data(name, content, status, *said, options=(), rows=None):
        path = suite.write(name, content)
        out = suite.path(name + ".out")
        result = suite.check(name, ["backtest", suite.path("good.yaml"), "--data", path, "--out", out, "--quiet",
                                    *options], status, *said)
        if status != 0 and os.path.exists(out) and tree(out):
            suite.wrong(name, f"left {sorted(tree(out))}")
        if rows is not None and result.returncode == 0:
            dump = suite.run("journal", "dump", out, "feed_events").stdout.splitlines()
            refused = [json.loads(line)["payload"] for line in dump]
            refused = [row for row in refused if row["event"] == "row_refused"]
            if [row["line"] for row in refused] != rows:
                suite.wrong(name, f"refused lines {[row['line'] for row in refused]} instead of {rows}: {refused[:2]}")
    lines = [HEADER] + [bar(i) for i in range(50)]
    stop = ["--set", "feed.on_bad_row=stop"]
    bad = {
        "unsorted": lines[:11] + [lines[12], lines[11]] + lines[13:],
        "duplicate": lines[:12] + [lines[11]] + lines[12:],
        "nan": lines[:12] + [lines[12].replace(",50110,", ",nan,")] + lines[13:],
        "negative": lines[:12] + [lines[12].replace(",50110,", ",-50110,")] + lines[13:],
        "few_columns": lines[:12] + ["1,2\n"] + lines[13:],
        "garbage": lines[:12] + ["\x01\x02\x7f\n"] + lines[13:],
        "high_below_low": lines[:12] + [lines[12].replace(",50130,", ",1,")] + lines[13:],
    }
    for name, rows in bad.items():
        data(f"{name}.csv", "".join(rows), 0, rows=[13])
        data(f"{name}_stop.csv", "".join(rows), 4, f"{name}_stop.csv:13", options=stop)
    packed = gzip.compress("".join(lines).encode())
    data("whole.csv.gz", packed, 0, rows=[])
    data("cut.csv.gz", packed[:-20], 4, "cut.csv.gz")
    data("empty.csv", "", 4, "empty.csv")
    data("header_alone.csv", HEADER, 4, "header_alone.csv")
    data("columns.csv", HEADER.replace("close", "klose") + bar(0), 4, "columns.csv: ", "'close'")
    suite.check("missing_data", ["backtest", suite.path("good.yaml"), "--data", "/none.csv", "--out", suite.path("md")],
                4, "/none.csv")


def disks(suite):
    good, done = suite.path("good.yaml"), suite.path("done")
    backtest = ["backtest", good, "--quiet", "--out"]
    suite.check("file_limit", [*backtest, done], 5, "journal", limit=20000, keep=done)
    suite.check("full_device", ["topics"], 0)
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([suite.tutti, "topics"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 5 or "standard output" not in result.stderr:
        suite.wrong("full_device", f"{result.returncode} {result.stderr}")
    suite.check("out_is_file", [*backtest, os.path.join(good, "x")], 4, "good.yaml/x")
    for name, options, said in [("full", "size=64k", "No space left"), ("read_only", "ro", "Read-only")]:
        place = suite.path(name)
        os.mkdir(place)
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False).returncode == 0
        if not mounted:
            suite.skipped += 1
            print(f"skipped {name}: no right to mount")
            continue
        try:
            suite.check(name, [*backtest, os.path.join(place, "out")], 5, said)
            if tree(place):
                suite.wrong(name, f"left {sorted(tree(place))}")
        finally:
            subprocess.run(["umount", place], check=False)


def journals(suite):
    done = suite.path("done")
    journal = os.path.join(done, "journal")
    segment = os.path.join(journal, sorted(n for n in os.listdir(journal) if n.endswith(".ttj"))[0])
    copy = suite.path("copy")

    def changed(name, status, file, change, *said, command=("verify",)):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(journal, copy)
        path = os.path.join(copy, os.path.basename(file))
        with open(path, "rb") as reader:
            data = bytearray(reader.read())
        change(data)
        with open(path, "wb") as writer:
            writer.write(data)
        suite.check(name, [*command, copy], status, *said, keep=copy)

    def flip(at):
        def change(data):
            data[at] ^= 1
        return change

    def newer(checksum_at):
        """A later version, with a checksum that fits."""
        def change(data):
            data[8] += 1
            data[checksum_at:checksum_at + 4] = crc32c(data[:checksum_at]).to_bytes(4, "little")
        return change
    meta = os.path.join(journal, "meta")
    changed("newer_meta", 8, meta, newer(28), "version")
    changed("newer_segment", 8, segment, newer(92), "version")
    changed("newer_dump", 8, meta, newer(28), "version", command=("journal", "dump"))
    for path in [meta, segment]:
        size = os.path.getsize(path)
        places = set(range(0, size, max(1, size // 60))) | {12, 16, size - 1}
        for at in sorted(places):
            changed(f"flip {os.path.basename(path)} {at}", 6, path, flip(at), copy)
    changed("cut_meta", 6, meta, lambda data: data.__delitem__(slice(100, None)), "meta")
    shutil.rmtree(copy)
    suite.check("no_journal", ["verify", suite.path("none")], 4, "there is no journal")
    suite.check("no_message", ["why", "--journal", done, "99999999"], 4, "no message 99999999")
    suite.check("no_topic", ["journal", "dump", done, "fils"], 2, "no topic 'fils'")
    suite.check("no_store", ["store", "rebuild", suite.path("none")], 4, "there is no journal")


def in_use(suite):
    config = suite.write("paper.yaml", PAPER)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        out = suite.path("port")
        suite.check("port", ["run", config, "--out", out, "--quiet", "--set", f"api.listen={address}"], 7, address)
        if os.path.exists(out) and any("partial" in name or name.endswith(".new") for name in tree(out)):
            suite.wrong("port", f"left {sorted(tree(out))}")
    out = suite.path("session")
    words = ["run", config, "--out", out, "--quiet", "--set", "api.enabled=false"]
    holder = subprocess.Popen([suite.tutti, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not os.path.exists(os.path.join(out, "journal", "meta")) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        suite.check("held_by_session", words, 7, out)
        suite.check("held_backtest", ["backtest", suite.path("good.yaml"), "--out", out, "--quiet"], 7, out)
    finally:
        holder.send_signal(signal.SIGTERM)
        said = holder.communicate(timeout=60)[1]
    if holder.returncode != 0:
        suite.wrong("held", f"the session ended with {holder.returncode}: {said[:1000]}")
    suite.check("session_verifies", ["verify", out], 0)


def interrupt(suite, out, pause):
    """Interrupts a long backtest; tells whether it had not ended by itself."""
    words = ["backtest", suite.path("good.yaml"), "--data", suite.path("long.csv"), "--out", out, "--json", "--quiet"]
    run = subprocess.Popen([suite.tutti, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(pause)
    run.send_signal(signal.SIGINT)
    text, said = run.communicate(timeout=60)
    suite.count += 1
    if run.returncode != 0:
        suite.wrong("interrupt", f"exit {run.returncode}: {said[:1000]}")
        return True
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        written = json.load(file)
    if written["bars"] != json.loads(text)["bars"] or written["bars"] == 0:
        suite.wrong("interrupt", "the report and what was printed differ")
    return written["bars"] < 400000


def results(suite):
    done = suite.path("done")
    first = tree(done)
    suite.check("again", ["backtest", suite.path("good.yaml"), "--out", done, "--quiet"], 0)
    second = tree(done)
    if first.keys() != second.keys() or any(
            first[name] != second[name] for name in first if name.startswith("journal/0") or name == "journal/meta"):
        suite.wrong("again", "a second backtest gave something else")
    suite.write("long.csv", HEADER + "".join(bar(i) for i in range(400000)))
    out = suite.path("long")
    if not any(interrupt(suite, out, pause) for pause in (1, 0.5, 0.25, 0.1, 0.05)):
        suite.wrong("interrupt", "no interrupt came before the end of the data")
    suite.check("interrupt_verifies", ["verify", out], 0)
    if any("partial" in name for name in tree(out)):
        suite.wrong("interrupt", "journal.partial is left")


def main():
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(os.path.abspath(sys.argv[1]), folder)
        csv = suite.write("bars.csv", HEADER + "".join(bar(i) for i in range(200)))
        suite.write("good.yaml", CONFIG % csv)
        suite.check("good", ["backtest", suite.path("good.yaml"), "--out", suite.path("done"), "--quiet"], 0)
        configurations(suite, csv)
        command_lines(suite)
        settings_as_json(suite)
        why_without_a_folder(suite)
        reader_that_went_away(suite)
        market_data(suite)
        disks(suite)
        journals(suite)
        in_use(suite)
        results(suite)
    print(f"{suite.count} cases, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
