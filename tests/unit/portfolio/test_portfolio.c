/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The module on a real bus with real timers; the test plays everybody else: account, positions,
 * risk, orders. Prices are 1, so that quantities are amounts.
 *
 * Covers: portfolio.c portfolio_bags.c portfolio_check.c portfolio_follow.c portfolio_legs.c
 * portfolio_publish.c
 */
#include "../../lib/test.h"
#include "portfolio/portfolio_priv.h"

#define BTC 1u
#define XRP 2u

static struct {
    tt_arena arena;
    tt_core core;
    tt_instruments instruments;
    tt_portfolio_module_config config;
    tt_portfolio *portfolio;
    tt_time now;
    uint32_t said[TT_TOPIC_COUNT]; /**< Messages of each topic that the test has not forgotten. */
    tt_trade_proposal proposal;    /**< The last one. */
    uint32_t proposal_key;
    tt_seq proposals[8]; /**< Number of the last one of each key. */
    tt_seq verdict;
} desk;

static tt_dec num(const char *text)
{
    tt_dec value = TT_DEC_ZERO;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

#define assert_num(value, text) assert_true(tt_dec_eq((value).d, num(text)))

static void say(tt_topic topic, tt_source source, uint32_t key, const void *payload)
{
    const tt_bus_post post = {
        .topic = topic, .source = source, .key = key, .payload = payload, .flags = TT_MSG_INPUT};
    tt_bus_begin(desk.core.bus, desk.now);
    assert_int_equal(tt_bus_publish(desk.core.bus, &post, NULL), TUTTI_OK);
    tt_timers_fire(desk.core.timers, desk.now);
    tt_bus_run(desk.core.bus);
}

/* Moves the clock as a driver does: a clock input at each deadline. */
static void wait_s(int64_t seconds)
{
    const tt_clock tick = {0};
    int64_t end = desk.now.ns + seconds * TT_NS_PER_S;
    while (tt_timers_next(desk.core.timers).ns <= end) {
        desk.now = tt_timers_next(desk.core.timers);
        say(TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &tick);
    }
    desk.now.ns = end;
    say(TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &tick);
}

static void session(tt_session_event_type event)
{
    const tt_session_event payload = {.event = (uint8_t)event};
    say(TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, 0, &payload);
}

static void system_event(tt_system_event_type event, int64_t value)
{
    const tt_system_event payload = {.event = (uint8_t)event, .new_value = value};
    say(TT_TOPIC_SYSTEM_EVENTS, TT_SOURCE_COORDINATOR, 0, &payload);
}

static void account(const char *equity)
{
    const tt_account_update payload = {.equity.d = num(equity)};
    say(TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &payload);
}

static void position(uint32_t key, const char *qty)
{
    bool is_short = tt_dec_sign(num(qty)) < 0;
    const tt_position_update payload = {
        .qty.d = num(qty),
        .mark.d = num("1"),
        .side = is_short ? TT_side_SELL : TT_side_BUY,
    };
    say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &payload);
}

static void command(tt_command what)
{
    const tt_coordinator_command payload = {.request_id = 7, .command = (uint8_t)what};
    say(TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &payload);
}

static tutti_status witness(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    desk.said[msg->topic]++;
    if (msg->topic == TT_TOPIC_TRADE_PROPOSALS) {
        desk.proposal = *TT_PAYLOAD(msg, TRADE_PROPOSALS, trade_proposal);
        desk.proposal_key = msg->key;
        desk.proposals[msg->key] = msg->seq;
    }
    return TUTTI_OK;
}

static void setup_module(void)
{
    const tt_bus_options options = {.outbox_bytes = 1 << 20};
    assert_int_equal(tt_arena_init(&desk.arena, (size_t)64 << 20), TUTTI_OK);
    desk.core = (tt_core){.instruments = &desk.instruments, .seed = 1, .run_id = "test"};
    tt_core *core = &desk.core;
    assert_int_equal(tt_timers_new(8, &desk.arena, &core->timers), TUTTI_OK);
    assert_int_equal(tt_bus_new(&options, &desk.arena, &core->bus), TUTTI_OK);
    assert_int_equal(tt_bus_register(core->bus, core), TUTTI_OK);
    const tt_topic topics[] = {
        TT_TOPIC_TRADE_PROPOSALS, TT_TOPIC_REBALANCE_PLANS, TT_TOPIC_REBALANCE_BATCHES};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        assert_int_equal(
            tt_bus_subscribe(core->bus, topics[i], "witness", witness, NULL), TUTTI_OK);
    }
    size_t size = 0;
    void *timers = tt_timers_state(core->timers, &size);
    assert_int_equal(tt_core_add_region(core, "timers", timers, size), TUTTI_OK);
    assert_int_equal(
        tt_portfolio_setup(core, &desk.config, &desk.arena, &desk.portfolio), TUTTI_OK);
}

