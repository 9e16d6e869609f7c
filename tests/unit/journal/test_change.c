/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A change of segments that no commit waits for (ADR 107): what a kill or a power cut can leave at
 * any moment of it is read, continued and ended; what was acknowledged is there; and who reads
 * beside the writer sees each commit at once.
 *
 * Every call that changes a file is written down. From that record the directory is made again as
 * it may be found after any prefix of it: all of it (a kill), or what was synced and any part of
 * the rest, by sectors, cuts and names (a power cut).
 *
 * Covers: journal_seal.c journal_cross.c journal_spare.c journal_write.c
 */
#include "journal/journal_reader.h"
#include "journal/journal_writer.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SEGMENT = 12000,
    STEPS = 60,
    SECTOR = 512,
    CALLS_MAX = 600,
    SEEDS = 3, /* Power cuts that are drawn, a moment. */
    NONE = -1
};

typedef enum call_kind {
    CALL_WRITE,
    CALL_CUT,
    CALL_RENAME,
    CALL_SYNC,
    CALL_SYNC_NAMES,
    ACKNOWLEDGED
} call_kind;

typedef struct call {
    call_kind kind;
    int file; /* In the base image. */
    uint64_t offset;
    size_t size;
    unsigned char *bytes;
    char to[64];
    bool is_of_seals; /* By the thread that seals. */
    tt_journal_end end;
} call;

/* What a writer does to the files that were there when it began. */
typedef struct call_record {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t writer;
    fx_image base;
    ino_t inodes[64];
    bool is_direct;
    bool is_held; /* The thread that seals waits before its first call. */
    bool is_at_gate;
    bool is_on;
    int fails; /* That call of the sealing thread fails, from 0. */
    int seal_calls;
    size_t count;
    call calls[CALLS_MAX];
} call_record;

static call_record *taken; /* By the running test. */

static int file_of(const call_record *record, int fd)
{
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    for (size_t i = 0; i < record->base.count; i++) {
        if (record->inodes[i] == info.st_ino) {
            return (int)i;
        }
    }
    return NONE;
}

/* Notes a call. Under the lock. */
static call *note(call_record *record, call_kind kind, int file)
{
    assert_true(record->count < CALLS_MAX);
    call *noted = &record->calls[record->count++];
    *noted = (call){
        .kind = kind, .file = file, .is_of_seals = !pthread_equal(pthread_self(), record->writer)};
    return noted;
}

/* Takes the lock, and in the thread that seals waits until it may go on; true: the call fails. */
static bool enter(call_record *record, int file)
{
    bool is_sealing = !pthread_equal(pthread_self(), record->writer) && file != NONE;
    (void)pthread_mutex_lock(&record->lock);
    while (is_sealing && record->is_held) {
        record->is_at_gate = true;
        (void)pthread_cond_broadcast(&record->changed);
        (void)pthread_cond_wait(&record->changed, &record->lock);
    }
    errno = EIO;
    return is_sealing && record->seal_calls++ == record->fails;
}

static void leave(call_record *record)
{
    (void)pthread_mutex_unlock(&record->lock);
}

static bool is_noted(const call_record *record, int file)
{
    return record->is_on && file != NONE;
}

static ssize_t note_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    call_record *record = ctx;
    int file = file_of(record, fd);
    ssize_t result = -1;
    if (!enter(record, file)) {
        result = pwrite(fd, bytes, size, offset);
        assert_int_equal(result, size);
        if (is_noted(record, file)) {
            call *noted = note(record, CALL_WRITE, file);
            noted->offset = (uint64_t)offset;
            noted->size = size;
            noted->bytes = malloc(size);
            memcpy(noted->bytes, bytes, size);
        }
    }
    leave(record);
    return result;
}

/* All files and the directory: what it holds is what the file system has synced. */
static int note_sync(void *ctx, int fd)
{
    call_record *record = ctx;
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    int file = file_of(record, fd);
    int result = enter(record, file) ? -1 : 0;
    if (result == 0 && S_ISDIR(info.st_mode) && record->is_on) {
        (void)note(record, CALL_SYNC_NAMES, NONE);
    } else if (result == 0 && is_noted(record, file)) {
        (void)note(record, CALL_SYNC, file);
    }
    leave(record);
    return result;
}

