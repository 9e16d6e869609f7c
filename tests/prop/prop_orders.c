/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Orders from the proposal to the last report: risk, trade with every exit rule, and a venue that
 * loses, repeats and reorders what it says, fills too much and lies (tests/unit/trade/prop_*.c),
 * over random proposals, commands, prices, restarts.
 *
 * The world checks, message by message: states are legal and a final one never changes; each
 * execution is booked once; what may still be filled is in pending exposure to the last digit, an
 * unknown order in full; the books add up. Here, step by step: an entry is sent only within the
 * limit of exposure, and so is an amend that is more than a cut, by the books and, but for what was
 * in flight, by the venue; never beside an unknown order of its symbol; never beyond the rate.
 * Stops only come closer. A closing always has an order or a time to try again. Of a group of two
 * entries both are sent or none; once one has filled, the other is over or being cancelled, and
 * what it still opens is closed. Every row of the groups' table is taken. In the end books and
 * venue agree, flat.
 *
 * --events N and --seed N choose another run; each seed lives for EVENTS_EACH events.
 */
#include "../lib/config_defaults.h"
#include "../unit/trade/prop_world.h"
#include "risk/risk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_EACH       50000u
#define EXPOSURE_PCT      40
#define ORDERS_PER_MINUTE 1200u
#define ORDERS_BURST      60u

/* What this test keeps beside the world. */
typedef struct court {
    world w;
    tt_risk *risk;
    tt_time sent_at[2048]; /* Ring: when entries were sent. */
    uint32_t sent_next;
    bool was_unknown[INSTRUMENTS]; /* Before the step. */
    uint64_t entries;
    uint64_t moves;
    uint64_t exits;
    uint64_t groups;
} court;

static uint64_t amend_events[4]; /* Sent, in force, rejected, lost: over all seeds. */

static uint64_t group_rows[TT_SM_ROWS_MAX]; /* How often each row was taken, over all seeds. */

static court self;

static tt_dec pct(int64_t n)
{
    return tt_dec_from_i64(n, 0);
}

static tt_risk_module_config risk_config(void)
{
    static tt_risk_module_config config;
    memset(&config, 0, sizeof config);
    TT_TEST_DEFAULTS(risk, &config.limits);
    TT_TEST_DEFAULTS(confidence, &config.confidence);
    TT_TEST_DEFAULTS(leverage, &config.leverage);
    TT_TEST_DEFAULTS(correlation, &config.correlation);
    TT_TEST_DEFAULTS(volatility, &config.volatility);
    TT_TEST_DEFAULTS(atr_stops, &config.atr_stops);
    TT_TEST_DEFAULTS(breakers, &config.breakers);
    TT_TEST_DEFAULTS(sizing, &config.sizing);
    /* Nothing but the rules of exposure and of unknown orders stands in the way. */
    config.cooldowns = (tt_cooldowns_config){0};
    config.breakers.daily_loss_pct.d = config.breakers.weekly_loss_pct.d = pct(100);
    config.breakers.max_drawdown_pct.d = pct(100);
    config.limits.max_position_pct.d = pct(30);
    config.limits.max_total_exposure_pct.d = pct(EXPOSURE_PCT);
    config.limits.max_risk_per_trade_pct.d = pct(100);
    config.limits.min_stop_pct.d = TT_DEC_ZERO;
    config.limits.max_stop_pct.d = pct(100);
    config.limits.min_reward_risk.d = TT_DEC_ZERO;
    config.limits.require_stop_loss = false;
    config.limits.require_fresh_data = false;
    config.limits.max_open_positions = 64;
    config.correlation.window = 0;
    config.correlation.max_exposure_pct.d = pct(10000);
    config.correlation.warn_exposure_pct.d = pct(10000);
    return config;
}

