/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Small modules in place of the real ones, so that the engine is tested by itself: they log the
 * order of their setup and of their messages, keep a little state, arm a timer and publish what a
 * test needs.
 */
#ifndef TT_TESTS_UNIT_ENGINE_STUB_MODULES_H
#define TT_TESTS_UNIT_ENGINE_STUB_MODULES_H

#include "../../lib/test.h"
#include "engine/engine.h"

#define T0_NS (INT64_C(1700000000) * TT_NS_PER_S)

/** What the stubs do and did; the wiring of a test, not state of the core. */
typedef struct stub_control {
    char log[256];       /**< Letter of each module that saw a bar: m s t r c p. */
    char setup[16];      /**< Letters in the order of the setups. */
    char failing;        /**< Letter of the module whose setup fails; 0 = none. */
    bool breaks_balance; /**< The trade stub publishes sums that do not add up. */
    bool breaks_equity;
    bool arms_late;         /**< A session event arms a timer whose deadline has passed. */
    uint32_t dead_letters;  /**< Seen by the coord stub. */
    tt_time timer_deadline; /**< Of the last firing. */
    uint32_t risk_changed;  /**< How often risk was told that its regions were written. */
} stub_control;

extern stub_control stub;

/** A configuration with two instruments. */
tt_engine_config stub_config(void);
/** A fresh engine, with a fresh control. */
tt_engine *stub_engine(void);
/** Input of a good bar of instrument 1; the payload is the static bar that `stub_bar` returns. */
tt_input stub_bar_input(int64_t time_ns);
tt_bar *stub_bar(void);
/** Takes a step that must succeed. */
void stub_step(tt_engine *engine, const tt_input *input);

#endif