static int note_ftruncate(void *ctx, int fd, off_t size)
{
    call_record *record = ctx;
    int file = file_of(record, fd);
    int result = enter(record, file) ? -1 : ftruncate(fd, size);
    if (result == 0 && is_noted(record, file)) {
        note(record, CALL_CUT, file)->size = (size_t)size;
    }
    leave(record);
    return result;
}

static int note_renameat(void *ctx, int dir_fd, const char *from, const char *to)
{
    call_record *record = ctx;
    int fd = openat(dir_fd, from, O_RDONLY);
    int file = file_of(record, fd);
    (void)close(fd);
    (void)enter(record, NONE);
    int result = renameat(dir_fd, from, dir_fd, to);
    if (is_noted(record, file)) {
        (void)snprintf(note(record, CALL_RENAME, file)->to, 64, "%s", to);
    }
    leave(record);
    return result;
}

static int note_allocate(void *ctx, int fd, off_t size)
{
    call_record *record = ctx;
    int file = file_of(record, fd);
    (void)enter(record, NONE);
    int result = posix_fallocate(fd, 0, size);
    if (is_noted(record, file)) {
        note(record, CALL_CUT, file)->size = (size_t)size;
    }
    leave(record);
    return result;
}

static int note_set_direct(void *ctx, int fd, bool is_direct)
{
    return ((const call_record *)ctx)->is_direct ? fx_mark(fd, is_direct) : -1;
}

static tt_journal_io io_of(call_record *record)
{
    return (tt_journal_io){
        .ctx = record,
        .pwrite = note_pwrite,
        .fdatasync = note_sync,
        .fsync = note_sync,
        .allocate = note_allocate,
        .ftruncate = note_ftruncate,
        .renameat = note_renameat,
        .set_direct = note_set_direct};
}

static int set_up(void **state)
{
    taken = calloc(1, sizeof *taken);
    taken->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    taken->changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    taken->writer = pthread_self();
    taken->fails = NONE;
    return fx_set_up(state);
}

static void forget_calls(void)
{
    for (size_t i = 0; i < taken->count; i++) {
        free(taken->calls[i].bytes);
    }
    taken->count = 0;
    fx_image_free(&taken->base);
}

static int tear_down(void **state)
{
    forget_calls();
    free(taken);
    return fx_tear_down(state);
}

static void hold(bool is_held)
{
    (void)pthread_mutex_lock(&taken->lock);
    taken->is_held = is_held;
    taken->is_at_gate = false;
    (void)pthread_cond_broadcast(&taken->changed);
    (void)pthread_mutex_unlock(&taken->lock);
}

static void wait_at_gate(void)
{
    (void)pthread_mutex_lock(&taken->lock);
    while (!taken->is_at_gate) {
        (void)pthread_cond_wait(&taken->changed, &taken->lock);
    }
    (void)pthread_mutex_unlock(&taken->lock);
}

/* From now on all is written down; what is there now is there for good. */
static void begin_record(const char *dir)
{
    fx_image_load(dir, &taken->base);
    for (size_t i = 0; i < taken->base.count; i++) {
        char path[FX_PATH_MAX + 128];
        struct stat info;
        (void)snprintf(path, sizeof path, "%s/%s", dir, taken->base.files[i].name);
        assert_int_equal(stat(path, &info), 0);
        taken->inodes[i] = info.st_ino;
    }
    taken->is_on = true;
}

static tt_journal_options options_of(tt_journal_io *io)
{
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.spares = 3;
    options.io = io;
    return options;
}

/* A step without a sector that is nearly empty: of such a one a torn write is taken for damage. */
static void make_step(fx_step *step, tt_seq first_seq)
{
    step->size = 0;
    for (tt_seq seq = first_seq; seq < first_seq + 5 + first_seq % 4; seq++) {
        ((tt_clock *)fx_step_add(step, TT_TOPIC_CLOCK, seq, sizeof(tt_clock)))->tick = seq * 77;
    }
}

/* Appends steps, each with its commit. */
static void append(tt_journal_writer *writer, int count)
{
    static fx_step step;
    tt_error error = {0};
    for (int i = 0; i < count; i++) {
        tt_journal_end end;
        tt_journal_state(writer, &end);
        make_step(&step, end.last_seq + 1);
        if (tt_journal_append(writer, step.bytes, step.size, &error) != TUTTI_OK ||
            tt_journal_commit(writer, &error) != TUTTI_OK) {
            fail_msg("append: %s", error.message);
        }
    }
}