static void add_instrument(const char *symbol)
{
    tt_instrument *instrument = &desk.instruments.list[desk.instruments.count++];
    *instrument = (tt_instrument){
        .price_increment.d = num("0.01"),
        .qty_increment.d = num("0.01"),
        .min_qty.d = num("0.01"),
        .bar_interval_s = 60,
        .id = {desk.instruments.count},
    };
    TT_TEXT_SET(instrument->symbol, symbol);
}

static void set_targets(const char *btc, const char *xrp, const char *cash)
{
    TT_TEXT_SET(desk.config.targets[0].symbol, "BTC/USDT");
    TT_TEXT_SET(desk.config.targets[1].symbol, "XRP/USDT");
    desk.config.targets[0].target_pct.d = num(btc);
    desk.config.targets[1].target_pct.d = num(xrp);
    desk.config.allocation.cash_target_pct.d = num(cash);
    desk.config.target_count = 2;
}

static int open_desk(void **state)
{
    (void)state;
    memset(&desk, 0, sizeof desk);
    desk.config.allocation = (tt_allocation_config){
        .enabled = true,
        .threshold_pct.d = num("5"),
        .warn_pct.d = num("8"),
        .high_pct.d = num("15"),
        .min_trade.d = num("10"),
        .min_interval.ns = 86400 * TT_NS_PER_S,
        .strategy = TT_rebalance_strategy_DCA_24H,
        .dca_total.d = num("500"),
        .dca_batches = 6,
        .dca_interval.ns = 14400 * TT_NS_PER_S,
        .late_policy = TT_late_policy_SKIP,
        .late_limit.ns = 14400 * TT_NS_PER_S,
        .max_attempts = 3,
        .retry_delay.ns = 60 * TT_NS_PER_S,
        .fill_timeout.ns = 7200 * TT_NS_PER_S,
    };
    add_instrument("BTC/USDT");
    add_instrument("XRP/USDT");
    for (int i = 3; i <= 6; i++) {
        char symbol[16];
        (void)snprintf(symbol, sizeof symbol, "X%d/USDT", i);
        add_instrument(symbol);
    }
    set_targets("40", "40", "20");
    desk.now.ns = INT64_C(1710331200) * TT_NS_PER_S;
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    tt_arena_fini(&desk.arena);
    return 0;
}

/* Session started, 1000 in cash. */
static void start(void)
{
    setup_module();
    session(TT_session_event_type_STARTED);
    account("1000");
}

/* --- what the module said --- */

static const tt_msg *newest(tt_topic topic)
{
    return tt_bus_history(desk.core.bus, topic, NULL);
}

static uint32_t count_of(tt_topic topic)
{
    return desk.said[topic];
}

static void forget(void)
{
    memset(desk.said, 0, sizeof desk.said);
}

static const tt_rebalance_plan *plan(void)
{
    return TT_PAYLOAD(newest(TT_TOPIC_REBALANCE_PLANS), REBALANCE_PLANS, rebalance_plan);
}

static const tt_trade_proposal *proposal(uint32_t key)
{
    assert_int_equal(desk.proposal_key, key);
    return &desk.proposal;
}

static const tt_rebalance_batch *leg(void)
{
    return TT_PAYLOAD(newest(TT_TOPIC_REBALANCE_BATCHES), REBALANCE_BATCHES, rebalance_batch);
}

static void assert_reply(tt_reply_status status, const char *message)
{
    const tt_msg *msg = newest(TT_TOPIC_COMMAND_REPLIES);
    assert_non_null(msg);
    const tt_command_reply *reply = TT_PAYLOAD(msg, COMMAND_REPLIES, command_reply);
    assert_int_equal(reply->status, status);
    assert_int_equal(reply->request_id, 7);
    assert_string_equal(reply->message, message);
}

static tt_portfolio_status status(void)
{
    tt_portfolio_status result;
    tt_portfolio_status_get(desk.portfolio, &result);
    return result;
}

/* --- playing risk and trade --- */

