/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Group commit by one thread: numbers, tickets, bounds, what is refused, how it stops. With many
 * threads it is tested in tests/threads/test_group.c.
 *
 * Covers: journal_group.c journal_group_commit.c journal_gate.c
 */
#include "journal/journal_group_priv.h"
#include "journal_fixture.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static tt_journal_group *start(tt_durability durability, const tt_journal_group_options *options)
{
    tt_journal_options journal = fx_options(durability, 1u << 20);
    tt_journal_group *group = NULL;
    tt_error error = {0};
    tutti_status status =
        tt_journal_group_start(fx_create(fx_journal, &journal), options, &group, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return group;
}

/* Appends a clock message with this tick. */
static tutti_status
append_tick(tt_journal_group *group, uint64_t tick, int64_t timeout, tt_seq *seq)
{
    tt_clock clock = {.tick = tick};
    tt_msg head = {
        .seq = 99, // Not looked at.
        .time = {(int64_t)tick},
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .size = sizeof clock};
    return tt_journal_group_append(group, &head, &clock, timeout, seq);
}

/* Reads the journal, which must hold the ticks 1 to `count` as messages of these numbers. */
static void check_ticks(uint64_t count)
{
    tt_journal_reader *reader = NULL;
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    const void *step;
    size_t size;
    for (uint64_t i = 1; i <= count; i++) {
        assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_OK);
        const tt_msg *msg = tt_step_next(step, size, NULL);
        assert_int_equal(msg->seq, i);
        assert_int_equal(TT_PAYLOAD(msg, CLOCK, clock)->tick, i);
        assert_null(tt_step_next(step, size, msg));
    }
    assert_int_equal(tt_journal_reader_next(reader, &step, &size, NULL), TUTTI_END);
    tt_journal_reader_close(reader);
}

static void test_what_is_durable_can_be_read(void **state)
{
    tt_durability modes[] = {TT_durability_ALWAYS, TT_durability_BATCH, TT_durability_NONE};
    for (size_t i = 0; i < 3; i++) {
        tt_journal_group_options options = {0};
        tt_journal_group *group = start(modes[i], &options);
        tt_seq ticket = 0;
        for (uint64_t tick = 1; tick <= 50; tick++) {
            assert_int_equal(append_tick(group, tick, 0, &ticket), TUTTI_OK);
            assert_int_equal(ticket, tick);
            if (tick % 10 == 0) {
                assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
                assert_true(tt_journal_group_durable(group) >= ticket);
                check_ticks(tick);
            }
        }
        tt_journal_group_report report;
        assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
        assert_int_equal(report.appended, 50);
        assert_int_equal(report.durable, 50);
        assert_int_equal(report.lost, 0);
        assert_int_equal(report.end.last_seq, 50);
        tt_journal_group_stats stats;
        tt_journal_group_stats_get(group, &stats);
        assert_int_equal(stats.messages, 50);
        assert_int_equal(stats.steps, 50);
        assert_in_range(stats.commits, 5, 50);
        tt_journal_group_free(group);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

static void test_a_service_goes_on_where_a_journal_ends(void **state)
{
    (void)state;
    tt_journal_options journal = fx_options(TT_durability_NONE, 1u << 20);
    tt_journal_writer *writer = fx_create(fx_journal, &journal);
    fx_append(writer, 10, 3, 4);
    tt_journal_end before;
    tt_journal_state(writer, &before);
    tt_journal_group_options options = {0};
    tt_journal_group *group = NULL;
    assert_int_equal(tt_journal_group_start(writer, &options, &group, NULL), TUTTI_OK);
    tt_seq ticket;
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    assert_int_equal(ticket, before.last_seq + 1);
    tt_journal_group_free(group);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.last_seq, before.last_seq + 1);
    assert_true(end.is_closed);
}

static void test_steps_of_a_sequencer(void **state)
{
    (void)state;
    static fx_step step;
    tt_journal_group_options options = {0};
    tt_journal_group *group = start(TT_durability_NONE, &options);
    tt_seq ticket = 0;
    for (int i = 0; i < 40; i++) {
        fx_step_make(&step, ticket + 1, 6);
        assert_int_equal(
            tt_journal_group_append_step(group, step.bytes, step.size, 0, &ticket), TUTTI_OK);
        assert_int_equal(ticket, step.last_seq);
    }
    // Numbers that do not continue, half a message, nothing, too much.
    tt_seq none = 77;
    fx_step_make(&step, ticket + 2, 6);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size, 0, &none), TUTTI_INVALID);
    fx_step_make(&step, ticket + 1, 6);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size - 16, 0, &none), TUTTI_INVALID);
    assert_int_equal(tt_journal_group_append_step(group, step.bytes, 0, 0, &none), TUTTI_INVALID);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, TT_JOURNAL_STEP_MAX + 16, 0, &none),
        TUTTI_LIMIT);
    assert_int_equal(none, 77);
    tt_msg strange = {.topic = 60000};
    assert_int_equal(tt_journal_group_append(group, &strange, "", 0, &none), TUTTI_INVALID);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.refused, 5);
    assert_int_equal(
        tt_journal_group_append_step(group, step.bytes, step.size, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    tt_journal_group_free(group);
    tt_journal_end end;
    assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
    assert_int_equal(end.step_count, 41);
    assert_int_equal(end.last_seq, ticket);
}

static void test_the_bounds_of_a_batch(void **state)
{
    (void)state;
    // An hour: nothing is committed unless the bytes, a flush or the stop ask for it.
    tt_journal_group_options options = {
        .batch_ns = 3600 * TT_NS_PER_S, .batch_bytes = 10 * (16 + 64 + sizeof(tt_clock))};
    tt_journal_group *group = start(TT_durability_BATCH, &options);
    tt_seq ticket = 0;
    for (uint64_t tick = 1; tick <= 9; tick++) {
        assert_int_equal(append_tick(group, tick, 0, &ticket), TUTTI_OK);
    }
    assert_int_equal(tt_journal_group_wait(group, ticket, 0), TUTTI_BUSY);
    assert_int_equal(tt_journal_group_wait(group, ticket, 20 * TT_NS_PER_MS), TUTTI_TIMEOUT);
    assert_int_equal(tt_journal_group_durable(group), 0);
    assert_int_equal(append_tick(group, 10, 0, &ticket), TUTTI_OK); // The bytes are reached.
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    assert_int_equal(append_tick(group, 11, 0, &ticket), TUTTI_OK);
    tt_journal_group_flush(group);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    assert_int_equal(append_tick(group, 12, 0, &ticket), TUTTI_OK);
    tt_journal_group_report report;
    assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
    assert_int_equal(report.durable, 12);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.commits, 3);
    assert_int_equal(stats.bytes_high, options.batch_bytes);
    tt_journal_group_free(group);
    check_ticks(12);
}

