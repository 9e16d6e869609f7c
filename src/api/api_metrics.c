/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Metrics in the text format of Prometheus.
 */
#include "api/api_priv.h"

#include <inttypes.h>

static void put_counter(FILE *out, const char *name, const char *help, uint64_t value)
{
    fprintf(
        out,
        "# HELP tutti_%s %s\n# TYPE tutti_%s counter\ntutti_%s %" PRIu64 "\n",
        name,
        help,
        name,
        name,
        value);
}

static void put_gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
    fprintf(
        out,
        "# HELP tutti_%s %s\n# TYPE tutti_%s gauge\ntutti_%s %" PRIu64 "\n",
        name,
        help,
        name,
        name,
        value);
}

static void put_decimal_gauge(FILE *out, const char *name, const char *help, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(
        out,
        "# HELP tutti_%s %s\n# TYPE tutti_%s gauge\ntutti_%s %s\n",
        name,
        help,
        name,
        name,
        text);
}

static void put_market(FILE *out, const tt_engine_status *engine)
{
    const tt_market_status *market = &engine->market;
    put_counter(out, "bars_total", "Bars that counted.", market->bars);
    put_counter(out, "bars_refused_total", "Bars out of order or not whole.", market->bars_refused);
    put_counter(out, "bars_built_total", "Bars built from ticks.", market->bars_built);
    put_counter(out, "bar_ticks_total", "Ticks that went into bars.", market->ticks);
    put_counter(
        out, "late_ticks_total", "Ticks dropped because their bar had ended.", market->ticks_late);
    put_counter(out, "refused_ticks_total", "Ticks without a usable price.", market->ticks_refused);
    put_counter(
        out,
        "bar_timers_refused_total",
        "Bars that had to wait for the next tick.",
        market->timers_refused);
    put_counter(out, "strategy_bars_total", "Bars that strategies saw.", engine->strategy.bars);
    put_counter(out, "strategy_signals_total", "Signals of strategies.", engine->strategy.signals);
    put_counter(
        out,
        "strategy_skipped_total",
        "Crosses without room for a stop.",
        engine->strategy.skipped);
}

static void put_groups(FILE *out, const tt_trade_status *trade)
{
    put_counter(out, "entry_groups_sent_total", "Groups of two entries sent.", trade->groups_sent);
    put_counter(
        out,
        "entry_groups_refused_total",
        "Groups of two entries of which nothing was sent.",
        trade->groups_refused);
    put_counter(
        out,
        "entry_group_repairs_total",
        "Second fills of a group that an order undid.",
        trade->group_repairs);
    put_gauge(out, "entry_groups_open", "Groups of two entries at work.", trade->live_groups);
}

static void put_cash(FILE *out, const tt_trade_status *trade)
{
    put_counter(
        out,
        "balance_discrepancies_total",
        "Differences between the cash of the books and the venue's that were confirmed.",
        trade->balance_discrepancies);
    put_counter(
        out, "transfers_total", "Deposits and withdrawals that were booked.", trade->transfers);
    put_gauge(
        out,
        "balance_holds_entries",
        "1 while the cash differs from the venue's.",
        tt_dec_is_zero(trade->balance_difference.d) ? 0 : 1);
    put_gauge(
        out,
        "comparisons_failed",
        "Comparisons with the venue in a row that had no answer in time, from the third on.",
        trade->comparisons_failed);
}

static void put_waiting(FILE *out, const tt_trade_status *trade)
{
    put_counter(
        out,
        "waiting_fills_total",
        "Closes told before the fill of their entry that waited for it.",
        trade->waiting_fills);
    put_counter(
        out,
        "waiting_fills_refused_total",
        "Such closes for which there was no place.",
        trade->waiting_refused);
    put_counter(
        out,
        "waiting_fills_released_total",
        "Such closes that no entry explained, or parts of them.",
        trade->waiting_released);
    put_gauge(out, "waiting_fills", "Closes that wait for their entry.", trade->live_waiting);
}

static void put_trading(FILE *out, const tt_engine_status *engine)
{
    const tt_account_update *account = &engine->trade.account;
    put_counter(out, "orders_total", "Order intents.", engine->trade.orders);
    put_counter(out, "amends_total", "Amends sent.", engine->trade.amends);
    put_counter(
        out,
        "amends_refused_total",
        "Amends asked for and not sent.",
        engine->trade.amends_refused);
    put_counter(
        out,
        "amends_rejected_total",
        "Amends that the venue refused, or that could not be sent.",
        engine->trade.amends_rejected);
    put_counter(
        out,
        "amends_lost_total",
        "Amends that never reached the venue.",
        engine->trade.amends_lost);
    put_counter(out, "fills_total", "Executions booked.", engine->trade.fills);
    put_counter(out, "closed_trades_total", "Positions closed.", engine->trade.closed_trades);
    put_counter(
        out,
        "duplicate_reports_total",
        "Repeated venue reports that were dropped.",
        engine->trade.duplicate_reports);
    put_groups(out, &engine->trade);
    put_waiting(out, &engine->trade);
    put_cash(out, &engine->trade);
    put_gauge(out, "open_positions", "Positions open.", account->open_positions);
    put_gauge(out, "open_orders", "Orders that are not final.", account->open_orders);
    put_gauge(out, "unknown_orders", "Orders whose outcome is unknown.", account->unknown_orders);
    put_decimal_gauge(out, "equity", "Equity in account currency.", account->equity.d);
    put_decimal_gauge(out, "realized_pnl", "Realised profit before fees.", account->realized_pnl.d);
    put_decimal_gauge(out, "fees", "Fees paid.", account->fees.d);
    put_decimal_gauge(out, "exposure", "Sum of positions at mark.", account->exposure.d);
    put_decimal_gauge(
        out, "drawdown_pct", "Fall from the peak in percent.", engine->risk.drawdown_pct.d);
}

