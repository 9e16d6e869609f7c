/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "model/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tt_dec dec_of(const char *text)
{
    tt_dec value;
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

const tt_instruments *run_instruments(void)
{
    static tt_instruments instruments = {
        .list = {{.symbol = "BTC/USDT", .id = {1}}, {.symbol = "ETH/USDT", .id = {2}}}, .count = 2};
    return &instruments;
}

static tt_seq next_seq;

/* Adds a message about instrument 1. */
static void *add(fx_step *step, tt_topic topic, size_t size, tt_seq expected)
{
    assert_int_equal(next_seq, expected);
    void *payload = fx_step_add(step, topic, next_seq++, size);
    tt_msg *msg = (tt_msg *)payload - 1;
    const tt_topic_info *info = tt_topic_info_get((uint16_t)topic);
    bool has_key = topic != TT_TOPIC_SESSION_EVENTS && topic != TT_TOPIC_ACCOUNT_UPDATES &&
                   topic != TT_TOPIC_SYSTEM_EVENTS && topic != TT_TOPIC_PORTFOLIO_UPDATES;
    msg->key = has_key ? 1 : 0;
    msg->kind = info->kind;
    msg->priority = info->priority;
    msg->source = TT_SOURCE_COORDINATOR;
    memset(msg->correlation.bytes, 0x11, sizeof msg->correlation.bytes);
    return payload;
}

static fx_step *new_step(store_run *run)
{
    fx_step *step = &run->steps[run->count++];
    step->size = 0;
    return step;
}

#define ADD(step, TOPIC, type, seq)                                                                \
    ((tt_##type *)add(step, TT_TOPIC_##TOPIC, sizeof(tt_##type), seq))

static void add_session(store_run *run)
{
    tt_session_event *session = ADD(new_step(run), SESSION_EVENTS, session_event, RUN_SESSION);
    session->event = TT_session_event_type_STARTED;
    session->mode = TT_mode_PAPER;
    session->seed = UINT64_MAX;
    memset(session->config_hash, 0xAB, sizeof session->config_hash);
    TT_TEXT_SET(session->run_id, "run-1");
}

static void add_outputs(store_run *run)
{
    fx_step *step = new_step(run);
    ADD(step, MARKET_BAR, bar, RUN_BAR)->close.d = dec_of("100");
    tt_ta_signal *ta = ADD(step, TA_SIGNALS, ta_signal, RUN_TA);
    ta->confidence.d = dec_of("0.75");
    ta->call_seq = 900;
    ta->trend_direction = TT_trend_BULLISH;
    TT_TEXT_SET(ta->reasoning, "it's \"up\" \xE2\x82\xAC");
    ADD(step, REGIME_UPDATES, regime_update, RUN_REGIME)->call_seq = 901;
    ADD(step, SENTIMENT_UPDATES, sentiment_update, RUN_SENTIMENT)->call_seq = 902;
}

static void add_decision(store_run *run)
{
    fx_step *step = new_step(run);
    size_t size = offsetof(tt_trading_signal, votes) + 2 * sizeof(tt_model_vote);
    tt_trading_signal *signal = add(step, TT_TOPIC_TRADING_SIGNALS, size, RUN_SIGNAL);
    signal->action = TT_action_BUY;
    signal->confidence.d = dec_of("0.8");
    signal->stop_loss.d = dec_of("95.5");
    signal->call_seq = 903;
    signal->ta_seq = RUN_TA;
    signal->leverage = 2;
    signal->count = 2;
    TT_TEXT_SET(signal->votes[1].model, "second");
    size = offsetof(tt_consensus, votes) + sizeof(tt_consensus_vote);
    tt_consensus *consensus = add(step, TT_TOPIC_CONSENSUS, size, RUN_CONSENSUS);
    consensus->signal_seq = RUN_SIGNAL;
    consensus->agreement.d = dec_of("0.666666666666666667");
    consensus->count = 1;
    size = offsetof(tt_conflict_decision, conflicts) + sizeof(tt_conflict_item);
    tt_conflict_decision *conflict = add(step, TT_TOPIC_CONFLICT_DECISIONS, size, RUN_CONFLICT);
    conflict->signal_seq = RUN_SIGNAL;
    conflict->consensus_seq = RUN_CONSENSUS;
    conflict->action = TT_resolution_MODIFY;
    conflict->size_reduction_pct.d = dec_of("25");
    conflict->count = 1;
    TT_TEXT_SET(conflict->arbiter, "rules");
}

static void add_verdict(fx_step *step)
{
    size_t size = offsetof(tt_risk_verdict, checks) + 3 * sizeof(tt_risk_check);
    tt_risk_verdict *verdict = add(step, TT_TOPIC_RISK_VERDICTS, size, RUN_VERDICT);
    verdict->status = TT_verdict_MODIFIED;
    verdict->qty.d = dec_of("2");
    verdict->size_before.d = dec_of("300");
    verdict->size_after.d = dec_of("200");
    verdict->checks_run = TT_RISK_PLACE_BIT(TRADING_HALTED) | TT_RISK_PLACE_BIT(IN_COOLDOWN) |
                          TT_RISK_PLACE_BIT(MAX_POSITIONS) | TT_RISK_PLACE_BIT(STOP_LOSS_REQUIRED);
    verdict->positions = 2; // This one follows from the facts; the others are listed.
    verdict->positions_max = 7;
    verdict->count = 3;
    static const uint8_t outcomes[] = {
        TT_check_outcome_PASS, TT_check_outcome_CLAMP, TT_check_outcome_SKIP};
    for (size_t i = 0; i < 3; i++) {
        verdict->checks[i].code = (uint8_t)(TT_risk_code_TRADING_HALTED + i);
        verdict->checks[i].outcome = outcomes[i];
        verdict->checks[i].value.d = tt_dec_from_i64((int64_t)i, 1);
        verdict->checks[i].limit.d = dec_of("5");
    }
}

static void
add_execution(fx_step *step, tt_seq seq, uint64_t order, tt_order_state state, const char *filled)
{
    tt_execution_event *event = ADD(step, EXECUTION_EVENTS, execution_event, seq);
    event->order_id = order;
    event->intent_seq = order;
    event->new_state = (uint8_t)state;
    event->side = order == RUN_ORDER ? TT_side_BUY : TT_side_SELL;
    event->type = order == RUN_ORDER ? TT_order_type_MARKET : TT_order_type_STOP;
    event->role = order == RUN_ORDER ? TT_order_role_ENTRY : TT_order_role_STOP_LOSS;
    event->qty.d = dec_of("2");
    event->filled_qty.d = dec_of(filled);
    event->filled_notional.d = dec_of(strcmp(filled, "2") == 0 ? "201" : filled);
    TT_TEXT_SET(event->client_order_id, order == RUN_ORDER ? "run-1-10" : "run-1-21");
    if (state == TT_order_state_PARTIALLY_FILLED) {
        event->venue_order_id = UINT64_MAX;
        event->position_id = RUN_FILL;
        TT_TEXT_SET(event->reason, "half");
    }
}

static void add_order(fx_step *step, tt_seq seq)
{
    tt_order_intent *order = ADD(step, ORDER_INTENTS, order_intent, seq);
    bool is_entry = seq == RUN_ORDER;
    order->order_id = seq;
    order->verdict_seq = is_entry ? RUN_VERDICT : 0;
    order->parent_order_id = is_entry ? 0 : RUN_ORDER;
    order->qty.d = dec_of("2");
    order->trigger_price.d = dec_of(is_entry ? "0" : "95.5");
    order->stop_loss.d = dec_of(is_entry ? "95.5" : "0");
    order->side = is_entry ? TT_side_BUY : TT_side_SELL;
    order->type = is_entry ? TT_order_type_MARKET : TT_order_type_STOP;
    order->role = is_entry ? TT_order_role_ENTRY : TT_order_role_STOP_LOSS;
    order->reduce_only = !is_entry;
    order->leverage = 2;
    order->expire_time.ns = is_entry ? 0 : 3600 * TT_NS_PER_S;
    TT_TEXT_SET(order->client_order_id, is_entry ? "run-1-10" : "run-1-21");
}

static void add_fill(
    fx_step *step, tt_seq seq, uint64_t order, tt_fill_effect effect, const char *const numbers[5])
{
    tt_fill *fill = ADD(step, FILLS, fill, seq);
    fill->fill_id = seq;
    fill->order_id = order;
    fill->position_id = RUN_FILL;
    fill->exec_id = UINT64_MAX - seq;
    fill->side = order == RUN_ORDER ? TT_side_BUY : TT_side_SELL;
    fill->effect = (uint8_t)effect;
    fill->role = order == RUN_ORDER ? TT_order_role_ENTRY : TT_order_role_STOP_LOSS;
    fill->exit_reason = order == RUN_ORDER ? TT_exit_reason_NONE : TT_exit_reason_STOP_LOSS;
    fill->price.d = dec_of(numbers[0]);
    fill->qty.d = dec_of(numbers[1]);
    fill->notional.d = dec_of(numbers[2]);
    fill->position_qty.d = dec_of(numbers[3]);
    fill->balance.d = dec_of(numbers[4]);
    fill->venue_time.ns = (int64_t)seq;
}

static void add_position(
    fx_step *step, tt_seq seq, tt_position_event event, const char *qty, const char *unrealized)
{
    tt_position_update *position = ADD(step, POSITION_UPDATES, position_update, seq);
    position->position_id = RUN_FILL;
    position->event = (uint8_t)event;
    position->side = TT_side_BUY;
    position->qty.d = dec_of(qty);
    position->max_qty.d = dec_of("2");
    position->unrealized_pnl.d = dec_of(unrealized);
    position->opened_at.ns = RUN_FILL * TT_NS_PER_S;
    position->leverage = 2;
    if (event == TT_position_event_CLOSED) {
        position->exit_reason = TT_exit_reason_STOP_LOSS;
        position->realized_pnl.d = dec_of("-10");
    }
}

static void add_account(fx_step *step, tt_seq seq, const char *equity)
{
    tt_account_update *account = ADD(step, ACCOUNT_UPDATES, account_update, seq);
    account->initial.d = dec_of("10000");
    account->balance.d = dec_of("10000");
    account->equity.d = dec_of(equity);
    account->open_positions = 1;
}

static void add_trading(store_run *run)
{
    fx_step *step = new_step(run);
    add_verdict(step);
    add_order(step, RUN_ORDER);
    add_execution(step, RUN_CREATED, RUN_ORDER, TT_order_state_NEW, "0");
    step = new_step(run);
    add_execution(step, RUN_SENT, RUN_ORDER, TT_order_state_SUBMITTED, "0");
    step = new_step(run);
    add_execution(step, RUN_PARTIAL, RUN_ORDER, TT_order_state_PARTIALLY_FILLED, "1");
    add_fill(
        step,
        RUN_FILL,
        RUN_ORDER,
        TT_fill_effect_OPEN,
        (const char *const[]){"100", "1", "100", "1", "9999.9"});
    add_position(step, RUN_OPENED, TT_position_event_OPENED, "1", "0");
    add_account(step, RUN_ACCOUNT, "9999.9");
    step = new_step(run);
    add_execution(step, RUN_FILLED, RUN_ORDER, TT_order_state_FILLED, "2");
    add_fill(
        step,
        RUN_FILL_2,
        RUN_ORDER,
        TT_fill_effect_INCREASE,
        (const char *const[]){"101", "1", "101", "2", "9999.8"});
    add_position(step, RUN_INCREASED, TT_position_event_INCREASED, "2", "-1");
    add_account(step, RUN_ACCOUNT_2, "9998.8");
    add_order(step, RUN_STOP);
    add_execution(step, RUN_STOP_CREATED, RUN_STOP, TT_order_state_SUBMITTED, "0");
    step = new_step(run);
    add_position(step, RUN_MARKED, TT_position_event_MARKED, "2", "3.000000000000000001");
    add_account(step, RUN_ACCOUNT_3, "10002.8");
    step = new_step(run);
    add_execution(step, RUN_STOP_FILLED, RUN_STOP, TT_order_state_FILLED, "2");
    add_fill(
        step,
        RUN_FILL_3,
        RUN_STOP,
        TT_fill_effect_CLOSE,
        (const char *const[]){"95.5", "2", "191", "0", "9989.8"});
    add_position(step, RUN_CLOSED, TT_position_event_CLOSED, "0", "0");
    add_account(step, RUN_ACCOUNT_4, "9989.8");
}

static void add_rest(store_run *run)
{
    fx_step *step = new_step(run);
    tt_risk_alert *alert = ADD(step, RISK_ALERTS, risk_alert, RUN_ALERT);
    alert->alert_type = TT_alert_type_CIRCUIT_BREAKER;
    alert->severity = TT_severity_CRITICAL;
    alert->breach_type = TT_breach_type_DAILY_LOSS;
    alert->value.d = dec_of("-3.5");
    alert->limit.d = dec_of("3");
    alert->subject_seq = RUN_FILL_3;
    TT_TEXT_SET(alert->message, "down; DROP TABLE orders; --");
    tt_system_event *event = ADD(step, SYSTEM_EVENTS, system_event, RUN_EVENT);
    event->event = TT_system_event_type_COORDINATOR_PAUSED;
    event->severity = TT_severity_WARNING;
    event->old_value = -1;
    event->new_value = INT64_MIN;
    tt_dead_letter *dead = ADD(step, DEAD_LETTERS, dead_letter, RUN_DEAD);
    dead->dead_seq = RUN_BAR;
    dead->dead_id = 65536;
    dead->dead_topic = TT_TOPIC_MARKET_BAR;
    dead->dead_source = TT_SOURCE_FEED;
    dead->reason = TT_dead_reason_HANDLER_FAILED;
    dead->attempts = 1;
    step = new_step(run);
    size_t size = offsetof(tt_portfolio_update, trades) + sizeof(tt_rebalance_trade);
    tt_portfolio_update *portfolio = add(step, TT_TOPIC_PORTFOLIO_UPDATES, size, RUN_PORTFOLIO);
    portfolio->count = 1;
    portfolio->trades[0].instrument = 2;
    portfolio->call_seq = 904;
}

void run_make(store_run *run)
{
    memset(run, 0, sizeof *run);
    next_seq = 1;
    add_session(run);
    add_outputs(run);
    add_decision(run);
    add_trading(run);
    add_rest(run);
    assert_int_equal(next_seq, RUN_LAST + 1);
}

tt_store *store_of(const char *path)
{
    tt_store *store = NULL;
    tt_error error = {0};
    if (tt_store_open(path, run_instruments(), &store, &error) != TUTTI_OK) {
        fail_msg("open: %s", error.message);
    }
    return store;
}

void store_apply(tt_store *store, const store_run *run, size_t count)
{
    tt_error error = {0};
    for (size_t i = 0; i < count; i++) {
        const fx_step *step = &run->steps[i];
        if (tt_store_apply_step(store, step->bytes, step->size, &error) != TUTTI_OK) {
            fail_msg("step %zu: %s", i, error.message);
        }
    }
}

void run_write_journal(const store_run *run, const char *dir)
{
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(dir, &options);
    for (size_t i = 0; i < run->count; i++) {
        const fx_step *step = &run->steps[i];
        assert_int_equal(tt_journal_append(writer, step->bytes, step->size, NULL), TUTTI_OK);
    }
    tt_journal_close(writer);
}

/* Text of all rows of a query, on a stream. */
static void write_rows(sqlite3 *db, const char *sql, FILE *out)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    for (int row = 0; sqlite3_step(statement) == SQLITE_ROW; row++) {
        (void)fputs(row > 0 ? "\n" : "", out);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            (void)fprintf(out, "%s%s", i > 0 ? "|" : "", text ? text : "NULL");
        }
    }
    (void)sqlite3_finalize(statement);
}

static char *rows_of(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write_rows(db, sql, out);
    (void)fclose(out);
    (void)sqlite3_close(db);
    return text;
}

void expect_rows(const char *path, const char *sql, const char *expected)
{
    char *text = rows_of(path, sql);
    if (strcmp(text, expected) != 0) {
        fail_msg("%s\nis\n%s\nnot\n%s", sql, text, expected);
    }
    free(text);
}

char *dump_of(const char *path)
{
    char *names = rows_of(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1");
    char *dump = NULL;
    size_t size;
    FILE *out = open_memstream(&dump, &size);
    assert_non_null(out);
    char *rest = names;
    for (char *name = strsep(&rest, "\n"); name; name = strsep(&rest, "\n")) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", name);
        char *rows = rows_of(path, sql);
        (void)fprintf(out, "== %s\n%s\n", name, rows);
        free(rows);
    }
    (void)fclose(out);
    free(names);
    return dump;
}

void expect_part(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("%s\nis not in\n%s", part, text);
    }
}

void write_version(const char *path, int version)
{
    char sql[64];
    sqlite3 *db = NULL;
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
