/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti status: what a running session is doing now.
 */
#include "cli/session_client.h"
#include "cli/session_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "status " TT_SESSION_USAGE;

/** Text of a member; "?" where an older session has none. */
static const char *member(const tt_session_answer *answer, const char *key)
{
    static char texts[8][64];
    static unsigned next;
    char *text = texts[next++ % 8];
    if (!tt_session_member(answer->body, answer->size, key, text, sizeof texts[0])) {
        snprintf(text, sizeof texts[0], "?");
    }
    return text;
}

/** Measures beside their limits, and the alerts about the bus that stand. */
static void print_health(const tt_session_answer *health)
{
    static const tt_session_column columns[] = {
        {"name", "measure"},
        {"level", "level"},
        {"value", "value"},
        {"warn", "warn"},
        {"critical", "critical"},
        {"symbol", "symbol"},
        {NULL, NULL}};
    printf("\nhealth %s\n", member(health, "level"));
    (void)tt_session_table(health->body, health->size, "measures", columns);
    printf("\nalerts: ");
    if (tt_session_words(health->body, health->size, "alerts") <= 0) {
        printf("none");
    }
    puts("");
}

static void print_status(const tt_session_answer *status, const tt_session_answer *account)
{
    static const tt_session_column columns[] = {
        {"name", "task"},
        {"enabled", "on"},
        {"last_run", "last run"},
        {"next_run", "next run"},
        {"runs", "runs"},
        {"errors", "errors"},
        {"in_flight", "in flight"},
        {NULL, NULL}};
    printf(
        "%s, %s, degradation %s, %s\n",
        member(status, "state"),
        member(status, "trading_mode"),
        member(status, "degradation_level"),
        member(status, "time"));
    const char *currency = member(account, "currency");
    printf("equity %s %s, ", member(account, "equity"), currency);
    printf(
        "balance %s, unrealised %s, exposure %s\n",
        member(account, "balance"),
        member(account, "unrealized_pnl"),
        member(account, "exposure"));
    const char *difference = member(account, "balance_difference");
    if (strcmp(difference, "0") != 0 && strcmp(difference, "?") != 0) {
        printf(
            "the venue has %s more than the books (%s): no entries\n",
            difference,
            member(account, "balance_cause"));
    }
    const char *failed = member(account, "comparisons_failed");
    if (strcmp(failed, "0") != 0 && strcmp(failed, "?") != 0) {
        const bool is_late = strcmp(member(account, "is_venue_late"), "yes") == 0;
        printf(
            "the books are not compared: the venue has told its positions %s %s times in a row\n",
            is_late ? "later than reconciliation.timeout" : "not at all",
            failed);
    }
    printf(
        "%s open positions, %s working orders, %s unknown\n\n",
        member(account, "open_positions"),
        member(account, "open_orders"),
        member(account, "unknown_orders"));
    (void)tt_session_table(status->body, status->size, "scheduled_tasks", columns);
}

static void print_json(
    const tt_session_answer *status,
    const tt_session_answer *account,
    const tt_session_answer *health)
{
    printf(
        "{\"status\": %s, \"account\": %s, \"health\": %s}\n",
        status->body,
        account->body,
        health->body);
}

tt_exit tt_cmd_status(int argc, char **argv)
{
    static const char *const paths[] = {"coordinator/status", "account", "health"};
    tt_session_answer answers[3];
    bool is_json = false;
    const tt_cli_words words = {argc, argv, usage};
    tt_exit code = tt_session_client_show(&words, paths, 3, answers, &is_json);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (is_json) {
        print_json(&answers[0], &answers[1], &answers[2]);
    } else {
        print_status(&answers[0], &answers[1]);
        print_health(&answers[2]);
    }
    for (int i = 0; i < 3; i++) {
        tt_session_answer_free(&answers[i]);
    }
    return TT_EXIT_OK;
}
