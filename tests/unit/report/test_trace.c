/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The chain behind a fill: who is in it, in which order and how deep; its bound; numbers that are
 * not there.
 *
 * Covers: trace_json.c trace_log.c trace_print.c
 */
#include "../../lib/declared.h"
#include "../../lib/folder.h"
#include "../../lib/test.h"
#include "base/json.h"
#include "journal/journal.h"
#include "report/trace.h"
#include "steps.h"

static steps made;
static tt_instruments instruments;
static char folder[64];

static int clear(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    made.now.ns = INT64_C(1704067200) * TT_NS_PER_S;
    instruments.count = 1;
    strcpy(instruments.list[0].symbol, "BTC/USDT");
    instruments.list[0].id.n = 1;
    strcpy(folder, "/tmp/tutti-trace-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    tt_test_remove_folder(folder);
    return 0;
}

/** Adds a message of the first instrument that has a cause. */
static tt_seq add(tt_topic topic, tt_seq cause, const void *payload)
{
    size_t at = made.size;
    tt_seq seq = add_message(&made, topic, TT_SOURCE_TRADE, 1, payload);
    tt_msg *head = (tt_msg *)(void *)(made.bytes + at);
    head->cause = cause;
    head->flags = seq == 1 ? TT_MSG_INPUT : 0;
    return seq;
}

/** Writes what was made as the only step of a journal, and reads it. */
static tt_trace_log *open_log(void)
{
    tt_journal_writer *writer = NULL;
    tt_trace_log *log = NULL;
    tt_error error = {0};
    tt_journal_options options = {.durability = TT_durability_NONE};
    assert_int_equal(tt_journal_create(folder, "x", 1, &options, &writer, &error), TUTTI_OK);
    if (tt_journal_append(writer, made.bytes, made.size, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    tt_journal_close(writer);
    assert_int_equal(tt_trace_log_open(folder, &log, &error), TUTTI_OK);
    return log;
}

/** A fill with everything that led to it. Gives its number. */
static tt_seq make_fill(void)
{
    tt_bar bar = {0};
    tt_indicators indicators = {.bar_seq = add(TT_TOPIC_MARKET_BAR, 0, &bar)};
    tt_seq seen = add(TT_TOPIC_INDICATORS, 1, &indicators);
    tt_agent_call call = {.indicators_seq = seen};
    tt_seq called = add(TT_TOPIC_AGENT_CALLS, seen, &call);
    tt_ta_signal ta = {.indicators_seq = seen};
    tt_seq analysed = add(TT_TOPIC_TA_SIGNALS, called, &ta);
    tt_trading_signal signal = {
        .call_seq = called, .ta_seq = analysed, .indicators_seq = seen, .action = TT_action_BUY};
    tt_seq decided = add(TT_TOPIC_TRADING_SIGNALS, called, &signal);
    tt_consensus consensus = {.signal_seq = decided, .count = 1};
    consensus.votes[0].output_seq = analysed;
    tt_seq agreed = add(TT_TOPIC_CONSENSUS, decided, &consensus);
    tt_conflict_decision conflict = {.signal_seq = decided, .consensus_seq = agreed, .count = 1};
    conflict.conflicts[0].seq_a = analysed;
    tt_seq settled = add(TT_TOPIC_CONFLICT_DECISIONS, agreed, &conflict);
    tt_trade_proposal proposal = {
        .signal_seq = decided, .consensus_seq = agreed, .conflict_seq = settled};
    tt_risk_verdict verdict = {.proposal_seq = add(TT_TOPIC_TRADE_PROPOSALS, settled, &proposal)};
    tt_order_intent intent = {.verdict_seq = add(TT_TOPIC_RISK_VERDICTS, 8, &verdict)};
    intent.order_id = made.last + 1;
    tt_seq ordered = add(TT_TOPIC_ORDER_INTENTS, intent.verdict_seq, &intent);
    tt_venue_report report = {.order_id = ordered};
    tt_seq reported = add(TT_TOPIC_VENUE_REPORTS, ordered, &report);
    tt_fill fill = {.order_id = ordered, .effect = TT_fill_effect_OPEN};
    fill.fill_id = fill.position_id = made.last + 1;
    return add(TT_TOPIC_FILLS, reported, &fill);
}

static void chain_goes_from_the_fill_back_to_the_bar(void **state)
{
    (void)state;
    static const struct {
        const char *role;
        tt_seq seq;
        int depth;
    } wanted[] = {
        {"fill", 12, 0},
        {"venue report", 11, 1},
        {"order", 10, 1},
        {"risk verdict", 9, 2},
        {"proposal", 8, 3},
        {"conflict decision", 7, 4},
        {"agent output", 4, 5},
        {"indicators", 2, 6},
        {"bar", 1, 7},
        {"consensus", 6, 4},
        {"signal", 5, 4},
        {"agent call", 3, 5},
    };
    tt_seq fill = make_fill();
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, fill, &trace, &error), TUTTI_OK);
    assert_false(trace.was_cut);
    for (uint32_t i = 0; i < trace.count && i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(trace.links[i].role, wanted[i].role);
        assert_int_equal(trace.links[i].msg->seq, wanted[i].seq);
        assert_int_equal(trace.links[i].depth, wanted[i].depth);
    }
    assert_int_equal(trace.count, sizeof wanted / sizeof wanted[0]);
    tt_trace_log_close(log);
}

static void every_message_can_be_asked_for(void **state)
{
    (void)state;
    make_fill();
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_log_count(log), 12);
    for (tt_seq seq = 1; seq <= 12; seq++) {
        assert_int_equal(tt_trace_log_at(log, seq - 1)->seq, seq);
        assert_int_equal(tt_trace_follow(log, seq, &trace, &error), TUTTI_OK);
        assert_int_equal(trace.links[0].msg->seq, seq);
    }
    // The bar comes from outside: its chain is itself.
    assert_int_equal(tt_trace_follow(log, 1, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, 1);
    assert_string_equal(trace.links[0].role, "market_data.bar");
    tt_trace_log_close(log);
}

static void a_number_that_is_not_there_is_an_error_with_the_range(void **state)
{
    (void)state;
    make_fill();
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    static const tt_seq absent[] = {0, 13, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(tt_trace_follow(log, absent[i], &trace, &error), TUTTI_NOT_FOUND);
        assert_non_null(strstr(error.hint, "from 1 to 12"));
        assert_int_equal(trace.count, 0);
    }
    tt_trace_log_close(log);
}

static void a_chain_beyond_the_bound_is_cut_and_says_so(void **state)
{
    (void)state;
    tt_system_event event = {0};
    for (tt_seq i = 0; i < TT_TRACE_LINKS_MAX + 1; i++) {
        add(TT_TOPIC_SYSTEM_EVENTS, i, &event);
    }
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, TT_TRACE_LINKS_MAX, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, TT_TRACE_LINKS_MAX);
    assert_false(trace.was_cut);
    assert_int_equal(tt_trace_follow(log, TT_TRACE_LINKS_MAX + 1, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, TT_TRACE_LINKS_MAX);
    assert_true(trace.was_cut);
    assert_int_equal(trace.links[TT_TRACE_LINKS_MAX - 1].msg->seq, 2);
    tt_trace_log_close(log);
}

static void a_circle_of_references_ends(void **state)
{
    (void)state;
    tt_system_event event = {0};
    add(TT_TOPIC_SYSTEM_EVENTS, 2, &event);
    add(TT_TOPIC_SYSTEM_EVENTS, 1, &event);
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, 2, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, 2);
    tt_trace_log_close(log);
}

