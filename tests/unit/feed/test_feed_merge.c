/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The merge of sources: by time, ties by place, refusals in their turn, failures at once.
 */
#include "base/random.h"
#include "feed/feed_source.h"
#include "fixture.h"

#define STEPS_MAX 200

/* A source that follows a script: positive times are items, negative ones refusals of that time. */
typedef struct script {
    int64_t steps[STEPS_MAX];
    int count;
    int next;
    uint32_t key;
    tutti_status end;
    bool is_closed;
} script;

static tutti_status
next_step(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    script *source = ctx;
    if (source->next == source->count) {
        return source->end == TUTTI_END ? TUTTI_END
                                        : tt_error_set(error, source->end, "the script failed");
    }
    int64_t step = source->steps[source->next++];
    if (step <= 0) {
        *ret_refusal = (tt_feed_refusal){.time.ns = -step, .key = source->key};
        return tt_feed_refuse(ret_refusal, "refused");
    }
    ret_item->payload.trade = (tt_trade){.trade_id = (uint64_t)source->next};
    tt_feed_item_set(ret_item, (tt_time){step}, TT_TOPIC_MARKET_TRADE, source->key);
    ret_item->size = sizeof(tt_trade);
    return TUTTI_OK;
}

static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const script *source = ctx;
    *ret_done = (uint64_t)source->next;
    *ret_total = (uint64_t)source->count;
}

static void close_script(void *ctx)
{
    script *source = ctx;
    source->is_closed = true;
}

static script scripts[3];

static tt_feed_source open_merge(size_t count)
{
    tt_feed_source sources[3];
    for (size_t i = 0; i < count; i++) {
        scripts[i].key = (uint32_t)i + 1;
        sources[i] = (tt_feed_source){&scripts[i], next_step, get_progress, close_script};
    }
    tt_feed_source merge;
    tt_error error = {0};
    assert_int_equal(tt_feed_merge_open(sources, count, &merge, &error), TUTTI_OK);
    return merge;
}

static void expect_item(tt_feed_source *merge, int64_t time, uint32_t key)
{
    tt_feed_item item;
    tt_feed_refusal refusal;
    assert_int_equal(merge->next(merge->ctx, &item, &refusal, NULL), TUTTI_OK);
    assert_int_equal(item.time.ns, time);
    assert_int_equal(item.key, key);
}

static void expect_refusal(tt_feed_source *merge, int64_t time, uint32_t key)
{
    tt_feed_item item;
    tt_feed_refusal refusal;
    assert_int_equal(merge->next(merge->ctx, &item, &refusal, NULL), TUTTI_INVALID);
    assert_int_equal(refusal.time.ns, time);
    assert_int_equal(refusal.key, key);
    assert_string_equal(refusal.message, "refused");
}

static void test_order(void **state)
{
    (void)state;
    scripts[0] = (script){{5, 7, 7, -9, 12}, 5, .end = TUTTI_END};
    scripts[1] = (script){{5, 6, 0, 8, 13}, 5, .end = TUTTI_END};
    tt_feed_source merge = open_merge(2);
    expect_item(&merge, 5, 1); // Ties by place.
    expect_item(&merge, 5, 2);
    expect_item(&merge, 6, 2);
    expect_refusal(&merge, 0, 2); // Without a time: at once.
    expect_item(&merge, 7, 1);
    expect_item(&merge, 7, 1);
    expect_item(&merge, 8, 2);
    expect_refusal(&merge, 9, 1); // With a time: in its turn.
    expect_item(&merge, 12, 1);
    expect_item(&merge, 13, 2);
    tt_feed_item item;
    tt_feed_refusal refusal;
    assert_int_equal(merge.next(merge.ctx, &item, &refusal, NULL), TUTTI_END);
    uint64_t done = 0;
    uint64_t total = 0;
    merge.progress(merge.ctx, &done, &total);
    assert_int_equal(done, 10);
    assert_int_equal(total, 10);
    merge.close(merge.ctx);
    assert_true(scripts[0].is_closed && scripts[1].is_closed);
}

static void test_failure(void **state)
{
    (void)state;
    scripts[0] = (script){{5}, 1, .end = TUTTI_CORRUPT};
    scripts[1] = (script){{6}, 1, .end = TUTTI_END};
    tt_feed_source merge = open_merge(2);
    expect_item(&merge, 5, 1);
    tt_feed_item item;
    tt_feed_refusal refusal;
    tt_error error = {0};
    assert_int_equal(merge.next(merge.ctx, &item, &refusal, &error), TUTTI_CORRUPT);
    assert_string_equal(error.message, "the script failed");
    merge.close(merge.ctx);
}

/* Any three ordered scripts come out ordered, and nothing is lost. */
static void test_property(void **state)
{
    (void)state;
    tt_random random;
    for (uint64_t seed = 0; seed < 200; seed++) {
        tt_random_init(&random, seed, 0);
        int total = 0;
        for (int i = 0; i < 3; i++) {
            scripts[i] = (script){.end = TUTTI_END};
            scripts[i].count = (int)tt_random_below(&random, STEPS_MAX);
            int64_t time = 1;
            for (int step = 0; step < scripts[i].count; step++) {
                time += (int64_t)tt_random_below(&random, 3);
                scripts[i].steps[step] = tt_random_below(&random, 10) == 0 ? -time : time;
            }
            total += scripts[i].count;
        }
        tt_feed_source merge = open_merge(3);
        int64_t last = 0;
        tutti_status status = TUTTI_OK;
        for (; status != TUTTI_END; total -= status != TUTTI_END) {
            tt_feed_item item;
            tt_feed_refusal refusal;
            status = merge.next(merge.ctx, &item, &refusal, NULL);
            int64_t time = status == TUTTI_OK        ? item.time.ns
                           : status == TUTTI_INVALID ? refusal.time.ns
                                                     : last;
            if (time < last) {
                fail_msg(
                    "seed %llu: %lld after %lld",
                    (unsigned long long)seed,
                    (long long)time,
                    (long long)last);
            }
            last = time;
        }
        assert_int_equal(total, 0);
        merge.close(merge.ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
