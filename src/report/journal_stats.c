/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counts files and messages of a journal.
 */
#include "report/journal_stats.h"

#include "model/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t end = strlen(suffix);
    return length > end && strcmp(name + length - end, suffix) == 0;
}

static tt_file_count *kind_of(const char *name, tt_journal_files *files)
{
    if (ends_in(name, ".ttj")) {
        return &files->segments;
    }
    if (ends_in(name, ".ttj.zst")) {
        return &files->archived;
    }
    return ends_in(name, ".tts") ? &files->snapshots : &files->others;
}

tutti_status tt_journal_files_count(const char *dir, tt_journal_files *ret_files, tt_error *error)
{
    *ret_files = (tt_journal_files){0};
    DIR *folder = opendir(dir);
    if (folder == NULL) {
        return tt_error_set(error, TUTTI_IO, "%s: %s", dir, strerror(errno));
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat info;
        // A file that is gone meanwhile was removed by its writer.
        if (fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode)) {
            tt_file_count *kind = kind_of(entry->d_name, ret_files);
            kind->count++;
            kind->bytes += (uint64_t)info.st_size;
        }
    }
    closedir(folder);
    return TUTTI_OK;
}

void tt_journal_stats_take(tt_journal_stats *stats, const void *step, size_t size)
{
    uint64_t messages = 0;
    const tt_msg *first = tt_step_next(step, size, NULL);
    for (const tt_msg *msg = first; msg != NULL; msg = tt_step_next(step, size, msg)) {
        if (stats->messages + messages == 0) {
            stats->first_time = msg->time;
        }
        messages++;
        stats->inputs += (msg->flags & TT_MSG_INPUT) != 0;
        if (msg->topic < TT_TOPIC_COUNT) {
            stats->topic_messages[msg->topic]++;
            stats->topic_bytes[msg->topic] += tt_msg_bytes(msg);
        }
    }
    stats->messages += messages;
    stats->message_bytes += size;
    if (first != NULL && size > stats->largest_step_bytes) {
        stats->largest_step = first->seq;
        stats->largest_step_bytes = size;
        stats->largest_step_messages = messages;
    }
}

void tt_journal_stats_finish(tt_journal_stats *stats, const tt_journal_reader *reader)
{
    tt_journal_reader_end(reader, &stats->end);
    TT_TEXT_SET(stats->tail, tt_journal_reader_tail(reader));
}