/** Expects the chain of a message: numbers in order, ended by 0. */
static void expect_chain(const tt_trace_log *log, tt_seq seq, const tt_seq *wanted)
{
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, seq, &trace, &error), TUTTI_OK);
    uint32_t count = 0;
    for (; wanted[count] != 0; count++) {
        assert_true(count < trace.count);
        assert_int_equal(trace.links[count].msg->seq, wanted[count]);
    }
    assert_int_equal(trace.count, count);
}

/* A close that was told before its entry: from its fill to the report that told it, and to the one
 * that ended the wait. */
static void a_fill_that_had_waited_leads_to_both_reports(void **state)
{
    (void)state;
    tt_order_intent close = {.order_id = 1, .reduce_only = 1};
    add(TT_TOPIC_ORDER_INTENTS, 0, &close);
    tt_venue_report told = {.order_id = 1};
    add(TT_TOPIC_VENUE_REPORTS, 1, &told);
    tt_waiting_fill put = {
        .qty.d = tt_dec_from_i64(2, 0),
        .waiting_qty.d = tt_dec_from_i64(2, 0),
        .price.d = tt_dec_from_i64(49000, 0),
        .put_seq = 3,
        .order_id = 1,
        .event = TT_waiting_event_PUT_ASIDE,
        .side = TT_side_SELL,
    };
    add(TT_TOPIC_WAITING_FILLS, 2, &put);
    tt_order_intent entry = {.order_id = 4};
    add(TT_TOPIC_ORDER_INTENTS, 0, &entry);
    tt_venue_report late = {.order_id = 4};
    add(TT_TOPIC_VENUE_REPORTS, 4, &late);
    tt_waiting_fill booked = {.put_seq = 3, .order_id = 1, .event = TT_waiting_event_BOOKED};
    add(TT_TOPIC_WAITING_FILLS, 5, &booked);
    tt_fill fill = {.fill_id = 7, .position_id = 7, .order_id = 1};
    add(TT_TOPIC_FILLS, 6, &fill);
    tt_trace_log *log = open_log();
    expect_chain(log, 7, (tt_seq[]){7, 6, 5, 3, 2, 1, 0});
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, 7, &trace, &error), TUTTI_OK);
    static const char *const roles[] = {
        "fill", "had waited", "ended by", "put aside", "venue report", "order"};
    for (uint32_t i = 0; i < 6; i++) {
        assert_string_equal(trace.links[i].role, roles[i]);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    tt_trace_print(out, &trace, &instruments);
    fclose(out);
    assert_non_null(strstr(
        text, "sell 2 at 49000, told before the entry that it closes: it waits; waiting now: 2"));
    assert_non_null(strstr(text, "its entry has filled: it is booked; waiting now: 0"));
    free(text);
    tt_trace_log_close(log);
}

