/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Makes a journal with declared topics: declare_journal DIR COUNT SEGMENT_BYTES (0 = default).
 */
#include "../lib/declared.h"

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: declare_journal DIR COUNT SEGMENT_BYTES\n", stderr);
        return 2;
    }
    declared_make(argv[1], strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    return 0;
}
