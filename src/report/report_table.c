/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The closing table of a run, for a terminal.
 */
#include "base/calendar.h"
#include "report/render.h"
#include "report/report.h"
#include "report/report_parts.h"

#include <inttypes.h>
#include <stdio.h>

static void put_row(FILE *out, const char *label, uint64_t value, const char *detail)
{
    fprintf(out, "  %-18s %14" PRIu64 "  %s\n", label, value, detail);
}

static void put_decimal_row(FILE *out, const char *label, tt_dec value, const char *unit)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(value, 2, text);
    fprintf(out, "  %-18s %14s  %s\n", label, text, unit);
}

static void
put_nonzero(FILE *out, const char *title, const tt_enum_info *names, const uint64_t *counts)
{
    fprintf(out, "  %-18s ", title);
    const char *separator = "";
    for (uint8_t i = 0; i < names->count; i++) {
        if (counts[i] > 0) {
            fprintf(out, "%s%s %" PRIu64, separator, names->texts[i], counts[i]);
            separator = ", ";
        }
    }
    fputs(*separator == 0 ? "none\n" : "\n", out);
}

static void put_span(FILE *out, const tt_report_numbers *numbers)
{
    char start[TT_TIME_TEXT_MAX];
    char end[TT_TIME_TEXT_MAX];
    tt_time_format(numbers->start, start);
    tt_time_format(numbers->end, end);
    fprintf(out, "  %s  to  %s\n\n", start, end);
}

static void put_ratio_row(FILE *out, const char *label, double value, const char *detail)
{
    fprintf(out, "  %-18s %14.2f  %s\n", label, value, detail);
}

static void put_performance(FILE *out, const tt_performance *performance, const char *currency)
{
    const tt_trade_figures *all = &performance->all;
    tt_dec factor = TT_DEC_ZERO;
    put_decimal_row(out, "win rate", tt_trade_figures_win_rate(all), "%");
    if (tt_trade_figures_profit_factor(all, &factor)) {
        put_decimal_row(out, "profit factor", factor, "gross profit / gross loss");
    } else {
        fprintf(out, "  %-18s %14s  no trade was lost\n", "profit factor", "-");
    }
    put_decimal_row(out, "largest win", all->largest_win.d, currency);
    put_decimal_row(out, "largest loss", all->largest_loss.d, currency);
    if (tt_performance_return_count(performance) < 2) {
        fprintf(
            out, "  %-18s %14s  Sharpe, Sortino, Calmar need two days\n", "ratios of a year", "-");
        return;
    }
    put_ratio_row(out, "Sharpe", tt_performance_sharpe(performance), "of daily returns, a year");
    put_ratio_row(out, "Sortino", tt_performance_sortino(performance), "");
    put_ratio_row(out, "Calmar", tt_performance_calmar(performance), "");
}

static void put_digest(FILE *out, const uint8_t *digest)
{
    fputs("  digest ", out);
    for (int i = 0; digest != NULL && i < 32; i++) {
        fprintf(out, "%02x", digest[i]);
    }
    fputs(digest == NULL ? "none: no journal was kept\n" : "\n", out);
}

/** Rows of the feed that were left out, with where and why: what is missing of the data must not go
 * unseen. */
static void put_refused(FILE *out, const tt_report_numbers *numbers)
{
    const tt_feed_event *first = &numbers->first_refused;
    char detail[sizeof first->file + sizeof first->message + 48];
    if (numbers->refused_rows == 0) {
        return;
    }
    snprintf(
        detail,
        sizeof detail,
        "first %s:%" PRIu64 ": %s",
        first->file,
        (uint64_t)first->line,
        first->message);
    put_row(out, "refused rows", numbers->refused_rows, detail);
}

static void put_table(FILE *out, const tt_report *report, const tt_report_context *context)
{
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    fprintf(out, "\n%s\n", context->title);
    put_span(out, numbers);
    put_row(out, "bars", numbers->bars, "");
    put_row(out, "ticks", numbers->ticks, "");
    put_refused(out, numbers);
    put_row(out, "messages", numbers->messages, "");
    put_row(out, "signals", numbers->signals, "decisions to trade");
    put_row(out, "conflicts", numbers->conflicts, "detected and decided");
    put_row(out, "orders", numbers->orders, "");
    put_row(out, "fills", numbers->fills, "");
    char sides[64];
    snprintf(
        sides,
        sizeof sides,
        "%" PRIu64 " long, %" PRIu64 " short",
        numbers->long_trades,
        numbers->short_trades);
    put_row(out, "closed trades", numbers->closed_trades, sides);
    put_row(out, "winning trades", numbers->winning_trades, "after fees");
    put_decimal_row(out, "realized P&L", numbers->account.realized_pnl.d, context->currency);
    put_decimal_row(out, "fees", numbers->account.fees.d, context->currency);
    put_decimal_row(out, "final equity", numbers->account.equity.d, context->currency);
    put_decimal_row(out, "max drawdown", numbers->max_drawdown_pct.d, "%");
    put_performance(out, tt_report_performance(report), context->currency);
    tt_parts_table(out, numbers, context->currency);
    fputc('\n', out);
    put_nonzero(out, "exits", &tt_enum_exit_reason, numbers->exits);
    put_nonzero(out, "rejections", &tt_enum_risk_code, numbers->rejections);
    put_nonzero(out, "conflicts ended in", &tt_enum_resolution, numbers->resolutions);
    if (context->wall_seconds > 0) {
        uint64_t events = numbers->bars + numbers->ticks;
        fprintf(
            out,
            "\n  %.2f s, %.0f market events/s\n",
            context->wall_seconds,
            (double)events / context->wall_seconds);
    }
    put_digest(out, context->digest);
}

tutti_status
tt_report_table(const tt_report *report, const tt_report_context *context, char **ret_text)
{
    size_t size = 0;
    FILE *out = open_memstream(ret_text, &size);
    if (out == NULL) {
        return TUTTI_NO_MEMORY;
    }
    put_table(out, report, context);
    return tt_render_finish(out, ret_text);
}
