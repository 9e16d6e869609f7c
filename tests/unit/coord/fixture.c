/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define LOG_BYTES ((size_t)16 << 20)

tt_dec num(const char *text)
{
    tt_dec value;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

static int64_t ns_of(const char *seconds)
{
    int64_t ns = 0;
    assert_int_equal(tt_dec_to_i64(num(seconds), 9, TT_ROUND_EXACT, &ns), TUTTI_OK);
    return ns;
}

void assert_num_(tt_dec value, const char *text, const char *file, int line)
{
    char found[TT_DEC_TEXT_MAX];
    if (!tt_dec_eq(value, num(text))) {
        (void)tt_dec_format(value, found);
        print_error("%s is not %s\n", found, text);
        _fail(file, line);
    }
}

/* ---- configuration: the defaults of the tables ---- */

#define SET_ratio(field, arg, def) field.d = num(def);
#define SET_money(field, arg, def) field.d = num(def);
#define SET_dur(field, arg, def)   field.ns = ns_of(def);
#define SET_u32(field, arg, def)   field = (uint32_t)strtoul(def, NULL, 10);
#define SET_text(field, arg, def)  TT_TEXT_SET(field, def);
#define SET_flag(field, arg, def)  field = strcmp(def, "true") == 0;
#define SET_enum(field, arg, def)                                                                  \
    {                                                                                              \
        uint8_t value = 0;                                                                         \
        assert_true(tt_enum_find(&tt_enum_##arg, def, strlen(def), &value));                       \
        field = (tt_##arg)value;                                                                   \
    }
#define SET(kind, name, arg, def, min, max, doc) SET_##kind(section->name, arg, def)

static void set_defaults(tt_coord_config *config)
{
    {
        tt_coordinator_config *section = &config->coordinator;
        TT_CONFIG_coordinator(SET)
    }
    {
        tt_consensus_config *section = &config->consensus;
        TT_CONFIG_consensus(SET)
    }
    {
        tt_conflicts_config *section = &config->conflicts;
        TT_CONFIG_conflicts(SET)
    }
    {
        tt_arbiter_config *section = &config->arbiter;
        TT_CONFIG_arbiter(SET)
    }
    {
        tt_arbitration_config *section = &config->arbitration;
        TT_CONFIG_arbitration(SET)
    }
    {
        tt_degradation_config *section = &config->degradation;
        TT_CONFIG_degradation(SET)
    }
    {
        tt_emergency_config *section = &config->emergency;
        TT_CONFIG_emergency(SET)
    }
    {
        tt_execution_errors_config *section = &config->execution_errors;
        TT_CONFIG_execution_errors(SET)
    }
    {
        tt_health_check_config *section = &config->health_check;
        TT_CONFIG_health_check(SET)
    }
    for (uint32_t i = 0; i < TT_COORD_BREACHES; i++) {
        tt_coord_breach_defaults((tt_breach_type)i, &config->breaches[i]);
    }
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        tt_coord_schedule_defaults((tt_task)i, &config->schedules[i]);
    }
}

static void add_instrument(struct desk *desk, const char *symbol)
{
    tt_instrument *instrument = &desk->instruments.list[desk->instruments.count++];
    TT_TEXT_SET(instrument->symbol, symbol);
    instrument->price_increment = PRICE("0.01");
    instrument->qty_increment = QTY("0.001");
    instrument->min_qty = QTY("0.001");
    instrument->max_leverage = RATIO("10");
    instrument->bar_interval_s = 60;
    instrument->id.n = desk->instruments.count;
}

void desk_init(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    set_defaults(&desk->config);
    add_instrument(desk, "BTC/USDT");
    add_instrument(desk, "XRP/USDT");
    desk->timer_capacity = 1024;
    desk->is_warm = true;
    desk->now.ns = INT64_C(1710331200) * TT_NS_PER_S;
}

/* The market module, played: a bar brings indicators. */
static tutti_status play_market(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    const struct desk *desk = ctx;
    tt_indicators indicators = {
        .close = PAYLOAD(msg, bar)->close, .bar_seq = msg->seq, .is_warm = desk->is_warm};
    const tt_bus_post post = {
        .topic = TT_TOPIC_INDICATORS,
        .source = TT_SOURCE_MARKET,
        .key = msg->key,
        .payload = &indicators,
    };
    return tt_bus_publish(bus, &post, NULL);
}

void desk_open(struct desk *desk)
{
    desk->log = malloc(LOG_BYTES);
    assert_non_null(desk->log);
    assert_int_equal(tt_arena_init(&desk->arena, (size_t)192 << 20), TUTTI_OK);
    desk->core = (tt_core){.instruments = &desk->instruments, .seed = 42, .run_id = "test"};
    assert_int_equal(tt_bus_new(&desk->bus, &desk->arena, &desk->core.bus), TUTTI_OK);
    assert_int_equal(tt_bus_register(desk->core.bus, &desk->core), TUTTI_OK);
    assert_int_equal(
        tt_timers_new(desk->timer_capacity, &desk->arena, &desk->core.timers), TUTTI_OK);
    size_t size = 0;
    void *timers = tt_timers_state(desk->core.timers, &size);
    assert_int_equal(tt_core_add_region(&desk->core, "timers", timers, size), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(desk->core.bus, TT_TOPIC_MARKET_BAR, "market", play_market, desk),
        TUTTI_OK);
    assert_int_equal(
        tt_coord_setup(&desk->core, &desk->config, &desk->arena, &desk->coord), TUTTI_OK);
}

void desk_close(struct desk *desk)
{
    tt_arena_fini(&desk->arena);
    free(desk->log);
}

static void keep_log(struct desk *desk)
{
    size_t bytes = 0;
    const void *outbox = tt_bus_outbox(desk->core.bus, &bytes);
    assert_true(desk->log_used + bytes <= LOG_BYTES);
    memcpy(desk->log + desk->log_used, outbox, bytes);
    desk->log_used += bytes;
}

static void step(struct desk *desk, const tt_bus_post *post)
{
    tt_bus_begin(desk->core.bus, desk->now);
    assert_int_equal(tt_bus_publish(desk->core.bus, post, NULL), TUTTI_OK);
    tt_timers_fire(desk->core.timers, desk->now);
    tt_bus_run(desk->core.bus);
    keep_log(desk);
}

void desk_say(
    struct desk *desk, tt_topic topic, tt_source source, uint32_t key, const void *payload)
{
    const tt_bus_post post = {
        .topic = topic, .source = source, .key = key, .payload = payload, .flags = TT_MSG_INPUT};
    step(desk, &post);
}

void desk_sleep(struct desk *desk, const char *seconds)
{
    desk->now.ns += ns_of(seconds);
}

void desk_wait(struct desk *desk, const char *seconds)
{
    int64_t until = desk->now.ns + ns_of(seconds);
    const tt_clock clock = {0};
    while (tt_timers_next(desk->core.timers).ns <= until) {
        int64_t next = tt_timers_next(desk->core.timers).ns;
        desk->now.ns = next > desk->now.ns ? next : desk->now.ns;
        desk_say(desk, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &clock);
    }
    desk->now.ns = until;
}

void desk_session(struct desk *desk, tt_session_event_type event)
{
    tt_session_event payload = {
        .seed = 42, .event = (uint8_t)event, .mode = TT_mode_SCENARIO, .run_id = "test"};
    desk_say(desk, TT_TOPIC_SESSION_EVENTS, TT_SOURCE_HOST, 0, &payload);
}

void desk_bar(struct desk *desk, uint32_t key)
{
    const tt_bar bar = {
        .open = PRICE("100"),
        .high = PRICE("101"),
        .low = PRICE("99"),
        .close = PRICE("100"),
        .volume = QTY("1"),
        .open_time.ns = desk->now.ns - 60 * TT_NS_PER_S,
        .interval_s = 60,
    };
    desk_say(desk, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, key, &bar);
}

void desk_start(struct desk *desk)
{
    desk_init(desk);
    desk->config.schedules[TT_task_TA_ANALYSIS].run_on_start = false;
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

void desk_start_quiet(struct desk *desk)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
    }
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

void desk_command(struct desk *desk, tt_command command, tt_task task, uint32_t key)
{
    tt_coordinator_command payload = {
        .request_id = ++desk->request_id,
        .command = (uint8_t)command,
        .task = (uint8_t)task,
        .actor = "ada",
        .reason = "because",
    };
    desk_say(desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, key, &payload);
    if (command != TT_command_RESET_RISK) {
        assert_int_equal(desk_reply(desk)->request_id, desk->request_id);
        assert_int_equal(desk_reply(desk)->command, command);
    }
}

void desk_position(struct desk *desk, uint32_t key, const char *qty)
{
    tt_position_update update = {.qty = QTY(qty), .mark = PRICE("100")};
    bool is_flat = tt_dec_is_zero(update.qty.d);
    update.event = is_flat ? TT_position_event_CLOSED : TT_position_event_OPENED;
    desk_say(desk, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, key, &update);
}

void desk_alert(struct desk *desk, tt_breach_type breach, tt_severity severity)
{
    tt_risk_alert alert = {
        .alert_type = TT_alert_type_CIRCUIT_BREAKER,
        .severity = (uint8_t)severity,
        .breach_type = (uint8_t)breach,
        .message = "too much was lost",
    };
    desk_say(desk, TT_TOPIC_RISK_ALERTS, TT_SOURCE_RISK, 0, &alert);
}

tt_ta_signal good_ta(void)
{
    return (tt_ta_signal){
        .trend_strength = RATIO("0.5"),
        .momentum_score = RATIO("0.2"),
        .confidence = RATIO("0.7"),
        .rsi = RATIO("55"),
        .support = PRICE("95"),
        .resistance = PRICE("105"),
        .trend_direction = TT_trend_BULLISH,
        .bias = TT_bias_LONG,
    };
}

tt_regime_update good_regime(tt_regime regime, const char *confidence)
{
    return (tt_regime_update){
        .confidence = RATIO(confidence),
        .trend_strength = RATIO("0.5"),
        .choppiness = RATIO("40"),
        .adx_value = RATIO("30"),
        .position_size_multiplier = RATIO("0.9"),
        .stop_loss_multiplier = RATIO("1.1"),
        .take_profit_multiplier = RATIO("1.9"),
        .regime = (uint8_t)regime,
        .entry_strictness = TT_strictness_RELAXED,
    };
}

tt_sentiment_update good_sentiment(void)
{
    return (tt_sentiment_update){
        .score = RATIO("0.4"), .confidence = RATIO("0.6"), .bias = TT_sentiment_bias_BULLISH};
}

tt_trading_signal good_signal(tt_action action, const char *confidence)
{
    bool is_sell = action == TT_action_SELL;
    return (tt_trading_signal){
        .confidence = RATIO(confidence),
        .stop_loss = PRICE(is_sell ? "102" : "98"),
        .take_profit = PRICE(is_sell ? "96" : "104"),
        .position_size_pct = RATIO("10"),
        .action = (uint8_t)action,
        .leverage = 3,
    };
}

void desk_ta(struct desk *desk, uint32_t key, tt_bias bias, const char *confidence)
{
    tt_ta_signal ta = good_ta();
    ta.bias = (uint8_t)bias;
    ta.confidence = RATIO(confidence);
    desk_say(desk, TT_TOPIC_TA_SIGNALS, TT_SOURCE_AGENT_TA, key, &ta);
}

void desk_regime(struct desk *desk, uint32_t key, tt_regime regime, const char *confidence)
{
    tt_regime_update update = good_regime(regime, confidence);
    update.max_leverage = 2;
    desk_say(desk, TT_TOPIC_REGIME_UPDATES, TT_SOURCE_AGENT_REGIME, key, &update);
}

void desk_sentiment(struct desk *desk, uint32_t key, tt_sentiment_bias bias, const char *confidence)
{
    tt_sentiment_update update = good_sentiment();
    update.bias = (uint8_t)bias;
    update.confidence = RATIO(confidence);
    desk_say(desk, TT_TOPIC_SENTIMENT_UPDATES, TT_SOURCE_AGENT_SENTIMENT, key, &update);
}

void desk_signal(struct desk *desk, uint32_t key, tt_action action, const char *confidence)
{
    const tt_trading_signal signal = good_signal(action, confidence);
    desk_say(desk, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION, key, &signal);
}

void desk_answer(
    struct desk *desk,
    const tt_msg *call,
    tt_answer_status status,
    tt_topic topic,
    const void *payload)
{
    tt_agent_answer answer = {.call_seq = call->seq, .status = (uint8_t)status, .model = "test"};
    if (payload != NULL) {
        const tt_layout *layout = tt_topic_info_get((uint16_t)topic)->layout;
        answer.answer_topic = (uint16_t)topic;
        answer.count = tt_layout_used_size(layout, payload);
        assert_true(answer.count <= TT_MAX_answer_byte);
        memcpy(answer.body, payload, answer.count < layout->size ? answer.count : layout->size);
    } else {
        TT_TEXT_SET(answer.error, "out of order");
    }
    const tt_bus_post post = {
        .topic = TT_TOPIC_AGENT_ANSWERS,
        .source = TT_SOURCE_HOST,
        .key = call->key,
        .payload = &answer,
        .flags = TT_MSG_INPUT,
        .cause = call->seq,
        .correlation = call->correlation,
    };
    step(desk, &post);
}

/* Answers the call in flight of a slot with a good output. */
static void answer_slot(struct desk *desk, uint32_t index)
{
    const tt_coord_slot *slot = &desk->coord->slots[index];
    tt_task task = tt_coord_slot_task(desk->coord, index);
    const tt_msg call = {
        .seq = slot->call_seq,
        .key = tt_coord_slot_key(desk->coord, index),
        .correlation = slot->correlation,
    };
    const tt_ta_signal ta = good_ta();
    const tt_regime_update regime = good_regime(TT_regime_TRENDING_BULL, "0.8");
    const tt_sentiment_update sentiment = good_sentiment();
    const tt_trading_signal signal = good_signal(TT_action_HOLD, "0.8");
    const tt_portfolio_update update = {.confidence = RATIO("0.8")};
    const void *const outputs[TT_task_COUNT] = {&ta, &regime, &sentiment, &signal, &update};
    desk_answer(desk, &call, TT_answer_status_OK, tt_coord_task_get(task)->topic, outputs[task]);
}

void desk_answer_task(struct desk *desk, tt_task task, uint32_t key)
{
    uint32_t slot = tt_coord_slot_find(desk->coord, task, key);
    assert_int_equal(desk->coord->slots[slot].state, COORD_SLOT_IN_FLIGHT);
    answer_slot(desk, slot);
}

void desk_answer_all(struct desk *desk)
{
    for (uint32_t i = 0; i < desk->coord->slot_count;) {
        if (desk->coord->slots[i].state == COORD_SLOT_IN_FLIGHT) {
            answer_slot(desk, i);
            i = 0;
        } else {
            i++;
        }
    }
}

void desk_live(struct desk *desk, uint32_t minutes)
{
    for (uint32_t i = 0; i < minutes; i++) {
        int64_t until = desk->now.ns + 60 * TT_NS_PER_S;
        const tt_clock clock = {0};
        while (tt_timers_next(desk->core.timers).ns <= until) {
            desk->now = tt_timers_next(desk->core.timers);
            desk_say(desk, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &clock);
            desk_answer_all(desk);
        }
        desk->now.ns = until;
        for (uint32_t key = 1; key <= desk->instruments.count; key++) {
            desk_bar(desk, key);
            desk_answer_all(desk);
        }
    }
}

/* ---- the log ---- */

void desk_forget(struct desk *desk)
{
    desk->log_used = 0;
}

/* Next message of the log after `msg`, NULL = first. */
static const tt_msg *next_msg(const struct desk *desk, const tt_msg *msg)
{
    const unsigned char *at =
        msg == NULL ? desk->log : (const unsigned char *)msg + tt_msg_bytes(msg);
    return at < desk->log + desk->log_used ? (const tt_msg *)(const void *)at : NULL;
}

uint32_t desk_count(const struct desk *desk, tt_topic topic)
{
    uint32_t count = 0;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        count += msg->topic == topic;
    }
    return count;
}

uint32_t desk_count_key(const struct desk *desk, tt_topic topic, uint32_t key)
{
    uint32_t count = 0;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        count += msg->topic == topic && msg->key == key;
    }
    return count;
}

const tt_msg *desk_nth(const struct desk *desk, tt_topic topic, uint32_t n)
{
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        if (msg->topic == topic && n-- == 0) {
            return msg;
        }
    }
    fail_msg("too few messages of %s", tt_topic_info_get((uint16_t)topic)->name);
    return NULL;
}

