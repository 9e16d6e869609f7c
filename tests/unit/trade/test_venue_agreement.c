/* SPDX-License-Identifier: Apache-2.0 */
/* The module against the simulated exchange, with its faults: whatever is lost, late or doubled, in
 * the end both hold the same, and nothing is left open. */
#include "base/random.h"
#include "fixture.h"
#include "venue/sim.h"

#define BARS 3000u

typedef struct session {
    fixture f;
    tt_venue venue;
    tt_random random;
    tt_dec price[2];
    uint64_t feed_seq;
    uint32_t fault_per_mille;
} session;

static bool chance(session *s, uint32_t per_mille)
{
    return tt_random_below(&s->random, 1000) < per_mille;
}

/* What the bus published goes to the venue in its order. */
static void carry_out(session *s)
{
    const tt_bus *bus = s->f.core.bus;
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        bool is_effect = msg->topic == TT_TOPIC_ORDER_INTENTS ||
                         msg->topic == TT_TOPIC_ORDER_CANCELS ||
                         msg->topic == TT_TOPIC_ORDER_QUERIES;
        if (is_effect) {
            (void)s->venue.effect(s->venue.ctx, s->f.now, msg, NULL);
        }
    }
}

static void give(session *s, tt_topic topic, uint32_t key, const void *payload)
{
    step(&s->f, topic, key, payload);
    carry_out(s);
}

/* Runs reports and timers up to a moment. */
static void run_until(session *s, tt_time end)
{
    for (;;) {
        tt_time report_at = s->venue.next(s->venue.ctx);
        tt_time timer_at = tt_timers_next(s->f.core.timers);
        tt_time next = report_at.ns <= timer_at.ns ? report_at : timer_at;
        if (next.ns > end.ns) {
            s->f.now = end;
            return;
        }
        s->f.now.ns = next.ns > s->f.now.ns ? next.ns : s->f.now.ns;
        tt_venue_output out;
        bool has_report = s->venue.poll(s->venue.ctx, s->f.now, &out);
        if (has_report) {
            step_caused(&s->f, TT_TOPIC_VENUE_REPORTS, out.key, &out.report, out.cause);
        } else {
            pass(&s->f, 0);
        }
        carry_out(s);
    }
}

static void pass_bar(session *s, uint32_t key)
{
    tt_dec *price = &s->price[key - 1];
    tt_dec open = *price;
    tt_dec high = tt_dec_xadd(open, tt_dec_from_i64(tt_random_between(&s->random, 0, 150), 2));
    tt_dec low = tt_dec_xsub(open, tt_dec_from_i64(tt_random_between(&s->random, 0, 150), 2));
    *price = chance(s, 500) ? high : low;
    tt_bar bar = {
        .open = {open},
        .high = {high},
        .low = {low},
        .close = {*price},
        .volume = {dec("50")},
        .open_time = {s->f.now.ns - 60 * TT_NS_PER_S},
        .feed_seq = ++s->feed_seq,
        .interval_s = 60,
    };
    assert_int_equal(
        s->venue.market(s->venue.ctx, s->f.now, TT_TOPIC_MARKET_BAR, key, &bar, NULL), TUTTI_OK);
    give(s, TT_TOPIC_MARKET_BAR, key, &bar);
}

static void decide(session *s, uint32_t key)
{
    bool is_buy = chance(s, 500);
    int sign = is_buy ? 1 : -1;
    tt_dec price = s->price[key - 1];
    tt_dec away = tt_dec_from_i64(sign * tt_random_between(&s->random, 50, 300), 2);
    tt_risk_verdict verdict = {
        .qty = {tt_dec_from_i64(tt_random_between(&s->random, 1, 3000), 3)},
        .entry_price = {chance(s, 500) ? tt_dec_xsub(price, away) : TT_DEC_ZERO},
        .reference_price = {price},
        .stop_loss = {tt_dec_xsub(tt_dec_xsub(price, away), away)},
        .take_profit = {tt_dec_xadd(price, away)},
        .status = TT_verdict_APPROVED,
        .kind = chance(s, 800) ? TT_proposal_kind_ENTRY : TT_proposal_kind_CLOSE,
        .side = is_buy ? TT_side_BUY : TT_side_SELL,
        .leverage_after = 2,
    };
    give(s, TT_TOPIC_RISK_VERDICTS, key, &verdict);
}

