#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Language models as arbiters, end to end: llm_test.py TUTTI DATA_FOLDER, in the source folder.

A backtest asks a server on this machine; then the server is switched off, the journal must verify, and the run must come out
again from its record, to the same digest. Each way in which a server can misbehave must end in the next arbiter, never in a
guess; keys stay secret. Skips (exit 77) where the data is absent.

Covers: host/llm_world.c
"""
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import llm_server  # noqa: E402

TUTTI, DATA = sys.argv[1:3]
KEY = "sk-very-secret-0123456789"
BARS = 9000


def run(*words, status=0, env=()):
    result = subprocess.run([TUTTI, *words], capture_output=True, text=True, check=False, env=dict(os.environ, **dict(env)))
    assert result.returncode == status, f"{words}: exit {result.returncode}\n{result.stderr[-3000:]}"
    assert KEY not in result.stdout + result.stderr, "the key was printed"
    return result.stdout


def write_config(folder, url, **provider):
    """The example, with this server and other settings of its provider."""
    with open("examples/llm_arbiter.yaml", encoding="utf-8") as file:
        text = file.read()
    text = text.replace("http://127.0.0.1:8080/v1/chat/completions", url)
    text = text.replace("timeout: 20\n", "timeout: 3\n" + "".join(f"      {k}: {v}\n" for k, v in provider.items()))
    text = text.replace("llm:\n", "llm:\n  breaker_failures: 1000\n  backoff: 0.01\n", 1)
    if "input_price" in provider:
        text = text.replace("      input_price: 0\n      output_price: 0\n", "")
    path = os.path.join(folder, "config.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def cut_data(folder):
    path = os.path.join(folder, "bars.csv")
    with gzip.open(os.path.join(DATA, "bars/btc_perp_1m_202201.csv.gz"), "rt") as source, open(path, "w") as target:
        for _, line in zip(range(BARS), source):
            target.write(line)
    return path


def backtest(config, data, out, *words, env=()):
    return json.loads(run("backtest", config, "--data", data, "--out", out, "--quiet", "--json", *words, env=env))


def dump(out, topic):
    return [json.loads(line) for line in run("journal", "dump", out, topic).splitlines()]


def texts_below(folder):
    for top, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                yield os.path.join(top, name), file.read()


def check_no_key(folder):
    for path, text in texts_below(folder):
        assert KEY.encode() not in text, f"{path} holds the key"


def decisions(out):
    return [message["payload"] for message in dump(out, "conflict_decisions") if message["payload"]["case_seq"] != "0"]


def check_good(folder, data):
    server = llm_server.Server("ok")
    config = write_config(folder, server.url, input_price=1, output_price=2, key_env="TEST_LLM_KEY")
    out = os.path.join(folder, "good")
    env = {"TEST_LLM_KEY": KEY}
    first = backtest(config, data, out, env=env)
    headers, body, _ = server.requests[0]
    assert headers["Authorization"] == "Bearer " + KEY
    assert body["model"] == "local-model" and body["response_format"] == {"type": "json_object"}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "regime_conflict" in body["messages"][1]["content"] or "ta_sentiment" in body["messages"][1]["content"]
    asked = len(server.requests)
    # Asked again, the same words come in another time: nothing of the run hangs on that.
    second = backtest(config, data, os.path.join(folder, "second"), env=env)
    assert len(server.requests) == 2 * asked and second["digest"] == first["digest"], (first["digest"], second["digest"])
    server.close()
    calls = [m for m in dump(out, "agent_calls") if m["payload"]["agent"] == "arbiter"]
    assert asked == len(calls) > 3, (asked, len(calls))
    answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    assert all(a["status"] == "ok" and a["cost"] == "0.0012" and a["tokens"] == 1100 for a in answers), answers[0]
    assert all(d["arbiter"] == "local" and d["action"] in ("modify", "wait") for d in decisions(out)), decisions(out)
    names = {os.path.basename(path) for path, _ in texts_below(os.path.join(out, "llm"))}
    assert {a["record"] + ".json" for a in answers} == names
    verified = json.loads(run("verify", out, "--json"))
    assert verified["verified"] and verified["digest"] == first["digest"]
    again = backtest(config, data, os.path.join(folder, "again"), "--llm-record", os.path.join(out, "llm"))
    assert again["digest"] == first["digest"], "the run from the record is another one"
    opinion = next(m["seq"] for m in dump(out, "conflict_decisions") if m["payload"]["case_seq"] != "0")
    why = run("why", "--journal", os.path.join(out, "journal"), str(opinion))
    assert answers[0]["record"] in why and "half is enough" in why, why[-2000:]
    check_no_key(folder)
    return first


def check_changed_prompt(folder, data):
    """A record answers only the requests that it was made with: the difference is told, not guessed over."""
    config = os.path.join(folder, "config.yaml")
    out = os.path.join(folder, "changed")
    backtest(config, data, out, "--llm-record", os.path.join(folder, "good", "llm"), "--set", "run.name=x",
             "--set", "llm.prompt_max=32767")
    same = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    assert all(a["status"] == "ok" for a in same)
    prompt = os.path.join(folder, "prompt.txt")
    with open("examples/prompts/arbiter.txt", encoding="utf-8") as source, open(prompt, "w", encoding="utf-8") as target:
        target.write("Please. " + source.read())
    backtest(config, data, out, "--llm-record", os.path.join(folder, "good", "llm"), "--set", f"llm.prompts.arbiter={prompt}")
    other = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    assert "was recorded with another request" in other[0]["error"], other[0]
    assert all(d["arbiter"] == "rules" for d in decisions(out))


EXPECTED = {
    "wrong_json": ("invalid", "the reply of the provider"),
    "prose": ("invalid", "no JSON"),
    "unknown_action": ("invalid", "answer.action is none of the words for resolution"),
    "wrong_types": ("invalid", "answer.confidence must be a number"),
    "missing": ("invalid", "answer.confidence is missing"),
    "cut": ("invalid", "cut off"),
    "truncated": ("error", ""),
    "http_500": ("error", "HTTP 500"),
    "http_401": ("error", "HTTP 401"),
    "redirect": ("error", "HTTP 302"),
    "disconnect": ("error", ""),
    "huge": ("error", "larger than"),
}


def check_misbehaving(folder, data, mode, expected):
    server = llm_server.Server(mode)
    config = write_config(folder, server.url, key_env="TEST_LLM_KEY", retries=1)
    out = os.path.join(folder, mode)
    backtest(config, data, out, env={"TEST_LLM_KEY": KEY})
    asked = len(server.requests)
    server.close()
    answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    repeats = 2 if mode in ("http_500", "disconnect", "truncated") else 1
    assert asked == repeats * len(answers), (mode, asked, len(answers))
    for answer in answers:
        assert answer["status"] == expected[0] and expected[1] in answer["error"], (mode, answer)
    settled = decisions(out)
    assert settled and all(d["arbiter"] == "rules" for d in settled), (mode, settled[:1])
    assert json.loads(run("verify", out, "--json"))["verified"]
    check_no_key(out)


def check_raise(folder, data):
    """The edge lets a leverage of 10 pass; the core refuses it, and the next arbiter decides."""
    server = llm_server.Server("raise_risk")
    config = write_config(folder, server.url)
    out = os.path.join(folder, "raise")
    backtest(config, data, out)
    server.close()
    assert all(d["arbiter"] == "rules" for d in decisions(out))
    letters = [m["payload"]["message"] for m in dump(out, "dead_letters")]
    assert any("arbiter_opinion.leverage is 10" in text for text in letters), letters[:3]


def check_secrets(folder, data):
    """A key that a provider echoes is struck out; a key that is missing stops the start."""
    server = llm_server.Server("echo_key")
    config = write_config(folder, server.url, key_env="TEST_LLM_KEY")
    out = os.path.join(folder, "echo")
    backtest(config, data, out, env={"TEST_LLM_KEY": KEY})
    assert server.requests
    server.close()
    check_no_key(out)
    failed = subprocess.run([TUTTI, "backtest", config, "--data", data, "--out", os.path.join(folder, "none")],
                            capture_output=True, text=True, check=False)
    assert failed.returncode != 0 and "TEST_LLM_KEY" in failed.stderr, failed.stderr
    assert not os.path.exists(os.path.join(folder, "none", "journal"))


def check_anthropic_and_retry(folder, data):
    """The other protocol; a 429 with Retry-After is waited for, not counted as a failure."""
    server = llm_server.Server(["http_429", "ok"])
    server.retry_after = "1"
    config = write_config(folder, server.url, input_price=3, output_price=15, key_env="TEST_LLM_KEY")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    with open(config, "w", encoding="utf-8") as file:
        file.write(text.replace("protocol: openai", "protocol: anthropic").replace("call_budget: 0.01", "call_budget: 0.1"))
    out = os.path.join(folder, "anthropic")
    backtest(config, data, out, env={"TEST_LLM_KEY": KEY})
    headers, body, _ = server.requests[0]
    assert {k.lower(): v for k, v in headers.items()}["x-api-key"] == KEY
    assert isinstance(body["system"], str) and [m["role"] for m in body["messages"]] == ["user"]
    answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
    assert len(server.requests) == len(answers) + 1
    assert all(a["status"] == "ok" and a["cost"] == "0.0045" for a in answers), answers[0]
    server.close()


def check_slow(folder, data):
    """One slow and one dripping answer end at the time of the provider; the rest of the run is answered by nobody."""
    for mode in ("slow", "drip"):
        server = llm_server.Server(mode)
        config = write_config(folder, server.url)
        with open(config, encoding="utf-8") as file:
            text = file.read()
        text = text.replace("breaker_failures: 1000", "breaker_failures: 1\n  breaker_open: 3600")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("timeout: 3\n", "timeout: 0.5\n      retries: 0\n"))
        out = os.path.join(folder, mode)
        backtest(config, data, out)
        assert len(server.requests) == 1, f"{mode}: the breaker let {len(server.requests)} through"
        server.close()
        answers = [m["payload"] for m in dump(out, "agent_answers") if m["source"] == "arbiter"]
        assert answers[0]["status"] == "timeout", answers[0]
        assert all("left alone" in a["error"] for a in answers[1:]), answers[1]
        assert all(d["arbiter"] == "rules" for d in decisions(out))


TA = {"trend_direction": "bullish", "trend_strength": 0.5, "momentum_score": 0.25, "bias": "long", "confidence": 0.7,
      "reasoning": "by a model"}


def paper(config, out, seconds, how):
    """A paper session of some seconds, ended by a signal."""
    with subprocess.Popen([TUTTI, "run", config, "--out", out, "--set", "api.enabled=false"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        time.sleep(seconds)
        process.send_signal(how)
        _, errors = process.communicate(timeout=60)
        assert process.returncode in (0, -how), f"exit {process.returncode}: {errors[-2000:]}"


def check_agent(folder):
    """A model in the place of technical analysis, in a paper session that is killed and goes on; then without the server."""
    llm_server.TEXTS["ta"] = json.dumps(TA)
    server = llm_server.Server("ta")
    config = os.path.join(folder, "paper.yaml")
    with open("examples/paper.yaml", encoding="utf-8") as source, open(config, "w", encoding="utf-8") as file:
        file.write(source.read() + f"""
