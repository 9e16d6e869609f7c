/* SPDX-License-Identifier: Apache-2.0 */
#include "query_fixture.h"

#include <stdio.h>

char root[FX_PATH_MAX];
char path[FX_PATH_MAX + 16];
store_run the_run;
tt_store *store;
tt_store_query *query;

int query_open(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(path, sizeof path, "%s/store.db", root);
    run_make(&the_run);
    store = store_of(path);
    store_apply(store, &the_run, the_run.count);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    tt_error error = {0};
    if (tt_store_query_open(path, &query, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return 0;
}

int query_close(void **state)
{
    (void)state;
    tt_store_query_close(query);
    tt_store_close(store);
    fx_dir_remove(root);
    return 0;
}
