#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the scenario runner itself: runner_test.py TUTTI.

A runner that lets a wrong expectation pass, or a misspelt one, would make every scenario worthless. Each case is one
file, the exit status it must end with, and what must be said.

Covers: cli/cmd_scenario.c scenario/scenario.c scenario/scenario_expect.c scenario/scenario_market.c
scenario/scenario_pattern.c scenario/scenario_steps.c scenario/scenario_yaml.c
"""
import json
import os
import subprocess
import sys
import tempfile

HEAD = """\
name: case
agents: script
config:
  run: {id: s}
  instruments: [{symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001}]
  coordinator: {schedules: {portfolio_check: {enabled: false}}}
steps:
"""
FIRST = HEAD.count("\n") + 1  # Line of the first step.
BAR = "  - bar: {open: 10, high: 12, low: 9, close: 11, volume: 1}\n"

# name, steps, exit status, what must be said; {0} is the file, line numbers count from the first step.
CASES = [
    # Met.
    ("met", BAR + "  - expect: {topic: market_data.bar, close: 11.0}\n", 0, "1 expectations"),
    ("by_value", BAR + "  - expect: {topic: market_data.bar, close: 1.1e1, open_time: 2024-01-01 00:00}\n", 0, "ok"),
    ("none_after_it", BAR + "  - expect: {topic: market_data.bar}\n  - expect_none: {topic: market_data.bar}\n", 0, "2 exp"),
    ("count", BAR + BAR + "  - expect_count: {count: 2, of: {topic: market_data.bar}}\n", 0, "ok"),
    ("forget", BAR + "  - forget:\n  - expect_none: {topic: market_data.bar}\n", 0, "ok"),
    ("count_sees_forgotten", BAR + "  - forget:\n  - expect_count: {count: 1, of: {topic: market_data.bar}}\n", 0, "ok"),
    ("payload_before_head", BAR + "  - input: {topic: venue_reports, payload: {kind: fill, order_id: 5, price: 1, qty: 1}}\n"
     "  - expect: {topic: venue_reports, kind: fill}\n", 0, "ok"),
    ("alias", BAR + "  - expect: &bar {topic: market_data.bar}\n" + BAR + "  - expect: *bar\n", 0, "2 exp"),
    ("restart", BAR + "  - restart:\n  - expect: {topic: session_events, event: recovered}\n", 0, "ok"),
    # Not met.
    ("not_met", BAR + "  - expect: {topic: market_data.bar, close: 12}\n", 1, "{0}:%d: no such message" % (FIRST + 1)),
    ("nearest", BAR + "  - expect: {topic: market_data.bar, close: 12}\n", 1, '"close":"11"'),
    ("order", BAR + "  - expect: {topic: indicators}\n  - expect: {topic: market_data.bar}\n", 1, "{0}:%d:" % (FIRST + 2)),
    ("only_once", BAR + "  - expect: {topic: market_data.bar}\n  - expect: {topic: market_data.bar}\n", 1, "{0}:%d:" % (FIRST + 2)),
    ("none_but_came", BAR + "  - expect_none: {topic: market_data.bar}\n", 1, "{0}:%d: this message must not come" % (FIRST + 1)),
    ("none_of_payload_kind", "  - input: {topic: venue_reports, payload: {kind: fill, order_id: 5, price: 1, qty: 1}}\n"
     "  - expect_none: {topic: venue_reports, kind: fill}\n", 1, "must not come"),
    ("count_off", BAR + "  - expect_count: {count: 2, of: {topic: market_data.bar}}\n", 1, "2 messages were expected in all, there are 1"),
    ("forgotten", BAR + "  - forget:\n  - expect: {topic: market_data.bar}\n", 1, "no such message"),
    ("second_of_list", BAR + "  - expect:\n      - {topic: market_data.bar}\n      - {topic: fills}\n", 1, "{0}:%d:" % (FIRST + 3)),
    ("list_too_short", BAR + "  - expect: {topic: trading_signals, votes: [{model: x}]}\n", 1, "no message of that topic"),
    # The file is not right: file, line, column.
    ("step", "  - expct: {topic: fills}\n", 3, "{0}:%d:5: there is no step 'expct'" % FIRST),
    ("topic", BAR + "  - expect_none: {topic: fils}\n", 3, "{0}:%d:26: a pattern names its topic; 'fils'" % (FIRST + 1)),
    ("no_topic", BAR + "  - expect_none: {close: 3}\n", 3, "{0}:%d:19: a pattern names its topic" % (FIRST + 1)),
    ("field", BAR + "  - expect_none: {topic: fills, prise: 3}\n", 3, "{0}:%d:33: messages of fills have no field 'prise'" % (FIRST + 1)),
    ("field_of_payload", BAR + "  - expect_none: {topic: fills, payload: {prise: 3}}\n", 3, "has no field 'prise'"),
    ("field_of_item", BAR + "  - expect_none: {topic: risk_verdicts, checks: [{cod: NONE}]}\n", 3, "has no field 'cod'"),
    ("enum", BAR + "  - expect_none: {topic: risk_verdicts, code: STOP_LOS}\n", 3, "'STOP_LOS' is no risk_code"),
    ("enum_of_item", BAR + "  - expect_none: {topic: risk_verdicts, checks: [{outcome: passed}]}\n", 3, "'passed' is no check_outcome"),
    ("number", BAR + "  - expect_none: {topic: fills, price: high}\n", 3, "'high' is no number"),
    ("flag", BAR + "  - expect_none: {topic: indicators, is_warm: 1}\n", 3, "'1' is neither true nor false"),
    ("symbol", BAR + "  - expect_none: {topic: fills, symbol: BTCUSDT}\n", 3, "no instrument 'BTCUSDT'"),
    ("source", BAR + "  - expect_none: {topic: fills, source: trader}\n", 3, "there is no source 'trader'"),
    ("time", BAR + "  - expect_none: {topic: fills, time: noon}\n", 3, "'noon' is no time"),
    ("list", BAR + "  - expect_none: {topic: risk_verdicts, checks: 3}\n", 3, "'checks' is a list"),
    ("empty_list", BAR + "  - expect_none: []\n", 3, "{0}:%d:5: this list of patterns is empty" % (FIRST + 1)),
    ("no_pattern", BAR + "  - expect: fills\n", 3, "a pattern is a mapping"),
    ("no_value", "  - expect:\n", 3, "{0}:%d:5: `expect` needs a value" % FIRST),
    ("unwanted_value", "  - restart: now\n", 3, "`restart` takes no value"),
    ("two_keys", "  - {restart: , forget: }\n", 3, "a step is one key"),
    ("count_word", BAR + "  - expect_count: {count: two, of: {topic: fills}}\n", 3, "{0}:%d:27: `count` must be a whole number" % (FIRST + 1)),
    ("count_negative", BAR + "  - expect_count: {count: -1, of: {topic: fills}}\n", 3, "`count` must be a whole number"),
    ("count_nothing", BAR + "  - expect_count: {count: 1}\n", 3, "expect_count needs"),
    ("bar_field", "  - bar: {open: 1, hihg: 2}\n", 3, "{0}:%d:11: bar.hihg" % FIRST),
    ("bar_scalar", "  - bar: 3\n", 3, "a mapping (key: value) is needed"),
    ("bars_key", "  - bars: {count: 1, form: 5}\n", 3, "{0}:%d:22: there is no key 'form' here" % FIRST),
    ("bars_huge", "  - bars: {count: 1, from: 1e20, step: 1, range: 1, volume: 1}\n", 3, "`from` must be a number between"),
    ("bars_none", "  - bars: {count: 0, from: 1, step: 1, range: 1, volume: 1}\n", 3, "`count` must be at least 1"),
    ("unknown_symbol", "  - bar: {symbol: XRP/USDT, open: 1}\n", 3, "{0}:%d:19: the configuration has no instrument 'XRP/USDT'" % FIRST),
    ("advance_back", "  - advance: -1\n", 3, "{0}:%d:14: a number of seconds" % FIRST),
    ("advance_forever", "  - advance: 1e12\n", 3, "a number of seconds"),
    ("not_called", "  - answer: {agent: technical_analysis}\n", 3, "this agent has not been called yet"),
    ("agent", "  - answer: {agent: oracle}\n", 3, "{0}:%d:21: 'oracle' is no agent" % FIRST),
    ("no_order", "  - report: {payload: {kind: accepted}}\n", 3, "there is no order of that role and symbol yet"),
    ("fault", "  - fault: earthquake\n", 3, "there is no fault 'earthquake'"),
    ("command", "  - command: {command: stop}\n", 3, "coordinator_command.command"),
    ("duplicate_key", "  - bar: {open: 1, open: 2}\n", 3, "{0}:%d:" % FIRST),
    ("broken_yaml", "  - bar: {open: 1\n  - forget:\n", 3, "{0}:"),
    ("no_steps", "", 3, "`steps` is missing"),
]

# Whole files.
FILES = [
    ("empty", "", 3, "{0}: the file is empty"),
    ("comment", "# nothing\n", 3, "{0}: the file is empty"),
    ("list", "- a\n", 3, "{0}:1:3: a mapping (key: value) is needed here"),
    ("unknown_key", HEAD.replace("agents:", "agnts:") + BAR, 3, "{0}:2:1: there is no key 'agnts' here"),
    ("agents_choice", HEAD.replace("agents: script", "agents: humans") + BAR, 3, "{0}:2:9: `agents` is rules or script"),
    ("start", HEAD.replace("agents: script", "start: soon") + BAR, 3, "{0}:2:8: 'soon' is no time"),
    ("start_late", HEAD.replace("agents: script", "start: 2250-01-01") + BAR, 3, "is no time from 1970 to 2200"),
    ("no_config", "name: x\nsteps:\n  - forget:\n", 3, "`config` is missing"),
    ("no_such_config", "name: x\nconfig: nowhere.yaml\nsteps:\n  - forget:\n", 3, "nowhere.yaml: No such file"),
    ("config_key", HEAD.replace("run: {id: s}", "run: {idd: s}") + BAR, 3, "{0}:4:9: "),
    ("config_value", HEAD.replace("price_increment: 0.5", "price_increment: -1") + BAR, 3, "{0}:5:53: "),
]


def run(tutti, path, *options):
    # A fault that the sanitizers find ends with a status of its own.
    environment = dict(os.environ, ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="halt_on_error=1:exitcode=98")
    return subprocess.run([tutti, "scenario", *options, path], capture_output=True, text=True, timeout=60,
                          env=environment, check=False)


def check(tutti, folder, name, text, status, said):
    path = os.path.join(folder, name + ".yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    result = run(tutti, path, "--quiet")
    wanted = said.replace("{0}", path)
    if result.returncode == status and wanted in result.stderr and result.stdout == "":
        return 0
    print(f"FAILED {name}: exit {result.returncode} instead of {status}; wanted to read: {wanted}\n"
          f"{result.stdout[:300]}{result.stderr[:1500]}")
    return 1


def check_command(tutti, folder):
    """What belongs to no single file: several files, the transcript, files that are not there."""
    good = os.path.join(folder, "met.yaml")
    bad = os.path.join(folder, "not_met.yaml")
    failed = 0
    both = subprocess.run([tutti, "scenario", "--quiet", bad, good], capture_output=True, text=True, check=False)
    if both.returncode != 1 or "1 passed, 1 failed" not in both.stderr or f"ok {good}" not in both.stderr:
        print(f"FAILED two files: {both.returncode} {both.stderr}")
        failed += 1
    told = subprocess.run([tutti, "scenario", "--quiet", "--json", bad, good], capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    if told.returncode != 1 or told.stderr or [line["passed"] for line in lines] != [False, True, 1] or \
            lines[0]["scenario"] != bad or lines[0]["line"] < 1 or "failure" not in lines[0] or lines[1]["expectations"] < 1 or \
            lines[2]["failed"] != 1:
        print(f"FAILED json: {told.returncode} {told.stdout} {told.stderr}")
        failed += 1
    loud = run(tutti, good)
    if loud.returncode != 0 or loud.stdout.count("\n") != 6 or '"topic":"market_data.bar"' not in loud.stdout:
        print(f"FAILED transcript: {loud.returncode} {loud.stdout}")
        failed += 1
    for missing in [os.path.join(folder, "nowhere.yaml"), folder]:
        result = run(tutti, missing)
        if result.returncode != 3 or not result.stderr.startswith(f"tutti: {missing}: "):
            print(f"FAILED missing file: {result.returncode} {result.stderr}")
            failed += 1
    return failed


def main():
    tutti = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        failed = sum(check(tutti, folder, name, HEAD + text, status, said) for name, text, status, said in CASES)
        failed += sum(check(tutti, folder, "file_" + case[0], *case[1:]) for case in FILES)
        failed += check_command(tutti, folder)
    print(f"{len(CASES) + len(FILES)} files, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
