/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recovery of a journal, and reading its files without looking at them.
 */
#include "journal_recovery.h"

#include "bench.h"
#include "journal/journal.h"
#include "journal_load.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COMMIT_MESSAGES = 256,
    READ_BYTES = 1 << 20
};

static void demand(tutti_status status, const tt_error *error)
{
    if (status != TUTTI_OK) {
        bench_fail("recovery: %s", error->message);
    }
}

void recovery_prepare(const char *dir, uint64_t count)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    const tt_journal_options options = {.durability = TT_durability_BATCH};
    demand(tt_journal_create(dir, "", 0, &options, &writer, &error), &error);
    for (uint64_t i = 1; i <= count; i++) {
        load_message message;
        load_fill(&message, i, 0, i);
        demand(tt_journal_append(writer, &message, sizeof message, &error), &error);
        if (i % COMMIT_MESSAGES == 0 || i == count) {
            demand(tt_journal_commit(writer, &error), &error);
        }
    }
    tt_journal_close(writer);
}

/* Gives `use` each file of the journal, open. */
static void each_file(const char *dir, void (*use)(int fd, uint64_t *total), uint64_t *total)
{
    char pattern[PATH_MAX];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s/*.ttj", dir);
    if (glob(pattern, 0, NULL, &found) != 0) {
        bench_fail("recovery: no segments in %s", dir);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            bench_fail("recovery: %s: %s", found.gl_pathv[i], strerror(errno));
        }
        use(fd, total);
        close(fd);
    }
    globfree(&found);
}

static void drop(int fd, uint64_t *total)
{
    (void)total;
    (void)fsync(fd); // What is not yet on the disk cannot be dropped.
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static void read_file(int fd, uint64_t *total)
{
    static unsigned char buffer[READ_BYTES];
    ssize_t size = read(fd, buffer, sizeof buffer);
    while (size > 0) {
        *total += (uint64_t)size;
        size = read(fd, buffer, sizeof buffer);
    }
    if (size < 0) {
        bench_fail("recovery: read: %s", strerror(errno));
    }
}

static double time_resume(const char *dir, uint64_t count, tt_journal_end *end)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    const tt_journal_options options = {.durability = TT_durability_BATCH};
    const double start = bench_seconds();
    demand(tt_journal_resume(dir, &options, &writer, end, &error), &error);
    const double seconds = bench_seconds() - start;
    tt_journal_close(writer);
    if (end->last_seq != count) {
        bench_fail("recovery: %llu messages came back", (unsigned long long)end->last_seq);
    }
    return seconds;
}

static double time_read(const char *dir, uint64_t count, const tt_journal_end *end)
{
    tt_journal_reader *reader = NULL;
    tt_journal_end reached;
    tt_error error = {0};
    const void *step = NULL;
    size_t size = 0;
    uint64_t messages = 0;
    const double start = bench_seconds();
    demand(tt_journal_reader_open(dir, &reader, &error), &error);
    tutti_status status = tt_journal_reader_next(reader, &step, &size, &error);
    while (status == TUTTI_OK) {
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            messages += msg->seq == messages + 1;
        }
        status = tt_journal_reader_next(reader, &step, &size, &error);
    }
    const double seconds = bench_seconds() - start;
    tt_journal_reader_end(reader, &reached);
    if (status != TUTTI_END || messages != count ||
        memcmp(reached.chain, end->chain, sizeof reached.chain) != 0) {
        bench_fail("recovery: the reader did not come to the same end");
    }
    tt_journal_reader_close(reader);
    return seconds;
}

void recovery_run(const char *dir, uint64_t count, bool is_cold, recovery_times *times)
{
    tt_journal_end end = {0};
    uint64_t nothing = 0;
    times->bytes = 0;
    if (is_cold) {
        each_file(dir, drop, &nothing);
    }
    times->resume_s = time_resume(dir, count, &end);
    if (is_cold) {
        each_file(dir, drop, &nothing);
    }
    times->read_s = time_read(dir, count, &end);
    if (is_cold) {
        each_file(dir, drop, &nothing);
    }
    const double start = bench_seconds();
    each_file(dir, read_file, &times->bytes);
    times->raw_s = bench_seconds() - start;
}
