/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hands a snapshot from the core to the journal thread: one at a time, whole, without a lock.
 *
 * The core fills the box when it is empty and names the last message that the snapshot covers; the
 * journal thread writes it when that message is committed, and empties the box: its pages go back
 * to the system, for a snapshot is large and rare.
 */
#ifndef TT_HOST_SNAPSHOT_BOX_H
#define TT_HOST_SNAPSHOT_BOX_H

#include "base/arena.h"
#include "base/types.h"

#include <stdatomic.h>
#include <stddef.h>

typedef struct tt_snapshot_box {
    tt_arena memory; /**< Holds one snapshot. */
    size_t size;
    tt_seq last_seq;     /**< Written by the core before `is_full` is set. */
    _Atomic int is_full; /**< Release by the core when filled, by the journal when written. */
} tt_snapshot_box;

#endif
