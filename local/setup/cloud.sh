#!/bin/sh
# Makes the AWS emulator of tests/cloud available: MiniStack and the AWS CLI, in a virtual environment in the user's cache. With --all it
# sets up everything else that these tests need first. Without one of these `npm run test:cloud` reports itself as skipped.
# tests/cloud/can-run.ts looks for it in the same place.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/virtual-environment.sh"

if [ "${1:-}" = "--all" ]; then "$here/set-up.sh" --sam || without "cloud" "the set-up before it failed"; fi
install cloud "$here/../../tests/cloud/ministack/requirements.txt"
