/* METS: which images are the pages of a work, and files added to it, by libxml2. */
#include <libxml/hash.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "ocrvl_formats.h"

#define METS_NS "http://www.loc.gov/METS/"
#define XLINK_NS "http://www.w3.org/1999/xlink"

enum { MAX_BYTES = 256 << 20, MAX_PAGES = 100000, MAX_DEPTH = 64 };

typedef struct mets_page {
    xmlNode *div;
    xmlChar *image; /* its link; NULL: it has none in the group */
} mets_page;

struct ocrvl_mets {
    xmlDoc *doc;
    xmlNode *files; /* fileSec */
    mets_page *pages;
    size_t count, cap;
    bool any; /* has an image */
};

bool ocrvl_mets_knows(const void *head, size_t len)
{
    static const char ns[] = METS_NS;
    const char *s = head;
    for (size_t i = 0; i + sizeof ns - 1 <= len; i++)
        if (memcmp(s + i, ns, sizeof ns - 1) == 0)
            return true;
    return false;
}

static bool is(const xmlNode *n, const char *name)
{
    return n && n->type == XML_ELEMENT_NODE && n->ns && strcmp((const char *)n->ns->href, METS_NS) == 0 &&
           strcmp((const char *)n->name, name) == 0;
}

/* The first child of that name whose attribute has that value (attribute NULL: any), from `n` on. */
static xmlNode *next_of(xmlNode *n, const char *name, const char *attribute, const char *value)
{
    for (; n; n = n->next) {
        if (!is(n, name))
            continue;
        xmlChar *v = attribute ? xmlGetNoNsProp(n, (const xmlChar *)attribute) : NULL;
        bool found = !attribute || (v && strcmp((const char *)v, value) == 0);
        xmlFree(v);
        if (found)
            return n;
    }
    return NULL;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

/* Enters the files of a group by their IDs. */
static void list_files(xmlHashTable *ids, xmlNode *group, int depth)
{
    for (xmlNode *n = group->children; n && depth < MAX_DEPTH; n = n->next) {
        xmlChar *id = is(n, "file") ? xmlGetNoNsProp(n, (const xmlChar *)"ID") : NULL;
        if (id)
            (void)xmlHashAddEntry(ids, id, n); /* the first of that ID */
        xmlFree(id);
        if (is(n, "fileGrp"))
            list_files(ids, n, depth + 1);
    }
}

/* The link of the file of this group that a page has, or NULL. */
static xmlChar *image_of(const xmlNode *div, xmlHashTable *ids)
{
    for (xmlNode *n = div->children; n; n = n->next) {
        xmlChar *id = is(n, "fptr") ? xmlGetNoNsProp(n, (const xmlChar *)"FILEID") : NULL;
        xmlNode *file = id ? xmlHashLookup(ids, id) : NULL;
        xmlNode *place = file ? next_of(file->children, "FLocat", NULL, NULL) : NULL;
        xmlFree(id);
        if (place)
            return xmlGetNsProp(place, (const xmlChar *)"href", (const xmlChar *)XLINK_NS);
    }
    return NULL;
}

/* Takes the pages below a div in their order. */
static ocrvl_status take_pages(ocrvl_mets *m, xmlNode *div, xmlHashTable *ids, int depth, ocrvl_error *err)
{
    ocrvl_status st = OCRVL_OK;
    if (depth > MAX_DEPTH || m->count > MAX_PAGES)
        return ocrvl_fail(err, OCRVL_E_LIMIT, "METS: more than %d pages, or they lie too deep", MAX_PAGES);
    xmlChar *image = image_of(div, ids);
    m->any |= image != NULL;
    if (image || next_of(div, "div", "TYPE", "page") == div) {
        if (!OCRVL_ARRAY_RESERVE(m->pages, m->cap, m->count + 1)) {
            xmlFree(image);
            return ocrvl_fail_nomem(err);
        }
        m->pages[m->count++] = (mets_page){div, image};
    }
    for (xmlNode *n = div->children; n && !st; n = n->next)
        if (is(n, "div"))
            st = take_pages(m, n, ids, depth + 1, err);
    return st;
}

/* The group of images: the one that is asked for, or the first that is there of those that are usual. */
static xmlNode *image_group(const ocrvl_mets *m, const char *group)
{
    static const char *const usual[] = {"OCR-D-IMG", "MAX", "DEFAULT", "ORIGINAL"};
    if (group)
        return next_of(m->files->children, "fileGrp", "USE", group);
    xmlNode *found = NULL;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !found; i++)
        found = next_of(m->files->children, "fileGrp", "USE", usual[i]);
    return found;
}

static ocrvl_status find_pages(ocrvl_mets *m, const char *group, ocrvl_error *err)
{
    xmlNode *root = xmlDocGetRootElement(m->doc);
    m->files = is(root, "mets") ? next_of(root->children, "fileSec", NULL, NULL) : NULL;
    xmlNode *map = m->files ? next_of(root->children, "structMap", "TYPE", "PHYSICAL") : NULL;
    xmlNode *images = map ? image_group(m, group) : NULL;
    if (!map)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "METS: the file has no fileSec, or no structMap of the type PHYSICAL");
    if (!images)
        return ocrvl_fail(err, OCRVL_E_FORMAT, "METS: the file has no fileGrp %s", group ? group : "of images");
    xmlHashTable *ids = xmlHashCreate(0);
    ocrvl_status st = ids ? OCRVL_OK : ocrvl_fail_nomem(err);
    if (!st)
        list_files(ids, images, 0);
    for (xmlNode *n = map->children; n && !st; n = n->next)
        if (is(n, "div"))
            st = take_pages(m, n, ids, 0, err);
    xmlHashFree(ids, NULL);
    if (!st && !m->any)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "METS: no page has an image");
    return st;
}

