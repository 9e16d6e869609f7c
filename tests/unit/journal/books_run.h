/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A run for the auditor of the books: one step each for a price, or for a fill with its position
 * and account.
 */
#ifndef TT_TESTS_UNIT_JOURNAL_BOOKS_RUN_H
#define TT_TESTS_UNIT_JOURNAL_BOOKS_RUN_H

#include "journal/books_check.h"
#include "journal_fixture.h"

#define RUN_STEPS_MAX 16

extern fx_step run_steps[RUN_STEPS_MAX];
extern size_t run_step_count;

#define N(...)                                                                                     \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/** An empty run, whose first message is number 1. */
void run_begin(void);
tt_dec run_dec(const char *text);
/** An empty step behind the others. */
fx_step *run_new_step(void);
/** Adds a message to a step; returns its payload. */
void *run_add(fx_step *step, tt_topic topic, uint32_t key, size_t size);
void run_add_bar(fx_step *step, uint32_t key, const char *close);
void run_add_trade(fx_step *step, uint32_t key, const char *price);
void run_add_quote(fx_step *step, uint32_t key, const char *bid, const char *ask);
/** Numbers: price qty fee realized position_qty position_cost balance. */
uint64_t run_add_fill(
    fx_step *step,
    uint32_t key,
    tt_side side,
    tt_fill_effect effect,
    uint64_t position_id,
    const char *const numbers[7]);
/** Numbers: qty cost mark unrealized realized fees. */
void run_add_position(
    fx_step *step,
    uint32_t key,
    uint64_t position_id,
    uint64_t cause_fill,
    const char *const numbers[6]);
/** Numbers: balance unrealized equity realized fees exposure cash_flow. */
void run_add_account(
    fx_step *step,
    uint64_t cause_fill,
    uint32_t open,
    uint32_t closed,
    const char *const numbers[7]);
/** Audits the run. */
tutti_status run_audit(tt_error *error);
/** Fails unless the audit finds a fault and says so. */
void run_expect_fault(const char *what);
/** Fails unless the audit finds none. */
void run_expect_balance(void);
/** Takes a message out of a step, or doubles it. */
void run_edit(fx_step *step, size_t index, bool twice);

#endif
