/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Somebody sets the wall clock back: while a session runs, and between two runs. Its event time
 * goes on, and so do the times in its journal; nothing is dropped or made old by it.
 */
#include "host/replay.h"
#include "session_rig.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DAY_NS (86400 * TT_NS_PER_S)

/** What is added to the wall clock. */
static _Atomic int64_t wall_offset_ns;

/** In the place of the one of the C library, for this program and what is linked into it. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) {
        int64_t ns = now->tv_sec * TT_NS_PER_S + now->tv_nsec + atomic_load(&wall_offset_ns);
        *now = (struct timespec){.tv_sec = ns / TT_NS_PER_S, .tv_nsec = ns % TT_NS_PER_S};
    }
    return (int)result;
}

/** What stands in a journal: messages, and times that are earlier than the one before. */
typedef struct time_count {
    uint64_t messages;
    uint64_t steps_back;
    tt_time last;
} time_count;

static time_count count_times(const char *journal)
{
    time_count count = {.last = {INT64_MIN}};
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    const void *step = NULL;
    size_t size = 0;
    fx_ok(tt_journal_reader_open(journal, &reader, &error), &error);
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            count.messages++;
            count.steps_back += msg->time.ns < count.last.ns;
            count.last = msg->time;
        }
    }
    tt_journal_reader_close(reader);
    return count;
}

/** Runs a session until it has shown some fills, sets the clock back in the middle, and stops. */
static time_count run_session(const tt_config *config, const char *folder, int64_t step_back_ns)
{
    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    rig_start(&held, config, folder);
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 1));
    int64_t before = tt_wall_ns();
    atomic_fetch_sub(&wall_offset_ns, step_back_ns);
    assert_true(step_back_ns == 0 || tt_wall_ns() < before);
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, held.shown[TT_TOPIC_FILLS] + 2));
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    tt_report_free(report);
    return count_times(fx_path(folder, "journal"));
}

static void event_time_goes_on_when_the_wall_clock_is_set_back(void **state)
{
    static const char *const sets[] = {
        "api.enabled=false",
        "store.enabled=false",
        "journal.archive=true",
        "journal.retain_age=3600",
        NULL};
    (void)state;
    tt_config *config = fx_config(sets);
    const char *folder = fx_folder();
    // In the middle of a run.
    time_count first = run_session(config, folder, 3600 * TT_NS_PER_S);
    assert_int_equal(first.steps_back, 0);
    // Between two runs, and once more in the second.
    atomic_fetch_sub(&wall_offset_ns, 30 * DAY_NS);
    time_count second = run_session(config, folder, DAY_NS);
    assert_int_equal(second.steps_back, 0);
    assert_true(second.messages > first.messages);
    assert_true(second.last.ns > first.last.ns);
    tt_error error = {0};
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    fx_remove(folder);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_time_goes_on_when_the_wall_clock_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
