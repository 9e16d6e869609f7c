/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Error detail for cold paths (config, files, start-up) and the contract check.
 */
#ifndef TT_BASE_ERROR_H
#define TT_BASE_ERROR_H

#include <tutti/error.h>

#include <stdarg.h>

/** The public type, under the name that is used inside. */
typedef tutti_error tt_error;

/** Fills `error` (which may be NULL) and returns `status`. @thread{any} @alloc{never} */
tutti_status tt_error_set(tt_error *error, tutti_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Returns the status that a number of the system's errno stands for; TUTTI_IO for all without one
 * of their own. @thread{any} */
tutti_status tt_status_of_errno(int number);
/** Sets the hint of an error that is already filled. `error` may be NULL. */
void tt_error_hint(tt_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Prints the expression and the place, then aborts. Recovery is a restart from the journal. */
_Noreturn void tt_assert_failed(const char *expression, const char *file, int line);

/** Checks an invariant; on in release builds too. */
#define TT_ASSERT(expr) ((expr) ? (void)0 : tt_assert_failed(#expr, __FILE__, __LINE__))

#endif
