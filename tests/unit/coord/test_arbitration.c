/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The chain of arbiters: what may be said, who is asked next, and that nothing stays behind. The
 * flows as a whole stand in tests/scenario/coordinator/arbiter*.yaml.
 *
 * Covers: coord_approval.c coord_case.c coord_chain.c coord_opinion.c
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void add_arbiter(struct desk *desk, const char *name, const char *call, const char *day)
{
    tt_arbiter_step_config *arbiter = &desk->config.arbiters[desk->config.arbiter_count++];
    *arbiter = (tt_arbiter_step_config){
        .timeout.ns = 4 * TT_NS_PER_S, .call_budget = MONEY(call), .day_budget = MONEY(day)};
    TT_TEXT_SET(arbiter->provider, name);
}

/* A desk on which every entry of BTC conflicts, and two arbiters are asked. */
static void open_desk(struct desk *desk)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
    }
    add_arbiter(desk, "one", "0.1", "500");
    add_arbiter(desk, "two", "0.1", "500");
    desk->config.coordinator.day_budget = MONEY("1000");
    desk->config.degradation.step_failures = 100000; // What the others lead to is tested elsewhere.
    desk->config.degradation.max_failures = 300000;
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_regime(desk, BTC, TT_regime_CHOPPY, "0.8");
    desk_forget(desk);
}

static const tt_msg *last_question(const struct desk *desk)
{
    const tt_msg *call = desk_last(desk, TT_TOPIC_AGENT_CALLS);
    assert_int_equal(PAYLOAD(call, agent_call)->agent, TT_agent_ARBITER);
    return call;
}

static void give_opinion(struct desk *desk, const tt_arbiter_opinion *opinion)
{
    tt_msg call = *last_question(desk);
    desk_answer(desk, &call, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, opinion);
}

/* The case of a trade: BUY at 100, stop 98, target 104, leverage 3, confidence 0.8. */
static tt_coord_case buy_case(void)
{
    tt_coord_case open = {.signal = good_signal(TT_action_BUY, "0.8"), .side = TT_side_BUY};
    open.signal.entry_price = PRICE("100");
    open.confidence = RATIO("0.8");
    return open;
}

static tutti_status check(const tt_coord_case *open, tt_arbiter_opinion opinion)
{
    tt_error error = {0};
    return tt_coord_check_opinion(open, &opinion, &error);
}

static void a_stop_may_only_come_nearer(void **state)
{
    (void)state;
    static const struct {
        const char *stop;
        tutti_status buy;
        tutti_status sell;
    } rows[] = {
        // A sale has its stop at 102 and its target at 96.
        {"97.99", TUTTI_INVALID, TUTTI_INVALID},
        {"98", TUTTI_OK, TUTTI_INVALID},
        {"98.01", TUTTI_OK, TUTTI_INVALID},
        {"99.99", TUTTI_OK, TUTTI_INVALID},
        {"100", TUTTI_INVALID, TUTTI_INVALID},
        {"100.01", TUTTI_INVALID, TUTTI_OK},
        {"102", TUTTI_INVALID, TUTTI_OK},
        {"102.01", TUTTI_INVALID, TUTTI_INVALID},
        {"-1", TUTTI_INVALID, TUTTI_INVALID},
    };
    tt_coord_case buy = buy_case();
    tt_coord_case sell = buy_case();
    sell.signal = good_signal(TT_action_SELL, "0.8");
    sell.signal.entry_price = PRICE("100");
    sell.side = TT_side_SELL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_arbiter_opinion opinion = {
            .action = TT_resolution_MODIFY, .stop_loss = PRICE(rows[i].stop)};
        assert_int_equal(check(&buy, opinion), rows[i].buy);
        assert_int_equal(check(&sell, opinion), rows[i].sell);
    }
    // At the market the target takes the place of the entry; without both nothing can be compared.
    const tt_arbiter_opinion near = {.action = TT_resolution_MODIFY, .stop_loss = PRICE("103.99")};
    const tt_arbiter_opinion past = {.action = TT_resolution_MODIFY, .stop_loss = PRICE("104")};
    buy.signal.entry_price = PRICE("0");
    assert_int_equal(check(&buy, near), TUTTI_OK);
    assert_int_equal(check(&buy, past), TUTTI_INVALID);
    buy.signal.take_profit = PRICE("0");
    assert_int_equal(check(&buy, near), TUTTI_INVALID);
    buy = buy_case();
    buy.signal.stop_loss = PRICE("0");
    assert_int_equal(check(&buy, near), TUTTI_INVALID);
}

