/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers as bytes: only the used items of a list are in the body.
 */
#include "agent/agent.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

static void test_body_of_a_payload_without_a_list(void **state)
{
    (void)state;
    tt_agent_answer answer = {.status = TT_answer_status_ERROR};
    tt_sentiment_update update = {.score = {TT_DEC_C(5, 1)}};
    memset(answer.body, 0x77, sizeof answer.body);
    tt_agent_answer_set(&answer, TT_TOPIC_SENTIMENT_UPDATES, &update);
    assert_int_equal(answer.status, TT_answer_status_OK);
    assert_int_equal(answer.answer_topic, TT_TOPIC_SENTIMENT_UPDATES);
    assert_int_equal(answer.count, sizeof update);
    assert_memory_equal(answer.body, &update, sizeof update);
    for (size_t i = sizeof update; i < sizeof answer.body; i++) {
        assert_int_equal(answer.body[i].byte, 0);
    }
}

static void test_body_carries_the_used_items_only(void **state)
{
    (void)state;
    tt_agent_answer answer = {0};
    tt_trading_signal signal = {.count = 2};
    memset(signal.votes, 0x55, sizeof signal.votes);
    tt_agent_answer_set(&answer, TT_TOPIC_TRADING_SIGNALS, &signal);
    assert_int_equal(answer.count, offsetof(tt_trading_signal, votes) + 2 * sizeof(tt_model_vote));
    assert_memory_equal(answer.body, &signal, answer.count);
    assert_int_equal(answer.body[answer.count].byte, 0);
}

static void test_every_output_of_an_agent_fits(void **state)
{
    (void)state;
    const tt_topic topics[] = {
        TT_TOPIC_TA_SIGNALS,
        TT_TOPIC_REGIME_UPDATES,
        TT_TOPIC_SENTIMENT_UPDATES,
        TT_TOPIC_TRADING_SIGNALS,
        TT_TOPIC_PORTFOLIO_UPDATES};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        assert_true(tt_topic_info_get((uint16_t)topics[i])->layout->size <= TT_MAX_answer_byte);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_of_a_payload_without_a_list),
        cmocka_unit_test(test_body_carries_the_used_items_only),
        cmocka_unit_test(test_every_output_of_an_agent_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
