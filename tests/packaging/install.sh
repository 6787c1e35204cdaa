#!/bin/sh
# make install: what pkg-config says of the libraries, programs built by it, what the libraries need and show, and make uninstall.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
variant=$(basename "$OCRVL_BUILD")
variant=${variant%%-*}
case $variant in
san) sanitize=-fsanitize=address,undefined ;;
*) sanitize= ;;
esac
version=$(sed -n 's/^#define OCRVL_VERSION_STRING "\(.*\)"/\1/p' libocrvl/ocrvl.h)
root=$tmp/root
make_() { make --no-print-directory VARIANT="$variant" BUILD="$OCRVL_BUILD" DESTDIR="$root" "$@" >"$tmp/log" 2>&1; }

make_ install
pass 'make install' || sed 's/^/# /' "$tmp/log"
bin=$(find "$root" -name bin -type d)
prefix=${bin%/bin}
lib=$prefix/lib
(cd "$tmp" && "$bin/ocrvl" read -q one.pnm >installed.txt && "$OCRVL" read -q one.pnm | cmp -s - installed.txt)
pass 'the installed program finds its model'

# What was installed below $root is named without it.
for pc in libocrvl libocrvl-formats; do
    [ "$(sed -n 's/^prefix=//p' "$lib/pkgconfig/$pc.pc")" = "${prefix#"$root"}" ] && ! grep -q @ "$lib/pkgconfig/$pc.pc" &&
        sed -i "s|^prefix=|prefix=$root|" "$lib/pkgconfig/$pc.pc"
    pass "$pc.pc has every place filled in"
done
export PKG_CONFIG_PATH="$lib/pkgconfig" LD_LIBRARY_PATH="$lib"
for l in libocrvl libocrvl-formats; do
    [ "$(pkg-config --modversion $l)" = "$version" ] && [ "$(readelf -d "$lib/$l.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = $l.so.0 ] &&
        [ "$(readlink -f "$lib/$l.so.0")" = "$(readlink -f "$lib/$l.so.$version")" ]
    pass "$l $version, as $l.so.0"
done

# needs LIBRARY: the shared libraries that it names itself.
needs() { readelf -d "$lib/$1.so" | sed -n 's/.*NEEDED.*\[lib\([^.]*\)\.so.*/\1/p' | sort | tr '\n' ' '; }
[ -z "$(needs libocrvl | tr ' ' '\n' | grep -vxE 'lept(onica)?|icu(uc|i18n|data)|openblas|jansson|crypto|m|c|pthread|asan|ubsan|gcc_s|')" ]
pass 'libocrvl needs Leptonica, ICU, OpenBLAS, jansson and libcrypto' || echo "# $(needs libocrvl)"
case " $(needs libocrvl-formats)" in *' ocrvl '*) case " $(needs libocrvl-formats)" in *lept* | *icu* | *blas*) false ;; esac ;; *) false ;; esac
pass 'libocrvl-formats needs libocrvl, and not what that needs' || echo "# $(needs libocrvl-formats)"

# Programs of others.
cat >"$tmp/version.c" <<'C'
#include <ocrvl.h>
#include <stdio.h>
int main(void)
{
    ocrvl_image *img = NULL;
    ocrvl_error err;
    if (ocrvl_image_new(&img, 2, 2, 1, 0, 0, 0, &err))
        return 1;
    ocrvl_image_free(img);
    return puts(ocrvl_version()) < 0;
}
C
# build COMPILER LANGUAGE SOURCE OUT LIBRARY: with what pkg-config says and nothing more.
build() {
    # shellcheck disable=SC2046,SC2086 # words they are
    $1 -x $2 "$3" -x none -Wall -Wextra -Werror $sanitize -o "$4" $(pkg-config --cflags --libs $5) 2>"$tmp/log"
}
build "${CC:-cc}" c "$tmp/version.c" "$tmp/version" libocrvl && [ "$("$tmp/version")" = "$version" ]
pass 'a program with libocrvl alone' || sed 's/^/# /' "$tmp/log"
for language in c c++; do
    case $language in c) compiler=${CC:-cc} ;; *) compiler=${CXX:-c++} ;; esac
    build "$compiler" $language examples/read.c "$bin/read-$language" libocrvl-formats &&
        "$bin/read-$language" "" "$tmp/one.pnm" >"$tmp/out" && cmp -s "$tmp/out" "$tmp/installed.txt"
    pass "a program in $language with libocrvl-formats, and the model that is installed" || sed 's/^/# /' "$tmp/log"
done
(cd "$tmp" && ./version && cp "$bin/read-c" elsewhere && ./elsewhere "" one.pnm) >"$tmp/out" 2>"$tmp/err"
[ $? -eq 1 ] && like "$tmp/err" "*nano is not installed in ${prefix#"$root"}/share/ocrvl/nano"
pass 'elsewhere than beside it the program looks where it was to be installed'
# shellcheck disable=SC2046,SC2086 # words they are
${CC:-cc} $sanitize examples/read.c -o "$tmp/static" $(pkg-config --cflags libocrvl-formats) "$lib/libocrvl-formats.a" "$lib/libocrvl.a" \
    $(pkg-config --libs $(pkg-config --print-requires-private libocrvl-formats libocrvl | sort -u)) $(sed -n "s/^Libs.private: //p" "$lib/pkgconfig/libocrvl-formats.pc") 2>"$tmp/log" &&
    (unset LD_LIBRARY_PATH && "$tmp/static" "$nano" "$tmp/one.pnm" >"$tmp/out") && cmp -s "$tmp/out" "$tmp/installed.txt"
pass 'the same without the shared libraries' || sed 's/^/# /' "$tmp/log"
rm -f "$bin"/read-*

make_ uninstall
[ -z "$(find "$root" ! -type d)" ]
pass 'make uninstall leaves nothing' || find "$root" ! -type d | sed 's/^/# /'
finish
