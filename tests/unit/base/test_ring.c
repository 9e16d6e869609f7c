/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The ring for one producer and one consumer: bounds, framing, a model, two threads.
 */
#include "../../lib/resident.h"
#include "../../lib/test.h"
#include "base/arena.h"
#include "base/random.h"
#include "base/ring.h"

#include <pthread.h>
#include <sched.h>

static _Alignas(64) unsigned char memory[4096];
static tt_ring ring;

static void wrong_memory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, NULL, 64), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory, 0), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory, 32), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory, 100), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory + 4, 64), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory, (size_t)TT_RING_SIZE_MAX * 2), TUTTI_INVALID);
    assert_int_equal(tt_ring_init(&ring, memory, 64), TUTTI_OK);
    assert_int_equal(ring.record_max, 24);
}

static void first_in_first_out(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, 128), TUTTI_OK);
    char out[16];
    uint32_t size = 0;
    assert_int_equal(tt_ring_pop(&ring, out, sizeof out, &size), TUTTI_END);
    assert_null(tt_ring_peek(&ring, &size));
    assert_true(tt_ring_is_empty(&ring));
    assert_int_equal(tt_ring_push(&ring, "one", 3), TUTTI_OK);
    assert_int_equal(tt_ring_push(&ring, "", 0), TUTTI_OK);
    assert_int_equal(tt_ring_push(&ring, "three", 5), TUTTI_OK);
    const void *first = tt_ring_peek(&ring, &size);
    assert_int_equal((uintptr_t)first % 8, 0);
    assert_ptr_equal(tt_ring_peek(&ring, &size), first); // Peeking takes nothing.
    assert_int_equal(size, 3);
    assert_memory_equal(first, "one", 3);
    tt_ring_release(&ring);
    assert_int_equal(tt_ring_pop(&ring, out, sizeof out, &size), TUTTI_OK);
    assert_int_equal(size, 0);
    assert_int_equal(tt_ring_pop(&ring, out, 4, &size), TUTTI_RANGE); // Too small: it stays.
    assert_int_equal(size, 5);
    assert_int_equal(tt_ring_pop(&ring, out, 5, &size), TUTTI_OK);
    assert_memory_equal(out, "three", 5);
    TT_EXPECT_ABORT((tt_ring_release(&ring), 0));
}

static void a_full_ring_refuses_and_counts(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, 64), TUTTI_OK);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(tt_ring_push(&ring, &i, sizeof i), TUTTI_OK);
    }
    uint64_t value = 4;
    void *place = NULL;
    assert_int_equal(tt_ring_push(&ring, &value, sizeof value), TUTTI_LIMIT);
    assert_int_equal(tt_ring_claim(&ring, 0, &place), TUTTI_LIMIT);
    assert_null(place);
    assert_int_equal(tt_ring_claim(&ring, 25, &place), TUTTI_RANGE);
    uint32_t size = 0;
    assert_int_equal(tt_ring_pop(&ring, &value, sizeof value, &size), TUTTI_OK);
    assert_int_equal(value, 0);
    assert_int_equal(tt_ring_push(&ring, &value, sizeof value), TUTTI_OK);
    tt_ring_stats stats = tt_ring_stats_get(&ring);
    assert_int_equal(stats.pushed, 5);
    assert_int_equal(stats.popped, 1);
    assert_int_equal(stats.refused, 2);
    assert_int_equal(stats.bytes_used, 64);
    assert_int_equal(stats.bytes_max, 64);
}

static void the_largest_record_fits_from_every_position(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < 256; offset += 8) {
        assert_int_equal(tt_ring_init(&ring, memory, 256), TUTTI_OK);
        uint32_t size = 0;
        unsigned char record[120];
        for (uint32_t at = 0; at < offset; at += 8) {
            assert_int_equal(tt_ring_push(&ring, "", 0), TUTTI_OK);
            assert_int_equal(tt_ring_pop(&ring, record, 0, &size), TUTTI_OK);
        }
        memset(record, 0x5a, sizeof record);
        assert_int_equal(ring.record_max, sizeof record);
        assert_int_equal(tt_ring_push(&ring, record, sizeof record), TUTTI_OK);
        memset(record, 0, sizeof record);
        assert_int_equal(tt_ring_pop(&ring, record, sizeof record, &size), TUTTI_OK);
        assert_int_equal(size, sizeof record);
        assert_true(record[0] == 0x5a && record[119] == 0x5a);
        assert_int_equal(tt_ring_stats_get(&ring).bytes_used, 0);
    }
}

