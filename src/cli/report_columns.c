/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of reports side by side.
 */
#include "cli/report_columns.h"

#include <inttypes.h>
#include <stdio.h>

static void put_label(const char *label)
{
    printf("  %-26s", label);
}

static void
put_count_row(const tt_report_columns *table, const char *label, const uint64_t values[3])
{
    put_label(label);
    for (int i = table->first; i < 3; i++) {
        printf(" %14" PRIu64, values[i]);
    }
    printf(" %+14" PRId64 "\n", (int64_t)(values[2] - values[1]));
}

static void
put_decimal_row(const tt_report_columns *table, const char *label, const tt_dec values[3])
{
    char text[TT_DEC_TEXT_MAX];
    put_label(label);
    for (int i = table->first; i < 3; i++) {
        tt_dec_format_fixed(values[i], 2, text);
        printf(" %14s", text);
    }
    char change[TT_DEC_TEXT_MAX + 1];
    tt_dec_format_fixed(tt_dec_xsub(values[2], values[1]), 2, text);
    snprintf(change, sizeof change, "%s%s", text[0] == '-' ? "" : "+", text);
    printf(" %14s\n", change);
}

static tt_dec win_rate(const tt_report_numbers *numbers)
{
    if (numbers->closed_trades == 0) {
        return TT_DEC_C(0, 0);
    }
    tt_dec won = tt_dec_from_i64((int64_t)numbers->winning_trades, 0);
    return tt_dec_xdiv(
        tt_dec_xmul(won, TT_DEC_C(100, 0)), tt_dec_from_i64((int64_t)numbers->closed_trades, 0));
}

#define COUNT_ROW(table, label, field)                                                             \
    put_count_row(                                                                                 \
        (table),                                                                                   \
        (label),                                                                                   \
        (const uint64_t[3]){                                                                       \
            (table)->numbers[0]->field, (table)->numbers[1]->field, (table)->numbers[2]->field})
#define DECIMAL_ROW(table, label, field)                                                           \
    put_decimal_row(                                                                               \
        (table),                                                                                   \
        (label),                                                                                   \
        (const tt_dec[3]){                                                                         \
            (table)->numbers[0]->field, (table)->numbers[1]->field, (table)->numbers[2]->field})

/** Rows of counts by name: those that are not 0 on all sides. */
static void put_named_rows(
    const tt_report_columns *table,
    const char *title,
    const tt_enum_info *names,
    const uint64_t *const counts[3])
{
    for (uint8_t i = 0; i < names->count; i++) {
        const uint64_t values[3] = {counts[0][i], counts[1][i], counts[2][i]};
        if (values[0] + values[1] + values[2] > 0) {
            char label[64];
            snprintf(label, sizeof label, "%s %s", title, names->texts[i]);
            put_count_row(table, label, values);
        }
    }
}

#define NAMED_ROWS(table, title, names, field)                                                     \
    put_named_rows(                                                                                \
        (table),                                                                                   \
        (title),                                                                                   \
        (names),                                                                                   \
        (const uint64_t *const[3]){                                                                \
            (table)->numbers[0]->field, (table)->numbers[1]->field, (table)->numbers[2]->field})

void tt_report_columns_print(const tt_report_columns *table, const char *currency)
{
    put_label("");
    for (int i = table->first; i < 3; i++) {
        printf(" %14s", table->titles[i]);
    }
    printf(" %14s\n", "difference");
    COUNT_ROW(table, "signals to trade", signals);
    COUNT_ROW(table, "conflicts decided", conflicts);
    COUNT_ROW(table, "proposals", proposals);
    COUNT_ROW(table, "orders", orders);
    COUNT_ROW(table, "fills", fills);
    COUNT_ROW(table, "closed trades", closed_trades);
    put_decimal_row(
        table,
        "win rate %",
        (const tt_dec[3]){
            win_rate(table->numbers[0]), win_rate(table->numbers[1]), win_rate(table->numbers[2])});
    char label[64];
    snprintf(label, sizeof label, "realized P&L %s", currency);
    DECIMAL_ROW(table, label, account.realized_pnl.d);
    DECIMAL_ROW(table, "fees", account.fees.d);
    DECIMAL_ROW(table, "final equity", account.equity.d);
    DECIMAL_ROW(table, "max drawdown %", max_drawdown_pct.d);
    NAMED_ROWS(table, "verdicts", &tt_enum_verdict, verdicts);
    NAMED_ROWS(table, "rejected", &tt_enum_risk_code, rejections);
    NAMED_ROWS(table, "conflicts:", &tt_enum_resolution, resolutions);
    NAMED_ROWS(table, "exits by", &tt_enum_exit_reason, exits);
}
