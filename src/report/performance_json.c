/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Performance figures as JSON: keys in a fixed order, null for what there is none of.
 */
#include "base/calendar.h"
#include "report/performance.h"

#include <inttypes.h>

/** Where figures go, and how decimals are written. */
struct sheet {
    FILE *out;
    const char *quote; /**< Around decimals. */
};

static void put_dec(const struct sheet *sheet, const char *key, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(sheet->out, ", \"%s\": %s%s%s", key, sheet->quote, text, sheet->quote);
}

/** Part of a whole that may be none: 0 then. */
static void put_mean(const struct sheet *sheet, const char *key, tt_dec sum, uint64_t count)
{
    tt_dec whole = tt_dec_from_i64((int64_t)count, 0);
    put_dec(sheet, key, count == 0 ? TT_DEC_ZERO : tt_dec_xdiv(sum, whole));
}

static void put_time(const struct sheet *sheet, const char *key, tt_time time)
{
    char text[TT_TIME_TEXT_MAX];
    if (time.ns == 0) {
        fprintf(sheet->out, ", \"%s\": null", key);
        return;
    }
    tt_time_format(time, text);
    fprintf(sheet->out, ", \"%s\": \"%s\"", key, text);
}

static void put_seconds(const struct sheet *sheet, const char *key, int64_t ns)
{
    fprintf(sheet->out, ", \"%s\": %" PRId64, key, ns / TT_NS_PER_S);
}

/** Ratios have six decimals: they are no money. */
static void put_ratio(const struct sheet *sheet, const char *key, double value)
{
    fprintf(sheet->out, ", \"%s\": %.6f", key, value);
}

static void put_figures(const struct sheet *sheet, const tt_trade_figures *figures)
{
    tt_dec net = tt_trade_figures_net(figures);
    tt_dec factor = TT_DEC_ZERO;
    fprintf(
        sheet->out,
        "\"trades\": %" PRIu64 ", \"wins\": %" PRIu64 ", \"losses\": %" PRIu64,
        figures->trades,
        figures->wins,
        figures->losses);
    put_dec(sheet, "win_rate_pct", tt_trade_figures_win_rate(figures));
    if (tt_trade_figures_profit_factor(figures, &factor)) {
        put_dec(sheet, "profit_factor", factor);
    } else {
        fputs(", \"profit_factor\": null", sheet->out);
    }
    put_dec(sheet, "net", net);
    put_dec(sheet, "gross_profit", figures->gross_profit.d);
    put_dec(sheet, "gross_loss", figures->gross_loss.d);
    put_mean(sheet, "average_win", figures->gross_profit.d, figures->wins);
    put_mean(sheet, "average_loss", figures->gross_loss.d, figures->losses);
    put_dec(sheet, "largest_win", figures->largest_win.d);
    put_dec(sheet, "largest_loss", figures->largest_loss.d);
    put_mean(sheet, "expectancy", net, figures->trades);
    put_dec(sheet, "trade_fees", figures->fees.d);
    put_seconds(sheet, "held_s", figures->held_ns);
}

static void
put_drawdown(const struct sheet *sheet, const char *key, const tt_drawdown *drawdown, tt_time now)
{
    tt_time until = drawdown->until.ns != 0 ? drawdown->until : now;
    int64_t ns = drawdown->since.ns == 0 ? 0 : until.ns - drawdown->since.ns;
    fprintf(sheet->out, ", \"%s\": {\"open\": ", key);
    bool is_open = drawdown->since.ns != 0 && drawdown->until.ns == 0;
    fputs(is_open ? "true" : "false", sheet->out);
    put_dec(sheet, "amount", drawdown->amount.d);
    put_dec(sheet, "pct", drawdown->pct.d);
    put_time(sheet, "since", drawdown->since);
    put_seconds(sheet, "duration_s", ns);
    fputc('}', sheet->out);
}

static void put_sources(const struct sheet *sheet, const tt_performance *performance)
{
    const char *separator = "";
    fputs(", \"sources\": {", sheet->out);
    for (uint16_t i = 0; i < TT_SOURCE_COUNT; i++) {
        if (performance->sources[i].trades > 0) {
            fprintf(sheet->out, "%s\"%s\": {", separator, tt_source_text(i));
            put_figures(sheet, &performance->sources[i]);
            fputc('}', sheet->out);
            separator = ", ";
        }
    }
    fputc('}', sheet->out);
}

void tt_performance_json(
    const tt_performance *performance, const tt_performance_paid *paid, bool is_text, FILE *out)
{
    const struct sheet sheet = {.out = out, .quote = is_text ? "\"" : ""};
    const tt_account_record *last = &performance->account.last;
    int64_t span_ns = last->time.ns - performance->account.first.ns;
    fputc('{', out);
    put_figures(&sheet, &performance->all);
    put_dec(&sheet, "initial", last->initial.d);
    put_dec(&sheet, "transfers", last->transfers.d);
    put_dec(&sheet, "equity", last->equity.d);
    tt_dec paid_in = tt_dec_xadd(last->initial.d, last->transfers.d);
    put_dec(&sheet, "total_return", tt_dec_xsub(last->equity.d, paid_in));
    put_dec(&sheet, "fees", paid->fees.d);
    put_dec(&sheet, "funding", paid->funding.d);
    fprintf(out, ", \"daily_returns\": %u", tt_performance_return_count(performance));
    put_ratio(&sheet, "sharpe", tt_performance_sharpe(performance));
    put_ratio(&sheet, "sortino", tt_performance_sortino(performance));
    put_ratio(&sheet, "calmar", tt_performance_calmar(performance));
    put_drawdown(&sheet, "max_drawdown", &performance->account.worst, last->time);
    put_drawdown(&sheet, "current_drawdown", &performance->account.current, last->time);
    put_seconds(&sheet, "exposed_s", performance->account.exposed_ns);
    put_ratio(
        &sheet,
        "exposed_pct",
        span_ns > 0 ? (double)performance->account.exposed_ns / (double)span_ns * 100 : 0);
    put_sources(&sheet, performance);
    fputc('}', out);
}
