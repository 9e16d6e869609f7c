/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

tt_dec dec(const char *text)
{
    tt_dec value = TT_DEC_ZERO;
    if (text != NULL) {
        assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    }
    return value;
}

void assert_dec(tt_dec actual, const char *expected)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(actual, text);
    assert_string_equal(text, expected);
}

static void add_instrument(fixture *f, const char *symbol)
{
    tt_instrument *instrument = &f->instruments.list[f->instruments.count++];
    *instrument = (tt_instrument){
        .price_increment = {dec("0.01")},
        .qty_increment = {dec("0.001")},
        .min_qty = {dec("0.001")},
        .min_notional = {dec("1")},
        .max_leverage = {dec("10")},
        .bar_interval_s = 60,
        .id = {f->instruments.count},
    };
    snprintf(instrument->symbol, sizeof instrument->symbol, "%s", symbol);
}

tt_trade_config fixture_config(void)
{
    tt_trade_config config = {
        .account = {.initial_balance = {dec("10000")}, .mark_interval = {TT_NS_PER_S}},
        .orders =
            {.ack_timeout = {5 * TT_NS_PER_S},
             .query_interval = {7 * TT_NS_PER_S},
             .entry_expiry = {3600 * TT_NS_PER_S},
             .close_at_end = true},
    };
    strcpy(config.account.currency, "USDT");
    return config;
}

void fixture_init_with(fixture *f, const tt_trade_config *config)
{
    tt_bus_options options = {.history_scale_pct = 10};
    fixture_init_bus(f, config, &options);
}

void fixture_init_bus(fixture *f, const tt_trade_config *config, const tt_bus_options *options)
{
    *f = (fixture){.config = *config, .now = {FIXTURE_START_NS}};
    size_t size = tt_bus_memory(options) + (16u << 20);
    assert_int_equal(tt_arena_init(&f->arena, size), TUTTI_OK);
    assert_int_equal(tt_bus_new(options, &f->arena, &f->core.bus), TUTTI_OK);
    assert_int_equal(tt_timers_new(TT_TIMERS_MAX, &f->arena, &f->core.timers), TUTTI_OK);
    assert_int_equal(tt_bus_register(f->core.bus, &f->core), TUTTI_OK);
    size_t timers_size = 0;
    void *timers = tt_timers_state(f->core.timers, &timers_size);
    assert_int_equal(tt_core_add_region(&f->core, "timers", timers, timers_size), TUTTI_OK);
    add_instrument(f, "BTC/USDT");
    add_instrument(f, "ETH/USDT");
    f->core.instruments = &f->instruments;
    strcpy(f->core.run_id, "run7");
    assert_int_equal(tt_trade_setup(&f->core, &f->config, &f->arena, &f->trade), TUTTI_OK);
}

void fixture_init(fixture *f)
{
    tt_trade_config config = fixture_config();
    fixture_init_with(f, &config);
}

void fixture_fini(fixture *f)
{
    tt_arena_fini(&f->arena);
}

int fixture_setup_sync(void **state)
{
    static fixture f;
    tt_trade_config config = fixture_config();
    config.reconciliation = (tt_reconciliation_config){
        .interval = {60 * TT_NS_PER_S},
        .confirm = {2 * TT_NS_PER_S},
        .timeout = {5 * TT_NS_PER_S},
        .balance_tolerance = {dec("0.01")},
    };
    fixture_init_with(&f, &config);
    *state = &f;
    return 0;
}

uint64_t fixture_start_paper(fixture *f)
{
    tt_session_event started = {
        .event = TT_session_event_type_STARTED, .mode = (uint8_t)TT_mode_PAPER};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &started);
    return f->trade->books->sync.query_id;
}

int fixture_setup(void **state)
{
    static fixture f;
    fixture_init(&f);
    *state = &f;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_fini(*state);
    return 0;
}

tt_seq step_caused(fixture *f, tt_topic topic, uint32_t key, const void *payload, tt_seq cause)
{
    tt_seq seq = 0;
    tt_bus_post post = {
        .topic = topic,
        .source = TT_SOURCE_HOST,
        .key = key,
        .payload = payload,
        .flags = TT_MSG_INPUT,
        .cause = cause,
    };
    tt_bus_begin(f->core.bus, f->now);
    assert_int_equal(tt_bus_publish(f->core.bus, &post, &seq), TUTTI_OK);
    tt_timers_fire(f->core.timers, f->now);
    tt_bus_run(f->core.bus);
    tt_trade_check(f->trade);
    return seq;
}

tt_seq step(fixture *f, tt_topic topic, uint32_t key, const void *payload)
{
    return step_caused(f, topic, key, payload, 0);
}

void pass(fixture *f, int64_t ms)
{
    tt_clock tick = {0};
    f->now.ns += ms * TT_NS_PER_MS;
    step(f, TT_TOPIC_CLOCK, 0, &tick);
}

const tt_msg *sent(const fixture *f, tt_topic topic, unsigned index)
{
    const tt_msg *msg = NULL;
    while ((msg = tt_bus_outbox_next(f->core.bus, msg)) != NULL) {
        if (msg->topic == topic && index-- == 0) {
            return msg;
        }
    }
    return NULL;
}

unsigned sent_count(const fixture *f, tt_topic topic)
{
    unsigned count = 0;
    while (sent(f, topic, count) != NULL) {
        count++;
    }
    return count;
}

const void *sent_one(const fixture *f, tt_topic topic)
{
    assert_int_equal(sent_count(f, topic), 1);
    return tt_msg_payload(sent(f, topic, 0));
}

