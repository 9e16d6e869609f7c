/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of functions of the simulated exchange, its life, and the way of market data.
 */
#include "venue/sim_priv.h"

#include <stdlib.h>
#include <string.h>

/** Hands the kept failure to the caller. */
static tutti_status tell_failure(const tt_sim *sim, tt_error *error)
{
    if (sim->failed != TUTTI_OK && error != NULL) {
        *error = sim->failure;
    }
    return sim->failed;
}

/** Refuses while too much is under way; nothing is changed then. */
static tutti_status check_room(const tt_sim *sim, tt_error *error)
{
    if (sim->reports.count < TT_SIM_QUEUE_MAX && sim->requests.count < TT_SIM_QUEUE_MAX) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error,
        TUTTI_LIMIT,
        "the simulated exchange has %u reports and %u requests under way: poll first",
        sim->reports.count,
        sim->requests.count);
}

static tutti_status take_effect(void *ctx, tt_time now, const tt_msg *msg, tt_error *error)
{
    tt_sim *sim = ctx;
    TUTTI_TRY(tell_failure(sim, error));
    TUTTI_TRY(check_room(sim, error));
    if (msg->topic != TT_TOPIC_ORDER_INTENTS && msg->topic != TT_TOPIC_ORDER_CANCELS &&
        msg->topic != TT_TOPIC_ORDER_AMENDS && msg->topic != TT_TOPIC_ORDER_QUERIES &&
        msg->topic != TT_TOPIC_VENUE_QUERIES) {
        return tt_error_set(error, TUTTI_INVALID, "topic %u is no request to a venue", msg->topic);
    }
    if (tt_sim_advance(sim, now) == TUTTI_OK) {
        (void)tt_sim_request_take(sim, now, msg);
    }
    return tell_failure(sim, error);
}

/** Returns the place of a payload in its feed. */
static uint64_t payload_seq(tt_topic topic, const void *payload)
{
    if (topic == TT_TOPIC_MARKET_BAR) {
        return ((const tt_bar *)payload)->feed_seq;
    }
    if (topic == TT_TOPIC_MARKET_QUOTE) {
        return ((const tt_quote *)payload)->feed_seq;
    }
    if (topic == TT_TOPIC_MARKET_TRADE) {
        return ((const tt_trade *)payload)->feed_seq;
    }
    return ((const tt_depth *)payload)->feed_seq;
}

static bool is_price_or_none(tt_price price)
{
    return tt_dec_sign(price.d) >= 0 && tt_dec_le(price.d, TT_PRICE_MAX);
}

static bool is_price(tt_price price)
{
    return !tt_dec_is_zero(price.d) && is_price_or_none(price);
}

static bool is_qty_or_none(tt_qty qty)
{
    return tt_dec_sign(qty.d) >= 0 && tt_dec_le(qty.d, TT_QTY_MAX);
}

/** Old data rebuilds prices and books, and moves queues; it fills nothing. */
typedef struct market_input {
    tt_sim_market *market;
    tt_time time;
    uint64_t seq;
    bool is_old;
} market_input;

/** Old data prices nothing: newer data follows. */
static tutti_status pay_funding(tt_sim *sim, const market_input *in)
{
    bool waits = sim->funding_waits.ns != 0 && !in->is_old;
    return waits ? tt_sim_funding_wake(sim) : TUTTI_OK;
}

static tutti_status pass_bar(tt_sim *sim, const market_input *in, const tt_bar *bar)
{
    if (!is_price(bar->open) || !is_price(bar->high) || !is_price(bar->low) ||
        !is_price(bar->close)) {
        return TUTTI_INVALID;
    }
    if (in->market->is_book_driven) {
        return TUTTI_OK;
    }
    in->market->last_price = bar->close;
    TUTTI_TRY(pay_funding(sim, in));
    if (!in->is_old) {
        return tt_sim_match_bar(sim, in->market, bar, in->time);
    }
    tt_sim_queue_rebuild(sim, in->market, NULL, in->seq);
    return TUTTI_OK;
}

static tutti_status pass_book(tt_sim *sim, const market_input *in)
{
    if (in->market->first_order == TT_SIM_NONE) {
        return TUTTI_OK;
    }
    if (in->is_old) {
        tt_sim_queue_rebuild(sim, in->market, NULL, in->seq);
        return TUTTI_OK;
    }
    return tt_sim_match_book(sim, in->market, in->time);
}

static tutti_status pass_quote(tt_sim *sim, const market_input *in, const tt_quote *quote)
{
    if (!is_price_or_none(quote->bid) || !is_price_or_none(quote->ask) ||
        !is_qty_or_none(quote->bid_qty) || !is_qty_or_none(quote->ask_qty)) {
        return TUTTI_INVALID;
    }
    tt_sim_book_quote(in->market, quote);
    TUTTI_TRY(pay_funding(sim, in));
    bool is_far = in->market->first_order != TT_SIM_NONE && !in->is_old &&
                  !tt_sim_reach_touch(sim, in->market);
    return is_far ? TUTTI_OK : pass_book(sim, in);
}

