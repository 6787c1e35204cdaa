/* Where fonts and what belongs to them are, by fontconfig. */
#ifndef OCRVL_IN_FONTDIRS_H
#define OCRVL_IN_FONTDIRS_H

/* Loads fontconfig's configuration and its list of fonts for this process and those that are forked from it, and tells
 * of all folders and files that they come from. */
void ocrvl_fontdirs(void (*each)(void *user, const char *path), void *user);

#endif
