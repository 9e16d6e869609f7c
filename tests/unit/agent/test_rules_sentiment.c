/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The agent of recorded sentiment: answers, cuts of the bias, ages, no opinion.
 */
#include "agent/rules_sentiment.h"
#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

/** An entry at second 900; the call is at second 1000. */
static tt_sentiment_entry entry;
static tt_sentiment_agent agent;
static tt_agent_request request;

static int setup(void **state)
{
    (void)state;
    entry = (tt_sentiment_entry){
        .time = {900 * TT_NS_PER_S},
        .key = 1,
        .score = ratio_of(25),
        .confidence = ratio_of(70),
        .social = ratio_of(10),
        .news = ratio_of(40),
        .event = "upgrade",
        .has_social = true,
        .has_news = true};
    agent = (tt_sentiment_agent){
        .record = {.entries = &entry, .count = 1, .capacity = 1},
        .max_age = {100 * TT_NS_PER_S},
        .has_file = true};
    request = fixture_request(fixture_indicators());
    return 0;
}

static tt_sentiment_update answer_of(void)
{
    tt_agent_answer answer = fixture_ask(tt_agent_rules_sentiment, &agent, &request);
    tt_sentiment_update update;
    FIXTURE_BODY(answer, SENTIMENT_UPDATES, update);
    assert_string_equal(answer.model, "record-sentiment-1");
    return update;
}

static void expect_no_opinion(const char *why)
{
    tt_agent_answer answer = fixture_ask(tt_agent_rules_sentiment, &agent, &request);
    assert_int_equal(answer.status, TT_answer_status_NO_OPINION);
    assert_string_equal(answer.error, why);
    assert_int_equal(answer.count, 0);
}

static void test_answer(void **state)
{
    (void)state;
    tt_sentiment_update update = answer_of();
    assert_true(is_ratio(update.score, 25));
    assert_true(is_ratio(update.fear_greed, 25));
    assert_true(is_ratio(update.social_score, 10));
    assert_true(is_ratio(update.news_score, 40));
    assert_true(is_ratio(update.confidence, 70));
    assert_int_equal(update.bias, TT_sentiment_bias_BULLISH);
    assert_int_equal(update.call_seq, FIXTURE_CALL);
    assert_string_equal(update.key_event, "upgrade");
    assert_string_equal(
        update.reasoning,
        "recorded 1970-01-01T00:15:00Z, 100 s ago: score 0.25, social 0.1, news 0.4");
    entry.has_news = false;
    update = answer_of();
    assert_string_equal(
        update.reasoning,
        "recorded 1970-01-01T00:15:00Z, 100 s ago: score 0.25, social 0.1, news none");
}

static void test_cuts_of_the_bias(void **state)
{
    (void)state;
    const struct {
        int64_t score;
        tt_sentiment_bias bias;
    } rows[] = {
        {100, TT_sentiment_bias_VERY_BULLISH},
        {60, TT_sentiment_bias_VERY_BULLISH},
        {59, TT_sentiment_bias_BULLISH},
        {20, TT_sentiment_bias_BULLISH},
        {19, TT_sentiment_bias_NEUTRAL},
        {-20, TT_sentiment_bias_NEUTRAL},
        {-21, TT_sentiment_bias_BEARISH},
        {-60, TT_sentiment_bias_BEARISH},
        {-61, TT_sentiment_bias_VERY_BEARISH},
        {-100, TT_sentiment_bias_VERY_BEARISH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        entry.score = ratio_of(rows[i].score);
        assert_int_equal(answer_of().bias, rows[i].bias);
    }
}

static void test_age(void **state)
{
    (void)state;
    request.now.ns += 1;
    expect_no_opinion("the latest entry of this symbol is too old");
    request.now.ns = 899 * TT_NS_PER_S; // it is not known yet
    expect_no_opinion("the record has no entry of this symbol so far");
    request.now.ns = 900 * TT_NS_PER_S;
    (void)answer_of();
}

static void test_no_opinion(void **state)
{
    (void)state;
    request.key = 2;
    expect_no_opinion("the record has no entry of this symbol so far");
    agent = (tt_sentiment_agent){.has_file = false};
    expect_no_opinion("no sentiment record is configured");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_answer, setup),
        cmocka_unit_test_setup(test_cuts_of_the_bias, setup),
        cmocka_unit_test_setup(test_age, setup),
        cmocka_unit_test_setup(test_no_opinion, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
