/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Feed and simulated exchange in step with the paper clock.
 */
#include "host/market_thread.h"

#include "host/fault.h"
#include "host/venue_input.h"

static bool is_stopping(const tt_market_thread *market)
{
    return atomic_load_explicit(&market->hub->stop_market, memory_order_acquire) != 0 ||
           atomic_load_explicit(&market->hub->has_failed, memory_order_acquire) != 0;
}

/** Tells the core. Where the ring is full the time-out of the order says the same, later. */
static void report_failure(tt_market_thread *market)
{
    (void)tt_hub_push_input(&market->hub->market_in, &market->failure.input);
}

tutti_status tt_market_thread_send(tt_market_thread *market, bool *ret_worked)
{
    uint32_t size = 0;
    while (tt_ring_pop(&market->hub->venue_out, &market->effect, sizeof market->effect, &size) ==
           TUTTI_OK) {
        *ret_worked = true;
        tt_time now = tt_hub_now(market->hub);
        bool has_failed = false;
        TUTTI_TRY(tt_send_effect(
            market->venue,
            now,
            &market->effect.head,
            &market->failure,
            &has_failed,
            &market->error));
        TT_FAULT_POINT("after_accept");
        if (has_failed) {
            report_failure(market);
        }
    }
    return TUTTI_OK;
}

/** Waits until the core has room. Effects are taken meanwhile, so that the two never wait for each
 * other. */
static tutti_status push(tt_market_thread *market, const tt_input *input)
{
    while (!tt_hub_push_input(&market->hub->market_in, input)) {
        if (is_stopping(market)) {
            return TUTTI_OK;
        }
        bool ignored = false;
        atomic_store_explicit(&market->hub->market_beat_ns, tt_mono_ns(), memory_order_relaxed);
        TUTTI_TRY(tt_market_thread_send(market, &ignored));
        tt_hub_wait_for_room(market->hub);
    }
    return TUTTI_OK;
}

static tutti_status push_reports(tt_market_thread *market, tt_time now, bool *ret_worked)
{
    tt_venue_output output;
    while (!is_stopping(market) && market->venue->poll(market->venue->ctx, now, &output)) {
        *ret_worked = true;
        TT_FAULT_POINT("before_report");
        tt_input input;
        tt_venue_output_input(&output, &input);
        TUTTI_TRY(push(market, &input));
    }
    return TUTTI_OK;
}

/** Reads ahead by one item. The end of the data becomes an item of its own. */
static tutti_status read_item(tt_market_thread *market)
{
    atomic_store_explicit(&market->hub->market_beat_ns, tt_mono_ns(), memory_order_relaxed);
    if (market->has_item || market->has_ended) {
        return TUTTI_OK;
    }
    tutti_status status = market->feed->next(market->feed->ctx, &market->item, &market->error);
    if (status == TUTTI_END) {
        market->has_ended = true;
        market->item = (tt_feed_item){
            .time = tt_hub_now(market->hub),
            .topic = TT_TOPIC_FEED_EVENTS,
            .size = sizeof market->item.payload.event,
        };
        market->item.payload.event.event = TT_feed_event_type_END_OF_DATA;
        TT_TEXT_SET(market->item.payload.event.message, "the data has ended");
    } else {
        TUTTI_TRY(status);
    }
    market->has_item = true;
    return TUTTI_OK;
}

static tutti_status deliver_item(tt_market_thread *market)
{
    bool ignored = false;
    const tt_feed_item *item = &market->item;
    TUTTI_TRY(push_reports(market, item->time, &ignored));
    TUTTI_TRY(market->venue->market(
        market->venue->ctx, item->time, item->topic, item->key, &item->payload, &market->error));
    TUTTI_TRY(push_reports(market, item->time, &ignored));
    tt_input input;
    tt_feed_item_input(item, &input);
    TUTTI_TRY(push(market, &input));
    market->has_item = false;
    if (market->has_ended) {
        atomic_store_explicit(&market->hub->data_ended, 1, memory_order_release);
    }
    return TUTTI_OK;
}

/** Lets event time advance to `now`: everything up to then has been delivered. */
static void tell_time(tt_market_thread *market, tt_time now)
{
    if (now.ns > atomic_load_explicit(&market->hub->market_ns, memory_order_relaxed)) {
        atomic_store_explicit(&market->hub->market_ns, now.ns, memory_order_release);
    }
}

static tutti_status deliver_due(tt_market_thread *market, bool *ret_worked)
{
    enum {
        ITEMS_PER_TURN = 256
    };
    for (int i = 0; i < ITEMS_PER_TURN && !is_stopping(market); i++) {
        TUTTI_TRY(read_item(market));
        tt_time now = tt_paper_clock_now(&market->hub->clock);
        if (!market->has_item || market->item.time.ns > now.ns) {
            tell_time(market, now);
            return TUTTI_OK;
        }
        *ret_worked = true;
        TUTTI_TRY(deliver_item(market));
        tell_time(market, market->item.time);
    }
    return TUTTI_OK;
}

static tutti_status work(tt_market_thread *market)
{
    while (!is_stopping(market)) {
        bool has_worked = false;
        TUTTI_TRY(tt_market_thread_send(market, &has_worked));
        TUTTI_TRY(deliver_due(market, &has_worked));
        TUTTI_TRY(push_reports(market, tt_hub_now(market->hub), &has_worked));
        if (!has_worked) {
            tt_sleep_ns(TT_IDLE_NS);
        }
    }
    return TUTTI_OK;
}

void *tt_market_thread_run(void *argument)
{
    tt_market_thread *market = argument;
    if (work(market) != TUTTI_OK) {
        market->has_failed = true;
        atomic_store_explicit(&market->hub->has_failed, 1, memory_order_release);
    }
    return NULL;
}
