/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Writing out a range of a file.
 */
#include "journal/journal_range.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Not in this kernel, or not for this kind of file. */
static bool is_unknown(int number)
{
    return number == ENOSYS || number == EINVAL || number == ESPIPE;
}

int tt_range_write_out(int fd, off_t offset, off_t size, bool waits)
{
    const unsigned begin = SYNC_FILE_RANGE_WRITE;
    const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | begin | SYNC_FILE_RANGE_WAIT_AFTER;
    if (sync_file_range(fd, offset, size, waits ? all : begin) == 0) {
        return 0;
    }
    if (!is_unknown(errno)) {
        return -1;
    }
    return waits ? fdatasync(fd) : 0;
}
