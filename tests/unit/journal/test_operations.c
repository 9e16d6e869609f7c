/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Millions of random operations beside a simple model: a list of steps, of which a first part is
 * committed and a part of that may have been dropped. The environment variable TT_OPERATIONS says
 * how many; TT_TEST_SEED where they begin.
 *
 * A crash is a writer whose system calls all fail from some moment on, in the middle of a write
 * too: what the files hold then is what a killed process leaves.
 */
#include "journal/journal_file.h"
#include "journal_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEPS_MAX     4000
#define RUN_MAX       5000
#define SEGMENT_BYTES 60000

/* System calls that stop to work. */
typedef struct power {
    bool is_off;
    bool is_cut_next; /* The next write is the last one, and only a part of it happens. */
    uint64_t part;    /* Decides how much. */
} power;

static ssize_t power_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    power *supply = ctx;
    errno = EIO;
    if (supply->is_off) {
        return -1;
    }
    if (supply->is_cut_next) {
        supply->is_off = true;
        // The last byte of a commit alone is never missing: no disk tears writes there.
        size_t part = (size_t)(supply->part % size);
        part -= part == size - 1;
        (void)!pwrite(fd, bytes, part, offset);
        errno = EIO;
        return -1;
    }
    return pwrite(fd, bytes, size, offset);
}

static int power_sync(void *ctx, int fd)
{
    (void)fd; // In memory: there is nothing to sync.
    errno = EIO;
    return ((power *)ctx)->is_off ? -1 : 0;
}

static int power_allocate(void *ctx, int fd, off_t size)
{
    return ((power *)ctx)->is_off ? EIO : ftruncate(fd, size) == 0 ? 0 : errno;
}

static int power_ftruncate(void *ctx, int fd, off_t size)
{
    errno = EIO;
    return ((power *)ctx)->is_off ? -1 : ftruncate(fd, size);
}

static int power_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    errno = EIO;
    return ((power *)ctx)->is_off ? -1 : renameat(dir_fd, from, dir_fd, to);
}

/* Where the journal stands after some number of steps. */
typedef struct model_point {
    tt_seq last_seq;
    uint64_t seed; /* Of the step that ends here. */
    uint8_t chain[32];
    bool is_commit; /* A commit ends here; then the chain value is known. */
} model_point;

typedef struct model {
    uint64_t random;
    uint64_t seed; /* Of the next steps. */
    power supply;
    tt_journal_options options;
    tt_journal_io io;
    tt_journal_writer *writer;
    tt_journal_reader *follower;
    size_t followed;
    size_t appended;
    size_t committed;
    size_t dropped; /* Steps that are not kept any more. */
    uint64_t counts[12];
    model_point points[STEPS_MAX + 1];
} model;

static uint64_t pick(model *self, uint64_t bound)
{
    return fx_random(&self->random) % bound;
}

static void fail_at(const model *self, const char *what, const tt_error *error)
{
    fail_msg(
        "%s: %s (%zu steps, %zu committed, %zu dropped)",
        what,
        error->message,
        self->appended,
        self->committed,
        self->dropped);
}

static void note_commit(model *self, const uint8_t chain[32])
{
    model_point *point = &self->points[self->appended];
    if (point->is_commit) {
        assert_memory_equal(point->chain, chain, 32);
    }
    memcpy(point->chain, chain, 32);
    point->is_commit = true;
    self->committed = self->appended;
}

static void append(model *self)
{
    static fx_step step;
    tt_error error = {0};
    const model_point *last = &self->points[self->appended];
    fx_step_make(&step, last->last_seq + 1, self->seed);
    if (tt_journal_append(self->writer, step.bytes, step.size, &error) != TUTTI_OK) {
        fail_at(self, "append", &error);
    }
    self->points[++self->appended] = (model_point){.last_seq = step.last_seq, .seed = self->seed};
}

static void commit(model *self)
{
    tt_error error = {0};
    tt_journal_end end;
    if (tt_journal_commit(self->writer, &error) != TUTTI_OK) {
        fail_at(self, "commit", &error);
    }
    tt_journal_state(self->writer, &end);
    note_commit(self, end.chain);
}

