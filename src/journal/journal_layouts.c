/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Layouts beside the segments: see journal_layouts.h.
 */
#include "journal/journal_layouts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "layouts-"
#define SUFFIX ".txt"

static void name_of(char name[TT_JOURNAL_NAME_MAX], uint64_t fingerprint)
{
    tt_journal_name(name, PREFIX, fingerprint, SUFFIX);
}

tutti_status tt_layouts_write(tt_journal_dir *dir, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    tt_text_buf text;
    name_of(name, tt_layout_fingerprint());
    if (tt_journal_dir_has(dir, name)) {
        return TUTTI_OK;
    }
    char *memory = malloc(TT_LAYOUT_TEXT_MAX);
    if (!memory) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s/%s", dir->path, name);
    }
    tt_text_init(&text, memory, TT_LAYOUT_TEXT_MAX);
    tt_layout_set_write(&text);
    TT_ASSERT(!text.truncated);
    // A fault point in bytes counts what the journal records.
    uint64_t fail_after = dir->fail_after;
    uint64_t written = dir->written;
    dir->fail_after = 0;
    tt_bytes bytes = {text.data, text.length};
    tutti_status status = tt_journal_file_prepare(dir, name, bytes, (tt_bytes){"", 0}, error);
    if (status == TUTTI_OK) {
        status = tt_journal_file_publish(dir, name, error);
    }
    dir->fail_after = fail_after;
    dir->written = written;
    free(memory);
    return status;
}

/* Reads the file whole. */
static tutti_status
read_text(const tt_journal_dir *dir, const char *name, char *text, size_t *size, tt_error *error)
{
    tt_journal_file file = {.name = name};
    TUTTI_TRY(tt_journal_file_open(dir, name, O_RDONLY, &file.fd, error));
    tutti_status status = tt_journal_file_read(dir, file, 0, text, size, error);
    (void)close(file.fd);
    return status;
}

/* Understands the text, which must be the one that the fingerprint is of. */
static tutti_status
understand(tt_foreign *foreign, const char *text, size_t size, const char **why, tt_error *error)
{
    TUTTI_TRY(tt_layout_set_read(text, size, &foreign->arena, &foreign->set, error));
    if (tt_layout_set_fingerprint(&foreign->set) != foreign->fingerprint) {
        *why = "it describes other layouts than its name says";
        return TUTTI_CORRUPT;
    }
    return tt_layout_map_make(&foreign->set, &foreign->arena, &foreign->map);
}

static tutti_status open_foreign(const tt_journal_dir *dir, tt_foreign *foreign, tt_error *error)
{
    char name[TT_JOURNAL_NAME_MAX];
    size_t size = TT_LAYOUT_TEXT_MAX + 1;
    char *text = malloc(size);
    const char *why = NULL;
    tt_error reason = {0};
    name_of(name, foreign->fingerprint);
    if (!text || tt_arena_init(&foreign->arena, TT_LAYOUT_SET_MEMORY) != TUTTI_OK) {
        free(text);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for %s/%s", dir->path, name);
    }
    tutti_status status = read_text(dir, name, text, &size, error);
    if (status == TUTTI_OK) {
        status = understand(foreign, text, size, &why, &reason);
        if (status != TUTTI_OK) {
            why = why ? why : reason.message;
            status = status == TUTTI_PARSE ? TUTTI_CORRUPT : status;
            (void)tt_error_set(error, status, "%s/%s: %s", dir->path, name, why);
        }
    }
    free(text);
    return status;
}

tutti_status tt_foreign_open(
    const tt_journal_dir *dir, uint64_t fingerprint, tt_foreign **result, tt_error *error)
{
    tt_foreign *foreign = calloc(1, sizeof *foreign);
    if (!foreign) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to read %s", dir->path);
    }
    foreign->fingerprint = fingerprint;
    tutti_status status = open_foreign(dir, foreign, error);
    if (status != TUTTI_OK) {
        tt_foreign_close(foreign);
        return status;
    }
    *result = foreign;
    return TUTTI_OK;
}

void tt_foreign_close(tt_foreign *foreign)
{
    if (foreign) {
        tt_arena_fini(&foreign->arena);
        free(foreign->step);
        free(foreign);
    }
}

/* Room for `count` messages of this build. */
static tutti_status reserve(tt_foreign *foreign, size_t count, tt_error *error)
{
    size_t size = count * TT_MSG_BYTES_MAX;
    if (size > foreign->capacity) {
        free(foreign->step);
        foreign->step = aligned_alloc(16, (size + 15) & ~(size_t)15);
        foreign->capacity = foreign->step ? size : 0;
    }
    return foreign->capacity >= size
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for messages of another build");
}

static size_t count_messages(const void *step, size_t size)
{
    size_t count = 0;
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        count++;
    }
    return count;
}

tutti_status tt_foreign_step(
    tt_foreign *foreign,
    const void *step,
    size_t size,
    const void **ret_step,
    size_t *ret_size,
    tt_error *error)
{
    size_t used = 0;
    TUTTI_TRY(reserve(foreign, count_messages(step, size), error));
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
         msg = tt_step_next(step, size, msg)) {
        tt_error reason = {0};
        tt_msg *own = (void *)(foreign->step + used);
        tutti_status status = tt_layout_map_message(foreign->map, msg, own, &reason);
        if (status == TUTTI_NOT_FOUND) {
            foreign->passed_over++;
        } else if (status != TUTTI_OK) {
            return tt_error_set(
                error,
                TUTTI_VERSION,
                "message %" PRIu64 " is of another release: %s",
                msg->seq,
                reason.message);
        } else {
            used += tt_msg_bytes(own);
        }
    }
    *ret_step = foreign->step;
    *ret_size = used;
    return TUTTI_OK;
}
