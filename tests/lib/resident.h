/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which pages of memory are there.
 */
#ifndef TT_TESTS_RESIDENT_H
#define TT_TESTS_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

/** Tells whether the page of 4 KiB that holds this byte takes memory. */
static inline bool tt_is_resident(const void *byte)
{
    unsigned char told = 0;
    uintptr_t page = (uintptr_t)byte & ~(uintptr_t)4095;
    return mincore((void *)page, 4096, &told) == 0 && (told & 1) != 0;
}

#endif
