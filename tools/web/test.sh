#!/bin/sh
# Tests the npm package and the page, which `make web` has built, in node and in Chromium.
set -eu
cd "$(dirname "$0")/../.."

command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null || tools/web/install.sh chromium
cd web
npx --no-install tsc --noEmit
exec node --test --test-concurrency=1 test/*.test.mjs