/* One step and its commit, which are acknowledged. */
static void append_one(tt_journal_writer *writer)
{
    append(writer, 1);
    (void)pthread_mutex_lock(&taken->lock);
    if (taken->is_on) {
        tt_journal_state(writer, &note(taken, ACKNOWLEDGED, NONE)->end);
    }
    (void)pthread_mutex_unlock(&taken->lock);
}

/* Appends until the next change of segments. */
static void append_to_change(tt_journal_writer *writer)
{
    for (tt_seq first = writer->segment_first; writer->segment_first == first;) {
        append_one(writer);
    }
}

/* A durable journal whose record begins two steps before its first change. */
static tt_journal_writer *begin(tt_journal_io *io)
{
    tt_journal_options options = options_of(io);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    while (writer->position < SEGMENT / 2) {
        append_one(writer);
    }
    tt_spare_settle(&writer->spare);
    begin_record(fx_journal);
    return writer;
}

/* ---- what a crash leaves ---- */

/* How much of what was not synced is there. */
typedef struct crash_loss {
    bool has_writes;
    bool has_cuts;
    bool has_names;
    uint64_t seed; /* Not 0: any part of each. */
} crash_loss;

static bool is_kept(bool has_all, uint64_t *seed)
{
    return *seed == 0 ? has_all : fx_random(seed) % 2 == 0;
}

/* Tells whether what a call did was synced before `moment`. */
static bool is_synced(size_t at, size_t moment)
{
    const call *done = &taken->calls[at];
    for (size_t i = at + 1; i < moment; i++) {
        const call *later = &taken->calls[i];
        if (done->kind == CALL_RENAME ? later->kind == CALL_SYNC_NAMES
                                      : later->kind == CALL_SYNC && later->file == done->file) {
            return true;
        }
    }
    return false;
}

/* Tells whether a write holds a poor commit, of which a part cannot be told from damage. */
static bool is_poor(const call *done)
{
    uint32_t flags = 0;
    for (size_t at = sizeof flags; at + 8 <= done->size; at += 4) { // The last of them counts.
        if (memcmp(done->bytes + at, TT_JOURNAL_COMMIT_END, 8) == 0) {
            memcpy(&flags, done->bytes + at - sizeof flags, sizeof flags);
        }
    }
    return (flags & TT_COMMIT_POOR) != 0;
}

/* Writes the sectors that a write has brought to the disk. */
static void
apply_write(fx_file *file, const call *done, bool is_whole, const crash_loss *loss, uint64_t *seed)
{
    is_whole |= is_poor(done) && is_kept(loss->has_writes, seed);
    crash_loss all = {.has_writes = !is_poor(done) && loss->has_writes};
    uint64_t none = 0;
    seed = is_poor(done) ? &none : seed;
    for (size_t at = 0; at < done->size;) {
        size_t piece = SECTOR - (size_t)(done->offset + at) % SECTOR;
        piece = piece < done->size - at ? piece : done->size - at;
        uint64_t end = done->offset + at + piece;
        if ((is_whole || is_kept(all.has_writes, seed)) && end <= file->size) {
            memcpy(file->bytes + done->offset + at, done->bytes + at, piece);
        }
        at += piece;
    }
}

/* The directory as a crash before call `moment` may leave it. */
static void make_again(size_t moment, crash_loss loss, fx_image *image)
{
    *image = taken->base;
    for (size_t i = 0; i < image->count; i++) {
        image->files[i].bytes = calloc(1, image->files[i].size + 2 * SEGMENT);
        memcpy(image->files[i].bytes, taken->base.files[i].bytes, image->files[i].size);
    }
    uint64_t seed = loss.seed;
    for (size_t i = 0; i < moment; i++) {
        const call *done = &taken->calls[i];
        fx_file *file = done->file == NONE ? NULL : &image->files[done->file];
        if (done->kind == CALL_WRITE) {
            apply_write(file, done, is_synced(i, moment), &loss, &seed);
        } else if (done->kind == CALL_CUT) {
            file->size =
                is_synced(i, moment) || is_kept(loss.has_cuts, &seed) ? done->size : file->size;
        } else if (done->kind == CALL_RENAME) {
            if (is_synced(i, moment) || is_kept(loss.has_names, &seed)) {
                memcpy(file->name, done->to, sizeof file->name);
            }
        }
    }
}

