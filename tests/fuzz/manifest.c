/* Any bytes as a IIIF manifest, or as a METS file, whose pages are listed, and which is written with a file more for
 * each page. */
#define FUZZ_CHANGES 60
#include "fuzz/fuzz.h"

#include <strings.h>
#include <unistd.h>

#include "ocrvl_formats.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED(
        "{\"@context\":\"http://iiif.io/api/presentation/3/context.json\",\"type\":\"Manifest\",\"items\":[{\"type\":"
        "\"Canvas\",\"items\":[{\"items\":[{\"body\":{\"id\":\"https://example.org/a.jpg\",\"service\":[{\"id\":"
        "\"https://example.org/iiif/a\",\"type\":\"ImageService3\",\"profile\":\"level2\"}]}}]}]},{\"type\":"
        "\"Canvas\"}]}"),
    FUZZ_SEED(
        "{\"@context\":\"http://iiif.io/api/presentation/2/context.json\",\"sequences\":[{\"canvases\":[{\"images\":[{"
        "\"resource\":{\"@id\":\"http://example.org/b.jpg\",\"service\":{\"@id\":\"http://example.org/b\",\"profile\":"
        "[\"http://iiif.io/api/image/2/level1.json\",{\"maxWidth\":900}]}}}]},{\"images\":[{\"resource\":{\"default\":"
        "{\"@id\":\"http://example.org/c.jpg\"}}}]}]}]}"),
    FUZZ_SEED(
        "<?xml version='1.0'?><mets:mets xmlns:mets='http://www.loc.gov/METS/' "
        "xmlns:xlink='http://www.w3.org/1999/xlink'>"
        "<mets:fileSec><mets:fileGrp USE='IMG'><mets:file ID='F1' MIMETYPE='image/png'><mets:FLocat LOCTYPE='URL' "
        "xlink:href='a%20b.png'/></mets:file><mets:file ID='F2'><mets:FLocat xlink:href='file:///x/c.tif'/></mets:file>"
        "</mets:fileGrp></mets:fileSec><mets:structMap TYPE='PHYSICAL'><mets:div TYPE='physSequence'><mets:div ID='P1' "
        "ORDER='1'><mets:fptr FILEID='F1'/></mets:div><mets:div ID='P2' ORDER='2'><mets:fptr FILEID='F2'/></mets:div>"
        "</mets:div></mets:structMap></mets:mets>"),
    {0}};

static char path[] = "/dev/shm/ocrvl-fuzz-XXXXXX";

static void end(void) { unlink(path); }

static void read_iiif(void)
{
    ocrvl_iiif *m;
    ocrvl_error err;
    ocrvl_status st = ocrvl_iiif_open(&m, path, NULL, &err);
    fuzz_check(st, &err);
    if (st)
        return;
    must(ocrvl_iiif_count(m) > 0);
    for (size_t i = 0; i < ocrvl_iiif_count(m); i++) {
        const char *url = ocrvl_iiif_image(m, i);
        must(!url || strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0);
    }
    ocrvl_iiif_free(m);
}

static void read_mets(void)
{
    ocrvl_mets *m;
    ocrvl_error err;
    ocrvl_status st = ocrvl_mets_open(&m, path, NULL, &err);
    fuzz_check(st, &err);
    if (st)
        return;
    size_t n = ocrvl_mets_count(m);
    must(n > 0);
    ocrvl_mets_file *files = calloc(n, sizeof *files);
    must(files);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        any |= ocrvl_mets_image(m, i) != NULL;
        files[i] = (ocrvl_mets_file){.href = "text/a%20b.xml", .bytes = 7, .sha256 = "00"};
    }
    must(any && !ocrvl_mets_image(m, n));
    fuzz_check(ocrvl_mets_write(m, "FULLTEXT", "application/alto+xml", files, fuzz_nowhere, NULL, &err), &err);
    free(files);
    ocrvl_mets_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0) {
        fd = mkstemp(path);
        must(fd >= 0 && atexit(end) == 0);
    }
    must(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    (void)ocrvl_mets_knows(data, size);
    if (ocrvl_iiif_knows(data, size))
        read_iiif();
    else
        read_mets();
    return 0;
}