static void disturb(session *s)
{
    static const tt_sim_fault faults[] = {
        TT_SIM_FAULT_REJECT_NEXT,
        TT_SIM_FAULT_DROP_NEXT_ACK,
        TT_SIM_FAULT_DROP_NEXT_REPORT,
        TT_SIM_FAULT_LOSE_NEXT_ORDER,
        TT_SIM_FAULT_LOSE_NEXT_CANCEL,
        TT_SIM_FAULT_DUPLICATE_NEXT_REPORT,
        TT_SIM_FAULT_DELAY_NEXT_REPORT,
    };
    if (chance(s, s->fault_per_mille)) {
        tt_sim_venue_fault(&s->venue, faults[tt_random_below(&s->random, 7)]);
    }
}

static void open_session(session *s, uint64_t seed, uint32_t fault_per_mille)
{
    *s = (session){.fault_per_mille = fault_per_mille};
    tt_trade_config trade = fixture_config();
    trade.orders.status_interval.ns = 300 * TT_NS_PER_S;
    fixture_init_with(&s->f, &trade);
    for (uint32_t i = 0; i < 2; i++) {
        s->f.instruments.list[i].maker_fee_rate.d = dec("0.0002");
        s->f.instruments.list[i].taker_fee_rate.d = dec("0.0004");
        s->price[i] = dec("1000");
    }
    tt_random_init(&s->random, seed, 0);
    tt_venue_config config = {
        .order_latency = {50 * TT_NS_PER_MS},
        .report_latency = {50 * TT_NS_PER_MS},
        .latency_jitter = {20 * TT_NS_PER_MS},
        .bar_open_grace = {5 * TT_NS_PER_S},
        .half_spread_bps = {dec("1")},
        .slippage_bps = {dec("1")},
        .partial_fill_probability = {dec("0.3")},
        .reject_probability = {dec("0.01")},
        .queue_ahead = {dec("1")},
        .orders_max = 1000000,
    };
    assert_int_equal(
        tt_sim_venue_open(&config, &s->f.instruments, seed, NULL, &s->venue, NULL), TUTTI_OK);
}

/* The data ends; bars go on only until what was rejected or lost has been tried again. */
static void finish(session *s)
{
    tt_feed_event end = {.event = TT_feed_event_type_END_OF_DATA};
    give(s, TT_TOPIC_FEED_EVENTS, 0, &end);
    for (unsigned i = 0; i < 60 && s->f.trade->orders.table->live_count > 0; i++) {
        run_until(s, (tt_time){s->f.now.ns + 60 * TT_NS_PER_S});
        pass_bar(s, 1);
        pass_bar(s, 2);
    }
    run_until(s, (tt_time){s->f.now.ns + 600 * TT_NS_PER_S});
}

static void assert_agreement(const session *s)
{
    for (uint32_t key = 1; key <= 2; key++) {
        tt_dec held = s->f.trade->books->positions[key - 1].qty.d;
        tt_dec at_venue = tt_sim_venue_holding(&s->venue, key).d;
        assert_true(tt_dec_eq(held, at_venue));
        assert_dec(held, "0");
    }
    tt_trade_status numbers;
    tt_trade_status_get(s->f.trade, &numbers);
    assert_int_equal(numbers.live_orders, 0);
    assert_int_equal(numbers.unknown_reports, 0);
    assert_int_equal(numbers.refused_reports, 0);
    assert_int_equal(numbers.overfills, 0);
    assert_true(numbers.closed_trades > 50);
    assert_true(tt_dec_eq(numbers.account.equity.d, numbers.account.balance.d));
}

static void run_session(uint64_t seed, uint32_t fault_per_mille)
{
    static session s;
    open_session(&s, seed, fault_per_mille);
    for (unsigned i = 0; i < BARS; i++) {
        run_until(&s, (tt_time){s.f.now.ns + 60 * TT_NS_PER_S});
        disturb(&s);
        pass_bar(&s, 1);
        pass_bar(&s, 2);
        if (chance(&s, 300)) {
            decide(&s, 1 + (i & 1));
        }
    }
    finish(&s);
    print_message("seed %llu\n", (unsigned long long)seed);
    assert_agreement(&s);
    s.venue.close(s.venue.ctx);
    fixture_fini(&s.f);
}

static void an_orderly_exchange(void **state)
{
    (void)state;
    run_session(11, 0);
    run_session(12, 0);
}

static void an_exchange_with_faults(void **state)
{
    (void)state;
    for (uint64_t seed = 21; seed < 25; seed++) {
        run_session(seed, 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_orderly_exchange),
        cmocka_unit_test(an_exchange_with_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