static void numbers_have_their_ranges(void **state)
{
    (void)state;
    tt_coord_case open = buy_case();
    const tt_arbiter_opinion fine = {.action = TT_resolution_PROCEED, .confidence = RATIO("1")};
    assert_int_equal(check(&open, fine), TUTTI_OK);
    tt_arbiter_opinion opinion = fine;
    opinion.confidence = RATIO("1.000000000000000001");
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
    opinion.confidence = RATIO("-0.000000000000000001");
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
    opinion = (tt_arbiter_opinion){.action = TT_resolution_MODIFY, .leverage = 3};
    assert_int_equal(check(&open, opinion), TUTTI_OK);
    opinion.leverage = 4;
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
    open.signal.leverage = 0; // Wanted none, which is 1.
    opinion.leverage = 1;
    assert_int_equal(check(&open, opinion), TUTTI_OK);
    opinion.leverage = 2;
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
    opinion = (tt_arbiter_opinion){
        .action = TT_resolution_MODIFY, .confidence_limit = RATIO("0.800000000000000001")};
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
    opinion.confidence_limit = RATIO("0.8");
    assert_int_equal(check(&open, opinion), TUTTI_OK);
    opinion.action = TT_resolution_WAIT;
    assert_int_equal(check(&open, opinion), TUTTI_INVALID);
}

/* What an arbiter says of itself is replaced by who was asked, and about what. */
static void an_arbiter_cannot_speak_for_another(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    const tt_msg *call = last_question(&desk);
    tt_arbiter_opinion opinion = {
        .action = TT_resolution_WAIT,
        .confidence = RATIO("0.9"),
        .call_seq = 7,
        .case_seq = 7,
        .arbiter = 9,
        .name = "operator",
    };
    give_opinion(&desk, &opinion);
    const tt_arbiter_opinion *said =
        PAYLOAD(desk_last(&desk, TT_TOPIC_ARBITER_OPINIONS), arbiter_opinion);
    assert_int_equal(said->call_seq, call->seq);
    assert_int_equal(said->case_seq, desk_nth(&desk, TT_TOPIC_CONFLICT_CASES, 0)->seq);
    assert_int_equal(said->arbiter, 0);
    assert_string_equal(said->name, "one");
    desk_close(&desk);
}

static void an_answer_of_the_wrong_kind_is_a_failure(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    const tt_trading_signal signal = good_signal(TT_action_BUY, "0.9");
    tt_msg call = *last_question(&desk);
    desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_TRADING_SIGNALS, &signal);
    assert_int_equal(PAYLOAD(last_question(&desk), agent_call)->arbiter, 1);
    assert_int_equal(desk_status(&desk).consecutive_llm_failures, 1);
    call = *last_question(&desk);
    call.key = XRP; // An answer to this call, but about another symbol.
    const tt_arbiter_opinion opinion = {.action = TT_resolution_PROCEED, .confidence = RATIO("1")};
    desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, &opinion);
    assert_int_equal(desk_count(&desk, TT_TOPIC_ARBITER_OPINIONS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS), 1);
    assert_int_equal(desk_status(&desk).total_refused_answers, 2);
    assert_int_equal(desk_status(&desk).open_cases, 0);
    desk_close(&desk);
}

