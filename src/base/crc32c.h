/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * CRC-32C (Castagnoli), as iSCSI, ext4 and others use it. All functions: @thread{any} @alloc{never}
 */
#ifndef TT_BASE_CRC32C_H
#define TT_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * Returns the checksum of `size` bytes. Start with `crc` 0; to continue, give the checksum of the
 * bytes before. Uses the instruction of the processor where there is one, with the same result.
 */
uint32_t tt_crc32c(uint32_t crc, const void *data, size_t size);
/** The same by table, on any processor. */
uint32_t tt_crc32c_portable(uint32_t crc, const void *data, size_t size);

#endif
