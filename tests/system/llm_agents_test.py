#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Language models in the place of all five agents: llm_agents_test.py TUTTI DATA_FOLDER, in the source folder.

With the prompts of examples/prompts and either protocol: what the model says is what the coordinator hears, to the digit; trades come
of it; the run comes out again from its record. What a model must not say is refused as a whole, whoever it speaks for: nothing is
clamped, guessed from words, or put in order. Skips (exit 77) where the data is absent.

Covers: llm/llm_answer.c llm/llm_ensemble.c examples/prompts
"""
import json
import os
import re
import shutil
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import llm_server  # noqa: E402
import llm_test  # noqa: E402
from llm_test import DATA, dump, run  # noqa: E402

BARS = 420
AGENTS = ["technical_analysis", "regime_detection", "sentiment_analysis", "trading_decision", "portfolio_rebalance"]
TOPICS = dict(zip(AGENTS, ["ta_signals", "regime_updates", "sentiment_updates", "trading_signals", "portfolio_updates"]))
# How the system prompt of each begins.
STARTS = dict(zip(AGENTS, ["You are a technical analyst", "You classify the market", "You judge the mood", "You decide on trades",
                           "You watch over"]))
SAID = {
    "technical_analysis": {"trend_direction": "bullish", "trend_strength": 0.61, "momentum_score": -0.25, "bias": "long",
                           "confidence": 0.72, "support": None, "reasoning": "it rises"},
    "regime_detection": {"regime": "trending_bull", "confidence": 0.81, "volatility": "high", "trend_strength": 0.5,
                         "volume_profile": "spike", "position_size_multiplier": 0.75, "stop_loss_multiplier": 1.25,
                         "take_profit_multiplier": 2.5, "entry_strictness": "strict", "reasoning": "a strong trend"},
    "sentiment_analysis": {"bias": "bullish", "score": 0.35, "confidence": 0.66, "social_score": 0.4, "news_score": 0.3,
                           "fear_greed": None, "key_event": "halving", "reasoning": "people are glad"},
    "trading_decision": {"action": "BUY", "confidence": 0.9, "entry_price": None, "position_size_pct": 5, "leverage": 2,
                         "reasoning": "all signs agree"},
    "portfolio_rebalance": {"action": "no_action", "confidence": 0.7, "reasoning": "all is in place"},
}


def agent_of(body):
    system = body["system"] if "system" in body else body["messages"][0]["content"]
    return next(agent for agent, start in STARTS.items() if system.startswith(start))


def user_of(body):
    return body["messages"][-1]["content"]


def say(body, change=None):
    """The answer of the model: what SAID says, with prices around the close that it was shown; `change` may spoil it."""
    agent = agent_of(body)
    answer = dict(SAID[agent])
    if agent == "trading_decision":
        close = Decimal(re.search(r'"close":"([0-9.]+)"', user_of(body)).group(1))
        answer["stop_loss"] = float((close * Decimal("0.98")).quantize(Decimal("1")))
        answer["take_profit"] = float((close * Decimal("1.05")).quantize(Decimal("1")))
    if change is not None and change[0] == agent:
        return change[1](answer) if callable(change[1]) else json.dumps(dict(answer, **change[1]))
    return json.dumps(answer)


# What each of the voters says, by the name of its model; the last one cannot be read.
VOTES = {"m0": {"confidence": 0.7}, "m1": {"confidence": 0.8, "position_size_pct": 2, "leverage": 1}, "m2": {"confidence": 0.9},
         "m3": {"confidence": 0.8}, "m4": {"action": "SELL"}, "m5": {"confidence": "high"}}


def say_vote(body):
    """The trading decision of one of several models: all but one want to buy, and one of those cannot be read."""
    if body["model"] not in VOTES or agent_of(body) != "trading_decision":
        return say(body)
    answer = dict(json.loads(say(body)), **VOTES[body["model"]])
    if answer["action"] == "SELL":
        answer["stop_loss"], answer["take_profit"] = answer["take_profit"], answer["stop_loss"]
    return json.dumps(answer)


def add_models(path, prefix, models, agent, section, more=lambda text: text):
    """Puts several providers, copies of the one that is there, in its place for an agent; `section` names them."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    row = re.search(r"^    - name: local\n(      .*\n)+", text, re.MULTILINE).group(0)
    rows = [row] + [re.sub(r"model: .*", f"model: {m}", row.replace("name: local", f"name: {prefix}-{m}")) for m in models]
    text = more(text.replace(row, "".join(rows)).replace(f"{agent}: local, ", ""))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("  agents: {", f"  {section}\n  agents: {{"))