static void judge(uint32_t key, tt_risk_code code)
{
    const tt_risk_verdict payload = {
        .proposal_seq = desk.proposals[key],
        .status = code == TT_risk_code_NONE ? TT_verdict_APPROVED : TT_verdict_REJECTED,
        .code = (uint8_t)code,
    };
    say(TT_TOPIC_RISK_VERDICTS, TT_SOURCE_RISK, key, &payload);
    desk.verdict = newest(TT_TOPIC_RISK_VERDICTS)->seq;
}

static void order(uint32_t key, uint64_t id, bool reduces)
{
    const tt_order_intent payload = {
        .order_id = id, .verdict_seq = desk.verdict, .reduce_only = reduces};
    say(TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, key, &payload);
    const tt_execution_event event = {
        .order_id = id, .old_state = TT_order_state_NONE, .new_state = TT_order_state_NEW};
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

static void end_order(uint32_t key, uint64_t id, tt_order_state state, const char *filled)
{
    const tt_execution_event event = {
        .filled_notional.d = num(filled),
        .order_id = id,
        .old_state = TT_order_state_SUBMITTED,
        .new_state = (uint8_t)state,
    };
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

static void fill(uint32_t key, uint64_t id, const char *amount, bool reduces)
{
    judge(key, TT_risk_code_NONE);
    order(key, id, reduces);
    end_order(key, id, TT_order_state_FILLED, amount);
}

static void advise(tt_portfolio_action action, tt_rebalance_strategy strategy)
{
    const tt_portfolio_update update = {
        .confidence.d = num("0.9"), .action = (uint8_t)action, .strategy = (uint8_t)strategy};
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
}

/* --- plans --- */

static void batches_run_on_their_time(void **state)
{
    (void)state;
    start();
    advise(TT_portfolio_action_REBALANCE, TT_rebalance_strategy_NONE);
    assert_int_equal(plan()->batches, 6);
    assert_num(plan()->buys, "800");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    assert_num(proposal(XRP)->size, "66.7");
    assert_num(proposal(XRP)->confidence, "0.9");
    assert_int_equal(proposal(XRP)->kind, TT_proposal_kind_REBALANCE);
    assert_int_equal(proposal(XRP)->signal_seq, newest(TT_TOPIC_REBALANCE_PLANS)->seq);
    for (uint64_t batch = 0; batch < 6; batch++) {
        assert_int_equal(status().batches[batch].open, 2);
        fill(BTC, 100 + batch, "66.6", false);
        fill(XRP, 200 + batch, "66.6", false);
        assert_int_equal(status().batches[batch].done, 2);
        forget();
        wait_s(14399);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
        wait_s(1);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), batch < 5 ? 2 : 0);
    }
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
    assert_num(plan()->buys, "799.2");
    assert_int_equal(status().trades_done, 12);
    assert_int_equal(status().plan_seq, 0);
    assert_int_equal(tt_timers_next(desk.core.timers).ns, TT_TIME_NEVER.ns);
}

static void a_plan_waits_for_the_pause_between_plans(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_DONE, "planned: 2 trades");
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: no new plan for another 86400 s");
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: trades of the plan before are on their way");
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    // What is left of the plan before is dropped, and its end is told.
    forget();
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_DONE, "planned: 2 trades");
    assert_int_equal(count_of(TT_TOPIC_REBALANCE_PLANS), 2);
    assert_int_equal(status().trades_skipped, 10);
    wait_s(86399);
    command(TT_command_CANCEL_REBALANCE);
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: no new plan for another 1 s");
}

static void a_forced_plan_ignores_the_threshold(void **state)
{
    (void)state;
    start();
    position(BTC, "420");
    position(XRP, "380");
    command(TT_command_REBALANCE);
    assert_reply(
        TT_reply_status_DONE,
        "on_target: every share is nearer to its target than the threshold, in percent: 5");
    command(TT_command_FORCE_REBALANCE);
    assert_int_equal(plan()->outcome, TT_plan_outcome_PLANNED);
    assert_int_equal(plan()->is_forced, 1);
    assert_num(plan()->sells, "20");
    assert_num(plan()->buys, "20");
    assert_int_equal(plan()->batches, 1);
}

