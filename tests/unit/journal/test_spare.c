/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Segments that are made ahead: what a spare is, when it is taken, and that nothing that happens to
 * it is ever taken for data: failing calls in either thread, a kill at every call.
 *
 * Covers: journal_spare.c
 */
#include "journal/journal_spare.h"
#include "journal/journal_writer.h"
#include "journal_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SEGMENT = 4000,
    SPACE = 4096, /* What is taken for one: whole blocks. */
    STEPS = 24,
    SEED = 71
};

typedef enum call_kind {
    CALL_WRITE,
    CALL_SYNC,
    CALL_ALLOCATE,
    CALL_TRUNCATE,
    CALL_RENAME,
    CALL_ANY
} call_kind;

/* System calls of two threads, of which one fails, or ends the process. */
typedef struct call_plan {
    pthread_mutex_t lock;
    pthread_t writer;
    call_kind kind;
    int countdown;     /* Calls of that kind before it. */
    int number;        /* errno; 0 = the process ends. */
    bool is_short;     /* A write that writes half, and whose rest fails. */
    bool is_direct;    /* Files can be written to past the page cache. */
    bool is_skewed;    /* Such a write was not of whole blocks. */
    bool spares_only;  /* All calls for the spare fail, and no others. */
    bool has_failed;   /* Or would have ended. */
    bool was_of_spare; /* The failing call was one of the thread that makes spares. */
    int calls_after;   /* Of the writer, writes and syncs, after its failure. */
    call_kind last;    /* Of the writer. */
    int early_names;   /* Spares that got a name before their header was written. */
    int names;
} call_plan;

static call_plan plan_of(call_kind kind, int countdown, int number)
{
    return (call_plan){
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .writer = pthread_self(),
        .kind = kind,
        .countdown = countdown,
        .number = number};
}

/* Tells whether this call fails; `errno` is set then. */
static bool fails(call_plan *plan, call_kind kind)
{
    (void)pthread_mutex_lock(&plan->lock);
    bool is_spare = !pthread_equal(pthread_self(), plan->writer);
    bool is_hit = false;
    plan->last = is_spare ? plan->last : kind;
    if (plan->spares_only) {
        is_hit = is_spare;
    } else if (plan->kind == kind || plan->kind == CALL_ANY) {
        is_hit = plan->countdown-- == 0;
    }
    plan->calls_after += plan->has_failed && !plan->was_of_spare && !is_spare && kind <= CALL_SYNC;
    if (is_hit) {
        if (plan->number == 0) {
            _exit(9);
        }
        plan->has_failed = true;
        plan->was_of_spare = is_spare;
    }
    (void)pthread_mutex_unlock(&plan->lock);
    errno = plan->number;
    return is_hit;
}

/* Tells whether a write is of whole blocks, in memory and in the file. */
static bool is_whole(const void *bytes, size_t size, off_t offset)
{
    return ((uintptr_t)bytes | size | (size_t)offset) % TT_JOURNAL_BLOCK == 0;
}

/* The rules are checked; the file system need not know them. */
static int plan_set_direct(void *ctx, int fd, bool is_direct)
{
    return ((const call_plan *)ctx)->is_direct ? fx_mark(fd, is_direct) : -1;
}

/* Notes a write past the page cache that is not one of whole blocks. */
static void note_write(call_plan *plan, int fd, const void *bytes, size_t size, off_t offset)
{
    (void)pthread_mutex_lock(&plan->lock);
    plan->is_skewed |= fx_is_marked(fd) && !is_whole(bytes, size, offset);
    (void)pthread_mutex_unlock(&plan->lock);
}

static ssize_t plan_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    call_plan *plan = ctx;
    note_write(plan, fd, bytes, size, offset);
    if (!fails(plan, CALL_WRITE)) {
        return pwrite(fd, bytes, size, offset);
    }
    if (plan->is_short) {
        plan->is_short = false;
        plan->has_failed = false;
        plan->countdown = 0; // The rest fails.
        return size > 1 ? pwrite(fd, bytes, size / 2, offset) : 0;
    }
    return -1;
}

static int plan_sync(void *ctx, int fd)
{
    return fails(ctx, CALL_SYNC) ? -1 : fdatasync(fd);
}

static int plan_allocate(void *ctx, int fd, off_t size)
{
    return fails(ctx, CALL_ALLOCATE) ? ((call_plan *)ctx)->number : posix_fallocate(fd, 0, size);
}

static int plan_ftruncate(void *ctx, int fd, off_t size)
{
    return fails(ctx, CALL_TRUNCATE) ? -1 : ftruncate(fd, size);
}