static tt_trade_config trade_config(uint64_t seed)
{
    tt_trade_config config = fixture_config();
    config.account.initial_balance.d = pct(1000000);
    config.account.mark_interval.ns = 0; /* Risk sees each mark. */
    config.orders.status_interval.ns = 3 * TT_NS_PER_S;
    config.orders.orders_per_minute = ORDERS_PER_MINUTE;
    config.orders.orders_burst = ORDERS_BURST;
    config.orders.requests_per_minute = 6000;
    config.orders.requests_burst = 100;
    config.exits = (tt_exits_config){
        .trailing_stop = seed % 2 == 0,
        .trailing_activation_pct = {pct(1)},
        .trailing_distance_pct = {pct(3)},
        .break_even = seed % 3 == 0,
        .break_even_at_pct = {pct(5)},
        .break_even_buffer_pct = {pct(1)},
        .time_limit = {seed % 5 == 4 ? 30 * TT_NS_PER_S : 0},
        .max_hold = {seed % 5 == 4 ? 120 * TT_NS_PER_S : 0},
        .stop_guard = true,
        .stop_guard_delay = {2 * TT_NS_PER_S},
    };
    config.ladder = (tt_ladder_config){
        .enabled = seed % 4 < 2,
        .share_1_pct = {pct(30)},
        .at_1_pct = {pct(30)},
        .share_2_pct = {pct(40)},
        .at_2_pct = {pct(50)},
        .share_3_pct = {pct(20)},
        .at_3_pct = {pct(70)},
    };
    return config;
}

/* The place of the coordinator: both halves are proposed in the step of the group. */
static tutti_status propose_group(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    world *w = ctx;
    const tt_entry_group *group = TT_PAYLOAD(msg, ENTRY_GROUPS, entry_group);
    for (int i = 0; i < 2; i++) {
        bool is_upper = i == 0;
        bool is_buy = is_upper == (group->style == TT_group_style_BREAKOUT);
        tt_trade_proposal proposal = {
            .size = {tt_dec_from_i64(between(w, 1000, 10000000), 2)},
            .entry_price = is_upper ? group->upper_entry : group->lower_entry,
            .confidence = {tt_dec_from_i64(99, 2)},
            .ta_confidence = {pct(-1)},
            .sentiment_confidence = {pct(-1)},
            .size_multiplier = {pct(1)},
            .group_seq = msg->seq,
            .leverage = 1,
            .kind = TT_proposal_kind_ENTRY,
            .side = is_buy ? TT_side_BUY : TT_side_SELL,
            .regime = TT_regime_TRENDING_BULL,
            .is_stop_entry = group->style == TT_group_style_BREAKOUT,
        };
        const tt_bus_post post = {
            .topic = TT_TOPIC_TRADE_PROPOSALS,
            .source = TT_SOURCE_COORDINATOR,
            .key = msg->key,
            .payload = &proposal,
        };
        TUTTI_TRY(tt_bus_publish(bus, &post, NULL));
    }
    return TUTTI_OK;
}

static void ask_group(world *w)
{
    const tt_entry_group group = {
        .upper_entry = {tt_dec_from_i64(between(w, 10001, 11000), 2)},
        .lower_entry = {tt_dec_from_i64(between(w, 9000, 9999), 2)},
        .style = chance(w, 500) ? TT_group_style_BREAKOUT : TT_group_style_REVERSION,
    };
    world_input(w, TT_TOPIC_ENTRY_GROUPS, (uint32_t)between(w, 1, INSTRUMENTS), &group, 0);
}

/* A proposal that is often larger than the limits. */
static void ask(world *w)
{
    if (chance(w, 200)) {
        ask_group(w);
        return;
    }
    bool is_buy = chance(w, 500);
    bool is_limit = chance(w, 500);
    int64_t away = is_buy ? -1 : 1;
    int64_t limit = between(w, 9000, 11000);
    tt_trade_proposal proposal = {
        .size = {tt_dec_from_i64(between(w, 1000, 30000000), 2)},
        .entry_price = {tt_dec_from_i64(is_limit ? limit : 0, 2)},
        .confidence = {tt_dec_from_i64(99, 2)},
        .ta_confidence = {pct(-1)},
        .sentiment_confidence = {pct(-1)},
        .size_multiplier = {pct(1)},
        .leverage = 1,
        .kind = TT_proposal_kind_ENTRY,
        .side = is_buy ? TT_side_BUY : TT_side_SELL,
        .regime = TT_regime_TRENDING_BULL,
    };
    if (chance(w, 800)) {
        proposal.stop_loss.d = tt_dec_from_i64(10000 + away * between(w, 2100, 4000), 2);
    }
    if (chance(w, 700)) {
        proposal.take_profit.d = tt_dec_from_i64(10000 - away * between(w, 2100, 4000), 2);
    }
    world_input(w, TT_TOPIC_TRADE_PROPOSALS, (uint32_t)between(w, 1, INSTRUMENTS), &proposal, 0);
}

