/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The record of calls.
 */
#include "call_record.h"

#include "journal/journal_format.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

call_record *cr_taken;
const char *cr_watched;

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
        note(record, CALL_SYNC_NAMES, NONE)->size =
            cr_watched != NULL && faccessat(fd, cr_watched, F_OK, 0) == 0;
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

tt_journal_io cr_io(void)
{
    return (tt_journal_io){
        .ctx = cr_taken,
        .pwrite = note_pwrite,
        .fdatasync = note_sync,
        .fsync = note_sync,
        .allocate = note_allocate,
        .ftruncate = note_ftruncate,
        .renameat = note_renameat,
        .set_direct = note_set_direct};
}

int cr_set_up(void **state)
{
    cr_taken = calloc(1, sizeof *cr_taken);
    cr_taken->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    cr_taken->changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    cr_taken->writer = pthread_self();
    cr_taken->fails = NONE;
    cr_watched = NULL;
    return fx_set_up(state);
}

void cr_forget(void)
{
    for (size_t i = 0; i < cr_taken->count; i++) {
        free(cr_taken->calls[i].bytes);
    }
    cr_taken->count = 0;
    fx_image_free(&cr_taken->base);
}

int cr_tear_down(void **state)
{
    cr_forget();
    free(cr_taken);
    return fx_tear_down(state);
}

void cr_hold(bool is_held)
{
    (void)pthread_mutex_lock(&cr_taken->lock);
    cr_taken->is_held = is_held;
    cr_taken->is_at_gate = false;
    (void)pthread_cond_broadcast(&cr_taken->changed);
    (void)pthread_mutex_unlock(&cr_taken->lock);
}

void cr_wait_at_gate(void)
{
    (void)pthread_mutex_lock(&cr_taken->lock);
    while (!cr_taken->is_at_gate) {
        (void)pthread_cond_wait(&cr_taken->changed, &cr_taken->lock);
    }
    (void)pthread_mutex_unlock(&cr_taken->lock);
}

/* Learns which files these are. */
void cr_note_inodes(const char *dir, const fx_image *image)
{
    for (size_t i = 0; i < image->count; i++) {
        char path[FX_PATH_MAX + 128];
        struct stat info;
        (void)snprintf(path, sizeof path, "%s/%s", dir, image->files[i].name);
        assert_int_equal(stat(path, &info), 0);
        cr_taken->inodes[i] = info.st_ino;
    }
}

/* From now on all is written down; what is there now is there for good. */
void cr_begin(const char *dir)
{
    fx_image_load(dir, &cr_taken->base);
    cr_note_inodes(dir, &cr_taken->base);
    cr_taken->is_on = true;
}

void cr_acknowledge(const tt_journal_end *end)
{
    (void)pthread_mutex_lock(&cr_taken->lock);
    if (cr_taken->is_on) {
        note(cr_taken, ACKNOWLEDGED, NONE)->end = *end;
    }
    (void)pthread_mutex_unlock(&cr_taken->lock);
}

static bool is_kept(bool has_all, uint64_t *seed)
{
    return *seed == 0 ? has_all : fx_random(seed) % 2 == 0;
}

/* Tells whether what a call did was synced before `moment`. */
static bool is_synced(size_t at, size_t moment)
{
    const call *done = &cr_taken->calls[at];
    for (size_t i = at + 1; i < moment; i++) {
        const call *later = &cr_taken->calls[i];
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

/* Lets sectors that a write has changed reach the disk. Each goes there as the system has it by
 * then: with what was written to it before. */
static void
apply_write(fx_file *file, const call *done, bool is_whole, const crash_loss *loss, uint64_t *seed)
{
    unsigned char *cached = file->bytes + SPACE_MAX;
    uint64_t none = 0;
    bool has_writes = loss->has_writes;
    memcpy(cached + done->offset, done->bytes, done->size);
    if (is_poor(done)) {
        has_writes = is_kept(has_writes, seed);
        seed = &none;
    }
    for (uint64_t at = done->offset / SECTOR * SECTOR; at < done->offset + done->size;
         at += SECTOR) {
        if (is_whole || is_kept(has_writes, seed)) {
            memcpy(file->bytes + at, cached + at, SECTOR);
        }
    }
}

/* Cuts a file, or takes space for it. */
static void apply_size(fx_file *file, size_t size)
{
    size_t from = size < file->size ? size : file->size;
    assert_true(size <= SPACE_MAX);
    memset(file->bytes + from, 0, SPACE_MAX - from);
    memset(file->bytes + SPACE_MAX + from, 0, SPACE_MAX - from);
    file->size = size;
}

/* The directory as a crash before call `moment` may leave it. */
void cr_make_again(size_t moment, crash_loss loss, fx_image *image)
{
    *image = cr_taken->base;
    for (size_t i = 0; i < image->count; i++) {
        fx_file *file = &image->files[i];
        const unsigned char *bytes = file->bytes;
        assert_true(file->size <= SPACE_MAX);
        file->bytes = calloc(2, SPACE_MAX); // What the disk has, and what the system has.
        memcpy(file->bytes, bytes, file->size);
        memcpy(file->bytes + SPACE_MAX, bytes, file->size);
    }
    uint64_t seed = loss.seed;
    for (size_t i = 0; i < moment; i++) {
        const call *done = &cr_taken->calls[i];
        fx_file *file = done->file == NONE ? NULL : &image->files[done->file];
        if (done->kind == CALL_WRITE) {
            apply_write(file, done, is_synced(i, moment), &loss, &seed);
        } else if (done->kind == CALL_CUT) {
            if (is_synced(i, moment) || is_kept(loss.has_cuts, &seed)) {
                apply_size(file, done->size);
            }
        } else if (done->kind == CALL_RENAME) {
            if (is_synced(i, moment) || is_kept(loss.has_names, &seed)) {
                memcpy(file->name, done->to, sizeof file->name);
            }
        }
    }
}

/* The last that was acknowledged before `moment`; the one before the record began otherwise. */
tt_journal_end cr_acknowledged(size_t moment)
{
    tt_journal_end end = {0};
    for (size_t i = 0; i < moment; i++) {
        end = cr_taken->calls[i].kind == ACKNOWLEDGED ? cr_taken->calls[i].end : end;
    }
    return end;
}

/* How often a call of one kind was made by the thread that seals. */
int cr_count_seal_calls(call_kind kind)
{
    int count = 0;
    for (size_t i = 0; i < cr_taken->count; i++) {
        count += cr_taken->calls[i].kind == kind && cr_taken->calls[i].is_of_seals;
    }
    return count;
}

/* Place of the n-th name that a segment got. */
size_t cr_find_name(int n)
{
    for (size_t i = 0; i < cr_taken->count; i++) {
        if (cr_taken->calls[i].kind == CALL_RENAME && n-- == 0) {
            return i;
        }
    }
    fail_msg("no such name");
    return 0;
}
