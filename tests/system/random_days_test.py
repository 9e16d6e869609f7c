#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Days at random, judged by what they left: random_days_test.py TUTTI [--seed N] [--count N] [--keep FOLDER].

Each seed is a scenario: a configuration at random, often at its edges (ticks and lots from tiny to coarse, an account of a few
units or of millions, leverage, hedging, sub-accounts, ladders, funding, fees that are rebates), signals, groups, amends and commands
of people, faults of the exchange, trades of others, liquidations, and restarts at any moment, each compared to the byte. Some days
have a portfolio with targets, transfers that the exchange tells of, late, or never, and arbiters that are language models and settle
conflicts, or fail to. Then the exchange is calm for a while. What must hold, whatever came before, is in `Judge` and `check_end`:

 - a client order id stands for one intent, an execution is booked once, and never more than was executed;
 - balance = initial + transfers + realised - fees at every update, and positions are the sum of their fills;
 - once it is calm the transfers are those that were made, each booked once, whoever told of it;
 - each conflict that arbiters were asked about has one decision;
 - nothing that reduces was sent to open; no entry was sent while entries were halted;
 - once it is calm no order is unknown, books and exchange agree, each managed position with a stop has just that quantity
   working as stops at the exchange, and what does not reduce anything any more does not work;
 - a flatten leaves nothing.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from decimal import Decimal

TUTTI = sys.argv[1]
PATIENCE = 120
LARGEST = Decimal(9000000000)
TOTALS = {}  # What the days had in them.
LIVE = {"new", "pending", "submitted", "partially_filled", "unknown"}


def number(value):
    return format(Decimal(value).normalize(), "f")


def flow(value):
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number(str(value))
    return json.dumps(value) if value != "" else ""


class Market:
    """One instrument and where its price stands."""

    def __init__(self, rng, symbol):
        self.symbol = symbol
        self.rng = rng
        digits = rng.choice([-6, -3, 0, 0, 2, 4, 5])
        self.price = Decimal(rng.randint(100000, 999999)).scaleb(digits - 5)
        self.tick = max(self.price.scaleb(-rng.choice([2, 3, 4, 4, 6])).quantize(Decimal(1).scaleb(-9)), Decimal("0.000000001"))
        self.tick = Decimal(1).scaleb(self.tick.adjusted())
        self.lot = Decimal(1).scaleb(max(-8, min(9, rng.choice([-2, -4, -6, -8, 0]) - digits)))
        self.price = self.on_tick(self.price)

    def on_tick(self, price):
        return max((price / self.tick).to_integral_value() * self.tick, self.tick)

    def some(self, lots):
        return min(self.lot * self.rng.randint(1, lots), LARGEST)

    def at(self, share):
        """A price so many percent from the last one."""
        return self.on_tick(self.price * (1 + Decimal(str(share)) / 100))

    def config(self):
        rng = self.rng
        return {
            "symbol": self.symbol, "price_increment": self.tick, "qty_increment": self.lot,
            "min_qty": self.lot * rng.choice([1, 1, 1, 10, 1000]), "min_notional": rng.choice([0, 0, 1, 10]),
            "max_leverage": rng.choice([1, 5, 10, 1000]),
            "maker_fee_rate": rng.choice([0, 0.0002, -0.0001, 0.01]), "taker_fee_rate": rng.choice([0, 0.0005, 0.0005, 0.05]),
            "maintenance_margin_rate": rng.choice([0, 0.005, 0.1]),
        }

    def move(self):
        """A bar from here to another price."""
        rng = self.rng
        before = self.price
        jump = rng.choice([0, 0.05, 0.05, 0.1, 0.1, 0.3, 1, 5]) * rng.uniform(-1, 1)
        self.price = self.at(jump)
        spread = abs(self.on_tick(self.price * Decimal(str(rng.choice([0, 0.001, 0.02])))))
        high, low = max(before, self.price) + spread, max(min(before, self.price) - spread, self.tick)
        return {"symbol": self.symbol, "open": before, "high": high, "low": low, "close": self.price, "volume": 10}


