/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The projection: steps in, rows out.
 *
 * Invariants:
 *  1. The rows are exactly those of the messages up to `applied.last_seq`; on the disk, up to
 *     `committed.last_seq`, which the table `projection` records in the same transaction.
 *     So are the figures of the account, which a reader could work out from the rows as well.
 *  2. After a failure the transaction is undone and `applied` equals `committed`.
 */
#include "base/crc32c.h"
#include "journal/journal.h"
#include "store/store_priv.h"

#include <stdlib.h>
#include <string.h>

/* The read model can be made again, so a commit need not reach the disk at once; the log keeps it
 * consistent. Memory-mapped files are off: damage would come as a signal instead of an error. */
static const char setup[] = "PRAGMA mmap_size = 0;"
                            "PRAGMA synchronous = NORMAL;"
                            "PRAGMA foreign_keys = ON;"
                            "PRAGMA trusted_schema = OFF;";

static tutti_status undo(tt_store *store, tutti_status status)
{
    if (store->is_in_transaction) {
        (void)sqlite3_exec(store->db.handle, "ROLLBACK", NULL, NULL, NULL);
    }
    store->is_in_transaction = false;
    store->applied = store->committed;
    return status;
}

/* Makes the tables of an empty database, all or none. */
static tutti_status create_tables(tt_store *store, tt_error *error)
{
    char version[96];
    tt_text_buf text;
    tt_text_init(&text, version, sizeof version);
    tt_text_appendf(
        &text,
        "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
        TT_STORE_APPLICATION_ID,
        TT_STORE_VERSION);
    TUTTI_TRY(tt_store_db_run(&store->db, "BEGIN IMMEDIATE", "write", error));
    store->is_in_transaction = true;
    tutti_status status = TUTTI_OK;
    for (size_t i = 0; i < tt_store_schema_count && status == TUTTI_OK; i++) {
        status = tt_store_db_run(&store->db, tt_store_schema[i], "write", error);
    }
    if (status == TUTTI_OK) {
        status = tt_store_db_run(&store->db, version, "write", error);
    }
    if (status != TUTTI_OK) {
        return undo(store, status);
    }
    store->is_in_transaction = false;
    return TUTTI_OK;
}

static tutti_status prepare_all(tt_store *store, tt_error *error)
{
    TT_ASSERT(tt_store_projection_count <= TT_STORE_PROJECTIONS_MAX);
    for (size_t i = 0; i < tt_store_projection_count; i++) {
        TUTTI_TRY(tt_projection_prepare(
            &store->db, &tt_store_projection[i], &store->projections[i], error));
    }
    TUTTI_TRY(tt_store_db_prepare(
        &store->db,
        "UPDATE projection SET last_seq = ?, last_time = ?, steps = ?, last_crc = ?,"
        " account_figures = ?",
        &store->save_mark,
        error));
    return tt_store_db_prepare(
        &store->db, "SELECT time, run_id FROM sessions WHERE seq = ?", &store->find_session, error);
}

/* Reads the mark from the row of the statement; false when its figures are none. */
static bool read_mark(sqlite3_stmt *row, tt_store_mark *ret_mark)
{
    *ret_mark = (tt_store_mark){
        .last_seq = (tt_seq)sqlite3_column_int64(row, 0),
        .last_time = {sqlite3_column_int64(row, 1)},
        .steps = (uint64_t)sqlite3_column_int64(row, 2),
        .last_crc = (uint32_t)sqlite3_column_int64(row, 3)};
    return tt_store_take_figures(row, 4, &ret_mark->figures);
}

static tutti_status load_mark(tt_store *store, tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(tt_store_db_prepare(
        &store->db,
        "SELECT last_seq, last_time, steps, last_crc, account_figures FROM projection",
        &statement,
        error));
    tutti_status status = TUTTI_OK;
    if (sqlite3_step(statement) != SQLITE_ROW || !read_mark(statement, &store->committed)) {
        status =
            tt_error_set(error, TUTTI_CORRUPT, "%s does not say how far it came", store->db.path);
    }
    (void)sqlite3_finalize(statement);
    store->applied = store->committed;
    return status;
}

static tutti_status open_database(tt_store *store, const char *path, tt_error *error)
{
    bool is_empty;
    TUTTI_TRY(tt_store_db_open(
        &store->db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, setup, error));
    TUTTI_TRY(tt_store_db_identify(&store->db, &is_empty, error));
    TUTTI_TRY(tt_store_db_run(&store->db, "PRAGMA journal_mode = WAL", "write", error));
    if (is_empty) {
        TUTTI_TRY(create_tables(store, error));
    }
    TUTTI_TRY(prepare_all(store, error));
    return load_mark(store, error);
}