/* 12 s of two arbiters would be too much for the 10 s of the case: refused before it starts. */
static void the_limits_of_a_chain_must_add_up(void **state)
{
    (void)state;
    struct desk desk;
    tt_error error = {0};
    desk_init(&desk);
    add_arbiter(&desk, "one", "0", "0");
    add_arbiter(&desk, "two", "0", "0");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);
    desk.config.arbiters[1].timeout.ns = 6 * TT_NS_PER_S;
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);
    desk.config.arbiters[1].timeout.ns++;
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "coordinator.arbitration.time_limit"));
    TT_TEXT_SET(desk.config.arbiters[1].provider, "rules"); // Rules need no time.
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);
    TT_TEXT_SET(desk.config.arbiters[0].provider, "rules");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    TT_TEXT_SET(desk.config.arbiters[0].provider, "");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    TT_TEXT_SET(desk.config.arbiters[0].provider, "one");
    desk.config.arbiters[0].call_budget = MONEY("0.01");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    desk.config.arbiters[0].day_budget = MONEY("0.01");
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_OK);
    desk.config.arbitration.regime_fallback = TT_resolution_PROCEED;
    assert_int_equal(tt_coord_config_check(&desk.config, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "coordinator.arbitration.regime_fallback"));
}

/* Cases of two symbols live side by side; the state of both survives being copied. */
static void symbols_have_cases_of_their_own(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_regime(&desk, XRP, TT_regime_CHOPPY, "0.8");
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    tt_msg btc = *last_question(&desk);
    desk_signal(&desk, XRP, TT_action_SELL, "1");
    assert_int_equal(desk_status(&desk).open_cases, 2);
    size_t size = 0;
    unsigned char *saved = desk_save(&desk, &size);
    const tt_arbiter_opinion go = {.action = TT_resolution_PROCEED, .confidence = RATIO("0.5")};
    give_opinion(&desk, &go);
    assert_int_equal(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->key, XRP);
    assert_int_equal(desk_status(&desk).open_cases, 1);
    desk_load(&desk, saved);
    assert_int_equal(desk_status(&desk).open_cases, 2);
    desk_answer(&desk, &btc, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, &go);
    assert_int_equal(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS)->key, BTC);
    free(saved);
    desk_close(&desk);
}

/* What waits for a person stands in the status, with what approve must name, until it ends. */
static void what_waits_for_a_person_is_listed(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    assert_int_equal(desk_status(&desk).approval_count, 0); // An arbiter is asked, no person.
    const tt_arbiter_opinion unsure = {
        .action = TT_resolution_PROCEED, .confidence = RATIO("0.29"), .name = "one"};
    give_opinion(&desk, &unsure);
    const tt_msg *stage = desk_last(&desk, TT_TOPIC_CONFLICT_CASES);
    assert_int_equal(PAYLOAD(stage, conflict_case)->stage, TT_case_stage_ESCALATED);
    tt_coord_status status = desk_status(&desk);
    assert_int_equal(status.waiting_approvals, 1);
    assert_int_equal(status.approval_count, 1);
    const tt_coord_approval *waiting = &status.approvals[0];
    assert_int_equal(waiting->key, BTC);
    assert_int_equal(waiting->action, TT_action_BUY);
    assert_num(waiting->confidence, "0.29");
    assert_true(waiting->until.ns == stage->time.ns + 300 * TT_NS_PER_S);
    const tt_coordinator_command approve = {
        .command = TT_command_APPROVE, .subject_seq = waiting->case_seq, .actor = "ada"};
    desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &approve);
    assert_int_equal(
        PAYLOAD(desk_last(&desk, TT_TOPIC_COMMAND_REPLIES), command_reply)->status,
        TT_reply_status_DONE);
    assert_int_equal(desk_status(&desk).approval_count, 0);
    desk_close(&desk);
}

/* An arbiter that was given up counts as all that it may cost, until its answer says what it did.
 */