ocrvl_status ocrvl_mets_open(ocrvl_mets **out, const char *path, const char *group, ocrvl_error *err)
{
    char *data;
    size_t len;
    *out = NULL;
    ocrvl_status st = ocrvl_file_read(&data, &len, path, MAX_BYTES, err);
    if (st)
        return st;
    ocrvl_mets *m = ocrvl_alloc(sizeof *m);
    /* no entities, no network, no DTD; the depth and the size of text are libxml2's limits */
    if (m)
        m->doc = xmlReadMemory(data, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    ocrvl_free(data);
    if (!m)
        return ocrvl_fail_nomem(err);
    st = m->doc ? find_pages(m, group, err) : ocrvl_fail(err, OCRVL_E_FORMAT, "METS: the file is not well-formed XML");
    if (st)
        ocrvl_mets_free(m);
    else
        *out = m;
    return st;
}

void ocrvl_mets_free(ocrvl_mets *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        xmlFree(m->pages[i].image);
    ocrvl_free(m->pages);
    xmlFreeDoc(m->doc);
    ocrvl_free(m);
}

size_t ocrvl_mets_count(const ocrvl_mets *m) { return m->count; }

const char *ocrvl_mets_image(const ocrvl_mets *m, size_t page)
{
    return page < m->count ? (const char *)m->pages[page].image : NULL;
}

/* ---- files added ------------------------------------------------------------------------------------- */

/* Takes away the group of that use, and what points at its files. */
static void remove_group(ocrvl_mets *m, const char *use)
{
    xmlNode *group = next_of(m->files->children, "fileGrp", "USE", use);
    xmlHashTable *ids = group ? xmlHashCreate(0) : NULL;
    if (!ids)
        return;
    list_files(ids, group, 0);
    for (size_t i = 0; i < m->count; i++)
        for (xmlNode *n = m->pages[i].div->children, *next; n; n = next) {
            next = n->next;
            xmlChar *id = is(n, "fptr") ? xmlGetNoNsProp(n, (const xmlChar *)"FILEID") : NULL;
            bool ours = id && xmlHashLookup(ids, id);
            xmlFree(id);
            if (ours) {
                xmlUnlinkNode(n);
                xmlFreeNode(n);
            }
        }
    xmlHashFree(ids, NULL);
    xmlUnlinkNode(group);
    xmlFreeNode(group);
}

static bool set(xmlNode *n, const char *name, const char *value)
{
    return n && xmlNewProp(n, (const xmlChar *)name, (const xmlChar *)value);
}

/* Adds a file to the group and to its page. */
static bool add_file(ocrvl_mets *m, xmlNode *group, xmlNs *ns, xmlNs *xlink, const char *id, const char *media_type,
                     size_t page, const ocrvl_mets_file *f)
{
    char size[24];
    xmlNode *div = m->pages[page].div, *last = NULL;
    xmlNode *file = xmlNewChild(group, ns, (const xmlChar *)"file", NULL);
    xmlNode *place = file ? xmlNewChild(file, ns, (const xmlChar *)"FLocat", NULL) : NULL;
    xmlNode *pointer = place ? xmlNewNode(ns, (const xmlChar *)"fptr") : NULL;
    snprintf(size, sizeof size, "%llu", (unsigned long long)f->bytes);
    if (!pointer || !set(file, "ID", id) || !set(file, "MIMETYPE", media_type) || !set(file, "SIZE", size) ||
        !set(file, "CHECKSUM", f->sha256) || !set(file, "CHECKSUMTYPE", "SHA-256") || !set(place, "LOCTYPE", "OTHER") ||
        !set(place, "OTHERLOCTYPE", "FILE") ||
        !xmlNewNsProp(place, xlink, (const xmlChar *)"href", (const xmlChar *)f->href) || !set(pointer, "FILEID", id)) {
        xmlFreeNode(pointer);
        return false;
    }
    for (xmlNode *n = div->children; n; n = n->next) /* the schema wants pointers before further divs */
        last = is(n, "fptr") || is(n, "mptr") ? n : last;
    return (last ? xmlAddNextSibling(last, pointer) : xmlAddChild(div, pointer)) != NULL;
}

static ocrvl_status write_out(const ocrvl_mets *m, ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    xmlChar *text = NULL;
    int len = 0;
    xmlDocDumpMemory(m->doc, &text, &len);
    int e = text ? fn(user, text, (size_t)len) : 0;
    ocrvl_status st = !text ? ocrvl_fail_nomem(err) : e ? ocrvl_fail_errno(err, e, "cannot write") : OCRVL_OK;
    xmlFree(text);
    return st;
}

ocrvl_status ocrvl_mets_write(ocrvl_mets *m, const char *use, const char *media_type, const ocrvl_mets_file *files,
                              ocrvl_write_fn fn, void *user, ocrvl_error *err)
{
    char id[80];
    xmlNode *root = xmlDocGetRootElement(m->doc);
    remove_group(m, use);
    xmlNs *ns = m->files->ns, *xlink = xmlSearchNsByHref(m->doc, root, (const xmlChar *)XLINK_NS);
    if (!xlink)
        xlink = xmlNewNs(root, (const xmlChar *)XLINK_NS, (const xmlChar *)"xlink");
    xmlNode *group = xlink ? xmlNewChild(m->files, ns, (const xmlChar *)"fileGrp", NULL) : NULL;
    bool fine = set(group, "USE", use);
    for (size_t i = 0; i < m->count && fine; i++) {
        snprintf(id, sizeof id, "%.40s_%04zu", use, i + 1);
        if (files[i].href)
            fine = add_file(m, group, ns, xlink, id, media_type, i, &files[i]);
    }
    return fine ? write_out(m, fn, user, err) : ocrvl_fail_nomem(err);
}
