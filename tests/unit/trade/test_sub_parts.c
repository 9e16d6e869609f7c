/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Positions by their parts: who closes gives what he holds, and stops are of what is traded. The
 * fixture asserts all sums after every step.
 */
#include "fixture.h"

#include <string.h>

#define DECISION TT_SOURCE_AGENT_DECISION

/* A verdict that goes back to a source: by its signal, or by its own proposal. */
static void judge(fixture *f, tt_source source, tt_risk_verdict verdict)
{
    tt_trade_proposal proposal = {.side = verdict.side};
    tt_bus_post post = {.topic = TT_TOPIC_TRADE_PROPOSALS, .source = (uint16_t)source, .key = 1};
    tt_bus_begin(f->core.bus, f->now);
    if (source != TT_SOURCE_PORTFOLIO) {
        tt_trading_signal signal = {.action = TT_action_BUY};
        tt_bus_post said = {
            .topic = TT_TOPIC_TRADING_SIGNALS,
            .source = (uint16_t)source,
            .key = 1,
            .payload = &signal,
        };
        assert_int_equal(tt_bus_publish(f->core.bus, &said, &proposal.signal_seq), TUTTI_OK);
        post.source = TT_SOURCE_COORDINATOR;
    }
    post.payload = &proposal;
    assert_int_equal(tt_bus_publish(f->core.bus, &post, &verdict.proposal_seq), TUTTI_OK);
    tt_bus_run(f->core.bus);
    verdict.status = TT_verdict_APPROVED;
    step(f, TT_TOPIC_RISK_VERDICTS, 1, &verdict);
}

static uint64_t enter(fixture *f, tt_source source, const char *qty, const char *stop)
{
    bool is_portfolio = source == TT_SOURCE_PORTFOLIO;
    tt_risk_verdict verdict = {
        .qty = {dec(qty)},
        .reference_price = {dec("100")},
        .kind = is_portfolio ? TT_proposal_kind_REBALANCE : TT_proposal_kind_ENTRY,
        .side = TT_side_BUY,
        .leverage_after = 1,
    };
    if (stop != NULL) {
        verdict.stop_loss.d = dec(stop);
    }
    judge(f, source, verdict);
    return sent_intent(f, TT_order_role_ENTRY)->order_id;
}

static void hold(fixture *f, tt_source source, const char *qty, const char *stop, uint64_t exec)
{
    fill(f, enter(f, source, qty, stop), exec, qty, "100");
}

static void close_of(fixture *f, tt_source source)
{
    judge(f, source, (tt_risk_verdict){.kind = TT_proposal_kind_CLOSE, .side = TT_side_SELL});
}

static void reduce_of(fixture *f, tt_source source, const char *qty)
{
    judge(
        f,
        source,
        (tt_risk_verdict){
            .kind = TT_proposal_kind_REBALANCE,
            .side = TT_side_SELL,
            .qty = {dec(qty)},
            .position_id = f->trade->books->positions[0].position_id,
        });
}

static tt_dec held(const fixture *f, tt_source source)
{
    for (uint32_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        if (f->trade->sub_accounts->list[i].source == source) {
            return f->trade->sub_accounts->list[i].positions[0].qty.d;
        }
    }
    return TT_DEC_ZERO;
}

static int setup(void **state)
{
    int result = fixture_setup(state);
    fixture *f = *state;
    f->trade->config.account.sub_accounts = true;
    return result;
}

static void a_close_takes_what_its_source_holds(void **state)
{
    fixture *f = *state;
    hold(f, DECISION, "1", NULL, 1);
    hold(f, TT_SOURCE_STRATEGY, "2", NULL, 2);
    close_of(f, DECISION);
    assert_dec(sent_intent(f, TT_order_role_CLOSE)->qty.d, "1");
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 3, "1", "110");
    assert_dec(held(f, DECISION), "0");
    assert_dec(held(f, TT_SOURCE_STRATEGY), "2");
    assert_false(tt_close_is_active(f->trade, 1));
    /* Who holds nothing closes nothing. */
    close_of(f, DECISION);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    const tt_risk_alert *alert = sent_one(f, TT_TOPIC_RISK_ALERTS);
    assert_int_equal(alert->code, TT_risk_code_NO_POSITION);
    assert_string_equal(alert->message, "approved close not sent: others hold the position");
}

