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

/* A list may hold as many items as its capacity says. With one more the message has the size that
 * its count asks for, and is refused all the same. */
static void test_a_list_holds_its_capacity(void **state)
{
    (void)state;
    static _Alignas(16) unsigned char payload[65536];
    unsigned lists = 0;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        const tt_layout *layout = tt_topic_info_get(topic)->layout;
        for (uint32_t over = 0; layout->item_size > 0 && over < 2; over++) {
            const uint32_t count = layout->item_max + over;
            const uint32_t size = layout->fixed_size + count * layout->item_size;
            const tt_msg head = {
                .seq = 1, .topic = topic, .size = (uint16_t)((size + 15) & ~UINT32_C(15))};
            const char *why = "";
            memset(payload, 0, sizeof payload);
            memcpy(payload + layout->count_offset, &count, layout->count_size);
            assert_int_equal(tt_message_check(&head, payload, TT_JOURNAL_VERSION, &why), over == 0);
            assert_string_equal(
                why,
                over == 0 ? ""
                          : "a message has an unknown topic, or another size than in this release");
            lists++;
        }
    }
    assert_true(lists >= 10);
}

/* The largest step, and one of 16 bytes more; a step is at least the head of a message. */
static void test_a_record_holds_a_step_of_any_size_that_can_be(void **state)
{
    (void)state;
    tt_record_head head = {.type = TT_RECORD_STEP, .length = TT_JOURNAL_STEP_MAX, .place = 6};
    assert_true(tt_record_head_check(&head, 96));
    head.length = TT_JOURNAL_STEP_MAX + 16;
    assert_false(tt_record_head_check(&head, 96));
    head.length = TT_JOURNAL_STEP_MAX - 8;
    assert_false(tt_record_head_check(&head, 96));
    head.length = sizeof(tt_msg);
    assert_true(tt_record_head_check(&head, 96));
    head.length = sizeof(tt_msg) - 16;
    assert_false(tt_record_head_check(&head, 96));
    head.length = sizeof(tt_msg);
    assert_false(tt_record_head_check(&head, 112)); // it belongs to another place
    head.reserved[2] = 1;
    assert_false(tt_record_head_check(&head, 96));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_is_poor_as_a_look_at_all_bytes_says),
        cmocka_unit_test(test_a_list_holds_its_capacity),
        cmocka_unit_test(test_a_record_holds_a_step_of_any_size_that_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
