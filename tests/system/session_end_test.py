#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session and a backtest whose data ends while a position is held: session_end_test.py TUTTI.

With orders.close_at_end the position is closed, and its stop withdrawn, before the session stops, however long the exchange
takes for it; without, both stay.

Covers: host/session_stop.c
"""
import json
import os
import subprocess
import sys
import tempfile

TUTTI = sys.argv[1]
START = 1704067200
CONFIG = """run: {id: end, name: end}
clock: {speed: 600}
feed: {kind: csv_bars, path: %s}
market: {publish_indicators: false}
ma_cross: {enabled: true, fast: 3, slow: 10, confidence: 0.95}
venue: {order_latency: 60, report_latency: 60}
orders: {ack_timeout: 3600}
api: {enabled: false}
coordinator:
  schedules:
    ta_analysis: {enabled: false}
    regime_detection: {enabled: false}
    sentiment_analysis: {enabled: false}
    trading_decision: {enabled: false}
    portfolio_check: {enabled: false}
instruments:
  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.001, taker_fee_rate: 0.0005, bar_interval_s: 60}
"""


def run(*words, status=0):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stdout}{result.stderr}"
    return result.stdout


def write_files(folder):
    """Prices fall for 20 minutes and rise for 20: the averages cross once, upwards, and the data ends."""
    data, config = os.path.join(folder, "bars.csv"), os.path.join(folder, "end.yaml")
    with open(data, "w", encoding="utf-8") as file:
        file.write("timestamp,open,high,low,close,volume\n")
        for minute in range(40):
            price = 1000 + abs(minute - 20)
            file.write(f"{(START + minute * 60) * 1000},{price},{price + 1},{price - 1},{price},5\n")
    with open(config, "w", encoding="utf-8") as file:
        file.write(CONFIG % data)
    return config


def payloads(out, topic):
    text = run("journal", "dump", os.path.join(out, "journal"), "--topic", topic, "--json")
    return [json.loads(line)["payload"] for line in text.splitlines()]


def check_closed(report, out):
    assert (report["closed_trades"], report["exits"]) == (1, {"end_of_run": 1}), report
    last = payloads(out, "account_updates")[-1]
    assert (last["open_positions"], last["open_orders"], last["unknown_orders"]) == (0, 0, 0), last
    updates = [row["event"] for row in payloads(out, "position_updates")]
    assert (updates[0], updates[-1]) == ("position_opened", "position_closed"), updates
    run("verify", out)


def test_closed_by(folder, config, command):
    out = os.path.join(folder, command)
    check_closed(json.loads(run(command, config, "--out", out, "--quiet", "--json")), out)


def test_kept(folder, config):
    out = os.path.join(folder, "kept")
    report = json.loads(run("run", config, "--out", out, "--json", "--set", "orders.close_at_end=false"))
    assert (report["closed_trades"], report["exits"]) == (0, {}), report
    last = payloads(out, "account_updates")[-1]
    assert (last["open_positions"], last["open_orders"]) == (1, 2), last  # Its stop and its target stay.


def main():
    with tempfile.TemporaryDirectory() as folder:
        config = write_files(folder)
        test_closed_by(folder, config, "backtest")
        test_closed_by(folder, config, "run")
        test_kept(folder, config)
    print("session end: ok")


if __name__ == "__main__":
    main()
