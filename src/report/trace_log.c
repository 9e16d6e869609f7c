/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The messages of a journal in memory. They lie in the order of their numbers, so that finding is a
 * binary search.
 */
#include "journal/journal.h"
#include "journal/journal_names.h"
#include "report/trace.h"

#include <stdlib.h>
#include <string.h>

struct tt_trace_log {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
    size_t *offsets;
    size_t count;
    size_t offsets_capacity;
    tt_journal_names *names;
};

/** Doubles a block until it holds `needed` elements; false when memory is out. */
static bool grow(void **block, size_t *capacity, size_t needed, size_t element_size)
{
    if (needed <= *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 4096 : *capacity;
    while (wanted < needed) {
        wanted *= 2;
    }
    void *grown = realloc(*block, wanted * element_size);
    if (grown == NULL) {
        return false;
    }
    *block = grown;
    *capacity = wanted;
    return true;
}

static bool add_step(tt_trace_log *log, const void *step, size_t size)
{
    if (!grow((void **)&log->bytes, &log->capacity, log->size + size, 1)) {
        return false;
    }
    memcpy(log->bytes + log->size, step, size);
    for (size_t at = log->size, end = log->size + size; at < end;) {
        if (!grow((void **)&log->offsets, &log->offsets_capacity, log->count + 1, sizeof(size_t))) {
            return false;
        }
        log->offsets[log->count++] = at;
        at += tt_msg_bytes((const tt_msg *)(const void *)(log->bytes + at));
    }
    log->size += size;
    return true;
}

static tutti_status read_all(tt_journal_reader *reader, tt_trace_log *log, tt_error *error)
{
    TUTTI_TRY(tt_journal_names_new(&log->names, error));
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_END) {
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        tt_journal_names_take(log->names, step, size);
        if (!add_step(log, step, size)) {
            return tt_error_set(error, TUTTI_NO_MEMORY, "the journal does not fit into memory");
        }
    }
}

tutti_status tt_trace_log_open(const char *journal_dir, tt_trace_log **result, tt_error *error)
{
    tt_journal_reader *reader = NULL;
    TUTTI_TRY(tt_journal_reader_open_any(journal_dir, &reader, error));
    tt_trace_log *log = calloc(1, sizeof *log);
    tutti_status status = log == NULL
                              ? tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the journal")
                              : read_all(reader, log, error);
    tt_journal_reader_close(reader);
    if (status != TUTTI_OK) {
        tt_trace_log_close(log);
        return status;
    }
    *result = log;
    return TUTTI_OK;
}

void tt_trace_log_close(tt_trace_log *log)
{
    if (log != NULL) {
        tt_journal_names_free(log->names);
        free(log->bytes);
        free(log->offsets);
        free(log);
    }
}

const tt_registry *tt_trace_log_registry(const tt_trace_log *log)
{
    return tt_journal_names_registry(log->names);
}

size_t tt_trace_log_count(const tt_trace_log *log)
{
    return log->count;
}

const tt_msg *tt_trace_log_at(const tt_trace_log *log, size_t index)
{
    TT_ASSERT(index < log->count);
    return (const tt_msg *)(const void *)(log->bytes + log->offsets[index]);
}

const tt_msg *tt_trace_log_find(const tt_trace_log *log, tt_seq seq)
{
    size_t low = 0;
    size_t high = log->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const tt_msg *msg = tt_trace_log_at(log, middle);
        if (msg->seq == seq) {
            return msg;
        }
        if (msg->seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}