static void nothing_is_planned_without_targets_account_or_switch(void **state)
{
    (void)state;
    desk.config.target_count = 0;
    desk.config.allocation.cash_target_pct.d = TT_DEC_ZERO;
    start();
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: portfolio.targets is empty");
    (void)close_desk(state);
    (void)open_desk(state);
    setup_module();
    session(TT_session_event_type_STARTED);
    command(TT_command_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: the account has no state yet");
    (void)close_desk(state);
    (void)open_desk(state);
    desk.config.allocation.enabled = false;
    start();
    command(TT_command_FORCE_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "refused: portfolio.enabled is false");
    command(TT_command_CANCEL_REBALANCE);
    assert_reply(TT_reply_status_REFUSED, "no plan is in work");
    assert_int_equal(status().refused_plans, 1);
}

/* Positions without a target, and what they bind, are left alone. */
static void what_has_no_target_is_not_allocated(void **state)
{
    (void)state;
    start();
    position(3, "-500");
    command(TT_command_REBALANCE);
    assert_num(plan()->equity, "500");
    assert_num(plan()->buys, "400");
    assert_num(status().equity, "500");
    assert_num(status().cash_pct, "100");
    assert_true(status().needs_rebalancing);
}

static void add_trade(tt_portfolio_update *update, uint32_t key, tt_side side, const char *amount)
{
    update->trades[update->count++] =
        (tt_rebalance_trade){.amount.d = num(amount), .instrument = key, .side = (uint8_t)side};
}

/* Without targets: only what reduces a position, sells first, no more than is held. */
static void without_targets_positions_are_cut_back(void **state)
{
    (void)state;
    desk.config.target_count = 0;
    desk.config.allocation.cash_target_pct.d = TT_DEC_ZERO;
    start();
    position(1, "-100");
    position(2, "50");
    position(3, "600");
    position(5, "-50");
    tt_portfolio_update update = {
        .action = TT_portfolio_action_REBALANCE, .confidence.d = num("0.8")};
    add_trade(&update, 1, TT_side_BUY, "11");
    add_trade(&update, 2, TT_side_SELL, "12");
    add_trade(&update, 3, TT_side_SELL, "700");
    add_trade(&update, 5, TT_side_SELL, "15"); // would increase a short
    add_trade(&update, 6, TT_side_SELL, "16"); // nothing is held
    add_trade(&update, 2, TT_side_SELL, "17"); // a second time
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
    assert_int_equal(plan()->count, 3);
    assert_int_equal(plan()->agent_refused, 3);
    assert_int_equal(plan()->agent_cuts, 1);
    assert_int_equal(plan()->batches, 1);
    assert_num(plan()->rows[0].amount, "600");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    assert_num(proposal(2)->size, "12");
    fill(3, 1, "600", true);
    fill(2, 2, "12", true);
    // A short that is bought back needs no money from the sells.
    assert_num(proposal(1)->size, "11");
    assert_int_equal(status().last_plan.ns, 0);
}

/* --- waiting --- */

static void a_pause_keeps_batches_and_late_ones_are_skipped(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    system_event(TT_system_event_type_COORDINATOR_PAUSED, 1);
    forget();
    wait_s(2 * 14400); // batch 1 is due for exactly the limit, batch 2 now
    assert_int_equal(count_of(TT_TOPIC_REBALANCE_BATCHES), 0);
    system_event(TT_system_event_type_COORDINATOR_RESUMED, 0);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    fill(BTC, 3, "66.66", false);
    fill(XRP, 4, "66.66", false);
    fill(BTC, 5, "66.66", false); // batch 2 follows at once: it is due, too
    fill(XRP, 6, "66.66", false);
    system_event(TT_system_event_type_COORDINATOR_HALTED, 2);
    wait_s(2 * 14400 + 1); // batch 3 is late by a second
    forget();
    system_event(TT_system_event_type_COORDINATOR_RESUMED, 0);
    assert_int_equal(status().batches[3].skipped, 2);
    assert_int_equal(status().batches[4].open, 2);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
}

static void late_batches_run_if_configured(void **state)
{
    (void)state;
    desk.config.allocation.late_policy = TT_late_policy_RUN;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    session(TT_session_event_type_STOPPED);
    wait_s(10 * 14400);
    forget();
    session(TT_session_event_type_RECOVERED);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2); // one batch, not all
    assert_int_equal(leg()->batch, 1);
    fill(BTC, 3, "66.66", false);
    fill(XRP, 4, "66.66", false);
    assert_int_equal(leg()->batch, 2);
}

