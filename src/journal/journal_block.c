/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Whole blocks at the end of a segment.
 */
#include "journal/journal_block.h"

#include <stdlib.h>
#include <string.h>

bool tt_block_init(tt_block *block)
{
    *block = (tt_block){.bytes = aligned_alloc(TT_JOURNAL_BLOCK, 3 * TT_JOURNAL_BLOCK)};
    return block->bytes != NULL;
}

void tt_block_fini(tt_block *block)
{
    free(block->bytes);
    *block = (tt_block){0};
}

tutti_status tt_block_open(
    tt_block *block, tt_journal_dir *dir, tt_journal_file file, uint64_t position, tt_error *error)
{
    size_t lead = (size_t)(position % TT_JOURNAL_BLOCK);
    size_t size = lead;
    block->is_direct = false;
    TUTTI_TRY(tt_journal_file_read(dir, file, position - lead, block->bytes, &size, error));
    block->is_direct = size == lead && tt_journal_file_go_direct(dir, file.fd);
    return TUTTI_OK;
}

tutti_status tt_block_write(
    tt_block *block,
    tt_journal_dir *dir,
    tt_journal_file file,
    unsigned char *bytes,
    size_t size,
    uint64_t offset,
    tt_error *error)
{
    if (!block->is_direct) {
        return tt_journal_file_write(dir, file, (tt_bytes){bytes, size}, offset, error);
    }
    size_t lead = (size_t)(offset % TT_JOURNAL_BLOCK);
    unsigned char *start = bytes - lead;
    size_t end = lead + size;
    size_t padded = (end + TT_JOURNAL_BLOCK - 1) / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK;
    TT_ASSERT((uintptr_t)start % TT_JOURNAL_BLOCK == 0);
    memcpy(start, block->bytes, lead);
    memset(start + end, 0, padded - end);
    TUTTI_TRY(tt_journal_file_write_blocks(
        dir, file, (tt_bytes){start, padded}, offset - lead, &block->is_direct, error));
    size_t left = end % TT_JOURNAL_BLOCK;
    memcpy(block->bytes, start + (end - left), left);
    return TUTTI_OK;
}

tutti_status tt_block_write_small(
    tt_block *block,
    tt_journal_dir *dir,
    tt_journal_file file,
    const void *bytes,
    size_t size,
    uint64_t offset,
    tt_error *error)
{
    TT_ASSERT(size <= TT_JOURNAL_BLOCK);
    unsigned char *copy = block->bytes + TT_JOURNAL_BLOCK + offset % TT_JOURNAL_BLOCK;
    memcpy(copy, bytes, size);
    return tt_block_write(block, dir, file, copy, size, offset, error);
}
