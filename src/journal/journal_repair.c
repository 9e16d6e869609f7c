/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of a journal that nobody writes: cut its unfinished tail; say what lies there.
 */
#include "journal/journal_lock.h"
#include "journal/journal_recover.h"
#include "journal/journal_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cuts a segment to its commits, for good. */
static tutti_status cut_segment(
    const tt_journal_dir *dir,
    const tt_journal_recovery *recovery,
    const char *name,
    tt_error *error)
{
    int fd;
    TUTTI_TRY(tt_journal_file_open(dir, name, O_RDWR, &fd, error));
    tutti_status status = TUTTI_OK;
    if (dir->io.ftruncate(dir->io.ctx, fd, (off_t)recovery->position) != 0) {
        status = tt_journal_fail(dir, errno, "truncate", name, error);
    } else if (dir->io.fsync(dir->io.ctx, fd) != 0) {
        status = tt_journal_fail(dir, errno, "sync", name, error);
    }
    (void)close(fd);
    return status;
}

/* Cuts off the segment that ends the journal, of which nothing was ever finished, for good. */
static tutti_status remove_segment(const tt_journal_dir *dir, const char *name, tt_error *error)
{
    tt_journal_dir_remove(dir, name);
    return dir->io.fsync(dir->io.ctx, dir->fd) != 0 ? tt_journal_fail(dir, errno, "sync", "", error)
                                                    : TUTTI_OK;
}

/* Repairs under the lock. */
static tutti_status
repair(const tt_journal_dir *dir, tt_journal_repair_report *report, tt_error *error)
{
    tt_journal_recovery recovery;
    TUTTI_TRY(tt_journal_recover(dir->path, NULL, &recovery, error));
    char name[TT_JOURNAL_NAME_MAX];
    tt_segment_name(name, recovery.blank != 0 ? recovery.blank : recovery.segment_first);
    report->end = recovery.end;
    (void)snprintf(report->file, sizeof report->file, "%s", name);
    memcpy(report->reason, recovery.cut_reason, sizeof report->reason);
    if (recovery.end.cut_bytes == 0) {
        return TUTTI_OK;
    }
    return recovery.blank != 0 ? remove_segment(dir, name, error)
                               : cut_segment(dir, &recovery, name, error);
}

/* Opens the directory of a journal. */
static tutti_status open_dir(tt_journal_dir *dir, const char *path, tt_error *error)
{
    tutti_status status = tt_journal_dir_open(dir, path, error);
    if (status == TUTTI_OK && !tt_journal_dir_has(dir, TT_JOURNAL_META_NAME)) {
        tt_journal_dir_close(dir);
        status = TUTTI_NOT_FOUND;
    }
    return status == TUTTI_NOT_FOUND
               ? tt_error_set(error, TUTTI_NOT_FOUND, "there is no journal in %s", path)
               : status;
}

tutti_status
tt_journal_repair(const char *dir, tt_journal_repair_report *ret_report, tt_error *error)
{
    tt_journal_dir opened;
    int lock;
    *ret_report = (tt_journal_repair_report){0};
    TUTTI_TRY(open_dir(&opened, dir, error));
    tutti_status status = tt_journal_lock_take(&opened, &lock, error);
    if (status == TUTTI_OK) {
        status = repair(&opened, ret_report, error);
        tt_journal_lock_release(lock);
    }
    tt_journal_dir_close(&opened);
    return status;
}

/* Files of one kind. */
typedef struct file_count {
    uint32_t count;
    uint64_t bytes;
    uint64_t first;
    uint64_t last;
} file_count;

static tutti_status count_files(
    const tt_journal_dir *dir,
    const char *prefix,
    const char *suffix,
    file_count *ret_count,
    tt_error *error)
{
    uint64_t *numbers;
    size_t count;
    *ret_count = (file_count){0};
    TUTTI_TRY(tt_journal_dir_list(dir, prefix, suffix, &numbers, &count, error));
    for (size_t i = 0; i < count; i++) {
        char name[TT_JOURNAL_NAME_MAX];
        struct stat info;
        tt_journal_name(name, prefix, numbers[i], suffix);
        if (fstatat(dir->fd, name, &info, 0) == 0) {
            ret_count->bytes += (uint64_t)info.st_size;
        }
    }
    ret_count->count = (uint32_t)count;
    ret_count->first = count > 0 ? numbers[0] : 0;
    ret_count->last = count > 0 ? numbers[count - 1] : 0;
    free(numbers);
    return TUTTI_OK;
}

static tutti_status
survey(const tt_journal_dir *dir, tt_journal_survey *ret_survey, tt_error *error)
{
    file_count segments;
    file_count archives;
    file_count snapshots;
    TUTTI_TRY(count_files(dir, "", TT_JOURNAL_SEGMENT_SUFFIX, &segments, error));
    TUTTI_TRY(count_files(dir, "", TT_JOURNAL_ARCHIVE_SUFFIX, &archives, error));
    TUTTI_TRY(count_files(
        dir, TT_JOURNAL_SNAPSHOT_PREFIX, TT_JOURNAL_SNAPSHOT_SUFFIX, &snapshots, error));
    *ret_survey = (tt_journal_survey){
        .first_seq =
            archives.count > 0 && archives.first < segments.first ? archives.first : segments.first,
        .segments = segments.count,
        .segment_bytes = segments.bytes,
        .archives = archives.count,
        .archive_bytes = archives.bytes,
        .snapshots = snapshots.count,
        .snapshot_bytes = snapshots.bytes,
        .newest_snapshot = snapshots.last,
        .has_writer = tt_journal_lock_is_held(dir),
        .owner = tt_journal_lock_owner(dir)};
    return TUTTI_OK;
}

tutti_status tt_journal_survey_read(const char *dir, tt_journal_survey *ret_survey, tt_error *error)
{
    tt_journal_dir opened;
    TUTTI_TRY(open_dir(&opened, dir, error));
    tutti_status status = survey(&opened, ret_survey, error);
    tt_journal_dir_close(&opened);
    return status;
}
