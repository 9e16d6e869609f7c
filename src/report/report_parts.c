/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sub-accounts in a report. Their equity is that of their last record, told at each of their
 * executions; what the marks did since then is in the account's figures alone.
 */
#include "report/report_parts.h"

#include <inttypes.h>

/* Percent that a part's equity is above its capital. False: it has none to compare with. */
static bool find_return(const tt_sub_account_update *part, tt_dec *ret_pct)
{
    if (tt_dec_sign(part->initial.d) <= 0) {
        return false;
    }
    tt_dec gain = tt_dec_xsub(part->equity.d, part->initial.d);
    *ret_pct = tt_dec_xdiv(tt_dec_xmul(gain, TT_DEC_C(100, 0)), part->initial.d);
    return true;
}

static const char *name_of(const tt_sub_account_update *part)
{
    return part->account == 0 ? "house" : tt_source_text(part->account_source);
}

static void put_dec(FILE *out, const char *key, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(out, ", \"%s\": %s", key, text);
}

static void put_part(FILE *out, const tt_sub_account_update *part)
{
    tt_dec pct = TT_DEC_ZERO;
    fprintf(out, "{\"account\": %u, \"name\": \"%s\"", part->account, name_of(part));
    put_dec(out, "initial", part->initial.d);
    put_dec(out, "balance", part->balance.d);
    put_dec(out, "equity", part->equity.d);
    if (find_return(part, &pct)) {
        put_dec(out, "return_pct", pct);
    } else {
        fputs(", \"return_pct\": null", out);
    }
    put_dec(out, "realized_pnl", part->realized_pnl.d);
    put_dec(out, "fees", part->fees.d);
    put_dec(out, "funding", part->funding.d);
    fprintf(out, ", \"fills\": %" PRIu32 "}", part->fills);
}

void tt_parts_json(FILE *out, const tt_report_numbers *numbers)
{
    bool is_first = true;
    fputs("  \"sub_accounts\": [", out);
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (numbers->has_part[i]) {
            fputs(is_first ? "\n    " : ",\n    ", out);
            put_part(out, &numbers->parts[i]);
            is_first = false;
        }
    }
    fputs(is_first ? "],\n" : "\n  ],\n", out);
}

void tt_parts_table(FILE *out, const tt_report_numbers *numbers, const char *currency)
{
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        const tt_sub_account_update *part = &numbers->parts[i];
        tt_dec pct = TT_DEC_ZERO;
        char gain[TT_DEC_TEXT_MAX];
        char capital[TT_DEC_TEXT_MAX];
        if (!numbers->has_part[i] || !find_return(part, &pct)) {
            continue;
        }
        tt_dec_format_fixed(pct, 2, gain);
        tt_dec_format_fixed(part->initial.d, 2, capital);
        fprintf(out, "  %-18s %14s  %% on its %s %s\n", name_of(part), gain, capital, currency);
    }
}