/* Both at once: the second one waits for the order of the first, and each sells its own. */
static void two_closes_at_once_take_their_own(void **state)
{
    fixture *f = *state;
    hold(f, DECISION, "1", NULL, 1);
    hold(f, TT_SOURCE_STRATEGY, "2", NULL, 2);
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 3);
    close_of(f, TT_SOURCE_STRATEGY);
    uint64_t first = sent_intent(f, TT_order_role_CLOSE)->order_id;
    close_of(f, DECISION);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    reduce_of(f, TT_SOURCE_PORTFOLIO, "1");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    fill(f, first, 4, "2", "110");
    const tt_order_intent *next = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(next->qty.d, "1");
    fill(f, next->order_id, 5, "1", "110");
    next = sent_intent(f, TT_order_role_REBALANCE);
    assert_dec(next->qty.d, "1");
    assert_int_equal(next->exit_reason, TT_exit_reason_REBALANCE);
    fill(f, next->order_id, 6, "1", "110");
    assert_dec(held(f, TT_SOURCE_STRATEGY), "0");
    assert_dec(held(f, DECISION), "0");
    assert_dec(held(f, TT_SOURCE_PORTFOLIO), "3");
    assert_false(tt_close_is_active(f->trade, 1));
}

static void a_close_withdraws_only_its_own_entries(void **state)
{
    fixture *f = *state;
    hold(f, DECISION, "1", NULL, 1);
    uint64_t own = enter(f, DECISION, "0.5", NULL);
    uint64_t other = enter(f, TT_SOURCE_STRATEGY, "2", NULL);
    close_of(f, DECISION);
    assert_true(((const tt_order_cancel *)sent_one(f, TT_TOPIC_ORDER_CANCELS))->order_id == own);
    assert_int_equal(order(f, other)->cancel_reason, TT_CANCEL_NONE);
    uint64_t first = sent_intent(f, TT_order_role_CLOSE)->order_id;
    fill(f, other, 2, "2", "100");
    /* The own entry fills after all: that goes too, and nothing else. */
    fill(f, own, 3, "0.5", "100");
    fill(f, first, 4, "1", "100");
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 5, "0.5", "100");
    assert_dec(held(f, DECISION), "0");
    assert_dec(held(f, TT_SOURCE_STRATEGY), "2");
}

/* What became the stop's is not the close's any more: its order must not take another's part. */
static void a_close_that_is_done_otherwise_is_withdrawn(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    hold(f, DECISION, "1", "95", 2);
    close_of(f, DECISION);
    uint64_t close = sent_intent(f, TT_order_role_CLOSE)->order_id;
    fill(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, 3, "1", "95");
    assert_dec(held(f, DECISION), "0");
    assert_int_equal(order(f, close)->cancel_reason, TT_CANCEL_FLAT);
    say(f, close, TT_report_kind_CANCELLED);
    assert_dec(held(f, TT_SOURCE_PORTFOLIO), "4");
    assert_false(tt_close_is_active(f->trade, 1));
}

static void stops_are_of_what_is_traded(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    assert_null(live(f, 1, TT_order_role_STOP_LOSS));
    hold(f, DECISION, "1", "95", 2);
    assert_dec(live(f, 1, TT_order_role_STOP_LOSS)->intent.qty.d, "1");
    assert_dec(tt_sub_allocated(f->trade, 1).d, "4");
    assert_dec(tt_sub_traded(f->trade, 1).d, "1");
    say(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, TT_report_kind_ACCEPTED);
    hold(f, TT_SOURCE_PORTFOLIO, "2", NULL, 3); /* More of the allocation changes no stop. */
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    close_of(f, TT_SOURCE_PORTFOLIO);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 4, "6", "100");
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
    assert_dec(live(f, 1, TT_order_role_STOP_LOSS)->intent.qty.d, "1");
    assert_dec(f->trade->books->positions[0].stop_loss.d, "95");
}

