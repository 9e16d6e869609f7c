/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counts what is taken from the heap, by any code of the process, the libraries included: this file
 * stands in front of malloc and its sisters. "No allocation" is then a number and not a belief.
 */
#ifndef TT_BENCH_HEAP_H
#define TT_BENCH_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/** Calls of malloc, calloc, realloc and the aligned ones since the start. @thread{any} */
uint64_t heap_calls(void);
/** False under a sanitizer, which needs the place in front of malloc for itself. */
bool heap_is_counted(void);

#endif
