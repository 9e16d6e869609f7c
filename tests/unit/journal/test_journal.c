/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The journal as its users see it: write, read, follow, close, continue.
 *
 * Covers: journal_batch.c journal_hash.c journal_open.c journal_read.c
 * journal_write.c
 */
#include "journal_fixture.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a journal and compares each step with what fx_append wrote. */
static void check_contents(size_t count, uint64_t seed)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    tt_seq last = 0;
    for (size_t i = 0; i < count; i++) {
        const void *bytes = NULL;
        size_t size = 0;
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
        fx_step_make(&step, last + 1, seed);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
        assert_int_equal((uintptr_t)bytes % 16, 0);
        last = step.last_seq;
    }
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_end end;
    tt_journal_reader_end(reader, &end);
    assert_int_equal(end.step_count, count);
    assert_int_equal(end.last_seq, last);
    assert_int_equal(end.cut_bytes, 0);
    assert_string_equal(tt_journal_reader_tail(reader), "");
    tt_journal_reader_close(reader);
}

static void round_trip(tt_durability durability, uint64_t segment_bytes, size_t per_commit)
{
    tt_journal_options options = fx_options(durability, segment_bytes);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 200, per_commit, 5);
    tt_journal_close(writer);
    check_contents(200, 5);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_true(end.is_closed);
}

static void test_round_trip_in_every_mode(void **state)
{
    round_trip(TT_durability_NONE, 0, 1);
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
    round_trip(TT_durability_NONE, 4096, 7);
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
    round_trip(TT_durability_BATCH, 4096, 13);
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
    round_trip(TT_durability_ALWAYS, 8192, 1);
}

/* hash(n) of the specification, from the bytes of the step records that commit n seals. */
static void chain_of_batch(uint8_t chain[32], const unsigned char *batch, size_t size)
{
    static unsigned char text[32 + 32 * 2048];
    size_t used = 32;
    if (size == 0) {
        return;
    }
    memcpy(text, chain, 32);
    for (size_t at = 0; at < size; at += 8192, used += 32) {
        assert_true(used + 32 <= sizeof text);
        SHA256(batch + at, size - at < 8192 ? size - at : 8192, text + used);
    }
    SHA256(text, used, chain);
}

/* Moves the chain over the commits of one segment; checks that each holds the value before it. */
static void chain_of_segment(uint8_t chain[32], const fx_file *file)
{
    size_t batch = 96;
    assert_memory_equal(file->bytes + 48, chain, 32);
    for (size_t at = 96; at < file->size;) {
        uint32_t length;
        memcpy(&length, file->bytes + at, sizeof length);
        if (file->bytes[at + 8] == 2) {
            assert_memory_equal(file->bytes + at + 16 + 32, chain, 32);
            chain_of_batch(chain, file->bytes + batch, at - batch);
            batch = at + 16 + length;
        }
        at += 16 + length;
    }
}

static void test_the_digest_is_the_chain_of_the_specification(void **state)
{
    for (size_t per_commit = 1; per_commit < 60; per_commit += 29) {
        tt_journal_options options = fx_options(TT_durability_NONE, 40000);
        tt_journal_writer *writer = fx_create(fx_journal, &options);
        fx_append(writer, 200, per_commit, 3);
        tt_journal_close(writer);
        tt_journal_end end;
        assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
        fx_image image;
        fx_image_load(fx_journal, &image);
        assert_true(image.count > 3);
        uint8_t chain[32];
        SHA256((const unsigned char *)FX_META, FX_META_SIZE, chain);
        for (size_t i = 0; i + 1 < image.count; i++) { // The last file is meta.
            chain_of_segment(chain, &image.files[i]);
        }
        assert_memory_equal(end.chain, chain, 32);
        fx_image_free(&image);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

/* The digest of 120 steps in groups of this size, in segments of this size. */
static void digest_of(void **state, size_t per_commit, uint64_t segment_bytes, uint8_t digest[32])
{
    tt_journal_options options = fx_options(TT_durability_NONE, segment_bytes);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_journal_end end;
    fx_append(writer, 120, per_commit, 8);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, 120);
    memcpy(digest, end.chain, 32);
    (void)fx_tear_down(state);
    (void)fx_set_up(state);
}

static void test_the_digest_depends_on_the_steps_and_their_groups(void **state)
{
    uint8_t first[32];
    uint8_t other[32];
    digest_of(state, 12, 0, first);
    digest_of(state, 12, 0, other);
    assert_memory_equal(first, other, 32);
    digest_of(state, 13, 0, other);
    assert_memory_not_equal(first, other, 32);
    digest_of(state, 12, 5000, other);
    assert_memory_not_equal(first, other, 32);
}

static void test_meta_is_kept(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_close(fx_create(fx_journal, &options));
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    size_t size;
    const void *meta = tt_journal_reader_meta(reader, &size);
    assert_int_equal(size, FX_META_SIZE);
    assert_memory_equal(meta, FX_META, size);
    tt_journal_reader_close(reader);
}

static void test_an_empty_meta_and_an_empty_journal_are_fine(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, 4096);
    tt_journal_writer *writer = NULL;
    assert_int_equal(tt_journal_create(fx_journal, "", 0, &options, &writer, NULL), TUTTI_OK);
    tt_journal_close(writer);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, 0);
    assert_int_equal(end.step_count, 0);
    writer = fx_resume(fx_journal, &options, &end);
    fx_append(writer, 3, 1, 1);
    tt_journal_close(writer);
    check_contents(3, 1);
}