static int plan_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    call_plan *plan = ctx;
    if (strcmp(from, TT_JOURNAL_SPARE_NAME) == 0) {
        plan->names++;
        plan->early_names += plan->last != CALL_WRITE;
    }
    return fails(ctx, CALL_RENAME) ? -1 : renameat(dir_fd, from, dir_fd, to);
}

static tt_journal_io plan_io(call_plan *plan)
{
    return (tt_journal_io){
        .ctx = plan,
        .pwrite = plan_pwrite,
        .fdatasync = plan_sync,
        .fsync = plan_sync,
        .allocate = plan_allocate,
        .ftruncate = plan_ftruncate,
        .renameat = plan_renameat,
        .set_direct = plan_set_direct};
}

static tt_journal_options options_ahead(const tt_journal_io *io)
{
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.io = io;
    return options;
}

/* What came of a run; shared with a child process. */
typedef struct run_outcome {
    tutti_status status;
    bool was_created;
    bool is_of_segment; /* The failure was one of a segment, not of a spare. */
    tt_journal_end acknowledged;
    tt_spare_stats stats;
} run_outcome;

/* Appends the steps from the one after `from` on, each with its commit. Between two commits the
 * thread that makes spares comes to rest, so that each run makes the same calls. */
static void append_all(tt_journal_writer *writer, run_outcome *outcome, tt_error *error)
{
    static fx_step step;
    tt_journal_end end;
    tt_journal_state(writer, &end);
    while (end.step_count < STEPS && outcome->status == TUTTI_OK) {
        tt_spare_settle(&writer->spare);
        fx_step_make(&step, end.last_seq + 1, SEED);
        outcome->status = tt_journal_append(writer, step.bytes, step.size, error);
        if (outcome->status == TUTTI_OK) {
            outcome->status = tt_journal_commit(writer, error);
        }
        if (outcome->status == TUTTI_OK) {
            tt_journal_state(writer, &end);
            outcome->acknowledged = end;
        }
    }
    tt_spare_settle(&writer->spare);
    tt_spare_stats_get(&writer->spare, &outcome->stats);
    outcome->is_of_segment = strstr(error->message, ".ttj") != NULL;
}

static void run_writer(const tt_journal_options *options, run_outcome *outcome)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    outcome->status =
        tt_journal_create(fx_journal, FX_META, FX_META_SIZE, options, &writer, &error);
    if (outcome->status == TUTTI_OK) {
        outcome->was_created = true;
        append_all(writer, outcome, &error);
    }
    tt_journal_close(writer);
}

static bool has_file(const char *name)
{
    char path[FX_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/%s", fx_journal, name);
    return access(path, F_OK) == 0;
}

/* The journal holds all steps, byte for byte, and no spare is left. */
static void check_steps(void)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    const void *bytes;
    size_t size;
    step.last_seq = 0;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    for (int i = 0; i < STEPS; i++) {
        assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_OK);
        fx_step_make(&step, step.last_seq + 1, SEED);
        assert_int_equal(size, step.size);
        assert_memory_equal(bytes, step.bytes, size);
    }
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
    assert_false(has_file(TT_JOURNAL_SPARE_NAME));
}

/* After a failure or a kill: all that was acknowledged is there, and the journal is continued. */
static void check_recovery(const run_outcome *outcome)
{
    tt_journal_options options = options_ahead(NULL);
    tt_journal_writer *writer = NULL;
    tt_journal_end end = {0};
    run_outcome rest = {0};
    tt_error error = {0};
    // A kill may fall between the birth of a journal and the moment in which its maker knows of it.
    tutti_status status = tt_journal_resume(fx_journal, &options, &writer, &end, &error);
    if (status == TUTTI_NOT_FOUND && !outcome->was_created) {
        writer = fx_create(fx_journal, &options);
    } else if (status != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    assert_true(end.last_seq >= outcome->acknowledged.last_seq);
    assert_true(end.step_count - outcome->acknowledged.step_count <= 1);
    append_all(writer, &rest, &error);
    assert_int_equal(rest.status, TUTTI_OK);
    tt_journal_close(writer);
    check_steps();
}

static void test_a_spare_is_zeros_and_becomes_the_next_segment(void **state)
{
    (void)state;
    tt_journal_options options = options_ahead(NULL);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_stats stats;
    fx_image image;
    tt_spare_settle(&writer->spare);
    fx_image_load(fx_journal, &image);
    const fx_file *spare = fx_image_last(&image, TT_JOURNAL_SPARE_NAME);
    assert_int_equal(spare->size, SPACE);
    for (size_t i = 0; i < spare->size; i++) {
        assert_int_equal(spare->bytes[i], 0);
    }
    fx_image_free(&image);
    while (writer->segment_first == 1) {
        tt_spare_stats_get(&writer->spare, &stats);
        assert_int_equal(stats.taken, 0);
        fx_append(writer, 1, 1, SEED);
    }
    tt_spare_settle(&writer->spare);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.taken, 1);
    assert_int_equal(stats.made, 2);
    assert_int_equal(stats.missed + stats.failed, 0);
    fx_image_load(fx_journal, &image);
    assert_int_equal(fx_image_last(&image, ".ttj")->size, SPACE); // Its space is taken.
    fx_image_free(&image);
    tt_journal_close(writer);
    assert_false(has_file(TT_JOURNAL_SPARE_NAME));
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
}