/* A person said what it was: the booking leads to the command, and to the answers that had shown
 * it.
 */
static void a_booking_of_cash_leads_to_who_found_it(void **state)
{
    (void)state;
    tt_venue_query query = {.query_id = 1};
    add(TT_TOPIC_VENUE_QUERIES, 0, &query);
    tt_venue_position answer = {.query_id = 1, .is_last = 1};
    add(TT_TOPIC_VENUE_POSITIONS, 1, &answer);
    tt_balance_reconciliation found = {
        .local_cash.d = tt_dec_from_i64(9000, 0),
        .venue_cash.d = tt_dec_from_i64(8000, 0),
        .stage = TT_reconcile_stage_CONFIRMED,
        .cause = TT_cash_kind_WITHDRAWAL,
        .blocks_entries = 1,
    };
    add(TT_TOPIC_BALANCE_RECONCILIATIONS, 2, &found);
    tt_coordinator_command asked = {
        .amount.d = tt_dec_from_i64(-1000, 0),
        .command = TT_command_ACKNOWLEDGE_TRANSFER,
    };
    strcpy(asked.actor, "ann");
    strcpy(asked.reason, "rent");
    add(TT_TOPIC_COORDINATOR_COMMANDS, 0, &asked);
    tt_cash_booking booking = {
        .amount.d = tt_dec_from_i64(-1000, 0),
        .balance.d = tt_dec_from_i64(8999, 0),
        .subject_seq = 4,
        .found_seq = 3,
        .kind = TT_cash_kind_WITHDRAWAL,
        .is_acknowledged = 1,
    };
    add(TT_TOPIC_CASH_BOOKINGS, 4, &booking);
    tt_account_update account = {0};
    add(TT_TOPIC_ACCOUNT_UPDATES, 5, &account);
    tt_trace_log *log = open_log();
    expect_chain(log, 6, (tt_seq[]){6, 5, 4, 3, 2, 1, 0});
    static tt_trace trace;
    tt_error error = {0};
    assert_int_equal(tt_trace_follow(log, 5, &trace, &error), TUTTI_OK);
    assert_string_equal(trace.links[1].role, "what is booked");
    assert_string_equal(trace.links[2].role, "found by");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    tt_trace_print(out, &trace, &instruments);
    fclose(out);
    assert_non_null(strstr(text, "withdrawal of -1000, balance 8999, as a person said"));
    assert_non_null(strstr(text, "ann asked for acknowledge_transfer of -1000: rent"));
    assert_non_null(
        strstr(text, "confirmed (withdrawal): the books have 9000, the venue 8000: no entries"));
    free(text);
    tt_trace_log_close(log);
}

