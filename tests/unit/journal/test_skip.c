/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Beginning in the middle: every number and every time against a plain read, in segments and
 * archives; a segment that does not continue the one before it.
 */
#include "journal/journal_segment.h"
#include "journal_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

#define STEPS 120

static char dir[FX_PATH_MAX];
static tt_time times[4 * STEPS + 1]; /* of each message, by number */
static tt_seq last_seq;

static int clear(void **state)
{
    (void)state;
    fx_dir_make(dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    fx_dir_remove(dir);
    return 0;
}

/* A journal of many small segments; each third step has the time of the one before it. */
static void make_journal(void)
{
    static fx_step step;
    tt_journal_options options = fx_options(TT_durability_NONE, 3000);
    tt_journal_writer *writer = fx_create(dir, &options);
    tt_seq next = 1;
    for (int64_t i = 0; i < STEPS; i++) {
        fx_step_make(&step, next, 5);
        for (const tt_msg *msg = tt_step_next(step.bytes, step.size, NULL); msg;
             msg = tt_step_next(step.bytes, step.size, msg)) {
            ((tt_msg *)(void *)(step.bytes + ((const unsigned char *)msg - step.bytes)))->time.ns =
                (i - (i % 3 == 2)) * 1000;
            times[msg->seq].ns = msg->time.ns;
            next = msg->seq + 1;
        }
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    }
    tt_journal_close(writer);
    last_seq = next - 1;
}

static tt_journal_reader *open_reader(void)
{
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(dir, &reader, NULL), TUTTI_OK);
    return reader;
}

/* Reads on; returns the first number, 0 = none. All up to the last must follow it. */
static tt_seq read_rest(tt_journal_reader *reader)
{
    const void *step;
    size_t size;
    tt_seq first = 0;
    tt_seq last = 0;
    tutti_status status;
    while ((status = tt_journal_reader_next(reader, &step, &size, NULL)) == TUTTI_OK) {
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
             msg = tt_step_next(step, size, msg)) {
            first = first == 0 ? msg->seq : first;
            assert_true(last == 0 || msg->seq == last + 1);
            last = msg->seq;
            assert_int_equal(msg->time.ns, times[msg->seq].ns);
        }
    }
    assert_int_equal(status, TUTTI_END);
    assert_true(first == 0 || last == last_seq);
    return first;
}

/* The last segment before which nothing is wanted. */
static tt_seq model_start(const tt_seq *firsts, size_t count, tt_seq from_seq, tt_time since)
{
    tt_seq start = firsts[0];
    for (size_t i = 1; i < count; i++) {
        bool is_wanted_before = false;
        for (tt_seq seq = 1; seq < firsts[i]; seq++) {
            is_wanted_before |= seq >= from_seq && times[seq].ns >= since.ns;
        }
        start = is_wanted_before ? start : firsts[i];
    }
    return start;
}

