/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The end of a journal after a crash: what was never finished is cut, what was finished is kept.
 *
 * Covers: journal_tail.c journal_recover.c
 */
#include "journal/journal_format.h"
#include "journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A journal as it stands on the disk while its writer lives, and its last commit. */
typedef struct crash_site {
    fx_image image;
    fx_file *last;         /* The last segment. */
    size_t start;          /* Of the last commit's batch. */
    size_t end;            /* Behind it. */
    tt_journal_end before; /* Without it. */
    tt_journal_end after;  /* With it. */
    tt_durability durability;
} crash_site;

static size_t used_size(const fx_file *file)
{
    size_t size = file->size;
    while (size > 0 && file->bytes[size - 1] == 0) {
        size--;
    }
    return size;
}

/* Writes `before` steps, then one commit of `batch` steps, and takes the image. */
static void make_crash(crash_site *crash, tt_durability durability, size_t before, size_t batch)
{
    tt_journal_options options = fx_options(durability, 16384);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    crash->durability = durability;
    fx_append(writer, before, 2, 51);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    tt_journal_state(writer, &crash->before);
    fx_image_load(fx_journal, &crash->image);
    crash->start = used_size(fx_image_last(&crash->image, ".ttj"));
    fx_image_free(&crash->image);
    fx_append(writer, batch, batch, 51);
    tt_journal_state(writer, &crash->after);
    fx_image_load(fx_journal, &crash->image);
    crash->last = fx_image_last(&crash->image, ".ttj");
    crash->end = used_size(crash->last);
    assert_true(crash->end > crash->start + 96);
    tt_journal_close(writer);
}

/* Stores the image and checks that both reader and recovery end at `expected`. */
static void expect_end(crash_site *crash, const tt_journal_end *expected, bool is_cut)
{
    fx_image_store(fx_journal, &crash->image);
    tt_error error = {0};
    tt_journal_end end;
    tutti_status status = fx_read(fx_journal, &end, &error);
    if (status != TUTTI_END) {
        fail_msg("read: %s", error.message);
    }
    assert_int_equal(end.last_seq, expected->last_seq);
    assert_memory_equal(end.chain, expected->chain, sizeof end.chain);
    assert_int_equal(end.cut_bytes != 0, is_cut);
    tt_journal_options options = fx_options(crash->durability, 16384);
    tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
    assert_int_equal(end.last_seq, expected->last_seq);
    assert_memory_equal(end.chain, expected->chain, sizeof end.chain);
    assert_int_equal(end.cut_bytes != 0, is_cut);
    assert_int_equal(tt_journal_cut_reason(writer)[0] != 0, is_cut);
    // It goes on from there, and what was cut does not come back.
    fx_append(writer, 3, 1, 52);
    tt_journal_end continued;
    tt_journal_state(writer, &continued);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_memory_equal(end.chain, continued.chain, sizeof end.chain);
    assert_int_equal(end.step_count, expected->step_count + 3);
}

static void expect_corrupt(crash_site *crash)
{
    fx_image_store(fx_journal, &crash->image);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, crash->last->name));
    tt_journal_writer *writer = NULL;
    tt_journal_options options = fx_options(crash->durability, 16384);
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, NULL), TUTTI_CORRUPT);
}

static void test_a_tear_at_every_byte_of_the_last_commit(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_NONE, 4, 3);
    assert_int_equal(crash.end, crash.last->size);
    expect_end(&crash, &crash.after, false);
    for (size_t size = crash.start; size < crash.end; size++) {
        crash.last->size = size;
        expect_end(&crash, &crash.before, size > crash.start);
    }
    fx_image_free(&crash.image);
}

static void test_a_tear_at_every_byte_with_space_behind(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_BATCH, 4, 3);
    assert_int_equal(crash.last->size, 16384);
    expect_end(&crash, &crash.after, false);
    for (size_t size = crash.end - 1; size-- > crash.start;) {
        memset(crash.last->bytes + size, 0, crash.end - size);
        bool is_cut = used_size(crash.last) > crash.start;
        expect_end(&crash, &crash.before, is_cut);
    }
    fx_image_free(&crash.image);
}

static void test_the_last_byte_alone_is_damage(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_BATCH, 4, 3);
    crash.last->bytes[crash.end - 1] = 0;
    expect_corrupt(&crash);
    fx_image_free(&crash.image);
}

