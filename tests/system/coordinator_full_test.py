#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The complete configuration on a month of bars: coordinator_full_test.py TUTTI DATA_FOLDER, in the source folder.

Five agents, both conflicts, a language model as arbiter, breakers, brackets, exits, the portfolio: trades happen and the books
add up; the journal verifies; with the server switched off the run comes out of its record again. Then each breaker is made to
fire by the change of the configuration that docs/coordinator.md names, and its chain is found in the journal by causation:
equity falls, alert, state, positions, notification. Skips (exit 77) where the data is absent.

Covers: examples/coordinator_full.yaml docs/coordinator.md
"""
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import llm_server  # noqa: E402

TUTTI, DATA = sys.argv[1:3]
BARS = os.path.join(DATA, "bars/btc_perp_1m_202201.csv.gz")
AGENTS = {"technical_analysis", "regime_detection", "sentiment_analysis", "trading_decision", "portfolio_rebalance", "arbiter"}


def run(*words):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{words}: exit {result.returncode}\n{result.stderr[-3000:]}"
    return result.stdout


def settings_of_guide():
    """The --set words of docs/coordinator.md by breaker, so that the guide cannot say what is not tested."""
    with open("docs/coordinator.md", encoding="utf-8") as file:
        rows = re.findall(r"^\| `(\w+)` \| `(--set [^`]*)` \|", file.read(), re.MULTILINE)
    return {name: words.split() for name, words in rows}


class Month:
    """One run of the month."""

    def __init__(self, config, out, *words):
        self.out = out
        self.report = json.loads(run("backtest", config, "--data", BARS, "--out", out, "--quiet", "--json", *words))
        self.kept = {}

    def dump(self, topic):
        if topic not in self.kept:
            self.kept[topic] = [json.loads(line) for line in run("journal", "dump", self.out, topic).splitlines()]
        return self.kept[topic]

    def why(self, seq):
        return [link["message"] for link in json.loads(run("why", "--journal", self.out, str(seq), "--json"))["chain"]]

    def caused_by(self, topic, seq):
        return [message for message in self.dump(topic) if message["cause"] == seq]


def check_month(config, folder, server):
    month = Month(config, os.path.join(folder, "month"))
    report = month.report
    assert report["bars"] == 45031, report
    # An arbiter may be overtaken by the next signal of its symbol; nothing else is left over.
    assert {m["payload"]["reason"] for m in month.dump("dead_letters")} <= {"unknown_call"}, month.dump("dead_letters")[:1]
    assert report["closed_trades"] > 100 and report["long_trades"] > 20 and report["short_trades"] > 20, report
    assert report["conflicts"] > 10 and report["winning_trades"] > 10, report
    balance = report["initial_equity"] + report["realized_pnl"] - report["fees"]
    assert abs(balance - report["final_equity"]) < 1e-6, report
    asked = {message["payload"]["agent"] for message in month.dump("agent_calls")}
    assert asked == AGENTS, asked
    kinds = {item["type"] for message in month.dump("conflict_decisions") for item in message["payload"]["conflicts"]}
    assert kinds >= {"ta_sentiment_conflict", "regime_conflict", "regime_change"}, kinds
    locks = {m["payload"]["lock"] for m in month.dump("risk_alerts") if m["payload"]["alert_type"] == "protection"}
    assert locks >= {"stoploss_guard", "low_profit", "cooldown"}, locks
    batches = [m["payload"] for m in month.dump("rebalance_batches")]
    assert 6 in {p["batches"] for p in batches} and sum(p["state"] == "done" for p in batches) > 5, batches[:1]
    assert any(Decimal(p["filled"]) > 0 for p in batches if p["state"] == "done")
    settled = [m["payload"]["arbiter"] for m in month.dump("conflict_decisions") if m["payload"]["case_seq"] != "0"]
    assert settled.count("local") > 10, settled
    exits = {m["payload"]["exit_reason"] for m in month.dump("fills")}
    assert exits >= {"stop_loss", "take_profit", "signal", "trailing_stop", "break_even"}, exits
    check_books(month)
    requests = len(server.requests)
    verified = json.loads(run("verify", month.out, "--json"))
    assert verified["verified"] and verified["digest"] == report["digest"]
    assert len(server.requests) == requests, "verifying asked the model"
    return month


def check_books(month):
    """Balance after each fill = before + realised - fee, to the last digit."""
    balance = Decimal(month.dump("account_updates")[0]["payload"]["initial"])
    for message in month.dump("fills"):
        fill = message["payload"]
        balance += Decimal(fill["realized_pnl"]) - Decimal(fill["fee"])
        assert balance == Decimal(fill["balance"]), message
    assert len({m["payload"]["exec_id"] for m in month.dump("fills")}) == len(month.dump("fills"))


def check_without_server(config, folder, month):
    again = Month(config, os.path.join(folder, "again"), "--llm-record", os.path.join(month.out, "llm"))
    assert again.report["digest"] == month.report["digest"], "without the server the run is another one"


def equity_of(message):
    return Decimal(message["payload"]["equity"])


def loss_before(month, breach, account):
    """What the breaker must have measured, worked out from the account's own history."""
    history = [m for m in month.dump("account_updates") if m["seq"] <= account["seq"]]
    if breach == "max_drawdown":
        start = max(equity_of(m) for m in history)
    else:
        first = account["time"][:10]
        if breach == "weekly_loss":
            day = datetime.date.fromisoformat(first)
            first = (day - datetime.timedelta(days=day.weekday())).isoformat()
        before = [m for m in history if m["time"][:10] < first]
        start = equity_of(before[-1]) if before else equity_of(history[0])
    return (start - equity_of(account)) / start * 100