static void check(tt_seq from_seq, tt_time since)
{
    tt_journal_reader *reader = open_reader();
    tt_journal_end begin;
    tt_seq *firsts;
    size_t count;
    tt_error error = {0};
    assert_int_equal(tt_journal_reader_segments(reader, &firsts, &count, NULL), TUTTI_OK);
    assert_true(count > 10);
    if (tt_journal_reader_skip(reader, from_seq, since, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    tt_seq start = model_start(firsts, count, from_seq, since);
    tt_journal_reader_end(reader, &begin);
    assert_int_equal(begin.last_seq, start - 1);
    tt_seq first = read_rest(reader);
    assert_true(first == start || (first == 0 && start == last_seq + 1));
    free(firsts);
    tt_journal_reader_close(reader);
}

static void check_all(void)
{
    const tt_time any = {INT64_MIN};
    for (tt_seq seq = 0; seq <= last_seq + 2; seq++) {
        check(seq, any);
    }
    check(UINT64_MAX, any);
    for (int64_t i = -1; i <= STEPS; i++) {
        check(0, (tt_time){i * 1000 - 1});
        check(0, (tt_time){i * 1000});
        check((tt_seq)(i + 1) * 2, (tt_time){i * 1000 + 1});
    }
    check(0, TT_TIME_NEVER);
}

static void test_every_start_in_segments(void **state)
{
    (void)state;
    make_journal();
    check_all();
}

static void test_every_start_in_archives(void **state)
{
    (void)state;
    tt_journal_retention rules = {0};
    tt_journal_retained done;
    make_journal();
    assert_int_equal(tt_journal_retain(dir, &rules, &done, NULL), TUTTI_OK);
    assert_true(done.archived > 10);
    check_all();
}

/* Writes another header, with a right checksum, into a segment. */
static void change_header(tt_seq first_seq)
{
    char path[FX_PATH_MAX + 64];
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_header header;
    tt_segment_name(name, first_seq);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fread(&header, sizeof header, 1, file), 1);
    header.chain[3] ^= 1;
    tt_segment_header_seal_as(&header, header.version);
    rewind(file);
    assert_int_equal(fwrite(&header, sizeof header, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static void test_a_segment_that_does_not_continue_is_refused(void **state)
{
    (void)state;
    make_journal();
    tt_journal_reader *reader = open_reader();
    tt_seq *firsts;
    size_t count;
    const void *step;
    size_t size;
    assert_int_equal(tt_journal_reader_segments(reader, &firsts, &count, NULL), TUTTI_OK);
    change_header(firsts[5]);
    tt_error error = {0};
    assert_int_equal(
        tt_journal_reader_skip(reader, firsts[5], (tt_time){INT64_MIN}, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "does not begin with what the one before it ends with"));
    // The failure stays.
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_CORRUPT);
    tt_journal_reader_close(reader);
    // One that begins behind it does not look at it.
    reader = open_reader();
    assert_int_equal(
        tt_journal_reader_skip(reader, firsts[7], (tt_time){INT64_MIN}, NULL), TUTTI_OK);
    assert_int_equal(read_rest(reader), firsts[7]);
    tt_journal_reader_close(reader);
    free(firsts);
}

static void test_a_lost_seal_is_noticed(void **state)
{
    (void)state;
    make_journal();
    tt_journal_reader *reader = open_reader();
    tt_seq *firsts;
    size_t count;
    char path[FX_PATH_MAX + 64];
    char name[TT_JOURNAL_NAME_MAX];
    struct stat info;
    assert_int_equal(tt_journal_reader_segments(reader, &firsts, &count, NULL), TUTTI_OK);
    tt_segment_name(name, firsts[5]);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(stat(path, &info), 0);
    // Cut at each multiple of 16 of its last two records, and in between.
    for (off_t cut = 1; cut <= 200; cut += 15) {
        assert_int_equal(truncate(path, info.st_size - cut), 0);
        tt_error error = {0};
        assert_int_equal(
            tt_journal_reader_skip(reader, firsts[6], (tt_time){INT64_MIN}, &error), TUTTI_CORRUPT);
        tt_journal_reader_close(reader);
        reader = open_reader();
    }
    tt_journal_reader_close(reader);
    free(firsts);
}

static void test_only_a_fresh_reader_can_skip(void **state)
{
    (void)state;
    make_journal();
    tt_journal_reader *reader = open_reader();
    const void *step;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
    tt_error error = {0};
    assert_int_equal(tt_journal_reader_skip(reader, 10, (tt_time){INT64_MIN}, &error), TUTTI_STATE);
    assert_non_null(strstr(error.message, "has read already"));
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
    tt_journal_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_start_in_segments, clear, remove_dir),
        cmocka_unit_test_setup_teardown(test_every_start_in_archives, clear, remove_dir),
        cmocka_unit_test_setup_teardown(
            test_a_segment_that_does_not_continue_is_refused, clear, remove_dir),
        cmocka_unit_test_setup_teardown(test_a_lost_seal_is_noticed, clear, remove_dir),
        cmocka_unit_test_setup_teardown(test_only_a_fresh_reader_can_skip, clear, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