def add_voters(path):
    """Six voters for the trading decision."""
    voters = ", ".join(f"{{provider: voter-{m}}}" for m in VOTES)
    add_models(path, "voter", VOTES, "trading_decision", f"voters: [{voters}]")


# What the two parts of sentiment say, by the name of their model.
MOODS = {"social": {"bias": "bearish", "score": 0.5, "confidence": 0.9}, "news": {"bias": "bearish", "score": 0.8, "confidence": 0.5}}


def say_mood(body):
    """A part of sentiment; the others say what they always do."""
    if body["model"] not in MOODS:
        return say(body)
    return json.dumps(dict({"key_event": body["model"], "reasoning": "so"}, **MOODS[body["model"]]))


def add_moods(path):
    """Two parts of sentiment, each with its prompt."""
    prompts = "".join(f"    sentiment_{m}: examples/prompts/sentiment_{m}.txt\n" for m in MOODS)
    add_models(path, "mood", MOODS, "sentiment_analysis", "sentiment: {social: mood-social, news: mood-news}",
               lambda text: text.replace("  prompts:\n", "  prompts:\n" + prompts))


def write_config(folder, url, protocol):
    path = os.path.join(folder, "agents.yaml")
    with open("examples/llm_arbiter.yaml", encoding="utf-8") as file:
        text = file.read()
    provider = re.search(r"^llm:\n.*?(?=^  prompts:)", text, re.MULTILINE | re.DOTALL).group(0)
    provider = provider.replace("http://127.0.0.1:8080/v1/chat/completions", url).replace("protocol: openai", f"protocol: {protocol}")
    instruments = re.search(r"^run:.*?(?=^agents:)", text, re.MULTILINE | re.DOTALL).group(0)
    with open(path, "w", encoding="utf-8") as file:
        file.write(instruments + "coordinator:\n  schedules:\n    ta_analysis: {interval: 600}\n"
                   "    regime_detection: {interval: 1200}\n    sentiment_analysis: {enabled: true, interval: 3600}\n"
                   "    trading_decision: {interval: 3600}\n    portfolio_check: {interval: 3600}\n" + provider +
                   "  breaker_failures: 1000\n  agents: {" + ", ".join(f"{agent}: local" for agent in AGENTS) + "}\n  prompts:\n" +
                   "".join(f"    {agent}: examples/prompts/{agent}.txt\n" for agent in AGENTS))
    return path


def backtest(folder, name, protocol, answer, data, change=lambda _: None):
    server = llm_server.Server("answer", answer=answer)
    out = os.path.join(folder, name)
    try:
        config = write_config(folder, server.url, protocol)
        change(config)
        return json.loads(run("backtest", config, "--data", data, "--out", out, "--quiet", "--json")), out, server.requests
    finally:
        server.close()


def is_same(said, heard):
    """A value of the answer against a field of the message; decimals are texts there."""
    if said is None:
        return heard in ("0", None, "")
    if isinstance(said, str) or isinstance(heard, int):
        return said == heard
    return Decimal(str(said)) == Decimal(heard)


