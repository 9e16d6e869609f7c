/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Tutti's journal under the load.
 */
#include "journal_tutti.h"

#include "bench.h"
#include "journal/journal_group.h"
#include "journal/journal_writer.h"
#include "place.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct tutti_log {
    tutti_log_options options;
    tt_journal_group *group;
};

static bool append(void *ctx, const load_message *message)
{
    tutti_log *log = ctx;
    tt_seq ticket = 0;
    tutti_status status =
        tt_journal_group_append(log->group, &message->head, &message->publisher, 0, &ticket);
    if (status != TUTTI_OK && status != TUTTI_BUSY) {
        bench_fail("Tutti: append: %s", tutti_status_text(status));
    }
    return status == TUTTI_OK;
}

static uint64_t durable(void *ctx)
{
    const tutti_log *log = ctx;
    return tt_journal_group_durable(log->group);
}

static void publish(void *ctx, load_message *message)
{
    tutti_log *log = ctx;
    tt_seq ticket = 0;
    tutti_status status = tt_journal_group_append(
        log->group, &message->head, &message->publisher, TT_WAIT_FOREVER, &ticket);
    if (status == TUTTI_OK) {
        status = tt_journal_group_wait(log->group, ticket, TT_WAIT_FOREVER);
    }
    if (status != TUTTI_OK) {
        bench_fail("Tutti: publish: %s", tutti_status_text(status));
    }
}

static uint64_t commits(void *ctx)
{
    tutti_log *log = ctx;
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(log->group, &stats);
    return stats.commits;
}

/* Starts the service; its thread may run where the calling thread may. */
static void start_group(tutti_log *log, tt_journal_writer *writer)
{
    cpu_set_t before;
    tt_error error = {0};
    const tt_journal_group_options options = {0};
    if (sched_getaffinity(0, sizeof before, &before) != 0) {
        bench_fail("the processors of a thread are unknown");
    }
    if (!log->options.has_publishers) {
        place_pin(1);
    }
    if (tt_journal_group_start(writer, &options, &log->group, &error) != TUTTI_OK) {
        bench_fail("Tutti: %s", error.message);
    }
    (void)sched_setaffinity(0, sizeof before, &before);
}

/* Segments to make ahead for so many messages, each in a record: what the first does not hold, and
 * one, because the last is not full. */
static uint32_t spares_for(uint64_t messages)
{
    const uint64_t bytes = messages * (LOAD_BYTES + sizeof(tt_record_head));
    const uint64_t count = bytes / ((uint64_t)64 * 1024 * 1024) + 1;
    return count < TT_JOURNAL_SPARES_MAX ? (uint32_t)count : TT_JOURNAL_SPARES_MAX;
}

tutti_log *tutti_log_open(const tutti_log_options *options)
{
    tt_journal_writer *writer = NULL;
    tt_error error = {0};
    const tt_journal_options settings = {
        .durability = options->durability,
        .prepares_ahead = true,
        .spares = options->prepared > 0 ? spares_for(options->prepared) : 1};
    tutti_log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        bench_fail("no memory");
    }
    log->options = *options;
    if (tt_journal_create(options->dir, "", 0, &settings, &writer, &error) != TUTTI_OK) {
        bench_fail("Tutti: %s", error.message);
    }
    tt_spare_settle(&writer->spare);
    start_group(log, writer);
    return log;
}

pipe_log tutti_log_pipe(tutti_log *log)
{
    return (pipe_log){
        .name = "Tutti",
        .ctx = log,
        .append = append,
        .durable = durable,
        .publish = publish,
        .commits = commits,
        .window = log->options.batch_bytes / LOAD_BYTES * 2};
}

static void check_journal(const char *dir, uint64_t count, const tt_journal_end *end)
{
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    tt_journal_end read_end;
    load_check check = {0};
    const void *step = NULL;
    size_t size = 0;
    if (tt_journal_reader_open(dir, &reader, &error) != TUTTI_OK) {
        bench_fail("Tutti: %s", error.message);
    }
    tutti_status status = tt_journal_reader_next(reader, &step, &size, &error);
    while (status == TUTTI_OK) {
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            load_take(&check, "Tutti", msg, tt_msg_bytes(msg));
        }
        status = tt_journal_reader_next(reader, &step, &size, &error);
    }
    if (status != TUTTI_END) {
        bench_fail("Tutti: %s", error.message);
    }
    tt_journal_reader_end(reader, &read_end);
    load_expect(&check, "Tutti", count);
    if (read_end.last_seq != end->last_seq ||
        memcmp(read_end.chain, end->chain, sizeof end->chain) != 0) {
        bench_fail("Tutti: the digest that was read is not the one that was written");
    }
    tt_journal_reader_close(reader);
}

void tutti_log_close(tutti_log *log, uint64_t count)
{
    tt_journal_group_report report;
    if (tt_journal_group_stop(log->group, TT_WAIT_FOREVER, &report) != TUTTI_OK ||
        report.lost != 0 || report.durable != count) {
        bench_fail("Tutti: the journal did not stop with everything durable");
    }
    check_journal(log->options.dir, count, &report.end);
    tt_journal_group_free(log->group);
    free(log);
}
