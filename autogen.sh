#!/bin/sh
# autogen.sh - makes ./configure from configure.ac; run once after a clone.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux
autoreconf --install --warnings=all
# Autoconf clears away core dumps; here `core` is the folder with the source.
sed 's/rm -f core /rm -f /' configure >configure.tmp
cat configure.tmp >configure
rm -f configure.tmp