/* The last that was acknowledged before `moment`; the one before the record began otherwise. */
static tt_journal_end acknowledged_before(size_t moment)
{
    tt_journal_end end = {0};
    for (size_t i = 0; i < moment; i++) {
        end = taken->calls[i].kind == ACKNOWLEDGED ? taken->calls[i].end : end;
    }
    return end;
}

/* Reads what is there from the first step at or before `from`; returns the steps of the journal. */
static uint64_t read_all(const char *dir, tt_seq from, const char *what)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    tt_journal_end end = {0};
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_open(dir, &reader, &error), TUTTI_OK);
    tutti_status status =
        from > 0 ? tt_journal_reader_skip(reader, from, (tt_time){INT64_MIN}, &error) : TUTTI_OK;
    while (status == TUTTI_OK) {
        tt_journal_reader_end(reader, &end);
        status = tt_journal_reader_next(reader, &bytes, &size, &error);
        if (status == TUTTI_OK) {
            make_step(&step, end.last_seq + 1);
            assert_int_equal(size, step.size);
            assert_memory_equal(bytes, step.bytes, size);
        }
    }
    if (status != TUTTI_END) {
        fail_msg("%s: %s", what, error.message);
    }
    tt_journal_reader_end(reader, &end);
    tt_journal_reader_close(reader);
    return end.step_count;
}

/* All segments but the last end in their seals, with the file. */
static void check_ended(const char *dir, const char *what)
{
    fx_image image;
    fx_image_load(dir, &image);
    const fx_file *last = fx_image_last(&image, ".ttj");
    assert_non_null(last);
    for (const fx_file *file = image.files; file < last; file++) {
        if (strstr(file->name, ".ttj")) {
            _Alignas(16) tt_commit_record record;
            uint64_t at = file->size - sizeof record;
            memcpy(&record, file->bytes + at, sizeof record);
            if (!tt_commit_check(&record, sizeof record, at, TT_JOURNAL_VERSION) ||
                (record.body.flags & TT_COMMIT_SEALED) == 0) {
                fail_msg("%s: %s does not end in its seal", what, file->name);
            }
        }
        assert_null(strstr(file->name, ".new"));
    }
    fx_image_free(&image);
}

/* What is found there is read, by each way; repaired; continued; ended. */
static void check_found(
    const char *dir, const fx_image *image, const tt_journal_end *acknowledged, const char *what)
{
    fx_image_store(dir, image);
    uint64_t steps = read_all(dir, 0, what);
    assert_in_range(steps, acknowledged->step_count, acknowledged->step_count + 1);
    assert_int_equal(read_all(dir, acknowledged->last_seq, what), steps);

    tt_journal_repair_report report;
    tt_error error = {0};
    if (tt_journal_repair(dir, &report, &error) != TUTTI_OK) {
        fail_msg("%s: repair: %s", what, error.message);
    }
    assert_int_equal(report.end.step_count, steps);
    assert_int_equal(read_all(dir, 0, what), steps);

    fx_image_store(dir, image);
    for (int is_verified = 0; is_verified < 2; is_verified++) {
        tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
        tt_journal_end end;
        options.verify_from = acknowledged->step_count > 0 && is_verified ? acknowledged : NULL;
        tt_journal_writer *writer = NULL;
        fx_image_store(dir, image);
        if (tt_journal_resume(dir, &options, &writer, &end, &error) != TUTTI_OK) {
            fail_msg("%s: resume: %s", what, error.message);
        }
        assert_int_equal(end.step_count, steps);
        append(writer, 4);
        tt_journal_close(writer);
        assert_int_equal(read_all(dir, 0, what), steps + 4);
        check_ended(dir, what);
    }
}