static void test_the_time_of_a_batch(void **state)
{
    (void)state;
    tt_journal_group_options options = {.batch_ns = 30 * TT_NS_PER_MS};
    tt_journal_group *group = start(TT_durability_BATCH, &options);
    tt_seq ticket = 0;
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_NS_PER_MS), TUTTI_TIMEOUT);
    assert_int_equal(append_tick(group, 2, 0, &ticket), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, ticket, TT_WAIT_FOREVER), TUTTI_OK);
    tt_journal_group_stats stats;
    tt_journal_group_stats_get(group, &stats);
    assert_int_equal(stats.commits, 1);
    tt_journal_group_free(group);
}

static void test_tickets_that_nobody_got_and_appends_after_the_stop(void **state)
{
    (void)state;
    tt_journal_group_options options = {0};
    tt_journal_group *group = start(TT_durability_NONE, &options);
    tt_seq ticket = 0;
    assert_int_equal(tt_journal_group_wait(group, 0, 0), TUTTI_OK);
    assert_int_equal(tt_journal_group_wait(group, 1, TT_NS_PER_MS), TUTTI_INVALID);
    assert_int_equal(append_tick(group, 1, 0, &ticket), TUTTI_OK);
    tt_journal_group_report report;
    tt_error error = {0};
    assert_int_equal(tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), TUTTI_OK);
    assert_int_equal(tt_journal_group_failure(group, &error), TUTTI_OK);
    assert_string_equal(error.message, "");
    assert_int_equal(append_tick(group, 2, 0, &ticket), TUTTI_STATE);
    assert_int_equal(append_tick(group, 2, TT_WAIT_FOREVER, &ticket), TUTTI_STATE);
    assert_int_equal(tt_journal_group_wait(group, 1, 0), TUTTI_OK);
    assert_int_equal(tt_journal_group_stop(group, 0, &report), TUTTI_OK);
    tt_journal_group_free(group);
    tt_journal_group_free(NULL);
}

/* A disk that takes a large write only once the batch is hashed, and may then refuse it. */
typedef struct slow_disk {
    tt_journal_writer *writer; /* NULL: it is being created. */
    bool is_broken;
    int hashed; /* Large writes during which all of a batch was hashed. */
} slow_disk;