class Day:
    """The scenario of one seed."""

    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.has_quotes = rng.random() < 0.3
        self.markets = [Market(rng, symbol) for symbol in ["AA/USDT", "BB/USDT"][:rng.randint(1, 2)]]
        self.is_hedging = rng.random() < 0.4
        self.steps = []
        self.config = self.make_config()
        # Drawn apart, so that a day without them is the one that its seed has always had.
        self.more = random.Random(f"{seed}, more")
        self.has_portfolio = self.more.random() < 0.35 and not self.is_hedging
        self.has_arbiters = self.more.random() < 0.35
        self.has_transfers = self.more.random() < 0.5
        self.paid = Decimal(0)
        self.add_more_config()

    def make_config(self):
        rng = self.rng
        off = {"enabled": False}
        exits = {}
        for name, values in {"trailing_stop": [True, False], "break_even": [True, False], "time_limit": [0, 0, 0, 600],
                             "max_hold": [0, 0, 0, 3600], "trailing_activation_pct": [0, 1], "stop_limit_pct": [0, 0, 1],
                             "stop_guard_delay": [0, 10], "trailing_step_pct": [0, 0.1]}.items():
            exits[name] = rng.choice(values)
        if rng.random() < 0.4:
            exits["ladder"] = {"enabled": True}
        return {
            "run": {"id": "s"},
            "instruments": [market.config() for market in self.markets],
            "account": {"initial_balance": rng.choice([0.5, 20, 10000, 10000, 10000, 1000000000]),
                        "position_mode": "hedging" if self.is_hedging else "netting",
                        "sub_accounts": rng.random() < 0.3, "mark_interval": rng.choice([0, 1, 60])},
            "coordinator": {"schedules": {name: off for name in ["ta_analysis", "regime_detection", "sentiment_analysis",
                                                                   "trading_decision", "portfolio_check"]}},
            "risk": {"max_position_pct": rng.choice([20, 100, 1000]), "max_total_exposure_pct": rng.choice([80, 1000]),
                     "max_risk_per_trade_pct": 100, "max_leverage": rng.choice([1, 5, 10]), "min_reward_risk": 0,
                     "min_stop_pct": 0, "max_stop_pct": 100, "require_stop_loss": rng.random() < 0.7,
                     "breakers": {"daily_loss_pct": rng.choice([5, 100]), "weekly_loss_pct": 100,
                                  "max_drawdown_pct": rng.choice([20, 100])},
                     "correlation": {"window": 0, "max_exposure_pct": 10000},
                     "cooldowns": {name: 0 for name in ["post_trade", "post_loss", "consecutive_losses_3", "consecutive_losses_5",
                                                          "volatility_spike", "unusual_movement"]}},
            "exits": exits,
            "orders": {"ack_timeout": rng.choice([6, 15]), "query_interval": rng.choice([0.5, 5]),
                       "status_interval": rng.choice([60, 600]), "entry_tif": rng.choice(["gtc", "gtc", "post_only", "ioc"]),
                       "requests_per_minute": rng.choice([0, 0, 600]), "orders_per_minute": rng.choice([0, 0, 600])},
            "reconciliation": {"interval": rng.choice([10, 60]), "in_backtests": True},
            "venue": {"order_latency": rng.choice([0, 0.1, 2]), "report_latency": rng.choice([0, 0.1, 2]),
                      "latency_jitter": rng.choice([0, 0.5]), "half_spread_bps": rng.choice([0, 1, 50]),
                      "slippage_bps": rng.choice([0, 5]), "partial_fill_probability": rng.choice([0, 0.5, 1]),
                      "reject_probability": rng.choice([0, 0, 0.2]), "funding_rate": rng.choice([0, 0.0001, -0.001]),
                      "funding_interval": rng.choice([600, 3600])},
        }

    def add_more_config(self):
        more, config = self.more, self.config
        if self.has_portfolio:
            each = more.choice([5, 20, 30])
            config["portfolio"] = {
                "cash_target_pct": 100 - each * len(self.markets),
                "targets": [{"symbol": market.symbol, "target_pct": each} for market in self.markets],
                "strategy": more.choice(["immediate", "dca_24h", "limit_orders"]), "dca_batches": more.choice([2, 6]),
                "dca_interval": more.choice([10, 300]), "min_interval": more.choice([0, 600]), "retry_delay": 10,
            }
        if self.has_arbiters:
            names = ["first", "second"][:more.randint(1, 2)]
            config["coordinator"]["arbiters"] = [{"provider": name, "timeout": 4, "call_budget": 0.1, "day_budget": 0.5}
                                                 for name in names] + [{"provider": "rules"}] * more.randint(0, 1)
            config["coordinator"]["arbitration"] = {"time_limit": 10, "approval_time": 60}
            config["coordinator"]["conflicts"] = {"regime_change": more.choice([True, False]),
                                                  "risk_modification": more.choice([True, False])}
            config["coordinator"]["degradation"] = {"step_failures": 100, "max_failures": 300}
            config["llm"] = {"providers": [{"name": name, "url": "http://127.0.0.1:9/", "model": "m", "input_price": 1, "output_price": 1}
                                           for name in names], "prompts": {"arbiter": "none"}}

    def add(self, kind, value=""):
        self.steps.append((kind, value))

    def show(self, market):
        """The market goes on: a bar, or quotes and trades on the way that the bar would have had."""
        bar = market.move()
        if not self.has_quotes:
            self.add("bar", bar)
            return
        for price in [bar["low"], bar["high"], bar["close"]]:
            half = max(market.tick, market.on_tick(price * Decimal("0.0002")))
            sizes = {"bid_qty": market.some(1000000), "ask_qty": market.some(1000000)}
            self.add("quote", {"symbol": market.symbol, "bid": max(price - half, market.tick), "ask": price + half, **sizes})
            self.add("trade", {"symbol": market.symbol, "price": price, "qty": market.some(1000000),
                               "aggressor": self.rng.choice(["buy", "sell"])})
            self.add("advance", 1)

    def bars(self, count=1):
        for _ in range(count):
            for market in self.markets:
                self.show(market)

    def stand_still(self):
        """Half an hour without a move, with enough of everything on offer."""
        for _ in range(30):
            for market in self.markets:
                price, much = market.price, LARGEST
                if self.has_quotes:
                    self.add("quote", {"symbol": market.symbol, "bid": max(price - market.tick, market.tick), "bid_qty": much,
                                       "ask": price + market.tick, "ask_qty": much})
                    self.add("trade", {"symbol": market.symbol, "price": price, "qty": market.lot, "aggressor": "buy"})
                    self.add("advance", 60)
                else:
                    self.add("bar", {"symbol": market.symbol, "open": price, "high": price, "low": price, "close": price,
                                     "volume": 10})

    def decide(self, stops=(0.2, 1, 4, 20)):
        rng = self.rng
        market = rng.choice(self.markets)
        action = rng.choice(["BUY", "SELL", "BUY", "SELL", "CLOSE_LONG", "CLOSE_SHORT"] if stops[0] < 1 else ["BUY", "BUY", "SELL"])
        sign = 1 if action == "BUY" else -1
        payload = {"action": action, "confidence": 0.9, "leverage": 1}
        if action in ("BUY", "SELL"):
            stop = rng.choice(stops)
            payload.update(stop_loss=market.at(-sign * stop), take_profit=market.at(sign * rng.choice([0.5, 2, 30, 30])),
                           position_size_pct=rng.choice([1, 10, 50, 100]), leverage=rng.choice([1, 1, 3, 10]))
            if rng.random() < 0.4:
                payload["entry_price"] = market.at(-sign * rng.choice([0, 0.1, 1]))
        self.add("command", {"command": "force_run", "task": "trading_decision", "symbol": market.symbol})
        self.add("answer", {"agent": "trading_decision", "symbol": market.symbol, "payload": payload})

    def group(self):
        rng = self.rng
        market = rng.choice(self.markets)
        self.add("input", {"topic": "entry_groups", "symbol": market.symbol, "payload": {
            "size_pct": rng.choice([1, 10, 50]), "confidence": 0.9, "leverage": 1, "style": rng.choice(["breakout", "reversion"]),
            "upper_entry": market.at(1), "upper_stop": market.at(rng.choice([-1, 2])), "upper_target": market.at(rng.choice([4, -4])),
            "lower_entry": market.at(-1), "lower_stop": market.at(rng.choice([1, -2])), "lower_target": market.at(rng.choice([4, -4]))}})

    def person(self):
        rng = self.rng
        market = rng.choice(self.markets)
        what = rng.choice(["pause", "resume", "resume", "resume", "cancel_order", "amend_order", "amend_order", "close_position",
                           "reset_risk", "flatten", "halt", "release", "release"])
        command = {"command": what, "actor": "anna", "reason": "at random"}
        if what == "amend_order":
            command.update({"price": market.at(rng.uniform(-2, 2)), "qty": market.some(1000)})
        if what == "close_position":
            command["symbol"] = market.symbol
        self.add("command", command)

    def fault(self):
        name = self.rng.choice(["reject_next", "drop_next_ack", "drop_next_report", "drop_next_fill", "lose_next_order",
                                "lose_next_cancel", "lose_next_amend", "reject_next_amend", "drop_next_funding",
                                "duplicate_next_report", "delay_next_report", "disconnect", "connect", "connect"])
        # A delay waits for the next report, also through the calm, where a late comparison is none.
        for _ in range(1 if name == "delay_next_report" else self.rng.choice([1, 1, 3])):
            self.add("fault", name)

    def others(self):
        rng = self.rng
        market = rng.choice(self.markets)
        trade = {"symbol": market.symbol, "side": rng.choice(["buy", "sell"]), "qty": market.some(50),
                 "price": market.price, "kind": rng.choice(["trade", "liquidation", "adl"])}
        if self.is_hedging:
            trade["position_side"] = trade["side"]  # What it closes would have to be known.
        self.add("external", trade)

    def regime(self, market, regime):
        self.add("command", {"command": "force_run", "task": "regime_detection", "symbol": market.symbol})
        self.add("answer", {"agent": "regime_detection", "symbol": market.symbol, "payload": {
            "regime": regime, "confidence": 0.9, "position_size_multiplier": 1, "stop_loss_multiplier": 1,
            "take_profit_multiplier": 1, "max_leverage": 5}})

    def arbitrate(self):
        """The market turns, somebody wants to trade, and an arbiter answers, or does not."""
        more = self.more
        market = more.choice(self.markets)
        if more.random() < 0.5:
            self.regime(market, more.choice(["choppy", "trending_bull", "trending_bear", "volatile_bear", "ranging"]))
        self.decide()
        for _ in range(more.choice([0, 1, 1, 2])):
            answer = {"agent": "arbiter", "symbol": market.symbol, "cost": Decimal(more.choice(["0", "0.01", "0.3"]))}
            if more.random() < 0.3:
                answer["status"] = more.choice(["timeout", "no_opinion"])
            else:
                action = more.choice(["proceed", "modify", "wait"])
                answer["payload"] = {"action": action, "confidence": 0.9, "reasoning": "at random"}
                if action == "modify":
                    answer["payload"].update(size_reduction_pct=more.choice([10, 50, 100]), leverage=more.choice([1, 3]))
            self.add("answer", answer)

    def rebalance(self):
        more = self.more
        what = more.choice(["rebalance", "rebalance", "force_rebalance", "cancel_rebalance", "check"])
        if what != "check":
            self.add("command", {"command": what, "actor": "anna"})
            return
        self.add("command", {"command": "force_run", "task": "portfolio_check"})
        self.add("answer", {"agent": "portfolio_rebalance",
                            "payload": {"action": more.choice(["rebalance", "no_action"]), "confidence": 1}})

    def pay(self, shares=("0.1", "0.3", "1", "-0.02", "-0.1"), is_told=True):
        """Money comes or goes; the exchange tells of it (which may get lost), or its balance alone shows it."""
        amount = Decimal(str(self.config["account"]["initial_balance"])) * Decimal(self.more.choice(shares))
        self.paid += amount
        self.add("transfer", {"amount": amount, "told": is_told})
        return amount

    def play(self, length):
        rng = self.rng
        self.add("bars", [{"symbol": market.symbol, "count": 60, "from": market.price, "step": 0, "range": market.tick * 2, "volume": 10}
                          for market in self.markets])
        for market in self.markets:  # From now on there is a call that can be answered, be it too late.
            self.add("command", {"command": "force_run", "task": "trading_decision", "symbol": market.symbol})
            self.add("answer", {"agent": "trading_decision", "symbol": market.symbol,
                                "payload": {"action": "HOLD", "confidence": 0.9, "leverage": 1}})
        for market in self.markets if self.has_arbiters else []:  # Likewise.
            self.regime(market, "choppy")
            self.add("command", {"command": "force_run", "task": "trading_decision", "symbol": market.symbol})
            self.add("answer", {"agent": "trading_decision", "symbol": market.symbol, "payload": {
                "action": "BUY", "confidence": 1, "leverage": 3, "stop_loss": market.at(-1), "take_profit": market.at(3),
                "position_size_pct": 10}})
            self.add("answer", {"agent": "arbiter", "symbol": market.symbol, "payload": {"action": "wait", "confidence": 0.9}})
        ways = [self.decide] * 8 + [self.fault] * 5 + [self.bars] * 8 + [self.person] * 2 + [self.group] + \
               [lambda: self.add("advance", rng.choice([0.05, 0.3, 1, 6, 40]))] * 8 + [lambda: self.add("restart")] * 2
        has_others = rng.random() < 0.3
        ways += [self.others] if has_others else []
        ways += [self.rebalance] * 3 if self.has_portfolio else []
        ways += [self.arbitrate] * 4 if self.has_arbiters else []
        self.has_transfers = self.has_transfers and not has_others  # Else nobody could say what is missing.
        ways += [self.pay] * 2 if self.has_transfers else []
        for _ in range(length):
            rng.choice(ways)()
        # Calm: faults that still wait for their moment are used up.
        self.add("fault", "connect")
        self.add("restart")
        for what in ["reset_risk", "release", "resume"]:
            self.add("command", {"command": what, "actor": "calm", "reason": "calm"})
        for _ in range(rng.choice([0, 3, 6])):  # Something to hold while it is calm.
            self.decide([4, 20])
            self.bars()
            self.add("advance", 20)
        if self.has_portfolio:
            self.add("command", {"command": "cancel_rebalance", "actor": "calm"})
        amount = self.pay(["0.3", "-0.1"], is_told=False) if self.has_transfers else 0
        self.stand_still()
        if amount != 0:
            self.add("command", {"command": "acknowledge_transfer", "amount": amount, "actor": "calm"})
        self.add("command", {"command": "pause", "actor": "calm"})
        self.add("advance", 1300)

    def flatten(self):
        self.add("command", {"command": "flatten", "actor": "end"})
        self.stand_still()
        self.add("advance", 3600)

    def text(self):
        lines = ["name: a day at random", "agents: script", "config: " + flow(self.config), "steps:"]
        return "\n".join(lines + [f"  - {kind}: {flow(value)}" for kind, value in self.steps]) + "\n"


