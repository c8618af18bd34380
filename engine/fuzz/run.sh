#!/bin/sh
# Fuzzes the engine under AddressSanitizer and UBSan: run.sh [seconds for each target, 60] [targets, all].
# What is found stays in build/fuzz/, as crash-... files; the exit code is 1 then.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-model image decode constraint page}
command -v clang >/dev/null || { echo "fuzzing needs clang: apt-get install clang" >&2; exit 2; }
cmake -S . -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBITOCR_FUZZ=ON >/dev/null
for target in $targets; do
  cmake --build build/fuzz --target "fuzz_$target" >/dev/null
  corpus=build/fuzz/corpus/$target
  mkdir -p "$corpus"
  seeds=
  options="-max_total_time=$seconds -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1"
  if [ "$target" = model ]; then
    seeds="engine/fuzz/seeds/model tests/data/hostile"
    options="$options -max_len=16384 -dict=engine/fuzz/model.dict"
  fi
  case $target in decode | constraint | page) seeds=engine/fuzz/seeds/$target ;; esac
  [ "$target" != page ] || options="$options -max_len=65536"
  echo "fuzz_$target: $seconds seconds"
  # shellcheck disable=SC2086
  build/fuzz/engine/fuzz_"$target" $options -artifact_prefix="build/fuzz/$target-" "$corpus" $seeds 2>&1 |
    tee "build/fuzz/$target.log" | grep -E "ERROR|SUMMARY|runtime error|stat::number_of_executed|DONE" || true
  grep -q "number_of_executed_units" "build/fuzz/$target.log" || exit 1
  ! grep -qE "ERROR: |runtime error" "build/fuzz/$target.log" || exit 1
done