def closing_fill(month, alert, exit_reason):
    """The first fill that came of an alert."""
    for fill in [m for m in month.dump("fills") if m["seq"] > alert["seq"] and m["payload"]["exit_reason"] == exit_reason][:8]:
        if alert["seq"] in [m["seq"] for m in month.why(fill["seq"])]:
            return fill
    raise AssertionError(f"nothing was closed because of {alert}")


def check_breaker(month, breach, event, command, exit_reason):
    alert = next(m for m in month.dump("risk_alerts") if m["payload"]["breach_type"] == breach and
                 m["payload"]["alert_type"] == "circuit_breaker")
    value, limit = Decimal(alert["payload"]["value"]), Decimal(alert["payload"]["limit"])
    assert value >= limit, alert
    account = month.why(alert["seq"])[1]
    assert account["topic"] == "account_updates" and account["seq"] == alert["cause"], account
    assert abs(loss_before(month, breach, account) - value) < Decimal("1e-9"), (loss_before(month, breach, account), alert)
    if event is not None:
        assert event in [m["payload"]["event"] for m in month.caused_by("system_events", alert["seq"])]
    assert command in [m["payload"]["command"] for m in month.caused_by("position_commands", alert["seq"])]
    told = month.caused_by("notifications", alert["seq"])
    assert len(told) == 1 and breach in told[0]["payload"]["message"], told
    chain = [m["seq"] for m in month.why(told[0]["seq"])]
    assert chain[:3] == [told[0]["seq"], alert["seq"], account["seq"]], chain
    if exit_reason is not None:
        chain = [m["seq"] for m in month.why(closing_fill(month, alert, exit_reason)["seq"])]
        assert account["seq"] in chain, chain
    until = alert["payload"]["until"] or "9999"
    entries = [m for m in month.dump("order_intents") if m["payload"]["role"] == "entry" and alert["seq"] < m["seq"]
               and m["time"] < until]
    assert not entries, f"{breach}: an entry was ordered before {until}: {entries[0]}"
    return alert


def check_daily(month):
    alert = check_breaker(month, "daily_loss", "coordinator_paused", "cancel_entries", None)
    states = [m["payload"]["event"] for m in month.dump("system_events") if m["seq"] > alert["seq"]]
    assert "coordinator_resumed" not in states, "a pause ended by itself"


def check_weekly(month):
    alert = check_breaker(month, "weekly_loss", None, "reduce", "reduced")
    before = [m for m in month.dump("position_updates") if m["seq"] < alert["seq"]][-1]
    sold = closing_fill(month, alert, "reduced")
    assert sum(Decimal(m["payload"]["qty"]) for m in month.dump("fills")
               if m["payload"]["order_id"] == sold["payload"]["order_id"]) == \
        (abs(Decimal(before["payload"]["qty"])) / 2).quantize(Decimal("0.001"), rounding="ROUND_UP"), (before, sold)


def check_drawdown(month):
    alert = check_breaker(month, "max_drawdown", "coordinator_halted", "close", "emergency")
    assert month.dump("account_updates")[-1]["payload"]["open_positions"] == 0
    flat = [m for m in month.dump("system_events") if m["seq"] > alert["seq"] and m["payload"]["subject"] == "close_positions"
            and m["payload"]["new_value"] == 0]
    assert flat, "nobody was told that all is flat"
    closed = [m for m in month.dump("position_updates") if alert["seq"] < m["seq"] < flat[0]["seq"]][-1]
    assert closed["payload"]["event"] == "position_closed" and closed["payload"]["qty"] == "0", closed
    calls = [m for m in month.dump("agent_calls") if m["seq"] > flat[0]["seq"]]
    assert not calls, "agents were asked during a halt"


def check_losses(month):
    """Fires with the example as it is: five losses in a row, counted from the fills."""
    alert = next(m for m in month.dump("risk_alerts") if m["payload"]["breach_type"] == "consecutive_losses" and
                 m["payload"]["alert_type"] == "circuit_breaker")
    ends = [m["payload"] for m in month.dump("position_updates")
            if m["payload"]["event"] == "position_closed" and m["seq"] < alert["seq"]]
    results = [Decimal(p["realized_pnl"]) - Decimal(p["fees"]) for p in ends]
    assert len(results) >= 5 and all(result < 0 for result in results[-5:]) and alert["payload"]["value"] == "5", results[-6:]
    told = month.caused_by("notifications", alert["seq"])
    assert len(told) == 1 and "consecutive_losses" in told[0]["payload"]["message"], told
    entries = [m for m in month.dump("order_intents") if m["payload"]["role"] == "entry" and alert["seq"] < m["seq"]
               and m["time"] < alert["payload"]["until"]]
    assert not entries, entries[:1]
    assert month.why(alert["seq"])[1]["topic"] == "position_updates"


CHECKS = {"daily_loss": check_daily, "weekly_loss": check_weekly, "max_drawdown": check_drawdown}


def main():
    if not os.path.isdir(DATA):
        print(f"skipped: no market data at {DATA}")
        return 77
    guide = settings_of_guide()
    assert set(guide) == set(CHECKS), guide
    with tempfile.TemporaryDirectory(prefix="tutti-full-") as folder:
        server = llm_server.Server("ok")
        config = os.path.join(folder, "config.yaml")
        with open("examples/coordinator_full.yaml", encoding="utf-8") as source, open(config, "w", encoding="utf-8") as target:
            target.write(source.read().replace("http://127.0.0.1:8080/v1/chat/completions", server.url))
        month = check_month(config, folder, server)
        check_losses(month)
        for breach, words in guide.items():
            fired = Month(config, os.path.join(folder, breach), *words)
            CHECKS[breach](fired)
            assert json.loads(run("verify", fired.out, "--json"))["verified"]
        server.close()
        check_without_server(config, folder, month)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
