/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Scenarios: a scripted flow through a real engine on a fake clock, with expectations. The file
 * format stands in docs/spec/scenario.md.
 */
#ifndef TT_SCENARIO_SCENARIO_H
#define TT_SCENARIO_SCENARIO_H

#include "base/error.h"

#include <stdio.h>

/** How a scenario is run. */
typedef struct tt_scenario_options {
    FILE *transcript;        /**< Every message as a JSON line; NULL: none. */
    const char *const *sets; /**< Overrides of the configuration, as --set gives them. */
    int set_count;
} tt_scenario_options;

/** What came out. */
typedef struct tt_scenario_result {
    char name[128];
    unsigned expectations; /**< Met. */
    unsigned long long messages;
    int failed_line;    /**< Line of the expectation that was not met; 0 = all were. */
    char failure[2048]; /**< What was expected and what came instead. */
} tt_scenario_result;

/**
 * Runs one file.
 *
 * @retval TUTTI_OK  it ran; `result->failed_line` tells whether all expectations were met.
 * @retval others    the file is not right (`error` has file, line and column), or the engine
 * stopped.
 * @thread{any, one scenario a thread}
 */
TUTTI_NODISCARD tutti_status tt_scenario_run(
    const char *path,
    const tt_scenario_options *options,
    tt_scenario_result *result,
    tt_error *error);

#endif
