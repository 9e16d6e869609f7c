/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of commands.
 */
#include "cli/cli.h"

const tt_command_row tt_commands[] = {
    {"run", tt_cmd_run, "runs a paper session and serves its status"},
    {"backtest", tt_cmd_backtest, "runs market data from a file through the whole engine"},
    {"scenario", tt_cmd_scenario, "runs scripted flows and checks what is expected of them"},
    {"verify", tt_cmd_verify, "checks a journal: hash chain, books, replay"},
    {"replay", tt_cmd_replay, "runs a journal again: compares, steps, or asks what if"},
    {"why", tt_cmd_why, "explains a fill: the whole chain of causes"},
    {"journal", tt_cmd_journal, "journals: dump, tail, stats, verify, repair"},
    {"store", tt_cmd_store, "rebuilds the read model from a journal"},
    {"token", tt_cmd_token, "who may ask a session over HTTP: add, list, revoke"},
    {"config", tt_cmd_config, "checks and shows a configuration, prints its reference"},
    {"topics", tt_cmd_topics, "prints the catalogue of topics"},
    {"version", tt_cmd_version, "prints the version"},
    {NULL, NULL, NULL},
};
