/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A folder for the files of one run. It goes away at the end of the program, also of one that
 * fails or is told to end.
 */
#ifndef TT_BENCH_FOLDER_H
#define TT_BENCH_FOLDER_H

/** Makes `parent`/`name`.<process> and returns its path; one at a time. */
const char *folder_make(const char *parent, const char *name);
/** Path of something in the folder. @lends{until the next call} */
const char *folder_path(const char *name);
/** Removes something in the folder, with all that is in it. */
void folder_remove(const char *name);
/** Waits until the file system has written what it owes: data, and freed space. What earlier runs
 * left behind then does not slow the next one. */
void folder_settle(void);
/** Kind of the file system that the folder is on, in words; "memory" makes a sync mean nothing. */
const char *folder_system(void);

#endif