static void free_store(tt_store *store)
{
    for (size_t i = 0; i < tt_store_projection_count; i++) {
        (void)sqlite3_finalize(store->projections[i].statement);
    }
    (void)sqlite3_finalize(store->save_mark);
    (void)sqlite3_finalize(store->find_session);
    tt_store_db_close(&store->db);
    tt_journal_names_free(store->names);
    tt_store_lock_release(store->lock_fd);
    free(store);
}

tutti_status tt_store_open_locked(
    const char *path,
    const tt_instruments *instruments,
    int lock_fd,
    tt_store **result,
    tt_error *error)
{
    tt_store *store = calloc(1, sizeof *store);
    if (!store) {
        tt_store_lock_release(lock_fd);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s", path);
    }
    store->lock_fd = lock_fd;
    store->instruments = *instruments;
    tutti_status status = tt_journal_names_new(&store->names, error);
    if (status == TUTTI_OK) {
        status = open_database(store, path, error);
    }
    if (status != TUTTI_OK) {
        free_store(store);
        return status;
    }
    *result = store;
    return TUTTI_OK;
}

tutti_status tt_store_open(
    const char *path, const tt_instruments *instruments, tt_store **result, tt_error *error)
{
    int lock_fd = -1;
    TUTTI_TRY(tt_store_lock_take(path, &lock_fd, error));
    return tt_store_open_locked(path, instruments, lock_fd, result, error);
}

/* The database was projected from another journal, or from a part of this one that was lost. */
static tutti_status fail_other(const tt_store *store, tt_seq seq, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_CORRUPT,
        "%s does not follow this journal: message %llu differs",
        store->db.path,
        (unsigned long long)seq);
    tt_error_hint(error, "rebuild the read model from the journal");
    return TUTTI_CORRUPT;
}

/* Compares a message of a session that was applied before with its row. */
static tutti_status check_session(const tt_store *store, const tt_msg *msg, tt_error *error)
{
    const tt_session_event *session = TT_PAYLOAD(msg, SESSION_EVENTS, session_event);
    sqlite3_stmt *statement = store->find_session;
    (void)sqlite3_bind_int64(statement, 1, (int64_t)msg->seq);
    int code = sqlite3_step(statement);
    const char *run_id =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 1) : NULL;
    bool is_same = run_id && sqlite3_column_int64(statement, 0) == msg->time.ns &&
                   strncmp(run_id, session->run_id, sizeof session->run_id) == 0;
    tutti_status status = TUTTI_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = tt_store_fail(&store->db, "read", error);
    } else if (!is_same) {
        status = fail_other(store, msg->seq, error);
    }
    (void)sqlite3_reset(statement);
    return status;
}

/* A step that was applied before: is it the same one? */
static tutti_status
skip_step(const tt_store *store, const void *step, size_t size, tt_seq last, tt_error *error)
{
    tutti_status status = TUTTI_OK;
    const tt_msg *msg = tt_step_next(step, size, NULL);
    for (; msg && status == TUTTI_OK; msg = tt_step_next(step, size, msg)) {
        if (msg->topic == TT_TOPIC_SESSION_EVENTS) {
            status = check_session(store, msg, error);
        }
    }
    TUTTI_TRY(status);
    if (last == store->applied.last_seq && tt_crc32c(0, step, size) != store->applied.last_crc) {
        return fail_other(store, last, error);
    }
    return TUTTI_OK;
}

static tutti_status begin(tt_store *store, tt_error *error)
{
    if (!store->is_in_transaction) {
        TUTTI_TRY(tt_store_db_run(&store->db, "BEGIN IMMEDIATE", "write", error));
        store->is_in_transaction = true;
    }
    return TUTTI_OK;
}

/* Brings the figures of the account up to date. */
static void follow_account(tt_store *store, const tt_msg *msg)
{
    const tt_account_update *account = TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update);
    const tt_account_record record = {
        .time = msg->time,
        .initial = account->initial,
        .transfers = account->transfers,
        .equity = account->equity,
        .open_positions = account->open_positions};
    tt_account_figures_add(&store->applied.figures, &record);
}