static void test_resume_continues_as_if_never_interrupted(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_BATCH, 4096);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    for (int part = 0; part < 9; part++) {
        fx_append(writer, 10, 4, 21);
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
        tt_journal_end before;
        tt_journal_end end;
        tt_journal_state(writer, &before);
        tt_journal_close(writer);
        writer = fx_resume(fx_journal, &options, &end);
        assert_int_equal(end.step_count, 10 * (part + 1));
        assert_int_equal(end.cut_bytes, 0);
        assert_memory_equal(end.chain, before.chain, 32); // Closing seals no step.
        assert_string_equal(tt_journal_cut_reason(writer), "");
    }
    tt_journal_close(writer);
    check_contents(90, 21);
}

static void test_closing_again_without_steps_adds_nothing(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, 4096);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 5, 1, 2);
    tt_journal_close(writer);
    fx_image before;
    fx_image after;
    fx_image_load(fx_journal, &before);
    tt_journal_close(fx_resume(fx_journal, &options, NULL));
    fx_image_load(fx_journal, &after);
    assert_int_equal(before.count, after.count);
    for (size_t i = 0; i < before.count; i++) {
        assert_int_equal(before.files[i].size, after.files[i].size);
        assert_memory_equal(before.files[i].bytes, after.files[i].bytes, after.files[i].size);
    }
    fx_image_free(&before);
    fx_image_free(&after);
}

/* Appends one clock message at this time. */
static void append_at(tt_journal_writer *writer, tt_seq seq, int64_t time_ns)
{
    static fx_step step;
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, seq, sizeof(tt_clock));
    ((tt_msg *)(void *)step.bytes)->time.ns = time_ns;
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
}

static void test_times_that_step_back_are_kept_as_they_are(void **state)
{
    (void)state;
    // Within a run, across a change of segments, across a restart. Order is that of the numbers.
    static const int64_t times[] = {500, 400, 400, -7, 900, INT64_MAX, INT64_MIN, 3};
    enum {
        COUNT = sizeof times / sizeof *times
    };
    tt_journal_options options = fx_options(TT_durability_BATCH, 600);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    for (tt_seq seq = 1; seq <= COUNT; seq++) {
        append_at(writer, seq, times[seq - 1]);
        if (seq % 3 == 0) {
            tt_journal_end end;
            tt_journal_close(writer);
            writer = fx_resume(fx_journal, &options, &end);
            assert_int_equal(end.last_time.ns, times[seq - 1]);
        }
    }
    tt_journal_close(writer);
    tt_journal_reader *reader = NULL;
    const void *step;
    size_t size;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    for (tt_seq seq = 1; seq <= COUNT; seq++) {
        assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
        assert_int_equal(((const tt_msg *)step)->seq, seq);
        assert_int_equal(((const tt_msg *)step)->time.ns, times[seq - 1]);
    }
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

static void test_a_meta_beyond_the_bound(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    size_t size = (size_t)64 * 1024 * 1024;
    assert_int_equal(
        tt_journal_create(fx_journal, "", size + 1, &options, &writer, &error), TUTTI_LIMIT);
    assert_int_not_equal(access(fx_journal, F_OK), 0);
    void *meta = calloc(1, size);
    assert_non_null(meta);
    assert_int_equal(
        tt_journal_create(fx_journal, meta, size, &options, &writer, &error), TUTTI_OK);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    free(meta);
}

static void test_strange_names_of_directories_and_files(void **state)
{
    (void)state;
    char deep[FX_PATH_MAX + 64];
    (void)snprintf(deep, sizeof deep, "%s/a/b/c//", fx_root);
    tt_journal_options options = fx_options(TT_durability_ALWAYS, 4096);
    tt_journal_writer *writer = fx_create(deep, &options);
    fx_append(writer, 2, 1, 1);
    tt_journal_close(writer);
    assert_int_equal(fx_read(deep, NULL, NULL), TUTTI_END);
    // Names that look almost like segments are none.
    static const char *const names[] = {
        "99999999999999999999.ttj",
        "0000000000000000000x.ttj",
        "1.ttj",
        "00000000000000000009.ttjx",
        "notes.txt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fx_file file = {.bytes = (unsigned char *)deep, .size = 3};
        (void)snprintf(file.name, sizeof file.name, "%s", names[i]);
        fx_file_store(deep, &file);
    }
    assert_int_equal(fx_read(deep, NULL, NULL), TUTTI_END);
    tt_journal_close(fx_resume(deep, &options, NULL));
    (void)snprintf(deep, sizeof deep, "%s/a/b", fx_root);
    fx_dir_remove(deep);
    (void)snprintf(deep, sizeof deep, "%s/a", fx_root);
    fx_dir_remove(deep);
}

static void test_create_refuses_an_existing_journal(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_close(fx_create(fx_journal, &options));
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    assert_int_equal(
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, &options, &writer, &error),
        TUTTI_EXISTS);
    assert_non_null(strstr(error.message, fx_journal));
}

