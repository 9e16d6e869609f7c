/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti orders, positions, fills, signals, conflicts, verdicts, alerts, allocation, approvals,
 * commands, locks: lists of a running session.
 */
#include "base/text.h"
#include "cli/session_client.h"
#include "cli/session_rows.h"

#include <stdio.h>
#include <string.h>

/** A list, as the command of its name prints it. */
static const struct list {
    const char *name;
    const char *path;  /**< Below /api/v1/. */
    const char *items; /**< Name of the array. */
    const char *state; /**< What the session shows when --state is not given; NULL = it takes no
                          --state, --symbol and --limit. */
    tt_session_column columns[TT_SESSION_COLUMNS_MAX + 1];
} lists[] = {
    {"orders",
     "orders",
     "items",
     "all",
     {{"order_id", "order"},
      {"created_at", "time"},
      {"symbol", "symbol"},
      {"role", "role"},
      {"type", "type"},
      {"side", "side"},
      {"qty", "quantity"},
      {"price", "price"},
      {"trigger_price", "trigger"},
      {"filled_qty", "filled"},
      {"state", "state"}}},
    {"positions",
     "positions",
     "items",
     "open",
     {{"position_id", "position"},
      {"opened_at", "opened"},
      {"symbol", "symbol"},
      {"side", "side"},
      {"qty", "quantity"},
      {"entry_price", "entry"},
      {"mark", "mark"},
      {"unrealized_pnl", "unrealised"},
      {"realized_pnl", "realised"},
      {"stop_loss", "stop"},
      {"take_profit", "target"}}},
    {"fills",
     "fills",
     "items",
     "all",
     {{"seq", "fill"},
      {"time", "time"},
      {"symbol", "symbol"},
      {"side", "side"},
      {"qty", "quantity"},
      {"price", "price"},
      {"fee", "fee"},
      {"realized_pnl", "realised"},
      {"order_id", "order"},
      {"role", "role"}}},
    {"signals",
     "signals",
     "items",
     "all",
     {{"seq", "signal"},
      {"time", "time"},
      {"symbol", "symbol"},
      {"source", "by"},
      {"action", "action"},
      {"confidence", "confidence"},
      {"stop_loss", "stop"},
      {"take_profit", "target"},
      {"reasoning", "why"}}},
    {"conflicts",
     "conflicts",
     "items",
     "all",
     {{"seq", "conflict"},
      {"time", "time"},
      {"symbol", "symbol"},
      {"signal_seq", "signal"},
      {"action", "ended in"},
      {"arbiter", "arbiter"},
      {"confidence", "confidence"},
      {"reasoning", "why"}}},
    {"verdicts",
     "verdicts",
     "items",
     "all",
     {{"seq", "verdict"},
      {"time", "time"},
      {"symbol", "symbol"},
      {"kind", "kind"},
      {"side", "side"},
      {"status", "status"},
      {"code", "why"},
      {"size_before", "asked for"},
      {"size_after", "allowed"},
      {"qty", "quantity"}}},
    {"alerts",
     "alerts",
     "items",
     "all",
     {{"seq", "alert"},
      {"time", "time"},
      {"severity", "severity"},
      {"symbol", "symbol"},
      {"alert_type", "kind"},
      {"message", "what"}}},
    {"approvals",
     "approvals",
     "items",
     NULL,
     {{"id", "id"},
      {"symbol", "symbol"},
      {"action", "action"},
      {"arbiter", "arbiter"},
      {"confidence", "confidence"},
      {"until", "until"}}},
    {"commands",
     "commands",
     "items",
     NULL,
     {{"time", "time"},
      {"command", "command"},
      {"task", "task"},
      {"actor", "who"},
      {"outcome", "outcome"},
      {"message", "answer"},
      {"request_id", "request"}}},
    {"allocation",
     "portfolio/allocation",
     "allocation",
     NULL,
     {{"symbol", "symbol"},
      {"value", "value"},
      {"current_pct", "is, %"},
      {"target_pct", "should be, %"}}},
    {"locks",
     "risk/state",
     "locks",
     NULL,
     {{"reason", "reason"},
      {"symbol", "symbol"},
      {"side", "side"},
      {"since", "since"},
      {"until", "until"}}},
};

/** One call. */
struct call {
    tt_session_client client;
    const char *state;
    const char *symbol;
    const char *limit;
};

/** Appends "name=value", with everything escaped that is not plain. */
static void add_parameter(tt_text_buf *path, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    tt_text_appendf(path, "%c%s=", strchr(path->data, '?') == NULL ? '?' : '&', name);
    for (const char *at = value; *at != 0; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                        (*at >= '0' && *at <= '9') || strchr("-._", *at) != NULL;
        if (is_plain) {
            tt_text_append(path, at, 1);
        } else {
            tt_text_appendf(path, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
}

/** Makes the address; false if what is asked for is too long. */
static bool make_path(const struct call *call, const struct list *list, char *text, size_t size)
{
    tt_text_buf path;
    tt_text_init(&path, text, size);
    tt_text_append_text(&path, list->path);
    add_parameter(&path, "state", call->state != NULL ? call->state : list->state);
    add_parameter(&path, "symbol", call->symbol);
    add_parameter(&path, "limit", call->limit);
    return !path.truncated;
}

static tt_exit run_list(
    struct call *call,
    const struct list *list,
    const tt_cli_syntax *syntax,
    const tt_cli_options *options)
{
    tt_session_answer answer;
    char path[512];
    if (!make_path(call, list, path, sizeof path)) {
        return tt_cli_usage(syntax->usage, "an option is too long", "--state, --symbol, --limit");
    }
    tt_exit code = tt_session_client_get(&call->client, options, path, &answer);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options->json ||
        tt_session_table(answer.body, answer.size, list->items, list->columns) < 0) {
        fputs(answer.body, stdout); // A newer session: better as it is than not at all.
    }
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}

tt_exit tt_cmd_list(int argc, char **argv)
{
    static struct call call;
    char usage[160];
    const struct list *list = lists;
    tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&call.client),
        {"state", &call.state, NULL},
        {"symbol", &call.symbol, NULL},
        {"limit", &call.limit, NULL},
        {NULL, NULL, NULL}};
    tt_cli_options options;
    while (strcmp(list->name, argv[0]) != 0) {
        list++; // The table of commands names lists of this table alone.
    }
    if (list->state == NULL) {
        own[2] = (tt_cli_own){0}; // The options end behind those of every session.
    }
    snprintf(
        usage,
        sizeof usage,
        "%s%s " TT_SESSION_USAGE,
        list->name,
        list->state == NULL ? "" : " [--state STATE] [--symbol SYMBOL] [--limit N]");
    const tt_cli_syntax syntax = {.usage = usage, .allowed = "oj", .own = own};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    return code == TT_EXIT_OK ? run_list(&call, list, &syntax, &options) : code;
}