/* Other trades of the symbol, other than stops and targets, go first. */
static void a_busy_symbol_is_waited_for(void **state)
{
    (void)state;
    start();
    const tt_execution_event stop = {
        .order_id = 8,
        .old_state = TT_order_state_NONE,
        .new_state = TT_order_state_NEW,
        .role = TT_order_role_STOP_LOSS,
    };
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, XRP, &stop);
    desk.verdict = 0;
    order(BTC, 9, false);
    command(TT_command_REBALANCE);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_num(proposal(XRP)->size, "66.7");
    end_order(BTC, 9, TT_order_state_UNKNOWN, "0");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    end_order(BTC, 9, TT_order_state_CANCELLED, "0");
    assert_num(proposal(BTC)->size, "66.7");
    // One that never comes free is skipped when it is late.
    fill(BTC, 10, "66.7", false);
    fill(XRP, 11, "66.7", false);
    desk.verdict = 0;
    order(XRP, 12, false);
    wait_s(14400);
    fill(BTC, 13, "66.66", false);
    wait_s(14400 + 7200);
    assert_int_equal(status().batches[1].skipped, 0);
    wait_s(1);
    assert_int_equal(status().batches[1].skipped, 1);
}

static void degradation_holds_back_what_adds(void **state)
{
    (void)state;
    start();
    position(BTC, "800");
    system_event(TT_system_event_type_DEGRADATION_INCREASED, TT_degradation_EMERGENCY);
    command(TT_command_REBALANCE);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
    system_event(TT_system_event_type_DEGRADATION_DECREASED, TT_degradation_LIMITED);
    assert_int_equal(proposal(BTC)->side, TT_side_SELL);
    fill(BTC, 1, "66.7", true);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    system_event(TT_system_event_type_DEGRADATION_DECREASED, TT_degradation_REDUCED);
    assert_int_equal(proposal(XRP)->side, TT_side_BUY);
}

/* --- sells and buys --- */

/* A thousand in BTC: 600 are to be sold, 400 of XRP bought. */
static void start_with_a_sale(void)
{
    desk.config.allocation.strategy = TT_rebalance_strategy_IMMEDIATE;
    start();
    position(BTC, "1000");
    command(TT_command_REBALANCE);
    assert_num(proposal(BTC)->size, "600");
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
}

static void buys_wait_for_sells(void **state)
{
    (void)state;
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, true);
    wait_s(7199);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    end_order(BTC, 1, TT_order_state_FILLED, "599.5");
    assert_num(proposal(XRP)->size, "400");
}

/* A sale that brings less leaves less; one that is given up, nothing. */
static void buys_are_cut_to_what_sells_brought(void **state)
{
    (void)state;
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, true);
    end_order(BTC, 1, TT_order_state_CANCELLED, "100"); // trade tries again
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    order(BTC, 2, true);
    end_order(BTC, 2, TT_order_state_PARTIALLY_FILLED, "50.55");
    wait_s(7200);
    assert_num(proposal(XRP)->size, "150.55");
    fill(XRP, 3, "150.55", false);
    assert_num(plan()->sells, "150.55");
    (void)close_desk(state);
    (void)open_desk(state);
    start_with_a_sale();
    judge(BTC, TT_risk_code_NONE);
    wait_s(7200);
    assert_int_equal(leg()->state, TT_batch_state_SKIPPED);
    assert_string_equal(leg()->reason, "the sells leave only 0.00 for buys");
    assert_int_equal(status().trades_failed, 1);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 1);
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
}

static void a_position_that_is_gone_is_not_sold(void **state)
{
    (void)state;
    start();
    position(BTC, "1000");
    command(TT_command_REBALANCE);
    fill(BTC, 1, "100", true);
    fill(XRP, 2, "66.7", false);
    position(BTC, "0");
    wait_s(14400);
    assert_int_equal(status().batches[1].skipped, 2);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
}

/* The last batch of a sale of everything is a close, so that no dust stays. */
static void an_exit_ends_with_a_close(void **state)
{
    (void)state;
    set_targets("0", "40", "60");
    start();
    position(BTC, "600");
    position(XRP, "400");
    command(TT_command_REBALANCE);
    for (uint64_t batch = 0; batch < 6; batch++) {
        assert_int_equal(
            proposal(BTC)->kind, batch < 5 ? TT_proposal_kind_REBALANCE : TT_proposal_kind_CLOSE);
        assert_int_equal(proposal(BTC)->exit_reason, TT_exit_reason_REBALANCE);
        fill(BTC, 1 + batch, "100", true);
        wait_s(14400);
    }
    assert_num(plan()->sells, "600");
}