/* Equity falls, a breaker halts, a person is told, the position is closed. */
static void a_change_of_state_is_followed_to_what_led_to_it(void **state)
{
    (void)state;
    tt_bar bar = {0};
    tt_position_update marked = {.position_id = 7};
    tt_account_update account = {.open_positions = 1};
    tt_risk_alert alert = {.alert_type = TT_alert_type_CIRCUIT_BREAKER};
    tt_system_event halted = {.event = TT_system_event_type_COORDINATOR_HALTED};
    tt_notification told = {.severity = TT_severity_CRITICAL};
    tt_position_command close = {.command = TT_position_command_type_CLOSE};
    strcpy(halted.message, "running -> halted: drawdown");
    strcpy(told.message, "halted at a drawdown of 10.01 %");
    add(TT_TOPIC_MARKET_BAR, 0, &bar);
    add(TT_TOPIC_POSITION_UPDATES, 1, &marked);
    add(TT_TOPIC_ACCOUNT_UPDATES, 1, &account);
    alert.subject_seq = 3;
    add(TT_TOPIC_RISK_ALERTS, 3, &alert);
    add(TT_TOPIC_SYSTEM_EVENTS, 4, &halted);
    add(TT_TOPIC_NOTIFICATIONS, 4, &told);
    add(TT_TOPIC_POSITION_COMMANDS, 4, &close);
    tt_order_intent intent = {.order_id = 8, .reduce_only = 1};
    add(TT_TOPIC_ORDER_INTENTS, 7, &intent);
    tt_venue_report report = {.order_id = 8};
    add(TT_TOPIC_VENUE_REPORTS, 8, &report);
    tt_execution_event filled = {.order_id = 8, .intent_seq = 8};
    add(TT_TOPIC_EXECUTION_EVENTS, 9, &filled);
    tt_fill fill = {.fill_id = 11, .order_id = 8};
    add(TT_TOPIC_FILLS, 9, &fill);
    tt_position_update closed = {.position_id = 7, .cause_fill = 11};
    add(TT_TOPIC_POSITION_UPDATES, 9, &closed);
    tt_account_update after = {.cause_fill = 11};
    add(TT_TOPIC_ACCOUNT_UPDATES, 9, &after);
    tt_dead_letter dead = {.dead_seq = 6};
    add(TT_TOPIC_DEAD_LETTERS, 5, &dead);
    tt_trace_log *log = open_log();
    expect_chain(log, 5, (tt_seq[]){5, 4, 3, 1, 0});
    expect_chain(log, 6, (tt_seq[]){6, 4, 3, 1, 0});
    expect_chain(log, 9, (tt_seq[]){9, 8, 7, 4, 3, 1, 0});
    expect_chain(log, 10, (tt_seq[]){10, 9, 8, 7, 4, 3, 1, 0});
    expect_chain(log, 12, (tt_seq[]){12, 11, 9, 8, 7, 4, 3, 1, 0});
    expect_chain(log, 13, (tt_seq[]){13, 11, 9, 8, 7, 4, 3, 1, 0});
    expect_chain(log, 14, (tt_seq[]){14, 6, 4, 3, 1, 5, 0});
    static tt_trace trace;
    tt_error error = {0};
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(tt_trace_follow(log, 6, &trace, &error), TUTTI_OK);
    FILE *out = open_memstream(&text, &size);
    tt_trace_print(out, &trace, &instruments);
    fclose(out);
    assert_non_null(strstr(text, "a person is told (critical): halted at a drawdown of 10.01 %"));
    assert_non_null(strstr(text, "equity 0.0000, balance 0.0000"));
    free(text);
    tt_trace_log_close(log);
}

