#!/bin/sh
# Builds without FFmpeg or curl (make VIDEO=0 URL=0), and FFmpeg's libraries missing: what is said of input that can't be read, and that
# the rest is read.
. tests/cli/lib.sh
export OCRVL_MODEL="$nano"
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
needs() { readelf -d "$top/$OCRVL_BUILD/libocrvl-formats.so" | grep -q "NEEDED.*$1"; }

printf '\0\0\0\030ftypmp42\0\0\0\0mp42isom' >film.mp4
case " $OCRVL_WITHOUT " in
*source_video*)
    expect 'a video' 3 '' "ocrvl: film.mp4: not a PDF, *
ocrvl: film.mp4: videos can't be read: this ocrvl was built without FFmpeg" ask -m "$tiny" 'What is shown?' film.mp4
    ;;
*)
    libraries=$(grep -aoE 'lib(avformat|swscale)\.so\.[0-9]+' "$OCRVL" | sort -u)
    mkdir broken && (cd broken && touch $libraries)
    export LD_LIBRARY_PATH="$tmp/broken"
    expect 'a video without its libraries' 3 '' "ocrvl: film.mp4: not a PDF, *
ocrvl: film.mp4: videos can't be read: FFmpeg's libraries, $(echo $libraries | sed 's/ / and /'), can't be loaded" \
        ask -m "$tiny" 'What is shown?' film.mp4
    unset LD_LIBRARY_PATH
    ;;
esac
! needs 'libav\|libsw'
pass 'FFmpeg is not needed until a video is opened'
case " $OCRVL_WITHOUT " in
*source_url*)
    for scheme in http https; do
        expect "$scheme:" 3 '' "ocrvl: $scheme://localhost/a.png: http: and https: can't be read: this ocrvl was built without curl" \
            read $scheme://localhost/a.png
    done
    expect 'pull' 3 '' 'ocrvl: Owner/Name: the list of files: nothing can be fetched: this ocrvl was built without curl' pull Owner/Name
    ! needs libcurl
    pass 'curl is not needed'
    ;;
*) skip 'http:' 'this build has curl' ;;
esac
expect 'data: needs neither' 0 '' '*' raster -f pnm -o page.pnm data:,P1%0A2%202%0A0110
[ "$rc" -eq 0 ] && [ "$(head -c 2 page.pnm)" = P5 ]
pass 'and is read'
finish