/** Records of any size are copied whole, and no byte beside them is written. */
static void records_of_all_sizes_are_copied(void **state)
{
    (void)state;
    static unsigned char record[2040];
    for (uint32_t i = 0; i < sizeof record; i++) {
        record[i] = (unsigned char)(i * 7 + i / 256 + 1);
    }
    for (uint32_t size = 0; size <= sizeof record; size++) {
        memset(memory, 0xA5, sizeof memory);
        assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
        assert_int_equal(tt_ring_push(&ring, record, size), TUTTI_OK);
        uint32_t ret_size = 0;
        const unsigned char *copy = tt_ring_peek(&ring, &ret_size);
        assert_int_equal(ret_size, size);
        assert_memory_equal(copy, record, size);
        // Behind the record, rounded up, stands the next header.
        uint32_t end = (size + 7) / 8 * 8 + 8;
        for (uint32_t i = size; i < end - 8; i++) {
            assert_int_equal(copy[i], 0xA5);
        }
        assert_int_equal(copy[end], 0xA5);
    }
}

static void a_claim_may_shrink_or_be_replaced(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, 256), TUTTI_OK);
    void *place = NULL;
    uint32_t size = 0;
    assert_int_equal(tt_ring_claim(&ring, 100, &place), TUTTI_OK);
    assert_null(tt_ring_peek(&ring, &size));
    assert_int_equal(tt_ring_claim(&ring, 50, &place), TUTTI_OK);
    memcpy(place, "abc", 3);
    TT_EXPECT_ABORT((tt_ring_commit(&ring, 51), 0));
    tt_ring_commit(&ring, 3);
    TT_EXPECT_ABORT((tt_ring_commit(&ring, 3), 0));
    assert_int_equal(tt_ring_stats_get(&ring).bytes_used, 16);
    assert_memory_equal(tt_ring_peek(&ring, &size), "abc", 3);
    assert_int_equal(size, 3);
}

/* Record i has a size and bytes that follow from i. */
static uint32_t size_of_record(uint64_t i)
{
    return (uint32_t)(8 + i * 31 % 113);
}

static const char walked_text[256] = "what waits in a ring is looked at and stays where it is";

static void a_walk_shows_what_waits_and_takes_nothing(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < 256; offset += 8) {
        uint32_t size = 0;
        const void *record = NULL;
        assert_int_equal(tt_ring_init(&ring, memory, 256), TUTTI_OK);
        for (uint32_t at = 0; at < offset; at += 8) {
            assert_int_equal(tt_ring_push(&ring, "", 0), TUTTI_OK);
            assert_int_equal(tt_ring_pop(&ring, memory + 2048, 0, &size), TUTTI_OK);
        }
        assert_null(tt_ring_walk(&ring, NULL, &size));
        uint32_t pushed = 0;
        while (tt_ring_push(&ring, walked_text, 1 + pushed * 5) == TUTTI_OK) {
            pushed++;
        }
        for (int lap = 0; lap < 2; lap++) {
            uint32_t seen = 0;
            while ((record = tt_ring_walk(&ring, record, &size)) != NULL) {
                assert_int_equal(size, 1 + seen * 5);
                assert_memory_equal(record, walked_text, size);
                seen++;
            }
            assert_int_equal(seen, pushed);
        }
        assert_false(tt_ring_is_empty(&ring));
        assert_ptr_equal(tt_ring_walk(&ring, NULL, &size), tt_ring_peek(&ring, &size));
        tt_ring_release(&ring);
        (void)tt_ring_walk(&ring, NULL, &size);
        assert_int_equal(size, 6);
    }
}

enum {
    STRETCH = 512,
    SMALL = 56, /* With its header 64 bytes: 64 of them fill the memory. */
    SMALLS = sizeof memory / 64
};

/* Offset of the record that a push puts into an empty near ring, which it leaves empty. */
static size_t pass_one(uint64_t value)
{
    unsigned char record[SMALL] = {0};
    uint32_t size = 0;
    memcpy(record, &value, sizeof value);
    assert_int_equal(tt_ring_push(&ring, record, SMALL), TUTTI_OK);
    assert_int_equal(tt_ring_stats_get(&ring).bytes_used, 64); // What was skipped does not count.
    const unsigned char *place = tt_ring_peek(&ring, &size);
    assert_non_null(place);
    assert_int_equal(size, SMALL);
    assert_memory_equal(place, record, SMALL);
    tt_ring_release(&ring);
    return (size_t)(place - memory);
}

