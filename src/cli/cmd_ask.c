/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of a running session: pause, resume, halt, release, flatten, task, approve,
 * reject, close, protect, cancel, amend, budget, acknowledge, reset-risk, rebalance. What is
 * dangerous is asked back, or needs --yes.
 */
#include "base/text.h"
#include "cli/session_ask.h"

#include <stdio.h>
#include <string.h>

/** Which options a command has for itself. */
enum takes {
    TAKES_NOTHING,
    TAKES_SYMBOL,
    TAKES_AMOUNT, /**< --amount, or none. */
    TAKES_SUM,    /**< --amount. */
    TAKES_LEVELS, /**< --stop, --target, or both. */
    TAKES_VALUES  /**< --price, --trigger, --quantity, at least one. */
};

/** One command: its words become the address. */
static const struct ask {
    const char *name;
    const char *words;    /**< For the usage; "" = none. */
    const char *path;     /**< With %s for the subject. */
    const char *question; /**< Asked before; NULL = it is not dangerous. */
    enum takes takes;
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
    {"acknowledge",
     "transfer|cost",
     "account/acknowledge/%s",
     "book this difference from the venue",
     TAKES_SUM},
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
static struct call {
    tt_session_ask ask;
    const struct ask *row;
} call;

static int words_of(const struct ask *ask)
{
    if (ask->words[0] == 0) {
        return 0;
    }
    return strchr(ask->words, ' ') == NULL ? 1 : 2;
}

/** Makes the address. False if a word or a symbol cannot stand in one. */
static bool make_path(const tt_cli_options *options)
{
    const struct ask *row = call.row;
    tt_text_buf path;
    const char *const *words = options->arguments;
    int count = words_of(row);
    tt_text_init(&path, call.ask.path, sizeof call.ask.path);
    for (int i = 0; i < count; i++) {
        if (!tt_session_is_plain(words[i])) {
            return false;
        }
    }
    if (count == 2) { // What is done stands last in the address.
        const char *hole = strstr(row->path, "%s");
        int before = (int)(hole - row->path);
        tt_text_appendf(&path, "%.*s%s/%s", before, row->path, words[1], words[0]);
    } else {
        const char *hole = strstr(row->path, "%s");
        size_t before = hole == NULL ? strlen(row->path) : (size_t)(hole - row->path);
        tt_text_append(&path, row->path, before);
        tt_text_append_text(&path, hole == NULL ? "" : words[0]);
        tt_text_append_text(&path, hole == NULL ? "" : hole + 2);
    }
    return !path.truncated && tt_session_ask_symbol(&call.ask);
}

/** What the body of a command may hold. */
static tt_session_extra extra[] = {
    {"amount", NULL},
    {"stop_loss", NULL},
    {"take_profit", NULL},
    {"price", NULL},
    {"trigger_price", NULL},
    {"qty", NULL},
    {NULL, NULL}};

/** The options that commands have for themselves. */
static const struct {
    const char *usage;
    const char *missing; /**< One at least is needed; NULL = none is. */
    tt_cli_own own[4];
} taken[] = {
    [TAKES_NOTHING] = {"", NULL, {{NULL, NULL, NULL}}},
    [TAKES_SYMBOL] = {" [--symbol SYMBOL]", NULL, {{"symbol", &call.ask.symbol, NULL}}},
    [TAKES_AMOUNT] = {" [--amount MONEY]", NULL, {{"amount", &extra[0].value, NULL}}},
    [TAKES_SUM] = {" --amount MONEY", "--amount MONEY", {{"amount", &extra[0].value, NULL}}},
    [TAKES_LEVELS] =
        {" [--stop PRICE] [--target PRICE]",
         "--stop, --target or both",
         {{"stop", &extra[1].value, NULL}, {"target", &extra[2].value, NULL}}},
    [TAKES_VALUES] =
        {" [--price PRICE] [--trigger PRICE] [--quantity QUANTITY]",
         "--price, --trigger, --quantity or several",
         {{"price", &extra[3].value, NULL},
          {"trigger", &extra[4].value, NULL},
          {"quantity", &extra[5].value, NULL}}},
};

#define OWN_SHARED 4 // of session and person

/** Tells whether the first word is one of those that "run|enable|disable NAME" begins with. */
static bool is_verb(const char *words, const char *word)
{
    size_t length = strlen(word);
    const char *at = words;
    while (*at != 0 && *at != ' ') {
        size_t size = strcspn(at, "| ");
        if (size == length && strncmp(at, word, size) == 0) {
            return true;
        }
        at += size + (at[size] == '|');
    }
    return false;
}

static bool has_any(void)
{
    bool has_one = false;
    for (size_t i = 0; extra[i].member != NULL; i++) {
        has_one |= extra[i].value != NULL;
    }
    return has_one;
}

/** What the words and options of a command must be beyond their number. */
static tt_exit check(const struct ask *row, const char *usage, const tt_cli_options *options)
{
    if (strchr(row->words, '|') != NULL && !is_verb(row->words, options->arguments[0])) {
        char detail[96];
        snprintf(detail, sizeof detail, "%s, not %.40s", row->words, options->arguments[0]);
        return tt_cli_usage(usage, "this needs", detail);
    }
    const char *missing = taken[row->takes].missing;
    if (row->takes == TAKES_AMOUNT && strcmp(options->arguments[0], "reserve") == 0) {
        missing = "--amount MONEY";
    }
    return missing == NULL || has_any() ? TT_EXIT_OK : tt_cli_usage(usage, "this needs", missing);
}

static void write_usage(const struct ask *row, char *text, size_t size)
{
    snprintf(
        text,
        size,
        "%s%s%s%s [--reason TEXT]%s " TT_SESSION_USAGE,
        row->name,
        row->words[0] == 0 ? "" : " ",
        row->words,
        taken[row->takes].usage,
        row->question != NULL ? " [--yes]" : "");
}

tt_exit tt_cmd_ask(int argc, char **argv)
{
    char usage[320];
    tt_cli_own own[OWN_SHARED + sizeof taken[0].own / sizeof taken[0].own[0]] = {
        TT_SESSION_OPTIONS(&call.ask.client),
        {"reason", &call.ask.reason, NULL},
        {"yes", NULL, &call.ask.is_sure}};
    tt_cli_options options;
    const struct ask *row = asks;
    while (strcmp(row->name, argv[0]) != 0) {
        row++; // The table of commands names those of this table alone.
    }
    call.row = row;
    memcpy(own + OWN_SHARED, taken[row->takes].own, sizeof taken[0].own);
    write_usage(row, usage, sizeof usage);
    const int words = words_of(row);
    const tt_cli_syntax syntax = {usage, "oj", own, row->words, words, words};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    code = code == TT_EXIT_OK ? check(row, usage, &options) : code;
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (!make_path(&options)) {
        const char *word = words > 0 ? options.arguments[words - 1] : "--symbol";
        return tt_cli_usage(usage, "this cannot be right", word);
    }
    call.ask.name = row->name;
    call.ask.question = row->question;
    call.ask.extra = extra;
    return tt_session_ask_run(&call.ask, &options);
}
