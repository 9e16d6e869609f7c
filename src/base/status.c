/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Names, texts and retry classes of the status table.
 */
#include <tutti/status.h>

#include <stddef.h>

typedef enum retry_class {
    RETRY_CLASS_FINAL,
    RETRY_CLASS_RETRY,
    RETRY_CLASS_CALLER
} retry_class;

typedef struct status_row {
    const char *name;
    const char *text;
    retry_class retry;
} status_row;

static const status_row rows[TUTTI_STATUS_COUNT] = {
#define STATUS_ROW(id, name, retry, text) [TUTTI_##id] = {name, text, RETRY_CLASS_##retry},
    TUTTI_STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

/* NULL for a number that is no status, such as one read from a file. */
static const status_row *find_row(tutti_status status)
{
    return (unsigned)status < TUTTI_STATUS_COUNT ? &rows[status] : NULL;
}

const char *tutti_status_name(tutti_status status)
{
    const status_row *row = find_row(status);
    return row ? row->name : "?";
}

const char *tutti_status_text(tutti_status status)
{
    const status_row *row = find_row(status);
    return row ? row->text : "not a status";
}

int tutti_status_is_retryable(tutti_status status)
{
    const status_row *row = find_row(status);
    return row && row->retry == RETRY_CLASS_RETRY;
}
