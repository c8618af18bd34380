#!/bin/sh
# Builds the engine as modules of WebAssembly: web/engine/bitocr.wasm for every browser, bitocr-simd.wasm for those that
# have vectors, and bitocr-relaxed.wasm for those that have their second generation (relaxed SIMD). What is missing is
# installed with apt-get, on Debian and Ubuntu.
set -eu
cd "$(dirname "$0")/../.."

install_missing() { # packages
    for package; do
        shift
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            set -- "$@" "$package"
    done
    [ $# = 0 ] && return
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Relaxed SIMD takes clang 15, and its numbers of instructions were others before: Debian 12 has 14 and 19.
clang=clang
version=$(clang -dumpversion 2>/dev/null | cut -d. -f1)
if [ "${version:-0}" -lt 15 ]; then
    clang=clang-19 version=19
    install_missing clang-19 lld-19
fi
install_missing cmake ninja-build lld wasi-libc "libclang-rt-$version-dev-wasm32"

build() { # its name; further options of CMake
    name=$1
    shift
    # CMake cannot change the compiler of a folder.
    grep -qs "^CMAKE_C_COMPILER:.*$clang\$" "build/wasm/$name/CMakeCache.txt" || rm -rf "build/wasm/$name"
    cmake -S . -B "build/wasm/$name" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$PWD/tools/ports/wasm32.cmake" \
        -DCMAKE_C_COMPILER="$clang" -DBITOCR_MODULE=ON -DBITOCR_SHARED=OFF -DBITOCR_STATIC=OFF -DBITOCR_PYTHON=OFF -DBITOCR_HOOKS=OFF "$@" >/dev/null
    cmake --build "build/wasm/$name" --target bitocr_module -- --quiet
    cp "build/wasm/$name/engine/bitocr.wasm" "web/engine/$name.wasm"
}

build bitocr
build bitocr-simd -DBITOCR_SIMD=ON
build bitocr-relaxed -DBITOCR_SIMD=ON -DBITOCR_RELAXED_SIMD=ON
ls -l web/engine/*.wasm
