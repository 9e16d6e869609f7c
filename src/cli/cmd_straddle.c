/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Places two entries of which the first that fills cancels the other.
 */
#include "cli/session_ask.h"

#include <string.h>

#define USAGE                                                                                      \
    "straddle --symbol SYMBOL --size PERCENT --upper PRICE --lower PRICE"                          \
    " [--style breakout|reversion] [--leverage N] [--upper-stop PRICE] [--upper-target PRICE]"     \
    " [--lower-stop PRICE] [--lower-target PRICE] [--reason TEXT] [--yes] " TT_SESSION_USAGE

enum member {
    SIZE,
    UPPER,
    LOWER,
    STYLE,
    LEVERAGE,
    UPPER_STOP,
    UPPER_TARGET,
    LOWER_STOP,
    LOWER_TARGET,
    END
};

tt_exit tt_cmd_straddle(int argc, char **argv)
{
    static tt_session_ask ask = {
        .name = "straddle",
        .path = "entry-groups",
        .question = "place two entries, one cancels the other,",
    };
    static tt_session_extra extra[END + 1] = {
        [SIZE] = {"size_pct", NULL},
        [UPPER] = {"upper_entry", NULL},
        [LOWER] = {"lower_entry", NULL},
        [STYLE] = {"style", NULL},
        [LEVERAGE] = {"leverage", NULL},
        [UPPER_STOP] = {"upper_stop", NULL},
        [UPPER_TARGET] = {"upper_target", NULL},
        [LOWER_STOP] = {"lower_stop", NULL},
        [LOWER_TARGET] = {"lower_target", NULL},
        [END] = {NULL, NULL},
    };
    const tt_cli_own own[] = {
        TT_SESSION_OPTIONS(&ask.client),
        {"symbol", &ask.symbol, NULL},
        {"size", &extra[SIZE].value, NULL},
        {"upper", &extra[UPPER].value, NULL},
        {"lower", &extra[LOWER].value, NULL},
        {"style", &extra[STYLE].value, NULL},
        {"leverage", &extra[LEVERAGE].value, NULL},
        {"upper-stop", &extra[UPPER_STOP].value, NULL},
        {"upper-target", &extra[UPPER_TARGET].value, NULL},
        {"lower-stop", &extra[LOWER_STOP].value, NULL},
        {"lower-target", &extra[LOWER_TARGET].value, NULL},
        {"reason", &ask.reason, NULL},
        {"yes", NULL, &ask.is_sure},
        {NULL, NULL, NULL}};
    const tt_cli_syntax syntax = {.usage = USAGE, .allowed = "oj", .own = own};
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    bool is_whole = ask.symbol != NULL && extra[SIZE].value != NULL && extra[UPPER].value != NULL &&
                    extra[LOWER].value != NULL;
    if (!is_whole) {
        return tt_cli_usage(USAGE, "this needs", "--symbol, --size, --upper, --lower");
    }
    if (!tt_session_ask_symbol(&ask)) {
        return tt_cli_usage(USAGE, "this cannot be right", "--symbol");
    }
    ask.extra = extra;
    return tt_session_ask_run(&ask, &options);
}