static void put_risk(FILE *out, const tt_risk_status *risk)
{
    put_counter(out, "risk_verdicts_total", "Proposals judged.", risk->verdicts);
    put_counter(out, "risk_approved_total", "Proposals approved or modified.", risk->approved);
    fputs("# HELP tutti_risk_rejected_total Proposals rejected, by code.\n", out);
    fputs("# TYPE tutti_risk_rejected_total counter\n", out);
    for (uint8_t i = 1; i < TT_risk_code_COUNT; i++) {
        fprintf(
            out,
            "tutti_risk_rejected_total{code=\"%s\"} %" PRIu64 "\n",
            tt_enum_text(&tt_enum_risk_code, i),
            risk->rejected[i]);
    }
    put_gauge(out, "risk_halted", "1 while risk has halted trading.", risk->halted);
}

static void put_coordinator(FILE *out, const tt_coord_status *coord)
{
    put_counter(out, "task_runs_total", "Agent answers accepted.", coord->total_task_runs);
    put_counter(out, "signals_total", "Decisions to trade.", coord->total_signals);
    put_counter(
        out,
        "conflicts_detected_total",
        "Signals with a conflict.",
        coord->total_conflicts_detected);
    put_counter(out, "trades_routed_total", "Proposals made.", coord->total_trades_routed);
    put_gauge(out, "coordinator_state", "0 running, 1 paused, 2 halted.", coord->state);
    put_gauge(
        out,
        "degradation_level",
        "0 normal, 1 reduced, 2 limited, 3 emergency.",
        coord->degradation);
    fputs("# HELP tutti_task_errors_total Failed agent calls, by task.\n", out);
    fputs("# TYPE tutti_task_errors_total counter\n", out);
    for (uint8_t i = 0; i < TT_task_COUNT; i++) {
        fprintf(
            out,
            "tutti_task_errors_total{task=\"%s\"} %" PRIu64 "\n",
            tt_enum_text(&tt_enum_task, i),
            coord->tasks[i].errors);
    }
}

static void put_http(FILE *out, const tt_api *api)
{
    put_counter(out, "http_requests_total", "Requests answered.", api->requests);
    put_counter(
        out,
        "http_failed_requests_total",
        "Requests answered with 4xx or 5xx.",
        api->failed_requests);
    put_counter(out, "http_denied_total", "Requests without a right to ask.", api->denied);
    put_counter(out, "http_limited_total", "Requests over a limit of requests.", api->limited);
    tt_http_stats stats = tt_http_server_stats(api->server);
    put_gauge(out, "http_connections", "Connections open.", stats.open);
    put_counter(out, "http_malformed_total", "Requests that were none.", stats.malformed);
    put_counter(out, "http_timed_out_total", "Requests that did not end in time.", stats.timed_out);
    put_counter(
        out,
        "http_closed_for_room_total",
        "Connections closed because too many were open.",
        stats.closed_for_room);
    put_counter(
        out,
        "http_stream_dropped_total",
        "Events that readers of streams were too slow for.",
        api->stream_dropped);
    put_counter(out, "commands_sent_total", "Commands sent to the core.", api->commands.sent);
    put_counter(
        out,
        "command_timeouts_total",
        "Commands that the core did not answer in time.",
        api->commands.timeouts);
}

static void put_host(FILE *out, const tt_api *api)
{
    const tt_host_numbers *host = &api->status.host;
    put_counter(out, "steps_total", "Inputs handled by this process.", host->steps);
    put_counter(out, "journal_commits_total", "Commits of the journal.", host->commits);
    put_gauge(out, "last_seq", "Newest message.", api->status.engine.last_seq);
    put_gauge(out, "durable_seq", "Newest durable message.", host->durable_seq);
    put_gauge(out, "stored_seq", "Newest message in the read model.", host->stored_seq);
    put_gauge(out, "store_up", "1 while the read model follows.", host->is_store_down ? 0 : 1);
    put_counter(
        out,
        "store_failures_total",
        "Attempts to write the read model that failed.",
        host->store_failures);
    put_gauge(out, "market_ring_bytes", "Waiting market data.", host->market_ring.bytes_used);
    put_gauge(
        out, "market_ring_bytes_max", "Most market data that waited.", host->market_ring.bytes_max);
    put_gauge(
        out, "journal_ring_bytes", "Steps waiting for the journal.", host->journal_ring.bytes_used);
    put_counter(out, "full_waits_total", "Waits because a ring was full.", host->full_waits);
    put_counter(
        out,
        "dropped_activity_total",
        "Lines that the terminal was too slow for.",
        host->dropped_activity);
    put_counter(
        out,
        "dropped_status_total",
        "Status copies that the interface was too slow for.",
        host->dropped_status);
    put_counter(
        out,
        "dropped_events_total",
        "Messages that the interface was too slow for.",
        host->dropped_events);
    tt_api_put_health_metrics(out, api);
    put_http(out, api);
}

void tt_api_render_metrics(const tt_api *api, FILE *out)
{
    const tt_engine_status *engine = &api->status.engine;
    put_market(out, engine);
    put_trading(out, engine);
    put_risk(out, &engine->risk);
    put_coordinator(out, &engine->coord);
    tt_api_put_bus_metrics(out, engine, &api->status.bus);
    put_host(out, api);
}
