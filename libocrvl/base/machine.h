/* What the machine, and the system on it, leave to a program. */
#ifndef OCRVL_BASE_MACHINE_H
#define OCRVL_BASE_MACHINE_H

#include <stdint.h>

/* Bytes of memory that this process may come to hold: the machine's, or less where its control group (v1 or v2) or its
 * limit of address space (setrlimit) says so. It is the same whatever else runs. UINT64_MAX: not known. */
uint64_t ocrvl_machine_memory(void);

/* The least limit of memory of the control groups that this process is in, by the files below `root` ("" for the real
 * ones); UINT64_MAX: none. */
uint64_t ocrvl_machine_group_memory(const char *root);

#endif