const tt_msg *desk_last(const struct desk *desk, tt_topic topic)
{
    uint32_t count = desk_count(desk, topic);
    return desk_nth(desk, topic, count == 0 ? 0 : count - 1);
}

uint32_t desk_calls(const struct desk *desk, tt_task task, uint32_t key)
{
    uint32_t count = 0;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        bool is_call = msg->topic == TT_TOPIC_AGENT_CALLS && msg->key == key;
        count += is_call && PAYLOAD(msg, agent_call)->task == task;
    }
    return count;
}

const tt_msg *desk_call(const struct desk *desk, tt_task task, uint32_t key)
{
    const tt_msg *found = NULL;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        bool is_call = msg->topic == TT_TOPIC_AGENT_CALLS && msg->key == key;
        if (is_call && PAYLOAD(msg, agent_call)->task == task) {
            found = msg;
        }
    }
    return found;
}

uint32_t desk_events(const struct desk *desk, tt_system_event_type event)
{
    uint32_t count = 0;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        bool is_event = msg->topic == TT_TOPIC_SYSTEM_EVENTS;
        count += is_event && PAYLOAD(msg, system_event)->event == event;
    }
    return count;
}

const tt_system_event *desk_event(const struct desk *desk, tt_system_event_type event)
{
    const tt_system_event *found = NULL;
    for (const tt_msg *msg = next_msg(desk, NULL); msg != NULL; msg = next_msg(desk, msg)) {
        bool is_event = msg->topic == TT_TOPIC_SYSTEM_EVENTS;
        if (is_event && PAYLOAD(msg, system_event)->event == event) {
            found = PAYLOAD(msg, system_event);
        }
    }
    assert_non_null(found);
    return found;
}

const tt_command_reply *desk_reply(const struct desk *desk)
{
    return PAYLOAD(desk_last(desk, TT_TOPIC_COMMAND_REPLIES), command_reply);
}

tt_coord_status desk_status(const struct desk *desk)
{
    tt_coord_status status;
    tt_coord_status_get(desk->coord, &status);
    return status;
}

/* ---- snapshots ---- */

unsigned char *desk_save(const struct desk *desk, size_t *ret_size)
{
    size_t size = 0;
    for (uint32_t i = 0; i < desk->core.region_count; i++) {
        size += desk->core.regions[i].size;
    }
    unsigned char *saved = malloc(size);
    assert_non_null(saved);
    size_t at = 0;
    for (uint32_t i = 0; i < desk->core.region_count; i++) {
        memcpy(saved + at, desk->core.regions[i].data, desk->core.regions[i].size);
        at += desk->core.regions[i].size;
    }
    *ret_size = size;
    return saved;
}

void desk_load(struct desk *desk, const unsigned char *saved)
{
    for (uint32_t i = 0; i < desk->core.region_count; i++) {
        memcpy(desk->core.regions[i].data, saved, desk->core.regions[i].size);
        saved += desk->core.regions[i].size;
    }
}