/* Pushes small records until the ring refuses one; their number. */
static uint64_t fill_up(void)
{
    static const unsigned char record[SMALL];
    uint64_t count = 0;
    while (tt_ring_push(&ring, record, SMALL) == TUTTI_OK) {
        count++;
    }
    return count;
}

static void a_ring_that_is_mostly_empty_stays_near_the_front(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    tt_ring_stay_near(&ring, STRETCH);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(pass_one(i), i % (STRETCH / 64) * 64 + 8);
    }
    assert_int_equal(tt_ring_stats_get(&ring).bytes_max, 64);
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(pass_one(i), i % SMALLS * 64 + 8);
    }
}

static void a_backlog_uses_all_of_a_near_ring(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    tt_ring_stay_near(&ring, STRETCH);
    assert_int_equal(fill_up(), SMALLS);
    assert_int_equal(tt_ring_stats_get(&ring).bytes_used, sizeof memory);
    uint32_t size = 0;
    for (uint64_t i = 0; i < SMALLS; i++) {
        assert_non_null(tt_ring_peek(&ring, &size));
        tt_ring_release(&ring);
    }
    assert_int_equal(tt_ring_stats_get(&ring).bytes_max, sizeof memory);
    // Empty again, at the end of the memory, which is the front.
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(pass_one(i), i % (STRETCH / 64) * 64 + 8);
    }
}

static void a_turned_ring_holds_what_lies_before_it(void **state)
{
    (void)state;
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    tt_ring_stay_near(&ring, STRETCH);
    for (uint64_t i = 0; i < STRETCH / 64; i++) {
        (void)pass_one(i);
    }
    assert_int_equal(fill_up(), STRETCH / 64); // The consumer has not come by.
    uint32_t size = 0;
    assert_non_null(tt_ring_peek(&ring, &size));
    tt_ring_release(&ring);
    // Now it has: all of the memory is there.
    assert_int_equal(fill_up(), SMALLS - (STRETCH / 64 - 1));
}

/* The last byte of the memory of a near ring that held this backlog, and was emptied: resident? */
static bool keeps_backlog(tt_arena *arena, size_t backlog)
{
    static const unsigned char record[65536 - 8];
    assert_int_equal(tt_ring_init(&ring, arena->block, arena->size), TUTTI_OK);
    tt_ring_stay_near(&ring, 128 * 1024);
    memset(arena->block + arena->size / 2, 0, arena->size / 2);
    uint32_t size = 0;
    for (size_t i = 0; i < backlog; i += 65536) {
        assert_int_equal(tt_ring_push(&ring, record, sizeof record), TUTTI_OK);
    }
    for (size_t i = 0; i < backlog; i += 65536) {
        assert_non_null(tt_ring_peek(&ring, &size));
        tt_ring_release(&ring);
    }
    for (int i = 0; i < 4; i++) { // up to the next look, and into the next lap
        assert_int_equal(tt_ring_push(&ring, record, sizeof record), TUTTI_OK);
        const unsigned char *place = tt_ring_peek(&ring, &size);
        assert_int_equal(size, sizeof record);
        assert_memory_equal(place, record, size);
        tt_ring_release(&ring);
    }
    assert_in_range(ring.tail & ring.mask, 65536, 3 * 65536);
    return tt_is_resident(arena->block + arena->size - 1);
}

static void the_pages_of_a_large_backlog_are_given_back(void **state)
{
    (void)state;
    tt_arena arena = {0};
    assert_int_equal(tt_arena_init(&arena, (size_t)4 << 20), TUTTI_OK);
    assert_true(keeps_backlog(&arena, (size_t)768 << 10));
    assert_false(keeps_backlog(&arena, (size_t)3 << 20));
    tt_arena_fini(&arena);
}

static void a_record_larger_than_the_front_goes_straight_on(void **state)
{
    (void)state;
    static const unsigned char large[STRETCH + 8];
    uint32_t size = 0;
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    tt_ring_stay_near(&ring, STRETCH);
    for (uint64_t i = 0; i < STRETCH / 64; i++) {
        (void)pass_one(i);
    }
    assert_int_equal(tt_ring_push(&ring, large, sizeof large), TUTTI_OK);
    const unsigned char *place = tt_ring_peek(&ring, &size);
    assert_int_equal(place - memory, STRETCH + 8);
    assert_int_equal(size, sizeof large);
    tt_ring_release(&ring);
    assert_int_equal(pass_one(1), 8);
}

