/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Asks the venue what it holds, at the start and then again and again.
 *
 * At most one query is open. After an answer the next one follows one interval later, or after
 * `confirm` while a difference waits to be confirmed. Without an answer in time the query has
 * failed: the next one waits twice as long for each failure in a row, up to 2^BACKOFF_MAX
 * intervals, and from the third on a person is told, at each, until one is answered in time: a
 * venue that is always slower than reconciliation.timeout is never compared. It always waits.
 *
 * What the answers mean is in sync_repair.c; of funding in sync_funding.c, of the cash in
 * sync_balance.c.
 */
#include "trade/trade_priv.h"

#define BACKOFF_MAX   4u
#define FAILURES_TOLD 3u

static void arm(tt_trade_module *trade, int64_t wait_ns)
{
    tt_sync *sync = &trade->books->sync;
    if (sync->timer.n != 0) {
        (void)tt_timers_cancel(trade->core->timers, sync->timer);
    }
    tutti_status status = tt_timers_arm(
        trade->core->timers,
        TT_TIMER_TRADE,
        TT_TRADE_TIMER_SYNC,
        0,
        (tt_time){tt_trade_now(trade).ns + wait_ns},
        &sync->timer);
    TT_ASSERT(status == TUTTI_OK);
}

static void ask(tt_trade_module *trade)
{
    tt_sync *sync = &trade->books->sync;
    tt_venue_query payload = {
        .query_id = tt_bus_next_seq(trade->core->bus),
        .funding_since = sync->funding_since,
        .attempt = sync->failures + 1,
        .is_hedging = tt_trade_is_hedging(trade),
    };
    sync->query_id = payload.query_id;
    sync->has_suspects = 0;
    tt_sync_clear_listed(trade);
    trade->books->counters.venue_queries++;
    /* A query that the bus refuses is one without an answer. */
    (void)tt_trade_publish(
        trade, &(tt_trade_post){TT_TOPIC_VENUE_QUERIES, 0, NULL, &payload}, NULL);
    arm(trade, trade->config.reconciliation.timeout.ns);
}

void tt_sync_start(tt_trade_module *trade, tt_mode mode)
{
    const tt_reconciliation_config *config = &trade->config.reconciliation;
    tt_sync *sync = &trade->books->sync;
    bool is_session = mode == TT_mode_PAPER || config->in_backtests;
    sync->is_on = is_session && config->interval.ns > 0;
    if (sync->is_on) {
        tt_sync_start_funding(trade);
        ask(trade);
    }
}

uint32_t tt_sync_failures(const tt_trade_module *trade)
{
    const tt_sync *sync = &trade->books->sync;
    return sync->failures >= FAILURES_TOLD ? sync->failures : 0;
}

static void tell_failures(tt_trade_module *trade)
{
    char timeout[TT_DEC_TEXT_MAX];
    tt_dec_format(
        tt_dec_from_i64(trade->config.reconciliation.timeout.ns / TT_NS_PER_MS, 3), timeout);
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_HIGH,
    };
    const uint32_t failures = tt_sync_failures(trade);
    if (trade->books->sync.is_late != 0) {
        tt_trade_raise(
            trade,
            &alert,
            "the venue has told its positions later than reconciliation.timeout (%s s) %u times in "
            "a row: the books are not compared; raise it",
            timeout,
            failures);
        return;
    }
    tt_trade_raise(
        trade,
        &alert,
        "the venue has not told its positions %u times in a row: the books are not compared",
        failures);
}

static void tell_end(tt_trade_module *trade)
{
    tt_trade_alert alert = {
        .type = TT_alert_type_POSITION_SYNC_DISCREPANCY,
        .severity = TT_severity_INFO,
    };
    tt_trade_raise(
        trade,
        &alert,
        "the venue has told its positions in time after %u times without: the books are compared",
        tt_sync_failures(trade));
}