static void limit_orders_are_for_buys(void **state)
{
    (void)state;
    desk.config.allocation.strategy = TT_rebalance_strategy_LIMIT_ORDERS;
    start();
    position(BTC, "1000");
    const tt_bar bar = {.close.d = num("1.5")};
    say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, BTC, &bar);
    say(TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, XRP, &bar);
    command(TT_command_REBALANCE);
    assert_num(proposal(BTC)->entry_price, "0");
    fill(BTC, 1, "100", true);
    assert_num(proposal(XRP)->entry_price, "1.5");
    // It may rest: a purchase is never given up while its order lives.
    judge(XRP, TT_risk_code_NONE);
    order(XRP, 2, false);
    wait_s(100000);
    assert_int_equal(leg()->state, TT_batch_state_SENT);
    end_order(XRP, 2, TT_order_state_EXPIRED, "20");
    assert_int_equal(status().batches[0].done, 2);
}

/* --- refusals --- */

static void refusals_are_tried_again_a_bounded_number_of_times(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(XRP, 1, "66.7", false);
    for (int attempt = 1; attempt <= 3; attempt++) {
        judge(BTC, TT_risk_code_EXPOSURE_LIMIT);
        assert_int_equal(leg()->attempts, attempt);
        assert_int_equal(leg()->code, TT_risk_code_EXPOSURE_LIMIT);
        assert_string_equal(leg()->reason, "risk: EXPOSURE_LIMIT");
        forget();
        wait_s(59);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 0);
        wait_s(1);
        assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), attempt < 3 ? 1 : 0);
    }
    assert_int_equal(status().batches[0].failed, 1);
    assert_int_equal(status().batches[1].open, 2);
    wait_s(14400);
    judge(BTC, TT_risk_code_SIZE_TOO_SMALL); // no later attempt can change that
    assert_int_equal(leg()->state, TT_batch_state_SKIPPED);
}

static void an_order_that_fails_is_another_attempt(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    judge(BTC, TT_risk_code_NONE);
    const tt_risk_alert alert = {
        .alert_type = TT_alert_type_TRADE_REJECTED,
        .code = TT_risk_code_UNRESOLVED_ORDER,
        .subject_seq = desk.verdict,
    };
    say(TT_TOPIC_RISK_ALERTS, TT_SOURCE_TRADE, BTC, &alert);
    assert_int_equal(leg()->state, TT_batch_state_DUE);
    assert_int_equal(leg()->code, TT_risk_code_UNRESOLVED_ORDER);
    wait_s(60);
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 1, false);
    end_order(BTC, 1, TT_order_state_REJECTED, "0");
    assert_int_equal(leg()->state, TT_batch_state_DUE);
    assert_string_equal(leg()->reason, "the order was rejected");
    wait_s(60);
    judge(BTC, TT_risk_code_NONE);
    order(BTC, 2, false);
    end_order(BTC, 2, TT_order_state_CANCELLED, "10");
    assert_int_equal(leg()->state, TT_batch_state_DONE);
    assert_num(leg()->filled, "10");
}

/* --- ends --- */

static void whoever_closes_ends_the_plan(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    tt_position_command close = {.command = TT_position_command_type_CANCEL_ENTRIES};
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, 0, &close);
    assert_int_equal(status().trades_skipped, 0);
    close.command = TT_position_command_type_CLOSE;
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, XRP, &close);
    assert_int_equal(status().trades_skipped, 5);
    assert_string_equal(leg()->reason, "positions are being closed");
    say(TT_TOPIC_POSITION_COMMANDS, TT_SOURCE_COORDINATOR, 0, &close);
    assert_int_equal(status().trades_skipped, 10);
    assert_int_equal(plan()->outcome, TT_plan_outcome_COMPLETED);
    assert_string_equal(plan()->reason, "2 trades done, 0 failed, 10 skipped");
}

static void a_cancel_ends_what_is_not_on_its_way(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    command(TT_command_CANCEL_REBALANCE);
    assert_reply(TT_reply_status_DONE, "10 trades cancelled; what is on its way goes on");
    fill(XRP, 2, "66.7", false);
    assert_int_equal(plan()->outcome, TT_plan_outcome_CANCELLED);
    assert_int_equal(tt_timers_next(desk.core.timers).ns, TT_TIME_NEVER.ns);
}

