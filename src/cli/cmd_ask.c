/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of a running session: pause, resume, halt, release, flatten, task, approve,
 * reject, close, protect, cancel, amend, budget, reset-risk, rebalance. What is dangerous is asked
 * back, or needs --yes.
 */
#include "base/text.h"
#include "cli/session_ask.h"

#include <stdio.h>
#include <string.h>

/** One command: its words become the address. */
static const struct ask {
    const char *name;
    const char *words;    /**< For the usage; "" = none. */
    const char *path;     /**< With %s for the subject. */
    const char *question; /**< Asked before; NULL = it is not dangerous. */
    enum {
        TAKES_NOTHING,
        TAKES_SYMBOL,
        TAKES_AMOUNT, /**< --amount, or none. */
        TAKES_LEVELS, /**< --stop, --target, or both. */
        TAKES_VALUES  /**< --price, --trigger, --quantity, at least one. */
    } takes;
} asks[] = {
    {"pause", "", "coordinator/pause", NULL, TAKES_NOTHING},
    {"resume", "", "coordinator/resume", NULL, TAKES_NOTHING},
    {"halt", "", "coordinator/halt", NULL, TAKES_NOTHING},
    {"release", "", "coordinator/release", "release the halt", TAKES_NOTHING},
    {"flatten", "", "coordinator/flatten", "close positions at the market", TAKES_SYMBOL},
    {"task", "run|enable|disable NAME", "coordinator/task/%s/%s", NULL, TAKES_SYMBOL},
    {"approve", "ID", "approvals/%s/approve", NULL, TAKES_NOTHING},
    {"reject", "ID", "approvals/%s/reject", NULL, TAKES_NOTHING},
    {"assign", "POSITION", "positions/%s/assign", NULL, TAKES_NOTHING},
    {"close", "POSITION", "positions/%s/close", "close this position at the market", TAKES_NOTHING},
    {"protect",
     "POSITION",
     "positions/%s/protect",
     "set the stop or target of this position",
     TAKES_LEVELS},
    {"cancel", "ORDER", "orders/%s/cancel", "cancel this order", TAKES_NOTHING},
    {"amend", "ORDER", "orders/%s/amend", "amend this order", TAKES_VALUES},
    {"budget", "reserve|release SOURCE", "risk/budgets/%s/%s", NULL, TAKES_AMOUNT},
    {"reset-risk", "", "risk/reset", "reset breakers and cooldowns", TAKES_NOTHING},
    {"rebalance", "", "portfolio/rebalance", "rebalance the portfolio", TAKES_NOTHING},
    {"force-rebalance",
     "",
     "portfolio/rebalance/force",
     "rebalance the portfolio below its threshold and before its time",
     TAKES_NOTHING},
    {"cancel-rebalance", "", "portfolio/rebalance/cancel", NULL, TAKES_NOTHING},
};

/** One call. */
struct call {
    tt_session_ask ask;
    const struct ask *row;
};

static int words_of(const struct ask *ask)
{
    if (ask->words[0] == 0) {
        return 0;
    }
    return strchr(ask->words, ' ') == NULL ? 1 : 2;
}

/** Makes the address. False if a word or a symbol cannot stand in one. */
static bool make_path(struct call *call, const tt_cli_options *options)
{
    tt_text_buf path;
    const char *const *words = options->arguments;
    int count = words_of(call->row);
    tt_text_init(&path, call->ask.path, sizeof call->ask.path);
    for (int i = 0; i < count; i++) {
        if (!tt_session_is_plain(words[i])) {
            return false;
        }
    }
    if (count == 2) { // What is done stands last in the address.
        const char *hole = strstr(call->row->path, "%s");
        int before = (int)(hole - call->row->path);
        tt_text_appendf(&path, "%.*s%s/%s", before, call->row->path, words[1], words[0]);
    } else {
        const char *hole = strstr(call->row->path, "%s");
        size_t before = hole == NULL ? strlen(call->row->path) : (size_t)(hole - call->row->path);
        tt_text_append(&path, call->row->path, before);
        tt_text_append_text(&path, hole == NULL ? "" : words[0]);
        tt_text_append_text(&path, hole == NULL ? "" : hole + 2);
    }
    return !path.truncated && tt_session_ask_symbol(&call->ask);
}

tt_exit tt_cmd_ask(int argc, char **argv)
{
    static struct call call;
    static tt_session_extra extra[] = {
        {"amount", NULL}, {"price", NULL}, {"trigger_price", NULL}, {"qty", NULL}, {NULL, NULL}};
    char usage[320];
    const tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&call.ask.client),
        {"symbol", &call.ask.symbol, NULL},
        {"reason", &call.ask.reason, NULL},
        {"stop", &call.ask.stop, NULL},
        {"target", &call.ask.target, NULL},
        {"amount", &extra[0].value, NULL},
        {"price", &extra[1].value, NULL},
        {"trigger", &extra[2].value, NULL},
        {"quantity", &extra[3].value, NULL},
        {"yes", NULL, &call.ask.is_sure},
        {NULL, NULL, NULL}};
    tt_cli_options options;
    for (call.row = asks; strcmp(call.row->name, argv[0]) != 0; call.row++) {
        // The table of commands names those of this table alone.
    }
    snprintf(
        usage,
        sizeof usage,
        "%s%s%s%s%s%s%s [--reason TEXT]%s " TT_SESSION_USAGE,
        call.row->name,
        call.row->words[0] == 0 ? "" : " ",
        call.row->words,
        call.row->takes == TAKES_SYMBOL ? " [--symbol SYMBOL]" : "",
        call.row->takes == TAKES_AMOUNT ? " [--amount MONEY]" : "",
        call.row->takes == TAKES_LEVELS ? " [--stop PRICE] [--target PRICE]" : "",
        call.row->takes == TAKES_VALUES ? " [--price PRICE] [--trigger PRICE] [--quantity QUANTITY]"
                                        : "",
        call.row->question != NULL ? " [--yes]" : "");
    const tt_cli_syntax syntax = {.usage = usage, .allowed = "oj", .own = own};
    tt_exit code = tt_cli_parse_own(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.argument_count != words_of(call.row)) {
        return tt_cli_usage(
            usage, "this needs", call.row->words[0] == 0 ? "no words" : call.row->words);
    }
    bool has_level = call.ask.stop != NULL || call.ask.target != NULL;
    if (has_level != (call.row->takes == TAKES_LEVELS)) {
        return tt_cli_usage(
            usage, has_level ? "this takes no level" : "this needs a level", "--stop, --target");
    }
    if (extra[0].value != NULL && call.row->takes != TAKES_AMOUNT) {
        return tt_cli_usage(usage, "this takes no amount", "--amount");
    }
    bool has_value = extra[1].value != NULL || extra[2].value != NULL || extra[3].value != NULL;
    if (has_value != (call.row->takes == TAKES_VALUES)) {
        const char *what = has_value ? "this takes no value of an order" : "this needs a value";
        return tt_cli_usage(usage, what, "--price, --trigger, --quantity");
    }
    if (!make_path(&call, &options)) {
        const char *word = options.argument_count > 0 ? options.arguments[0] : "--symbol";
        return tt_cli_usage(usage, "this cannot be right", word);
    }
    call.ask.name = call.row->name;
    call.ask.question = call.row->question;
    call.ask.extra = extra;
    return tt_session_ask_run(&call.ask, &options);
}
