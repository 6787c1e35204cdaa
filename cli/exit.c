#include "exit.h"

cli_exit cli_exit_of(ocrvl_status st, cli_exit side)
{
    switch (st) {
    case OCRVL_OK: return CLI_EXIT_OK;
    case OCRVL_E_NOMEM:
    case OCRVL_E_LIMIT:
    case OCRVL_E_PASSWORD:
    case OCRVL_E_TIMEOUT: return CLI_EXIT_LIMIT;
    case OCRVL_E_MODEL: return CLI_EXIT_MODEL;
    case OCRVL_E_IO:
    case OCRVL_E_FORMAT:
    case OCRVL_E_UNSUPPORTED:
    case OCRVL_E_CANCELED:
    case OCRVL_E_CRASH: return side;
    case OCRVL_E_ARG:
    case OCRVL_E_INTERNAL: break;
    }
    return CLI_EXIT_BUG;
}

cli_exit cli_exit_worse(cli_exit a, cli_exit b) { return a > b ? a : b; }