static void drop_follower(model *self)
{
    tt_journal_reader_close(self->follower);
    self->follower = NULL;
}

/* Opens the journal again. `may_have`: steps that were appended, but of whose commit nothing is
 * known. */
static void resume(model *self, size_t may_have)
{
    tt_error error = {0};
    tt_journal_end end;
    self->supply = (power){0};
    if (tt_journal_resume(fx_journal, &self->options, &self->writer, &end, &error) != TUTTI_OK) {
        fail_at(self, "resume", &error);
    }
    if (end.step_count != self->committed) {
        assert_int_equal(end.step_count, may_have);
    }
    self->appended = (size_t)end.step_count;
    assert_int_equal(end.last_seq, self->points[self->appended].last_seq);
    note_commit(self, end.chain);
    self->seed++; // What was lost does not come back: other steps take its place.
}

static void close_and_resume(model *self)
{
    drop_follower(self);
    tt_journal_close(self->writer);
    resume(self, self->appended);
    assert_int_equal(self->appended, self->committed);
}

/* The process dies between two calls. */
static void crash(model *self)
{
    drop_follower(self);
    self->supply.is_off = true;
    tt_journal_close(self->writer);
    resume(self, self->committed);
}

/* The process dies in a write. */
static void crash_in_write(model *self)
{
    append(self);
    drop_follower(self);
    self->supply.is_cut_next = true;
    self->supply.part = fx_random(&self->random);
    assert_int_equal(tt_journal_commit(self->writer, NULL), TUTTI_IO);
    tt_journal_close(self->writer);
    resume(self, self->appended);
}

/* Reads a step and compares it with the model. */
static void check_step(const model *self, tt_journal_reader *reader, size_t index)
{
    static fx_step step;
    const void *bytes = NULL;
    size_t size = 0;
    tt_error error = {0};
    if (tt_journal_reader_next(reader, &bytes, &size, &error) != TUTTI_OK) {
        fail_at(self, "read", &error);
    }
    fx_step_make(&step, self->points[index - 1].last_seq + 1, self->points[index].seed);
    assert_int_equal(size, step.size);
    assert_int_equal(memcmp(bytes, step.bytes, size), 0);
    if (self->points[index].is_commit) {
        tt_journal_end end;
        tt_journal_reader_end(reader, &end);
        assert_int_equal(end.step_count, index);
        assert_memory_equal(end.chain, self->points[index].chain, 32);
    }
}

static void check_at_end(tt_journal_reader *reader)
{
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
}

static tt_journal_reader *open_reader(const model *self)
{
    tt_error error = {0};
    tt_journal_reader *reader = NULL;
    tt_journal_end begin;
    if (tt_journal_reader_open(fx_journal, &reader, &error) != TUTTI_OK) {
        fail_at(self, "open", &error);
    }
    tt_journal_reader_begin(reader, &begin);
    assert_int_equal(begin.step_count, self->dropped);
    return reader;
}

static void follow(model *self)
{
    if (!self->follower) {
        self->follower = open_reader(self);
        self->followed = self->dropped;
    }
    while (self->followed < self->committed) {
        check_step(self, self->follower, ++self->followed);
    }
    check_at_end(self->follower);
}

/* The end of the last commit at or before a step that is kept. */
static tt_journal_end end_at(const model *self, size_t *at)
{
    while (!self->points[*at].is_commit) {
        --*at;
    }
    tt_journal_end end = {.last_seq = self->points[*at].last_seq, .step_count = *at};
    memcpy(end.chain, self->points[*at].chain, 32);
    return end;
}

static void read_from_point(model *self)
{
    size_t at = self->dropped + (size_t)pick(self, self->committed - self->dropped + 1);
    tt_journal_end end = end_at(self, &at);
    tt_journal_reader *reader = open_reader(self);
    tt_error error = {0};
    if (tt_journal_reader_seek(reader, &end, &error) != TUTTI_OK) {
        fail_at(self, "seek", &error);
    }
    for (size_t steps = 0; at < self->committed && steps < 50; steps++) {
        check_step(self, reader, ++at);
    }
    tt_journal_reader_close(reader);
}

