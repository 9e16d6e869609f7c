/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The portfolio as JSON: what is held and what should be, the plan in work, its batches.
 */
#include "api/api_priv.h"

#include <inttypes.h>

static void put_rows(const tt_api *api, FILE *out, const tt_portfolio_status *portfolio)
{
    fputs(", \"allocation\": [", out);
    for (uint32_t i = 0; i < portfolio->row_count; i++) {
        const tt_allocation_row *row = &portfolio->rows[i];
        fprintf(out, "%s\n  {\"symbol\": ", i == 0 ? "" : ",");
        tt_api_put_text(out, tt_api_symbol(api, row->instrument));
        fputs(", ", out);
        tt_api_put_dec(out, "value", row->value.d);
        fputs(", ", out);
        tt_api_put_dec(out, "current_pct", row->current_pct.d);
        fputs(", ", out);
        tt_api_put_dec(out, "target_pct", row->target_pct.d);
        fputc('}', out);
    }
    fputc(']', out);
}

static void put_batches(FILE *out, const tt_portfolio_status *portfolio)
{
    fputs(", \"batches\": [", out);
    for (uint32_t i = 0; i < portfolio->batch_count; i++) {
        const tt_batch_status *batch = &portfolio->batches[i];
        fprintf(out, "%s\n  {\"batch\": %u, ", i == 0 ? "" : ",", i);
        tt_api_put_time(out, "due", batch->due);
        fputs(", ", out);
        tt_api_put_dec(out, "planned", batch->planned.d);
        fputs(", ", out);
        tt_api_put_dec(out, "filled", batch->filled.d);
        fprintf(
            out,
            ", \"trades\": %u, \"open\": %u, \"done\": %u, \"failed\": %u, \"skipped\": %u}",
            batch->trades,
            batch->open,
            batch->done,
            batch->failed,
            batch->skipped);
    }
    fputc(']', out);
}

static void put_numbers(FILE *out, const tt_portfolio_status *portfolio)
{
    const struct {
        const char *key;
        tt_dec value;
    } rows[] = {
        {"equity", portfolio->equity.d},
        {"cash", portfolio->cash.d},
        {"cash_pct", portfolio->cash_pct.d},
        {"cash_target_pct", portfolio->cash_target_pct.d},
        {"max_deviation_pct", portfolio->max_deviation_pct.d},
        {"threshold_pct", portfolio->threshold_pct.d},
    };
    fprintf(
        out,
        "{\"has_targets\": %s, \"needs_rebalancing\": %s",
        portfolio->has_targets ? "true" : "false",
        portfolio->needs_rebalancing ? "true" : "false");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fputs(", ", out);
        tt_api_put_dec(out, rows[i].key, rows[i].value);
    }
}

void tt_api_render_allocation(const tt_api *api, FILE *out)
{
    const tt_portfolio_status *portfolio = &api->status.engine.portfolio;
    put_numbers(out, portfolio);
    fprintf(
        out, ", \"drift\": \"%s\", ", tt_enum_text(&tt_enum_severity, (uint8_t)portfolio->drift));
    tt_api_put_time(out, "last_check", portfolio->last_check);
    fputs(", ", out);
    tt_api_put_time(out, "last_plan", portfolio->last_plan);
    fputs(", ", out);
    tt_api_put_time(out, "next_plan", portfolio->next_plan);
    fprintf(
        out,
        ", \"plan_seq\": %" PRIu64 ", \"strategy\": \"%s\", \"checks\": %" PRIu64
        ", \"plans\": %" PRIu64 ", \"refused_plans\": %" PRIu64 ", \"trades_done\": %" PRIu64
        ", \"trades_failed\": %" PRIu64 ", \"trades_skipped\": %" PRIu64,
        portfolio->plan_seq,
        tt_enum_text(&tt_enum_rebalance_strategy, (uint8_t)portfolio->strategy),
        portfolio->checks,
        portfolio->plans,
        portfolio->refused_plans,
        portfolio->trades_done,
        portfolio->trades_failed,
        portfolio->trades_skipped);
    put_rows(api, out, portfolio);
    put_batches(out, portfolio);
    fputs("}\n", out);
}
