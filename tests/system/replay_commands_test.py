#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tutti replay with the real program: replay_commands_test.py TUTTI ALTER_JOURNAL.

The same bytes come out; a message that was changed behind intact checksums is found and shown; steps hold every
message of the journal; the pace is kept; a lower limit rejects exactly the second trade, and the comparison says so
with the numbers of a real run that had this limit from the start.

Covers: cli/cmd_replay.c cli/replay_view.c cli/replay_what_if.c cli/cmd_compare.c cli/report_columns.c
"""
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import program_suite  # noqa: E402

CONFIG = """\
run: {id: r, name: replay}
feed: {kind: csv_bars, path: "%s,%s"}
ma_cross: {enabled: true, fast: 2, slow: 4, confidence: 0.95}
coordinator:
  schedules:
    ta_analysis: {enabled: false}
    regime_detection: {enabled: false}
    sentiment_analysis: {enabled: false}
    trading_decision: {enabled: false}
    portfolio_check: {enabled: false}
venue: {latency_jitter: 0, slippage_bps: 0, partial_fill_probability: 0}
instruments:
  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}
  - {symbol: ETH/USDT, price_increment: 0.05, qty_increment: 0.01}
account: {initial_balance: 10000}
risk: {correlation: {window: 0}}
orders: {ack_timeout: 120}
"""
START = 1704067200


def bars(prices):
    rows = ["timestamp,open,high,low,close,volume\n"]
    for i, price in enumerate(prices):
        rows.append(f"{START + 60 * (i + 1)},{price},{price + 1},{price - 1},{price},10\n")
    return "".join(rows)


class Suite(program_suite.Suite):
    def __init__(self, tutti, alter, folder):
        super().__init__(tutti, folder)
        self.alter = alter
        self.out = self.path("run")
        self.journal = os.path.join(self.out, "journal")


def compare(suite, every):
    last = every[-1]["seq"]
    steps = sum(msg["input"] for msg in every)
    suite.equal(suite.run("replay", suite.out).stdout,
                f"{suite.out}: {steps} steps replayed, {last} messages, up to message {last}: the same bytes\n", "replay")
    suite.equal(json.loads(suite.run("replay", suite.journal, "--json").stdout),
                {"replayed": True, "steps": steps, "messages": last, "last_seq": last}, "--json")
    inputs = [msg["seq"] for msg in every if msg["input"]]
    until = inputs[5] - 1  # The last message of the fifth step.
    for seq in (inputs[4], until):
        found = json.loads(suite.run("replay", suite.out, "--until", str(seq), "--json").stdout)
        suite.equal((found["steps"], found["last_seq"]), (5, until), f"--until {seq}")
    text = suite.run("replay", suite.out, "--until", str(last + 1), status=4).stderr
    suite.expect(f"no message {last + 1}" in text and f"last message is {last}" in text, text)


def difference(suite, every):
    order = next(msg for msg in every if msg["topic"] == "order_intents")
    copy = suite.path("altered")
    subprocess.run([suite.alter, suite.journal, copy, str(order["seq"]), "0"], check=True)
    suite.run("journal", "verify", copy)  # Checksums and chain hold.
    text = suite.run("replay", copy, status=6)
    suite.expect(f"message {order['seq']}: the replay gives other bytes" in text.stderr, text.stderr)
    rows = text.stdout.splitlines()
    cause = max((msg for msg in every if msg["input"] and msg["seq"] < order["seq"]), key=lambda msg: msg["seq"])
    suite.equal(json.loads(rows[0].removeprefix("  input ")), cause, "the input that is shown")
    suite.equal(json.loads(rows[2].removeprefix("  replayed ")), order, "the replayed message that is shown")
    recorded = json.loads(rows[1].removeprefix("  recorded "))
    suite.expect(recorded["seq"] == order["seq"] and recorded["payload"]["qty"] != order["payload"]["qty"], rows[1])
    table = [row.split() for row in rows if row.startswith("  qty ")]
    suite.equal(table, [["qty", recorded["payload"]["qty"], order["payload"]["qty"]]], "the field that differs")
    found = json.loads(suite.run("replay", copy, "--json", status=6).stdout)
    suite.equal(found, {"replayed": False, "seq": order["seq"], "input": cause, "recorded": recorded,
                        "replay": order}, "difference as JSON")
    suite.run("replay", copy, "--until", str(cause["seq"] - 1))  # What stands before it replays.


def steps(suite, every):
    lines = [json.loads(line) for line in suite.run("replay", suite.out, "--step", "--json").stdout.splitlines()]
    suite.equal([msg for line in lines[:-1] for msg in line["messages"]], every, "messages of all steps")
    suite.equal([line["step"] for line in lines[:-1]], list(range(1, len(lines))), "numbers of steps")
    suite.expect(all(line["messages"][0]["input"] for line in lines[:-1]), "a step that does not begin with its input")
    text = suite.run("replay", suite.out, "--step", "--text", "--until", "3").stdout.splitlines()
    suite.equal(text[0], "step 1", "first step as text")
    suite.expect(text[1].startswith("        1  2024-01-01T00:01:00Z  ") and text[2].startswith("          2  "), text[:3])


def interactive(suite, every):
    """Enter, a number, a jump, nonsense, the rest, the end: typed on a terminal."""
    def session(*typed):
        main, other = pty.openpty()
        run = subprocess.Popen([suite.tutti, "replay", suite.out, "--step"], stdin=other, stdout=other, stderr=other)
        os.close(other)
        found = ""
        for line in (*typed, None):
            while not found.endswith("replay> "):
                try:
                    found += os.read(main, 65536).decode()
                except OSError:
                    break
            if line is None or run.poll() is not None:
                break
            found += "\n"
            os.write(main, line.encode() + b"\n")
        try:
            while chunk := os.read(main, 65536):
                found += chunk.decode()
        except OSError:
            pass
        os.close(main)
        suite.equal(run.wait(timeout=60), 0, typed)
        return [int(row.split()[1]) for row in found.splitlines() if row.startswith("step ")], found
    target = next(msg["seq"] for msg in every if msg["topic"] == "fills")
    number = sum(msg["input"] for msg in every if msg["seq"] <= target)
    shown, text = session("", "2", "nonsense", f"g {target}", "q")
    suite.equal(shown, [1, 2, 3, 4, number], f"steps that were shown in {text[-600:]}")
    suite.expect("g SEQ" in text, "no help after nonsense")
    shown, text = session("c")
    suite.equal(shown, [1], "steps before c")
    suite.expect("the same bytes" in text, text[-300:])


def pace(suite, every):
    """Forty bars at 1200 times real time take two seconds, and show what a session shows."""
    until = [msg for msg in every if msg["topic"] == "market_data.bar"][79]
    started = time.monotonic()
    result = suite.run("replay", suite.out, "--speed", "1200", "--until", str(until["seq"]))
    suite.expect(1.9 <= time.monotonic() - started < 30, f"{time.monotonic() - started} s instead of 2")
    fills = sum(msg["topic"] == "fills" and msg["seq"] <= until["seq"] for msg in every)
    suite.equal(result.stdout.count("  fill  "), fills, "fills that were shown")
    quiet = suite.run("replay", suite.out, "--speed", "1000000", "--quiet").stdout
    suite.equal(len(quiet.splitlines()), 1, "lines with --quiet")


def what_if(suite, config, every):
    setting = "risk.max_open_positions=1"
    found = json.loads(suite.run("replay", suite.out, "--set", setting, "--json").stdout)
    suite.equal((found["reproduces_record"], found["first_deviation_seq"], found["mode"]), (True, 0, "backtest"), "record")
    suite.equal(found["recorded"], found["unchanged"], "the unchanged run")
    # A backtest that had the limit from the start says the same.
    limited = suite.path("limited")
    suite.run("backtest", config, "--out", limited, "--quiet", "--set", setting)
    dump = suite.run("journal", "dump", limited).stdout.splitlines()
    real = json.loads(suite.run("backtest", config, "--quiet", "--set", setting, "--json").stdout)
    for key in ("signals", "orders", "fills", "closed_trades", "rejections", "fees", "realized_pnl", "final_equity",
                "max_drawdown_pct"):
        suite.equal(found["changed"][key], real[key], f"{key} of the changed run")
    suite.equal(found["unchanged"]["rejections"], {}, "rejections before")
    suite.equal(found["changed"]["rejections"], {"MAX_POSITIONS": 1}, "rejections after")
    # Exactly the second trade: its verdict is another one, its orders and fills are missing, nothing is new but the alert.
    verdicts = [msg for msg in every if msg["topic"] == "risk_verdicts"]
    second = verdicts[1]
    suite.equal(second["symbol"], "ETH/USDT", "the second trade")
    first = found["differences"][0]
    suite.equal((first["topic"], first["unchanged"]), ("risk_verdicts", second), "the first difference")
    suite.equal((first["changed"]["payload"]["status"], first["changed"]["payload"]["code"]),
                ("rejected", "MAX_POSITIONS"), "the verdict with the limit")
    suite.equal(first["changed"]["payload"], next(json.loads(line)["payload"] for line in dump if json.loads(line)["topic"]
                == "risk_verdicts" and json.loads(line)["symbol"] == "ETH/USDT"), "the verdict of the real run")
    events = found["events"]
    gone = [msg for msg in every if msg.get("symbol") == "ETH/USDT" and msg["topic"] in ("order_intents", "fills")]
    for topic in ("order_intents", "fills"):
        mine = sum(msg["topic"] == topic for msg in gone)
        total = sum(msg["topic"] == topic for msg in every)
        suite.equal(events[topic], {"same": total - mine, "changed": 0, "unchanged_only": mine, "changed_only": 0}, topic)
    listed = [row["unchanged"] for row in found["differences"] if row["topic"] in ("order_intents", "fills")]
    suite.equal(listed, gone, "orders and fills that do not happen")
    new = [row["changed"]["payload"]["code"] for row in found["differences"] if row["unchanged"] is None]
    suite.equal(new, ["MAX_POSITIONS"], "what happens only with the limit")
    suite.equal(found["differences_found"], len(found["differences"]), "number of differences")
    cut = json.loads(suite.run("replay", suite.out, "--set", setting, "--differences", "2", "--json").stdout)
    suite.equal((cut["differences"], cut["differences_found"]),
                (found["differences"][:2], found["differences_found"]), "--differences 2")
    before = json.loads(suite.run("replay", suite.out, "--set", setting, "--until", str(second["seq"] - 20),
                                  "--json").stdout)
    suite.equal(before["differences"], [], "differences before the second trade")
    text = suite.run("replay", suite.out, "--set", setting).stdout
    suite.expect(f"risk_verdicts  (message {second['seq']})" in text and "rejected MAX_POSITIONS" in text and
                 "byte for byte" in text and "simulated exchange" in text, text)
    same = suite.run("replay", suite.out, "--set", "risk.max_open_positions=4").stdout
    suite.expect("Nothing would have been different." in same, same)


def two_runs(suite, config):
    """tutti compare: the settings that differ and no others; the numbers are those of each run's own report."""
    other = suite.path("lower")
    suite.run("backtest", config, "--out", other, "--quiet", "--set", "risk.max_open_positions=1", "--set", "run.seed=9")
    with open(os.path.join(suite.out, "report.json"), encoding="utf-8") as file:
        first = json.load(file)
    with open(os.path.join(other, "report.json"), encoding="utf-8") as file:
        second = json.load(file)
    told = json.loads(suite.run("compare", suite.out, os.path.join(other, "journal"), "--json").stdout)
    suite.equal(told["settings"], [{"key": "run.seed", "first": "1", "second": "9"},
                                   {"key": "risk.max_open_positions", "first": "5", "second": "1"}], "settings that differ")
    for name, report in (("first", first), ("second", second)):
        for key in ("final_equity", "fills", "closed_trades", "rejections", "performance"):
            suite.equal(told[name][key], report[key], f"{name} {key}")
    suite.expect(first["fills"] != second["fills"], "the runs are the same")
    text = suite.run("compare", suite.out, other).stdout
    row = next(line for line in text.splitlines() if line.startswith("  fills "))
    suite.equal([int(word) for word in row.split()[1:]],
                [first["fills"], second["fills"], second["fills"] - first["fills"]], "row of the fills")
    suite.expect("  risk.max_open_positions\n      first      5\n      second     1\n" in text, text)
    suite.expect("All settings are the same." in suite.run("compare", other, other).stdout, "the same run")
    # What only one of them has is told, too.
    alone = suite.path("alone")
    with open(config, encoding="utf-8") as file:
        lines = [line for line in file if "ETH/USDT" not in line]
    suite.run("backtest", suite.write("alone.yaml", "".join(lines)), "--out", alone, "--quiet", "--data", suite.path("btc.csv"))
    for pair in ((suite.out, alone), (alone, suite.out)):
        told = json.loads(suite.run("compare", *pair, "--json").stdout)["settings"]
        symbol = next(row for row in told if row["key"] == "instruments[1].symbol")
        suite.equal({symbol["first"], symbol["second"]}, {"ETH/USDT", None}, "what one of them has")
    suite.expect("two folders" in suite.run("compare", suite.out, status=2).stderr, "one folder")
    suite.expect("there is no journal" in suite.run("compare", suite.out, suite.path("none"), status=4).stderr, "no journal")


