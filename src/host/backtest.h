/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A backtest: market data from a file through the whole engine, on one thread, as fast as possible.
 */
#ifndef TT_HOST_BACKTEST_H
#define TT_HOST_BACKTEST_H

#include "config/config.h"
#include "feed/feed.h"
#include "journal/journal.h"
#include "report/report.h"

/** How a backtest tells how far it is; called about ten times a second and once at the end. */
typedef void (*tt_progress_fn)(
    void *ctx, const tt_feed_progress *progress, double seconds, bool is_done);

typedef struct tt_backtest_options {
    const char *out_dir;     /**< Journal and reports; NULL: keeps no files (benchmarks). */
    tt_progress_fn progress; /**< May be NULL. */
    void *progress_ctx;
    const volatile int
        *stop; /**< Set to non-zero from a signal handler: ends early, in order. May be NULL. */
    const char *llm_record;      /**< Record of calls to answer from, so that no language model is
                                    called; NULL = call. */
    uint64_t journal_fail_after; /**< Fault point of tests; 0 = off. */
} tt_backtest_options;

typedef struct tt_backtest_result {
    tt_report *report; /**< @gives{release with tt_report_free()} */
    uint8_t digest[TT_DIGEST_SIZE];
    bool has_digest;
    double seconds;
    bool was_stopped;
} tt_backtest_result;

/**
 * Runs a backtest. With `out_dir`, an earlier backtest in that folder is replaced only when the new
 * one has ended well; after a failure nothing of this run is left.
 *
 * @retval TUTTI_EXISTS `out_dir` holds a session that is not a backtest.
 * @retval others       what failed; `error` names it.
 * @thread{any, one run a thread} @blocks{disk}
 */
TUTTI_NODISCARD tutti_status tt_backtest_run(
    const tt_config *config,
    const tt_backtest_options *options,
    tt_backtest_result *result,
    tt_error *error);

#endif