/* The venue refuses the stop: what is traded goes at the market, also while the portfolio sells. */
static void a_failed_stop_leaves_the_allocation(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    hold(f, DECISION, "1", "95", 2);
    reduce_of(f, TT_SOURCE_PORTFOLIO, "1");
    uint64_t sale = sent_intent(f, TT_order_role_REBALANCE)->order_id;
    say(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, TT_report_kind_REJECTED);
    fill(f, sale, 3, "1", "100");
    const tt_order_intent *close = sent_intent(f, TT_order_role_CLOSE);
    assert_int_equal(close->exit_reason, TT_exit_reason_STOP_FAILED);
    assert_dec(close->qty.d, "1");
    fill(f, close->order_id, 4, "1", "100");
    assert_dec(held(f, TT_SOURCE_PORTFOLIO), "3");
    assert_dec(held(f, DECISION), "0");
    assert_dec(f->trade->books->positions[0].stop_loss.d, "0");
    assert_false(tt_close_is_active(f->trade, 1));
}

/* The parts are told before the fill; the position is named by the fill all the same. */
static void a_position_is_named_by_its_first_fill(void **state)
{
    fixture *f = *state;
    hold(f, DECISION, "1", "95", 1);
    const tt_fill *opened = sent_one(f, TT_TOPIC_FILLS);
    assert_int_equal(sent_count(f, TT_TOPIC_SUB_ACCOUNT_UPDATES), 1);
    assert_int_equal(opened->position_id, opened->fill_id);
    assert_int_equal(f->trade->books->positions[0].position_id, opened->fill_id);
}

/* One stop protects what all have traded. Who joins may bring it closer for the others, but never
 * away from where their part was approved; alone again, the newest level counts. */
static void nobody_loosens_the_stop_of_another(void **state)
{
    fixture *f = *state;
    const tt_position *position = &f->trade->books->positions[0];
    hold(f, DECISION, "1", "95", 1);
    hold(f, TT_SOURCE_STRATEGY, "2", "90", 2);
    assert_dec(position->stop_loss.d, "95");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->trigger_price.d, "95");
    assert_dec(sent_intent(f, TT_order_role_STOP_LOSS)->qty.d, "3");
    hold(f, TT_SOURCE_STRATEGY, "1", "97", 3);
    assert_dec(position->stop_loss.d, "97");
    hold(f, TT_SOURCE_STRATEGY, "1", "92", 4);
    assert_dec(position->stop_loss.d, "97");
    close_of(f, DECISION);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 5, "1", "100");
    hold(f, TT_SOURCE_STRATEGY, "1", "92", 6);
    assert_dec(position->stop_loss.d, "92");
}

/* Of a short position a closer stop is a lower one. */
static void nobody_loosens_the_stop_of_a_short_part(void **state)
{
    fixture *f = *state;
    static const struct {
        tt_source source;
        const char *stop;
        const char *in_force;
    } rows[] = {
        {DECISION, "105", "105"},
        {TT_SOURCE_STRATEGY, "110", "105"},
        {TT_SOURCE_STRATEGY, "103", "103"},
    };
    for (uint64_t i = 0; i < 3; i++) {
        tt_risk_verdict verdict = {
            .qty = {dec("1")},
            .reference_price = {dec("100")},
            .stop_loss = {dec(rows[i].stop)},
            .kind = TT_proposal_kind_ENTRY,
            .side = TT_side_SELL,
            .leverage_after = 1,
        };
        judge(f, rows[i].source, verdict);
        fill(f, sent_intent(f, TT_order_role_ENTRY)->order_id, i + 1, "1", "100");
        assert_dec(f->trade->books->positions[0].stop_loss.d, rows[i].in_force);
    }
}

