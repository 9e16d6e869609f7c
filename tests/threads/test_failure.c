/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The disk is full in the middle of a session: it stops with the reason, nothing has reached the
 * exchange that is not in the journal, and a restart goes on.
 */
#include "host/replay.h"
#include "session_rig.h"
#include "venue/sim_log.h"

#include <signal.h>
#include <sys/resource.h>

enum {
    DISK_BYTES = 256 * 1024
};

/** Lets files grow to `bytes` only; writes beyond fail with EFBIG. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/** The newest order that the exchange has ever seen, by its own log; 0 = none. */
static uint64_t newest_order_at_exchange(const char *path)
{
    tt_sim_record record;
    uint64_t newest = 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while (fread(&record.head, sizeof record.head, 1, file) == 1 &&
           fread(&record.body, record.head.size, 1, file) == 1) {
        assert_true(tt_sim_record_is_sound(&record));
        if (record.head.kind == TT_SIM_RECORD_ORDER) {
            uint64_t id = record.body.order.intent.order_id;
            newest = id > newest ? id : newest;
        }
    }
    fclose(file);
    return newest;
}

/** Runs until there are fills, then takes the disk away. */
static void run_into_full_disk(const tt_config *config, const char *folder)
{
    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    rig_start(&held, config, folder);
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 2));
    limit_files(DISK_BYTES);
    // Returns false because the session is over, long before so many fills.
    assert_false(rig_wait_for(&held, TT_TOPIC_FILLS, UINT64_MAX));
    tutti_status status = rig_stop(&held, &report, digest, &error);
    limit_files(RLIM_INFINITY);
    assert_true(status == TUTTI_NO_SPACE || status == TUTTI_IO);
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.message, fx_path(folder, "journal")));
    tt_report_free(report);
}

static void nothing_is_sent_that_is_not_durable(void **state)
{
    (void)state;
    // Large groups: many intents wait for the commit that fails.
    static const char *const sets[] = {
        "api.enabled=false",
        "store.enabled=false",
        "journal.batch_interval=0.2",
        "clock.speed=10000",
        NULL};
    tt_config *config = fx_config(sets);
    const char *folder = fx_folder();
    run_into_full_disk(config, folder);
    tt_journal_end end = fx_journal_end(fx_path(folder, "journal"));
    uint64_t newest = newest_order_at_exchange(fx_path(folder, "exchange.log"));
    assert_true(newest > 0);
    assert_true(newest <= end.last_seq);

    rig held;
    tt_error error = {0};
    tt_report *report = NULL;
    uint8_t digest[TT_DIGEST_SIZE];
    rig_start(&held, config, folder);
    assert_true(held.info.is_recovered);
    assert_int_equal(held.info.last_seq, end.last_seq);
    assert_true(rig_wait_for(&held, TT_TOPIC_FILLS, 2));
    fx_ok(rig_stop(&held, &report, digest, &error), &error);
    tt_report_free(report);
    tt_verify_result result;
    fx_ok(tt_verify_run(folder, &result, &error), &error);
    assert_memory_equal(result.end.chain, digest, TT_DIGEST_SIZE);
    fx_remove(folder);
    free(config);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_sent_that_is_not_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