static void court_init(uint64_t seed)
{
    memset(&self, 0, sizeof self);
    world *w = &self.w;
    w->seed = seed;
    w->ask = ask;
    tt_trade_config config = trade_config(seed);
    fixture_init_with(&w->f, &config);
    tt_random_init(&w->random, seed, 0);
    w->slots = tt_map_new(&w->f.arena, MODEL_ORDERS);
    assert_non_null(w->slots);
    tt_risk_module_config risk = risk_config();
    assert_int_equal(tt_risk_setup(&w->f.core, &risk, &w->f.arena, &self.risk), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(w->f.core.bus, TT_TOPIC_ENTRY_GROUPS, "court.group", propose_group, w),
        TUTTI_OK);
    /* Risk waits for an account and for prices. */
    tt_session_event started = {.event = TT_session_event_type_STARTED};
    world_input(w, TT_TOPIC_SESSION_EVENTS, 0, &started, 0);
}

/* --- what must hold after a step --- */

static tt_dec value_of(const world *w, int64_t qty, uint32_t index)
{
    return tt_dec_xabs(tt_dec_xmul(tt_dec_from_i64(qty, 3), w->mark[index]));
}

static tt_dec pending_exposure(const world *w)
{
    int64_t pending = 0;
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        const model_order *order = &w->orders[i];
        bool is_live = order->id != 0 && order->state != TT_order_state_NONE &&
                       !tt_order_state_is_final(order->state);
        if (is_live && !order->reduce_only) {
            pending += model_pending(order);
        }
    }
    return tt_dec_from_i64(pending, 5);
}

/* Executions that the venue has made and the books do not know yet. */
static int64_t in_flight(const world *w, uint32_t instrument)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        const model_order *order = &w->orders[i];
        for (uint32_t e = 0; order->instrument == instrument && e < order->exec_count; e++) {
            sum += order->execs[e].is_booked ? 0 : order->execs[e].qty;
        }
    }
    return sum;
}

static void check_exposure(world *w, const tt_risk_verdict *verdict)
{
    tt_dec held = TT_DEC_ZERO;
    tt_dec truth = TT_DEC_ZERO;
    tt_dec flying = TT_DEC_ZERO;
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        held = tt_dec_xadd(held, value_of(w, w->held[i], i));
        truth = tt_dec_xadd(truth, value_of(w, w->net[i], i));
        flying = tt_dec_xadd(flying, value_of(w, in_flight(w, i + 1), i));
    }
    tt_dec pending = pending_exposure(w);
    tt_dec limit = TT_DEC_ZERO;
    CHECK(
        w,
        tt_dec_muldiv(verdict->equity.d, pct(EXPOSURE_PCT), pct(100), TT_ROUND_FLOOR, &limit) ==
            TUTTI_OK);
    CHECK(w, tt_dec_le(tt_dec_xadd(held, pending), limit));
    CHECK(w, tt_dec_le(tt_dec_xadd(truth, pending), tt_dec_xadd(limit, flying)));
}

/* Within any minute no more than the rate and one burst. */
static void check_rate(world *w)
{
    uint32_t count = sizeof self.sent_at / sizeof self.sent_at[0];
    uint32_t within = ORDERS_PER_MINUTE + ORDERS_BURST;
    tt_time oldest = self.sent_at[(self.sent_next + count - within) % count];
    CHECK(w, oldest.ns == 0 || w->f.now.ns - oldest.ns > 60 * TT_NS_PER_S);
    self.sent_at[self.sent_next] = w->f.now;
    self.sent_next = (self.sent_next + 1) % count;
}

