/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables of commands.
 */
#include "cli/cli.h"

#include <string.h>

static const tt_command_row run_rows[] = {
    {"run", tt_cmd_run, "runs a paper session and serves its status"},
    {"backtest", tt_cmd_backtest, "runs market data from a file through the whole engine"},
    {"scenario", tt_cmd_scenario, "runs scripted flows and checks what is expected of them"},
    {NULL, NULL, NULL},
};

static const tt_command_row look_rows[] = {
    {"status", tt_cmd_status, "what a running session is doing now"},
    {"performance", tt_cmd_performance, "what a session's trades and its account came to"},
    {"orders", tt_cmd_list, "orders of a session"},
    {"positions", tt_cmd_list, "positions of a session"},
    {"fills", tt_cmd_list, "executions of a session"},
    {"signals", tt_cmd_list, "what agents decided, and why"},
    {"conflicts", tt_cmd_list, "conflicts of agents, and how they ended"},
    {"verdicts", tt_cmd_list, "what risk said to each trade"},
    {"alerts", tt_cmd_list, "alerts of a session"},
    {"allocation", tt_cmd_list, "what is held and what should be"},
    {"approvals", tt_cmd_list, "conflicts that wait for a person"},
    {"locks", tt_cmd_list, "what holds entries back, and until when"},
    {"commands", tt_cmd_list, "what people asked, and what came of it"},
    {"dead", tt_cmd_dead, "dead letters: list, show, redrive, discard"},
    {"quarantine", tt_cmd_quarantine, "handlers left alone after failures: list, release"},
    {NULL, NULL, NULL},
};

static const tt_command_row steer_rows[] = {
    {"pause", tt_cmd_ask, "pauses a session: tasks run, nothing is traded"},
    {"resume", tt_cmd_ask, "lets a paused session trade again"},
    {"halt", tt_cmd_ask, "halts a session: nothing runs, working entries are cancelled"},
    {"release", tt_cmd_ask, "releases a halt of a person into a pause"},
    {"flatten", tt_cmd_ask, "closes all positions, or those of a symbol"},
    {"task", tt_cmd_ask, "tasks of a session: run, enable, disable"},
    {"approve", tt_cmd_ask, "lets the trade of a conflict go on"},
    {"reject", tt_cmd_ask, "aborts the trade of a conflict"},
    {"close", tt_cmd_ask, "closes one position"},
    {"budget", tt_cmd_ask, "reserves capital for a source of trades, or releases it"},
    {"acknowledge", tt_cmd_ask, "books what the venue has more: a transfer, or a cost"},
    {"protect", tt_cmd_ask, "sets the stop or the target of one position"},
    {"assign", tt_cmd_ask, "takes a position found at the venue into management"},
    {"straddle", tt_cmd_straddle, "places two entries of which one cancels the other"},
    {"cancel", tt_cmd_ask, "cancels one working order"},
    {"amend", tt_cmd_ask, "gives one working entry another price, trigger or quantity"},
    {"reset-risk", tt_cmd_ask, "resets breakers and cooldowns, releases their halt"},
    {"rebalance", tt_cmd_ask, "plans a rebalance of the portfolio and carries it out"},
    {"force-rebalance", tt_cmd_ask, "rebalances below the threshold and before its time"},
    {"cancel-rebalance", tt_cmd_ask, "drops the batches of the plan that wait"},
    {NULL, NULL, NULL},
};

static const tt_command_row record_rows[] = {
    {"verify", tt_cmd_verify, "checks a journal: hash chain, books, replay"},
    {"replay", tt_cmd_replay, "runs a journal again: compares, steps, or asks what if"},
    {"compare", tt_cmd_compare, "compares two runs: settings and results"},
    {"why", tt_cmd_why, "explains any message: the whole chain of causes"},
    {"journal", tt_cmd_journal, "journals: dump, tail, stats, verify, repair"},
    {"store", tt_cmd_store, "rebuilds the read model from a journal"},
    {NULL, NULL, NULL},
};

static const tt_command_row setup_rows[] = {
    {"token", tt_cmd_token, "who may ask a session over HTTP: add, list, revoke"},
    {"config", tt_cmd_config, "checks and shows a configuration, prints its reference"},
    {"topics", tt_cmd_topics, "prints the catalogue of topics"},
    {"version", tt_cmd_version, "prints the version"},
    {NULL, NULL, NULL},
};

const tt_command_group tt_command_groups[] = {
    {"Run", run_rows},
    {"Look at a running session", look_rows},
    {"Steer a running session", steer_rows},
    {"Check, explain and replay what was recorded", record_rows},
    {"Set up", setup_rows},
    {NULL, NULL},
};

const tt_command_row *tt_command_find(const char *name)
{
    for (const tt_command_group *group = tt_command_groups; group->title != NULL; group++) {
        for (const tt_command_row *row = group->rows; row->name != NULL; row++) {
            if (strcmp(row->name, name) == 0) {
                return row;
            }
        }
    }
    return NULL;
}