static tutti_status pass_depth(tt_sim *sim, const market_input *in, const tt_depth *depth)
{
    TUTTI_TRY(tt_sim_book_depth(in->market, depth));
    if (!depth->is_last) {
        return TUTTI_OK;
    }
    TUTTI_TRY(pay_funding(sim, in));
    return pass_book(sim, in);
}

static tutti_status pass_trade(tt_sim *sim, const market_input *in, const tt_trade *trade)
{
    if (!is_price(trade->price) || !is_qty_or_none(trade->qty)) {
        return TUTTI_INVALID;
    }
    in->market->is_book_driven = true;
    in->market->last_price = trade->price;
    TUTTI_TRY(pay_funding(sim, in));
    if (!in->is_old) {
        bool is_near = in->market->first_order != TT_SIM_NONE &&
                       tt_sim_reach_price(sim, in->market, trade->price);
        return is_near ? tt_sim_match_trade(sim, in->market, trade, in->time) : TUTTI_OK;
    }
    tt_sim_queue_rebuild(sim, in->market, trade, in->seq);
    return TUTTI_OK;
}

static tutti_status
pass_data(tt_sim *sim, const market_input *in, tt_topic topic, const void *payload)
{
    if (topic == TT_TOPIC_MARKET_BAR) {
        return pass_bar(sim, in, payload);
    }
    if (topic == TT_TOPIC_MARKET_QUOTE) {
        return pass_quote(sim, in, payload);
    }
    if (topic == TT_TOPIC_MARKET_TRADE) {
        return pass_trade(sim, in, payload);
    }
    return pass_depth(sim, in, payload);
}

/** The data is over: what is at the market is filled at the last prices, now and from now on. */
static tutti_status end_data(tt_sim *sim, tt_time time)
{
    TUTTI_TRY(tt_sim_advance(sim, time));
    sim->is_data_over = true;
    sim->next_funding = TT_TIME_NEVER;
    sim->funding_waits = (tt_time){0};
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        TUTTI_TRY(tt_sim_match_end(sim, &sim->markets[i], time));
    }
    return TUTTI_OK;
}

static tutti_status
pass_event(tt_sim *sim, tt_time time, const tt_feed_event *event, tt_error *error)
{
    if (event->event == TT_feed_event_type_END_OF_DATA) {
        (void)end_data(sim, time);
    }
    return tell_failure(sim, error);
}

/** A bar reaches what lies within it, other data its own price. */
static tutti_status
liquidate(tt_sim *sim, const market_input *in, tt_topic topic, const void *payload)
{
    tt_price low = in->market->last_price;
    tt_price high = low;
    if (topic == TT_TOPIC_MARKET_BAR && !in->market->is_book_driven) {
        low = ((const tt_bar *)payload)->low;
        high = ((const tt_bar *)payload)->high;
    }
    return tt_sim_liquidate(sim, in->market, low, high, in->time);
}

static tutti_status take_market(
    void *ctx, tt_time time, tt_topic topic, uint32_t key, const void *payload, tt_error *error)
{
    tt_sim *sim = ctx;
    TUTTI_TRY(tell_failure(sim, error));
    TUTTI_TRY(check_room(sim, error));
    if (topic == TT_TOPIC_FEED_EVENTS) {
        return pass_event(sim, time, payload, error);
    }
    bool is_market = topic == TT_TOPIC_MARKET_BAR || topic == TT_TOPIC_MARKET_QUOTE ||
                     topic == TT_TOPIC_MARKET_TRADE || topic == TT_TOPIC_MARKET_DEPTH;
    if (!is_market || key < 1 || key > sim->instruments.count) {
        return tt_error_set(
            error, TUTTI_INVALID, "topic %u with key %u is no market data here", topic, key);
    }
    market_input in = {.market = &sim->markets[key - 1], .time = time};
    in.seq = payload_seq(topic, payload);
    in.is_old = in.seq != 0 && in.seq <= sim->position;
    if (!in.is_old) {
        if (tt_sim_advance(sim, time) != TUTTI_OK) {
            return tell_failure(sim, error);
        }
        sim->position = in.seq == 0 ? sim->position : in.seq;
    }
    tutti_status status = pass_data(sim, &in, topic, payload);
    if (in.is_old) {
        tt_sim_book_rebuild(sim, in.seq);
    } else if (status == TUTTI_OK && in.market->can_liquidate) {
        status = liquidate(sim, &in, topic, payload);
    }
    if (status == TUTTI_INVALID) {
        return tt_error_set(error, status, "a price or quantity is out of range");
    }
    return tell_failure(sim, error);
}

