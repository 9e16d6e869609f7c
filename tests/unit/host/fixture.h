/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Small runs for the tests of the host: a configuration, a folder of their own, their files.
 */
#ifndef TT_TESTS_HOST_FIXTURE_H
#define TT_TESTS_HOST_FIXTURE_H

#include "../../lib/test.h"
#include "config/config.h"
#include "host/files.h"
#include "journal/journal.h"

/** Reads the configuration of the tests, changed by `sets` ("section.key=value", ended by NULL; may
 * be NULL). The synthetic market, two symbols, minute bars, a crossover that trades often.
 * Release with free(). */
tt_config *fx_config(const char *const *sets);
/** Makes an empty folder below /tmp; the text is replaced by the next call. */
const char *fx_folder(void);
/** Removes a folder with all it holds. */
void fx_remove(const char *path);
/** Joins two parts of a path; the text lives until the fourth call after. */
const char *fx_path(const char *folder, const char *name);
/** Turns one byte of a file around, `from_end` bytes before its end. */
void fx_flip_byte(const char *path, long from_end);
/** The name of the only segment of a journal. */
const char *fx_segment(const char *journal_dir);
/** Where a journal ends for a reader. */
tt_journal_end fx_journal_end(const char *journal_dir);
/** Counts the messages of a topic in a journal. */
uint64_t fx_count(const char *journal_dir, tt_topic topic);
/** Number of names in a folder, without "." and "..". */
int fx_names(const char *folder);
/** Requires that an operation went well, and shows its error otherwise. */
void fx_ok(tutti_status status, const tt_error *error);

#endif
