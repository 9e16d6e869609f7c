/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Writing at the end of a segment past the page cache: the block in which the segment ends is
 * written again with what follows, zeros behind it up to the end of a block. Private to the
 * journal.
 *
 * The bytes of the file are the same as through the page cache, and so is what a crash may leave:
 * the page cache writes whole blocks, too.
 */
#ifndef TT_JOURNAL_JOURNAL_BLOCK_H
#define TT_JOURNAL_JOURNAL_BLOCK_H

#include "journal/journal_file.h"

/** Of one open file. */
typedef struct tt_block {
    bool is_direct; /**< Writes go past the page cache; false: the rest means nothing. */
    unsigned char
        *bytes; /**< Three blocks: the one in which the file ends, and two for small writes. */
} tt_block;

/** False: no memory. @alloc{yes} */
bool tt_block_init(tt_block *block);
/** Zeroed is fine. */
void tt_block_fini(tt_block *block);
/** Lets a file that ends at `position` be written to past the page cache, where that is possible.
 * @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_block_open(
    tt_block *block, tt_journal_dir *dir, tt_journal_file file, uint64_t position, tt_error *error);
/** Writes `size` bytes at `offset`, where the file ends. `bytes` stands as far behind the start of
 * a block in memory as `offset` in the file; from that start to the end of the block in which the
 * bytes end the memory is the caller's, and is written to. @thread{owner} @blocks{disk} */
TUTTI_NODISCARD tutti_status tt_block_write(
    tt_block *block,
    tt_journal_dir *dir,
    tt_journal_file file,
    unsigned char *bytes,
    size_t size,
    uint64_t offset,
    tt_error *error);
/** The same for at most a block from anywhere in memory. */
TUTTI_NODISCARD tutti_status tt_block_write_small(
    tt_block *block,
    tt_journal_dir *dir,
    tt_journal_file file,
    const void *bytes,
    size_t size,
    uint64_t offset,
    tt_error *error);

#endif
