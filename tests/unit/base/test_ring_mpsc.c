/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The ring for several producers: bounds, commits out of order, drops, words of former laps, all
 * orders of the calls of two producers and the consumer, four threads.
 */
#include "../../lib/test.h"
#include "base/ring.h"

#include <pthread.h>
#include <sched.h>

enum {
    size_max = 4096
};

static _Alignas(64) unsigned char memory[size_max + size_max / 2 + 1];
static tt_mpsc ring;

static void wrong_memory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, NULL, 64), TUTTI_INVALID);
    assert_int_equal(tt_mpsc_init(&ring, memory, 96), TUTTI_INVALID);
    memset(memory, 1, sizeof memory);
    assert_int_equal(tt_mpsc_init(&ring, memory, 64), TUTTI_OK);
    assert_int_equal(tt_mpsc_bytes(64), 96);
    assert_int_equal(memory[63], 1); // what stands where records go is left as it is
    assert_int_equal(memory[64], 0);
    assert_int_equal(memory[95], 0);
    assert_int_equal(memory[96], 1);
    assert_int_equal(tt_mpsc_bytes(size_max), size_max + size_max / 2);
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
    TT_EXPECT_ABORT((tt_mpsc_release(&ring), 0));
}

static void a_claim_ends_once(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    void *place = NULL;
    assert_int_equal(tt_mpsc_claim(&ring, 8, &place), TUTTI_OK);
    assert_int_equal((uintptr_t)place % TT_MPSC_GRAIN, 0);
    TT_EXPECT_ABORT((tt_mpsc_commit(&ring, (unsigned char *)place + 8), 0));
    TT_EXPECT_ABORT((tt_mpsc_commit(&ring, (unsigned char *)place + 16), 0));
    tt_mpsc_commit(&ring, place);
    TT_EXPECT_ABORT((tt_mpsc_commit(&ring, place), 0));
    TT_EXPECT_ABORT((tt_mpsc_drop(&ring, place), 0));
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
        assert_int_equal(tt_mpsc_stats_get(&ring).bytes_used, 0);
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
    for (uint32_t offset = 0; offset < 256; offset += TT_MPSC_GRAIN) {
        assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
        uint32_t size = 0;
        unsigned char record[120];
        for (uint32_t at = 0; at < offset; at += TT_MPSC_GRAIN) {
            assert_int_equal(tt_mpsc_push(&ring, "", 0), TUTTI_OK);
            assert_int_equal(tt_mpsc_pop(&ring, record, 0, &size), TUTTI_OK);
        }
        memset(record, 0x5a, sizeof record);
        assert_int_equal(tt_mpsc_push(&ring, record, sizeof record), TUTTI_OK);
        assert_int_equal(tt_mpsc_pop(&ring, record, sizeof record, &size), TUTTI_OK);
        assert_int_equal(size, sizeof record);
    }
}

/* Fills the ring with records of one grain and takes them all. */
static void go_round_once(void)
{
    uint32_t size = 0;
    for (uint64_t i = 0; i < 16; i++) {
        assert_int_equal(tt_mpsc_push(&ring, &i, sizeof i), TUTTI_OK);
    }
    for (uint64_t i = 0; i < 16; i++) {
        assert_non_null(tt_mpsc_peek(&ring, &size));
        tt_mpsc_release(&ring);
    }
}

static void words_of_former_laps_say_nothing(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    uint32_t size = 0;
    void *places[16];
    go_round_once();
    for (int lap = 1; lap <= 50; lap++) {
        // Long records: of the words of the first lap most stay as they are.
        for (int i = 0; i < 4; i++) {
            char record[64] = {0};
            assert_true(tt_mpsc_is_empty(&ring));
            assert_int_equal(tt_mpsc_push(&ring, record, sizeof record), TUTTI_OK);
            assert_int_equal(tt_mpsc_pop(&ring, record, sizeof record, &size), TUTTI_OK);
            assert_int_equal(size, 64);
        }
        // Short ones again: each place has a word of a former lap until its claim is committed.
        for (uint32_t i = 0; i < 16; i++) {
            assert_int_equal(tt_mpsc_claim(&ring, i, &places[i]), TUTTI_OK);
        }
        for (uint32_t i = 0; i < 16; i++) {
            assert_true(tt_mpsc_is_empty(&ring));
            assert_null(tt_mpsc_peek(&ring, &size));
            tt_mpsc_commit(&ring, places[i]);
            assert_false(tt_mpsc_is_empty(&ring));
            assert_ptr_equal(tt_mpsc_peek(&ring, &size), places[i]);
            assert_int_equal(size, i);
            tt_mpsc_release(&ring);
        }
    }
}