llm:
  providers:
    - {{name: local, url: "{server.url}", model: local-model, input_price: 0, output_price: 0, requests_per_minute: 600}}
  agents: {{technical_analysis: local}}
  prompts: {{technical_analysis: examples/prompts/technical_analysis.txt}}
""")
    out = os.path.join(folder, "paper")
    paper(config, out, 4, signal.SIGKILL)
    paper(config, out, 4, signal.SIGINT)
    server.close()
    said = [m["payload"] for m in dump(out, "ta_signals")]
    assert said and all(s["reasoning"] == "by a model" and s["bias"] == "long" for s in said), said[:1]
    records = {m["payload"]["record"] + ".json" for m in dump(out, "agent_answers") if m["source"] == "technical_analysis"
               and m["payload"]["status"] == "ok"}
    names = {os.path.basename(path) for path, _ in texts_below(os.path.join(out, "llm"))}
    assert records <= names, "an answer is in the journal whose record is not on the disk"
    assert json.loads(run("verify", out, "--json"))["verified"]


def main():
    if not os.path.isdir(DATA):
        print(f"skipped: no market data at {DATA}")
        return 77
    with tempfile.TemporaryDirectory(prefix="tutti-llm-") as folder:
        data = cut_data(folder)
        check_good(folder, data)
        check_changed_prompt(folder, data)
        for mode, expected in EXPECTED.items():
            check_misbehaving(folder, data, mode, expected)
        check_raise(folder, data)
        check_secrets(folder, data)
        check_anthropic_and_retry(folder, data)
        check_slow(folder, data)
        check_agent(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
