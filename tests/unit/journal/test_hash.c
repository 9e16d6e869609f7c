/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The chain over a batch, one piece or two at a time, against SHA-256 of libcrypto.
 *
 * Covers: journal_hash.c journal_chain.c sha256_pair.c
 */
#include "journal/journal_chain.h"
#include "journal/sha256_pair.h"
#include "journal_fixture.h"

#include <openssl/sha.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *bytes; /* TT_JOURNAL_BATCH_MAX of them. */

static int set_up(void **state)
{
    (void)state;
    uint64_t random = 5;
    bytes = malloc(TT_JOURNAL_BATCH_MAX);
    assert_non_null(bytes);
    for (size_t i = 0; i < TT_JOURNAL_BATCH_MAX; i++) {
        bytes[i] = (unsigned char)fx_random(&random);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(bytes);
    return 0;
}

static void test_pairs_of_every_size(void **state)
{
    (void)state;
    if (!tt_sha256_pair_is_offered()) {
        skip();
    }
    for (size_t size = 0; size <= 8192; size += 64) {
        uint8_t got[2][32];
        uint8_t wanted[2][32];
        tt_sha256_pair(bytes + 1, bytes + 9000, size, got[0], got[1]); // At odd addresses too.
        SHA256(bytes + 1, size, wanted[0]);
        SHA256(bytes + 9000, size, wanted[1]);
        assert_memory_equal(got, wanted, sizeof got);
    }
}

static void chain_of(const uint8_t before[32], size_t size, uint8_t chain[32])
{
    static unsigned char text[32 * (TT_JOURNAL_PIECES_MAX + 1)];
    size_t used = 32;
    memcpy(text, before, 32);
    for (size_t at = 0; at < size; at += 8192, used += 32) {
        SHA256(bytes + at, size - at < 8192 ? size - at : 8192, text + used);
    }
    if (size > 0) {
        SHA256(text, used, chain);
    } else {
        memcpy(chain, before, 32);
    }
}

static void test_the_chain_with_and_without_pairs(void **state)
{
    (void)state;
    const size_t sizes[] = {
        0,
        16,
        80,
        8192 - 16,
        8192,
        8192 + 16,
        2 * 8192,
        16400,
        3 * 8192,
        4 * 8192 - 16,
        100000,
        1u << 20,
        8u << 20,
        TT_JOURNAL_BATCH_MAX};
    tt_journal_hash hash;
    assert_int_equal(tt_journal_hash_init(&hash, NULL), TUTTI_OK);
    bool offered = hash.has_pairs;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int with = 0; with < 2; with++) {
            uint8_t before[32];
            uint8_t wanted[32];
            uint8_t chain[32];
            memset(before, (int)i, sizeof before);
            memcpy(chain, before, sizeof chain);
            hash.has_pairs = with == 1 && offered;
            tt_journal_hash_batch(&hash, chain, bytes, sizes[i]);
            chain_of(before, sizes[i], wanted);
            assert_memory_equal(chain, wanted, sizeof chain);
        }
    }
    tt_journal_hash_fini(&hash);
}

static void test_the_chain_beside_a_sync(void **state)
{
    (void)state;
    const size_t sizes[] = {
        TT_CHAIN_THREAD_MIN,
        0,
        16,
        TT_CHAIN_THREAD_MIN - 16,
        TT_CHAIN_THREAD_MIN + 16,
        1u << 20,
        4096,
        1u << 20};
    static tt_chain chain;
    uint8_t value[32] = {1};
    uint8_t wanted[32];
    assert_false(tt_chain_finish(&chain, value)); // nothing is begun
    assert_int_equal(tt_chain_start(&chain, NULL), TUTTI_OK);
    for (uint32_t i = 0; i < 40; i++) {
        size_t size = sizes[i % (sizeof sizes / sizeof sizes[0])];
        uint8_t before[32];
        memcpy(before, value, sizeof before);
        chain_of(before, size, wanted);
        tt_chain_begin(&chain, value, bytes, size);
        // Every other time the thread is first; else both take lots, or whoever finishes does.
        bool is_threads = i % 2 == 0 && size >= TT_CHAIN_THREAD_MIN;
        while (is_threads && atomic_load(&chain.done) != (size + 16383) / 16384) {
            (void)sched_yield();
        }
        memset(value, 0xff, sizeof value); // it is not lent
        assert_true(tt_chain_finish(&chain, value));
        assert_memory_equal(value, wanted, sizeof wanted);
        assert_int_equal(atomic_load(&chain.done), (size + 16383) / 16384);
    }
    tt_chain_stop(&chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_of_every_size),
        cmocka_unit_test(test_the_chain_with_and_without_pairs),
        cmocka_unit_test(test_the_chain_beside_a_sync),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