class Judge:
    """Reads the transcript of a day and fails at the first message that cannot be right."""

    def __init__(self, day):
        self.config = config = day.config
        self.paid = day.paid if day.has_transfers else None
        self.holds_entries = False
        self.transfers = set()
        self.cases = set()
        self.opened = set()
        self.orders = {}
        self.clients = set()
        self.executed = {}
        self.booked = {}
        self.positions = {}
        self.account = None
        self.venue = {}
        self.mode = config["account"]["position_mode"]
        self.flat_at = None

    def count(self, what):
        TOTALS[what] = TOTALS.get(what, 0) + 1

    def read(self, message):
        handler = getattr(self, "on_" + message["topic"], None)
        if handler is not None:
            handler(message, message["payload"])

    def on_order_intents(self, message, p):
        assert p["client_order_id"] not in self.clients, f"one id, two intents: {message}"
        self.clients.add(p["client_order_id"])
        self.orders[p["order_id"]] = {**p, "symbol": message["symbol"], "state": "new"}
        assert p["role"] in ("entry", "rebalance") or p["reduce_only"], f"an exit that may open: {message}"
        if p["role"] == "entry":
            key = (message["symbol"])
            unknown = [o for o in self.orders.values() if o["symbol"] == key and o["state"] == "unknown"]
            assert not unknown, f"an entry beside an unknown order: {message}"

    def on_execution_events(self, message, p):
        order = self.orders[p["order_id"]]
        order["state"] = p["new_state"]
        self.count(p["event"])
        order["qty_now"] = p["qty"]
        order["filled"] = p["filled_qty"]

    def on_venue_reports(self, message, p):
        if p["kind"] == "fill" and p["order_id"] in self.orders:
            self.executed[(p["order_id"], p["exec_id"])] = Decimal(p["qty"])

    def on_fills(self, message, p):
        self.count("fill, " + p["role"] + ", " + p["effect"])
        if p["order_id"] in self.orders:
            key = (p["order_id"], p["exec_id"])
            self.booked[key] = self.booked.get(key, Decimal(0)) + Decimal(p["qty"])
            assert self.booked[key] <= self.executed[key], f"booked more than was executed: {message}"

    def on_position_updates(self, message, p):
        self.positions[(message["symbol"], p["position_side"])] = p

    def on_account_updates(self, message, p):
        balance = Decimal(p["initial"]) + Decimal(p["transfers"]) + Decimal(p["realized_pnl"]) - Decimal(p["fees"])
        assert balance == Decimal(p["balance"]), message
        assert Decimal(p["equity"]) == balance + Decimal(p["unrealized_pnl"]), message
        assert Decimal(p["pending_exposure"]) >= 0, message
        self.account = p

    def on_venue_positions(self, message, p):
        self.venue[(message["symbol"], p["position_side"])] = Decimal(p["qty"])

    def on_risk_alerts(self, _, p):
        self.count("alert, " + p["alert_type"])

    def on_exit_events(self, _, p):
        self.count("exit, " + p["action"] + ", " + p["reason"])

    def on_session_events(self, _, p):
        self.count("session, " + p["event"])

    def on_reconciliations(self, _, p):
        self.count("reconciliation, " + p["stage"])

    def on_waiting_fills(self, _, p):
        self.count("waiting, " + p["event"])

    def on_cash_bookings(self, message, p):
        self.count("cash, " + p["kind"] + (", acknowledged" if p["is_acknowledged"] else ""))
        if p["transfer_id"] != 0:
            assert p["transfer_id"] not in self.transfers, f"one transfer, two bookings: {message}"
            self.transfers.add(p["transfer_id"])

    def on_balance_reconciliations(self, _, p):
        self.count("cash, " + p["stage"])
        self.holds_entries = p["blocks_entries"]

    def on_rebalance_plans(self, _, p):
        self.count("plan, " + p["outcome"])

    def on_conflict_cases(self, message, p):
        self.count("case, " + p["stage"])
        if p["stage"] == "opened":
            self.opened.add(message["seq"])

    def on_conflict_decisions(self, message, p):
        self.count("conflict, " + p["action"])
        if p["case_seq"] != 0:
            assert p["case_seq"] not in self.cases, f"one case, two decisions: {message}"
            self.cases.add(p["case_seq"])
            assert p["case_seq"] in self.opened, message

    def on_funding(self, *_):
        self.count("funding")

    def on_command_replies(self, _, p):
        self.count("command, " + p["command"] + ", " + p["status"])

    def on_risk_verdicts(self, _, p):
        self.count("verdict, " + p["status"] + " " + p["code"])

    def live(self, symbol, side, role=None):
        return [o for o in self.orders.values() if o["symbol"] == symbol and o["state"] in LIVE and o["position_side"] == side and
                (role is None or o["role"] == role)]

    def check_calm(self):
        """After the calm, before the flatten."""
        if self.paid is not None:
            assert Decimal(self.account["transfers"]) == self.paid, f"{self.paid} was paid in: {self.account}"
            assert not self.holds_entries, "the cash is not that of the exchange"
        assert self.opened == self.cases, f"cases without a decision: {self.opened - self.cases}"
        assert self.account["unknown_orders"] == 0, [o for o in self.orders.values() if o["state"] == "unknown"]
        for (symbol, side), p in self.positions.items():
            held = Decimal(p["qty"])
            assert self.venue.get((symbol, side), held) == held, (symbol, side, held, self.venue)
            exits = [o for o in self.live(symbol, side) if o["role"] != "entry"]
            if held == 0:
                assert not exits, exits
                continue
            wrong = [o for o in exits if (o["side"] == "buy") == (held > 0)]
            assert not wrong, (held, wrong)
            if not p["is_external"] and Decimal(p["stop_loss"]) > 0:
                self.count("calm, a position with a stop" + (" that was larger" if Decimal(p["max_qty"]) > abs(held) else ""))
                stops = sum(Decimal(o["qty"]) - Decimal(o.get("filled", 0)) for o in exits if o["role"] == "stop_loss")
                is_closing = any(o["role"] in ("close", "reduce") for o in exits)  # Then one that covers it stays as it is.
                assert stops == abs(held) or (is_closing and stops > abs(held)), \
                    f"{symbol} {side} holds {held} and {stops} works as stops: {p} {exits}"

    def check_end(self):
        """After the flatten."""
        assert self.account["unknown_orders"] == 0, [o for o in self.orders.values() if o["state"] == "unknown"]
        for (symbol, side), p in self.positions.items():
            held = Decimal(p["qty"])
            assert held == 0, f"{symbol} {side} still holds {held}: {p}"
            assert self.venue.get((symbol, side), Decimal(0)) == 0, (symbol, side, self.venue)
        live = [o for o in self.orders.values() if o["state"] in LIVE]
        assert not live, live
        assert self.account["open_orders"] == 0 and Decimal(self.account["pending_exposure"]) == 0, self.account