def check_heard(out, requests):
    by_agent = {agent: [body for _, body, _ in requests if agent_of(body) == agent] for agent in AGENTS}
    for agent, topic in TOPICS.items():
        heard = [m["payload"] for m in dump(out, topic)]
        assert heard and len(heard) == len(by_agent[agent]), (agent, len(heard), len(by_agent[agent]))
        for payload, body in zip(heard, by_agent[agent]):
            for name, value in json.loads(say(body)).items():
                assert is_same(value, payload[name]), (agent, name, value, payload[name])
        assert "{{" not in user_of(by_agent[agent][0]), "a placeholder was not filled in"
    signal = dump(out, "trading_signals")[0]["payload"]
    assert [vote["model"] for vote in signal["votes"]] == ["local-model"] and signal["agreement"] == "1", signal
    text = user_of(by_agent["trading_decision"][0])
    assert '"bias":"long"' in text and '"regime":"trending_bull"' in text and '"score":"0.35"' in text, text[:2000]
    assert user_of(by_agent["portfolio_rebalance"][-1]).count("BTC/USDT") == 1


def check_good(folder, data, protocol):
    report, out, requests = backtest(folder, protocol, protocol, say, data)
    check_heard(out, requests)
    assert report["fills"] > 0 and report["dead_letters"] == 0, report
    again = run("backtest", os.path.join(folder, "agents.yaml"), "--data", data, "--out", os.path.join(folder, "again"), "--quiet",
                "--json", "--llm-record", os.path.join(out, "llm"))
    assert json.loads(again)["digest"] == report["digest"], "the run from the record is another one"
    assert json.loads(run("verify", out, "--json"))["verified"]


def check_voters(folder, data):
    """Six models are asked at once: four of the five that can be read agree; the run comes out again from its record."""
    report, out, requests = backtest(folder, "voters", "openai", say_vote, data, add_voters)
    asked = [body["model"] for _, body, _ in requests if agent_of(body) == "trading_decision"]
    signals = [m["payload"] for m in dump(out, "trading_signals")]
    assert signals and sorted(asked) == sorted(list(VOTES) * len(signals)), (len(signals), len(asked))
    for signal in signals:
        assert [vote["model"] for vote in signal["votes"]] == [f"voter-m{i}" for i in range(5)], signal
        # Mean of 0.7, 0.8, 0.9, 0.8, and 0.05 for four of five.
        assert (signal["action"], signal["confidence"], signal["agreement"]) == ("BUY", "0.85", "0.8"), signal
        assert (signal["position_size_pct"], signal["leverage"], signal["valid_votes"]) == ("5", 1, 5), signal
        assert signal["reasoning"].endswith("; no answer: voter-m5"), signal
    assert report["fills"] > 0 and report["dead_letters"] == 0, report
    shutil.rmtree(os.path.join(folder, "again"), ignore_errors=True)
    again = run("backtest", os.path.join(folder, "agents.yaml"), "--data", data, "--out", os.path.join(folder, "again"), "--quiet",
                "--json", "--llm-record", os.path.join(out, "llm"))
    assert json.loads(again)["digest"] == report["digest"], "the run from the record is another one"
    assert json.loads(run("verify", out, "--json"))["verified"]
    decided = next(m for m in dump(out, "agent_answers") if m["source"] == "trading_decision")
    with open(os.path.join(out, "llm", decided["payload"]["record"] + ".json"), encoding="utf-8") as file:
        calls = json.loads(json.loads(file.read())["request"])["calls"]
    assert len(set(calls)) == 6 and all(os.path.exists(os.path.join(out, "llm", call + ".json")) for call in calls), calls


