/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lists.
 */
#include "store/store_query.h"

#include "store/store_lists.h"
#include "store/store_query_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The writer alone makes checkpoints. */
static const char setup[] = "PRAGMA mmap_size = 0;"
                            "PRAGMA query_only = ON;"
                            "PRAGMA wal_autocheckpoint = 0;"
                            "PRAGMA trusted_schema = OFF;";

static const char final_states[] = "('filled','cancelled','rejected','expired','failed')";

static tutti_status open_query(tt_store_query *query, const char *path, tt_error *error)
{
    bool is_empty;
    TUTTI_TRY(tt_store_db_open(&query->db, path, SQLITE_OPEN_READWRITE, setup, error));
    (void)sqlite3_db_config(query->db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    TUTTI_TRY(tt_store_db_identify(&query->db, &is_empty, error));
    if (is_empty) {
        return tt_error_set(error, TUTTI_NOT_FOUND, "%s has no tables yet", path);
    }
    return TUTTI_OK;
}

tutti_status tt_store_query_open(const char *path, tt_store_query **result, tt_error *error)
{
    if (access(path, F_OK) != 0) {
        return tt_error_set(error, TUTTI_NOT_FOUND, "there is no read model at %s", path);
    }
    tt_store_query *query = calloc(1, sizeof *query);
    if (!query) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", path);
    }
    tutti_status status = open_query(query, path, error);
    if (status != TUTTI_OK) {
        tt_store_query_close(query);
        return status;
    }
    *result = query;
    return TUTTI_OK;
}

bool tt_store_query_is_in_place(const tt_store_query *query)
{
    return tt_store_db_is_in_place(&query->db);
}

void tt_store_query_close(tt_store_query *query)
{
    if (query) {
        tt_store_db_close(&query->db);
        free(query);
    }
}

bool tt_store_list_find(const char *name, tt_store_list *ret_list)
{
    for (int i = 0; i < TT_STORE_LIST_COUNT; i++) {
        if (strcmp(tt_store_lists[i].name, name) == 0) {
            *ret_list = (tt_store_list)i;
            return true;
        }
    }
    return false;
}

tutti_status tt_store_read(
    tt_store_query *query,
    tutti_status (*write)(
        tt_store_query *query, const void *what, tt_store_text *text, tt_error *error),
    const void *what,
    tt_store_text *text,
    tt_error *error)
{
    text->length = 0;
    tutti_status status = tt_store_db_run(&query->db, "BEGIN", "read", error);
    if (status == TUTTI_OK) {
        status = write(query, what, text, error);
        (void)sqlite3_exec(query->db.handle, "ROLLBACK", NULL, NULL, NULL);
    }
    if (status != TUTTI_OK) {
        tt_store_text_fini(text);
    }
    return status;
}

/* A list that is asked for. */
typedef struct list_request {
    const tt_list_row *list;
    tt_store_filter filter;
} list_request;

static bool has_state(const list_request *request)
{
    return request->filter.state && request->filter.state[0] != '\0';
}

/* Groups of order states. */
static bool is_group(const list_request *request)
{
    return request->list == &tt_store_lists[TT_STORE_ORDERS] &&
           (strcmp(request->filter.state, "working") == 0 ||
            strcmp(request->filter.state, "final") == 0);
}

/* Appends the conditions; values are bound, not written. */
static void add_conditions(const list_request *request, tt_text_buf *sql)
{
    const tt_list_row *list = request->list;
    tt_text_append_text(sql, " WHERE 1");
    if (request->filter.instrument != 0) {
        tt_text_append_text(sql, " AND instrument = @instrument");
    }
    if (request->filter.id != 0) {
        tt_text_appendf(sql, " AND %s = @id", list->id);
    }
    if (!has_state(request)) {
        return;
    }
    if (is_group(request)) {
        bool is_final = strcmp(request->filter.state, "final") == 0;
        tt_text_appendf(sql, " AND state %sIN %s", is_final ? "" : "NOT ", final_states);
    } else if (list == &tt_store_lists[TT_STORE_POSITIONS]) {
        tt_text_append_text(sql, " AND is_open = (@state = 'open')");
    } else {
        tt_text_appendf(sql, " AND %s = @state", list->state);
    }
}

/* Binds a value where the statement asks for it. */
static void bind_number(sqlite3_stmt *statement, const char *name, uint64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index > 0) {
        (void)sqlite3_bind_int64(statement, index, (int64_t)value);
    }
}

static void bind_filter(sqlite3_stmt *statement, const tt_store_filter *filter)
{
    bind_number(statement, "@instrument", filter->instrument);
    bind_number(statement, "@id", filter->id);
    bind_number(statement, "@limit", filter->limit);
    bind_number(statement, "@offset", filter->offset);
    int index = sqlite3_bind_parameter_index(statement, "@state");
    if (index > 0) {
        (void)sqlite3_bind_text(statement, index, filter->state, -1, SQLITE_STATIC);
    }
}

/* Compiles a statement of the list. */
static tutti_status prepare(
    tt_store_query *query,
    const list_request *request,
    bool is_count,
    sqlite3_stmt **ret_statement,
    tt_error *error)
{
    char memory[2048];
    tt_text_buf sql;
    const tt_list_row *list = request->list;
    tt_text_init(&sql, memory, sizeof memory);
    tt_text_appendf(&sql, "SELECT %s FROM %s", is_count ? "count(*)" : list->columns, list->table);
    add_conditions(request, &sql);
    if (!is_count) {
        tt_text_appendf(&sql, " ORDER BY %s DESC LIMIT @limit OFFSET @offset", list->order);
    }
    TT_ASSERT(!sql.truncated);
    TUTTI_TRY(tt_store_db_prepare(&query->db, memory, ret_statement, error));
    bind_filter(*ret_statement, &request->filter);
    return TUTTI_OK;
}