def exchange(suite, config):
    """Slower reports: what is open when the data ends still settles, as in a backtest with that setting."""
    setting = "venue.report_latency=45"
    found = json.loads(suite.run("replay", suite.out, "--set", setting, "--json").stdout)
    real = json.loads(suite.run("backtest", config, "--quiet", "--set", setting, "--json").stdout)
    for key in ("orders", "fills", "closed_trades", "exits", "fees", "realized_pnl", "final_equity"):
        suite.equal(found["changed"][key], real[key], f"{key} with slow reports")
    suite.expect(found["changed"]["exits"].get("end_of_run", 0) == 2, f"exits {found['changed']['exits']}")


def wrong_arguments(suite):
    def tree():
        return {name: os.path.getmtime(os.path.join(suite.journal, name)) for name in os.listdir(suite.journal)}
    before = tree()
    cases = [
        ([], 2, "this needs: one folder"), ([suite.out, suite.out], 2, "not understood: "),
        ([suite.out, "--until", "x"], 2, "--until: 'x'"), ([suite.out, "--until", "0"], 2, "--until: '0'"),
        ([suite.out, "--speed", "0"], 2, "--speed: '0'"), ([suite.out, "--speed", "nan"], 2, "--speed: 'nan'"),
        ([suite.out, "--speed", "1e9"], 2, "--speed: '1e9'"), ([suite.out, "--differences", "3"], 2, "--set"),
        ([suite.out, "--set", "risk.max_leverage=2", "--step"], 2, "--step"),
        ([suite.out, "--set", "risk.max_leverage=2", "--speed", "2"], 2, "--speed"),
        ([suite.out, "--set", "risk.max_leverage=2", "--differences", "0"], 2, "--differences: '0'"),
        ([suite.out, "--set", "risk.max_leverage=99"], 3, "risk.max_leverage"),
        ([suite.out, "--set", "risk.frob=1"], 3, "no such key"),
        ([suite.out, "--set", "risk.max_leverage=5"], 3, "recorded value"),
        ([suite.out, "--set", "agents.decision.size_pct=3"], 3, "outside the core"),
        ([suite.out, "--set", "feed.path=x.csv"], 3, "outside the core"),
        ([suite.path("none")], 4, "there is no journal"),
        ([suite.path("none"), "--set", "risk.max_leverage=2"], 4, "there is no journal")]
    for words, status, said in cases:
        text = suite.run("replay", *words, status=status).stderr
        suite.expect(said in text and text.count("tutti: ") == 1, f"{words} said {text!r}")
        if status > 2:
            found = json.loads(suite.run("replay", *words, "--json", status=status).stdout)
            suite.equal(found["error"]["exit_code"], status, f"{words} --json")
    suite.equal(tree(), before, "the journal after it was read")
    copy = suite.path("damaged")
    shutil.copytree(suite.journal, copy)
    segment = os.path.join(copy, sorted(name for name in os.listdir(copy) if name.endswith(".ttj"))[0])
    with open(segment, "r+b") as file:
        file.seek(os.path.getsize(segment) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    for words in ([], ["--set", "risk.max_leverage=2"]):
        text = suite.run("replay", copy, *words, status=6).stderr
        suite.expect("record at byte" in text, text)


def main():
    with tempfile.TemporaryDirectory(prefix="tutti-replay-") as folder:
        suite = Suite(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), folder)
        # BTC turns up once and stays; ETH turns up a little later: two entries, the second while the first is open.
        btc = [50000 - i for i in range(10)] + [49990 + 2 * i for i in range(60)]
        eth = [3000 - i * 0.1 for i in range(20)] + [2998 + i * 0.2 for i in range(50)]
        files = [suite.write("btc.csv", bars(btc)), suite.write("eth.csv", bars([round(p, 2) for p in eth]))]
        config = suite.write("run.yaml", CONFIG % tuple(files))
        suite.run("backtest", config, "--out", suite.out, "--quiet")
        every = suite.dump(suite.out)
        for check in (compare, difference, steps, interactive, pace):
            check(suite, every)
        what_if(suite, config, every)
        two_runs(suite, config)
        exchange(suite, config)
        wrong_arguments(suite)
    return suite.end()


if __name__ == "__main__":
    sys.exit(main())
