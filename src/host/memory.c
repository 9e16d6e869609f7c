/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The allocator of glibc takes a freed block of many MiB as a sign that such blocks are usual, and
 * keeps the next ones in its heaps, zeroed by hand and never given back. Ours are few: the window
 * of a journal reader, the tail that it examines, the text of a configuration.
 */
#include "host/memory.h"

#include <malloc.h>

void tt_memory_keep_small(void)
{
    // A value that is set stays. Each of these only advises: without it all works as well.
    (void)mallopt(M_MMAP_THRESHOLD, TT_MEMORY_BLOCK_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, TT_MEMORY_BLOCK_BYTES);
    (void)mallopt(M_ARENA_MAX, TT_MEMORY_HEAPS);
}
