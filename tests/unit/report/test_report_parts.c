/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sub-accounts in a report, by their capital.
 */
#include "../../lib/test.h"
#include "report/report_parts.h"
#include "steps.h"

#include <stdlib.h>

static steps made;
static tt_report *report;

static int set_up(void **state)
{
    (void)state;
    made.size = 0;
    made.last = 0;
    made.now.ns = INT64_C(1704067200) * TT_NS_PER_S;
    return tt_report_new(1, &report) == TUTTI_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tt_report_free(report);
    return 0;
}

static void part(uint8_t account, tt_source source, int64_t initial, int64_t equity_cents)
{
    const tt_sub_account_update update = {
        .account = account,
        .account_source = (uint16_t)source,
        .initial = {tt_dec_from_i64(initial, 0)},
        .balance = {tt_dec_from_i64(equity_cents, 2)},
        .equity = {tt_dec_from_i64(equity_cents, 2)},
        .fees = {TT_DEC_C(1, 0)},
        .fills = 3};
    made.size = 0;
    add_message(&made, TT_TOPIC_SUB_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 1, &update);
    tt_report_apply(report, made.bytes, made.size);
}

static char *written(void (*write)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void write_json(FILE *out)
{
    tt_parts_json(out, tt_report_numbers_get(report));
}

static void write_table(FILE *out)
{
    tt_parts_table(out, tt_report_numbers_get(report), "USDT");
}

static void assert_written(void (*write)(FILE *out), const char *expected)
{
    char *text = written(write);
    assert_string_equal(text, expected);
    free(text);
}

static void an_account_without_parts_has_none(void **state)
{
    (void)state;
    assert_written(write_json, "  \"sub_accounts\": [],\n");
    assert_written(write_table, "");
}

static void each_part_is_told_by_its_own_capital(void **state)
{
    (void)state;
    part(1, TT_SOURCE_STRATEGY, 3000, 310000);
    part(0, TT_SOURCE_NONE, 7000, 693000);
    part(1, TT_SOURCE_STRATEGY, 3000, 312000); // The newest counts.
    part(2, TT_SOURCE_OPERATOR, 0, 500);       // No capital: no return.
    assert_written(
        write_json,
        "  \"sub_accounts\": [\n"
        "    {\"account\": 0, \"name\": \"house\", \"initial\": 7000, \"balance\": 6930,"
        " \"equity\": 6930, \"return_pct\": -1, \"realized_pnl\": 0, \"fees\": 1, \"funding\": 0,"
        " \"fills\": 3},\n"
        "    {\"account\": 1, \"name\": \"strategy\", \"initial\": 3000, \"balance\": 3120,"
        " \"equity\": 3120, \"return_pct\": 4, \"realized_pnl\": 0, \"fees\": 1, \"funding\": 0,"
        " \"fills\": 3},\n"
        "    {\"account\": 2, \"name\": \"operator\", \"initial\": 0, \"balance\": 5,"
        " \"equity\": 5, \"return_pct\": null, \"realized_pnl\": 0, \"fees\": 1, \"funding\": 0,"
        " \"fills\": 3}\n"
        "  ],\n");
    assert_written(
        write_table,
        "  house                       -1.00  % on its 7000.00 USDT\n"
        "  strategy                     4.00  % on its 3000.00 USDT\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_account_without_parts_has_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_part_is_told_by_its_own_capital, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
