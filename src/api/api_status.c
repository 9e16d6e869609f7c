/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Status as JSON: coordinator, bus, account.
 */
#include "api/api_priv.h"

#include <inttypes.h>

static void put_tasks(FILE *out, const tt_coord_status *coord)
{
    fputs("  \"scheduled_tasks\": [", out);
    for (uint8_t i = 0; i < TT_task_COUNT; i++) {
        const tt_task_status *task = &coord->tasks[i];
        fprintf(
            out,
            "%s\n    {\"name\": \"%s\", \"agent\": \"%s\", \"enabled\": %s, ",
            i == 0 ? "" : ",",
            tt_enum_text(&tt_enum_task, i),
            tt_enum_text(&tt_enum_agent, i),
            task->enabled ? "true" : "false");
        tt_api_put_time(out, "last_run", task->last_run);
        fputs(", ", out);
        tt_api_put_time(out, "next_run", task->next_run);
        fprintf(
            out,
            ", \"runs\": %" PRIu64 ", \"errors\": %" PRIu64 ", \"in_flight\": %u}",
            task->runs,
            task->errors,
            task->in_flight);
    }
    fputs("\n  ],\n", out);
}

static void put_statistics(FILE *out, const tt_coord_status *coord)
{
    fprintf(
        out,
        "  \"statistics\": {\"total_task_runs\": %" PRIu64 ", \"total_signals\": %" PRIu64
        ", \"total_conflicts_detected\": %" PRIu64 ", \"total_conflicts_resolved\": %" PRIu64
        ", \"total_trades_routed\": %" PRIu64 "},\n",
        coord->total_task_runs,
        coord->total_signals,
        coord->total_conflicts_detected,
        coord->total_conflicts_resolved,
        coord->total_trades_routed);
    fprintf(
        out,
        "  \"health\": {\"consecutive_llm_failures\": %u, \"consecutive_api_failures\": %u},\n",
        coord->consecutive_llm_failures,
        coord->consecutive_api_failures);
}

/* Groups of two entries of which the first that fills cancels the other (ADR 86). */
static void put_groups(FILE *out, const tt_trade_status *trade)
{
    fprintf(
        out,
        "  \"entry_groups\": {\"open\": %" PRIu32 ", \"sent\": %" PRIu64 ", \"refused\": %" PRIu64
        ", \"repairs\": %" PRIu64 "},\n",
        trade->live_groups,
        trade->groups_sent,
        trade->groups_refused,
        trade->group_repairs);
}

static void put_risk(FILE *out, const tt_risk_status *risk)
{
    fputs("  \"risk\": {", out);
    tt_api_put_dec(out, "drawdown_pct", risk->drawdown_pct.d);
    fputs(", ", out);
    tt_api_put_dec(out, "max_drawdown_pct", risk->max_drawdown_pct.d);
    fputs(", ", out);
    tt_api_put_dec(out, "daily_pnl_pct", risk->daily_pnl_pct.d);
    fputs(", ", out);
    tt_api_put_dec(out, "weekly_pnl_pct", risk->weekly_pnl_pct.d);
    fputs(", ", out);
    tt_api_put_time(out, "cooldown_until", risk->cooldown_until);
    fprintf(
        out,
        ", \"consecutive_losses\": %u, \"halted\": %s, \"verdicts\": %" PRIu64
        ", \"approved\": %" PRIu64 "}\n",
        risk->consecutive_losses,
        risk->halted ? "true" : "false",
        risk->verdicts,
        risk->approved);
}

void tt_api_render_status(const tt_api *api, FILE *out)
{
    const tt_engine_status *engine = &api->status.engine;
    const tt_coord_status *coord = &engine->coord;
    fprintf(
        out,
        "{\n  \"state\": \"%s\",\n  \"degradation_level\": \"%s\",\n  \"trading_mode\": \"%s\",\n",
        tt_enum_text(&tt_enum_coordinator_state, (uint8_t)coord->state),
        tt_enum_text(&tt_enum_degradation, (uint8_t)coord->degradation),
        tt_enum_text(&tt_enum_mode, (uint8_t)api->options.mode));
    fputs("  ", out);
    tt_api_put_time(out, "time", engine->now);
    fprintf(out, ",\n  \"is_recovered\": %s,\n", api->status.host.is_recovered ? "true" : "false");
    put_tasks(out, coord);
    put_statistics(out, coord);
    put_groups(out, &engine->trade);
    put_risk(out, &engine->risk);
    fputs("}\n", out);
}

void tt_api_render_account(const tt_api *api, FILE *out)
{
    const tt_account_update *account = &api->status.engine.trade.account;
    const struct {
        const char *key;
        tt_dec value;
    } rows[] = {
        {"initial", account->initial.d},
        {"transfers", account->transfers.d},
        {"balance", account->balance.d},
        {"equity", account->equity.d},
        {"unrealized_pnl", account->unrealized_pnl.d},
        {"realized_pnl", account->realized_pnl.d},
        {"fees", account->fees.d},
        {"exposure", account->exposure.d},
        {"pending_exposure", account->pending_exposure.d},
        {"margin_used", account->margin_used.d},
        {"margin_available", account->margin_available.d},
    };
    fprintf(out, "{\"currency\": \"%s\"", api->options.currency);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fputs(", ", out);
        tt_api_put_dec(out, rows[i].key, rows[i].value);
    }
    fprintf(
        out,
        ", \"open_positions\": %u, \"open_orders\": %u, \"unknown_orders\": %u, ",
        account->open_positions,
        account->open_orders,
        account->unknown_orders);
    const tt_trade_status *trade = &api->status.engine.trade;
    tt_api_put_dec(out, "balance_difference", trade->balance_difference.d);
    fprintf(
        out,
        ", \"balance_cause\": \"%s\", \"is_balance_confirmed\": %s, \"comparisons_failed\": %u, "
        "\"is_venue_late\": %s}\n",
        tt_enum_text(&tt_enum_cash_kind, (uint8_t)trade->balance_cause),
        trade->is_balance_confirmed ? "true" : "false",
        trade->comparisons_failed,
        trade->is_venue_late ? "true" : "false");
}
