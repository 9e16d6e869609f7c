/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread that makes the next segments and ends the last ones.
 *
 * It makes them piece by piece and lets the disk take each before the next, so that a commit never
 * waits behind more than one piece. Between two pieces it seals what there is to be sealed.
 */
#include "journal/journal_spare.h"

#include "base/thread.h"
#include "journal/journal_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a commit may have to wait behind. Small, also because the page cache keeps what was written
 * in large pieces in large folios, and then every small commit costs work on a large one. */
#define PIECE_BYTES ((uint64_t)64 * 1024)
/* Past the page cache, while nobody commits. */
#define FAST_BYTES TT_SPARE_PIECE
/* Between two pieces while a spare is ready. */
#define PAUSE_NS (INT64_C(4) * 1000000)

/* Never written to; not constant, so that it takes no space in the program. */
static _Alignas(TT_JOURNAL_BLOCK) unsigned char zeros[FAST_BYTES];

/* What the thread does next. */
typedef enum fill_pace {
    FILL_FAST,
    FILL_GENTLY,
    FILL_NO_MORE, /* What there is will do. */
    FILL_STOP
} fill_pace;

/* Sleeps for a pause, or until something changes. Under the lock. */
static void rest(tt_spare *spare)
{
    int64_t until_ns = tt_gate_deadline(PAUSE_NS);
    struct timespec until = {.tv_sec = until_ns / TT_NS_PER_S, .tv_nsec = until_ns % TT_NS_PER_S};
    (void)pthread_cond_timedwait(&spare->changed, &spare->lock, &until);
}

/* Seals the segment that was left, if there is one. Under the lock, which it gives up meanwhile:
 * nobody else touches `seal` until its file is closed. */
static void seal_left(tt_spare *spare)
{
    if (spare->seal.fd < 0) {
        return;
    }
    tt_error error = {0};
    (void)pthread_mutex_unlock(&spare->lock);
    tutti_status status = tt_seal_write(&spare->dir, &spare->seal, spare->seal_block, &error);
    (void)close(spare->seal.fd);
    (void)pthread_mutex_lock(&spare->lock);
    spare->seal.fd = -1;
    spare->stats.sealed += status == TUTTI_OK;
    if (status != TUTTI_OK && atomic_load(&spare->seal_failed) == TUTTI_OK) {
        spare->seal_failure = error;
        atomic_store(&spare->seal_failed, (int)status);
    }
    (void)pthread_cond_broadcast(&spare->changed);
}

/* Makes a pause where there is time for one, and tells how to go on. */
static fill_pace pace(tt_spare *spare)
{
    (void)pthread_mutex_lock(&spare->lock);
    seal_left(spare);
    bool has_time = !spare->is_stopping && !spare->is_needed && !spare->is_awaited;
    if (has_time && spare->count > 0) {
        rest(spare);
        seal_left(spare);
    }
    fill_pace how = spare->is_stopping  ? FILL_STOP
                    : spare->is_needed  ? FILL_NO_MORE
                    : spare->is_awaited ? FILL_FAST
                                        : FILL_GENTLY;
    (void)pthread_mutex_unlock(&spare->lock);
    return how;
}

/* Lets the disk take a piece. No flush of its cache: a commit would wait behind each. */
static int write_out(const tt_journal_dir *dir, int fd, uint64_t from, uint64_t size)
{
    const tt_journal_io *io = &dir->io;
    return io->write_out ? io->write_out(io->ctx, fd, (off_t)from, (off_t)size, true)
                         : io->fdatasync(io->ctx, fd);
}

/* Up to the next border of a piece, so that all but the first are whole blocks. */
static uint64_t piece_size(uint64_t at, uint64_t end, uint64_t piece)
{
    uint64_t size = piece - at % piece;
    return size < end - at ? size : end - at;
}

/* Writes the zeros of one piece, and waits for them if `is_paced`. */
static tutti_status write_piece(
    tt_journal_dir *dir,
    tt_journal_file file,
    tt_bytes piece,
    uint64_t at,
    bool *is_direct,
    bool is_paced,
    tt_error *error)
{
    TUTTI_TRY(tt_journal_file_write_blocks(dir, file, piece, at, is_direct, error));
    if (is_paced && !*is_direct && write_out(dir, file.fd, at, piece.size) != 0) {
        return tt_journal_fail(dir, errno, "write", file.name, error);
    }
    return TUTTI_OK;
}

tutti_status tt_spare_fill_piece(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t at,
    size_t size,
    bool *is_direct,
    tt_error *error)
{
    TT_ASSERT(size <= sizeof zeros);
    return write_piece(dir, file, (tt_bytes){zeros, size}, at, is_direct, false, error);
}

