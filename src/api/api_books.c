/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Risk and books as JSON: losses and cooldowns, exposure, execution; conflicts that wait for a
 * person.
 */
#include "api/api_priv.h"

#include <inttypes.h>

void tt_api_render_exposure(const tt_api *api, FILE *out)
{
    const tt_account_update *account = &api->status.engine.trade.account;
    fprintf(out, "{\"currency\": \"%s\", ", api->options.currency);
    tt_api_put_dec(out, "exposure", account->exposure.d);
    fputs(", ", out);
    tt_api_put_dec(out, "pending_exposure", account->pending_exposure.d);
    fputs(", ", out);
    tt_api_put_dec(out, "equity", account->equity.d);
    fputs(", ", out);
    tt_api_put_dec(out, "unrealized_pnl", account->unrealized_pnl.d);
    fputs(", ", out);
    tt_api_put_dec(out, "margin_used", account->margin_used.d);
    fputs(", ", out);
    tt_api_put_dec(out, "margin_available", account->margin_available.d);
    fprintf(
        out,
        ", \"open_positions\": %u, \"unknown_orders\": %u}\n",
        account->open_positions,
        account->unknown_orders);
}

void tt_api_render_execution(const tt_api *api, FILE *out)
{
    const tt_engine_status *engine = &api->status.engine;
    const tt_trade_status *trade = &engine->trade;
    const tt_bus_topic_stats *bus = &engine->bus_totals;
    fprintf(
        out,
        "{\"orders\": {\"sent\": %" PRIu64
        ", \"working\": %u, \"unknown\": %u, \"queries\": %" PRIu64
        ", \"refused_entries\": %" PRIu64 ", \"overfills\": %" PRIu64 "},\n",
        trade->orders,
        trade->account.open_orders,
        trade->account.unknown_orders,
        trade->queries,
        trade->refused_entries,
        trade->overfills);
    fprintf(
        out,
        " \"positions\": {\"open\": %u, \"closed_trades\": %" PRIu64 ", \"fills\": %" PRIu64 "},\n",
        trade->account.open_positions,
        trade->closed_trades,
        trade->fills);
    fprintf(
        out,
        " \"reports\": {\"duplicate\": %" PRIu64 ", \"late\": %" PRIu64 ", \"unknown\": %" PRIu64
        ", \"refused\": %" PRIu64 "},\n",
        trade->duplicate_reports,
        trade->late_reports,
        trade->unknown_reports,
        trade->refused_reports);
    fprintf(
        out,
        " \"bus\": {\"published\": %" PRIu64 ", \"delivered\": %" PRIu64 ", \"failed\": %" PRIu64
        ", \"dead_lettered\": %" PRIu64 "}}\n",
        bus->published,
        bus->delivered,
        bus->failed,
        bus->dead_lettered);
}

static void put_rejections(FILE *out, const tt_risk_status *risk)
{
    bool has_one = false;
    fputs(", \"rejections\": {", out);
    for (uint8_t i = 0; i < TT_risk_code_COUNT; i++) {
        if (risk->rejected[i] > 0) {
            fprintf(
                out,
                "%s\"%s\": %" PRIu64,
                has_one ? ", " : "",
                tt_enum_text(&tt_enum_risk_code, i),
                risk->rejected[i]);
            has_one = true;
        }
    }
    fputc('}', out);
}

/** Breakers in force; what they demand ends by itself or by a reset. */
static void put_breakers(FILE *out, const tt_risk_status *risk)
{
    bool has_one = false;
    fputs(", \"breakers\": [", out);
    for (uint8_t i = 1; i < TT_breach_type_COUNT; i++) {
        if (risk->breached[i]) {
            const char *name = tt_enum_text(&tt_enum_breach_type, i);
            fprintf(out, "%s\"%s\"", has_one ? ", " : "", name);
            has_one = true;
        }
    }
    fputc(']', out);
}

