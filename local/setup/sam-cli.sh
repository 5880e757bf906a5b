#!/bin/sh
# Makes the SAM CLI and cfn-lint available: a sam on the PATH is taken as it is; else both go into a virtual environment in
# the user's cache. Without them the infrastructure tests that need them report themselves as skipped, so what stands in
# the way is said in one line and is no failure. tests/support/sam.ts looks for them in the same places.
set -eu

requirements=$(cd "$(dirname "$0")" && pwd)/requirements.txt
environment=${XDG_CACHE_HOME:-$HOME/.cache}/book-reviews-local/sam

if command -v sam >/dev/null 2>&1; then exit 0; fi
# The copy of the requirements is written last: an environment that has it is whole and of these versions.
if cmp -s "$requirements" "$environment/requirements.txt"; then exit 0; fi

without() {
  echo "set-up: no SAM CLI, the tests that need it will be skipped: $1" >&2
  exit 0
}
# Debian keeps ensurepip in a package of its own.
can_make_environments() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; }

if ! can_make_environments && [ "$(id -u)" = "0" ] && command -v apt-get >/dev/null 2>&1; then
  echo "set-up: installing python3-venv" >&2
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >&2; then
    without "apt-get could not install python3-venv"
  fi
fi
can_make_environments || without "it needs python3 3.9 or later with venv and pip, or a sam on the PATH"

echo "set-up: installing the SAM CLI and cfn-lint into $environment (about a minute)" >&2
rm -rf "$environment"
mkdir -p "$(dirname "$environment")"
if ! python3 -m venv "$environment" >&2 ||
  ! "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input -r "$requirements" >&2; then
  rm -rf "$environment"
  without "pip could not install what $requirements names"
fi
cp "$requirements" "$environment/requirements.txt"
