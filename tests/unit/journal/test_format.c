/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Step records as they are finished one by one: what is known of their sectors is what a look at
 * all bytes of the batch would find.
 *
 * Covers: journal_format.c
 */
#include "journal/journal_format.h"
#include "journal_fixture.h"

#include <string.h>

enum {
    BATCH_BYTES = 16384,
    BATCHES = 20000
};

static _Alignas(16) unsigned char bytes[BATCH_BYTES + TT_JOURNAL_SECTOR];

/* Fills a body: zeros but for a few words, so that some sectors are poor and others nearly are. */
static void fill_body(unsigned char *body, size_t size, uint64_t *seed)
{
    memset(body, 0, size);
    size_t words = fx_random(seed) % 3 == 0 ? size / 8 : fx_random(seed) % 12;
    for (size_t i = 0; i < words; i++) {
        body[fx_random(seed) % size] = (unsigned char)(1 + fx_random(seed) % 255);
    }
}

/* Builds a batch at `offset`; returns its size. */
static size_t build(uint64_t offset, bool *ret_has_poor_record, uint64_t *seed)
{
    size_t used = 0;
    size_t records = 1 + fx_random(seed) % 5;
    *ret_has_poor_record = false;
    for (size_t i = 0; i < records; i++) {
        tt_record_head *head = (void *)(bytes + used);
        size_t body = 64 + fx_random(seed) % (i % 2 ? 140 : 20) * 16;
        memset(head, 0xa5, sizeof *head); // What an earlier batch left.
        head->length = (uint32_t)body;
        fill_body((unsigned char *)(head + 1), body, seed);
        *ret_has_poor_record |= tt_step_record_finish(head, offset + used);
        assert_true(tt_record_head_check(head, offset + used));
        assert_true(tt_record_crc_check(head, TT_JOURNAL_VERSION));
        used += sizeof *head + body;
    }
    return used;
}

static void test_a_batch_is_poor_as_a_look_at_all_bytes_says(void **state)
{
    (void)state;
    uint64_t seed = fx_seed(97);
    unsigned counts[2] = {0};
    for (int i = 0; i < BATCHES; i++) {
        bool has_poor_record;
        uint64_t offset = 96 + fx_random(&seed) % 64 * 16;
        size_t size = build(offset, &has_poor_record, &seed);
        bool is_poor = tt_batch_is_poor(has_poor_record, bytes, size, offset);
        assert_int_equal(is_poor, tt_batch_has_poor_sector(bytes, size, offset, 1));
        counts[is_poor]++;
    }
    assert_true(counts[0] > BATCHES / 5 && counts[1] > BATCHES / 5);
    assert_false(tt_batch_is_poor(false, bytes, 0, 96)); // Nothing is not poor.
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_is_poor_as_a_look_at_all_bytes_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
