#!/bin/sh
# Unpacks Debian's PHP with its SOAP client, and xmllint, with whatever they depend on that this machine lacks, below a folder, and
# nothing is installed: no root is needed. What to run is then bin/php and bin/xmllint in the folder.
# Usage: debian.sh FOLDER
set -eu
tools=$(mkdir -p "$1" && cd "$1" && pwd)
root=$tools/debian bin=$tools/bin
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/archives/partial" "$bin"

# apt has package lists of its own here: the machine's may be missing, or too old to name files that are still there.
apt() {
	command=$1
	shift
	apt-get "$command" -qq -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state" -o APT::Sandbox::User=root "$@"
}
apt update
packages=$(apt install --simulate --no-install-recommends php-cli php-soap libxml2-utils | sed -n 's/^Inst \([^ ]*\).*/\1/p')
rm -rf "$root"
mkdir "$root"
(cd "$state" && apt download $packages >/dev/null && for deb in ./*.deb; do dpkg -x "$deb" "$root"; done)

# found gives the first file of a pattern: unpacked here, or else the machine's own.
found() {
	for file in "$root"/$1 /$1; do
		if [ -e "$file" ]; then
			echo "$file"
			return
		fi
	done
}
libraries=$(find "$root" -name '*.so.*' -exec dirname {} + | sort -u | paste -sd :)
wrap() {
	printf '#!/bin/sh\nexec env LD_LIBRARY_PATH="%s" %s "$@"\n' "$libraries" "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}
wrap xmllint "'$(found 'usr/bin/xmllint')'"
wrap php "'$(found 'usr/bin/php[0-9]*')' -n -d extension='$(found 'usr/lib/php/*/soap.so')'"
