/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Token bucket: exact counts at the bound, refill, giving back, several threads.
 */
#include "../../lib/test.h"
#include "mailbox/rate.h"

#include <pthread.h>

static uint32_t take_all(tt_rate *rate, int64_t now_ns, uint32_t most)
{
    uint32_t taken = 0;
    while (taken < most && tt_rate_take(rate, (tt_dur){now_ns})) {
        taken++;
    }
    return taken;
}

static void without_a_limit_everything_goes(void **state)
{
    (void)state;
    tt_rate rate = {0};
    assert_false(tt_rate_is_limited(&rate));
    assert_int_equal(take_all(&rate, 0, 1000), 1000);
    tt_rate_give_back(&rate);
    assert_int_equal(take_all(&rate, 0, 1000), 1000);
}

static void the_bucket_starts_full_and_refills(void **state)
{
    (void)state;
    tt_rate rate = {0};
    int64_t now = 5 * TT_NS_PER_S;
    tt_rate_set(&rate, 100, 10); // a token each 10 ms
    assert_true(tt_rate_is_limited(&rate));
    assert_int_equal(take_all(&rate, now, 1000), 10);
    assert_int_equal(take_all(&rate, now + 10 * TT_NS_PER_MS - 1, 1000), 0);
    assert_int_equal(take_all(&rate, now + 10 * TT_NS_PER_MS, 1000), 1);
    assert_int_equal(take_all(&rate, now + 45 * TT_NS_PER_MS, 1000), 3);
    assert_int_equal(take_all(&rate, now + TT_NS_PER_S, 1000), 10); // never more than the burst
    tt_rate_give_back(&rate);
    assert_int_equal(take_all(&rate, now + TT_NS_PER_S, 1000), 1);
}

static void a_day_allows_what_the_rate_says(void **state)
{
    (void)state;
    tt_rate rate = {0};
    uint64_t taken = 0;
    tt_rate_set(&rate, 7, 2); // looks are rarer than tokens: one must be able to wait
    for (int64_t now = 0; now < 86400 * TT_NS_PER_S; now += 50 * TT_NS_PER_MS) {
        taken += tt_rate_take(&rate, (tt_dur){now});
    }
    assert_in_range(taken, 7 * 86400 - 5, 7 * 86400 + 5);
}

static void wrong_limits_abort(void **state)
{
    (void)state;
    tt_rate rate = {0};
    TT_EXPECT_ABORT((tt_rate_set(&rate, TT_RATE_PER_S_MAX + 1, 1), 0));
    TT_EXPECT_ABORT((tt_rate_set(&rate, 1, TT_RATE_BURST_MAX + 1), 0));
}

enum {
    THREADS = 4,
    BURST = 100000
};

static tt_rate shared;

static void *take_many(void *ctx)
{
    *(uint32_t *)ctx = take_all(&shared, TT_NS_PER_S, BURST);
    return NULL;
}

static void threads_share_the_tokens_exactly(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    uint32_t taken[THREADS] = {0};
    uint32_t sum = 0;
    tt_rate_set(&shared, 1, BURST);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &taken[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        sum += taken[i];
    }
    assert_int_equal(sum, BURST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_everything_goes),
        cmocka_unit_test(the_bucket_starts_full_and_refills),
        cmocka_unit_test(a_day_allows_what_the_rate_says),
        cmocka_unit_test(wrong_limits_abort),
        cmocka_unit_test(threads_share_the_tokens_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