/* The regions are all there is: copied into a fresh module, the plan goes on. */
static void a_plan_survives_in_its_regions(void **state)
{
    (void)state;
    start();
    command(TT_command_REBALANCE);
    fill(BTC, 1, "66.7", false);
    fill(XRP, 2, "66.7", false);
    void *copies[TT_REGIONS_MAX];
    for (uint32_t i = 0; i < desk.core.region_count; i++) {
        copies[i] = malloc(desk.core.regions[i].size);
        assert_non_null(copies[i]);
        memcpy(copies[i], desk.core.regions[i].data, desk.core.regions[i].size);
    }
    tt_arena_fini(&desk.arena);
    setup_module();
    for (uint32_t i = 0; i < desk.core.region_count; i++) {
        memcpy(desk.core.regions[i].data, copies[i], desk.core.regions[i].size);
        free(copies[i]);
    }
    tt_error error;
    assert_int_equal(tt_bus_restore(desk.core.bus, &error), TUTTI_OK);
    assert_int_equal(status().batches[1].open, 2);
    forget();
    wait_s(14400);
    assert_int_equal(count_of(TT_TOPIC_TRADE_PROPOSALS), 2);
    fill(BTC, 3, "66.66", false);
    assert_int_equal(leg()->state, TT_batch_state_DONE);
}

/* --- profit bags --- */

static void set_bags(void)
{
    static const char *const names[] = {"USDT", "XRP", "BTC"};
    static const char *const shares[] = {"33.34", "33.33", "33.33"};
    static const char *const thresholds[] = {"1", "25", "15"};
    desk.config.profit_bags = (tt_profit_bags_config){
        .enabled = true,
        .share_pct.d = num("10"),
        .min_profit.d = num("1"),
        .max_per_event.d = num("1000"),
        .max_per_day.d = num("5000"),
    };
    desk.config.bag_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        TT_TEXT_SET(desk.config.bags[i].name, names[i]);
        desk.config.bags[i].share_pct.d = num(shares[i]);
        desk.config.bags[i].threshold.d = num(thresholds[i]);
    }
}

static void close_with(const char *profit, const char *fees)
{
    const tt_position_update payload = {
        .realized_pnl.d = num(profit),
        .fees.d = num(fees),
        .position_id = 77,
        .event = TT_position_event_CLOSED,
        .side = TT_side_BUY,
    };
    say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, BTC, &payload);
}

static const tt_profit_bag *bags(void)
{
    const tt_msg *msg = newest(TT_TOPIC_PROFIT_BAGS);
    return msg != NULL ? TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag) : NULL;
}

/* The newest allocation: the execution that may follow it is skipped. */
static const tt_profit_bag *allocation(void)
{
    const tt_msg *msg = newest(TT_TOPIC_PROFIT_BAGS);
    if (TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag)->event == TT_bag_event_EXECUTION) {
        msg = tt_bus_history(desk.core.bus, TT_TOPIC_PROFIT_BAGS, msg);
    }
    return TT_PAYLOAD(msg, PROFIT_BAGS, profit_bag);
}

static void assert_parts(const char *usdt, const char *xrp, const char *btc)
{
    assert_num(allocation()->parts[0].amount, usdt);
    assert_num(allocation()->parts[1].amount, xrp);
    assert_num(allocation()->parts[2].amount, btc);
}

static void the_vectors_of_bags(void **state)
{
    (void)state;
    set_bags();
    start();
    close_with("0.5", "0");
    close_with("-5", "0");
    close_with("1.5", "0.6"); // after fees it is too small
    assert_null(bags());
    close_with("1", "0");
    assert_int_equal(bags()->event, TT_bag_event_ALLOCATION);
    assert_num(bags()->amount, "0.1");
    assert_parts("0.04", "0.03", "0.03");
    close_with("100", "0");
    assert_num(allocation()->amount, "10");
    assert_num(allocation()->set_aside, "10.1");
    assert_int_equal(allocation()->position_id, 77);
    assert_parts("3.34", "3.33", "3.33");
    // The bag of 1 is booked, those of 25 and 15 wait.
    assert_int_equal(bags()->event, TT_bag_event_EXECUTION);
    assert_num(bags()->amount, "3.38");
    assert_num(bags()->parts[0].booked, "3.38");
    assert_num(bags()->parts[0].pending, "0");
    assert_num(bags()->parts[1].pending, "3.36");
    close_with("20000", "0");
    assert_num(allocation()->amount, "1000");
    assert_int_equal(allocation()->is_capped, 1);
    assert_parts("333.4", "333.3", "333.3");
    assert_num(bags()->amount, "1006.72");
    assert_num(bags()->set_aside, "1010.1");
    assert_num(status().set_aside, "1010.1");
    assert_string_equal(status().bags[2].name, "BTC");
    assert_num(status().bags[2].booked, "336.66");
}

