/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The minute, the breaker and the classes of repetition.
 */
#include "../../lib/test.h"
#include "llm/llm_limits.h"

#define S TT_NS_PER_S

static void no_minute_holds_more_than_the_limit(void **state)
{
    (void)state;
    tt_llm_rate rate;
    tt_llm_rate_init(&rate, 3);
    assert_int_equal(tt_llm_rate_take(&rate, 0).ns, 0);
    assert_int_equal(tt_llm_rate_take(&rate, 10 * S).ns, 0);
    assert_int_equal(tt_llm_rate_take(&rate, 20 * S).ns, 0);
    assert_int_equal(tt_llm_rate_take(&rate, 30 * S).ns, 30 * S);
    assert_int_equal(tt_llm_rate_take(&rate, 60 * S - 1).ns, 1);
    assert_int_equal(tt_llm_rate_take(&rate, 60 * S).ns, 0); // After a wait one is free, not two.
    assert_int_equal(tt_llm_rate_take(&rate, 60 * S).ns, 10 * S);
}

/* Against the definition: random moments, and no window of 60 s with more than 7. */
static void the_limit_holds_for_random_times(void **state)
{
    (void)state;
    static int64_t sent[4000];
    size_t count = 0;
    uint64_t random = 7;
    int64_t now = 0;
    tt_llm_rate rate;
    tt_llm_rate_init(&rate, 7);
    for (int i = 0; i < 4000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        now += (int64_t)(random >> 40) * 1000;
        size_t within = 0;
        for (size_t n = count; n > 0 && sent[n - 1] > now - 60 * S; n--) {
            within++;
        }
        bool is_sent = tt_llm_rate_take(&rate, now).ns == 0;
        assert_int_equal(is_sent, within < 7);
        if (is_sent) {
            sent[count++] = now;
        }
    }
}

static void five_failures_open_and_one_trial_decides(void **state)
{
    (void)state;
    tt_llm_breaker breaker;
    bool trial = false;
    tt_llm_breaker_init(&breaker, 5, (tt_dur){60 * S});
    for (int i = 0; i < 4; i++) {
        assert_true(tt_llm_breaker_enter(&breaker, 0, &trial));
        tt_llm_breaker_leave(&breaker, trial, true, 0);
    }
    tt_llm_breaker_leave(&breaker, false, false, 0); // A success starts the count anew.
    for (int i = 0; i < 5; i++) {
        assert_true(tt_llm_breaker_enter(&breaker, 0, &trial));
        assert_false(trial);
        tt_llm_breaker_leave(&breaker, trial, true, i);
    }
    assert_false(tt_llm_breaker_enter(&breaker, 60 * S + 3, &trial));
    assert_true(tt_llm_breaker_enter(&breaker, 60 * S + 4, &trial));
    assert_true(trial);
    bool other = false;
    assert_false(tt_llm_breaker_enter(&breaker, 70 * S, &other)); // One trial at a time.
    tt_llm_breaker_leave(&breaker, false, false, 70 * S);         // Of a call from before.
    assert_false(tt_llm_breaker_enter(&breaker, 70 * S, &other));
    tt_llm_breaker_leave(&breaker, true, true, 70 * S);
    assert_false(tt_llm_breaker_enter(&breaker, 130 * S - 1, &trial));
    assert_true(tt_llm_breaker_enter(&breaker, 130 * S, &trial));
    tt_llm_breaker_leave(&breaker, trial, false, 131 * S);
    assert_true(tt_llm_breaker_enter(&breaker, 131 * S, &trial));
    assert_false(trial);
}

static void only_what_may_pass_is_repeated(void **state)
{
    (void)state;
    static const int later[] = {408, 425, 429, 500, 502, 503, 504, 529};
    static const int no[] = {301, 302, 400, 401, 403, 404, 413, 422, 100, 0};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        assert_int_equal(tt_llm_retry_of_code(later[i]), TT_LLM_RETRY_LATER);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_int_equal(tt_llm_retry_of_code(no[i]), TT_LLM_RETRY_NO);
    }
    assert_int_equal(tt_llm_retry_of_status(TUTTI_BUSY), TT_LLM_RETRY_LATER);
    assert_int_equal(tt_llm_retry_of_status(TUTTI_TIMEOUT), TT_LLM_RETRY_LATER);
    assert_int_equal(tt_llm_retry_of_status(TUTTI_LIMIT), TT_LLM_RETRY_NO);
    assert_int_equal(tt_llm_retry_of_status(TUTTI_IO), TT_LLM_RETRY_NO);
    const tt_dur first = {S / 2};
    const tt_dur most = {3 * S};
    const tt_dur none = {-1};
    assert_int_equal(tt_llm_retry_wait(first, most, 1, none).ns, S / 2);
    assert_int_equal(tt_llm_retry_wait(first, most, 2, none).ns, S);
    assert_int_equal(tt_llm_retry_wait(first, most, 3, none).ns, 2 * S);
    assert_int_equal(tt_llm_retry_wait(first, most, 4, none).ns, 3 * S);
    assert_int_equal(tt_llm_retry_wait(first, most, 60, none).ns, 3 * S);
    assert_int_equal(tt_llm_retry_wait(first, most, 1, (tt_dur){9 * S}).ns, 9 * S);
    assert_int_equal(tt_llm_retry_wait(first, most, 1, (tt_dur){0}).ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_minute_holds_more_than_the_limit),
        cmocka_unit_test(the_limit_holds_for_random_times),
        cmocka_unit_test(five_failures_open_and_one_trial_decides),
        cmocka_unit_test(only_what_may_pass_is_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
