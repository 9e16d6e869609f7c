/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Archives with any bytes: the reader says what is wrong, hands out nothing that was not checked,
 * and never ends in success, because the segment that must follow is not there.
 *
 * The first byte of the input: 1 makes the checksum of the header right, 2 makes length and
 * checksum of the frame right. The rest is the file.
 */
#include "base/crc32c.h"
#include "journal/journal_archive.h"
#include "journal/journal_format.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define META      "run:\n  seed: 1\n"
#define META_SIZE (sizeof META - 1)
#define FILE_MAX  65536

static char dir[64];

static void remove_dir(void)
{
    static const char *const names[] = {"meta", "00000000000000000001.tta"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void store(const char *name, const void *bytes, size_t size)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    TT_ASSERT(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
}

static void make_dir(void)
{
    unsigned char file[sizeof(tt_meta_header) + META_SIZE];
    tt_meta_header header;
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(dir, sizeof dir, "%s/fuzz-archive-XXXXXX", base);
    TT_ASSERT(mkdtemp(dir) != NULL && atexit(remove_dir) == 0);
    tt_meta_header_seal(&header, META, META_SIZE);
    memcpy(file, &header, sizeof header);
    memcpy(file + sizeof header, META, META_SIZE);
    store("meta", file, sizeof file);
}

/* Makes right what the first byte asks for. */
static void mend(unsigned char *file, size_t size, uint8_t how)
{
    tt_archive_header header;
    if (size < sizeof header) {
        return;
    }
    memcpy(&header, file, sizeof header);
    if (how & 2) {
        header.packed_bytes = size - sizeof header;
        header.packed_crc = tt_crc32c(0, file + sizeof header, size - sizeof header);
    }
    if (how & 1) {
        header.crc = tt_crc32c(0, &header, offsetof(tt_archive_header, crc));
    }
    memcpy(file, &header, sizeof header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char file[FILE_MAX];
    tt_journal_reader *reader;
    tt_error error = {0};
    if (!dir[0]) {
        make_dir();
    }
    if (size == 0 || size > sizeof file) {
        return 0;
    }
    memcpy(file, data + 1, size - 1);
    mend(file, size - 1, data[0]);
    store("00000000000000000001.tta", file, size - 1);
    tutti_status status = tt_journal_reader_open(dir, &reader, &error);
    if (status == TUTTI_OK) {
        const void *step;
        size_t step_size;
        tt_seq last = 0;
        while ((status = tt_journal_reader_next(reader, &step, &step_size, &error)) == TUTTI_OK) {
            for (const tt_msg *msg = tt_step_next(step, step_size, NULL); msg;
                 msg = tt_step_next(step, step_size, msg)) {
                TT_ASSERT(msg->seq == ++last);
            }
        }
        tt_journal_reader_close(reader);
    }
    TT_ASSERT(status != TUTTI_END && error.message[0] != '\0');
    return 0;
}