static void a_late_arbiter_is_paid_what_it_cost(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    const tt_msg first = *last_question(&desk);
    assert_num(desk_status(&desk).reserved, "0.1");
    desk_wait(&desk, "4");
    assert_int_equal(PAYLOAD(last_question(&desk), agent_call)->arbiter, 1);
    assert_num(desk_status(&desk).spent_today, "0.1");
    assert_num(desk_status(&desk).reserved, "0.1"); // Of the second one.
    const tt_agent_answer late = {
        .call_seq = first.seq, .status = TT_answer_status_ERROR, .cost = MONEY("0.02")};
    for (int repeat = 0; repeat < 2; repeat++) {
        desk_say(&desk, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, BTC, &late);
        assert_num(desk_status(&desk).spent_today, "0.02");
    }
    assert_int_equal(desk_status(&desk).open_cases, 1);
    desk_close(&desk);
}

/* A case that ends while no call is out forgets nothing of the one that was given up before. */
static void a_late_answer_counts_after_the_case(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    const tt_msg first = *last_question(&desk);
    desk_wait(&desk, "4"); // the second one is asked, and is not sure: a person decides
    const tt_arbiter_opinion unsure = {
        .action = TT_resolution_PROCEED, .confidence = RATIO("0.29"), .name = "two"};
    give_opinion(&desk, &unsure);
    assert_int_equal(desk_status(&desk).waiting_approvals, 1);
    tt_money spent = desk_status(&desk).spent_today; // all that the first may cost is in it
    desk_signal(&desk, BTC, TT_action_HOLD, "1");    // a newer word ends the case
    assert_int_equal(desk_status(&desk).open_cases, 0);
    const tt_agent_answer late = {
        .call_seq = first.seq, .status = TT_answer_status_ERROR, .cost = MONEY("0.02")};
    desk_say(&desk, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_HOST, BTC, &late);
    tt_dec less = tt_dec_xsub(spent.d, desk_status(&desk).spent_today.d);
    assert_num((tt_money){less}, "0.08");
    desk_close(&desk);
}

/* Random answers, times and commands: at most one case a symbol, every case ends in exactly one
 * decision, and nothing stays reserved when nothing is asked. */
/* What the arbiter lets through is looked at again: meanwhile a person has paused. */
static void a_trade_that_may_no_longer_be_made_is_counted(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk_signal(&desk, BTC, TT_action_BUY, "1");
    const tt_msg call = *last_question(&desk);
    desk_command(&desk, TT_command_PAUSE, 0, 0);
    const tt_arbiter_opinion opinion = {
        .action = TT_resolution_PROCEED, .confidence = RATIO("0.9")};
    desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, &opinion);
    const tt_conflict_decision *end =
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
    assert_non_null(strstr(end->reasoning, "no trade: the coordinator is not running"));
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    assert_int_equal(desk_status(&desk).total_entries_suppressed, 1);
    desk_close(&desk);
}

