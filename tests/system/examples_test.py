#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples on real market data: examples_test.py TUTTI DATA_FOLDER.

Skips (exit 77) where the data is absent. Each example runs twice: the digest must be the same, the journal must
verify, and the report must say what a user is promised.

Covers: cli/cmd_backtest.c cli/cmd_verify.c cli/cmd_why.c
"""
import datetime
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal

TUTTI, DATA = sys.argv[1:3]

REPORT_KEYS = ["bars", "messages", "signals", "conflicts", "orders", "fills", "closed_trades", "rejections", "fees",
               "realized_pnl", "final_equity", "max_drawdown_pct", "digest"]


def run(*words, status=0):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False)
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stderr[-2000:]}"
    return result.stdout


def backtest(example, files, out):
    settings = [word for name in files[1:] for word in ("--set", name)]
    words = [f"examples/{example}", "--data", files[0], "--out", out, "--quiet", "--json", *settings]
    return json.loads(run("backtest", *words))


def check(example, files, folder):
    out = os.path.join(folder, example)
    first = backtest(example, files, out)
    again = backtest(example, files, out)
    missing = [key for key in REPORT_KEYS if key not in first]
    assert not missing, f"{example}: the report lacks {missing}"
    assert first == again, f"{example}: a second run gave another report"
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        assert json.load(file)["digest"] == first["digest"]
    with open(os.path.join(out, "report.html"), encoding="utf-8") as file:
        page = file.read()
    assert page.endswith("</html>\n") and "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    verified = json.loads(run("verify", out, "--json"))
    assert verified["verified"] and verified["digest"] == first["digest"]
    return first, out


def check_month(folder):
    data = os.path.join(DATA, "bars/btc_perp_1m_202201.csv.gz")
    report, out = check("btc_month.yaml", [data], folder)
    assert report["bars"] == 45031 and report["closed_trades"] > 10, report
    assert report["long_trades"] > 0 and report["short_trades"] > 0, report
    assert sum(report["rejections"].values()) > 0 and report["conflicts"] > 0, report
    balance = report["initial_equity"] + report["realized_pnl"] - report["fees"]
    assert abs(balance - report["final_equity"]) < 1e-6, report  # Nothing is open at the end.
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        check_performance(json.load(file, parse_float=Decimal, parse_int=Decimal)["performance"], out)
    fill = json.loads(run("journal", "dump", out, "fills").splitlines()[0])["seq"]
    chain = json.loads(run("why", "--journal", os.path.join(out, "journal"), str(fill), "--json"))["chain"]
    topics = {link["message"]["topic"] for link in chain}
    wanted = {"fills", "order_intents", "risk_verdicts", "trade_proposals", "consensus", "trading_signals",
              "ta_signals", "regime_updates", "indicators", "market_data.bar"}
    assert wanted <= topics, f"the chain of fill {fill} lacks {wanted - topics}"


def daily_returns(accounts):
    """Returns of the UTC days from the account records: a weekday without one returned 0."""
    closes = {}
    for message in accounts:
        closes[datetime.date.fromisoformat(message["time"][:10])] = Decimal(message["payload"]["equity"])
    before, returns = Decimal(accounts[0]["payload"]["initial"]), []
    day, last = min(closes), max(closes)
    while day <= last:
        if day in closes or day.weekday() < 5:
            now = closes.get(day, before)
            returns.append(float(now / before - 1))
            before = now
        day += datetime.timedelta(days=1)
    return returns


def check_performance(performance, out):
    """The figures of the report, worked out again from the journal by other means."""
    closed = [m["payload"] for m in map(json.loads, run("journal", "dump", out, "position_updates").splitlines())
              if m["payload"]["event"] == "position_closed"]
    accounts = [json.loads(line) for line in run("journal", "dump", out, "account_updates").splitlines()]
    results = [Decimal(p["realized_pnl"]) - Decimal(p["fees"]) for p in closed]
    wins, losses = [r for r in results if r > 0], [r for r in results if r < 0]
    assert (performance["trades"], performance["wins"], performance["losses"]) == (len(results), len(wins), len(losses))
    exact = {"net": sum(results), "gross_profit": sum(wins), "gross_loss": sum(losses), "largest_win": max(wins),
             "largest_loss": min(losses), "trade_fees": sum(Decimal(p["fees"]) for p in closed),
             "fees": Decimal(accounts[-1]["payload"]["fees"]), "equity": Decimal(accounts[-1]["payload"]["equity"])}
    for key, value in exact.items():
        assert performance[key] == value, (key, performance[key], value)
    peak, worst = Decimal(accounts[0]["payload"]["initial"]), (Decimal(0), Decimal(0))
    for message in accounts:
        equity = Decimal(message["payload"]["equity"])
        peak = max(peak, equity)
        worst = max(worst, ((peak - equity) / peak * 100, peak - equity))
    returns = daily_returns(accounts)
    mean, year = statistics.fmean(returns), math.sqrt(252)
    downside = math.sqrt(sum(min(r, 0) ** 2 for r in returns) / len(returns))
    near = {"win_rate_pct": len(wins) / len(results) * 100, "profit_factor": -sum(wins) / sum(losses),
            "average_win": sum(wins) / len(wins), "average_loss": sum(losses) / len(losses), "expectancy": sum(results) / len(results),
            "sharpe": mean / statistics.stdev(returns) * year, "sortino": mean / downside * year,
            "calmar": mean * 252 / float(worst[0]) * 100, "daily_returns": len(returns)}
    for key, value in near.items():
        assert abs(float(performance[key]) - float(value)) < 2e-6, (key, performance[key], value)
    assert performance["max_drawdown"]["amount"] == worst[1], (performance["max_drawdown"], worst)
    decided = performance["sources"]["trading_decision"]
    assert decided["trades"] == len(results) and decided["net"] == exact["net"], performance["sources"]


def check_days(folder):
    """Daily bars: each agent is asked once a bar without a word about schedules; a trade ends at the price of its fill."""
    report, out = check("spy_daily.yaml", [os.path.join(DATA, "bars/spy_daily.zip")], folder)
    assert report["bars"] == 5849 and report["closed_trades"] > 50, report
    for agent in ("technical_analysis", "regime_detection", "trading_decision"):
        counts = report["agents"][agent]  # The indicators are warm with the 60th bar.
        assert counts["calls"] == counts["outputs"] == report["bars"] - 59, (agent, counts)
    assert report["messages"] < 1000000, report["messages"]
    prices = {m["seq"]: m["payload"]["price"] for m in map(json.loads, run("journal", "dump", out, "fills").splitlines())}
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        trades = json.load(file, parse_float=Decimal, parse_int=Decimal)["trades"]
    assert len(trades) == report["closed_trades"]
    for trade in trades:
        assert trade["exit"] == Decimal(prices[trade["exit_fill_id"]]), trade


def check_ticks(folder):
    report, _ = check("binance_ticks.yaml", [os.path.join(DATA, "binance_spot/btcusdt_20240808.gz")], folder)
    assert report["ticks"] > 40000 and report["fills"] > 0, report
    quotes = os.path.join(DATA, "equity_ticks/aig_20131007_quote.zip")
    trades = os.path.join(DATA, "equity_ticks/aig_20131007_trade.zip")
    report, _ = check("aig_ticks.yaml", [quotes, f"feed.trades_path={trades}"], folder)
    assert report["ticks"] > 500000 and report["fills"] > 0, report


def main():
    if not os.path.isdir(DATA):
        print(f"skipped: no market data at {DATA}")
        return 77
    with tempfile.TemporaryDirectory(prefix="tutti-examples-") as folder:
        check_month(folder)
        check("btc_ma_cross.yaml", [os.path.join(DATA, "bars/btc_perp_1m_202201.csv.gz")], folder)
        check_days(folder)
        check_ticks(folder)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
