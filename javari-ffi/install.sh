#!/usr/bin/env bash
# Builds the C library through cargo and installs it: install.sh PREFIX
# Headers, shared and static library, pkg-config file and CMake package; Linux.
# JAVARI_PROFILE=dev builds without optimisation; CARGO_TARGET_DIR is where cargo builds.
# JAVARI_FEATURES adds cargo features, such as panic-test for the tests.
set -euo pipefail

[ $# = 1 ] || { echo "usage: install.sh PREFIX" >&2; exit 2; }
[ "$(uname -s)" = Linux ] || { echo "install.sh installs on Linux alone" >&2; exit 1; }
folder=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
target=${CARGO_TARGET_DIR:-$folder/../target}
case ${JAVARI_PROFILE:-release} in
  release) profile=release built=release ;;
  dev) profile=dev built=debug ;;
  *) echo "JAVARI_PROFILE is release or dev" >&2; exit 2 ;;
esac

(cd "$folder" && cargo build --locked --quiet --lib --profile "$profile" \
  --features "${JAVARI_FEATURES:-}" --package javari-ffi)
version=$(cd "$folder" && cargo pkgid --package javari-ffi | sed 's/.*[#@]//')

mkdir -p "$prefix"/{include,lib/pkgconfig,lib/cmake/javari}
# A program that runs keeps the library it has: a new file takes the old one's place.
install -m 644 "$folder"/include/*.h "$folder"/include/*.hpp "$prefix/include/"
install -m 755 "$target/$built/libjavari.so" "$prefix/lib/libjavari.so.0"
ln -sf libjavari.so.0 "$prefix/lib/libjavari.so"
install -m 644 "$target/$built/libjavari.a" "$prefix/lib/libjavari.a"
sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|" "$folder/javari.pc.in" \
  > "$prefix/lib/pkgconfig/javari.pc"
sed "s|@VERSION@|$version|" "$folder/javariConfig.cmake.in" \
  > "$prefix/lib/cmake/javari/javariConfig.cmake"
cat > "$prefix/lib/cmake/javari/javariConfigVersion.cmake" <<END
set(PACKAGE_VERSION "$version")
if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION OR NOT PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
END
