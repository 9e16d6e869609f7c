/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Writing out a range: what the disk refuses is told, what a system does not know is done in
 * another way, and a writer that hears of a refusal writes no more.
 *
 * Covers: journal_range.c
 */
#include "journal/journal_file.h"
#include "journal/journal_range.h"
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CANNOT_REFUSE = 99 /* What a child returns where calls cannot be made to fail. */
};

/* Lets two calls of this process fail with these numbers from now on; 0 = works. */
static bool refuse_calls(int range_number, int sync_number)
{
    struct sock_filter lines[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sync_file_range, 0, 1),
        BPF_STMT(
            BPF_RET | BPF_K,
            range_number ? SECCOMP_RET_ERRNO | (unsigned)range_number : SECCOMP_RET_ALLOW),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
        BPF_STMT(
            BPF_RET | BPF_K,
            sync_number ? SECCOMP_RET_ERRNO | (unsigned)sync_number : SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = sizeof lines / sizeof lines[0], .filter = lines};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Writes out a file where calls fail so; returns 0 or errno. */
static int write_out_where(int range_number, int sync_number, bool waits)
{
    char path[FX_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/file", fx_root);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, path, sizeof path, 0), sizeof path);
    pid_t child = fork();
    if (child == 0) {
        if (!refuse_calls(range_number, sync_number)) {
            _exit(CANNOT_REFUSE);
        }
        errno = 0;
        int result = tt_range_write_out(fd, 0, sizeof path, waits);
        _exit(result == 0 ? 0 : errno);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(fd);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT_REFUSE) {
        skip();
    }
    return WEXITSTATUS(status);
}

static void test_where_the_system_knows_it_nothing_else_is_called(void **state)
{
    (void)state;
    assert_int_equal(write_out_where(0, EIO, false), 0);
    assert_int_equal(write_out_where(0, EIO, true), 0);
}

static void test_what_the_disk_refuses_is_told(void **state)
{
    (void)state;
    const int numbers[] = {EIO, ENOSPC, ENOMEM, EDQUOT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(write_out_where(numbers[i], 0, false), numbers[i]);
        assert_int_equal(write_out_where(numbers[i], 0, true), numbers[i]);
    }
    errno = 0;
    assert_int_equal(tt_range_write_out(-1, 0, 1, true), -1);
    assert_int_equal(errno, EBADF);
}

static void test_where_it_is_unknown_a_sync_does_it(void **state)
{
    (void)state;
    const int numbers[] = {ENOSYS, EINVAL, ESPIPE};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(write_out_where(numbers[i], EIO, false), 0); // The sync that follows.
        assert_int_equal(write_out_where(numbers[i], EIO, true), EIO);
        assert_int_equal(write_out_where(numbers[i], 0, true), 0);
    }
}

/* A disk that refuses when it is to begin. */
typedef struct refusal {
    int number; /* 0 = it does not. */
    int begun;
    int syncs;
} refusal;

static int refuse_write_out(void *ctx, int fd, off_t offset, off_t size, bool waits)
{
    refusal *self = ctx;
    (void)fd;
    assert_false(waits);
    assert_true(offset > 0 && size > 8192);
    self->begun++;
    errno = self->number;
    return self->number == 0 ? 0 : -1;
}

static int refuse_fdatasync(void *ctx, int fd)
{
    ((refusal *)ctx)->syncs++;
    return fdatasync(fd);
}

/* Appends what is large enough that the disk is asked to begin. */
static void append_large(tt_journal_writer *writer)
{
    static fx_step step;
    for (int i = 0; i < 40; i++) {
        tt_journal_end end;
        tt_journal_state(writer, &end);
        fx_step_make(&step, end.last_seq + 1, 7);
        assert_int_equal(tt_journal_append(writer, step.bytes, step.size, NULL), TUTTI_OK);
    }
}

static void test_a_writer_that_is_refused_writes_no_more(void **state)
{
    const int numbers[] = {0, EIO, ENOSPC};
    const tutti_status expected[] = {TUTTI_OK, TUTTI_IO, TUTTI_NO_SPACE};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        refusal disk = {0};
        tt_error error = {0};
        tt_journal_end end;
        tt_journal_io io = tt_journal_io_system;
        io.ctx = &disk;
        io.write_out = refuse_write_out;
        io.fdatasync = refuse_fdatasync;
        tt_journal_options options = fx_options(TT_durability_ALWAYS, 1u << 20);
        options.io = &io;
        tt_journal_writer *writer = fx_create(fx_journal, &options);
        append_large(writer);
        disk.number = numbers[i];
        assert_int_equal(tt_journal_commit(writer, &error), expected[i]);
        assert_int_equal(disk.begun, 1);
        assert_int_equal(disk.syncs, expected[i] == TUTTI_OK);
        if (expected[i] != TUTTI_OK) {
            assert_non_null(strstr(error.message, "cannot write"));
            assert_non_null(strstr(error.message, strerror(numbers[i])));
            assert_int_equal(tt_journal_commit(writer, &error), expected[i]);
            assert_non_null(strstr(error.message, "writes no more"));
        }
        int syncs = disk.syncs;
        tt_journal_close(writer);
        assert_int_equal(disk.syncs > syncs, expected[i] == TUTTI_OK);
        assert_int_equal(fx_read(fx_journal, &end, NULL), TUTTI_END);
        (void)fx_tear_down(state);
        (void)fx_set_up(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_where_the_system_knows_it_nothing_else_is_called, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_the_disk_refuses_is_told, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_where_it_is_unknown_a_sync_does_it, fx_set_up, fx_tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_writer_that_is_refused_writes_no_more, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
