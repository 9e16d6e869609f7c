/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commits past the page cache: whole blocks, the same bytes, and whatever a crash leaves of such a
 * write is judged as ever, at every byte and for every sector.
 *
 * Covers: journal_block.c
 */
#include "journal/journal_block.h"
#include "journal/journal_writer.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SEGMENT = 64 * 1024,
    WRITE_MAX = 32 * 1024,
    SEED = 83
};

/* System calls of a file system that takes whole blocks alone past the page cache. What is noted
 * of writes are those of the writer, not those of the thread that makes spares. */
typedef struct block_system {
    pthread_t writer;
    bool refuses;    /* To go direct. */
    bool refuses_it; /* Only once it is written to. */
    int fails_at;    /* Write past the page cache that fails with EIO; -1 = none. */
    int writes;      /* Past the page cache. */
    bool is_skewed;  /* One of them was not of whole blocks. */
    /* The last of them. */
    unsigned char bytes[WRITE_MAX];
    size_t size;
    off_t offset;
} block_system;

static int block_set_direct(void *ctx, int fd, bool is_direct)
{
    return ((const block_system *)ctx)->refuses ? -1 : fx_mark(fd, is_direct);
}

static ssize_t block_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    block_system *self = ctx;
    if (!fx_is_marked(fd)) {
        return pwrite(fd, bytes, size, offset);
    }
    errno = EINVAL;
    if (self->refuses_it) {
        return -1;
    }
    if (!pthread_equal(pthread_self(), self->writer)) {
        return pwrite(fd, bytes, size, offset);
    }
    errno = EIO;
    if (self->writes++ == self->fails_at) {
        return -1;
    }
    self->is_skewed |= ((uintptr_t)bytes | size | (size_t)offset) % TT_JOURNAL_BLOCK != 0;
    self->size = size;
    self->offset = offset;
    memcpy(self->bytes, bytes, size < WRITE_MAX ? size : WRITE_MAX);
    return pwrite(fd, bytes, size, offset);
}

static tt_journal_options options_of(block_system *self, tt_journal_io *io)
{
    *io = tt_journal_io_system;
    io->ctx = self;
    io->pwrite = block_pwrite;
    io->set_direct = block_set_direct;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.io = io;
    return options;
}

static block_system new_system(void)
{
    return (block_system){.writer = pthread_self(), .fails_at = -1};
}

/* Commits of many sizes, also at the borders of blocks; over some segments. */
static void append_much(tt_journal_writer *writer, uint64_t seed)
{
    uint64_t random = seed;
    for (int i = 0; i < 90; i++) {
        tt_spare_settle(&writer->spare); // The order of calls is the same in each run.
        fx_append(writer, 1 + fx_random(&random) % 9, 16, seed);
        assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
    }
}

/* Writes a journal, closes it in the middle of a block and goes on. */
static void write_journal(const tt_journal_options *options)
{
    tt_journal_end end;
    tt_journal_writer *writer = fx_create(fx_journal, options);
    append_much(writer, SEED);
    tt_journal_close(writer);
    writer = fx_resume(fx_journal, options, &end);
    append_much(writer, SEED + 1);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_true(end.is_closed);
}

static void check_same(fx_image *a, fx_image *b)
{
    assert_int_equal(a->count, b->count);
    assert_true(a->count > 4); // Some changes of segment.
    for (size_t i = 0; i < a->count; i++) {
        assert_string_equal(a->files[i].name, b->files[i].name);
        assert_int_equal(a->files[i].size, b->files[i].size);
        assert_memory_equal(a->files[i].bytes, b->files[i].bytes, a->files[i].size);
    }
    fx_image_free(a);
    fx_image_free(b);
}

static void test_the_bytes_are_those_through_the_page_cache(void **state)
{
    (void)state;
    fx_image plain, direct;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    write_journal(&options);
    fx_image_load(fx_journal, &plain);
    fx_dir_remove(fx_journal);
    block_system system = new_system();
    tt_journal_io io;
    options = options_of(&system, &io);
    write_journal(&options);
    fx_image_load(fx_journal, &direct);
    assert_true(system.writes > 180); // All commits.
    assert_false(system.is_skewed);
    check_same(&plain, &direct);
}

