#!/bin/sh
# Builds the npm package (web/dist), the page (web/dist-demo), and the page's files that `bitocr serve` shows. What is
# missing is installed with apt-get, on Debian and Ubuntu, and with npm.
set -eu
cd "$(dirname "$0")/../.."

command -v npm >/dev/null || tools/web/install.sh nodejs npm
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
    echo "make web takes Node.js 20 or newer, and this is $(node --version)" >&2
    exit 1
fi
if ! [ web/node_modules/.package-lock.json -nt web/package-lock.json ]; then
    npm ci --prefix web --no-audit --no-fund --ignore-scripts --loglevel=error
fi
node web/tools/build.mjs