/* Runs all statements of the message's topic. */
static tutti_status project(tt_store *store, const tt_msg *msg, tt_error *error)
{
    tt_bind_context context = {
        .instruments = &store->instruments,
        .registry = tt_journal_names_registry(store->names),
        .json = store->json};
    tutti_status status = TUTTI_OK;
    store->applied.passed_over += msg->topic >= TT_TOPIC_USER_FIRST;
    if (msg->topic == TT_TOPIC_ACCOUNT_UPDATES) {
        follow_account(store, msg);
    }
    for (size_t i = 0; i < tt_store_projection_count && status == TUTTI_OK; i++) {
        if (tt_store_projection[i].topic == msg->topic) {
            status = tt_projection_run(&store->db, &store->projections[i], &context, msg, error);
        }
    }
    return status;
}

/* Applies a step that continues the projection. */
static tutti_status
apply_messages(tt_store *store, const void *step, size_t size, const tt_msg *last, tt_error *error)
{
    TUTTI_TRY(begin(store, error));
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        TUTTI_TRY(project(store, msg, error));
    }
    store->applied.last_seq = last->seq;
    store->applied.last_time = last->time;
    store->applied.steps++;
    store->applied.last_crc = tt_crc32c(0, step, size);
    return TUTTI_OK;
}

/* First and last message of a step; false when it has none. */
static bool
find_ends(const void *step, size_t size, const tt_msg **ret_first, const tt_msg **ret_last)
{
    *ret_first = tt_step_next(step, size, NULL);
    for (const tt_msg *msg = *ret_first; msg; msg = tt_step_next(step, size, msg)) {
        *ret_last = msg;
    }
    return *ret_first != NULL;
}

tutti_status tt_store_apply_step(tt_store *store, const void *step, size_t size, tt_error *error)
{
    const tt_msg *first = NULL;
    const tt_msg *last = NULL;
    if (!find_ends(step, size, &first, &last)) {
        return tt_error_set(error, TUTTI_INVALID, "the step holds no message");
    }
    tt_seq applied = store->applied.last_seq;
    tt_journal_names_take(store->names, step, size);
    if (last->seq <= applied) {
        return skip_step(store, step, size, last->seq, error);
    }
    if (first->seq <= applied) {
        return fail_other(store, applied, error);
    }
    if (first->seq != applied + 1) {
        return tt_error_set(
            error,
            TUTTI_STATE,
            "%s has messages up to %llu; the step offered begins at %llu",
            store->db.path,
            (unsigned long long)applied,
            (unsigned long long)first->seq);
    }
    tutti_status status = apply_messages(store, step, size, last, error);
    return status == TUTTI_OK ? TUTTI_OK : undo(store, status);
}

/* Records how far the projection came, in the open transaction. */
static tutti_status save_mark(const tt_store *store, tt_error *error)
{
    sqlite3_stmt *statement = store->save_mark;
    (void)sqlite3_bind_int64(statement, 1, (int64_t)store->applied.last_seq);
    (void)sqlite3_bind_int64(statement, 2, store->applied.last_time.ns);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)store->applied.steps);
    (void)sqlite3_bind_int64(statement, 4, store->applied.last_crc);
    (void)sqlite3_bind_blob(
        statement, 5, &store->applied.figures, sizeof store->applied.figures, SQLITE_STATIC);
    tutti_status status = sqlite3_step(statement) == SQLITE_DONE
                              ? TUTTI_OK
                              : tt_store_fail(&store->db, "write", error);
    (void)sqlite3_reset(statement);
    return status;
}

tutti_status tt_store_commit(tt_store *store, tt_error *error)
{
    if (!store->is_in_transaction) {
        return TUTTI_OK;
    }
    tutti_status status = save_mark(store, error);
    if (status == TUTTI_OK) {
        status = tt_store_db_run(&store->db, "COMMIT", "write", error);
    }
    if (status != TUTTI_OK) {
        return undo(store, status);
    }
    store->is_in_transaction = false;
    store->committed = store->applied;
    return TUTTI_OK;
}

tt_seq tt_store_last_seq(const tt_store *store)
{
    return store->applied.last_seq;
}

bool tt_store_is_in_place(const tt_store *store)
{
    return tt_store_db_is_in_place(&store->db);
}

uint64_t tt_store_passed_over(const tt_store *store)
{
    return store->applied.passed_over;
}

void tt_store_close(tt_store *store)
{
    if (!store) {
        return;
    }
    if (tt_store_commit(store, NULL) != TUTTI_OK) {
        (void)undo(store, TUTTI_OK);
    }
    free_store(store);
}