static void every_case_ends_once(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    uint64_t random = 12345;
    uint32_t opened = 0;
    uint32_t decided = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t dice = (uint32_t)(random >> 33) % 10;
        tt_coord_case *open = &desk.coord->cases[BTC - 1];
        if (i % 50 == 0) {
            desk_regime(&desk, BTC, TT_regime_CHOPPY, "0.8");
        }
        if (dice < 3) {
            desk_signal(&desk, BTC, dice == 0 ? TT_action_HOLD : TT_action_BUY, "1");
        } else if (dice < 5 && open->state == COORD_CASE_ASKING) {
            const tt_msg call = {.seq = open->call_seq, .key = BTC};
            const tt_arbiter_opinion opinion = {
                .action = (uint8_t)((random >> 20) % TT_resolution_COUNT),
                .confidence.d = tt_dec_from_i64((int64_t)((random >> 24) % 12), 1),
                .leverage = (uint8_t)((random >> 28) % 5),
            };
            desk_answer(&desk, &call, TT_answer_status_OK, TT_TOPIC_ARBITER_OPINIONS, &opinion);
        } else if (dice == 5) {
            tt_coordinator_command command = {
                .command = (random >> 20) % 2 ? TT_command_APPROVE : TT_command_REJECT,
                .subject_seq = open->decision.case_seq,
            };
            desk_say(&desk, TT_TOPIC_COORDINATOR_COMMANDS, TT_SOURCE_OPERATOR, 0, &command);
        } else if (dice == 6) {
            desk_session(&desk, TT_session_event_type_RECOVERED);
        } else {
            desk_wait(&desk, "1.5");
        }
        for (uint32_t n = 0; n < desk_count(&desk, TT_TOPIC_CONFLICT_CASES); n++) {
            opened += PAYLOAD(desk_nth(&desk, TT_TOPIC_CONFLICT_CASES, n), conflict_case)->stage ==
                      TT_case_stage_OPENED;
        }
        for (uint32_t n = 0; n < desk_count(&desk, TT_TOPIC_CONFLICT_DECISIONS); n++) {
            const tt_msg *msg = desk_nth(&desk, TT_TOPIC_CONFLICT_DECISIONS, n);
            decided += PAYLOAD(msg, conflict_decision)->case_seq != 0;
        }
        desk_forget(&desk);
        assert_int_equal(opened, decided + (open->state != COORD_CASE_NONE));
        bool holds = open->state == COORD_CASE_ASKING;
        assert_int_equal(open->call_seq != 0, holds);
        assert_int_equal(!tt_dec_is_zero(desk_status(&desk).reserved.d), holds);
        assert_int_equal(open->timer.n != 0, open->state != COORD_CASE_NONE);
    }
    assert_true(opened > 100);
    const tt_sm_counts *counts = tt_coord_machine_counts(desk.coord, TT_COORD_MACHINE_CASE);
    assert_int_equal(
        tt_sm_find_untaken(&tt_coord_case_def, counts, 0), tt_coord_case_def.row_count);
    desk_close(&desk);
}

/* REDUCED asks the first arbiter alone, LIMITED none; each that is left out is told. */
static void the_level_bars_arbiters(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk);
    desk.coord->config.degradation.store_outage = 100000;
    const tt_health_report report = {.part = TT_part_STORE, .message = "gone"};
    desk_say(&desk, TT_TOPIC_HEALTH_REPORTS, TT_SOURCE_HOST, 0, &report);
    assert_int_equal(desk_status(&desk).degradation, TT_degradation_REDUCED);
    assert_null(tt_coord_degradation_bars(desk.coord, 0));
    assert_non_null(tt_coord_degradation_bars(desk.coord, 1));
    desk_signal(&desk, BTC, TT_action_BUY, "0.9");
    desk_wait(&desk, "4");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 1);
    const tt_conflict_case *stage =
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_CASES), conflict_case);
    assert_int_equal(stage->stage, TT_case_stage_ARBITER_SKIPPED);
    assert_string_equal(stage->name, "two");
    assert_string_equal(stage->reason, "only the first arbiter is asked at this degradation level");
    desk.coord->state->degradation = TT_degradation_LIMITED;
    assert_non_null(tt_coord_degradation_bars(desk.coord, 0));
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_may_only_come_nearer),
        cmocka_unit_test(numbers_have_their_ranges),
        cmocka_unit_test(an_arbiter_cannot_speak_for_another),
        cmocka_unit_test(an_answer_of_the_wrong_kind_is_a_failure),
        cmocka_unit_test(the_limits_of_a_chain_must_add_up),
        cmocka_unit_test(symbols_have_cases_of_their_own),
        cmocka_unit_test(what_waits_for_a_person_is_listed),
        cmocka_unit_test(a_late_arbiter_is_paid_what_it_cost),
        cmocka_unit_test(a_late_answer_counts_after_the_case),
        cmocka_unit_test(a_trade_that_may_no_longer_be_made_is_counted),
        cmocka_unit_test(every_case_ends_once),
        cmocka_unit_test(the_level_bars_arbiters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
