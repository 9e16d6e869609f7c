/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages set aside: both bounds, any order of leaving, and against a list.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "bus/bus_store.h"

static _Alignas(16) unsigned char memory[1 << 20];
static _Alignas(16) unsigned char buffer[TT_MSG_BYTES_MAX];

static tt_bus_store *fresh(uint32_t entries_max, uint32_t bytes_max)
{
    assert_true(tt_bus_store_size(entries_max, bytes_max) <= sizeof memory);
    memset(memory, 0, sizeof memory);
    return tt_bus_store_init(memory, entries_max, bytes_max);
}

/** A payload that tells from which message it is. */
static const unsigned char *payload_of(uint64_t seq)
{
    static unsigned char payload[TT_PAYLOAD_MAX];
    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] = (unsigned char)(seq * 31 + i * 7 + i / 64);
    }
    return payload;
}

static tt_bus_stored *add(tt_bus_store *store, uint64_t seq, uint32_t size)
{
    const tt_msg head = {.seq = seq, .size = (uint16_t)size};
    return tt_bus_store_add(store, &head, payload_of(seq), size);
}

static void check_content(const tt_bus_store *store, const tt_bus_stored *stored, uint64_t seq)
{
    memset(buffer, 0xee, sizeof buffer);
    tt_bus_store_read(store, stored, buffer);
    const tt_msg *msg = (const tt_msg *)(const void *)buffer;
    assert_int_equal(msg->seq, seq);
    assert_memory_equal(msg + 1, payload_of(seq), stored->size);
    for (size_t i = sizeof *msg + stored->size; i < sizeof buffer; i++) {
        assert_int_equal(buffer[i], 0xee);
    }
}

/** An id that nothing was told of names nothing, even if what lies behind the entries, which are
 * bytes of payloads, looks like an entry of that id. */
static void a_forged_id_finds_nothing(void **state)
{
    (void)state;
    static tt_bus_stored payload[4];
    tt_bus_store *store = fresh(2, 4032);
    const uint64_t forged = UINT64_C(1) << 16 | 2; // the place behind the last one
    for (size_t i = 0; i < 4; i++) {
        memset(&payload[i], 0, sizeof payload[i]);
        payload[i].id = forged;
    }
    const tt_msg head = {.seq = 1, .size = sizeof payload / 16 * 16};
    tt_bus_stored *stored = tt_bus_store_add(store, &head, payload, head.size);
    assert_non_null(stored);
    assert_ptr_equal(tt_bus_store_find(store, stored->id), stored);
    assert_null(tt_bus_store_find(store, forged));
    assert_null(tt_bus_store_find(store, 0));
}

static void the_bound_of_messages(void **state)
{
    (void)state;
    tt_bus_store *store = fresh(2, 1024);
    assert_null(tt_bus_store_next(store, NULL));
    tt_bus_stored *one = add(store, 1, 16);
    assert_non_null(one);
    assert_non_null(add(store, 2, 0));
    assert_null(add(store, 3, 16));
    assert_int_equal(tt_bus_store_count(store), 2);
    tt_bus_store_remove(store, one);
    assert_non_null(add(store, 3, 16));
    assert_int_equal(tt_bus_store_high_water(store), 2);
    tt_bus_store_check(store);
}

static void the_bound_of_bytes(void **state)
{
    (void)state;
    tt_bus_store *store = fresh(10, TT_PAYLOAD_MAX);
    tt_bus_stored *large = add(store, 1, TT_PAYLOAD_MAX);
    assert_non_null(large);
    check_content(store, large, 1);
    assert_int_equal(tt_bus_store_bytes(store), TT_PAYLOAD_MAX);
    assert_null(add(store, 2, 16));
    assert_non_null(add(store, 2, 0)); // a head needs no chunk
    tt_bus_store_remove(store, large);
    assert_int_equal(tt_bus_store_bytes(store), 0);
    for (uint64_t i = 0; i < TT_PAYLOAD_MAX / 64 && i < 8; i++) {
        assert_non_null(add(store, 3 + i, 64));
    }
    tt_bus_store_check(store);
}

static void ids_never_come_back(void **state)
{
    (void)state;
    tt_bus_store *store = fresh(1, 64);
    tt_bus_stored *stored = add(store, 1, 16);
    uint64_t id = stored->id;
    assert_ptr_equal(tt_bus_store_find(store, id), stored);
    tt_bus_store_remove(store, stored);
    assert_null(tt_bus_store_find(store, id));
    assert_null(tt_bus_store_find(store, 0));
    assert_null(tt_bus_store_find(store, UINT64_MAX));
    stored = add(store, 2, 16);
    assert_true(stored->id > id);
    assert_null(tt_bus_store_find(store, id));
    assert_int_equal(stored->attempts, 0); // nothing is left of the former
}

static void agrees_with_a_list(void **state)
{
    (void)state;
    enum {
        bound = 40,
        bytes = 16384
    };
    static struct {
        uint64_t id;
        uint64_t seq;
        uint32_t size;
    } list[bound];
    tt_random random;
    tt_random_init(&random, 9, 0);
    tt_bus_store *store = fresh(bound, bytes);
    uint32_t count = 0;
    uint32_t chunks = 0;
    for (uint64_t seq = 1; seq <= 20000; seq++) {
        uint32_t size = 16 * (uint32_t)tt_random_below(&random, seq % 5 == 0 ? 253 : 30);
        uint32_t needed = (size + 63) / 64;
        bool fits = count < bound && chunks + needed <= bytes / 64;
        tt_bus_stored *stored = add(store, seq, size);
        assert_int_equal(stored != NULL, fits);
        if (fits) {
            list[count].id = stored->id;
            list[count].seq = seq;
            list[count++].size = size;
            chunks += needed;
        }
        if (!fits || tt_random_below(&random, 3) == 0) {
            uint32_t victim = (uint32_t)tt_random_below(&random, count);
            stored = tt_bus_store_find(store, list[victim].id);
            check_content(store, stored, list[victim].seq);
            tt_bus_store_remove(store, stored);
            chunks -= (list[victim].size + 63) / 64;
            count--;
            memmove(&list[victim], &list[victim + 1], (count - victim) * sizeof list[0]);
        }
        assert_int_equal(tt_bus_store_count(store), count);
        assert_int_equal(tt_bus_store_bytes(store), chunks * 64);
        if (seq % 200 == 0) {
            tt_bus_store_check(store);
            stored = NULL;
            for (uint32_t i = 0; i < count; i++) {
                stored = tt_bus_store_next(store, stored);
                assert_int_equal(stored->head.seq, list[i].seq);
            }
            assert_null(tt_bus_store_next(store, stored));
        }
    }
}

static void impossible_stores(void **state)
{
    (void)state;
    TT_EXPECT_ABORT(tt_bus_store_init(memory, 0, 64));
    TT_EXPECT_ABORT(tt_bus_store_init(memory, TT_BUS_STORE_ENTRIES_MAX + 1, 64));
    tt_bus_store *store = fresh(2, 64);
    tt_bus_stored *stored = add(store, 1, 16);
    tt_bus_store_remove(store, stored);
    TT_EXPECT_ABORT((tt_bus_store_remove(store, stored), 0));
    store = fresh(2, 0);
    assert_null(add(store, 1, 16));
    assert_non_null(add(store, 1, 0));
    tt_bus_store_check(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forged_id_finds_nothing),
        cmocka_unit_test(the_bound_of_messages),
        cmocka_unit_test(the_bound_of_bytes),
        cmocka_unit_test(ids_never_come_back),
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(impossible_stores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
