/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The steps of a scenario that bring market data.
 */
#include "scenario/scenario_priv.h"

#include <string.h>

/** Bars of one instrument: the close moves by `step` each bar, with a range of `range` around it.
 */
typedef struct bar_run {
    const tt_instrument *instrument;
    int64_t count;
    tt_price open; /**< Of the next bar. */
    tt_dec step;
    tt_dec range;
    tt_qty volume;
} bar_run;

tutti_status tt_scenario_advance(scenario *run, tt_time until, tt_error *error)
{
    if (until.ns > TT_TIME_MAX.ns) {
        return tt_error_set(error, TUTTI_INVALID, "%s: time ends in the year 2200", run->path);
    }
    TUTTI_TRY(tt_driver_advance(&run->driver, until, error));
    run->now = until;
    return TUTTI_OK;
}

static tt_time bar_close(const scenario *run, const tt_instrument *instrument)
{
    return (tt_time){run->now.ns + (int64_t)instrument->bar_interval_s * TT_NS_PER_S};
}

static tutti_status deliver_item(scenario *run, tt_feed_item *item, tt_error *error)
{
    item->time = run->now;
    return tt_driver_market(&run->driver, item, error);
}

tutti_status tt_scenario_bar(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_BAR, .size = sizeof item.payload.bar};
    tt_bar *bar = &item.payload.bar;
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(tt_scenario_payload_of(run, node, item.topic, bar, error));
    const tt_instrument *instrument =
        tt_instrument_find(&run->config->engine.instruments, (tt_instrument_id){item.key});
    bar->interval_s = instrument->bar_interval_s;
    bar->open_time = run->now;
    bar->feed_seq = ++run->next_feed_seq;
    TUTTI_TRY(tt_scenario_advance(run, bar_close(run, instrument), error));
    return deliver_item(run, &item, error);
}

/** Reads a number whose absolute value is at most the largest price: sums of them stay in range. */
static tutti_status read_number(
    scenario *run, struct fy_node *mapping, const char *key, tt_dec *ret_number, tt_error *error)
{
    char text[64];
    struct fy_node *node = tt_scenario_get(mapping, key);
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), ret_number) != TUTTI_OK ||
        tt_dec_lt(TT_PRICE_MAX, tt_dec_xabs(*ret_number))) {
        return tt_scenario_fail_at(
            run,
            node == NULL ? mapping : node,
            error,
            "`%s` must be a number between -1e9 and 1e9",
            key);
    }
    return TUTTI_OK;
}

static tutti_status read_run(scenario *run, struct fy_node *node, bar_run *bars, tt_error *error)
{
    static const char *const keys[] = {"symbol", "count", "from", "step", "range", "volume", NULL};
    uint32_t key = 0;
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    TUTTI_TRY(tt_scenario_instrument(run, node, &key, error));
    TUTTI_TRY(tt_scenario_integer(run, node, "count", &bars->count, error));
    TUTTI_TRY(read_number(run, node, "from", &bars->open.d, error));
    TUTTI_TRY(read_number(run, node, "step", &bars->step, error));
    TUTTI_TRY(read_number(run, node, "range", &bars->range, error));
    TUTTI_TRY(read_number(run, node, "volume", &bars->volume.d, error));
    bars->instrument =
        tt_instrument_find(&run->config->engine.instruments, (tt_instrument_id){key});
    return TUTTI_OK;
}

static tutti_status deliver_next(scenario *run, bar_run *bars, tt_time open_time, tt_error *error)
{
    tt_feed_item item = {
        .topic = TT_TOPIC_MARKET_BAR,
        .key = bars->instrument->id.n,
        .size = sizeof item.payload.bar,
    };
    tt_price open = bars->open;
    tt_price close = {tt_dec_xadd(open.d, bars->step)};
    item.payload.bar = (tt_bar){
        .open = open,
        .high.d = tt_dec_xadd(tt_dec_max(open.d, close.d), bars->range),
        .low.d = tt_dec_xsub(tt_dec_min(open.d, close.d), bars->range),
        .close = close,
        .volume = bars->volume,
        .open_time = open_time,
        .feed_seq = ++run->next_feed_seq,
        .interval_s = bars->instrument->bar_interval_s,
    };
    bars->open = close;
    return deliver_item(run, &item, error);
}

/** Bars of several instruments close at the same moments, in the order of the list. */
static tutti_status deliver_runs(scenario *run, bar_run *list, int64_t list_count, tt_error *error)
{
    for (int64_t i = 0; i < list[0].count; i++) {
        tt_time open_time = run->now;
        TUTTI_TRY(tt_scenario_advance(run, bar_close(run, list[0].instrument), error));
        for (int64_t j = 0; j < list_count; j++) {
            TUTTI_TRY(deliver_next(run, &list[j], open_time, error));
        }
    }
    return TUTTI_OK;
}

tutti_status tt_scenario_bars(scenario *run, struct fy_node *node, tt_error *error)
{
    bar_run list[TT_INSTRUMENTS_MAX];
    bool is_list = node != NULL && fy_node_is_sequence(node);
    int count = is_list ? fy_node_sequence_item_count(node) : 1;
    if (count < 1 || count > TT_INSTRUMENTS_MAX) {
        return tt_scenario_fail_at(
            run, node, error, "1 to %d instruments can have bars at once", TT_INSTRUMENTS_MAX);
    }
    for (int i = 0; i < count; i++) {
        struct fy_node *item = is_list ? fy_node_sequence_get_by_index(node, i) : node;
        TUTTI_TRY(read_run(run, item, &list[i], error));
        if (list[i].count < 1 || list[i].count != list[0].count ||
            list[i].instrument->bar_interval_s != list[0].instrument->bar_interval_s) {
            return tt_scenario_fail_at(
                run,
                item,
                error,
                "`count` must be at least 1, and all of a list need the same count and interval");
        }
    }
    return deliver_runs(run, list, count, error);
}

tutti_status tt_scenario_quote(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_QUOTE, .size = sizeof item.payload.quote};
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(tt_scenario_payload_of(run, node, item.topic, &item.payload.quote, error));
    item.payload.quote.feed_seq = ++run->next_feed_seq;
    return deliver_item(run, &item, error);
}

tutti_status tt_scenario_trade(scenario *run, struct fy_node *node, tt_error *error)
{
    tt_feed_item item = {.topic = TT_TOPIC_MARKET_TRADE, .size = sizeof item.payload.trade};
    TUTTI_TRY(tt_scenario_instrument(run, node, &item.key, error));
    TUTTI_TRY(tt_scenario_payload_of(run, node, item.topic, &item.payload.trade, error));
    item.payload.trade.feed_seq = ++run->next_feed_seq;
    return deliver_item(run, &item, error);
}
