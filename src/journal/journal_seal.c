/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sealing.
 */
#include "journal/journal_seal.h"

#include <errno.h>
#include <stdio.h>

void tt_seal_fill(
    tt_seal *seal,
    tt_journal_file file,
    uint64_t offset,
    uint32_t version,
    const tt_journal_end *after)
{
    *seal = (tt_seal){.fd = file.fd, .offset = offset};
    (void)snprintf(seal->name, sizeof seal->name, "%s", file.name);
    tt_commit_fill(&seal->record, after, 0, TT_COMMIT_SEALED);
    tt_record_seal_as(&seal->record.head, offset, version);
}

tutti_status
tt_seal_write(tt_journal_dir *dir, const tt_seal *seal, tt_block *block, tt_error *error)
{
    const tt_journal_file file = {.name = seal->name, .fd = seal->fd};
    const uint64_t end = seal->offset + sizeof seal->record;
    TUTTI_TRY(tt_block_write_small(
        block, dir, file, &seal->record, sizeof seal->record, seal->offset, error));
    if (dir->io.ftruncate(dir->io.ctx, file.fd, (off_t)end) != 0) {
        return tt_journal_fail(dir, errno, "truncate", file.name, error);
    }
    if (dir->is_durable && dir->io.fdatasync(dir->io.ctx, file.fd) != 0) {
        return tt_journal_fail(dir, errno, "sync", file.name, error);
    }
    return TUTTI_OK;
}