tutti_status tt_spare_fill(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t from,
    uint64_t end,
    bool *is_direct,
    tt_spare *maker,
    tt_error *error)
{
    // The block in which `from` lies has been written to before, or is about to be.
    uint64_t at = (from + TT_JOURNAL_BLOCK - 1) / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK;
    while (at < end) {
        fill_pace how = maker ? pace(maker) : FILL_FAST;
        if (how == FILL_STOP) {
            return TUTTI_STATE;
        }
        if (how == FILL_NO_MORE) {
            break;
        }
        uint64_t size =
            piece_size(at, end, *is_direct && how == FILL_FAST ? FAST_BYTES : PIECE_BYTES);
        tt_bytes piece = {zeros, (size_t)size};
        TUTTI_TRY(write_piece(dir, file, piece, at, is_direct, maker != NULL, error));
        at += size;
    }
    if (dir->io.fsync(dir->io.ctx, file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", file.name, error);
    }
    return TUTTI_OK;
}

void tt_spare_name(char name[TT_JOURNAL_NAME_MAX], uint32_t number)
{
    (void)snprintf(
        name, TT_JOURNAL_NAME_MAX, number == 0 ? TT_JOURNAL_SPARE_NAME : "spare-%u.new", number);
}

void tt_spare_remove_all(const tt_journal_dir *dir)
{
    for (uint32_t number = 0; number < TT_JOURNAL_SPARES_MAX; number++) {
        char name[TT_JOURNAL_NAME_MAX];
        tt_spare_name(name, number);
        tt_journal_dir_remove(dir, name);
    }
}

/* Makes the file. Whatever fails, it is as if it had never been tried. */
static tutti_status make(tt_spare *spare, tt_spare_file *made)
{
    tt_journal_dir *dir = &spare->dir;
    TUTTI_TRY(tt_journal_file_open(dir, made->name, O_RDWR | O_CREAT | O_TRUNC, &made->fd, NULL));
    // With its space in one piece, and no wish of a later write left open.
    tutti_status status = TUTTI_NO_SPACE;
    if (dir->io.allocate(dir->io.ctx, made->fd, (off_t)spare->bytes) == 0) {
        tt_journal_file file = {.name = made->name, .fd = made->fd};
        made->is_direct = tt_journal_file_go_direct(dir, made->fd);
        status = tt_spare_fill(dir, file, 0, spare->bytes, &made->is_direct, spare, NULL);
    }
    if (status != TUTTI_OK) {
        (void)close(made->fd);
        tt_journal_dir_remove(dir, made->name);
    }
    return status;
}

/* Finds a name that no spare has. Under the lock. */
static void choose_name(const tt_spare *spare, char name[TT_JOURNAL_NAME_MAX])
{
    for (uint32_t number = 0; number < TT_JOURNAL_SPARES_MAX; number++) {
        bool is_free = true;
        tt_spare_name(name, number);
        for (uint32_t i = 0; i < spare->count; i++) {
            is_free = is_free && strcmp(spare->ready[i].name, name) != 0;
        }
        if (is_free) {
            return;
        }
    }
}

static bool has_work(const tt_spare *spare)
{
    return spare->is_asked && spare->count < spare->wanted;
}

/* Sleeps until a spare is to be made; false: the thread ends. */
static bool wait_for_work(tt_spare *spare, tt_spare_file *next)
{
    (void)pthread_mutex_lock(&spare->lock);
    seal_left(spare);
    while (!has_work(spare) && !spare->is_stopping) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
        seal_left(spare);
    }
    bool goes_on = !spare->is_stopping;
    spare->is_making = goes_on;
    choose_name(spare, next->name);
    (void)pthread_mutex_unlock(&spare->lock);
    return goes_on;
}

/* Notes what came of it. */
static void settle(tt_spare *spare, const tt_spare_file *made, bool is_made)
{
    (void)pthread_mutex_lock(&spare->lock);
    if (is_made) {
        spare->ready[spare->count++] = *made;
    }
    spare->is_asked = spare->is_asked && is_made;
    spare->is_making = false;
    spare->stats.made += is_made;
    spare->stats.early += is_made && spare->is_needed;
    spare->stats.failed += !is_made;
    spare->is_needed = false; // The next one has time, even if the writer still sleeps.
    (void)pthread_cond_broadcast(&spare->changed);
    (void)pthread_mutex_unlock(&spare->lock);
}

static void *run(void *argument)
{
    tt_spare *spare = argument;
    tt_spare_file next = {.fd = -1};
    tt_gate_be_patient();
    while (wait_for_work(spare, &next)) {
        bool is_made = make(spare, &next) == TUTTI_OK;
        settle(spare, &next, is_made);
    }
    return NULL;
}

/* A condition by the clock that nobody sets. */
static int init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int result = pthread_condattr_init(&attributes);
    if (result != 0) {
        return result;
    }
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    result = pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return result;
}

