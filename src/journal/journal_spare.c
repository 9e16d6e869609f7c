/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The thread that makes the next segment.
 *
 * It goes on piece by piece and lets the disk take each before the next, so that a commit never
 * waits behind more than one piece.
 */
#include "journal/journal_spare.h"

#include "journal/journal_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Small, because the page cache keeps what was written in large pieces in large folios, and then
 * every small commit costs work on a large one. */
#define FILL_BYTES ((size_t)64 * 1024)
/* So much may wait for the disk. */
#define PIECE_BYTES ((uint64_t)1024 * 1024)

static bool is_stopping(tt_spare *spare)
{
    (void)pthread_mutex_lock(&spare->lock);
    bool is_over = spare->is_stopping;
    (void)pthread_mutex_unlock(&spare->lock);
    return is_over;
}

/* Lets the disk take a piece. No flush of its cache: a commit would wait behind each. */
static int write_out(const tt_journal_dir *dir, int fd, uint64_t from)
{
    const tt_journal_io *io = &dir->io;
    return io->write_out ? io->write_out(io->ctx, fd, (off_t)from, (off_t)PIECE_BYTES)
                         : io->fdatasync(io->ctx, fd);
}

tutti_status tt_spare_fill(
    tt_journal_dir *dir,
    tt_journal_file file,
    uint64_t from,
    uint64_t end,
    tt_spare *stopped_by,
    tt_error *error)
{
    static const unsigned char zeros[FILL_BYTES];
    for (uint64_t at = from; at < end;) {
        uint64_t left = end - at;
        tt_bytes piece = {zeros, left < FILL_BYTES ? (size_t)left : FILL_BYTES};
        TUTTI_TRY(tt_journal_file_write(dir, file, piece, at, error));
        at += piece.size;
        if (stopped_by && (at - from) % PIECE_BYTES == 0) {
            if (is_stopping(stopped_by)) {
                return TUTTI_STATE;
            }
            if (write_out(dir, file.fd, at - PIECE_BYTES) != 0) {
                return tt_journal_fail(dir, errno, "write", file.name, error);
            }
        }
    }
    if (dir->io.fsync(dir->io.ctx, file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", file.name, error);
    }
    return TUTTI_OK;
}

/* Makes the file. Whatever fails, it is as if it had never been tried. */
static tutti_status make(tt_spare *spare, int *ret_fd)
{
    tt_journal_dir *dir = &spare->dir;
    tt_journal_file file = {.name = TT_JOURNAL_SPARE_NAME};
    TUTTI_TRY(tt_journal_file_open(dir, file.name, O_RDWR | O_CREAT | O_TRUNC, &file.fd, NULL));
    // With its space in one piece, and no wish of a later write left open.
    tutti_status status = TUTTI_NO_SPACE;
    if (dir->io.allocate(dir->io.ctx, file.fd, (off_t)spare->bytes) == 0) {
        status = tt_spare_fill(dir, file, 0, spare->bytes, spare, NULL);
    }
    if (status != TUTTI_OK) {
        (void)close(file.fd);
        tt_journal_dir_remove(dir, file.name);
        return status;
    }
    *ret_fd = file.fd;
    return TUTTI_OK;
}

/* Sleeps until a spare is asked for; false: the thread ends. */
static bool wait_for_wish(tt_spare *spare)
{
    (void)pthread_mutex_lock(&spare->lock);
    while (spare->state != TT_SPARE_MAKING && !spare->is_stopping) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
    }
    bool goes_on = !spare->is_stopping;
    (void)pthread_mutex_unlock(&spare->lock);
    return goes_on;
}

static void *run(void *argument)
{
    tt_spare *spare = argument;
    tt_gate_be_patient();
    while (wait_for_wish(spare)) {
        int fd = -1;
        bool is_made = make(spare, &fd) == TUTTI_OK;
        (void)pthread_mutex_lock(&spare->lock);
        spare->fd = fd;
        spare->state = is_made ? TT_SPARE_READY : TT_SPARE_FAILED;
        spare->stats.made += is_made;
        spare->stats.failed += !is_made;
        (void)pthread_cond_broadcast(&spare->changed);
        (void)pthread_mutex_unlock(&spare->lock);
    }
    return NULL;
}

tutti_status
tt_spare_start(tt_spare *spare, const tt_journal_dir *dir, uint64_t bytes, tt_error *error)
{
    *spare = (tt_spare){.dir = *dir, .bytes = bytes, .fd = -1};
    spare->dir.fail_after = 0; // What the writer does not write does not count.
    if (pthread_mutex_init(&spare->lock, NULL) != 0 ||
        pthread_cond_init(&spare->changed, NULL) != 0 ||
        pthread_create(&spare->thread, NULL, run, spare) != 0) {
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
    if (spare->fd >= 0) {
        (void)close(spare->fd);
        tt_journal_dir_remove(&spare->dir, TT_JOURNAL_SPARE_NAME);
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
    if (spare->state == TT_SPARE_NONE) {
        spare->state = TT_SPARE_MAKING;
        (void)pthread_cond_broadcast(&spare->changed);
    }
    (void)pthread_mutex_unlock(&spare->lock);
}

bool tt_spare_take(tt_spare *spare, int *ret_fd)
{
    if (!spare->is_running) {
        return false;
    }
    (void)pthread_mutex_lock(&spare->lock);
    bool is_ready = spare->state == TT_SPARE_READY;
    *ret_fd = spare->fd;
    if (is_ready || spare->state == TT_SPARE_FAILED) {
        spare->state = TT_SPARE_NONE;
        spare->fd = -1;
    }
    spare->stats.taken += is_ready;
    spare->stats.missed += !is_ready;
    (void)pthread_mutex_unlock(&spare->lock);
    return is_ready;
}

void tt_spare_settle(tt_spare *spare)
{
    if (!spare->is_running) {
        return;
    }
    (void)pthread_mutex_lock(&spare->lock);
    while (spare->state == TT_SPARE_MAKING) {
        (void)pthread_cond_wait(&spare->changed, &spare->lock);
    }
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
