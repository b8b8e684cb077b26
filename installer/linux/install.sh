#!/bin/sh
# Installs this folder for one user, without root: program, menu entry, icons, file types. `install.sh --help` says more.
# Nothing is fetched. What was installed is listed in the program's folder, and `uninstall` there removes exactly that.
set -eu
umask 022
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${HOME:?}/.local

usage() {
    echo "usage: install.sh [--prefix FOLDER]   installs into FOLDER (default: ~/.local)"
    echo "       install.sh --uninstall [--prefix FOLDER]   removes it; pages, models and settings stay"
}

uninstall=no
case $0 in uninstall | */uninstall) uninstall=yes; prefix=$(CDPATH='' cd -- "$here/../.." && pwd) ;; esac
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:?--prefix needs a folder}; shift ;;
        --uninstall) uninstall=yes ;;
        -h|--help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
case $prefix in /*) ;; *) prefix=$(pwd)/$prefix ;; esac
case $prefix in *[[:cntrl:]]*) echo "A menu entry cannot name a folder with control characters in it." >&2; exit 2 ;; esac
home=$prefix/lib/inkfall
list=$home/installed.txt

refresh() {  # what desktops keep about menus and file types; each of these may be absent
    if command -v update-mime-database >/dev/null 2>&1; then update-mime-database "$prefix/share/mime" || true; fi
    if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database -q "$prefix/share/applications" || true; fi
    if command -v gtk-update-icon-cache >/dev/null 2>&1; then gtk-update-icon-cache -q -t -f "$prefix/share/icons/hicolor" || true; fi
}

remove() {
    [ -f "$list" ] || return 0
    while IFS= read -r file; do rm -f -- "$prefix/$file"; done < "$list"
    rm -rf -- "$home"
}

if [ "$uninstall" = yes ]; then
    [ -f "$list" ] || { printf '%s\n' "Inkfall is not installed in $prefix." >&2; exit 1; }
    remove
    refresh
    printf '%s\n' "Inkfall was removed from $prefix; pages, models and settings are untouched."
    exit 0
fi

remove  # an older one
mkdir -p "$prefix/lib" "$prefix/bin" "$prefix/share"
rm -rf -- "$home.new"
mkdir "$home.new"
cp -a "$here/inkfall" "$here/_internal" "$here/install.sh" "$home.new/"
(cd "$here/share" && find . -type f | sed 's|^\./|share/|') > "$home.new/installed.txt"
echo bin/inkfall >> "$home.new/installed.txt"
mv "$home.new" "$home"
cp -a "$here/share/." "$prefix/share/"
# The folder of the command may not be on the PATH of the desktop: the menu entry names the program in full, quoted as
# entries quote: nothing in the name of a folder is run, or stands for something else.
program=$(printf '%s' "$home/inkfall" | sed -e 's/\\/\\\\\\\\/g' -e 's/["`$]/\\\\&/g' -e 's/%/%%/g')
program=$program awk '/^Exec=/ { print "Exec=\"" ENVIRON["program"] "\" %F"; next } { print }' \
    "$here/share/applications/inkfall.desktop" > "$prefix/share/applications/inkfall.desktop"
ln -sf ../lib/inkfall/inkfall "$prefix/bin/inkfall"
ln -s install.sh "$home/uninstall"
refresh
printf '%s\n' "Inkfall is installed: in the menu, and as $prefix/bin/inkfall. $home/uninstall removes it."