static void test_absent_journals_are_not_found_and_not_made(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = NULL;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    assert_int_equal(
        tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, fx_journal));
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, &error), TUTTI_NOT_FOUND);
    assert_int_not_equal(access(fx_journal, F_OK), 0);
    assert_int_equal(tt_journal_reader_open(fx_root, &reader, &error), TUTTI_NOT_FOUND);
    assert_int_equal(tt_journal_resume(fx_root, &options, &writer, NULL, &error), TUTTI_NOT_FOUND);
    assert_int_equal(access(fx_journal, F_OK), -1);
}

static void expect_refused(tt_journal_writer *writer, const fx_step *step, const char *why)
{
    tt_error error = {0};
    assert_int_equal(tt_journal_append(writer, step->bytes, step->size, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, why));
}

static void test_append_refuses_what_no_reader_would_take(void **state)
{
    (void)state;
    static fx_step step;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    step.size = 0;
    expect_refused(writer, &step, "not whole messages");
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, 2, sizeof(tt_clock));
    expect_refused(writer, &step, "do not continue");
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, 1, sizeof(tt_clock));
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, 3, sizeof(tt_clock));
    expect_refused(writer, &step, "do not continue");
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, 1, sizeof(tt_clock));
    step.size -= 16;
    expect_refused(writer, &step, "not whole messages");
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_CLOCK, 1, sizeof(tt_clock) + 16);
    expect_refused(writer, &step, "another size");
    step.size = 0;
    (void)fx_step_add(&step, TT_TOPIC_COUNT, 1, 16);
    expect_refused(writer, &step, "unknown topic");
    step.size = 0;
    ((tt_depth *)fx_step_add(&step, TT_TOPIC_MARKET_DEPTH, 1, sizeof(tt_depth)))->count = 255;
    expect_refused(writer, &step, "another size");
    fx_append(writer, 2, 1, 3); // Nothing of it has changed anything.
    tt_journal_close(writer);
    check_contents(2, 3);
}

/* A step of bars with `size` bytes in all. */
static void *make_large_step(tt_seq first_seq, size_t size)
{
    size_t each = sizeof(tt_msg) + sizeof(tt_bar);
    unsigned char *bytes = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(bytes);
    memset(bytes, 0, size);
    for (size_t i = 0; i < size / each; i++) {
        tt_msg *msg = (tt_msg *)(void *)(bytes + i * each);
        msg->seq = first_seq + i;
        msg->topic = TT_TOPIC_MARKET_BAR;
        msg->size = sizeof(tt_bar);
        ((tt_bar *)(void *)(msg + 1))->feed_seq = msg->seq;
    }
    return bytes;
}

static void test_the_bound_of_a_step(void **state)
{
    (void)state;
    size_t each = sizeof(tt_msg) + sizeof(tt_bar);
    size_t size = TT_JOURNAL_STEP_MAX / each * each;
    void *bytes = make_large_step(1, size + each);
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_error error = {0};
    assert_int_equal(tt_journal_append(writer, bytes, size + each, &error), TUTTI_LIMIT);
    assert_int_equal(tt_journal_append(writer, bytes, size, &error), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    free(bytes);
    tt_journal_end end;
    tt_journal_state(writer, &end);
    assert_int_equal(end.last_seq, size / each);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, &error), TUTTI_END);
    assert_int_equal(end.last_seq, size / each);
}