static void bytes_that_look_like_words_are_no_words(void **state)
{
    (void)state;
    assert_int_equal(tt_mpsc_init(&ring, memory, 256), TUTTI_OK);
    uint32_t size = 0;
    for (uint64_t lap = 1; lap < 20; lap++) {
        uint64_t record[12];
        for (int i = 0; i < 12; i++) {
            record[i] = (lap + 1) << 9 | 8 << 2 | 1; // "committed, 8 bytes, of the next lap"
        }
        assert_int_equal(tt_mpsc_push(&ring, record, sizeof record), TUTTI_OK);
        assert_int_equal(tt_mpsc_pop(&ring, record, sizeof record, &size), TUTTI_OK);
        assert_int_equal(size, sizeof record);
        assert_true(tt_mpsc_is_empty(&ring));
        assert_null(tt_mpsc_peek(&ring, &size));
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

/* All orders of the calls of two producers and the consumer, up to a number of calls, with a ring
 * of four grains: each path is walked with a plain queue beside it that says what must come. */
enum {
    walk_size = 64,
    walk_calls = 9,
    walk_queue = 64
};

typedef struct walk_record {
    uint32_t size;
    unsigned char value;
    enum {
        FILLING,
        READY,
        GIVEN_UP
    } state;
} walk_record;

/* Everything that a path has changed. */
typedef struct walk {
    tt_mpsc ring;
    unsigned char memory[walk_size + walk_size / 2];
    walk_record queue[walk_queue];
    uint32_t first, last; /* of the queue: what is not taken yet */
    void *place[2];       /* of a producer, while it fills a record */
    uint32_t record[2];
    unsigned char value;
} walk;

static uint64_t walk_paths;

/* What a producer claims: nothing, one grain, two. */
static const uint32_t walk_sizes[] = {0, 16, 24};

static bool walk_claim(walk *w, int producer, uint32_t size)
{
    void *place = NULL;
    if (w->place[producer] || tt_mpsc_claim(&ring, size, &place) != TUTTI_OK) {
        return false;
    }
    w->place[producer] = place;
    w->record[producer] = w->last;
    w->queue[w->last++] = (walk_record){.size = size, .value = w->value++, .state = FILLING};
    return true;
}

static bool walk_end(walk *w, int producer, bool commits)
{
    walk_record *record = &w->queue[w->record[producer]];
    void *place = w->place[producer];
    if (!place) {
        return false;
    }
    w->place[producer] = NULL;
    memset(place, record->value, record->size);
    record->state = commits ? READY : GIVEN_UP;
    if (commits) {
        tt_mpsc_commit(&ring, place);
    } else {
        tt_mpsc_drop(&ring, place);
    }
    return true;
}

/* The consumer finds what the queue says, and nothing before it is ready. */
static bool walk_take(walk *w)
{
    uint32_t size = 0;
    const unsigned char *found = tt_mpsc_peek(&ring, &size);
    while (w->first < w->last && w->queue[w->first].state == GIVEN_UP) {
        w->first++;
    }
    if (w->first == w->last || w->queue[w->first].state == FILLING) {
        assert_null(found);
        assert_true(tt_mpsc_is_empty(&ring));
        return false; // nothing has changed that another path would not find
    }
    const walk_record *record = &w->queue[w->first++];
    assert_non_null(found);
    assert_false(tt_mpsc_is_empty(&ring));
    assert_int_equal(size, record->size);
    for (uint32_t i = 0; i < size; i++) {
        assert_int_equal(found[i], record->value);
    }
    tt_mpsc_release(&ring);
    return true;
}

/* One call: 0-4 and 5-9 of the producers, 10 of the consumer. */
static bool walk_call(walk *w, int call)
{
    if (call == 10) {
        return walk_take(w);
    }
    int producer = call / 5;
    return call % 5 < 3 ? walk_claim(w, producer, walk_sizes[call % 5])
                        : walk_end(w, producer, call % 5 == 3);
}

static void walk_on(const walk *from, int calls)
{
    walk_paths++;
    for (int call = 0; calls > 0 && call <= 10; call++) {
        walk w = *from;
        ring = w.ring;
        memcpy(memory, w.memory, sizeof w.memory);
        if (walk_call(&w, call)) {
            w.ring = ring;
            memcpy(w.memory, memory, sizeof w.memory);
            walk_on(&w, calls - 1);
        }
    }
}

static void all_orders_of_two_producers_and_the_consumer(void **state)
{
    (void)state;
    walk_paths = 0;
    for (uint32_t start = 0; start < 4; start++) { // from each place, with words of two laps
        assert_int_equal(tt_mpsc_init(&ring, memory, walk_size), TUTTI_OK);
        uint32_t size = 0;
        unsigned char out[16];
        for (uint32_t i = 0; i < 4 + start; i++) {
            assert_int_equal(tt_mpsc_push(&ring, "", i % 2), TUTTI_OK);
            assert_int_equal(tt_mpsc_pop(&ring, out, sizeof out, &size), TUTTI_OK);
        }
        walk w = {.ring = ring};
        memcpy(w.memory, memory, sizeof w.memory);
        walk_on(&w, walk_calls);
    }
    assert_in_range(walk_paths, 500000, 50000000);
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
    assert_int_equal(tt_mpsc_init(&ring, memory, size_max), TUTTI_OK);
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
    assert_int_equal(tt_mpsc_stats_get(&ring).bytes_used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_memory_is_refused),
        cmocka_unit_test(first_claimed_first_out),
        cmocka_unit_test(a_claim_ends_once),
        cmocka_unit_test(dropped_claims_are_skipped),
        cmocka_unit_test(a_full_ring_refuses_and_counts),
        cmocka_unit_test(the_largest_record_fits_from_every_position),
        cmocka_unit_test(a_closed_ring_takes_no_claim_and_gives_what_it_has),
        cmocka_unit_test(the_high_water_mark_is_what_waited),
        cmocka_unit_test(words_of_former_laps_say_nothing),
        cmocka_unit_test(bytes_that_look_like_words_are_no_words),
        cmocka_unit_test(all_orders_of_two_producers_and_the_consumer),
        cmocka_unit_test(four_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