/* The portfolio has no stop: beside it a trader is alone. */
static void beside_an_allocation_the_newest_stop_counts(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    hold(f, DECISION, "1", "95", 2);
    hold(f, DECISION, "1", "90", 3);
    assert_dec(f->trade->books->positions[0].stop_loss.d, "90");
}

/* The average price of the rules is that of what is traded, not of the allocation. */
static void rules_count_from_what_is_traded(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    assert_true(tt_exit_is_over(f->trade, 1));
    fill(f, enter(f, DECISION, "1", "95"), 2, "1", "120");
    assert_dec(f->trade->exits[0].entry.d, "120");
    assert_dec(f->trade->exits[0].held.d, "1");
    assert_false(tt_exit_is_over(f->trade, 1));
    close_of(f, DECISION);
    fill(f, sent_intent(f, TT_order_role_CLOSE)->order_id, 3, "1", "120");
    assert_true(tt_exit_is_over(f->trade, 1));
}

static void a_command_closes_all_parts(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    hold(f, DECISION, "1", "95", 2);
    close_of(f, DECISION);
    uint64_t part = sent_intent(f, TT_order_role_CLOSE)->order_id;
    command(f, 1, TT_position_command_type_CLOSE, TT_exit_reason_OPERATOR, NULL);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_INTENTS), 0);
    fill(f, part, 3, "1", "100");
    const tt_order_intent *rest = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(rest->qty.d, "4");
    assert_int_equal(rest->exit_reason, TT_exit_reason_OPERATOR);
    fill(f, rest->order_id, 4, "4", "100");
    assert_dec(f->trade->books->positions[0].qty.d, "0");
}

/* What nobody stands for goes with the close of whoever asks first. */
static void a_close_takes_what_nobody_stands_for(void **state)
{
    fixture *f = *state;
    open_long(f, NULL, NULL); /* Without a source: the house's. */
    hold(f, DECISION, "2", NULL, 2);
    hold(f, TT_SOURCE_STRATEGY, "3", NULL, 3);
    close_of(f, DECISION);
    const tt_order_intent *first = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(first->qty.d, "2");
    fill(f, first->order_id, 4, "2", "100");
    const tt_order_intent *second = sent_intent(f, TT_order_role_CLOSE);
    assert_dec(second->qty.d, "1");
    fill(f, second->order_id, 5, "1", "100");
    assert_dec(f->trade->sub_accounts->list[0].positions[0].qty.d, "0");
    assert_dec(held(f, TT_SOURCE_STRATEGY), "3");
}

static void a_person_sets_no_stop_on_an_allocation(void **state)
{
    fixture *f = *state;
    hold(f, TT_SOURCE_PORTFOLIO, "4", NULL, 1);
    const tt_coordinator_command wish = {
        .command = TT_command_PROTECT_POSITION,
        .subject_seq = f->trade->books->positions[0].position_id,
        .stop_loss = {dec("90")},
    };
    step(f, TT_TOPIC_COORDINATOR_COMMANDS, 0, &wish);
    const tt_command_reply *reply = sent_one(f, TT_TOPIC_COMMAND_REPLIES);
    assert_int_equal(reply->status, TT_reply_status_REFUSED);
    assert_non_null(strstr(reply->message, "the portfolio has allocated it"));
    assert_null(live(f, 1, TT_order_role_STOP_LOSS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_close_takes_what_its_source_holds),
        TEST(two_closes_at_once_take_their_own),
        TEST(a_close_withdraws_only_its_own_entries),
        TEST(a_close_that_is_done_otherwise_is_withdrawn),
        TEST(stops_are_of_what_is_traded),
        TEST(a_failed_stop_leaves_the_allocation),
        TEST(a_position_is_named_by_its_first_fill),
        TEST(nobody_loosens_the_stop_of_another),
        TEST(nobody_loosens_the_stop_of_a_short_part),
        TEST(beside_an_allocation_the_newest_stop_counts),
        TEST(rules_count_from_what_is_traded),
        TEST(a_command_closes_all_parts),
        TEST(a_close_takes_what_nobody_stands_for),
        TEST(a_person_sets_no_stop_on_an_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
