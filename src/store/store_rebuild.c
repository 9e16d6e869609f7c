/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Making the read model anew: beside the old one, which stays in use until the new one is whole.
 */
#include "journal/journal.h"
#include "store/store_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEPS_PER_COMMIT 5000

/* Names of one rebuild. */
typedef struct store_rebuild {
    const char *path;
    char *new_path; /* Where the new database grows. */
    char *name;     /* Memory for names made from one of both. */
    size_t name_size;
} store_rebuild;

static tutti_status make_names(store_rebuild *rebuild, const char *path, tt_error *error)
{
    size_t size = strlen(path) + 32;
    *rebuild = (store_rebuild){
        .path = path, .new_path = malloc(size), .name = malloc(size), .name_size = size};
    if (!rebuild->new_path || !rebuild->name) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    (void)snprintf(rebuild->new_path, size, "%s.new", path);
    return TUTTI_OK;
}

/* Removes a database with its log. */
static void remove_database(const store_rebuild *rebuild, const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        (void)snprintf(rebuild->name, rebuild->name_size, "%s%s", path, suffixes[i]);
        (void)unlink(rebuild->name);
    }
}

/* Commits, and says how far it came. */
static tutti_status
pause_and_tell(tt_store *store, const tt_store_progress *progress, tt_error *error)
{
    TUTTI_TRY(tt_store_commit(store, error));
    if (progress && progress->report) {
        progress->report(progress->ctx, tt_store_last_seq(store), store->committed.steps);
    }
    return TUTTI_OK;
}

/* Applies all steps of the journal. */
static tutti_status project_all(
    tt_journal_reader *reader, tt_store *store, const tt_store_progress *progress, tt_error *error)
{
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        const void *step;
        size_t size;
        status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_OK) {
            status = tt_store_apply_step(store, step, size, error);
        }
        if (status == TUTTI_OK && store->applied.steps % STEPS_PER_COMMIT == 0) {
            status = pause_and_tell(store, progress, error);
        }
    }
    return status == TUTTI_END ? pause_and_tell(store, progress, error) : status;
}

/* Moves the log into the database and leaves the mode that has one, so that a single file can be
 * renamed; opening it brings the mode back. */
static tutti_status fold_log(tt_store *store, tt_error *error)
{
    return tt_store_db_run(&store->db, "PRAGMA journal_mode = DELETE", "write", error);
}

/* Builds the new database. `lock_fd` is that of the new one. */
static tutti_status build(
    const store_rebuild *rebuild,
    tt_journal_reader *reader,
    const tt_instruments *instruments,
    const tt_store_progress *progress,
    tt_store_rebuilt *ret_rebuilt,
    tt_error *error)
{
    tt_store *store = NULL;
    remove_database(rebuild, rebuild->new_path);
    TUTTI_TRY(tt_store_open_locked(rebuild->new_path, instruments, -1, &store, error));
    tutti_status status = project_all(reader, store, progress, error);
    *ret_rebuilt = (tt_store_rebuilt){tt_store_last_seq(store), tt_store_passed_over(store)};
    if (status == TUTTI_OK) {
        status = fold_log(store, error);
    }
    tt_store_close(store);
    return status;
}

/* Puts the new database in the place of the old one. */
static tutti_status replace(const store_rebuild *rebuild, tt_error *error)
{
    remove_database(rebuild, rebuild->path);
    if (rename(rebuild->new_path, rebuild->path) != 0) {
        return tt_error_set(
            error,
            tt_status_of_errno(errno),
            "cannot rename %s to %s: %s",
            rebuild->new_path,
            rebuild->path,
            strerrordesc_np(errno));
    }
    return TUTTI_OK;
}

static tutti_status
run(const store_rebuild *rebuild,
    const char *journal_dir,
    const tt_instruments *instruments,
    const tt_store_progress *progress,
    tt_store_rebuilt *ret_rebuilt,
    tt_error *error)
{
    tt_journal_reader *reader;
    TUTTI_TRY(tt_journal_reader_open_any(journal_dir, &reader, error));
    tutti_status status = build(rebuild, reader, instruments, progress, ret_rebuilt, error);
    tt_journal_reader_close(reader);
    if (status == TUTTI_OK) {
        status = replace(rebuild, error);
    }
    if (status != TUTTI_OK) {
        remove_database(rebuild, rebuild->new_path);
    }
    return status;
}

tutti_status tt_store_rebuild(
    const char *journal_dir,
    const char *path,
    const tt_instruments *instruments,
    const tt_store_progress *progress,
    tt_store_rebuilt *ret_rebuilt,
    tt_error *error)
{
    int lock_fd = -1;
    tt_store_rebuilt rebuilt = {0};
    store_rebuild rebuild = {0};
    TUTTI_TRY(tt_store_lock_take(path, &lock_fd, error));
    tutti_status status = make_names(&rebuild, path, error);
    if (status == TUTTI_OK) {
        status = run(&rebuild, journal_dir, instruments, progress, &rebuilt, error);
    }
    free(rebuild.new_path);
    free(rebuild.name);
    tt_store_lock_release(lock_fd);
    if (status == TUTTI_OK && ret_rebuilt) {
        *ret_rebuilt = rebuilt;
    }
    return status;
}
