#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples on real market data: examples_test.py TUTTI DATA_FOLDER.

Skips (exit 77) where the data is absent. Each example runs twice: the digest must be the same, the journal must
verify, and the report must say what a user is promised.

Covers: cli/cmd_backtest.c cli/cmd_verify.c cli/cmd_why.c
"""
import json
import os
import subprocess
import sys
import tempfile

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
    fill = json.loads(run("journal", "dump", out, "fills").splitlines()[0])["seq"]
    chain = json.loads(run("why", "--journal", os.path.join(out, "journal"), str(fill), "--json"))["chain"]
    topics = {link["message"]["topic"] for link in chain}
    wanted = {"fills", "order_intents", "risk_verdicts", "trade_proposals", "consensus", "trading_signals",
              "ta_signals", "regime_updates", "indicators", "market_data.bar"}
    assert wanted <= topics, f"the chain of fill {fill} lacks {wanted - topics}"


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
        check_ticks(folder)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