static void write_snapshot(model *self)
{
    tt_journal_end end;
    tt_error error = {0};
    commit(self);
    tt_journal_state(self->writer, &end);
    if (end.last_seq > 0 && tt_snapshot_write(fx_journal, &end, "state", 5, &error) != TUTTI_OK) {
        fail_at(self, "snapshot", &error);
    }
}

/* Compresses, and drops down to a random size. */
static void retain(model *self)
{
    tt_journal_retention rules = {.bytes = 1 + pick(self, 600000), .io = &self->io};
    tt_journal_retained done;
    tt_error error = {0};
    drop_follower(self);
    if (tt_journal_retain(fx_journal, &rules, &done, &error) != TUTTI_OK) {
        fail_at(self, "retain", &error);
    }
    size_t at = self->dropped;
    while (self->points[at].last_seq + 1 != done.first_seq) {
        assert_true(++at <= self->committed);
    }
    assert_true(done.dropped > 0 || at == self->dropped);
    self->dropped = at;
}

static void operate(model *self)
{
    static const struct {
        unsigned weight; /* Of 1000. */
        void (*run)(model *self);
    } table[] = {
        {600, append},
        {180, commit},
        {199, follow},
        {4, read_from_point},
        {4, close_and_resume},
        {4, crash},
        {4, crash_in_write},
        {3, write_snapshot},
        {2, retain},
    };
    uint64_t at = pick(self, 1000);
    size_t index = 0;
    for (; at >= table[index].weight; index++) {
        at -= table[index].weight;
    }
    table[index].run(self);
    self->counts[index]++;
}

/* One journal; returns how many operations it took. */
static uint64_t run(model *self, uint64_t seed, uint64_t left)
{
    uint64_t operations = 0;
    memset(self, 0, offsetof(model, counts));
    self->random = seed;
    self->seed = seed;
    self->io = (tt_journal_io){
        .ctx = &self->supply,
        .pwrite = power_pwrite,
        .fdatasync = power_sync,
        .fsync = power_sync,
        .allocate = power_allocate,
        .ftruncate = power_ftruncate,
        .renameat = power_renameat};
    self->options = fx_options(seed % 2 ? TT_durability_NONE : TT_durability_BATCH, SEGMENT_BYTES);
    self->options.io = &self->io;
    self->writer = fx_create(fx_journal, &self->options);
    tt_journal_end end;
    tt_journal_state(self->writer, &end);
    self->points[0] = (model_point){.is_commit = true};
    memcpy(self->points[0].chain, end.chain, 32);
    for (; operations < RUN_MAX && operations < left && self->appended + 1 < STEPS_MAX;
         operations++) {
        operate(self);
    }
    commit(self);
    follow(self);
    drop_follower(self);
    tt_journal_close(self->writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_dir_remove(fx_journal);
    return operations;
}

static void test_random_operations(void **state)
{
    (void)state;
    static model self;
    const char *text = getenv("TT_OPERATIONS");
    uint64_t left = text ? strtoull(text, NULL, 10) : 50000;
    uint64_t seed = fx_seed(31);
    while (left > 0) {
        left -= run(&self, seed++, left);
    }
    print_message(
        "appends %llu, commits %llu, follows %llu, seeks %llu, resumes %llu, crashes %llu + %llu, "
        "snapshots %llu, retentions %llu\n",
        (unsigned long long)self.counts[0],
        (unsigned long long)self.counts[1],
        (unsigned long long)self.counts[2],
        (unsigned long long)self.counts[3],
        (unsigned long long)self.counts[4],
        (unsigned long long)self.counts[5],
        (unsigned long long)self.counts[6],
        (unsigned long long)self.counts[7],
        (unsigned long long)self.counts[8]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_operations, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