/* Lets a crash come before each call from `first` on, in all ways. */
static void crash_everywhere(size_t first, const tt_journal_end *before)
{
    static const crash_loss losses[] = {
        {.has_writes = true, .has_cuts = true, .has_names = true}, // A kill.
        {.has_writes = false},
        {.has_names = true},
        {.has_names = true, .has_cuts = true},
        {.has_writes = true},
        {.has_writes = true, .has_cuts = true},
        {.has_writes = true, .has_names = true}};
    const size_t ways = sizeof losses / sizeof *losses;
    char dir[FX_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/found", fx_root);
    taken->is_on = false;
    for (size_t moment = first; moment <= taken->count; moment++) {
        for (size_t way = 0; way < ways + SEEDS; way++) {
            crash_loss loss =
                way < ways ? losses[way] : (crash_loss){.seed = 1 + way + moment * 31};
            tt_journal_end acknowledged = acknowledged_before(moment);
            acknowledged = acknowledged.step_count > 0 ? acknowledged : *before;
            char what[80];
            fx_image image;
            (void)snprintf(what, sizeof what, "before call %zu, way %zu", moment, way);
            make_again(moment, loss, &image);
            check_found(dir, &image, &acknowledged, what);
            fx_image_free(&image);
        }
    }
    fx_dir_remove(dir);
}

/* How often a call of one kind was made by the thread that seals. */
static int count_seal_calls(call_kind kind)
{
    int count = 0;
    for (size_t i = 0; i < taken->count; i++) {
        count += taken->calls[i].kind == kind && taken->calls[i].is_of_seals;
    }
    return count;
}

/* Place of the n-th name that a segment got. */
static size_t find_name(int n)
{
    for (size_t i = 0; i < taken->count; i++) {
        if (taken->calls[i].kind == CALL_RENAME && n-- == 0) {
            return i;
        }
    }
    fail_msg("no such name");
    return 0;
}

static void crash_at_changes(bool is_direct, bool is_late)
{
    taken->is_direct = is_direct;
    tt_journal_io io = io_of(taken);
    tt_journal_writer *writer = begin(&io);
    tt_journal_end before;
    tt_journal_state(writer, &before);
    hold(is_late);
    append_to_change(writer);
    append_one(writer);
    append_one(writer);
    hold(false);
    assert_int_equal(tt_spare_wait_sealed(&writer->spare, NULL), TUTTI_OK);
    append_to_change(writer);
    append_one(writer);
    tt_spare_settle(&writer->spare);
    assert_int_equal(count_seal_calls(CALL_WRITE), 2);
    assert_int_equal(count_seal_calls(CALL_CUT), 2);
    assert_int_equal(count_seal_calls(CALL_SYNC), 2);
    size_t first = find_name(0);
    crash_everywhere(first > 6 ? first - 6 : 0, &before);
    tt_journal_close(writer);
}

static void test_a_crash_at_every_call_of_a_change(void **state)
{
    (void)state;
    crash_at_changes(false, false);
}

static void test_a_crash_past_the_page_cache_while_the_seal_is_late(void **state)
{
    (void)state;
    crash_at_changes(true, true);
}

/* The directory in the middle of a change: the new segment has commits, the old one no seal. */
static void make_unsealed(fx_image *image, tt_journal_end *ret_end)
{
    tt_journal_io io = io_of(taken);
    tt_journal_writer *writer = begin(&io);
    hold(true);
    append_to_change(writer);
    append_one(writer);
    wait_at_gate();
    taken->is_on = false;
    tt_journal_state(writer, ret_end);
    fx_image_load(fx_journal, image);
    hold(false);
    tt_journal_close(writer);
    forget_calls();
}

static void test_a_crash_while_a_crash_is_mended(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    make_unsealed(&image, &end);
    fx_image_store(fx_journal, &image);
    fx_image_free(&image);
    taken->is_direct = false;
    tt_journal_io io = io_of(taken);
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.io = &io;
    begin_record(fx_journal);
    tt_journal_writer *writer = fx_resume(fx_journal, &options, NULL);
    append_one(writer);
    append_one(writer);
    crash_everywhere(0, &end);
    tt_journal_close(writer);
}

static void test_a_commit_is_acknowledged_and_read_before_the_seal(void **state)
{
    (void)state;
    tt_journal_io io = io_of(taken);
    tt_journal_writer *writer = begin(&io);
    tt_journal_reader *reader = NULL;
    tt_journal_end end;
    tt_journal_end seen;
    const void *bytes;
    size_t size;
    tt_spare_stats stats;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    while (tt_journal_reader_next(reader, &bytes, &size, NULL) == TUTTI_OK) {
    }
    hold(true);
    append_to_change(writer);
    wait_at_gate();
    // Who follows, who comes, who begins in the middle: all see it. The old segment has its space.
    for (int i = 0; i < 3; i++) {
        tutti_status status;
        do {
            status = tt_journal_reader_next(reader, &bytes, &size, NULL);
        } while (status == TUTTI_OK);
        assert_int_equal(status, TUTTI_END);
        tt_journal_reader_end(reader, &seen);
        tt_journal_state(writer, &end);
        assert_memory_equal(&seen, &end, sizeof end);
        assert_int_equal(read_all(fx_journal, 0, "beside"), end.step_count);
        assert_int_equal(read_all(fx_journal, end.last_seq, "beside"), end.step_count);
        append_one(writer);
    }
    // What is not ended is not archived.
    tt_journal_retention rules = {.now_ns = 1};
    assert_int_equal(fx_retain(&rules).archived, 0);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.sealed, 0);
    hold(false);
    assert_int_equal(tt_spare_wait_sealed(&writer->spare, NULL), TUTTI_OK);
    tt_spare_stats_get(&writer->spare, &stats);
    assert_int_equal(stats.sealed, 1);
    assert_int_equal(fx_retain(&rules).archived, 1);
    tt_journal_state(writer, &end);
    assert_int_equal(read_all(fx_journal, 0, "behind"), end.step_count);
    tt_journal_reader_close(reader);
    tt_journal_close(writer);
}

