/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the program says about itself: the overview of its commands, and the page of one command.
 */
#ifndef TT_CLI_HELP_H
#define TT_CLI_HELP_H

#include <stddef.h>
#include <stdio.h>

/** Prints all commands in groups. */
void tt_help_overview(FILE *out);
/** Prints what a command does, its usage and each option that the usage names. `usage` begins with
 * the name of the command. */
void tt_help_command(FILE *out, const char *usage);
/** The nearest of several names to what was typed; starts with all zero but `typed`. */
typedef struct tt_help_near {
    const char *typed;
    const char *name; /**< At most two letters away; NULL = none is. */
    size_t apart;     /**< Of `name`. */
} tt_help_near;

/** Keeps `name` if it is nearer than what stands. */
void tt_help_compare(tt_help_near *near, const char *name);
/** Name of the command that is nearest to what was typed (at most two letters away), or NULL. */
const char *tt_help_nearest(const char *typed);

#endif
