/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * sync_file_range, the only place that calls it: lets the disk begin with what the page cache holds
 * of a file, or waits until it has taken it. No flush of the disk's cache and no metadata, so it is
 * never what makes anything durable: a sync follows. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_RANGE_H
#define TT_JOURNAL_JOURNAL_RANGE_H

#include <stdbool.h>
#include <sys/types.h>

/** Hands `size` bytes at `offset` to the disk; `waits`: returns once it has taken them. A system or
 * a file that does not know this call has it done by the sync that follows, and if `waits` by an
 * fdatasync here. Returns -1 with errno when the disk refused: the system may tell of that only
 * once, so it is a failed write. @thread{any} @blocks{disk} @alloc{never} */
int tt_range_write_out(int fd, off_t offset, off_t size, bool waits);

#endif