static void test_the_next_change_waits_for_the_seal(void **state)
{
    (void)state;
    tt_journal_io io = io_of(taken);
    tt_journal_writer *writer = begin(&io);
    append_to_change(writer);
    append_to_change(writer);
    append_to_change(writer);
    // Between two names a segment is written to its end, cut and synced.
    for (int n = 0; n < 2; n++) {
        bool is_ended = false;
        for (size_t i = find_name(n); i < find_name(n + 1); i++) {
            is_ended |= taken->calls[i].kind == CALL_SYNC && taken->calls[i].is_of_seals;
        }
        assert_true(is_ended);
    }
    tt_journal_close(writer);
}

static void test_a_seal_that_fails_ends_the_writer(void **state)
{
    (void)state;
    for (int fails = 0; fails < 3; fails++) {
        taken->fails = fails;
        taken->seal_calls = 0;
        tt_journal_io io = io_of(taken);
        tt_journal_writer *writer = begin(&io);
        append_to_change(writer);
        tt_error error = {0};
        assert_int_equal(tt_spare_wait_sealed(&writer->spare, &error), TUTTI_IO);
        assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
        tt_journal_end end;
        tt_journal_state(writer, &end);
        static fx_step step;
        make_step(&step, end.last_seq + 1);
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
        error = (tt_error){0};
        assert_int_equal(tt_journal_commit(writer, &error), TUTTI_IO);
        assert_non_null(strstr(error.message, "00000000000000000001.ttj"));
        assert_int_equal(tt_journal_commit(writer, &error), TUTTI_IO);
        tt_journal_close(writer);
        tt_journal_end found;
        taken->fails = NONE;
        tt_journal_options options = options_of(NULL);
        writer = fx_resume(fx_journal, &options, &found);
        assert_int_equal(found.step_count, end.step_count);
        assert_false(found.is_closed);
        tt_journal_close(writer);
        check_ended(fx_journal, "behind a failure");
        forget_calls();
        taken->is_on = false;
        fx_dir_remove(fx_journal);
    }
}

/* ---- what passes for such a crash, and what does not ---- */

/* A journal with a change in its middle is changed once more, and must be refused. */
static void expect_refusal(const fx_image *image, const char *why)
{
    tt_error error = {0};
    fx_image_store(fx_journal, image);
    tutti_status status = fx_read(fx_journal, NULL, &error);
    if (status != TUTTI_CORRUPT || !strstr(error.message, why)) {
        fail_msg("not \"%s\", but %s: %s", why, tutti_status_name(status), error.message);
    }
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    tt_journal_writer *writer;
    assert_int_equal(tt_journal_resume(fx_journal, &options, &writer, NULL, &error), TUTTI_CORRUPT);
}

