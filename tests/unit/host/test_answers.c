/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The queue of answers: order, ties, bound; and what a call without an agent answers.
 */
#include "../../lib/test.h"
#include "host/answers.h"

static tt_answer_item item_at(int64_t ns, uint32_t key)
{
    return (tt_answer_item){.time = {ns}, .key = key};
}

static void pops_by_time_then_by_order_of_asking(void **state)
{
    (void)state;
    static const int64_t times[] = {50, 10, 30, 10, 40, 10, 20};
    static const uint32_t wanted[] = {1, 3, 5, 6, 2, 4, 0};
    tt_answer_queue queue;
    assert_int_equal(tt_answer_queue_init(&queue, 8), TUTTI_OK);
    for (uint32_t i = 0; i < 7; i++) {
        tt_answer_item item = item_at(times[i], i);
        assert_int_equal(tt_answer_queue_push(&queue, &item), TUTTI_OK);
    }
    for (uint32_t i = 0; i < 7; i++) {
        tt_answer_item item;
        assert_int_equal(tt_answer_queue_next(&queue).ns, times[wanted[i]]);
        tt_answer_queue_pop(&queue, &item);
        assert_int_equal(item.key, wanted[i]);
    }
    assert_int_equal(tt_answer_queue_next(&queue).ns, TT_TIME_NEVER.ns);
    tt_answer_queue_fini(&queue);
}

static void refuses_at_its_bound(void **state)
{
    (void)state;
    tt_answer_queue queue;
    tt_answer_item item = item_at(1, 1);
    assert_int_equal(tt_answer_queue_init(&queue, 2), TUTTI_OK);
    assert_int_equal(tt_answer_queue_push(&queue, &item), TUTTI_OK);
    assert_int_equal(tt_answer_queue_push(&queue, &item), TUTTI_OK);
    assert_int_equal(tt_answer_queue_push(&queue, &item), TUTTI_LIMIT);
    tt_answer_queue_pop(&queue, &item);
    assert_int_equal(tt_answer_queue_push(&queue, &item), TUTTI_OK);
    tt_answer_queue_fini(&queue);
}

static void call_without_an_agent_is_an_error_with_a_reason(void **state)
{
    (void)state;
    static const tt_agent_slot nobody = {0};
    static tt_instruments instruments;
    static tt_agent_request request;
    tt_answer_item item;
    request.call.agent = TT_agent_REGIME_DETECTION;
    request.call_seq = 77;
    request.key = 3;
    tt_agent_slot_call(&nobody, &instruments, &request, &item);
    assert_int_equal(item.answer.status, TT_answer_status_ERROR);
    assert_string_equal(item.answer.error, "no such agent is configured");
    assert_int_equal(item.answer.call_seq, 77);
    assert_int_equal(item.source, TT_SOURCE_AGENT_REGIME);
    assert_int_equal(item.cause, 77);
    assert_int_equal(item.key, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pops_by_time_then_by_order_of_asking),
        cmocka_unit_test(refuses_at_its_bound),
        cmocka_unit_test(call_without_an_agent_is_an_error_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
