/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a long-running process takes memory from the system and gives it back (ADR 100).
 */
#ifndef TT_HOST_MEMORY_H
#define TT_HOST_MEMORY_H

/** From this size on a block has pages of its own, which go back when it is freed. */
#define TT_MEMORY_BLOCK_BYTES (128 * 1024)
/** Heaps of the C library: the threads that allocate beside the core share them. */
#define TT_MEMORY_HEAPS 2

/** Makes the allocator of this process give large blocks back at once, whatever was freed before.
 * For the program, never for a library: it is for the whole process. @thread{setup} */
void tt_memory_keep_small(void);

#endif
