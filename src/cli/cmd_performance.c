/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti performance: what the trades and the account of a session came to. For people figures have
 * two digits; --json has all of them.
 */
#include "base/dec.h"
#include "cli/session_client.h"
#include "cli/session_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "performance " TT_SESSION_USAGE;

/** A figure as a row of the table. */
static const struct row {
    const char *key;
    const char *label;
    const char *none; /**< Printed when there is none. */
} rows[] = {
    {"trades", "closed trades", "-"},
    {"wins", "won", "-"},
    {"losses", "lost", "-"},
    {"win_rate_pct", "win rate, %", "-"},
    {"profit_factor", "profit factor", "none: no trade was lost"},
    {"net", "net of trades", "-"},
    {"average_win", "average win", "-"},
    {"average_loss", "average loss", "-"},
    {"largest_win", "largest win", "-"},
    {"largest_loss", "largest loss", "-"},
    {"expectancy", "expectancy a trade", "-"},
    {"equity", "equity", "-"},
    {"total_return", "return", "-"},
    {"fees", "fees", "-"},
    {"funding", "funding", "-"},
    {"sharpe", "Sharpe, a year", "-"},
    {"sortino", "Sortino, a year", "-"},
    {"calmar", "Calmar", "-"},
    {"exposed_pct", "time in positions, %", "-"},
};

/** Rounds a number to two digits; counts and what is no number stay as they are. */
static const char *shown(const char *text, char short_text[TT_DEC_TEXT_MAX])
{
    tt_dec value;
    if (strchr(text, '.') == NULL || tt_dec_parse(text, strlen(text), &value) != TUTTI_OK) {
        return text;
    }
    tt_dec_format_fixed(value, 2, short_text);
    return short_text;
}

/** A ratio of daily returns needs two of them; before that the session answers 0. */
static bool is_too_early(const char *json, size_t size, const char *key)
{
    char count[64] = "";
    bool is_ratio =
        strcmp(key, "sharpe") == 0 || strcmp(key, "sortino") == 0 || strcmp(key, "calmar") == 0;
    return is_ratio && tt_session_member(json, size, "daily_returns", count, sizeof count) &&
           strtoul(count, NULL, 10) < 2;
}

static void print_rows(const char *json, size_t size)
{
    char text[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_there = tt_session_member(json, size, rows[i].key, text, sizeof text);
        char rounded[TT_DEC_TEXT_MAX];
        if (is_too_early(json, size, rows[i].key)) {
            printf("%-22s none: needs two days\n", rows[i].label);
            continue;
        }
        printf(
            "%-22s %s\n",
            rows[i].label,
            is_there && text[0] != 0 ? shown(text, rounded) : rows[i].none);
    }
}

/** Prints a fall; its members stand behind its key. */
static void print_drawdown(const char *json, const char *key, const char *label)
{
    const char *start = strstr(json, key);
    char amount[64] = "?";
    char pct[64] = "?";
    char since[64] = "";
    if (start == NULL || (start = strchr(start, '{')) == NULL) {
        return;
    }
    size_t size = strcspn(start, "}") + 1;
    (void)tt_session_member(start, size, "amount", amount, sizeof amount);
    (void)tt_session_member(start, size, "pct", pct, sizeof pct);
    (void)tt_session_member(start, size, "since", since, sizeof since);
    char rounded[2][TT_DEC_TEXT_MAX];
    printf(
        "%-22s %s (%s %%)%s%s\n",
        label,
        shown(amount, rounded[0]),
        shown(pct, rounded[1]),
        since[0] == 0 ? "" : " since ",
        since);
}

static void print_performance(const tt_session_answer *answer)
{
    char currency[32] = "";
    (void)tt_session_member(answer->body, answer->size, "currency", currency, sizeof currency);
    printf("%-22s %s\n", "currency", currency);
    print_rows(answer->body, answer->size);
    print_drawdown(answer->body, "\"max_drawdown\"", "largest drawdown");
    print_drawdown(answer->body, "\"current_drawdown\"", "drawdown now");
}

tt_exit tt_cmd_performance(int argc, char **argv)
{
    static const char *const path = "performance";
    tt_session_answer answer;
    bool is_json = false;
    const tt_cli_words words = {argc, argv, usage};
    tt_exit code = tt_session_client_show(&words, &path, 1, &answer, &is_json);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (is_json) {
        fputs(answer.body, stdout);
    } else {
        print_performance(&answer);
    }
    tt_session_answer_free(&answer);
    return TT_EXIT_OK;
}
