/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of the auditor. Private to the journal.
 *
 * Every number is computed with checked arithmetic: the journal may hold anything, and an overflow
 * is a finding, not a crash. Once a number has overflowed, every comparison fails.
 */
#ifndef TT_JOURNAL_BOOKS_PRIV_H
#define TT_JOURNAL_BOOKS_PRIV_H

#include "journal/books_check.h"
#include "model/limits.h"

/** Prices of one instrument that may be in force within one step: the one before, a tick, bars. */
#define TT_AUDIT_MARKS_MAX 8

/** What is held of one instrument. */
typedef struct tt_audit_holding {
    tt_dec qty;
    tt_dec cost;
    tt_dec realized; /**< Of this position. */
    tt_dec fees;     /**< Of this position. */
    tt_dec funding;  /**< Part of realized. */
    uint64_t position_id;
    tt_dec marks[TT_AUDIT_MARKS_MAX]; /**< Possible ones; the newest last. */
    tt_dec waiting; /**< Of executions that were told before the entry that they close. */
    uint32_t mark_count;
    tt_time priced_at; /**< Of the newest price. */
    bool has_trades;
    bool is_funded; /**< Funding was booked that no position_update shows yet. */
} tt_audit_holding;

/** Positions: one an instrument, and behind them the short ones of hedging. */
#define TT_AUDIT_HOLDINGS (2 * TT_INSTRUMENTS_MAX)

struct tt_books_check {
    tt_audit_holding holdings[TT_AUDIT_HOLDINGS];
    tt_dec initial;
    tt_dec transfers; /**< Deposits less withdrawals. */
    tt_dec realized;
    tt_dec fees;
    tt_dec funding; /**< Part of realized. */
    tt_dec cash_flow;
    tt_seq last_fill;
    tt_fill_effect last_effect;
    uint32_t closed_trades;
    bool has_initial;
    bool has_mode;
    bool is_hedging; /**< Every position is named by its side, or none is. */
    bool has_overflow;
    bool has_waiting;           /**< Something may wait for a position. */
    const tt_waiting_fill *due; /**< Its fill must follow; NULL = none. */
    const tt_msg *msg;          /**< Under audit. */
    tt_error *error;
};

/** Checked arithmetic; the product is rounded half to even. */
tt_dec tt_audit_add(tt_books_check *books, tt_dec a, tt_dec b);
tt_dec tt_audit_sub(tt_books_check *books, tt_dec a, tt_dec b);
tt_dec tt_audit_mul(tt_books_check *books, tt_dec a, tt_dec b);
tt_dec tt_audit_abs(tt_books_check *books, tt_dec a);

/** The holding that the message is about; NULL when its key is no instrument. `position_side`: sell
 * is the short one of hedging. */
tt_audit_holding *tt_audit_holding_of(tt_books_check *books, uint8_t position_side);
/** Adds a price that may be in force from now on. */
void tt_audit_add_mark(tt_books_check *books, tt_audit_holding *held, tt_dec price);

/** Says that the message is wrong. */
tutti_status tt_audit_refuse(const tt_books_check *books, const char *what);
/** Compares what is recorded with what was computed. @retval TUTTI_CORRUPT they differ. */
TUTTI_NODISCARD tutti_status
tt_audit_expect(const tt_books_check *books, const char *what, tt_dec recorded, tt_dec computed);
TUTTI_NODISCARD tutti_status tt_audit_expect_count(
    const tt_books_check *books, const char *what, uint64_t recorded, uint64_t computed);
/** Learns the start balance from the first message that implies it; later ones must agree. */
void tt_audit_learn_initial(tt_books_check *books, tt_dec balance);
/** initial + transfers + realised - fees. */
tt_dec tt_audit_balance(tt_books_check *books);

/** Checks that all of a run names positions by their side, or nothing does. */
TUTTI_NODISCARD tutti_status tt_audit_side(tt_books_check *books, uint8_t position_side);
/** Audits a message of the topic fills. */
TUTTI_NODISCARD tutti_status tt_audit_fill(tt_books_check *books);
/** Audits a message of the topic waiting_fills. */
TUTTI_NODISCARD tutti_status tt_audit_waiting(tt_books_check *books);
/** Audits what waits when a step is over. */
TUTTI_NODISCARD tutti_status tt_audit_waiting_end(tt_books_check *books);
/** Audits a message of the topic funding. */
TUTTI_NODISCARD tutti_status tt_audit_funding(tt_books_check *books);
/** Audits a message of the topic cash_bookings. */
TUTTI_NODISCARD tutti_status tt_audit_cash(tt_books_check *books);

#endif