static void check_entry(world *w, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    CHECK(w, verdict != NULL);
    CHECK(w, !self.was_unknown[msg->key - 1]);
    check_exposure(w, verdict);
    check_rate(w);
    self.entries++;
}

/* More is asked of the venue only within the limits of an entry; a cut at any time. */
static void check_amend(world *w, const tt_msg *msg, const tt_risk_verdict *verdict)
{
    const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
    const model_order *order = world_order(w, amend->order_id);
    CHECK(w, order != NULL && !order->reduce_only);
    check_rate(w);
    bool is_cut = tt_dec_eq(amend->price.d, amend->price_before.d) &&
                  tt_dec_eq(amend->trigger_price.d, amend->trigger_before.d) &&
                  tt_dec_lt(amend->qty.d, amend->qty_before.d);
    CHECK(w, is_cut == (amend->verdict_seq == 0));
    if (is_cut) {
        return;
    }
    CHECK(w, verdict != NULL && verdict->status == TT_verdict_APPROVED);
    CHECK(w, !self.was_unknown[msg->key - 1]);
    int64_t before = (order->qty - order->filled) * order->worst_price;
    if (model_pending(order) > before) {
        check_exposure(w, verdict);
    }
}

static void check_exit(world *w, const tt_msg *msg)
{
    const tt_exit_event *event = TT_PAYLOAD(msg, EXIT_EVENTS, exit_event);
    const tt_position *position = &w->f.trade->books->positions[msg->key - 1];
    if (event->action == TT_exit_action_CLOSE) {
        bool is_closing = tt_close_is_active(w->f.trade, msg->key);
        CHECK(w, is_closing || position->position_id != event->position_id);
        self.exits++;
        return;
    }
    bool is_long = tt_dec_sign(position->qty.d) > 0;
    bool is_closer = tt_dec_is_zero(event->stop_before.d) ||
                     (is_long ? tt_dec_le(event->stop_before.d, event->stop_after.d)
                              : tt_dec_le(event->stop_after.d, event->stop_before.d));
    CHECK(w, position->position_id == event->position_id && is_closer);
    CHECK(w, tt_dec_eq(position->stop_loss.d, event->stop_after.d));
    self.moves++;
}

static void check_closings(world *w)
{
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        const tt_closing *closing = &w->f.trade->books->closings[i];
        const tt_order *order =
            closing->order_id == 0 ? NULL : tt_order_find(&w->f.trade->orders, closing->order_id);
        bool has_order = order != NULL && !tt_order_state_is_final(order->state);
        CHECK(w, closing->is_active == 0 || has_order || closing->timer.n != 0);
    }
}

/* What a group says of itself in this step. */
static void check_group_event(world *w, const tt_msg *msg, uint32_t entries)
{
    const tt_entry_group_event *event = TT_PAYLOAD(msg, ENTRY_GROUP_EVENTS, entry_group_event);
    if (event->new_state == TT_group_state_WORKING) {
        CHECK(w, entries == 2);
        self.groups++;
    } else if (event->new_state == TT_group_state_REFUSED) {
        CHECK(w, entries == 0 && event->first_order_id == 0 && event->second_order_id == 0);
    }
}

/* Once one has filled, the other must not go on, and what it opened is not kept. */
static void check_groups(world *w)
{
    tt_orders *orders = &w->f.trade->orders;
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        const tt_group *group = &w->f.trade->groups->list[i];
        for (uint32_t k = 0; group->winner != 0 && k < 2; k++) {
            const tt_order *order = tt_order_find(orders, group->order_ids[k]);
            bool is_other = group->order_ids[k] != group->winner;
            CHECK(w, !is_other || order == NULL || order->is_unwanted != 0);
        }
    }
    for (uint32_t i = 1; i <= INSTRUMENTS; i++) {
        for (const tt_order *order = tt_order_first(orders, i); order != NULL;
             order = tt_order_after(orders, order)) {
            CHECK(w, order->is_unwanted == 0 || order->cancel_reason != TT_CANCEL_NONE);
        }
    }
}

