/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Made the journals of format version 1 beside this file, with the release of Tutti that wrote that
 * version (commit 0ff66e2). It cannot make them again: later releases write later versions. Kept so
 * that it is known what they hold. Built against tests/unit/journal/journal_fixture.c; argument:
 * the folder to fill.
 *
 *  - closed: 15 steps of fx_step_make with seed 31, three a commit, segments of at most 2000 bytes,
 *    closed. Durability none.
 *  - crashed: 13 steps of seed 32, three a commit, segments of at most 4096 bytes, taken while the
 *    writer lived. Durability batch. The last step was not committed.
 *  - fresh: created and closed, without a step.
 */
#include "../../unit/journal/journal_fixture.h"

#include <stdio.h>
#include <sys/stat.h>

/* Keeps what a directory holds now under `to`/`name`. */
static void keep(const char *dir, const char *to, const char *name)
{
    fx_image image;
    char path[FX_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", to, name);
    fx_image_load(dir, &image);
    fx_image_store(path, &image);
    fx_image_free(&image);
}

int main(int count, char **arguments)
{
    char root[FX_PATH_MAX];
    char dir[FX_PATH_MAX + 16];
    assert_int_equal(count, 2);
    fx_dir_make(root);
    (void)snprintf(dir, sizeof dir, "%s/journal", root);

    tt_journal_options options = fx_options(TT_durability_NONE, 2000);
    tt_journal_writer *writer = fx_create(dir, &options);
    fx_append(writer, 15, 3, 31);
    tt_journal_close(writer);
    keep(dir, arguments[1], "closed");
    fx_dir_remove(dir);

    options = fx_options(TT_durability_BATCH, 4096);
    writer = fx_create(dir, &options);
    fx_append(writer, 13, 3, 32);
    keep(dir, arguments[1], "crashed");
    tt_journal_close(writer);
    fx_dir_remove(dir);

    writer = fx_create(dir, &options);
    tt_journal_close(writer);
    keep(dir, arguments[1], "fresh");
    fx_dir_remove(root);
    return 0;
}
