#!/bin/sh
# Inkfall @VERSION@: unpacks itself and installs for this user, without root and without a network. --help says more.
set -eu
case ${1:-} in
    --extract)
        mkdir -p "${2:?--extract needs a folder}"
        tail -n +@LINES@ "$0" | tar -xJ -C "$2"
        exit 0 ;;
    -h|--help) echo "usage: $0 [--extract FOLDER | --prefix FOLDER | --uninstall]" ;;
esac
folder=$(mktemp -d "${TMPDIR:-/tmp}/inkfall-XXXXXX")
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 1' HUP INT TERM
tail -n +@LINES@ "$0" | tar -xJ -C "$folder"
"$folder/@FOLDER@/install.sh" "$@"
exit 0