static ssize_t slow_pwrite(void *ctx, int fd, const void *bytes, size_t size, off_t offset)
{
    slow_disk *self = ctx;
    int64_t until = tt_gate_deadline(20 * TT_NS_PER_S);
    tt_chain *chain = self->writer ? self->writer->chain : NULL;
    if (!chain || size < TT_CHAIN_THREAD_MIN) {
        return pwrite(fd, bytes, size, offset);
    }
    while (atomic_load(&chain->done) != chain->lots && tt_gate_now_ns() < until) {
        (void)sched_yield();
    }
    self->hashed += chain->is_begun && atomic_load(&chain->done) == chain->lots;
    if (self->is_broken) {
        errno = EIO;
        return -1;
    }
    return pwrite(fd, bytes, size, offset);
}

/* Appends ticks for some batches of more than TT_CHAIN_THREAD_MIN; returns the last status. */
static tutti_status append_large(tt_journal_group *group, int batches, tt_seq *ret_last)
{
    tutti_status status = TUTTI_OK;
    for (int batch = 0; batch < batches && status == TUTTI_OK; batch++) {
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(append_tick(group, *ret_last + 1, 0, ret_last), TUTTI_OK);
        }
        tt_journal_group_flush(group);
        status = tt_journal_group_wait(group, *ret_last, TT_WAIT_FOREVER);
    }
    return status;
}

static void test_a_large_batch_is_hashed_while_it_is_written(void **state)
{
    for (int broken = 0; broken < 2; broken++) {
        slow_disk disk = {.is_broken = broken == 1};
        tt_journal_io io = tt_journal_io_system;
        io.ctx = &disk;
        io.pwrite = slow_pwrite;
        tt_journal_options journal = fx_options(TT_durability_ALWAYS, 1u << 20);
        journal.io = &io;
        disk.writer = fx_create(fx_journal, &journal);
        tt_journal_group_options options = {.batch_ns = 3600 * TT_NS_PER_S};
        tt_journal_group *group = NULL;
        assert_int_equal(tt_journal_group_start(disk.writer, &options, &group, NULL), TUTTI_OK);
        tt_journal_group_report report;
        tt_journal_end start, end;
        tt_journal_state(disk.writer, &start);
        tt_seq last = 0;
        assert_int_equal(append_large(group, 3, &last), broken ? TUTTI_IO : TUTTI_OK);
        assert_int_equal(
            tt_journal_group_stop(group, TT_WAIT_FOREVER, &report), broken ? TUTTI_IO : TUTTI_OK);
        assert_int_equal(report.durable, broken ? 0 : 3000);
        assert_int_equal(disk.hashed, broken ? 1 : 3);
        tt_journal_group_free(group);
        // The reader hashes again; a batch that was not written does not count.
        assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
        assert_int_equal(end.last_seq, report.durable);
        assert_memory_equal(end.chain, report.end.chain, sizeof end.chain);
        assert_true((memcmp(end.chain, start.chain, sizeof end.chain) == 0) == (broken == 1));
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

/* Tells whether the memory at `at` was asked for in large pages, as the system sees it; false also
 * when it does not tell. */
static bool is_in_large_pages(const void *at)
{
    char line[512];
    bool is_here = false, is_large = false;
    FILE *in = fopen("/proc/self/smaps", "r");
    while (in && fgets(line, sizeof line, in)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            is_here = from <= (uintptr_t)at && (uintptr_t)at < to;
        }
        is_large |= is_here && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " hg ");
    }
    if (in) {
        (void)fclose(in);
    }
    return is_large;
}

static void test_what_goes_past_the_page_cache_gathers_in_large_pages(void **state)
{
    bool has_large = access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0;
    for (int ahead = 0; ahead < 2; ahead++) {
        tt_journal_options journal = fx_options(TT_durability_ALWAYS, 1u << 20);
        journal.prepares_ahead = ahead == 1;
        tt_journal_group_options options = {0};
        tt_journal_group *group = NULL;
        assert_int_equal(
            tt_journal_group_start(fx_create(fx_journal, &journal), &options, &group, NULL),
            TUTTI_OK);
        for (int i = 0; i < 2; i++) {
            const unsigned char *memory = group->buffers[i].memory;
            assert_int_equal(is_in_large_pages(memory), ahead == 1 && has_large);
            assert_true(ahead == 0 || (uintptr_t)memory % ((size_t)2 << 20) == 0);
        }
        tt_journal_group_free(group);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_durable_can_be_read, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_service_goes_on_where_a_journal_ends, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_steps_of_a_sequencer, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_bounds_of_a_batch, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(test_the_time_of_a_batch, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_tickets_that_nobody_got_and_appends_after_the_stop, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_large_batch_is_hashed_while_it_is_written, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_goes_past_the_page_cache_gathers_in_large_pages, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