/* Makes every sector in `missing` (bits, from the batch's first) as empty as before the write. */
static bool drop_sectors(crash_site *crash, const fx_file *whole, unsigned missing)
{
    memcpy(crash->last->bytes, whole->bytes, whole->size);
    bool has_dropped = false;
    size_t first = crash->start / TT_JOURNAL_SECTOR;
    for (size_t sector = first; sector * TT_JOURNAL_SECTOR < crash->end; sector++) {
        if ((missing >> (sector - first) & 1) == 0) {
            continue;
        }
        size_t from = sector * TT_JOURNAL_SECTOR;
        from = from < crash->start ? crash->start : from;
        size_t to = (sector + 1) * TT_JOURNAL_SECTOR;
        memset(crash->last->bytes + from, 0, to - from);
        has_dropped = true;
    }
    return has_dropped;
}

static void test_sectors_that_arrive_out_of_order(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_BATCH, 5, 6);
    fx_file whole = *crash.last;
    whole.bytes = malloc(whole.size);
    memcpy(whole.bytes, crash.last->bytes, whole.size);
    size_t sectors = (crash.end - 1) / TT_JOURNAL_SECTOR - crash.start / TT_JOURNAL_SECTOR + 1;
    assert_in_range(sectors, 5, 10);
    for (unsigned missing = 1; missing < 1u << sectors; missing++) {
        if (drop_sectors(&crash, &whole, missing)) {
            expect_end(&crash, &crash.before, used_size(crash.last) > crash.start);
        }
    }
    free(whole.bytes);
    fx_image_free(&crash.image);
}

static void test_a_missing_sector_needs_the_very_next_commit(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_BATCH, 5, 6);
    // A sector is missing, and the commit behind it is not the one that would seal it.
    size_t sector = (crash.start / TT_JOURNAL_SECTOR + 1) * TT_JOURNAL_SECTOR;
    tt_commit_record *commit = (void *)(crash.last->bytes + crash.end - sizeof(tt_commit_record));
    memset(crash.last->bytes + sector, 0, TT_JOURNAL_SECTOR);
    commit->body.commit_count++;
    tt_record_seal_as(&commit->head, crash.end - sizeof *commit, TT_JOURNAL_VERSION);
    expect_corrupt(&crash);
    commit->body.commit_count--;
    commit->body.batch_bytes -= 16;
    tt_record_seal_as(&commit->head, crash.end - sizeof *commit, TT_JOURNAL_VERSION);
    expect_corrupt(&crash);
    commit->body.batch_bytes += 16;
    tt_record_seal_as(&commit->head, crash.end - sizeof *commit, TT_JOURNAL_VERSION);
    expect_end(&crash, &crash.before, true);
    fx_image_free(&crash.image);
}

static void test_a_missing_sector_before_further_commits_is_damage(void **state)
{
    (void)state;
    crash_site crash;
    make_crash(&crash, TT_durability_BATCH, 4, 1);
    // Any sector of the batches before the last one: a commit follows that is not their own.
    size_t count = 0;
    for (size_t at = 0; at + TT_JOURNAL_SECTOR <= crash.start; at += TT_JOURNAL_SECTOR, count++) {
        unsigned char kept[TT_JOURNAL_SECTOR];
        memcpy(kept, crash.last->bytes + at, sizeof kept);
        memset(crash.last->bytes + at, 0, sizeof kept);
        expect_corrupt(&crash);
        memcpy(crash.last->bytes + at, kept, sizeof kept);
    }
    assert_true(count > 0);
    fx_image_free(&crash.image);
}

/* A step with more zeros than any sector holds. */
static void append_zeros(tt_journal_writer *writer)
{
    static fx_step step;
    tt_journal_end end;
    tt_journal_state(writer, &end);
    step.size = 0;
    size_t size = offsetof(tt_agent_answer, body) + TT_MAX_answer_byte;
    tt_agent_answer *answer = fx_step_add(&step, TT_TOPIC_AGENT_ANSWERS, end.last_seq + 1, size);
    answer->count = TT_MAX_answer_byte;
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
}