static void test_a_file_system_that_refuses_is_written_to_as_ever(void **state)
{
    for (int when = 0; when < 2; when++) {
        fx_image plain, refused;
        block_system system = new_system();
        system.refuses = when == 0;
        system.refuses_it = when == 1;
        tt_journal_io io;
        tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
        write_journal(&options);
        fx_image_load(fx_journal, &plain);
        fx_dir_remove(fx_journal);
        options = options_of(&system, &io);
        write_journal(&options);
        fx_image_load(fx_journal, &refused);
        assert_int_equal(system.writes, 0);
        check_same(&plain, &refused);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

static void test_a_fault_point_in_bytes_counts_what_the_journal_writes(void **state)
{
    (void)state;
    block_system system = new_system();
    tt_journal_io io;
    tt_journal_options options = options_of(&system, &io);
    options.fail_after_bytes = 3000;
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    assert_int_equal(system.writes, 0);
    fx_append(writer, 1, 1, SEED);
    assert_int_equal(system.writes, 0);
    assert_false(writer->block.is_direct);
    tt_journal_close(writer);
}

static void test_a_failed_write_is_not_repeated(void **state)
{
    (void)state;
    block_system system = new_system();
    tt_journal_io io;
    tt_journal_options options = options_of(&system, &io);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    fx_append(writer, 3, 1, SEED);
    tt_journal_end before, end;
    tt_journal_state(writer, &before);
    system.fails_at = system.writes;
    static fx_step step;
    fx_step_make(&step, before.last_seq + 1, SEED);
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_IO);
    int writes = system.writes;
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_IO);
    tt_journal_close(writer);
    assert_int_equal(system.writes, writes);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, before.last_seq);
}

/* A step whose sectors are all rich: what is missing of it can be told. */
static void make_rich_step(fx_step *step, tt_seq first_seq, int messages)
{
    uint64_t random = first_seq;
    step->size = 0;
    for (int i = 0; i < messages; i++) {
        unsigned char *payload =
            fx_step_add(step, TT_TOPIC_MARKET_BAR, first_seq + (tt_seq)i, sizeof(tt_bar));
        for (size_t at = 0; at < sizeof(tt_bar); at++) {
            payload[at] = (unsigned char)(1 + fx_random(&random) % 255);
        }
    }
}

static void append_rich(tt_journal_writer *writer, int messages)
{
    static fx_step step;
    tt_journal_end end;
    tt_journal_state(writer, &end);
    make_rich_step(&step, end.last_seq + 1, messages);
    assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_commit(writer, NULL), TUTTI_OK);
}

/* A crash during the last of some commits: what the disk held before, and what was written. */
typedef struct crash {
    fx_image image; /* Before. */
    tt_journal_end before;
    tt_journal_end after;
    block_system system;
    size_t end; /* Of the commit, in the write. */
} crash;

static void make_crash(crash *self, int messages)
{
    tt_journal_io io;
    self->system = new_system();
    tt_journal_options options = options_of(&self->system, &io);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    for (int i = 0; i < 5; i++) {
        append_rich(writer, 3);
    }
    tt_journal_state(writer, &self->before);
    fx_image_load(fx_journal, &self->image);
    append_rich(writer, messages);
    tt_journal_state(writer, &self->after);
    self->end = (size_t)writer->position - (size_t)self->system.offset;
    assert_true(self->system.size <= WRITE_MAX && self->system.size >= 2 * TT_JOURNAL_BLOCK);
    assert_true(
        self->before.commit_count == 5 && (size_t)self->system.offset % TT_JOURNAL_BLOCK == 0);
    static block_system last;
    last = self->system;
    tt_journal_close(writer);
    self->system = last;
}

/* Opens what a crash left, with these bytes of the write in it; returns the steps that it kept. */
static uint64_t recover(crash *self, const unsigned char *bytes, const char *what, size_t which)
{
    fx_file *segment = fx_image_last(&self->image, ".ttj");
    unsigned char *at = segment->bytes + (size_t)self->system.offset;
    unsigned char old[WRITE_MAX];
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    tt_journal_writer *writer = NULL;
    tt_journal_end end;
    tt_error error = {0};
    memcpy(old, at, self->system.size);
    memcpy(at, bytes, self->system.size);
    fx_image_store(fx_journal, &self->image);
    memcpy(at, old, self->system.size);
    if (tt_journal_resume(fx_journal, &options, &writer, &end, &error) != TUTTI_OK) {
        fail_msg("%s %zu: %s", what, which, error.message);
    }
    tt_journal_close(writer);
    const tt_journal_end *kept =
        end.step_count == self->after.step_count ? &self->after : &self->before;
    assert_int_equal(end.step_count, kept->step_count);
    assert_int_equal(end.last_seq, kept->last_seq);
    assert_memory_equal(end.chain, kept->chain, sizeof end.chain);
    return end.step_count;
}

static void test_a_write_that_is_torn_at_every_byte(void **state)
{
    (void)state;
    static crash self;
    static unsigned char bytes[WRITE_MAX];
    make_crash(&self, 6);
    const fx_file *segment = fx_image_last(&self.image, ".ttj");
    // All that is written before the end of the last commit stands there already.
    size_t lead = 0;
    memcpy(bytes, segment->bytes + (size_t)self.system.offset, self.system.size);
    while (bytes[lead] == self.system.bytes[lead]) {
        lead++;
    }
    assert_true(lead > 0 && lead < TT_JOURNAL_BLOCK);
    for (size_t cut = lead; cut <= self.end; cut++) { // Then come zeros.
        memcpy(bytes, segment->bytes + (size_t)self.system.offset, self.system.size);
        memcpy(bytes, self.system.bytes, cut);
        if (cut + 1 == self.end) {
            continue; // Told from a flipped byte by nobody: docs/spec/journal.md.
        }
        uint64_t steps = recover(&self, bytes, "torn at", cut);
        assert_int_equal(steps, cut < self.end ? self.before.step_count : self.after.step_count);
    }
    fx_image_free(&self.image);
}

