/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What tests of schedules share: the tasks by short names, and desks that are ready to ask.
 */
#ifndef TT_TEST_COORD_SCHEDULES_H
#define TT_TEST_COORD_SCHEDULES_H

#include "fixture.h"

#define TA        TT_task_TA_ANALYSIS
#define REGIME    TT_task_REGIME_DETECTION
#define SENTIMENT TT_task_SENTIMENT_ANALYSIS
#define DECISION  TT_task_TRADING_DECISION
#define PORTFOLIO TT_task_PORTFOLIO_CHECK

static inline void only(struct desk *desk, tt_task task)
{
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = i == task;
        desk->config.schedules[i].run_on_start = false;
    }
}

/* Opens with a warm bar of each symbol and starts the session. */
static inline void open_warm(struct desk *desk)
{
    desk_open(desk);
    for (uint32_t key = 1; key <= desk->instruments.count; key++) {
        desk_bar(desk, key);
    }
    desk_session(desk, TT_session_event_type_STARTED);
}

/* As open_warm; what runs at the start is answered. */
static inline void open_and_answer(struct desk *desk)
{
    open_warm(desk);
    desk_answer_all(desk);
}

static inline void
assert_waiting(const struct desk *desk, tt_task task, tt_coord_wait reason, uint32_t count)
{
    assert_int_equal(desk_status(desk).tasks[task].waiting[reason], count);
}

#endif