/* Writes the rows of a statement; counts them. */
static tutti_status add_rows(
    tt_store_query *query,
    sqlite3_stmt *statement,
    int64_t *ret_count,
    tt_store_text *text,
    tt_error *error)
{
    int code = sqlite3_step(statement);
    for (*ret_count = 0; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        TUTTI_TRY(tt_store_add_row(query, statement, *ret_count == 0, text, error));
        (*ret_count)++;
    }
    return code == SQLITE_DONE ? TUTTI_OK : tt_store_fail(&query->db, "read", error);
}

static tutti_status add_items(
    tt_store_query *query,
    const list_request *request,
    int64_t *ret_count,
    tt_store_text *text,
    tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(prepare(query, request, false, &statement, error));
    tutti_status status = add_rows(query, statement, ret_count, text, error);
    (void)sqlite3_finalize(statement);
    return status;
}

static tutti_status
count_all(tt_store_query *query, const list_request *request, int64_t *ret_total, tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(prepare(query, request, true, &statement, error));
    bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    *ret_total = has_row ? sqlite3_column_int64(statement, 0) : 0;
    tutti_status status = has_row ? TUTTI_OK : tt_store_fail(&query->db, "read", error);
    (void)sqlite3_finalize(statement);
    return status;
}

static tutti_status
write_list(tt_store_query *query, const void *what, tt_store_text *text, tt_error *error)
{
    static const char opening[] = "{\"items\": [";
    const list_request *request = what;
    int64_t count;
    int64_t total;
    int64_t last_seq;
    if (!tt_store_text_add(text, opening, sizeof opening - 1)) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
    }
    TUTTI_TRY(add_items(query, request, &count, text, error));
    TUTTI_TRY(count_all(query, request, &total, error));
    TUTTI_TRY(tt_store_db_number(&query->db, "SELECT last_seq FROM projection", &last_seq, error));
    if (!tt_store_text_add(text, "]", 1)) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
    }
    TUTTI_TRY(tt_store_add_number(query, "count", count, text, error));
    TUTTI_TRY(tt_store_add_number(query, "total", total, text, error));
    TUTTI_TRY(tt_store_add_number(query, "limit", request->filter.limit, text, error));
    TUTTI_TRY(tt_store_add_number(query, "offset", request->filter.offset, text, error));
    TUTTI_TRY(tt_store_add_number(query, "last_seq", last_seq, text, error));
    return tt_store_text_add(text, "}", 1)
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
}

/* Tells whether the state is one that the list can select. */
static bool is_state(const list_request *request)
{
    const char *state = request->filter.state;
    uint8_t value;
    if (request->list == &tt_store_lists[TT_STORE_POSITIONS]) {
        return strcmp(state, "open") == 0 || strcmp(state, "closed") == 0;
    }
    if (strcmp(request->list->state, "topic") == 0) {
        return tt_topic_find(state, strlen(state)) != TT_TOPIC_NONE;
    }
    return is_group(request) || tt_enum_find(request->list->states, state, strlen(state), &value);
}

/* Says which states the list can select. */
static tutti_status refuse_state(const list_request *request, tt_error *error)
{
    const char *name = request->list->name;
    const char *state = request->filter.state;
    char states[240] = "all, open, closed";
    tt_text_buf text;
    if (strcmp(request->list->state, "topic") == 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "state of %s is a topic (`tutti topics`), not '%.40s'",
            name,
            state);
    }
    if (request->list != &tt_store_lists[TT_STORE_POSITIONS]) {
        bool is_orders = request->list == &tt_store_lists[TT_STORE_ORDERS];
        tt_text_init(&text, states, sizeof states);
        tt_text_append_text(&text, is_orders ? "all, working, final" : "all");
        for (uint8_t i = 0; i < request->list->states->count; i++) {
            tt_text_appendf(&text, ", %s", tt_enum_text(request->list->states, i));
        }
    }
    return tt_error_set(
        error, TUTTI_INVALID, "state of %s is one of %s; not '%.40s'", name, states, state);
}

/* Refuses filters that the list does not have. */
static tutti_status check_request(const list_request *request, tt_error *error)
{
    const tt_list_row *list = request->list;
    const tt_store_filter *filter = &request->filter;
    if (filter->limit > TT_STORE_LIMIT_MAX) {
        return tt_error_set(
            error, TUTTI_INVALID, "limit is %u; at most %u", filter->limit, TT_STORE_LIMIT_MAX);
    }
    const char *wrong = filter->instrument != 0 && !list->has_instrument ? "symbol"
                        : filter->id != 0 && !list->id                   ? "id"
                        : has_state(request) && !list->state             ? "state"
                                                                         : NULL;
    if (wrong != NULL) {
        return tt_error_set(error, TUTTI_INVALID, "%s cannot be selected by %s", list->name, wrong);
    }
    return has_state(request) && !is_state(request) ? refuse_state(request, error) : TUTTI_OK;
}

tutti_status tt_store_list_json(
    tt_store_query *query,
    tt_store_list list,
    const tt_store_filter *filter,
    tt_store_text *text,
    tt_error *error)
{
    TT_ASSERT((unsigned)list < TT_STORE_LIST_COUNT);
    list_request request = {.list = &tt_store_lists[list], .filter = *filter};
    if (request.filter.limit == 0) {
        request.filter.limit = TT_STORE_LIMIT_DEFAULT;
    }
    tutti_status status = check_request(&request, error);
    if (status != TUTTI_OK) {
        tt_store_text_fini(text);
        return status;
    }
    return tt_store_read(query, write_list, &request, text, error);
}