/* A trailing stop fills: the rule that moved it, and the price that moved the rule. */
static void an_exit_rule_stands_between_the_price_and_the_order(void **state)
{
    (void)state;
    tt_bar bar = {0};
    tt_order_intent entry = {.order_id = 2};
    tt_exit_event moved = {
        .price.d = tt_dec_from_i64(51000, 0),
        .best.d = tt_dec_from_i64(51000, 0),
        .stop_before.d = tt_dec_from_i64(49500, 0),
        .stop_after.d = tt_dec_from_i64(50235, 0),
        .reason = TT_exit_reason_TRAILING_STOP,
        .action = TT_exit_action_STOP_MOVED,
    };
    strcpy(moved.message, "the stop follows the price");
    add(TT_TOPIC_MARKET_BAR, 0, &bar);
    add(TT_TOPIC_ORDER_INTENTS, 1, &entry);
    add(TT_TOPIC_EXIT_EVENTS, 1, &moved);
    tt_order_intent stop = {.order_id = 4, .parent_order_id = 2, .reduce_only = 1};
    add(TT_TOPIC_ORDER_INTENTS, 3, &stop);
    tt_venue_report report = {.order_id = 4};
    add(TT_TOPIC_VENUE_REPORTS, 4, &report);
    tt_fill fill = {.fill_id = 6, .order_id = 4};
    add(TT_TOPIC_FILLS, 5, &fill);
    tt_trace_log *log = open_log();
    expect_chain(log, 6, (tt_seq[]){6, 5, 4, 2, 1, 3, 0});
    static tt_trace trace;
    tt_error error = {0};
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(tt_trace_follow(log, 6, &trace, &error), TUTTI_OK);
    FILE *out = open_memstream(&text, &size);
    tt_trace_print(out, &trace, &instruments);
    fclose(out);
    assert_non_null(strstr(
        text,
        "trailing_stop, stop_moved: the stop follows the price; price 51000, best 51000, stop "
        "before 49500, stop now 50235"));
    free(text);
    tt_trace_log_close(log);
}

static bool is_json(const char *text)
{
    static char scratch[1 << 16];
    tt_json_reader reader;
    tt_json_token token;
    tutti_status status = TUTTI_OK;
    tt_json_reader_init(&reader, text, strlen(text), scratch, sizeof scratch);
    while (status == TUTTI_OK) {
        status = tt_json_next(&reader, &token);
    }
    return status == TUTTI_END;
}

static void prints_for_people_and_machines(void **state)
{
    (void)state;
    tt_seq fill = make_fill();
    tt_trace_log *log = open_log();
    static tt_trace trace;
    tt_error error = {0};
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(tt_trace_follow(log, fill, &trace, &error), TUTTI_OK);
    FILE *out = open_memstream(&text, &size);
    tt_trace_print(out, &trace, &instruments);
    fclose(out);
    assert_non_null(strstr(text, "BTC/USDT"));
    for (uint32_t i = 0; i < trace.count; i++) {
        assert_non_null(strstr(text, trace.links[i].role));
    }
    free(text);
    out = open_memstream(&text, &size);
    assert_int_equal(tt_trace_print_json(out, &trace, &instruments), TUTTI_OK);
    fclose(out);
    assert_true(is_json(text));
    assert_non_null(strstr(text, "\"id\": 12, \"was_cut\": false"));
    assert_non_null(strstr(text, "{\"role\": \"risk verdict\", \"depth\": 2, \"message\": {"));
    free(text);
    tt_trace_log_close(log);
}