def check_moods(folder, data):
    """Two models say the parts of sentiment; the run comes out again from its record."""
    report, out, requests = backtest(folder, "moods", "openai", say_mood, data, add_moods)
    asked = sorted(body["model"] for _, body, _ in requests if body["model"] in MOODS)
    moods = [m["payload"] for m in dump(out, "sentiment_updates")]
    assert moods and asked == sorted(list(MOODS) * len(moods)), (len(moods), asked)
    for mood in moods:
        assert (mood["score"], mood["social_score"], mood["news_score"]) == ("0.65", "0.5", "0.8"), mood
        assert (mood["bias"], mood["confidence"], mood["key_event"]) == ("very_bullish", "0.7", "social"), mood
    assert report["dead_letters"] == 0, report
    again = run("backtest", os.path.join(folder, "agents.yaml"), "--data", data, "--out", os.path.join(folder, "moods-again"),
                "--quiet", "--json", "--llm-record", os.path.join(out, "llm"))
    assert json.loads(again)["digest"] == report["digest"], "the run from the record is another one"
    assert json.loads(run("verify", out, "--json"))["verified"]


def trades(count):
    return {"action": "rebalance", "trades": [{"symbol": "BTC/USDT", "side": "sell", "amount": 100}] * count}


# Who says what, and what the refusal says. Where: the reader of answers (agent_answers) or the coordinator (dead_letters).
SPOILED = [
    ("technical_analysis", {"confidence": 1.5}, "answer.confidence is 1.5; it must be from 0 to 1"),
    ("technical_analysis", {"bias": "upwards"}, "answer.bias is none of the words for bias"),
    ("technical_analysis", {"support": 50000, "resistance": 40000}, "ta_signal.support lies above ta_signal.resistance"),
    ("regime_detection", {"position_size_multiplier": 2}, "answer.position_size_multiplier is 2; it must be from 0.25 to 1.5"),
    ("regime_detection", {"regime": "high_volatility"}, "answer.regime is none of the words for regime"),
    ("sentiment_analysis", {"score": -2}, "answer.score is -2; it must be from -1 to 1"),
    ("sentiment_analysis", {"confidence": None}, "answer.confidence must be a number"),
    ("trading_decision", lambda answer: "I would BUY here, with confidence.", "no JSON"),
    ("trading_decision", {"stop_loss": 47000.3}, "no multiple of the tick 0.5"),
    ("trading_decision", {"stop_loss": 90000}, "trading_signal.stop_loss is 90000; it must lie below take_profit"),
    ("trading_decision", {"leverage": 11}, "answer.leverage is 11; it must be from 1 to 10"),
    ("trading_decision", {"size": 5}, "unknown member 'size'"),
    ("portfolio_rebalance", {"action": "rebalance", "trades": [{"symbol": "XRP/USDT", "side": "buy", "amount": 5}]},
     "answer.symbol is no instrument"),
    ("portfolio_rebalance", trades(9), "answer.trades has too many items"),
]


def check_spoiled(folder, data, number, agent, change, expected):
    _, out, requests = backtest(folder, f"spoiled_{number}", "openai", lambda body: say(body, (agent, change)), data)
    asked = sum(agent_of(body) == agent for _, body, _ in requests)
    answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == agent]
    letters = [m["payload"]["message"] for m in dump(out, "dead_letters")]
    refused = [a["error"] for a in answers if a["status"] == "invalid"] + letters
    assert asked > 0 and any(expected in text for text in refused), (agent, change, refused[:2])
    assert not dump(out, TOPICS[agent]), f"{agent}: something of {change} was believed"
    failures = [m["payload"]["event"] for m in dump(out, "system_events")]
    assert "task_error" in failures, failures


def main():
    if not os.path.isdir(DATA):
        print(f"skipped: no market data at {DATA}")
        return 77
    llm_test.BARS = BARS
    with tempfile.TemporaryDirectory(prefix="tutti-llm-agents-") as folder:
        data = llm_test.cut_data(folder)
        for protocol in ("openai", "anthropic"):
            check_good(folder, data, protocol)
        check_voters(folder, data)
        check_moods(folder, data)
        for number, (agent, change, expected) in enumerate(SPOILED):
            check_spoiled(folder, data, number, agent, change, expected)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
