/* The resources that the machine and its system give to a program. */
#ifndef OCRVL_BASE_MACHINE_H
#define OCRVL_BASE_MACHINE_H

#include <stdint.h>

/* Bytes of memory that this process may use: those of the machine, or fewer if its control group (v1 or v2) or its
 * limit of address space (setrlimit) is lower. The result doesn't depend on what else is running. UINT64_MAX means
 * unknown. */
uint64_t ocrvl_machine_memory(void);

/* The lowest memory limit of the control groups that this process is in, by the files below `root` ("" for the real
 * ones); UINT64_MAX if there is none. */
uint64_t ocrvl_machine_group_memory(const char *root);

#endif
