/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Votes are judged by the first price four hours later.
 *
 * Covers: votes.c
 */
#include "../../lib/test.h"
#include "report/votes.h"

enum {
    HOUR = 3600,
    HORIZON = TT_VOTE_HORIZON_HOURS * HOUR
};

static tt_vote_board *board;

static int set_up(void **state)
{
    (void)state;
    return tt_vote_board_new(2, &board) == TUTTI_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tt_vote_board_free(board);
    return 0;
}

static tt_time at(int64_t seconds)
{
    return (tt_time){seconds * TT_NS_PER_S};
}

/* A price in hundredths. */
static void price(uint32_t instrument, int64_t seconds, int64_t hundredths)
{
    tt_vote_board_price(board, instrument, at(seconds), tt_dec_from_i64(hundredths, 2));
}

/* One vote of one model, with a confidence in hundredths. */
static void
vote(uint32_t instrument, int64_t seconds, const char *model, tt_action action, int64_t confidence)
{
    tt_trading_signal signal = {.count = 1};
    signal.votes[0].action = (uint8_t)action;
    signal.votes[0].confidence.d = tt_dec_from_i64(confidence, 2);
    TT_TEXT_SET(signal.votes[0].model, model);
    tt_vote_board_signal(board, instrument, at(seconds), &signal);
}

static const tt_model_score *score_of(const char *model)
{
    uint32_t count = 0;
    const tt_model_score *scores = tt_vote_board_scores(board, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(scores[i].model, model) == 0) {
            return &scores[i];
        }
    }
    fail_msg("%s has no score", model);
    return NULL;
}

/* What one vote at a price of 100 comes to when the price is `later`, in hundredths. */
static uint64_t right_at(tt_action action, int64_t later)
{
    tt_vote_board_free(board);
    assert_int_equal(tt_vote_board_new(1, &board), TUTTI_OK);
    price(1, 0, 10000);
    vote(1, 0, "m", action, 50);
    price(1, HORIZON, later);
    assert_int_equal(score_of("m")->judged, 1);
    return score_of("m")->right;
}

static void each_action_has_its_rule(void **state)
{
    (void)state;
    static const struct {
        tt_action action;
        int64_t later;
        uint64_t right;
    } rows[] = {
        {TT_action_BUY, 10001, 1},
        {TT_action_BUY, 10000, 0},
        {TT_action_BUY, 9999, 0},
        {TT_action_SELL, 9999, 1},
        {TT_action_SELL, 10000, 0},
        {TT_action_SELL, 10001, 0},
        {TT_action_CLOSE_SHORT, 10001, 1},
        {TT_action_CLOSE_SHORT, 9999, 0},
        {TT_action_CLOSE_LONG, 9999, 1},
        {TT_action_CLOSE_LONG, 10001, 0},
        {TT_action_HOLD, 10200, 1},
        {TT_action_HOLD, 10201, 0},
        {TT_action_HOLD, 9800, 1},
        {TT_action_HOLD, 9799, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(right_at(rows[i].action, rows[i].later), rows[i].right);
    }
}

static void the_first_price_from_then_on_judges(void **state)
{
    (void)state;
    price(1, 0, 10000);
    vote(1, 10, "m", TT_action_BUY, 50);
    vote(1, 20, "m", TT_action_BUY, 50);
    price(1, 10 + HORIZON - 1, 9000);
    assert_int_equal(score_of("m")->judged, 0);
    price(1, 10 + HORIZON, 11000);
    assert_int_equal(score_of("m")->judged, 1);
    assert_int_equal(score_of("m")->right, 1);
    price(1, 20 + HORIZON, 9000);
    assert_int_equal(score_of("m")->judged, 2);
    assert_int_equal(score_of("m")->right, 1);
    price(1, 20 + 2 * HORIZON, 9000);
    assert_int_equal(score_of("m")->judged, 2);
}

static void instruments_and_models_are_told_apart(void **state)
{
    (void)state;
    price(1, 0, 10000);
    price(2, 0, 500);
    vote(1, 0, "a", TT_action_BUY, 70);
    vote(2, 0, "a", TT_action_SELL, 80);
    vote(2, 0, "b", TT_action_HOLD, 40);
    price(2, HORIZON, 400);
    const tt_model_score *a = score_of("a");
    const tt_model_score *b = score_of("b");
    assert_int_equal(a->votes, 2);
    assert_int_equal(a->judged, 1);
    assert_int_equal(a->right, 1);
    assert_int_equal(a->actions[TT_action_BUY], 1);
    assert_int_equal(a->actions[TT_action_SELL], 1);
    assert_true(tt_dec_eq(a->confidence, TT_DEC_C(15, 1)));
    assert_int_equal(b->judged, 1);
    assert_int_equal(b->right, 0);
}

static void without_a_price_a_vote_is_counted_and_not_judged(void **state)
{
    (void)state;
    vote(1, 0, "m", TT_action_BUY, 50);
    price(1, HORIZON, 10000);
    assert_int_equal(score_of("m")->votes, 1);
    assert_int_equal(score_of("m")->judged, 0);
}

static void what_waits_is_bounded(void **state)
{
    (void)state;
    price(1, 0, 10000);
    for (int i = 0; i < TT_VOTE_WAITING_MAX + 3; i++) {
        vote(1, i, "m", TT_action_BUY, 50);
    }
    price(1, HORIZON + 10 * HOUR, 10001);
    assert_int_equal(score_of("m")->votes, TT_VOTE_WAITING_MAX + 3);
    assert_int_equal(score_of("m")->judged, TT_VOTE_WAITING_MAX);
}

static void further_models_are_counted_as_lost(void **state)
{
    (void)state;
    uint32_t count = 0;
    price(1, 0, 10000);
    for (int i = 0; i < TT_VOTE_MODELS_MAX + 2; i++) {
        char model[16];
        (void)snprintf(model, sizeof model, "m%d", i);
        vote(1, 0, model, TT_action_BUY, 50);
    }
    (void)tt_vote_board_scores(board, &count);
    assert_int_equal(count, TT_VOTE_MODELS_MAX);
    assert_int_equal(tt_vote_board_lost(board), 2);
    price(1, HORIZON, 10001);
    assert_int_equal(score_of("m31")->right, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_action_has_its_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_price_from_then_on_judges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(instruments_and_models_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            without_a_price_a_vote_is_counted_and_not_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_waits_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(further_models_are_counted_as_lost, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
