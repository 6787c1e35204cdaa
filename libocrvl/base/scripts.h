/* Scripts by their ISO 15924 codes, as PAGE XML names them ("Latn - Latin"). */
#ifndef OCRVL_BASE_SCRIPTS_H
#define OCRVL_BASE_SCRIPTS_H

/* PAGE's name for a script; NULL for NULL and for scripts that aren't in its list. */
const char *ocrvl_script_page_name(const char *code);

#endif