static void test_a_full_buffer_commits_by_itself(void **state)
{
    (void)state;
    size_t each = sizeof(tt_msg) + sizeof(tt_bar);
    size_t size = (size_t)3 * 1024 * 1024 / each * each;
    tt_journal_options options = fx_options(TT_durability_NONE, 0);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_journal_end end = {0};
    for (int i = 0; i < 5; i++) {
        void *bytes = make_large_step(end.last_seq + 1, size);
        assert_int_equal(tt_journal_append(writer, bytes, size, NULL), TUTTI_OK);
        free(bytes);
        tt_journal_state(writer, &end);
    }
    assert_int_equal(end.commit_count, 2);
    assert_int_equal(tt_journal_pending(writer), size + 16);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, 4);
    tt_journal_close(writer);
}

static void test_seek_goes_to_any_step(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 60, 4, 12);
    tt_journal_close(writer);
    tt_journal_end points[61];
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    const void *bytes;
    size_t size;
    tt_journal_reader_end(reader, &points[0]);
    for (size_t i = 1; i <= 60; i++) {
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
        tt_journal_reader_end(reader, &points[i]);
    }
    tt_journal_reader_close(reader);
    for (size_t i = 0; i <= 60; i++) {
        assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
        assert_int_equal(tt_journal_reader_seek(reader, &points[i], NULL), TUTTI_OK);
        tt_journal_end end;
        for (size_t j = i + 1; j <= 60; j++) {
            assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
            tt_journal_reader_end(reader, &end);
            assert_memory_equal(end.chain, points[j].chain, 32);
            assert_int_equal(end.step_count, j);
        }
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
        tt_journal_reader_close(reader);
    }
}

static void test_seek_refuses_points_that_are_not_there(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 30, 4, 12);
    tt_journal_end end;
    tt_journal_state(writer, &end);
    tt_journal_close(writer);
    tt_journal_end beyond = end;
    beyond.last_seq += 1;
    tt_journal_end other = end;
    other.chain[5] ^= 1;
    tt_journal_end within = end;
    within.step_count--;
    const tt_journal_end *points[] = {&beyond, &other, &within};
    for (size_t i = 0; i < 3; i++) {
        tt_journal_reader *reader = NULL;
        tt_error error = {0};
        assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
        assert_int_equal(tt_journal_reader_seek(reader, points[i], &error), TUTTI_CORRUPT);
        assert_non_null(strstr(error.message, "no such point"));
        tt_journal_reader_close(reader);
    }
    tt_journal_reader *reader = NULL;
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_reader_seek(reader, &end, NULL), TUTTI_STATE);
    tt_journal_reader_close(reader);
}

static void test_resume_can_verify_from_a_point(void **state)
{
    (void)state;
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    fx_append(writer, 30, 4, 12);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    tt_journal_end point;
    tt_journal_state(writer, &point);
    fx_append(writer, 30, 4, 12);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    tt_journal_end last;
    tt_journal_state(writer, &last);
    tt_journal_close(writer);
    options.verify_from = &point;
    tt_journal_end end;
    writer = fx_resume(fx_journal, &options, &end);
    assert_memory_equal(end.chain, last.chain, 32);
    assert_int_equal(end.step_count, 60);
    fx_append(writer, 10, 4, 12);
    tt_journal_close(writer);
    check_contents(70, 12);
    point.chain[0] ^= 1;
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, NULL), TUTTI_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip_in_every_mode, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_digest_is_the_chain_of_the_specification, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_digest_depends_on_the_steps_and_their_groups, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_meta_is_kept, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_empty_meta_and_an_empty_journal_are_fine, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_resume_continues_as_if_never_interrupted, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_closing_again_without_steps_adds_nothing, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_create_refuses_an_existing_journal, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_absent_journals_are_not_found_and_not_made, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_append_refuses_what_no_reader_would_take, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_bound_of_a_step, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_full_buffer_commits_by_itself, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_seek_goes_to_any_step, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_seek_refuses_points_that_are_not_there, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_resume_can_verify_from_a_point, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_strange_names_of_directories_and_files, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_times_that_step_back_are_kept_as_they_are, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_meta_beyond_the_bound, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
