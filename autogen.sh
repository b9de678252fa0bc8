#!/bin/sh
# autogen.sh - makes ./configure from configure.ac; run once after a clone.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --warnings=all
