/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The ring for several producers: bounds, commits out of order, drops, four threads.
 */
#include "../../lib/test.h"
#include "base/ring.h"

#include <pthread.h>
#include <sched.h>

static _Alignas(64) unsigned char memory[4096];
static tt_mpsc ring;

/* Outside of its records the memory must be zero. */
static void assert_clean(size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(memory[i], 0);
    }
}

static void wrong_memory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, NULL, 64), TUTTI_INVALID);
    assert_int_equal(tt_mpsc_init(&ring, memory, 96), TUTTI_INVALID);
    memset(memory, 1, sizeof memory);
    assert_int_equal(tt_mpsc_init(&ring, memory, 64), TUTTI_OK);
    assert_clean(64);
    assert_int_equal(memory[64], 1);
}

static void first_claimed_first_out(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    void *a = NULL;
    void *b = NULL;
    char out[8];
    uint32_t size = 0;
    assert_int_equal(tt_mpsc_claim(&ring, 3, &a), TUTTI_OK);
    assert_int_equal(tt_mpsc_claim(&ring, 3, &b), TUTTI_OK);
    memcpy(b, "bbb", 3);
    tt_mpsc_commit(&ring, b);
    assert_null(tt_mpsc_peek(&ring, &size)); // b waits behind a.
    assert_true(tt_mpsc_is_empty(&ring));
    memcpy(a, "aaa", 3);
    tt_mpsc_commit(&ring, a);
    assert_int_equal(tt_mpsc_pop(&ring, out, 2, &size), TUTTI_RANGE);
    assert_int_equal(size, 3);
    assert_int_equal(tt_mpsc_pop(&ring, out, 3, &size), TUTTI_OK);
    assert_memory_equal(out, "aaa", 3);
    assert_int_equal(tt_mpsc_pop(&ring, out, 3, &size), TUTTI_OK);
    assert_memory_equal(out, "bbb", 3);
    assert_int_equal(tt_mpsc_pop(&ring, out, 3, &size), TUTTI_END);
    assert_clean(256);
    TT_EXPECT_ABORT((tt_mpsc_release(&ring), 0));
}

static void dropped_claims_are_skipped(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    void *a = NULL;
    uint32_t size = 0;
    char out[8];
    for (int lap = 0; lap < 100; lap++) {
        assert_int_equal(tt_mpsc_claim(&ring, 40, &a), TUTTI_OK);
        memset(a, 0xff, 40);
        tt_mpsc_drop(&ring, a);
        assert_int_equal(tt_mpsc_push(&ring, "x", 1), TUTTI_OK);
        assert_int_equal(tt_mpsc_pop(&ring, out, sizeof out, &size), TUTTI_OK);
        assert_int_equal(size, 1);
        assert_true(tt_mpsc_is_empty(&ring));
        assert_null(tt_mpsc_peek(&ring, &size));
        assert_clean(256);
    }
    assert_int_equal(tt_mpsc_stats_get(&ring).pushed, 100);
}

static void a_full_ring_refuses_and_counts(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 64), TUTTI_OK);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(tt_mpsc_push(&ring, &i, sizeof i), TUTTI_OK);
    }
    uint64_t value = 4;
    uint32_t size = 0;
    void *place = NULL;
    assert_int_equal(tt_mpsc_push(&ring, &value, sizeof value), TUTTI_LIMIT);
    assert_int_equal(tt_mpsc_claim(&ring, 25, &place), TUTTI_RANGE);
    assert_null(place);
    assert_int_equal(tt_mpsc_pop(&ring, &value, sizeof value, &size), TUTTI_OK);
    assert_int_equal(value, 0);
    assert_int_equal(tt_mpsc_push(&ring, &value, sizeof value), TUTTI_OK);
    tt_ring_stats stats = tt_mpsc_stats_get(&ring);
    assert_int_equal(stats.pushed, 5);
    assert_int_equal(stats.popped, 1);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.bytes_used, 64);
    assert_int_equal(stats.bytes_max, 64);
}

static void the_largest_record_fits_from_every_position(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < 256; offset += 8) {
        assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
        uint32_t size = 0;
        unsigned char record[120];
        for (uint32_t at = 0; at < offset; at += 8) {
            assert_int_equal(tt_mpsc_push(&ring, "", 0), TUTTI_OK);
            assert_int_equal(tt_mpsc_pop(&ring, record, 0, &size), TUTTI_OK);
        }
        memset(record, 0x5a, sizeof record);
        assert_int_equal(tt_mpsc_push(&ring, record, sizeof record), TUTTI_OK);
        assert_int_equal(tt_mpsc_pop(&ring, record, sizeof record, &size), TUTTI_OK);
        assert_int_equal(size, sizeof record);
        assert_clean(256);
    }
}

