/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Help for the tests of the store: a run made by hand, directories, dumps.
 */
#ifndef TT_TESTS_STORE_FIXTURE_H
#define TT_TESTS_STORE_FIXTURE_H

#include "../journal/journal_fixture.h"
#include "store/store.h"

#include <sqlite3.h>

/** The run: one of everything that leaves a row. */
typedef struct store_run {
    fx_step steps[16];
    size_t count;
} store_run;

/** Makes the run. The numbers of its messages stand at RUN_... */
void run_make(store_run *run);
enum {
    RUN_SESSION = 1,
    RUN_BAR = 2,
    RUN_TA = 3,
    RUN_REGIME = 4,
    RUN_SENTIMENT = 5,
    RUN_SIGNAL = 6,
    RUN_CONSENSUS = 7,
    RUN_CONFLICT = 8,
    RUN_VERDICT = 9,
    RUN_ORDER = 10,
    RUN_CREATED = 11,
    RUN_SENT = 12,
    RUN_PARTIAL = 13,
    RUN_FILL = 14,
    RUN_OPENED = 15,
    RUN_ACCOUNT = 16,
    RUN_FILLED = 17,
    RUN_FILL_2 = 18,
    RUN_INCREASED = 19,
    RUN_ACCOUNT_2 = 20,
    RUN_STOP = 21,
    RUN_STOP_CREATED = 22,
    RUN_MARKED = 23,
    RUN_ACCOUNT_3 = 24,
    RUN_STOP_FILLED = 25,
    RUN_FILL_3 = 26,
    RUN_CLOSED = 27,
    RUN_ACCOUNT_4 = 28,
    RUN_ALERT = 29,
    RUN_EVENT = 30,
    RUN_DEAD = 31,
    RUN_PORTFOLIO = 32,
    RUN_LAST = 32
};

/** Two instruments: BTC/USDT, ETH/USDT. */
const tt_instruments *run_instruments(void);
/** A decimal from text. */
tt_dec dec_of(const char *text);
/** Opens a store that must open. */
tt_store *store_of(const char *path);
/** Applies the first `count` steps of the run, which must work. */
void store_apply(tt_store *store, const store_run *run, size_t count);
/** Writes the run into a journal. */
void run_write_journal(const store_run *run, const char *dir);
/** All rows of all tables as text. The caller frees it. */
char *dump_of(const char *path);
/** Runs a query on a database file; rows are joined by '\n', columns by '|'. */
void expect_rows(const char *path, const char *sql, const char *expected);
/** Fails with both texts unless `part` stands in `text`. */
void expect_part(const char *text, const char *part);
/** Writes PRAGMA user_version. */
void write_version(const char *path, int version);

#endif