/** What holds entries back for a time: cooldowns and protections. */
static void put_locks(const tt_api *api, FILE *out, const tt_risk_status *risk)
{
    fprintf(out, ", \"lock_count\": %u, \"locks\": [", risk->lock_count);
    for (uint32_t i = 0; i < risk->lock_count && i < TT_RISK_STATUS_LOCKS; i++) {
        const tt_risk_lock_status *lock = &risk->locks[i];
        const char *reason = tt_enum_text(&tt_enum_lock_reason, lock->reason);
        fprintf(out, "%s\n  {\"reason\": \"%s\", \"symbol\": ", i == 0 ? "" : ",", reason);
        tt_api_put_text(out, lock->key == 0 ? "all" : tt_api_symbol(api, lock->key));
        fprintf(out, ", \"side\": \"%s\", ", tt_enum_text(&tt_enum_side, lock->side));
        tt_api_put_time(out, "since", lock->since);
        fputs(", ", out);
        tt_api_put_time(out, "until", lock->until);
        fprintf(out, ", \"subject_seq\": %llu}", (unsigned long long)lock->subject_seq);
    }
    fputc(']', out);
}

/** What is reserved for single sources of trades. */
static void put_budgets(FILE *out, const tt_risk_status *risk)
{
    fputs(", \"budgets\": [", out);
    for (uint32_t i = 0; i < risk->budget_count; i++) {
        const tt_risk_budget_status *row = &risk->budgets[i];
        const char *source = tt_source_text(row->source);
        fprintf(out, "%s{\"source\": \"%s\", ", i == 0 ? "" : ", ", source);
        tt_api_put_dec(out, "reserved", row->reserved.d);
        fputc('}', out);
    }
    fputc(']', out);
}

void tt_api_render_risk(const tt_api *api, FILE *out)
{
    const tt_risk_status *risk = &api->status.engine.risk;
    const struct {
        const char *key;
        tt_dec value;
    } rows[] = {
        {"equity", risk->equity.d},
        {"peak_equity", risk->peak_equity.d},
        {"drawdown_pct", risk->drawdown_pct.d},
        {"max_drawdown_pct", risk->max_drawdown_pct.d},
        {"daily_pnl_pct", risk->daily_pnl_pct.d},
        {"weekly_pnl_pct", risk->weekly_pnl_pct.d},
    };
    fprintf(
        out,
        "{\"halted\": %s, \"killed\": %s",
        risk->halted ? "true" : "false",
        risk->killed ? "true" : "false");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fputs(", ", out);
        tt_api_put_dec(out, rows[i].key, rows[i].value);
    }
    fputs(", ", out);
    tt_api_put_time(out, "cooldown_until", risk->cooldown_until);
    fprintf(
        out,
        ", \"consecutive_losses\": %u, \"entries_today\": %u, \"trades_today\": %u, "
        "\"closing\": %u, \"verdicts\": %" PRIu64 ", \"approved\": %" PRIu64,
        risk->consecutive_losses,
        risk->entries_today,
        risk->trades_today,
        risk->closing,
        risk->verdicts,
        risk->approved);
    put_rejections(out, risk);
    put_breakers(out, risk);
    put_locks(api, out, risk);
    put_budgets(out, risk);
    fputs("}\n", out);
}

void tt_api_render_approvals(const tt_api *api, FILE *out)
{
    const tt_coord_status *coord = &api->status.engine.coord;
    fputs("{\"items\": [", out);
    for (uint32_t i = 0; i < coord->approval_count; i++) {
        const tt_coord_approval *at = &coord->approvals[i];
        fprintf(out, "%s\n  {\"id\": %" PRIu64 ", \"symbol\": ", i == 0 ? "" : ",", at->case_seq);
        tt_api_put_text(out, tt_api_symbol(api, at->key));
        fprintf(
            out,
            ", \"action\": \"%s\", \"signal_seq\": %" PRIu64 ", \"arbiter\": ",
            tt_enum_text(&tt_enum_action, at->action),
            at->signal_seq);
        tt_api_put_text(out, at->arbiter);
        fputs(", ", out);
        tt_api_put_dec(out, "confidence", at->confidence.d);
        fputs(", ", out);
        tt_api_put_time(out, "until", at->until);
        fputc('}', out);
    }
    fprintf(
        out, "], \"count\": %u, \"total\": %u}\n", coord->approval_count, coord->waiting_approvals);
}