static void a_closed_ring_takes_no_claim_and_gives_what_it_has(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    void *a = NULL;
    void *b = NULL;
    uint32_t size = 0;
    assert_int_equal(tt_mpsc_claim(&ring, 8, &a), TUTTI_OK);
    assert_false(tt_mpsc_is_drained(&ring));
    tt_mpsc_close(&ring);
    tt_mpsc_close(&ring);
    assert_int_equal(tt_mpsc_claim(&ring, 8, &b), TUTTI_STATE);
    assert_int_equal(tt_mpsc_push(&ring, "x", 1), TUTTI_STATE);
    assert_false(tt_mpsc_is_drained(&ring)); // one is still being filled
    assert_int_equal(tt_mpsc_stats_get(&ring).bytes_used, 16);
    tt_mpsc_commit(&ring, a);
    assert_false(tt_mpsc_is_drained(&ring));
    assert_false(tt_mpsc_is_empty(&ring));
    assert_non_null(tt_mpsc_peek(&ring, &size));
    tt_mpsc_release(&ring);
    assert_true(tt_mpsc_is_drained(&ring));
    assert_int_equal(tt_mpsc_stats_get(&ring).bytes_used, 0);
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    assert_false(tt_mpsc_is_drained(&ring)); // empty, but open
}

static void the_high_water_mark_is_what_waited(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    uint64_t value = 0;
    uint32_t size = 0;
    for (uint32_t burst = 1; burst <= 5; burst++) {
        for (uint32_t i = 0; i < burst; i++) {
            assert_int_equal(tt_mpsc_push(&ring, &value, sizeof value), TUTTI_OK);
        }
        while (tt_mpsc_pop(&ring, &value, sizeof value, &size) == TUTTI_OK) {
        }
        assert_int_equal(tt_mpsc_stats_get(&ring).bytes_max, burst * 16);
    }
}

enum {
    producers = 3,
    records_each = 100000
};

typedef struct message {
    uint32_t producer;
    uint32_t number;
    unsigned char rest[56];
} message;

static uint32_t size_of_message(uint32_t number)
{
    return 8 + number * 7 % 57;
}

static void *produce(void *argument)
{
    uint32_t producer = *(const uint32_t *)argument;
    for (uint32_t number = 0; number < records_each;) {
        void *place = NULL;
        uint32_t size = size_of_message(number);
        if (tt_mpsc_claim(&ring, size, &place) != TUTTI_OK) {
            (void)sched_yield();
            continue;
        }
        message m = {.producer = producer, .number = number};
        memset(m.rest, (int)(number & 0xff), sizeof m.rest);
        memcpy(place, &m, size);
        if (number % 16 == 3) {
            // Every sixteenth claim is given up, and the record pushed behind it.
            tt_mpsc_drop(&ring, place);
            number += tt_mpsc_push(&ring, &m, size) == TUTTI_OK ? 1 : 0;
            continue;
        }
        tt_mpsc_commit(&ring, place);
        number++;
    }
    return NULL;
}

static void check_message(const message *m, uint32_t size, uint32_t *next)
{
    assert_in_range(m->producer, 0, producers - 1);
    assert_int_equal(m->number, next[m->producer]);
    assert_int_equal(size, size_of_message(m->number));
    for (uint32_t i = 8; i < size; i++) {
        assert_int_equal(m->rest[i - 8], m->number & 0xff);
    }
    next[m->producer]++;
}

static void four_threads(void **state)
{
    (void)state;
    static const uint32_t ids[producers] = {0, 1, 2};
    pthread_t threads[producers];
    uint32_t next[producers] = {0};
    assert_int_equal(tt_mpsc_init(&ring, memory, sizeof memory), TUTTI_OK);
    for (int i = 0; i < producers; i++) {
        void *id = (void *)(uintptr_t)&ids[i];
        assert_int_equal(pthread_create(&threads[i], NULL, produce, id), 0);
    }
    for (int left = producers * records_each; left > 0;) {
        message m;
        uint32_t size = 0;
        if (tt_mpsc_pop(&ring, &m, sizeof m, &size) != TUTTI_OK) {
            (void)sched_yield();
            continue;
        }
        check_message(&m, size, next);
        left--;
    }
    for (int i = 0; i < producers; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(next[i], records_each);
    }
    uint32_t size = 0;
    assert_null(tt_mpsc_peek(&ring, &size));
    assert_int_equal(tt_mpsc_stats_get(&ring).popped, producers * records_each);
    assert_clean(sizeof memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_memory_is_refused),
        cmocka_unit_test(first_claimed_first_out),
        cmocka_unit_test(dropped_claims_are_skipped),
        cmocka_unit_test(a_full_ring_refuses_and_counts),
        cmocka_unit_test(the_largest_record_fits_from_every_position),
        cmocka_unit_test(a_closed_ring_takes_no_claim_and_gives_what_it_has),
        cmocka_unit_test(the_high_water_mark_is_what_waited),
        cmocka_unit_test(four_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
