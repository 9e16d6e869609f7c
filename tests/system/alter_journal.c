/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Copies a journal through its writer with one byte of one message changed, so that checksums and
 * chain hold and only a replay can tell: alter_journal FROM TO SEQ OFFSET (OFFSET in the payload).
 * Or compresses the sealed segments of a journal: alter_journal --archive DIR.
 */
#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(tutti_status status, const tt_error *error)
{
    if (status != TUTTI_OK) {
        fprintf(stderr, "alter_journal: %s\n", error->message);
        exit(1);
    }
}

static int archive(const char *dir)
{
    tt_error error = {0};
    const tt_journal_retention all = {0};
    tt_journal_retained done;
    require(tt_journal_retain(dir, &all, &done, &error), &error);
    printf("%u\n", (unsigned)done.archived);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--archive") == 0) {
        return archive(argv[2]);
    }
    tt_journal_reader *reader = NULL;
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    const void *step = NULL;
    size_t size = 0;
    void *copy = aligned_alloc(64, TT_JOURNAL_STEP_MAX);
    if (argc != 5 || copy == NULL) {
        fputs("usage: alter_journal FROM TO SEQ OFFSET\n", stderr);
        return 2;
    }
    tt_seq seq = strtoull(argv[3], NULL, 10);
    size_t offset = strtoull(argv[4], NULL, 10);
    require(tt_journal_reader_open(argv[1], &reader, &error), &error);
    const void *meta = tt_journal_reader_meta(reader, &size);
    tt_journal_options options = {.durability = TT_durability_NONE};
    require(tt_journal_create(argv[2], meta, size, &options, &writer, &error), &error);
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        memcpy(copy, step, size);
        for (const tt_msg *msg = tt_step_next(copy, size, NULL); msg != NULL;
             msg = tt_step_next(copy, size, msg)) {
            if (msg->seq == seq) {
                ((unsigned char *)(uintptr_t)tt_msg_payload(msg))[offset] ^= 1;
            }
        }
        require(tt_journal_append(writer, copy, size, &error), &error);
    }
    require(tt_journal_commit(writer, &error), &error);
    tt_journal_close(writer);
    tt_journal_reader_close(reader);
    free(copy);
    return 0;
}