static void fill_record(unsigned char *record, uint64_t i)
{
    memset(record, (int)(i & 0xff), size_of_record(i));
    memcpy(record, &i, sizeof i);
}

static void check_record(const unsigned char *record, uint32_t size, uint64_t i)
{
    unsigned char expected[128];
    fill_record(expected, i);
    assert_int_equal(size, size_of_record(i));
    assert_memory_equal(record, expected, size);
}

/* Stretches: that of the whole ring changes nothing. */
static const size_t whole = sizeof memory;

static void compare_with_a_count(size_t stretch, uint64_t least_when_refused)
{
    const uint64_t seed = 5;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_random random;
    tt_random_init(&random, seed, 0);
    assert_int_equal(tt_ring_init(&ring, memory, 512), TUTTI_OK);
    tt_ring_stay_near(&ring, stretch);
    uint64_t pushed = 0;
    uint64_t popped = 0;
    for (int i = 0; i < 100000; i++) {
        unsigned char record[128];
        uint32_t size = 0;
        if (tt_random_below(&random, 2) == 0) {
            fill_record(record, pushed);
            tutti_status status = tt_ring_push(&ring, record, size_of_record(pushed));
            pushed += status == TUTTI_OK;
            assert_true(status == TUTTI_OK || pushed - popped >= least_when_refused);
        } else {
            tutti_status status = tt_ring_pop(&ring, record, sizeof record, &size);
            assert_int_equal(status, pushed == popped ? TUTTI_END : TUTTI_OK);
            if (status == TUTTI_OK) {
                check_record(record, size, popped++);
            }
        }
    }
    tt_ring_stats stats = tt_ring_stats_get(&ring);
    assert_int_equal(stats.pushed, pushed);
    assert_int_equal(stats.popped, popped);
    assert_in_range(stats.bytes_max, 256, 512);
}

static void agrees_with_a_count(void **state)
{
    (void)state;
    compare_with_a_count(whole, 2);
}

static void agrees_with_a_count_near_the_front(void **state)
{
    (void)state;
    // Right after a turn only what lies before the place that was left has room: one record.
    compare_with_a_count(128, 1);
}

enum {
    thread_records = 200000
};

static void *produce(void *argument)
{
    tt_ring *target = argument;
    for (uint64_t i = 0; i < thread_records;) {
        unsigned char record[128];
        fill_record(record, i);
        if (tt_ring_push(target, record, size_of_record(i)) == TUTTI_OK) {
            i++;
        } else {
            (void)sched_yield();
        }
    }
    return NULL;
}

static void run_two_threads(size_t stretch)
{
    assert_int_equal(tt_ring_init(&ring, memory, sizeof memory), TUTTI_OK);
    tt_ring_stay_near(&ring, stretch);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, &ring), 0);
    for (uint64_t i = 0; i < thread_records;) {
        uint32_t size = 0;
        if (tt_ring_is_empty(&ring)) {
            (void)sched_yield();
            continue;
        }
        const unsigned char *record = tt_ring_peek(&ring, &size);
        assert_non_null(record);
        check_record(record, size, i++);
        tt_ring_release(&ring);
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    tt_ring_stats stats = tt_ring_stats_get(&ring);
    assert_int_equal(stats.pushed, thread_records);
    assert_int_equal(stats.bytes_used, 0);
    assert_true(tt_ring_is_empty(&ring));
}

static void two_threads(void **state)
{
    (void)state;
    run_two_threads(whole);
}

static void two_threads_near_the_front(void **state)
{
    (void)state;
    run_two_threads(256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_memory_is_refused),
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(a_full_ring_refuses_and_counts),
        cmocka_unit_test(the_largest_record_fits_from_every_position),
        cmocka_unit_test(records_of_all_sizes_are_copied),
        cmocka_unit_test(a_claim_may_shrink_or_be_replaced),
        cmocka_unit_test(a_walk_shows_what_waits_and_takes_nothing),
        cmocka_unit_test(a_ring_that_is_mostly_empty_stays_near_the_front),
        cmocka_unit_test(a_backlog_uses_all_of_a_near_ring),
        cmocka_unit_test(a_turned_ring_holds_what_lies_before_it),
        cmocka_unit_test(the_pages_of_a_large_backlog_are_given_back),
        cmocka_unit_test(a_record_larger_than_the_front_goes_straight_on),
        cmocka_unit_test(agrees_with_a_count),
        cmocka_unit_test(agrees_with_a_count_near_the_front),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(two_threads_near_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