static char *text_of(const tt_trace *trace, bool is_json_wanted)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (is_json_wanted) {
        assert_int_equal(tt_trace_print_json(out, trace, &instruments), TUTTI_OK);
    } else {
        tt_trace_print(out, trace, &instruments);
    }
    fclose(out);
    return text;
}

static void declared_topics_are_followed_by_their_cause(void **state)
{
    (void)state;
    static tt_trace trace;
    tt_trace_log *log = NULL;
    tt_error error = {0};
    declared_make(folder, 2, 0);
    assert_int_equal(tt_trace_log_open(folder, &log, &error), TUTTI_OK);
    assert_int_equal(tt_trace_follow(log, DECLARED_NEWS + 1, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, 2);
    assert_string_equal(trace.links[0].role, "raw");
    assert_string_equal(trace.links[1].role, "caused by");
    assert_int_equal(trace.links[1].msg->seq, DECLARED_NEWS);
    char *text = text_of(&trace, false);
    assert_non_null(strstr(text, "raw from reuters: bytes=cafe00"));
    assert_non_null(strstr(text, "news.wire from reuters: side=up head=\"story 0\""));
    free(text);
    text = text_of(&trace, true);
    assert_true(is_json(text));
    assert_non_null(strstr(text, "\"topic\":\"news.wire\""));
    assert_non_null(strstr(text, "{\"at\":0,\"side\":\"up\",\"head\":\"story 0\"}"));
    free(text);
    tt_trace_log_close(log);
}

/** As when the beginning of the journal, with the declarations, was dropped. */
static void undeclared_topics_are_numbers_and_bytes(void **state)
{
    (void)state;
    static tt_trace trace;
    tt_error error = {0};
    const unsigned char payload[16] = {0xde, 0xad};
    tt_msg head = {
        .seq = 1, .topic = 4000, .source = 300, .size = sizeof payload, .flags = TT_MSG_INPUT};
    memcpy(made.bytes, &head, sizeof head);
    memcpy(made.bytes + sizeof head, payload, sizeof payload);
    made.size = sizeof head + sizeof payload;
    tt_trace_log *log = open_log();
    assert_int_equal(tt_trace_follow(log, 1, &trace, &error), TUTTI_OK);
    assert_int_equal(trace.count, 1);
    char *text = text_of(&trace, false);
    assert_non_null(strstr(text, "4000 from 300: 16 bytes dead0000000000000000000000000000"));
    free(text);
    text = text_of(&trace, true);
    assert_true(is_json(text));
    assert_non_null(strstr(text, "\"topic\":4000"));
    assert_non_null(strstr(text, "\"payload\":\"dead0000000000000000000000000000\""));
    free(text);
    tt_trace_log_close(log);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, clear, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(chain_goes_from_the_fill_back_to_the_bar),
        WITH_FOLDER(every_message_can_be_asked_for),
        WITH_FOLDER(a_number_that_is_not_there_is_an_error_with_the_range),
        WITH_FOLDER(a_chain_beyond_the_bound_is_cut_and_says_so),
        WITH_FOLDER(a_circle_of_references_ends),
        WITH_FOLDER(a_fill_that_had_waited_leads_to_both_reports),
        WITH_FOLDER(a_booking_of_cash_leads_to_who_found_it),
        WITH_FOLDER(a_change_of_state_is_followed_to_what_led_to_it),
        WITH_FOLDER(an_exit_rule_stands_between_the_price_and_the_order),
        WITH_FOLDER(prints_for_people_and_machines),
        WITH_FOLDER(declared_topics_are_followed_by_their_cause),
        WITH_FOLDER(undeclared_topics_are_numbers_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