/* Offset at which the last commit of a segment ends that has its space. */
static size_t end_of(const fx_file *file)
{
    size_t end = file->size;
    while (file->bytes[end - 1] == 0) {
        end--;
    }
    return end;
}

static void test_a_segment_without_room_for_its_seal_was_cut(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    make_unsealed(&image, &end);
    fx_file *old = &image.files[0];
    assert_string_equal(old->name, "00000000000000000001.ttj");
    const size_t used = end_of(old);
    old->size = used + TT_SEAL_BYTES;
    fx_image_store(fx_journal, &image);
    assert_int_equal(read_all(fx_journal, 0, "room"), end.step_count);
    old->size--;
    expect_refusal(&image, "ends without its seal, but another one follows");
    // Without its last commit it does not end where the next one begins.
    old->size = used + TT_SEAL_BYTES;
    memset(old->bytes + used - TT_SEAL_BYTES, 0, TT_SEAL_BYTES);
    expect_refusal(&image, "ends without its seal, but another one follows");
    fx_image_free(&image);
}

static void test_bytes_behind_an_unsealed_segment_are_damage(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    make_unsealed(&image, &end);
    fx_file *old = &image.files[0];
    // A record that was written to its end: none that a seal could have become.
    tt_seal seal;
    tt_seal_fill(
        &seal, (tt_journal_file){.name = "", .fd = -1}, end_of(old), TT_JOURNAL_VERSION, &end);
    seal.record.body.step_count ^= 1;
    memcpy(old->bytes + end_of(old), &seal.record, sizeof seal.record);
    expect_refusal(&image, "the record was written to its end and is damaged");
    fx_image_free(&image);
}

static void test_only_the_segment_before_the_last_may_be_unsealed(void **state)
{
    (void)state;
    fx_image unsealed;
    fx_image later;
    tt_journal_end end;
    make_unsealed(&unsealed, &end);
    fx_image_store(fx_journal, &unsealed);
    tt_journal_options options = options_of(NULL);
    tt_journal_writer *writer = fx_resume(fx_journal, &options, NULL);
    append(writer, STEPS);
    tt_journal_close(writer);
    fx_image_load(fx_journal, &later);
    assert_true(later.count > 4);
    // The first one without its seal again; and with it, but uncut.
    fx_file ended = later.files[0];
    later.files[0] = unsealed.files[0];
    expect_refusal(&later, "ends without its seal, but another one follows");
    memcpy(unsealed.files[0].bytes, ended.bytes, ended.size);
    later.files[0] = unsealed.files[0];
    expect_refusal(&later, "does not end with its seal");
    later.files[0] = ended;
    fx_image_free(&later);
    fx_image_free(&unsealed);
}

static void test_a_lost_header_is_damage_once_a_commit_follows(void **state)
{
    (void)state;
    fx_image image;
    tt_journal_end end;
    make_unsealed(&image, &end);
    fx_file *last = fx_image_last(&image, ".ttj");
    memset(last->bytes, 0, SECTOR);
    expect_refusal(&image, "has lost its header");
    // And behind a sealed segment in any case.
    fx_file empty = {.size = last->size, .bytes = calloc(1, last->size)};
    memcpy(empty.name, last->name, sizeof empty.name);
    tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
    fx_image_free(&image);
    fx_dir_remove(fx_journal);
    make_unsealed(&image, &end);
    fx_image_store(fx_journal, &image);
    tt_journal_close(fx_resume(fx_journal, &options, NULL));
    fx_file_store(fx_journal, &empty);
    tt_error error = {0};
    assert_int_equal(fx_read(fx_journal, NULL, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, empty.name));
    free(empty.bytes);
    fx_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_crash_at_every_call_of_a_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_crash_past_the_page_cache_while_the_seal_is_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_crash_while_a_crash_is_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_commit_is_acknowledged_and_read_before_the_seal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_next_change_waits_for_the_seal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_seal_that_fails_ends_the_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_segment_without_room_for_its_seal_was_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_bytes_behind_an_unsealed_segment_are_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_only_the_segment_before_the_last_may_be_unsealed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_lost_header_is_damage_once_a_commit_follows, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
