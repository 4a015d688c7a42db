#!/bin/sh
# Install Capflow from its tarball, for you alone (~/.local) or, with PREFIX=/usr/local, for everybody.
#   ./install.sh              install, or install over an older version
#   ./install.sh --uninstall  remove the program; settings and data stay
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
id=io.github.capflow.Capflow
place=$prefix/lib/capflow

remove() {
    rm -rf "$place"
    rm -f "$prefix/bin/capflow" "$prefix/bin/Capflow" "$prefix/share/applications/$id.desktop" \
        "$prefix/share/icons/hicolor/scalable/apps/$id.svg" "$prefix/share/metainfo/$id.metainfo.xml"
}

if [ "${1:-}" = --uninstall ]; then
    remove
    echo "Capflow is removed from $prefix. Your settings and data are where they were."
    exit 0
fi
if [ $# -gt 0 ]; then
    echo "usage: [PREFIX=DIR] $0 [--uninstall]" >&2
    exit 2
fi
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/share/applications" "$prefix/share/icons/hicolor/scalable/apps" \
    "$prefix/share/metainfo"
# The new version is whole before the old one goes.
rm -rf "$place.new"
cp -R "$here/capflow" "$place.new"
remove
mv "$place.new" "$place"
ln -s ../lib/capflow/capflow "$prefix/bin/capflow"
ln -s ../lib/capflow/Capflow "$prefix/bin/Capflow"
# A desktop's menu does not read the shell's PATH.
sed "s|^Exec=Capflow|Exec=\"$prefix/bin/Capflow\"|" "$here/$id.desktop" >"$prefix/share/applications/$id.desktop"
cp "$here/$id.svg" "$prefix/share/icons/hicolor/scalable/apps/"
cp "$here/$id.metainfo.xml" "$prefix/share/metainfo/"
"$prefix/bin/capflow" --version
echo "Capflow is installed. Start it from the menu, or with $prefix/bin/Capflow"