tutti_status tt_spare_start(
    tt_spare *spare, const tt_journal_dir *dir, uint64_t bytes, uint32_t wanted, tt_error *error)
{
    *spare = (tt_spare){.dir = *dir, .bytes = bytes, .wanted = wanted, .seal = {.fd = -1}};
    spare->dir.fail_after = 0; // What the writer does not write does not count.
    if (pthread_mutex_init(&spare->lock, NULL) != 0 || init_condition(&spare->changed) != 0 ||
        tt_thread_start(&spare->thread, run, spare) != 0) {
        return tt_error_set(
            error, TUTTI_NO_MEMORY, "no thread to prepare the segments of %s", dir->path);
    }
    spare->is_running = true;
    return TUTTI_OK;
}

void tt_spare_stop(tt_spare *spare)
{
    if (!spare->is_running) {
        return;
    }
    (void)pthread_mutex_lock(&spare->lock);
    spare->is_stopping = true;
    (void)pthread_cond_broadcast(&spare->changed);
    (void)pthread_mutex_unlock(&spare->lock);
    (void)pthread_join(spare->thread, NULL);
    for (uint32_t i = 0; i < spare->count; i++) {
        (void)close(spare->ready[i].fd);
        tt_journal_dir_remove(&spare->dir, spare->ready[i].name);
    }
    (void)pthread_cond_destroy(&spare->changed);
    (void)pthread_mutex_destroy(&spare->lock);
    spare->is_running = false;
}

void tt_spare_ask(tt_spare *spare)
{
    if (!spare->is_running) {
        return;
    }
    (void)pthread_mutex_lock(&spare->lock);
    spare->is_asked = true;
    (void)pthread_cond_broadcast(&spare->changed);
    (void)pthread_mutex_unlock(&spare->lock);
}

/* Takes over what there is of the spare that is being made. Under the lock. */
static void hurry(tt_spare *spare)
{
    spare->is_needed = spare->is_making || has_work(spare);
    (void)pthread_cond_broadcast(&spare->changed);
    while (spare->count == 0 && (spare->is_making || has_work(spare))) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
    }
}

bool tt_spare_take(tt_spare *spare, tt_spare_file *ret_file)
{
    if (!spare->is_running) {
        return false;
    }
    (void)pthread_mutex_lock(&spare->lock);
    if (spare->count == 0) {
        hurry(spare);
    }
    bool is_ready = spare->count > 0;
    spare->is_asked = false; // Its name is in use until the writer has given it another.
    if (is_ready) {
        *ret_file = spare->ready[0];
        spare->count--;
        memmove(spare->ready, spare->ready + 1, spare->count * sizeof *spare->ready);
    }
    spare->stats.taken += is_ready;
    spare->stats.missed += !is_ready;
    (void)pthread_mutex_unlock(&spare->lock);
    return is_ready;
}

void tt_spare_seal(tt_spare *spare, const tt_seal *seal, tt_block *block)
{
    TT_ASSERT(spare->is_running);
    (void)pthread_mutex_lock(&spare->lock);
    TT_ASSERT(spare->seal.fd < 0);
    spare->seal = *seal;
    spare->seal_block = block;
    (void)pthread_cond_broadcast(&spare->changed);
    (void)pthread_mutex_unlock(&spare->lock);
}

tutti_status tt_spare_check_sealed(tt_spare *spare, tt_error *error)
{
    tutti_status status = (tutti_status)atomic_load(&spare->seal_failed);
    if (status != TUTTI_OK && error) {
        *error = spare->seal_failure; // Written before the status, and never again.
    }
    return status;
}

tutti_status tt_spare_wait_sealed(tt_spare *spare, tt_error *error)
{
    if (!spare->is_running) {
        return TUTTI_OK;
    }
    (void)pthread_mutex_lock(&spare->lock);
    while (spare->seal.fd >= 0) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
    }
    (void)pthread_mutex_unlock(&spare->lock);
    return tt_spare_check_sealed(spare, error);
}

void tt_spare_settle(tt_spare *spare)
{
    if (!spare->is_running) {
        return;
    }
    (void)pthread_mutex_lock(&spare->lock);
    spare->is_awaited = true;
    (void)pthread_cond_broadcast(&spare->changed);
    while (spare->is_making || has_work(spare) || spare->seal.fd >= 0) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
    }
    spare->is_awaited = false;
    (void)pthread_mutex_unlock(&spare->lock);
}

void tt_spare_stats_get(tt_spare *spare, tt_spare_stats *ret_stats)
{
    *ret_stats = (tt_spare_stats){0};
    if (!spare->is_running) {
        return;
    }
    (void)pthread_mutex_lock(&spare->lock);
    *ret_stats = spare->stats;
    (void)pthread_mutex_unlock(&spare->lock);
}
