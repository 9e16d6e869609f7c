/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One writer a directory: a lock that the system drops when its owner dies. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_LOCK_H
#define TT_JOURNAL_JOURNAL_LOCK_H

#include "journal/journal_file.h"

/** Takes the lock; the file then names this process. @retval TUTTI_BUSY names the owner. */
TUTTI_NODISCARD tutti_status
tt_journal_lock_take(const tt_journal_dir *dir, int *ret_fd, tt_error *error);
/** Drops the lock; -1 is fine. */
void tt_journal_lock_release(int fd);
/** Tells whether a writer, in this or another process, holds the lock now. */
bool tt_journal_lock_is_held(const tt_journal_dir *dir);
/** The process that the lock names while it is held; 0 = none. */
long tt_journal_lock_owner(const tt_journal_dir *dir);

#endif
