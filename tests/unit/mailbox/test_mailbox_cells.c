/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dropping the oldest and conflating, against a simple model: a list of numbers. Then with a
 * consumer on a thread of its own, where what comes must be in order and all must be accounted for.
 */
#include "base/random.h"
#include "fixture.h"

#include <pthread.h>
#include <sched.h>

enum {
    MODEL_MAX = 16,
    RUNS = 300,
    MOVES = 2000,
    MESSAGES = 200000
};

/** What must wait, oldest first. */
struct model {
    uint64_t numbers[MODEL_MAX];
    uint32_t keys[MODEL_MAX];
    uint32_t count;
    uint32_t count_max;
    uint64_t dropped;
    uint64_t conflated;
    uint64_t overflowed;
};

static void model_remove_first(struct model *model)
{
    model->count--;
    memmove(model->numbers, model->numbers + 1, model->count * sizeof model->numbers[0]);
    memmove(model->keys, model->keys + 1, model->count * sizeof model->keys[0]);
}

static void model_append(struct model *model, uint64_t number, uint32_t key)
{
    model->numbers[model->count] = number;
    model->keys[model->count++] = key;
}

static void model_drop_oldest(struct model *model, uint64_t number, uint32_t key)
{
    if (model->count == model->count_max) {
        model_remove_first(model);
        model->dropped++;
    }
    model_append(model, number, key);
}

static void model_conflate(struct model *model, uint64_t number, uint32_t key)
{
    for (uint32_t i = 0; i < model->count; i++) {
        if (model->keys[i] == key) {
            model->numbers[i] = number;
            model->conflated++;
            return;
        }
    }
    if (model->count == model->count_max) {
        model->overflowed++;
        return;
    }
    model_append(model, number, key);
}

static void take_both(struct model *model, tt_mailbox *box)
{
    if (model->count == 0) {
        fixture_expect_none(box);
        return;
    }
    fixture_expect(box, model->numbers[0]);
    model_remove_first(model);
}

static void check_counts(const struct model *model, const tt_mailbox *box)
{
    tt_mailbox_stats stats = fixture_box_stats(box);
    assert_int_equal(stats.waiting, model->count);
    assert_int_equal(stats.dropped_oldest, model->dropped);
    assert_int_equal(stats.conflated, model->conflated);
    assert_int_equal(stats.overflowed, model->overflowed);
}

static void play(fixture *fix, tt_random *random, bool conflates)
{
    struct model model = {.count_max = 1 + (uint32_t)tt_random_below(random, MODEL_MAX)};
    uint32_t key_count = 1 + (uint32_t)tt_random_below(random, 24);
    tt_mailbox *box = fixture_box(
        fix,
        &(tt_mailbox_options){
            .policy = conflates ? TT_MAILBOX_CONFLATE : TT_MAILBOX_DROP_OLDEST,
            .count_max = model.count_max,
            .retries_waiting_max = 1});
    uint64_t put_share = 1 + tt_random_below(random, 9); // of ten moves
    for (uint64_t move = 1; move <= MOVES; move++) {
        uint32_t key = (uint32_t)tt_random_below(random, key_count);
        if (tt_random_below(random, 10) >= put_share) {
            take_both(&model, box);
            continue;
        }
        uint16_t size = (uint16_t)(16 + 16 * tt_random_below(random, 8));
        (void)tt_mailbox_put_msg(box, fixture_msg(move, key, size));
        if (conflates) {
            model_conflate(&model, move, key);
        } else {
            model_drop_oldest(&model, move, key);
        }
        check_counts(&model, box);
    }
    while (model.count > 0) {
        take_both(&model, box);
    }
    fixture_expect_none(box);
    assert_true(tt_mailbox_is_idle(box));
}

static void play_runs(bool conflates)
{
    tt_random random;
    tt_random_init(&random, 2026, conflates);
    for (int run = 0; run < RUNS; run++) {
        static fixture fix;
        fixture_open(&fix, &(fixture_options){0});
        play(&fix, &random, conflates);
        fixture_close(&fix);
    }
}

static void dropping_the_oldest_follows_the_model(void **state)
{
    (void)state;
    play_runs(false);
}

static void conflating_follows_the_model(void **state)
{
    (void)state;
    play_runs(true);
}

/** A consumer that checks that each key goes forward only. */
struct consumer {
    tt_mailbox *box;
    uint64_t last[64];
    uint64_t last_of_all;
    uint64_t taken;
    bool is_ordered; /**< Over all keys, not only within one. */
};

static void *consume(void *ctx)
{
    struct consumer *consumer = ctx;
    const tt_msg *msg = NULL;
    while (tt_mailbox_take_wait(consumer->box, &msg) == TUTTI_OK) {
        uint64_t number = fixture_msg_number(msg);
        assert_true(number > consumer->last[msg->key]);
        assert_true(!consumer->is_ordered || number > consumer->last_of_all);
        consumer->last[msg->key] = number;
        consumer->last_of_all = number;
        consumer->taken++;
        if (number % 64 == 0) {
            (void)sched_yield(); // fall behind now and then
        }
        assert_int_equal(tt_mailbox_done(consumer->box), TUTTI_OK);
    }
    return NULL;
}

static void run_threads(tt_mailbox_policy policy, uint32_t count_max)
{
    static fixture fix;
    fixture_open(&fix, &(fixture_options){.clock = &fixture_real_clock});
    struct consumer consumer = {
        .box = fixture_box(
            &fix,
            &(tt_mailbox_options){
                .policy = policy, .count_max = count_max, .idle.clock = &fixture_real_clock}),
        .is_ordered = policy == TT_MAILBOX_DROP_OLDEST,
    };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, consume, &consumer), 0);
    for (uint64_t i = 1; i <= MESSAGES; i++) {
        uint32_t key = (uint32_t)(i * 7 % 48);
        (void)tt_mailbox_put_msg(consumer.box, fixture_msg(i, key, (uint16_t)(16 + 16 * (i % 5))));
        if (i % 5000 == 0) {
            (void)sched_yield();
        }
    }
    tt_mailbox_drain(consumer.box);
    assert_int_equal(pthread_join(thread, NULL), 0);
    tt_mailbox_stats stats = fixture_box_stats(consumer.box);
    assert_int_equal(stats.put, MESSAGES);
    assert_int_equal(stats.done, consumer.taken);
    assert_int_equal(
        stats.done + stats.dropped_oldest + stats.conflated + stats.overflowed, MESSAGES);
    assert_true(stats.count_max <= count_max);
    assert_true(tt_mailbox_is_idle(consumer.box));
    fixture_close(&fix);
}

static void dropping_beside_a_consumer_keeps_the_order(void **state)
{
    (void)state;
    run_threads(TT_MAILBOX_DROP_OLDEST, 1);
    run_threads(TT_MAILBOX_DROP_OLDEST, 3);
    run_threads(TT_MAILBOX_DROP_OLDEST, 1000);
}

static void conflating_beside_a_consumer_keeps_each_key_in_order(void **state)
{
    (void)state;
    run_threads(TT_MAILBOX_CONFLATE, 1);
    run_threads(TT_MAILBOX_CONFLATE, 48);
    run_threads(TT_MAILBOX_CONFLATE, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropping_the_oldest_follows_the_model),
        cmocka_unit_test(conflating_follows_the_model),
        cmocka_unit_test(dropping_beside_a_consumer_keeps_the_order),
        cmocka_unit_test(conflating_beside_a_consumer_keeps_each_key_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
