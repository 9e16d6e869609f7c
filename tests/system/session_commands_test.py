#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands that talk to a running session: session_commands_test.py TUTTI CONFIG.

Covers: cli/cmd_ask.c cli/cmd_straddle.c cli/cmd_dead.c cli/cmd_list.c cli/cmd_performance.c cli/cmd_status.c cli/session_ask.c
cli/session_client.c cli/session_rows.c
"""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from decimal import Decimal

from api_test import TUTTI, Session, run, wait_for


def call(session, *words, status=0):
    return run(*words, "--out", session.out, status=status)


def test_status(session):
    text = call(session, "status")
    assert text.startswith("running, paper, degradation normal, 2024-"), text
    assert "equity 10000 USDT" in text or "equity " in text, text
    assert "portfolio_check" in text and "next run" in text, text
    both = json.loads(call(session, "status", "--json"))
    assert both["status"]["state"] == "running" and both["account"]["currency"] == "USDT", both


def test_pause_and_resume(session):
    assert "paused" in call(session, "pause", "--reason", 'a "reason"')
    assert call(session, "status").startswith("paused")
    assert call(session, "resume") == "running\n"
    text = call(session, "resume", status=1)
    assert "refused: not paused" in text, text
    error = json.loads(call(session, "resume", "--json", status=1).strip())["error"]
    assert error["exit_code"] == 1 and "not paused" in error["message"], error
    text = call(session, "commands")
    assert "pause" in text and "refused" in text and "local" in text, text
    items = json.loads(call(session, "commands", "--json"))["items"]
    assert items[-1]["reason"] == 'a "reason"' and items[-1]["actor"] == "local", items[-1]


def test_halt_and_release(session):
    assert "halted" in call(session, "halt")
    assert "release" in call(session, "resume", status=1)
    # Dangerous: not without --yes where nobody can be asked.
    assert "--yes" in call(session, "release", status=2)
    assert call(session, "status").startswith("halted")
    assert "released into paused" in call(session, "release", "--yes")
    assert call(session, "resume") == "running\n"


def test_tasks(session):
    assert "is now disabled" in call(session, "task", "disable", "trading_decision")
    assert "was already disabled" in call(session, "task", "disable", "trading_decision")
    assert "is now enabled" in call(session, "task", "enable", "trading_decision")
    text = call(session, "task", "run", "nothing", status=1)
    assert "no such task" in text and "ta_analysis" in text, text
    wait_for(lambda: subprocess.run([TUTTI, "task", "run", "ta_analysis", "--symbol", "BTC/USDT", "--out", session.out],
                                    capture_output=True, check=False).returncode == 0)


def check_amend(session):
    order = ("amend", "999999999")
    assert "no order 999999999" in call(session, *order, "--quantity", "1", "--yes", status=1)
    assert "needs --yes" in call(session, *order, "--quantity", "1", status=2)
    assert "this needs: --price, --trigger, --quantity" in call(session, *order, "--yes", status=2)
    assert "no such option: --price" in call(session, "cancel", "1", "--price", "1", "--yes", status=2)
    assert "cancel the order" in call(session, *order, "--quantity", "0", "--yes", status=1)
    assert "must be a price above 0" in call(session, *order, "--price", "x", "--yes", status=1)
    assert "must be a price above 0" in call(session, *order, "--trigger", "-1", "--yes", status=1)
    assert "the id is no number" in call(session, "amend", "x", "--price", "1", "--yes", status=1)


def check_protect(session):
    """Levels set by hand: refused with the reason, or replaced at the venue and explained by why."""
    assert "no open position" in call(session, "protect", "999999999", "--stop", "1", "--yes", status=1)
    assert "--yes" in call(session, "protect", "1", "--stop", "1", status=2)
    assert "this needs: --stop, --target or both" in call(session, "protect", "1", "--yes", status=2)
    assert "no such option: --stop" in call(session, "close", "1", "--stop", "1", "--yes", status=2)
    assert "must be a price above 0" in call(session, "protect", "1", "--stop", "x", "--yes", status=1)
    call(session, "pause")  # Nothing may close it by a signal meanwhile.
    done = None
    while done is None:  # A stop may take the position first.
        wait_for(lambda: json.loads(call(session, "positions", "--json"))["items"])
        position = json.loads(call(session, "positions", "--json"))["items"][0]
        number, mark = str(position["position_id"]), Decimal(position["mark"])
        factor = Decimal("0.5") if position["side"] == "buy" else Decimal("1.5")
        words = ["protect", number, "--yes", "--out", session.out, "--json", "--stop"]
        wrong = subprocess.run([TUTTI, *words, str((mark * (2 - factor)).quantize(Decimal("1")))], capture_output=True, text=True, check=False)
        far = subprocess.run([TUTTI, *words, str((mark * factor).quantize(Decimal("1")))], capture_output=True, text=True, check=False)
        if far.returncode == 0:
            assert wrong.returncode == 1 and "the mark" in wrong.stderr + wrong.stdout, wrong
            done = json.loads(far.stdout)
    assert done["command"] == "protect_position" and "(loosened)" in done["message"], done
    caused = [json.loads(line) for line in run("journal", "dump", session.out, "exit_events").splitlines()]
    event = next(m for m in caused if m["payload"]["action"] == "set_by_hand")
    assert event["cause"] == done["command_seq"] and event["payload"]["message"] == done["message"], (event, done)
    orders = [json.loads(line) for line in run("journal", "dump", session.out, "order_intents").splitlines()]
    placed = next(m for m in orders if m["cause"] == event["seq"])
    assert Decimal(placed["payload"]["trigger_price"]) == Decimal(event["payload"]["stop_after"]), placed
    chain = json.loads(run("why", "--journal", session.out, str(placed["seq"]), "--json"))["chain"]
    explained = {link["message"]["seq"]: link["depth"] for link in chain}
    assert explained[placed["seq"]] == 0 and explained[event["seq"]] == 1 and explained[event["cause"]] == 2, explained


def check_straddle(session):
    """Two entries by hand: refused with what is missing or wrong, or proposed as one group; all of it in the journal."""
    levels = ["--symbol", "ETH/USDT", "--size", "1", "--upper", "900000", "--lower", "1"]
    assert "--yes" in call(session, "straddle", *levels, status=2)
    assert "this needs" in call(session, "straddle", "--yes", *levels[:-2], status=2)
    assert "breakout or reversion" in call(session, "straddle", "--yes", *levels, "--style", "x", status=1)
    assert "at most 100" in call(session, "straddle", "--yes", "--symbol", "ETH/USDT", "--size", "101", *levels[4:], status=1)
    assert "must be above" in call(session, "straddle", "--yes", *levels[:4], "--upper", "2", "--lower", "3", status=1)
    words = ["straddle", "--yes", *levels, "--upper-stop", "890000", "--lower-stop", "1.1", "--json", "--out", session.out]
    tries = []  # What was flattened counts as being closed for a moment.
    wait_for(lambda: tries.append(subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False)) or tries[-1].returncode == 0)
    done = json.loads(tries[-1].stdout)
    assert done["command"] == "place_group" and "is proposed to risk" in done["message"], done
    groups = [json.loads(line) for line in run("journal", "dump", session.out, "entry_groups").splitlines()]
    asked = next(m for m in groups if m["cause"] == done["command_seq"])
    assert asked["payload"]["upper_stop"] == "890000" and asked["payload"]["style"] == "breakout", asked
    events = [json.loads(line) for line in run("journal", "dump", session.out, "entry_group_events").splitlines()]
    assert any(m["payload"]["group_seq"] == asked["seq"] for m in events), (asked, events)


def check_budget(session):
    """A budget by hand needs sub-accounts, which this session does not have: refused with what would help; usage is told."""
    assert "account.sub_accounts" in call(session, "budget", "reserve", "strategy", "--amount", "10", status=1)
    assert "this needs: --amount MONEY" in call(session, "budget", "reserve", "strategy", status=2)
    assert "strategy has no budget" in call(session, "budget", "release", "strategy", status=1)
    assert "no such source of trades" in call(session, "budget", "release", "nobody", status=1)
    assert "reserve|release SOURCE" in call(session, "budget", "release", status=2)
    assert "no such option: --amount" in call(session, "pause", "--amount", "1", status=2)


def check_acknowledge(session):
    """The cash of a paper session is that of its exchange, to the last digit: nothing waits for a person; usage is told."""
    said = call(session, "acknowledge", "transfer", "--amount=-1000", "--yes", status=1)
    assert "there is nothing to acknowledge" in said, said
    assert "this needs: --amount MONEY" in call(session, "acknowledge", "cost", "--yes", status=2)
    assert "transfer|cost, not gift" in call(session, "acknowledge", "gift", "--amount", "5", "--yes", status=2)
    assert "must be a sum of money" in call(session, "acknowledge", "cost", "--amount", "0", "--yes", status=1)
    account = json.loads(call(session, "status", "--json"))["account"]
    assert account["balance_difference"] == "0" and account["transfers"] == "0", account
    told = [json.loads(line) for line in run("journal", "dump", session.out, "venue_balances").splitlines()]
    assert told and told[-1]["payload"]["currency"] == "USDT", told


def check_performance(session):
    """The figures are those of the closed positions in the read model; nothing trades now."""
    closed = json.loads(call(session, "positions", "--state", "closed", "--limit", "1000", "--json"))["items"]
    results = [Decimal(p["realized_pnl"]) - Decimal(p["fees"]) for p in closed]
    answer = json.loads(call(session, "performance", "--json"))
    told, account = answer["performance"], json.loads(call(session, "status", "--json"))["account"]
    assert answer["currency"] == "USDT" and answer["last_seq"] > 0, answer
    assert told["trades"] == len(results) >= 1 and Decimal(told["net"]) == sum(results), (told, results)
    assert told["wins"] == sum(r > 0 for r in results) and told["losses"] == sum(r < 0 for r in results), (told, results)
    assert Decimal(told["equity"]) == Decimal(account["equity"]) and Decimal(told["fees"]) == Decimal(account["fees"]), (told, account)
    assert sum(s["trades"] for s in told["sources"].values()) == len(results), told
    assert told["sources"]["trading_decision"]["trades"] >= 1 and "none" not in told["sources"], told
    assert Decimal(told["max_drawdown"]["amount"]) >= Decimal(told["current_drawdown"]["amount"]) > 0, told
    assert 0 < told["exposed_pct"] < 100 and told["daily_returns"] >= 1, told
    text = call(session, "performance")
    assert f"closed trades          {len(results)}\n" in text and "largest drawdown" in text and "since 2024-" in text, text
    net = Decimal(told["net"]).quantize(Decimal("0.01"))
    assert f"net of trades          {net}\n" in text, (net, text)  # Two digits for people, all of them in --json.
    # Kept for half a minute: what came to pass meanwhile is told later.
    assert json.loads(call(session, "performance", "--json")) == answer


def check_decisions(session):
    """What was decided, and what risk said to it, is told with the reason; a proposal stands behind every fill of an entry."""
    rows = call(session, "signals", "--limit", "5").splitlines()
    assert rows[0].split()[:6] == ["signal", "time", "symbol", "by", "action", "confidence"] and rows[0].endswith("why"), rows
    said = json.loads(call(session, "signals", "--limit", "1", "--json"))["items"][0]
    assert rows[1].startswith(str(said["seq"])) and rows[1].endswith(said["reasoning"]), (rows[1], said)
    assert all(" BUY " in row for row in call(session, "signals", "--state", "BUY").splitlines()[1:])
    rows = call(session, "verdicts", "--state", "approved").splitlines()
    judged = json.loads(call(session, "verdicts", "--state", "approved", "--json"))["items"]
    assert rows[0].split()[:2] == ["verdict", "time"] and len(rows) == 1 + len(judged) >= 2, rows
    assert rows[1].split()[0] == str(judged[0]["seq"]) and " approved " in rows[1], rows
    assert "is one of" in call(session, "verdicts", "--state", "open", status=1)
    alert = json.loads(call(session, "alerts", "--limit", "1", "--json"))["items"][0]
    assert alert["message"][:150] in call(session, "alerts", "--limit", "1"), alert
    assert call(session, "conflicts") == "none\n" or "ended in" in call(session, "conflicts")


def test_lists_and_closing(session):
    wait_for(lambda: "position" in call(session, "positions"))
    text = call(session, "positions")
    assert "entry" in text.splitlines()[0] and "BTC/USDT" in text or "ETH/USDT" in text, text
    assert "cannot be right" in call(session, "close", "1;2", "--yes", status=2)
    assert "no open position" in call(session, "close", "999999999", "--yes", status=1)
    assert "no open position" in call(session, "assign", "999999999", status=1)
    assert "no order" in call(session, "cancel", "999999999", "--yes", status=1)
    check_amend(session)
    check_protect(session)
    text = call(session, "flatten", "--yes", "--reason", "end of the drill")
    assert text == "closing all symbols until flat\n", text
    assert "ETH/USDT" in call(session, "flatten", "--yes", "--symbol", "ETH/USDT")
    assert "there is no symbol 'NO/PE': instruments are" in call(session, "flatten", "--yes", "--symbol", "NO/PE", status=1)
    call(session, "pause")
    wait_for(lambda: call(session, "positions") == "none\n")
    call(session, "task", "disable", "trading_decision")  # Nothing else may open a position.
    call(session, "resume")
    check_straddle(session)
    check_budget(session)
    check_acknowledge(session)
    call(session, "pause")
    check_performance(session)
    check_decisions(session)
    text = call(session, "fills", "--limit", "3")
    assert 2 <= len(text.splitlines()) <= 4 and "realised" in text, text
    assert "order" in call(session, "orders", "--state", "filled", "--symbol", "BTC/USDT").splitlines()[0]
    assert "limit is a whole number from 1 to 1000, not '0x1'" in call(session, "orders", "--limit", "0x1", status=1)
    assert call(session, "approvals") == "none\n"
    call(session, "resume")


def test_risk_and_approvals(session):
    assert "no conflict 5 waits" in call(session, "approve", "5", status=1)
    assert "no conflict 5 waits" in call(session, "reject", "5", status=1)
    assert call(session, "reset-risk", "--yes") != ""
    assert call(session, "locks") == "none\n"


def test_portfolio(session):
    """Without targets there is nothing to balance, and the core says so."""
    assert call(session, "allocation") != ""
    json.loads(call(session, "allocation", "--json"))
    assert "--yes" in call(session, "rebalance", status=2)
    for verb in ("rebalance", "force-rebalance"):
        result = subprocess.run([TUTTI, verb, "--yes", "--out", session.out], capture_output=True, text=True, check=False)
        assert result.returncode in (0, 1) and result.stdout + result.stderr != "", result
    assert "no plan is in work" in call(session, "cancel-rebalance", status=1)


def test_dead_letters(folder):
    """A bus that cuts each chain of causes at its second message has letters enough."""
    os.makedirs(folder)
    session = Session(folder, "bus.depth_max=1", "api.limit_default=0", "api.limit_moderate=0", "api.limit_expensive=0")
    try:
        check_dead_letters(session)
    finally:
        session.process.kill()


def check_pages_of_dead_letters(session):
    """All letters that are kept, a page at a time, newest first."""
    page = json.loads(call(session, "dead", "list", "--limit", "2", "--json"))
    assert len(page["items"]) == 2 and page["count"] == 2 and page["left_out"] >= 4, page
    ids = [item["dead_id"] for item in page["items"]]
    while page["left_out"] > 0:
        page = json.loads(call(session, "dead", "list", "--before", str(ids[-1]), "--limit", "2", "--json"))
        ids += [item["dead_id"] for item in page["items"]]
        assert page["items"] or page["left_out"] == 0, page
    assert len(ids) > 5 and ids == sorted(set(ids), reverse=True), ids
    text = call(session, "dead", "list", "--limit", "1")
    assert " older ones: dead list --before with the last letter shown\n" in text, text
    assert "limit is a whole number from 1 to 64, not '65'" in call(session, "dead", "list", "--limit", "65", status=1)


def check_dead_letters(session):
    wait_for(lambda: len(json.loads(call(session, "dead", "list", "--json"))["items"]) > 5)
    listed = json.loads(call(session, "dead", "list", "--json"))
    text = call(session, "dead", "list")
    assert text.startswith("letter ") and "indicators" in text and "depth_limit" in text, text
    check_pages_of_dead_letters(session)
    letter = listed["items"][-1]
    number = str(letter["dead_id"])
    shown = call(session, "dead", "show", number)
    assert f"dead_id        {number}\n" in shown and "reason         depth_limit\n" in shown, shown
    assert "no dead letter of this id" in call(session, "dead", "show", "7", status=1)
    # Dangerous: not without --yes where nobody can be asked.
    assert "--yes" in call(session, "dead", "redrive", number, status=2)
    done = json.loads(call(session, "dead", "redrive", number, "--yes", "--reason", "try", "--json"))
    assert done["command"] == "bus_redrive" and done["subject"] == letter["dead_id"], done
    assert done["message"] == "redrive: it is delivered again" and done["reason"] == "try", done
    assert number not in {str(item["dead_id"]) for item in json.loads(call(session, "dead", "list", "--json"))["items"]}
    published = [json.loads(line) for line in run("journal", "dump", session.out, "indicators").splitlines()]
    assert len(published) == 1 and published[0]["key"] > 0, published  # All others are letters.
    error = json.loads(call(session, "dead", "redrive", number, "--yes", "--json", status=1))["error"]
    assert "it is not kept: delivered, thrown away, dropped for room, or none" in error["message"], error
    other = str(json.loads(call(session, "dead", "list", "--json"))["items"][-1]["dead_id"])
    assert call(session, "dead", "discard", other, "--yes") == "discard: it is thrown away\n"
    assert "delivered again" in call(session, "dead", "redrive", "--topic", "indicators", "--yes")
    assert "no such topic" in call(session, "dead", "discard", "--topic", "nothing", "--yes", status=1)
    assert "there is no such dead letter" in call(session, "dead", "discard", "--topic", "fills", "--yes", status=1)
    wait_for(lambda: json.loads(call(session, "dead", "list", "--json"))["items"])
    assert "thrown away" in call(session, "dead", "discard", "--all", "--yes")
    assert call(session, "quarantine", "list") == "none\n"
    text = call(session, "quarantine", "release", "risk", status=1)
    assert "no subscriber risk is in quarantine" in text, text
    for words in (["dead"], ["dead", "redrive"], ["dead", "redrive", "1", "--all"], ["dead", "list", "--all"],
                  ["dead", "discard", "--all", "--topic", "fills"], ["dead", "redrive", "a/b"], ["quarantine"],
                  ["dead", "list", "--limit", "x"], ["dead", "list", "--before", "0"], ["dead", "show", "1", "--limit", "1"],
                  ["dead", "discard", "--all", "--limit", "1"], ["quarantine", "list", "--before", "1"],
                  ["quarantine", "release"], ["quarantine", "list", "--topic", "fills"], ["dead", "show"]):
        assert "usage: tutti " + words[0] in call(session, *words, status=2), words
    # A number that was used stands in the read model: a restart does not make it new.
    first = session.command("quarantine/risk/release", {"request_id": 77}, code=404)
    session.stop()
    session.start()
    again = session.command("quarantine/risk/release", {"request_id": 77}, code=404)
    assert again["command_seq"] == first["command_seq"] and again["subscriber"] == "risk", (first, again)
    session.command("quarantine/trade/release", {"request_id": 77}, code=422)
    log = session.get("/api/v1/command_log?id=77", session.token)[2]["items"][0]
    assert log["command"] == "bus_release" and log["task"] == "risk" and log["status"] == "not_found", log
    session.stop()
    assert json.loads(run("verify", session.out, "--json"))["verified"]


def test_who_may(session):
    """A token of a lower role is told so; one that others may read is not used."""
    viewer = os.path.join(session.folder, "viewer")
    secret = run("token", "add", "eve", "viewer", "--out", session.out)
    with open(os.open(viewer, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(secret)
    wait_for(lambda: subprocess.run([TUTTI, "status", "--token-file", viewer, "--out", session.out], capture_output=True,
                                    check=False).returncode == 0)
    text = call(session, "halt", "--token-file", viewer, status=5)
    assert "needs a token with the role trader" in text, text
    url = "http://" + session.address + "/"
    assert run("status", "--url", url, "--token-file", viewer).startswith("running")
    os.chmod(viewer, 0o644)
    assert "chmod 600" in call(session, "status", "--token-file", viewer, status=5)


def test_usage(session):
    for words in (["pause", "now"], ["task", "run"], ["approve"], ["status", "x"], ["performance", "x"], ["orders", "x"], ["close", "1", "2"],
                  ["halt", "--yes", "--nothing"]):
        call(session, *words, status=2)


def test_nobody_there(folder):
    """Without a session, with one that has gone, with something else at the address."""
    text = run("status", "--out", os.path.join(folder, "nowhere"), status=9)
    assert "no session runs in" in text and "tutti run" in text, text
    os.makedirs(os.path.join(folder, "ended", "journal"))
    text = run("fills", "--out", os.path.join(folder, "ended"), status=9)
    assert "no session runs in" in text and "tutti journal dump" in text, text
    error = json.loads(run("status", "--json", "--out", os.path.join(folder, "nowhere"), status=9).strip())["error"]
    assert error["category"] == "not_found" and error["exit_code"] == 9, error
    token = os.path.join(folder, "token")
    with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write("tutti_00000000_00\n")
    text = run("halt", "--url", "http://127.0.0.1:9", "--token-file", token, status=9)
    assert "nobody answers" in text, text
    assert "this machine alone" in run("halt", "--url", "http://example.org", "--token-file", token, status=2)

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = b"<html>\x1b[2J" * 3
            self.send_response(404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = run("halt", "--url", f"http://127.0.0.1:{server.server_port}", "--token-file", token, status=9)
    assert "no session" in text and "\x1b" not in text, text
    server.shutdown()
    server.server_close()


def test_status_of_a_slow_venue(folder):
    """A venue that is never compared is told as long as it lasts, and whether its answers come, but too late."""
    account = {"balance_difference": "0", "comparisons_failed": 4, "is_venue_late": True}

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(account if self.path == "/api/v1/account" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    token = os.path.join(folder, "slow-token")
    with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write("tutti_00000000_00\n")
    server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    words = ("status", "--url", f"http://127.0.0.1:{server.server_port}", "--token-file", token)
    told = "\nthe books are not compared: the venue has told its positions "
    assert told + "later than reconciliation.timeout 4 times in a row\n" in run(*words)
    account["is_venue_late"] = False
    assert told + "not at all 4 times in a row\n" in run(*words)
    account["comparisons_failed"] = 0
    assert "not compared" not in run(*words)
    server.shutdown()
    server.server_close()


def main():
    with tempfile.TemporaryDirectory(prefix="tutti-commands-") as folder:
        session = Session(folder, "api.limit_default=0", "api.limit_moderate=0", "api.limit_expensive=0",
                          "clock.speed=600")
        try:
            test_status(session)
            test_pause_and_resume(session)
            test_halt_and_release(session)
            test_tasks(session)
            test_lists_and_closing(session)
            test_risk_and_approvals(session)
            test_portfolio(session)
            test_who_may(session)
            test_usage(session)
            session.stop()
            call(session, "status", status=9)
            run("verify", session.out)
        finally:
            session.process.kill()
        test_dead_letters(os.path.join(folder, "dead"))
        test_nobody_there(folder)
        test_status_of_a_slow_venue(folder)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
