#!/bin/sh
# Makes sure that a headless Chromium is on the PATH, for the tests that look at the daily summary's page in a browser. On Debian
# as root it installs one; elsewhere it says in a line that those tests are skipped, and that is no failure.
set -eu

if command -v chromium >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" != "0" ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "set-up: no chromium on the PATH; the tests of the daily summary's page in a browser are skipped" >&2
  exit 0
fi
echo "set-up: installing Chromium" >&2
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >&2
