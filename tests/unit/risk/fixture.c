/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * See fixture.h.
 */
#include "fixture.h"

#include "../../lib/config_defaults.h"
#include "base/calendar.h"

#include <string.h>

#define ARENA_BYTES ((size_t)256 << 20)

tt_dec num(const char *text)
{
    return test_default_dec(text);
}

void assert_num_(tt_dec value, const char *text, const char *file, int line)
{
    char found[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, found);
    if (!tt_dec_eq(value, num(text))) {
        print_error("%s:%d: %s is not %s\n", file, line, found, text);
        _fail(file, line);
    }
}

static tutti_status keep_verdict(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    risk_court *court = ctx;
    tt_verdict_show(TT_PAYLOAD(msg, RISK_VERDICTS, risk_verdict), &court->verdict);
    court->verdict_seq = msg->seq;
    court->verdict_count++;
    assert_int_equal(msg->source, TT_SOURCE_RISK);
    assert_int_equal(court->verdict.proposal_seq, msg->cause);
    return TUTTI_OK;
}

static tutti_status keep_alert(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    risk_court *court = ctx;
    assert_true(court->alert_count < ALERTS_KEPT);
    memcpy(&court->alerts[court->alert_count], tt_msg_payload(msg), sizeof(tt_risk_alert));
    court->alert_keys[court->alert_count++] = msg->key;
    return TUTTI_OK;
}

static tutti_status keep_reply(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    risk_court *court = ctx;
    memcpy(&court->reply, tt_msg_payload(msg), sizeof court->reply);
    court->reply_count++;
    return TUTTI_OK;
}

static void add_instrument(risk_court *court, const char *symbol)
{
    tt_instrument *instrument = &court->instruments.list[court->instruments.count++];
    *instrument = (tt_instrument){
        .price_increment = PRICE("0.01"),
        .qty_increment = QTY("0.001"),
        .min_qty = QTY("0.001"),
        .min_notional = MONEY("5"),
        .max_leverage = RATIO("10"),
        .bar_interval_s = 60,
        .id = {court->instruments.count},
    };
    TT_TEXT_SET(instrument->symbol, symbol);
}

void court_init(risk_court *court)
{
    memset(court, 0, sizeof *court);
    const char *symbols[] = {"BTC/USDT", "XRP/USDT", "XRP/BTC", "ETH/USDT", "SOL/USDT", "ADA/USDT"};
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        add_instrument(court, symbols[i]);
    }
    TT_TEST_DEFAULTS(risk, &court->config.limits);
    TT_TEST_DEFAULTS(confidence, &court->config.confidence);
    TT_TEST_DEFAULTS(leverage, &court->config.leverage);
    TT_TEST_DEFAULTS(correlation, &court->config.correlation);
    TT_TEST_DEFAULTS(volatility, &court->config.volatility);
    TT_TEST_DEFAULTS(breakers, &court->config.breakers);
    TT_TEST_DEFAULTS(cooldowns, &court->config.cooldowns);
    TT_TEST_DEFAULTS(sizing, &court->config.sizing);
    court->config.limits.require_fresh_data = false; // Most tests have no market data.
    court->config.correlation.window = 0;
    court->config.breakers.warn_at_pct = RATIO("100"); // Many count alerts.
}

void court_open(risk_court *court)
{
    tt_bus_options options = {.history_scale_pct = 10, .outbox_bytes = 1 << 20};
    assert_int_equal(tt_arena_init(&court->arena, ARENA_BYTES), TUTTI_OK);
    assert_int_equal(tt_bus_new(&options, &court->arena, &court->core.bus), TUTTI_OK);
    court->core.instruments = &court->instruments;
    assert_int_equal(
        tt_risk_setup(&court->core, &court->config, &court->arena, &court->risk), TUTTI_OK);
    tt_bus *bus = court->core.bus;
    assert_int_equal(
        tt_bus_subscribe(bus, TT_TOPIC_RISK_VERDICTS, "test", keep_verdict, court), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(bus, TT_TOPIC_RISK_ALERTS, "test", keep_alert, court), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(bus, TT_TOPIC_COMMAND_REPLIES, "test", keep_reply, court), TUTTI_OK);
    court_wait_until(court, "2024-03-13T12:00:00Z");
}

void court_start(risk_court *court)
{
    court_init(court);
    court_open(court);
    court_account(court, "10000");
}

void court_close(risk_court *court)
{
    tt_risk_state_check(court->risk->state);
    tt_arena_fini(&court->arena);
}

void court_say(
    risk_court *court, tt_topic topic, tt_source source, uint32_t key, const void *payload)
{
    tt_bus_post post = {
        .topic = topic,
        .source = source,
        .key = key,
        .payload = payload,
        .flags = TT_MSG_INPUT,
    };
    tt_bus_begin(court->core.bus, court->now);
    assert_int_equal(tt_bus_publish(court->core.bus, &post, NULL), TUTTI_OK);
    tt_bus_run(court->core.bus);
    tt_risk_state_check(court->risk->state);
    tt_risk_ready_check(court->risk); // Of all instruments, as the message before it left them.
}

void court_changed(risk_court *court)
{
    memset(court->risk->ready, 0, sizeof court->risk->ready);
    tt_risk_changed(court->risk);
}

void court_wait(risk_court *court, int64_t seconds)
{
    court->now.ns += seconds * TT_NS_PER_S;
}

