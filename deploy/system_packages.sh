#!/bin/sh
# Debian packages that some tests drive: a browser for the UI tests, gdalinfo as a second reader of our COGs, npm for
# Google's JavaScript client, bubblewrap for the sandbox.
# Installed where we may (root on a Debian machine); elsewhere those tests are skipped and say so.
set -u
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v gdalinfo >/dev/null || missing="$missing gdal-bin"
command -v npm >/dev/null || missing="$missing npm"
command -v bwrap >/dev/null || missing="$missing bubblewrap"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "Not installed:$missing. The tests that need them will be skipped." >&2
