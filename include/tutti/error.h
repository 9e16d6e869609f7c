/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What went wrong, in words: beside the status, for people.
 */
#ifndef TUTTI_ERROR_H
#define TUTTI_ERROR_H

#include <tutti/status.h>

/** What went wrong, where, and what would be right; fixed size, caller's storage. A function that
 * takes one accepts NULL. It is filled when the function fails, and untouched otherwise. */
typedef struct tutti_error {
    tutti_status status;
    char message[480]; /**< What is wrong, behind its place (file:line:column) if there is one. */
    char hint[320];    /**< What would be right; may be empty. */
} tutti_error;

#endif
