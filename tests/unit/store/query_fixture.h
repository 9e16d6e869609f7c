/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A read model of the run, with a reader beside its writer: what tests of queries begin with.
 */
#ifndef TT_TESTS_QUERY_FIXTURE_H
#define TT_TESTS_QUERY_FIXTURE_H

#include "store/store_query.h"
#include "store_fixture.h"

extern char root[FX_PATH_MAX];      /**< A folder of its own. */
extern char path[FX_PATH_MAX + 16]; /**< Of the database. */
extern store_run the_run;
extern tt_store *store; /**< The writer. */
extern tt_store_query *query;

/** Makes the run, and a read model of it in a folder of its own. */
int query_open(void **state);
int query_close(void **state);

#endif