static void test_damage_is_not_excused_by_zeros_that_were_written(void **state)
{
    (void)state;
    crash_site crash = {.durability = TT_durability_BATCH};
    tt_journal_options options = fx_options(TT_durability_BATCH, 16384);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 2, 1, 3);
    append_zeros(writer);
    fx_image_load(fx_journal, &crash.image);
    tt_journal_close(writer);
    crash.last = fx_image_last(&crash.image, ".ttj");
    size_t end = used_size(crash.last);
    for (size_t at = end - 96 - 16 - 64 - offsetof(tt_agent_answer, body) - TT_MAX_answer_byte;
         at < end;
         at++) {
        crash.last->bytes[at] ^= 0x20;
        expect_corrupt(&crash);
        crash.last->bytes[at] ^= 0x20;
    }
    fx_image_free(&crash.image);
}

static void test_a_text_that_looks_like_a_commit_is_no_commit(void **state)
{
    (void)state;
    // Half a step whose payload holds the bytes of the commit before it.
    crash_site crash;
    make_crash(&crash, TT_durability_NONE, 4, 2);
    size_t commit = crash.start - sizeof(tt_commit_record);
    uint32_t first_length;
    memcpy(&first_length, crash.last->bytes + crash.start, sizeof first_length);
    memcpy(
        crash.last->bytes + crash.start + 80, crash.last->bytes + commit, sizeof(tt_commit_record));
    crash.last->size = crash.start + 80 + sizeof(tt_commit_record);
    if (first_length > 64 + sizeof(tt_commit_record)) {
        expect_end(&crash, &crash.before, true);
    }
    fx_image_free(&crash.image);
}

static void test_a_crash_between_the_parts_of_a_rotation(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_BATCH, 2000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 30, 2, 61);
    tt_journal_end whole;
    tt_journal_state(writer, &whole);
    crash_site crash = {.durability = TT_durability_BATCH};
    fx_image_load(fx_journal, &crash.image);
    tt_journal_close(writer);
    // The last segment empty (a crash right after its name was given): as if prepared only.
    crash.last = fx_image_last(&crash.image, ".ttj");
    tt_segment_header header;
    memcpy(&header, crash.last->bytes, sizeof header);
    tt_journal_end before = {.last_seq = header.first_seq - 1, .step_count = header.step_count};
    memcpy(before.chain, header.chain, sizeof before.chain);
    memset(crash.last->bytes + sizeof header, 0, crash.last->size - sizeof header);
    expect_end(&crash, &before, false);
    crash.last->size = sizeof header;
    expect_end(&crash, &before, false);
    // Prepared, without its name.
    char name[64];
    (void)snprintf(name, sizeof name, "%.50s.new", crash.last->name);
    memcpy(crash.last->name, name, sizeof name);
    expect_end(&crash, &before, false);
    // Prepared, and the seal torn at every byte.
    fx_file *old = crash.last - 1;
    size_t sealed = old->size;
    for (size_t size = sealed - sizeof(tt_commit_record); size < sealed; size++) {
        old->size = size;
        expect_end(&crash, &before, size > sealed - sizeof(tt_commit_record));
    }
    old->size = sealed;
    fx_image left;
    fx_image_load(fx_journal, &left);
    for (size_t i = 0; i < left.count; i++) {
        assert_null(strstr(left.files[i].name, ".new")); // What was prepared in vain is gone.
    }
    fx_image_free(&left);
    // Neither: the successor was deleted.
    (void)strcpy(crash.last->name, "elsewhere");
    fx_image_store(fx_journal, &crash.image);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "the segment that follows is missing"));
    fx_image_free(&crash.image);
}

static void test_leftovers_of_a_creation_are_replaced(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_BATCH, 4096);
    fx_image image;
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_image_load(fx_journal, &image);
    tt_journal_close(writer);
    fx_file *meta = fx_image_last(&image, "meta");
    (void)strcpy(meta->name, "meta.new"); // The creation ended before the last rename.
    fx_image_store(fx_journal, &image);
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_NOT_FOUND);
    writer = fx_create(fx_journal, &options);
    fx_append(writer, 4, 1, 1);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_tear_at_every_byte_of_the_last_commit, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_tear_at_every_byte_with_space_behind, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_last_byte_alone_is_damage, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_sectors_that_arrive_out_of_order, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_missing_sector_needs_the_very_next_commit, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_missing_sector_before_further_commits_is_damage, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_damage_is_not_excused_by_zeros_that_were_written, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_text_that_looks_like_a_commit_is_no_commit, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_crash_between_the_parts_of_a_rotation, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_leftovers_of_a_creation_are_replaced, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