const tt_order_intent *sent_intent(const fixture *f, tt_order_role role)
{
    const tt_order_intent *found = NULL;
    for (unsigned i = 0; i < sent_count(f, TT_TOPIC_ORDER_INTENTS); i++) {
        const tt_order_intent *intent = tt_msg_payload(sent(f, TT_TOPIC_ORDER_INTENTS, i));
        found = intent->role == role ? intent : found;
    }
    assert_non_null(found);
    return found;
}

tt_account_update account(const fixture *f)
{
    const tt_msg *msg =
        tt_bus_latest(f->core.bus, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, (tt_dur){0});
    assert_non_null(msg);
    return *(const tt_account_update *)tt_msg_payload(msg);
}

tt_order *order(const fixture *f, uint64_t order_id)
{
    tt_order *found = tt_order_find(&f->trade->orders, order_id);
    assert_non_null(found);
    return found;
}

void assert_state(const fixture *f, uint64_t order_id, tt_order_state state)
{
    assert_string_equal(
        tt_enum_text(&tt_enum_order_state, order(f, order_id)->state),
        tt_enum_text(&tt_enum_order_state, (uint8_t)state));
}

uint64_t approve(fixture *f, const entry *what)
{
    uint32_t key = what->key == 0 ? 1 : what->key;
    tt_risk_verdict verdict = {
        .qty = {dec(what->qty)},
        .entry_price = {dec(what->price)},
        .reference_price = {dec(what->reference == NULL ? "100" : what->reference)},
        .stop_loss = {dec(what->stop)},
        .take_profit = {dec(what->target)},
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_ENTRY,
        .side = (uint8_t)(what->side == TT_side_NONE ? TT_side_BUY : what->side),
        .leverage_after = what->leverage == 0 ? 1 : what->leverage,
    };
    step(f, TT_TOPIC_RISK_VERDICTS, key, &verdict);
    const tt_msg *intent = sent(f, TT_TOPIC_ORDER_INTENTS, 0);
    return intent == NULL ? 0 : intent->seq;
}

tt_seq approve_close(fixture *f, uint32_t key)
{
    tt_risk_verdict verdict = {
        .status = TT_verdict_APPROVED,
        .kind = TT_proposal_kind_CLOSE,
        .exit_reason = TT_exit_reason_SIGNAL,
    };
    return step(f, TT_TOPIC_RISK_VERDICTS, key, &verdict);
}

tt_venue_report report(const fixture *f, uint64_t order_id, tt_report_kind kind)
{
    tt_venue_report out = {.order_id = order_id, .kind = (uint8_t)kind};
    TT_TEXT_SET(out.client_order_id, order(f, order_id)->intent.client_order_id);
    return out;
}

static void tell(fixture *f, const tt_venue_report *what)
{
    uint32_t key = order(f, what->order_id)->instrument;
    step(f, TT_TOPIC_VENUE_REPORTS, key, what);
}

void say(fixture *f, uint64_t order_id, tt_report_kind kind)
{
    tt_venue_report what = report(f, order_id, kind);
    tell(f, &what);
}

void say_status(fixture *f, uint64_t order_id, tt_order_state state, const char *cumulative)
{
    tt_venue_report what = report(f, order_id, TT_report_kind_STATUS);
    what.venue_state = (uint8_t)state;
    what.cumulative_qty.d = dec(cumulative);
    what.is_query_reply = 1;
    tell(f, &what);
}

void fill_cum(
    fixture *f,
    uint64_t order_id,
    uint64_t exec_id,
    const char *qty,
    const char *price,
    const char *cumulative)
{
    tt_venue_report what = report(f, order_id, TT_report_kind_FILL);
    what.exec_id = exec_id;
    what.qty.d = dec(qty);
    what.price.d = dec(price);
    what.cumulative_qty.d = dec(cumulative);
    what.liquidity = TT_liquidity_TAKER;
    tell(f, &what);
}

void fill(fixture *f, uint64_t order_id, uint64_t exec_id, const char *qty, const char *price)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(tt_dec_xadd(order(f, order_id)->filled_qty.d, dec(qty)), text);
    fill_cum(f, order_id, exec_id, qty, price, text);
}

void bar(fixture *f, uint32_t key, const char *price)
{
    tt_price close = {dec(price)};
    tt_bar payload = {.open = close, .high = close, .low = close, .close = close};
    step(f, TT_TOPIC_MARKET_BAR, key, &payload);
}

void command(
    fixture *f, uint32_t key, tt_position_command_type type, tt_exit_reason reason, const char *pct)
{
    tt_position_command payload = {
        .command = (uint8_t)type, .reason = (uint8_t)reason, .reduce_pct = {dec(pct)}};
    step(f, TT_TOPIC_POSITION_COMMANDS, key, &payload);
}

tt_order *live(const fixture *f, uint32_t key, tt_order_role role)
{
    tt_order *found = NULL;
    tt_orders *orders = &f->trade->orders;
    for (tt_order *o = tt_order_first(orders, key); o != NULL; o = tt_order_after(orders, o)) {
        if (o->intent.role == role && o->cancel_reason == TT_CANCEL_NONE) {
            found = o;
        }
    }
    return found;
}

static void acknowledge(fixture *f, tt_order_role role)
{
    tt_order *found = live(f, 1, role);
    if (found != NULL && found->state == TT_order_state_PENDING) {
        say(f, found->intent.order_id, TT_report_kind_ACCEPTED);
    }
}

uint64_t open_long(fixture *f, const char *stop, const char *target)
{
    uint64_t id = approve(f, &(entry){.qty = "1", .stop = stop, .target = target});
    say(f, id, TT_report_kind_ACCEPTED);
    fill(f, id, 1, "1", "100");
    acknowledge(f, TT_order_role_STOP_LOSS);
    acknowledge(f, TT_order_role_TAKE_PROFIT);
    return id;
}
