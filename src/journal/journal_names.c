/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A registry that a journal fills.
 */
#include "journal/journal_names.h"

#include <stdlib.h>

struct tt_journal_names {
    tt_arena arena;
    tt_registry *registry;
    uint64_t refused;
};

tutti_status tt_journal_names_new(tt_journal_names **result, tt_error *error)
{
    tt_journal_names *names = calloc(1, sizeof *names);
    size_t size = tt_registry_memory(TT_TOPICS_USER_MAX, TT_SOURCES_USER_MAX);
    if (!names || tt_arena_init(&names->arena, size) != TUTTI_OK ||
        tt_registry_new(TT_TOPICS_USER_MAX, TT_SOURCES_USER_MAX, &names->arena, &names->registry) !=
            TUTTI_OK) {
        tt_journal_names_free(names);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the topics of a journal");
    }
    *result = names;
    return TUTTI_OK;
}

void tt_journal_names_free(tt_journal_names *names)
{
    if (names) {
        tt_arena_fini(&names->arena);
        free(names);
    }
}

void tt_journal_names_take(tt_journal_names *names, const void *step, size_t size)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        names->refused += tt_registry_apply(names->registry, msg, NULL) != TUTTI_OK;
    }
}

/* Tells whether nothing more is to be found for a message; without one, everything is read. */
static bool is_found(const tt_journal_names *names, const tt_msg *msg)
{
    return msg && tt_registry_explains(names->registry, msg);
}

tutti_status tt_journal_names_find(
    tt_journal_names *names,
    tt_journal_reader *reader,
    tt_seq until,
    const tt_msg *msg,
    tt_error *error)
{
    tt_journal_end end;
    tutti_status status = TUTTI_OK;
    tt_journal_reader_end(reader, &end);
    while (status == TUTTI_OK && end.last_seq + 1 < until && !is_found(names, msg)) {
        const void *step;
        size_t size;
        status = tt_journal_reader_next(reader, &step, &size, error);
        if (status == TUTTI_OK) {
            tt_journal_names_take(names, step, size);
            tt_journal_reader_end(reader, &end);
        }
    }
    return status == TUTTI_END ? TUTTI_OK : status;
}

tutti_status
tt_journal_names_read(tt_journal_names *names, const char *dir, tt_seq until, tt_error *error)
{
    tt_journal_reader *reader;
    TUTTI_TRY(tt_journal_reader_open_any(dir, &reader, error));
    tutti_status status = tt_journal_names_find(names, reader, until, NULL, error);
    tt_journal_reader_close(reader);
    return status;
}

const tt_registry *tt_journal_names_registry(const tt_journal_names *names)
{
    return names ? names->registry : NULL;
}

uint64_t tt_journal_names_refused(const tt_journal_names *names)
{
    return names->refused;
}