static tt_time next_time(void *ctx)
{
    const tt_sim *sim = ctx;
    tt_time report = tt_sim_reports_next(&sim->reports);
    tt_time due = tt_sim_next_due(sim);
    return report.ns <= due.ns ? report : due;
}

static bool poll_report(void *ctx, tt_time now, tt_venue_output *ret_output)
{
    tt_sim *sim = ctx;
    if (sim->failed == TUTTI_OK) {
        (void)tt_sim_advance(sim, now);
    }
    return tt_sim_reports_pop(&sim->reports, now, ret_output);
}

static void close_sim(void *ctx)
{
    tt_sim *sim = ctx;
    tt_sim_log_close(sim);
    tt_sim_reports_fini(&sim->reports);
    free(sim->requests.ring);
    free(sim->orders);
    free(sim->execs);
    free(sim->buckets);
    free(sim->markets);
    free(sim);
}

static tutti_status init_sim(tt_sim *sim, tt_error *error)
{
    sim->next_expiry = TT_TIME_NEVER;
    sim->next_funding = TT_TIME_NEVER;
    sim->log_fd = -1;
    sim->markets =
        calloc(sim->instruments.count == 0 ? 1 : sim->instruments.count, sizeof sim->markets[0]);
    if (sim->markets == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the simulated exchange");
    }
    for (uint32_t i = 0; i < sim->instruments.count; i++) {
        sim->markets[i].instrument = &sim->instruments.list[i];
        sim->markets[i].first_order = sim->markets[i].last_order = TT_SIM_NONE;
    }
    return TUTTI_OK;
}

tutti_status tt_sim_venue_open(
    const tt_venue_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    const char *log_path,
    tt_venue *result,
    tt_error *error)
{
    tt_sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the simulated exchange");
    }
    sim->config = *config;
    sim->instruments = *instruments;
    sim->seed = seed;
    tutti_status status = init_sim(sim, error);
    if (status == TUTTI_OK && log_path != NULL) {
        status = tt_sim_log_open(sim, log_path, error);
    }
    if (status != TUTTI_OK) {
        close_sim(sim);
        return status;
    }
    *result = (tt_venue){1, sim, take_effect, take_market, next_time, poll_report, close_sim};
    return TUTTI_OK;
}

void tt_sim_venue_fault(const tt_venue *venue, tt_sim_fault fault)
{
    tt_sim *sim = venue->ctx;
    TT_ASSERT(fault < TT_SIM_FAULT_COUNT);
    if (fault == TT_SIM_FAULT_DISCONNECT) {
        sim->is_disconnected = true;
        sim->stats.lost_reports += tt_sim_reports_reset(&sim->reports);
    } else if (fault == TT_SIM_FAULT_CONNECT) {
        sim->is_disconnected = false;
    } else {
        sim->faults[fault]++;
    }
}

tutti_status tt_sim_venue_external(
    const tt_venue *venue, tt_time now, uint32_t key, const tt_venue_trade *what, tt_error *error)
{
    tt_sim *sim = venue->ctx;
    bool is_sane = key >= 1 && key <= sim->instruments.count && is_price(what->price) &&
                   tt_dec_sign(what->qty.d) > 0 && is_qty_or_none(what->qty) &&
                   (what->side == TT_side_BUY || what->side == TT_side_SELL) &&
                   what->kind != TT_external_kind_NONE && what->kind < TT_external_kind_COUNT &&
                   what->position_side < TT_side_COUNT;
    if (!is_sane) {
        return tt_error_set(
            error, TUTTI_INVALID, "a trade needs a side, a kind, and price and qty above 0");
    }
    const tt_sim_external trade = {
        .kind = (tt_external_kind)what->kind,
        .side = (tt_side)what->side,
        .position_side = (tt_side)what->position_side,
        .qty = what->qty,
        .price = what->price,
        .time = now,
    };
    if (tt_sim_advance(sim, now) == TUTTI_OK) {
        (void)tt_sim_execute_external(sim, key, &trade);
    }
    return tell_failure(sim, error);
}

uint64_t tt_sim_venue_position(const tt_venue *venue)
{
    const tt_sim *sim = venue->ctx;
    return sim->position;
}

tt_qty tt_sim_venue_holding(const tt_venue *venue, uint32_t key)
{
    const tt_sim *sim = venue->ctx;
    TT_ASSERT(key >= 1 && key <= sim->instruments.count);
    tt_qty sum = {0};
    for (int i = 0; i < TT_side_COUNT; i++) {
        sum.d = tt_dec_xadd(sum.d, sim->markets[key - 1].holdings[i].qty.d);
    }
    return sum;
}

void tt_sim_venue_stats_get(const tt_venue *venue, tt_sim_stats *ret_stats)
{
    const tt_sim *sim = venue->ctx;
    *ret_stats = sim->stats;
}
