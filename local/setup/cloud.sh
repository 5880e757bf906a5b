#!/bin/sh
# Makes the AWS emulator of tests/cloud available: MiniStack and the AWS CLI, in a virtual environment in the user's cache. Without it
# `npm run test:cloud` reports itself as skipped. tests/cloud/can-run.ts looks for it in the same place.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/virtual-environment.sh"

install cloud "$here/../../tests/cloud/ministack/requirements.txt"