static void fail(tt_trade_module *trade)
{
    tt_sync *sync = &trade->books->sync;
    sync->late_id = sync->query_id;
    sync->query_id = 0;
    sync->failures++;
    trade->books->counters.venue_silences++;
    if (tt_sync_failures(trade) != 0) {
        tell_failures(trade);
    }
    uint32_t doublings = sync->failures < BACKOFF_MAX ? sync->failures : BACKOFF_MAX;
    arm(trade, trade->config.reconciliation.interval.ns << doublings);
}

void tt_sync_on_timer(tt_trade_module *trade)
{
    tt_sync *sync = &trade->books->sync;
    sync->timer = (tt_timer_id){0};
    if (sync->query_id != 0) {
        fail(trade);
    } else if (sync->is_on) {
        ask(trade);
    }
}

static const char *fault_of(const tt_trade_module *trade, const tt_msg *msg)
{
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    if (!tt_trade_has_instrument(trade, msg->key)) {
        return "no instrument has this key";
    }
    bool names_side = told->position_side == TT_side_BUY || told->position_side == TT_side_SELL;
    if (names_side != tt_trade_is_hedging(trade)) {
        return "position_side is none for a netting position, buy or sell in hedging";
    }
    if (told->query_id != trade->books->sync.query_id) {
        return "it answers no query that is open";
    }
    return NULL;
}

/* The venue is there again: what is unknown need not wait for its turn. */
static void ask_about_unknown(tt_trade_module *trade)
{
    for (uint32_t i = 1; i <= trade->core->instruments->count; i++) {
        for (tt_order *order = tt_order_first(&trade->orders, i); order != NULL;
             order = tt_order_after(&trade->orders, order)) {
            if (order->state == TT_order_state_UNKNOWN && order->silent_queries != 0) {
                tt_order_ask_again(trade, order);
            }
        }
    }
}

/* Neither must a close that has failed. */
static void venue_is_back(tt_trade_module *trade)
{
    ask_about_unknown(trade);
    tt_close_wake(trade);
}

tutti_status tt_trade_on_health(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_trade_module *trade = ctx;
    const tt_health_report *report = TT_PAYLOAD(msg, HEALTH_REPORTS, health_report);
    bool works =
        report->part == TT_part_VENUE && report->is_up && report->level == TT_health_level_OK;
    if (works) {
        venue_is_back(trade);
        tt_account_flush(trade);
    }
    return TUTTI_OK;
}

tutti_status tt_trade_on_venue_position(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_trade_module *trade = ctx;
    tt_sync *sync = &trade->books->sync;
    const tt_venue_position *told = TT_PAYLOAD(msg, VENUE_POSITIONS, venue_position);
    if (told->query_id != 0 && told->query_id == sync->late_id) {
        trade->books->counters.venue_late++; // Too old to compare with, and nobody's fault.
        sync->is_late = 1;
        return TUTTI_OK;
    }
    const char *fault = fault_of(trade, msg);
    if (fault != NULL || sync->query_id == 0) {
        const char *why = fault != NULL ? fault : "nothing was asked";
        tt_bus_dead_letter(bus, msg, TT_dead_reason_INVALID_INPUT, "trade.venue_position", why);
        return TUTTI_OK;
    }
    uint32_t leg = tt_trade_leg(trade, msg->key, told->position_side);
    sync->has_suspects |= tt_sync_compare(trade, leg, msg);
    if (told->is_last) {
        const tt_reconciliation_config *config = &trade->config.reconciliation;
        sync->has_suspects |= tt_sync_compare_balance(trade, msg);
        tt_sync_end_funding(trade, told);
        sync->query_id = 0;
        if (tt_sync_failures(trade) != 0) {
            tell_end(trade);
        }
        if (sync->failures != 0) {
            venue_is_back(trade);
        }
        sync->failures = 0;
        sync->is_late = 0;
        arm(trade, sync->has_suspects ? config->confirm.ns : config->interval.ns);
    }
    tt_account_flush(trade);
    return TUTTI_OK;
}