static void test_every_sector_of_a_write_is_missing(void **state)
{
    (void)state;
    static crash self;
    static unsigned char bytes[WRITE_MAX];
    make_crash(&self, 30);
    const fx_file *segment = fx_image_last(&self.image, ".ttj");
    const unsigned char *old = segment->bytes + (size_t)self.system.offset;
    int lost = 0;
    for (size_t at = 0; at < self.system.size; at += TT_JOURNAL_SECTOR) {
        memcpy(bytes, self.system.bytes, self.system.size);
        memcpy(bytes + at, old + at, TT_JOURNAL_SECTOR);
        bool is_same = memcmp(bytes, self.system.bytes, self.system.size) == 0;
        uint64_t steps = recover(&self, bytes, "without the sector at", at);
        assert_int_equal(steps, is_same ? self.after.step_count : self.before.step_count);
        lost += !is_same;
    }
    assert_true(lost > 10);
    fx_image_free(&self.image);
}

/* Appends steps one by one until the writer has committed so much. */
static void append_up_to(tt_journal_writer *writer, uint64_t position, uint64_t seed)
{
    while (writer->position < position) {
        fx_append(writer, 1, 1, seed);
    }
}

static void go_to_next_segment(tt_journal_writer *writer)
{
    tt_seq first = writer->segment_first;
    while (writer->segment_first == first) {
        fx_append(writer, 1, 1, SEED);
    }
}

/* How many segments were made ahead and taken, once none is being made. */
static void expect_made(tt_journal_writer *writer, uint64_t made, uint64_t taken)
{
    tt_spare_stats stats;
    tt_spare_settle(&writer->spare);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.made, made);
    assert_int_equal(stats.taken, taken);
    assert_int_equal(stats.failed, 0);
}

static void test_a_log_prepares_only_once_it_is_busy(void **state)
{
    (void)state;
    fx_image plain, busy;
    tt_journal_end end;
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    write_journal(&options);
    fx_image_load(fx_journal, &plain);
    fx_dir_remove(fx_journal);
    block_system system = new_system();
    tt_journal_io io;
    options = options_of(&system, &io);
    options.prepares_ahead = false;
    options.prepares_when_busy = true;
    write_journal(&options);
    fx_image_load(fx_journal, &busy);
    assert_in_range(system.writes, 60, 179); // All but those to the segment that is open at first.
    assert_false(system.is_skewed);
    check_same(&plain, &busy);
    fx_dir_remove(fx_journal);
    // Up to half a segment nothing is made; what was there before the start does not count.
    const uint64_t ends[] = {SEGMENT / 2 - 2048, SEGMENT - 20000};
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        append_up_to(writer, ends[i], SEED);
        expect_made(writer, 0, 0);
        tt_journal_close(writer);
        writer = fx_resume(fx_journal, &options, &end);
    }
    go_to_next_segment(writer);
    expect_made(writer, 0, 0);
    assert_false(writer->block.is_direct); // This one was not made ahead.
    append_up_to(writer, SEGMENT / 2, SEED);
    expect_made(writer, 1, 0);
    go_to_next_segment(writer);
    expect_made(writer, 2, 1);
    assert_true(writer->block.is_direct);
    tt_journal_close(writer);
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
}

static void test_on_a_disk_and_followed(void **state)
{
    (void)state;
    // Where the tests run: the file system of the others may be in memory.
    char path[] = "journal-block-XXXXXX";
    assert_non_null(mkdtemp(path));
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.spares = 2;
    tt_journal_writer *writer = fx_create(path, &options);
    tt_journal_reader *reader = NULL;
    const void *step;
    size_t size;
    assert_int_equal(tt_journal_reader_open(path, &reader, NULL), TUTTI_OK);
    int direct = 0;
    for (int i = 0; i < 120; i++) {
        fx_append(writer, 5, 5, SEED);
        for (int read = 0; read < 5; read++) {
            assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
        }
        assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_END);
        direct += writer->block.is_direct;
    }
    print_message("%d of 120 commits past the page cache\n", direct);
    assert_true(writer->segment_first > 1);
    tt_journal_reader_close(reader);
    tt_journal_close(writer);
    assert_int_equal(fx_read(path, NULL, NULL), TUTTI_END);
    fx_dir_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_the_bytes_are_those_through_the_page_cache, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_file_system_that_refuses_is_written_to_as_ever, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_fault_point_in_bytes_counts_what_the_journal_writes, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_failed_write_is_not_repeated, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_write_that_is_torn_at_every_byte, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_sector_of_a_write_is_missing, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_log_prepares_only_once_it_is_busy, fx_set_up, fx_tear_down),
        cmocka_unit_test(test_on_a_disk_and_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