static void check_step(world *w)
{
    const tt_bus *bus = w->f.core.bus;
    const tt_risk_verdict *verdict = NULL;
    uint32_t entries = 0;
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        if (msg->topic == TT_TOPIC_RISK_VERDICTS && (msg->flags & TT_MSG_INPUT) == 0) {
            verdict = tt_msg_payload(msg);
        } else if (msg->topic == TT_TOPIC_EXIT_EVENTS) {
            check_exit(w, msg);
        } else if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
            const tt_order_intent *intent = tt_msg_payload(msg);
            if (intent->role == TT_order_role_ENTRY) {
                check_entry(w, msg, verdict);
                entries++;
            }
        } else if (msg->topic == TT_TOPIC_ORDER_AMENDS) {
            check_amend(w, msg, verdict);
        } else if (msg->topic == TT_TOPIC_ENTRY_GROUP_EVENTS) {
            check_group_event(w, msg, entries);
        }
    }
    check_closings(w);
    check_groups(w);
    memset(self.was_unknown, 0, sizeof self.was_unknown);
    for (uint32_t i = 0; i < MODEL_ORDERS; i++) {
        const model_order *order = &w->orders[i];
        if (order->id != 0 && order->state == TT_order_state_UNKNOWN) {
            self.was_unknown[order->instrument - 1] = true;
        }
    }
}

static void run(uint64_t seed, uint64_t events)
{
    court_init(seed);
    world *w = &self.w;
    for (uint64_t i = 0; i < events; i++) {
        world_step(w);
        check_step(w);
        if (i % 16 == 0) {
            tt_trade_check(w->f.trade);
        }
    }
    world_settle(w);
    tt_trade_check(w->f.trade);
    tt_trade_status numbers;
    tt_trade_status_get(w->f.trade, &numbers);
    CHECK(w, numbers.fills == w->fill_rows && numbers.publish_failures == 0);
    CHECK(w, tt_dec_is_zero(numbers.account.pending_exposure.d) && numbers.live_orders == 0);
    for (uint32_t i = 0; i < TT_GROUPS_MAX; i++) {
        CHECK(w, w->f.trade->groups->list[i].group_seq == 0);
    }
    for (uint32_t i = 0; i < tt_group_machine.row_count; i++) {
        group_rows[i] += w->f.trade->groups->transitions.taken[i];
    }
    for (uint32_t i = 0; i < 4; i++) {
        amend_events[i] += w->amend_events[i];
    }
    fixture_fini(&w->f);
}

static uint64_t events_asked = 200000;
static uint64_t first_seed = 1;

static void orders_keep_their_promises(void **state)
{
    (void)state;
    uint64_t entries = 0;
    uint64_t moves = 0;
    uint64_t exits = 0;
    uint64_t groups = 0;
    uint64_t seeds = 0;
    for (uint64_t done = 0; done < events_asked; done += EVENTS_EACH) {
        uint64_t left = events_asked - done;
        run(first_seed + seeds++, left < EVENTS_EACH ? left : EVENTS_EACH);
        entries += self.entries;
        moves += self.moves;
        exits += self.exits;
        groups += self.groups;
    }
    for (uint32_t i = 0; i < tt_group_machine.row_count; i++) {
        if (group_rows[i] == 0) {
            fail_msg("row %u of the groups' table was never taken", i);
        }
    }
    print_message(
        "%llu events, seeds %llu to %llu: %llu entries, %llu stops moved, %llu exits, %llu "
        "groups, %llu amends: %llu in force, %llu rejected, %llu lost\n",
        (unsigned long long)events_asked,
        (unsigned long long)first_seed,
        (unsigned long long)(first_seed + seeds - 1),
        (unsigned long long)entries,
        (unsigned long long)moves,
        (unsigned long long)exits,
        (unsigned long long)groups,
        (unsigned long long)amend_events[0],
        (unsigned long long)amend_events[1],
        (unsigned long long)amend_events[2],
        (unsigned long long)amend_events[3]);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(amend_events[i] > 0);
    }
    assert_true(entries > events_asked / 1000 && moves > 0 && exits > 0);
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--events") == 0) {
            events_asked = value;
        } else if (strcmp(argv[i], "--seed") == 0) {
            first_seed = value;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_keep_their_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