void court_wait_until(risk_court *court, const char *time)
{
    assert_int_equal(tt_time_parse(time, strlen(time), &court->now), TUTTI_OK);
}

void court_forget(risk_court *court)
{
    court->alert_count = 0;
}

void court_account(risk_court *court, const char *equity)
{
    tt_account_update update = {
        .initial = MONEY("10000"),
        .balance = MONEY(equity),
        .equity = MONEY(equity),
        .margin_available = MONEY(equity),
    };
    court_say(court, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &update);
}

void court_position(risk_court *court, uint32_t key, const char *qty, const char *mark)
{
    bool is_flat = tt_dec_is_zero(num(qty));
    tt_position_update update = {
        .qty = QTY(qty),
        .cost.d = tt_dec_xmul(num(qty), num(mark)),
        .mark = PRICE(mark),
        .position_id = 77,
        .leverage = 1,
        .event = is_flat ? TT_position_event_REDUCED : TT_position_event_OPENED,
        .side = tt_dec_sign(num(qty)) < 0 ? TT_side_SELL : TT_side_BUY,
    };
    court_say(court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &update);
}

void court_closed(risk_court *court, uint32_t key, const char *result)
{
    tt_position_update update = {
        .realized_pnl.d = tt_dec_xadd(num(result), num("3")),
        .fees = MONEY("3"),
        .event = TT_position_event_CLOSED,
        .side = TT_side_BUY,
        .leverage = 1,
    };
    court_say(court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &update);
}

void court_traded(
    risk_court *court,
    uint32_t key,
    tt_side side,
    tt_exit_reason reason,
    const char *cost,
    const char *result)
{
    tt_dec sign = tt_dec_from_i64(side == TT_side_SELL ? -1 : 1, 0);
    tt_position_update update = {
        .qty.d = tt_dec_xmul(sign, num("1")),
        .cost.d = tt_dec_xmul(sign, num(cost)),
        .mark = PRICE(cost),
        .event = TT_position_event_OPENED,
        .side = (uint8_t)side,
        .leverage = 1,
    };
    court_say(court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &update);
    update = (tt_position_update){
        .realized_pnl.d = tt_dec_xadd(num(result), num("2")),
        .fees = MONEY("2"),
        .event = TT_position_event_CLOSED,
        .side = (uint8_t)side,
        .exit_reason = (uint8_t)reason,
        .leverage = 1,
    };
    court_say(court, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &update);
}

tt_trade_proposal good_proposal(void)
{
    return (tt_trade_proposal){
        .size = MONEY("1000"),
        .entry_price = PRICE("100"),
        .stop_loss = PRICE("98"),
        .take_profit = PRICE("104"),
        .confidence = RATIO("0.8"),
        .ta_confidence = RATIO("-1"),
        .sentiment_confidence = RATIO("-1"),
        .size_multiplier = RATIO("1"),
        .leverage = 1,
        .kind = TT_proposal_kind_ENTRY,
        .side = TT_side_BUY,
        .regime = TT_regime_TRENDING_BULL,
        .entry_strictness = TT_strictness_NORMAL,
    };
}

tt_risk_code court_judge(risk_court *court, uint32_t key, const tt_trade_proposal *proposal)
{
    uint32_t before = court->verdict_count;
    court_say(court, TT_TOPIC_TRADE_PROPOSALS, TT_SOURCE_COORDINATOR, key, proposal);
    assert_int_equal(court->verdict_count, before + 1);
    return (tt_risk_code)court->verdict.code;
}

const tt_risk_check *court_row(const risk_court *court, tt_risk_code code)
{
    for (int i = 0; i < court->verdict.count; i++) {
        if (court->verdict.checks[i].code == code) {
            return &court->verdict.checks[i];
        }
    }
    return NULL;
}

void assert_row_(
    const risk_court *court,
    tt_risk_code code,
    tt_check_outcome outcome,
    const char *value,
    const char *limit,
    const char *file,
    int line)
{
    const tt_risk_check *row = court_row(court, code);
    if (!row) {
        print_error("%s:%d: no row %s\n", file, line, tt_enum_text(&tt_enum_risk_code, code));
        _fail(file, line);
        return;
    }
    _assert_int_equal(row->outcome, outcome, file, line);
    assert_num_(row->value.d, value, file, line);
    assert_num_(row->limit.d, limit, file, line);
}

uint64_t court_intent(risk_court *court, uint32_t key)
{
    tt_order_intent intent = {
        .qty = court->verdict.qty,
        .reference_price = court->verdict.reference_price,
        .order_id = tt_bus_next_seq(court->core.bus),
        .verdict_seq = court->verdict_seq,
        .side = court->verdict.side,
        .role = TT_order_role_ENTRY,
        .leverage = court->verdict.leverage_after,
    };
    court_say(court, TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, key, &intent);
    return intent.order_id;
}

void court_event(
    risk_court *court,
    uint32_t key,
    uint64_t order_id,
    tt_order_state from,
    tt_order_state to,
    const char *filled)
{
    tt_execution_event event = {
        .filled_qty = QTY(filled),
        .order_id = order_id,
        .old_state = (uint8_t)from,
        .new_state = (uint8_t)to,
        .role = TT_order_role_ENTRY,
    };
    court_say(court, TT_TOPIC_EXECUTION_EVENTS, TT_SOURCE_TRADE, key, &event);
}

void court_command(risk_court *court, tt_command command)
{
    tt_coordinator_command payload = {.request_id = 42, .command = (uint8_t)command};
    court_say(court, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &payload);
}
