/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

struct desk desk;

tt_dec num(const char *text)
{
    tt_dec value = TT_DEC_ZERO;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

void say(tt_topic topic, tt_source source, uint32_t key, const void *payload)
{
    const tt_bus_post post = {
        .topic = topic, .source = source, .key = key, .payload = payload, .flags = TT_MSG_INPUT};
    tt_bus_begin(desk.core.bus, desk.now);
    assert_int_equal(tt_bus_publish(desk.core.bus, &post, NULL), TUTTI_OK);
    tt_timers_fire(desk.core.timers, desk.now);
    tt_bus_run(desk.core.bus);
}

/* Moves the clock as a driver does: a clock input at each deadline. */
void wait_s(int64_t seconds)
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

void session(tt_session_event_type event)
{
    const tt_session_event payload = {.event = (uint8_t)event};
    say(TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, 0, &payload);
}

void system_event(tt_system_event_type event, int64_t value)
{
    const tt_system_event payload = {.event = (uint8_t)event, .new_value = value};
    say(TT_TOPIC_SYSTEM_EVENTS, TT_SOURCE_COORDINATOR, 0, &payload);
}

void account(const char *equity)
{
    const tt_account_update payload = {.equity.d = num(equity)};
    say(TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &payload);
}

void position(uint32_t key, const char *qty)
{
    bool is_short = tt_dec_sign(num(qty)) < 0;
    const tt_position_update payload = {
        .qty.d = num(qty),
        .mark.d = num("1"),
        .side = is_short ? TT_side_SELL : TT_side_BUY,
    };
    say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &payload);
}

void command(tt_command what)
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

void setup_module(void)
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

void set_targets(const char *btc, const char *xrp, const char *cash)
{
    TT_TEXT_SET(desk.config.targets[0].symbol, "BTC/USDT");
    TT_TEXT_SET(desk.config.targets[1].symbol, "XRP/USDT");
    desk.config.targets[0].target_pct.d = num(btc);
    desk.config.targets[1].target_pct.d = num(xrp);
    desk.config.allocation.cash_target_pct.d = num(cash);
    desk.config.target_count = 2;
}

int open_desk(void **state)
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
        char symbol[24];
        (void)snprintf(symbol, sizeof symbol, "X%d/USDT", i);
        add_instrument(symbol);
    }
    set_targets("40", "40", "20");
    desk.now.ns = INT64_C(1710331200) * TT_NS_PER_S;
    return 0;
}

int close_desk(void **state)
{
    (void)state;
    tt_arena_fini(&desk.arena);
    return 0;
}

/* Session started, 1000 in cash. */
void start(void)
{
    setup_module();
    session(TT_session_event_type_STARTED);
    account("1000");
}

/* --- what the module said --- */

const tt_msg *newest(tt_topic topic)
{
    return tt_bus_history(desk.core.bus, topic, NULL);
}

uint32_t count_of(tt_topic topic)
{
    return desk.said[topic];
}

void forget(void)
{
    memset(desk.said, 0, sizeof desk.said);
}

const tt_rebalance_plan *plan(void)
{
    const tt_msg *msg = newest(TT_TOPIC_REBALANCE_PLANS);
    assert_non_null(msg);
    assert_int_equal(msg->key, 0); // of no single instrument
    return TT_PAYLOAD(msg, REBALANCE_PLANS, rebalance_plan);
}

const tt_trade_proposal *proposal(uint32_t key)
{
    assert_int_equal(desk.proposal_key, key);
    return &desk.proposal;
}

const tt_rebalance_batch *leg(void)
{
    return TT_PAYLOAD(newest(TT_TOPIC_REBALANCE_BATCHES), REBALANCE_BATCHES, rebalance_batch);
}

void assert_reply(tt_reply_status status, const char *message)
{
    const tt_msg *msg = newest(TT_TOPIC_COMMAND_REPLIES);
    assert_non_null(msg);
    const tt_command_reply *reply = TT_PAYLOAD(msg, COMMAND_REPLIES, command_reply);
    assert_int_equal(reply->status, status);
    assert_int_equal(reply->request_id, 7);
    assert_string_equal(reply->message, message);
}

tt_portfolio_status status(void)
{
    tt_portfolio_status result;
    tt_portfolio_status_get(desk.portfolio, &result);
    return result;
}

/* --- playing risk and trade --- */

void judge(uint32_t key, tt_risk_code code)
{
    const tt_risk_verdict payload = {
        .proposal_seq = desk.proposals[key],
        .status = code == TT_risk_code_NONE ? TT_verdict_APPROVED : TT_verdict_REJECTED,
        .code = (uint8_t)code,
    };
    say(TT_TOPIC_RISK_VERDICTS, TT_SOURCE_RISK, key, &payload);
    desk.verdict = newest(TT_TOPIC_RISK_VERDICTS)->seq;
}

void order(uint32_t key, uint64_t id, bool reduces)
{
    const tt_order_intent payload = {
        .order_id = id, .verdict_seq = desk.verdict, .reduce_only = reduces};
    say(TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, key, &payload);
    const tt_execution_event event = {
        .order_id = id, .old_state = TT_order_state_NONE, .new_state = TT_order_state_NEW};
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

void end_order(uint32_t key, uint64_t id, tt_order_state state, const char *filled)
{
    const tt_execution_event event = {
        .filled_notional.d = num(filled),
        .order_id = id,
        .old_state = TT_order_state_SUBMITTED,
        .new_state = (uint8_t)state,
    };
    say(TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

void fill(uint32_t key, uint64_t id, const char *amount, bool reduces)
{
    judge(key, TT_risk_code_NONE);
    order(key, id, reduces);
    end_order(key, id, TT_order_state_FILLED, amount);
}

void advise(tt_portfolio_action action, tt_rebalance_strategy strategy)
{
    const tt_portfolio_update update = {
        .confidence.d = num("0.9"), .action = (uint8_t)action, .strategy = (uint8_t)strategy};
    say(TT_TOPIC_PORTFOLIO_UPDATES, TT_SOURCE_AGENT_PORTFOLIO, 0, &update);
}