static void test_the_journal_has_the_bytes_that_it_has_without(void **state)
{
    fx_image images[2];
    for (int ahead = 0; ahead < 2; ahead++) {
        tt_journal_options options = options_ahead(NULL);
        options.prepares_ahead = ahead != 0;
        run_outcome outcome = {0};
        run_writer(&options, &outcome);
        assert_int_equal(outcome.status, TUTTI_OK);
        assert_int_equal(outcome.stats.taken > 1, ahead);
        fx_image_load(fx_journal, &images[ahead]);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
    assert_int_equal(images[0].count, images[1].count);
    for (size_t i = 0; i < images[0].count; i++) {
        assert_string_equal(images[0].files[i].name, images[1].files[i].name);
        assert_int_equal(images[0].files[i].size, images[1].files[i].size);
        assert_memory_equal(
            images[0].files[i].bytes, images[1].files[i].bytes, images[0].files[i].size);
    }
    fx_image_free(&images[0]);
    fx_image_free(&images[1]);
}

static void test_without_durability_there_is_none(void **state)
{
    (void)state;
    tt_journal_options options = options_ahead(NULL);
    options.durability = TT_durability_NONE;
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    assert_false(has_file(TT_JOURNAL_SPARE_NAME));
    fx_append(writer, STEPS, 1, SEED);
    tt_journal_close(writer);
    check_steps();
}

static void test_what_a_kill_left_of_a_spare_is_never_data(void **state)
{
    (void)state;
    for (int ahead = 0; ahead < 2; ahead++) {
        tt_journal_options options = options_ahead(NULL);
        run_outcome outcome = {0};
        run_writer(&options, &outcome);
        // A whole segment of this very journal under the name of the spare.
        fx_image image;
        fx_image_load(fx_journal, &image);
        fx_file left = *fx_image_last(&image, ".ttj");
        (void)snprintf(left.name, sizeof left.name, "%s", TT_JOURNAL_SPARE_NAME);
        fx_file_store(fx_journal, &left);
        tt_journal_end end = {0};
        assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
        assert_int_equal(end.step_count, STEPS);
        options.prepares_ahead = ahead != 0;
        tt_journal_writer *writer = fx_resume(fx_journal, &options, &end);
        assert_int_equal(end.cut_bytes, 0);
        tt_spare_settle(&writer->spare);
        assert_int_equal(has_file(TT_JOURNAL_SPARE_NAME), ahead);
        tt_journal_close(writer);
        check_steps();
        fx_image_free(&image);
        fx_dir_remove(fx_journal);
    }
}

static void test_a_spare_has_its_header_before_its_name(void **state)
{
    (void)state;
    call_plan plan = plan_of(CALL_ANY, -1, EIO);
    tt_journal_io io = plan_io(&plan);
    tt_journal_options options = options_ahead(&io);
    run_outcome outcome = {0};
    run_writer(&options, &outcome);
    assert_int_equal(outcome.status, TUTTI_OK);
    assert_int_equal(plan.names, outcome.stats.taken);
    assert_int_equal(plan.early_names, 0);
    check_steps();
}

static void test_no_space_for_a_spare_is_no_failure(void **state)
{
    (void)state;
    call_plan plan = plan_of(CALL_ANY, 0, ENOSPC);
    plan.spares_only = true;
    tt_journal_io io = plan_io(&plan);
    tt_journal_options options = options_ahead(&io);
    run_outcome outcome = {0};
    run_writer(&options, &outcome);
    assert_int_equal(outcome.status, TUTTI_OK);
    assert_int_equal(outcome.stats.made + outcome.stats.taken, 0);
    assert_true(outcome.stats.missed > 1);
    // One attempt a segment: the disk is not asked again and again.
    assert_int_equal(outcome.stats.failed, outcome.stats.missed + 1);
    check_steps();
}

static void test_a_segment_that_is_needed_must_have_space(void **state)
{
    (void)state;
    // The first space is taken by the first segment; there is none for a spare, nor for the next.
    call_plan plan = plan_of(CALL_ANY, 0, ENOSPC);
    plan.spares_only = true;
    tt_journal_io io = plan_io(&plan);
    tt_journal_options options = options_ahead(&io);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    tt_spare_settle(&writer->spare);
    plan.spares_only = false;
    plan.kind = CALL_ALLOCATE;
    run_outcome outcome = {.was_created = true};
    tt_error error = {0};
    append_all(writer, &outcome, &error);
    assert_int_equal(outcome.status, TUTTI_NO_SPACE);
    assert_non_null(strstr(error.message, "take the space of"));
    assert_true(outcome.acknowledged.step_count > 0);
    tt_journal_close(writer);
    check_recovery(&outcome);
}

/* Lets the n-th call of a kind fail, for all n. Counts failures by thread. */
static void
fail_each_call(call_kind kind, int number, bool is_short, bool is_direct, int failures[2])
{
    int seals = 0;
    for (int countdown = 0;; countdown++) {
        call_plan plan = plan_of(kind, countdown, number);
        plan.is_short = is_short;
        plan.is_direct = is_direct;
        tt_journal_io io = plan_io(&plan);
        tt_journal_options options = options_ahead(&io);
        run_outcome outcome = {0};
        run_writer(&options, &outcome);
        failures[plan.was_of_spare] += plan.has_failed;
        assert_true(!plan.is_skewed || is_short); // The rest of a short write begins anywhere.
        if (!plan.has_failed) {
            assert_int_equal(outcome.status, TUTTI_OK);
            fx_dir_remove(fx_journal);
            assert_true(seals > 1 || kind == CALL_ALLOCATE || kind == CALL_RENAME);
            return;
        }
        if (outcome.status == TUTTI_OK) {
            // A spare, or the mark of a writer that closes.
            assert_true(plan.was_of_spare || plan.calls_after <= 1);
            check_steps();
        } else {
            // Of the thread of spares, only a seal that fails ends the writer.
            assert_true(!plan.was_of_spare || outcome.is_of_segment);
            assert_int_equal(plan.calls_after, 0);
            seals += plan.was_of_spare;
            check_recovery(&outcome);
        }
        fx_dir_remove(fx_journal);
    }
}

static void test_every_call_fails_in_either_thread(void **state)
{
    (void)state;
    int writes[2] = {0};
    fail_each_call(CALL_WRITE, EIO, false, false, writes);
    fail_each_call(CALL_WRITE, ENOSPC, false, true, writes);
    fail_each_call(CALL_WRITE, EIO, true, true, writes);
    int syncs[2] = {0};
    fail_each_call(CALL_SYNC, EIO, false, true, syncs);
    int others[2] = {0};
    fail_each_call(CALL_ALLOCATE, ENOSPC, false, false, others);
    fail_each_call(CALL_TRUNCATE, EIO, false, true, others);
    fail_each_call(CALL_RENAME, EACCES, false, false, others);
    assert_true(writes[0] > 3 * STEPS && writes[1] > 6);
    assert_true(syncs[0] > STEPS && syncs[1] > 2);
    assert_true(others[0] > 6 && others[1] > 2);
}

static void test_a_kill_at_every_call(void **state)
{
    (void)state;
    run_outcome *outcome =
        mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(outcome, MAP_FAILED);
    int kills = 0;
    for (int status = 9 << 8; status != 0; kills++) {
        memset(outcome, 0, sizeof *outcome);
        pid_t child = fork();
        if (child == 0) {
            call_plan plan = plan_of(CALL_ANY, kills, 0);
            plan.is_direct = true;
            tt_journal_io io = plan_io(&plan);
            tt_journal_options options = options_ahead(&io);
            run_writer(&options, outcome);
            _exit(outcome->status == TUTTI_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(status == 0 || WEXITSTATUS(status) == 9);
        check_recovery(outcome);
        fx_dir_remove(fx_journal);
    }
    assert_true(kills > 80);
    (void)munmap(outcome, sizeof *outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_spare_is_zeros_and_becomes_the_next_segment, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_the_journal_has_the_bytes_that_it_has_without, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_without_durability_there_is_none, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_a_kill_left_of_a_spare_is_never_data, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_spare_has_its_header_before_its_name, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_no_space_for_a_spare_is_no_failure, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_segment_that_is_needed_must_have_space, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_call_fails_in_either_thread, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_a_kill_at_every_call, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
