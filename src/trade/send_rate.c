/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Token buckets, and who may take from them when there is little.
 *
 * What reduces risk never waits: orders that only reduce, and cancels, go out at once and take what
 * is there; a bucket can be short of as much as it can hold. What adds risk does not wait either:
 * an entry for which there is no room, with the orders that will protect it, is refused; its
 * verdict would be of the past when its turn came. Only what can wait does: queries, and stops that
 * follow the price (the stop before stays in force).
 */
#include "trade/send_rate.h"

#include "trade/trade_priv.h"

tt_send_limit tt_send_limit_of(uint32_t per_minute, uint32_t burst)
{
    if (per_minute == 0) {
        return (tt_send_limit){0};
    }
    int64_t minute_ns = 60 * TT_NS_PER_S;
    int64_t interval_ns = (minute_ns + per_minute - 1) / per_minute;
    return (tt_send_limit){interval_ns, interval_ns * burst};
}

static void fill_up(tt_send_rate *rate, tt_send_limit limit, tt_time now)
{
    int64_t passed_ns = now.ns - rate->at.ns;
    int64_t missing_ns = limit.burst_ns - rate->credit_ns;
    rate->credit_ns += passed_ns < missing_ns ? passed_ns : missing_ns;
    rate->at = now;
}

static int64_t worth_of(tt_send_limit limit, uint32_t count)
{
    int64_t worth_ns = limit.interval_ns * count;
    return worth_ns < limit.burst_ns ? worth_ns : limit.burst_ns;
}

bool tt_send_rate_has(tt_send_rate *rate, tt_send_limit limit, uint32_t count, tt_time now)
{
    if (limit.interval_ns == 0) {
        return true;
    }
    fill_up(rate, limit, now);
    return worth_of(limit, count) <= rate->credit_ns;
}

bool tt_send_rate_take(tt_send_rate *rate, tt_send_limit limit, tt_time now)
{
    if (limit.interval_ns == 0) {
        return true;
    }
    fill_up(rate, limit, now);
    bool is_there = limit.interval_ns <= rate->credit_ns;
    int64_t left_ns = rate->credit_ns - limit.interval_ns;
    rate->credit_ns = left_ns > -limit.burst_ns ? left_ns : -limit.burst_ns;
    return is_there;
}

tt_time tt_send_rate_ready_at(tt_send_rate *rate, tt_send_limit limit, uint32_t count, tt_time now)
{
    if (tt_send_rate_has(rate, limit, count, now)) {
        return now;
    }
    return (tt_time){now.ns + worth_of(limit, count) - rate->credit_ns};
}

/* --- the module's buckets --- */

static tt_send_limit limit_of(const tt_trade_module *trade, tt_send_kind kind)
{
    const tt_orders_config *config = &trade->config.orders;
    return kind == TT_SEND_ORDERS
               ? tt_send_limit_of(config->orders_per_minute, config->orders_burst)
               : tt_send_limit_of(config->requests_per_minute, config->requests_burst);
}

bool tt_trade_rate_has(tt_trade_module *trade, tt_send_kind kind, uint32_t count)
{
    tt_time now = tt_trade_now(trade);
    return tt_send_rate_has(&trade->rates->buckets[kind], limit_of(trade, kind), count, now);
}

void tt_trade_rate_take(tt_trade_module *trade, tt_send_kind kind)
{
    tt_time now = tt_trade_now(trade);
    if (!tt_send_rate_take(&trade->rates->buckets[kind], limit_of(trade, kind), now)) {
        trade->books->counters.overdrawn_sends++;
    }
}

tt_time tt_trade_rate_ready_at(tt_trade_module *trade, tt_send_kind kind, uint32_t count)
{
    tt_time now = tt_trade_now(trade);
    return tt_send_rate_ready_at(&trade->rates->buckets[kind], limit_of(trade, kind), count, now);
}
