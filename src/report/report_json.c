/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The report as JSON. Decimals are written as numbers with all their digits; keys never change
 * their order.
 */
#include "report/render.h"
#include "report/report.h"
#include "report/report_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void put_counts(
    FILE *out, const char *key, const tt_enum_info *names, const uint64_t *counts, bool skip_first)
{
    fprintf(out, "  \"%s\": {", key);
    const char *separator = "";
    for (uint8_t i = skip_first ? 1 : 0; i < names->count; i++) {
        if (counts[i] > 0) {
            fprintf(out, "%s\"%s\": %" PRIu64, separator, names->texts[i], counts[i]);
            separator = ", ";
        }
    }
    fputs("},\n", out);
}

static void put_agents(FILE *out, const tt_report_numbers *numbers)
{
    fputs("  \"agents\": {", out);
    for (unsigned i = 0; i < TT_agent_COUNT; i++) {
        const tt_agent_counts *agent = &numbers->agents[i];
        fprintf(
            out,
            "%s\n    \"%s\": {\"calls\": %" PRIu64 ", \"outputs\": %" PRIu64,
            i == 0 ? "" : ",",
            tt_enum_text(&tt_enum_agent, (uint8_t)i),
            agent->calls,
            agent->outputs);
        for (unsigned s = 0; s < TT_answer_status_COUNT; s++) {
            fprintf(
                out,
                ", \"%s\": %" PRIu64,
                tt_enum_text(&tt_enum_answer_status, (uint8_t)s),
                agent->answers[s]);
        }
        fputs("}", out);
    }
    fputs("\n  },\n", out);
}

static void put_models(FILE *out, const tt_report *report)
{
    uint32_t count = 0;
    const tt_model_score *scores = tt_report_models(report, &count);
    fputs("  \"models\": [", out);
    for (uint32_t i = 0; i < count; i++) {
        const tt_model_score *score = &scores[i];
        char confidence[TT_DEC_TEXT_MAX];
        tt_dec votes = tt_dec_from_i64((int64_t)score->votes, 0);
        tt_dec_format_fixed(tt_dec_xdiv(score->confidence, votes), 4, confidence);
        fputs(i == 0 ? "\n    {\"model\": " : ",\n    {\"model\": ", out);
        tt_render_json_text(out, score->model);
        fprintf(out, ", \"votes\": %" PRIu64, score->votes);
        for (uint8_t action = 0; action < TT_action_COUNT; action++) {
            const char *name = tt_enum_text(&tt_enum_action, action);
            fprintf(out, ", \"%s\": %" PRIu64, name, score->actions[action]);
        }
        fprintf(
            out,
            ", \"judged\": %" PRIu64 ", \"right\": %" PRIu64 ", \"mean_confidence\": %s}",
            score->judged,
            score->right,
            confidence);
    }
    fputs(count == 0 ? "],\n" : "\n  ],\n", out);
    fprintf(out, "  \"votes_lost\": %" PRIu64 ",\n", tt_report_votes_lost(report));
}

static void put_money(FILE *out, const tt_report_numbers *numbers)
{
    tt_render_decimal_field(out, "fees", numbers->account.fees.d);
    tt_render_decimal_field(out, "realized_pnl", numbers->account.realized_pnl.d);
    tt_render_decimal_field(out, "initial_equity", numbers->account.initial.d);
    tt_render_decimal_field(out, "transfers", numbers->account.transfers.d);
    tt_render_decimal_field(out, "final_equity", numbers->account.equity.d);
    tt_render_decimal_field(out, "peak_equity", numbers->peak_equity.d);
    tt_render_decimal_field(out, "max_drawdown_pct", numbers->max_drawdown_pct.d);
}

static void put_curves(FILE *out, const tt_report *report, const tt_report_context *context)
{
    fputs("  \"equity\": ", out);
    tt_render_equity(out, report);
    fputs(",\n  \"prices\": {", out);
    for (uint32_t i = 0; i < context->instruments->count; i++) {
        fputs(i == 0 ? "\n    " : ",\n    ", out);
        tt_render_json_text(out, context->instruments->list[i].symbol);
        fputs(": ", out);
        tt_render_prices(out, report, i + 1);
    }
    fputs("\n  },\n  \"trades\": ", out);
    tt_render_trades(out, report, context->instruments);
    fputs(",\n", out);
}

static void put_counters(FILE *out, const tt_report_numbers *numbers)
{
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {
        {"bars", numbers->bars},
        {"ticks", numbers->ticks},
        {"refused_rows", numbers->refused_rows},
        {"messages", numbers->messages},
        {"inputs", numbers->inputs},
        {"signals", numbers->signals},
        {"holds", numbers->holds},
        {"conflicts", numbers->conflicts},
        {"proposals", numbers->proposals},
        {"orders", numbers->orders},
        {"fills", numbers->fills},
        {"closed_trades", numbers->closed_trades},
        {"long_trades", numbers->long_trades},
        {"short_trades", numbers->short_trades},
        {"winning_trades", numbers->winning_trades},
        {"dead_letters", numbers->dead_letters},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, "  \"%s\": %" PRIu64 ",\n", rows[i].key, rows[i].value);
    }
}

static void
put_report(FILE *out, const tt_report *report, const tt_report_context *context, bool with_curves)
{
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    fputs("{\n  \"title\": ", out);
    tt_render_json_text(out, context->title);
    fputs(",\n  \"currency\": ", out);
    tt_render_json_text(out, context->currency);
    fputs(",\n", out);
    tt_render_time_field(out, "start", numbers->start);
    tt_render_time_field(out, "end", numbers->end);
    put_counters(out, numbers);
    put_counts(out, "rejections", &tt_enum_risk_code, numbers->rejections, true);
    put_counts(out, "verdicts", &tt_enum_verdict, numbers->verdicts, false);
    put_counts(out, "resolutions", &tt_enum_resolution, numbers->resolutions, false);
    put_counts(out, "alerts", &tt_enum_alert_type, numbers->alerts, false);
    put_counts(out, "exits", &tt_enum_exit_reason, numbers->exits, false);
    put_agents(out, numbers);
    put_models(out, report);
    put_money(out, numbers);
    tt_parts_json(out, numbers);
    const tt_performance_paid paid = {numbers->account.fees, numbers->funding};
    fputs("  \"performance\": ", out);
    tt_performance_json(tt_report_performance(report), &paid, false, out);
    fputs(",\n", out);
    if (with_curves) {
        put_curves(out, report, context);
    }
    if (context->delivery != NULL) {
        fprintf(out, "  \"delivery\": %s,\n", context->delivery);
    }
    fputs("  \"digest\": ", out);
    tt_render_digest(out, context->digest);
    fputs("\n}\n", out);
}

tutti_status tt_report_json(
    const tt_report *report, const tt_report_context *context, bool with_curves, char **ret_text)
{
    size_t size = 0;
    FILE *out = open_memstream(ret_text, &size);
    if (out == NULL) {
        return TUTTI_NO_MEMORY;
    }
    put_report(out, report, context, with_curves);
    return tt_render_finish(out, ret_text);
}