/* The cap of a day is never passed, and ends with the day. */
static void the_cap_of_a_day_is_kept(void **state)
{
    (void)state;
    set_bags();
    start();
    for (int i = 0; i < 4; i++) {
        close_with("10000", "0");
        assert_int_equal(allocation()->is_capped, 0);
    }
    close_with("9999.99", "0");
    assert_num(allocation()->amount, "999.99");
    close_with("10000", "0");
    assert_num(allocation()->amount, "0.01");
    assert_int_equal(allocation()->is_capped, 1);
    close_with("10000", "0");
    assert_num(allocation()->amount, "0");
    assert_num(allocation()->day_total, "5000");
    assert_num(status().bags_today, "5000");
    wait_s(86400);
    close_with("10000", "0");
    assert_num(allocation()->amount, "1000");
    assert_num(allocation()->day_total, "1000");
    assert_num(allocation()->set_aside, "6000");
}

/* What lies in bags is not allocated. */
static void bags_are_not_rebalanced(void **state)
{
    (void)state;
    set_bags();
    start();
    close_with("1000", "0");
    command(TT_command_REBALANCE);
    assert_num(plan()->equity, "900");
    assert_num(plan()->buys, "720");
    (void)close_desk(state);
    (void)open_desk(state);
    set_bags();
    desk.config.profit_bags.enabled = false;
    start();
    close_with("1000", "0");
    assert_null(bags());
}

/* Random profits: bags add up to what was set aside, to the cent; no cap is passed. */
static void bags_add_up(void **state)
{
    (void)state;
    set_bags();
    start();
    uint64_t seed = 11;
    for (int i = 0; i < 5000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        char profit[32];
        (void)snprintf(
            profit,
            sizeof profit,
            "%llu.%03llu",
            (unsigned long long)(seed >> 40) % 20000,
            (unsigned long long)(seed >> 20) % 1000);
        close_with(profit, "0");
        wait_s((int64_t)(seed >> 50) % 7200);
        const tt_portfolio_status now = status();
        tt_dec sum = TT_DEC_ZERO;
        for (uint32_t j = 0; j < now.bag_count; j++) {
            sum = tt_dec_xadd(sum, tt_dec_xadd(now.bags[j].pending.d, now.bags[j].booked.d));
        }
        assert_true(tt_dec_eq(sum, now.set_aside.d));
        assert_true(tt_dec_is_multiple(sum, TT_DEC_C(1, 2)));
        assert_true(tt_dec_le(now.bags_today.d, num("5000")));
    }
}

static void the_machine_is_whole(void **state)
{
    (void)state;
    tt_error error;
    assert_int_equal(tt_sm_check(tt_portfolio_machine_def(), &error), TUTTI_OK);
    start();
    command(TT_command_REBALANCE);
    assert_int_equal(tt_portfolio_machine_counts(desk.portfolio)->taken[0], 12);
}

int main(void)
{
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
    const struct CMUnitTest tests[] = {
        DESK_TEST(batches_run_on_their_time),
        DESK_TEST(a_plan_waits_for_the_pause_between_plans),
        DESK_TEST(a_forced_plan_ignores_the_threshold),
        DESK_TEST(nothing_is_planned_without_targets_account_or_switch),
        DESK_TEST(what_has_no_target_is_not_allocated),
        DESK_TEST(without_targets_positions_are_cut_back),
        DESK_TEST(a_pause_keeps_batches_and_late_ones_are_skipped),
        DESK_TEST(late_batches_run_if_configured),
        DESK_TEST(a_busy_symbol_is_waited_for),
        DESK_TEST(degradation_holds_back_what_adds),
        DESK_TEST(buys_wait_for_sells),
        DESK_TEST(buys_are_cut_to_what_sells_brought),
        DESK_TEST(a_position_that_is_gone_is_not_sold),
        DESK_TEST(an_exit_ends_with_a_close),
        DESK_TEST(limit_orders_are_for_buys),
        DESK_TEST(refusals_are_tried_again_a_bounded_number_of_times),
        DESK_TEST(an_order_that_fails_is_another_attempt),
        DESK_TEST(whoever_closes_ends_the_plan),
        DESK_TEST(a_cancel_ends_what_is_not_on_its_way),
        DESK_TEST(a_plan_survives_in_its_regions),
        DESK_TEST(the_vectors_of_bags),
        DESK_TEST(the_cap_of_a_day_is_kept),
        DESK_TEST(bags_are_not_rebalanced),
        DESK_TEST(bags_add_up),
        DESK_TEST(the_machine_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
