#!/bin/sh
# Makes the SAM CLI and cfn-lint available, and with --checkov checkov too: a sam on the PATH is taken as it is; else each
# goes into a virtual environment of its own in the user's cache. Without them the infrastructure tests that need them
# report themselves as skipped, so what stands in the way is said in one line and is no failure. tests/support/sam.ts looks
# for them in the same places.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/book-reviews-local

without() {
  echo "set-up: no $1, the tests that need it will be skipped: $2" >&2
}
# Debian keeps ensurepip in a package of its own.
can_make_environments() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; }

# install NAME REQUIREMENTS: the copy of the requirements is written last, so an environment that has it is whole and current.
install() {
  environment=$cache/$1
  if cmp -s "$2" "$environment/requirements.txt"; then return; fi
  if ! can_make_environments && [ "$(id -u)" = "0" ] && command -v apt-get >/dev/null 2>&1; then
    echo "set-up: installing python3-venv" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >&2 || true
  fi
  if ! can_make_environments; then
    without "$1" "it needs python3 3.9 or later with venv and pip"
    return
  fi
  echo "set-up: installing $1 into $environment (about a minute)" >&2
  rm -rf "$environment"
  mkdir -p "$cache"
  if ! python3 -m venv "$environment" >&2 ||
    ! "$environment/bin/pip" install --quiet --disable-pip-version-check --no-input -r "$2" >&2; then
    rm -rf "$environment"
    without "$1" "pip could not install what $2 names"
    return
  fi
  cp "$2" "$environment/requirements.txt"
}

command -v sam >/dev/null 2>&1 || install sam "$here/requirements.txt"
if [ "${1:-}" = "--checkov" ]; then install checkov "$here/requirements-checkov.txt"; fi
