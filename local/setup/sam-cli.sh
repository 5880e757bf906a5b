#!/bin/sh
# Makes the SAM CLI and cfn-lint available, and with --checkov checkov too: a sam on the PATH is taken as it is; else each
# goes into a separate virtual environment in the user's cache. Without them the infrastructure tests that need them
# report themselves as skipped, so what stands in the way is said in one line and is no failure. tests/support/sam.ts looks
# for them in the same places.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/virtual-environment.sh"

command -v sam >/dev/null 2>&1 || install sam "$here/requirements.txt"
if [ "${1:-}" = "--checkov" ]; then install checkov "$here/requirements-checkov.txt"; fi