def run_day(seed, folder):
    """None, or what was wrong."""
    day = Day(seed)
    day.play(day.rng.choice([20, 60, 150]))
    day.add("command", {"command": "resume", "actor": "marker"})
    day.flatten()
    path = os.path.join(folder, f"day{seed}.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(day.text())
    try:
        result = subprocess.run([TUTTI, "scenario", path], capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"it has not ended after {PATIENCE} s"
    if result.returncode != 0:
        return f"exit {result.returncode}: {result.stderr[-500:]}"
    judge = Judge(day)
    try:
        for line in result.stdout.splitlines():
            if not line.startswith("{"):
                continue
            message = json.loads(line)
            if message["topic"] == "coordinator_commands" and message["payload"]["actor"] == "marker":
                judge.check_calm()
            judge.read(message)
        judge.check_end()
    except AssertionError as wrong:
        return str(wrong)[:1500]
    os.remove(path)
    return None


def main():
    words = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    first, count = int(words.get("--seed", 1)), int(words.get("--count", 60))
    bad = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = words.get("--keep", temporary)
        for seed in range(first, first + count):
            wrong = run_day(seed, folder)
            if wrong is not None:
                bad += 1
                print(f"seed {seed}: {wrong}", flush=True)
    if "--totals" in words:
        for what in sorted(TOTALS):
            print(f"{TOTALS[what]:8} {what}")
    print(f"random days: seeds {first} to {first + count - 1}, {bad} wrong")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
