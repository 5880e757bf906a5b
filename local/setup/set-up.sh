#!/bin/sh
# Brings a machine to the point where the local Regions can start: npm dependencies, a Docker engine, a MySQL image and, with
# --sam, the SAM CLI and an image of Lambda's runtime. Each step looks first and costs well under a second when there is nothing to do.
set -eu
cd "$(dirname "$0")/../.."

# The lockfile that npm wrote into node_modules is older than the project's own exactly when something changed since.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "set-up: npm dependencies" >&2
  # Engine warnings are noise here: the project brings its own Node 24 among these very dependencies.
  npm ci --no-progress --loglevel=error >&2
  # Fixes of development dependencies; patches/README.md gives the reasons.
  node_modules/.bin/patch-package --error-on-fail >&2
  touch node_modules/.package-lock.json
fi

local/setup/docker-engine.sh
local/setup/mysql-image.sh
if [ "${1:-}" = "--sam" ]; then
  local/setup/sam-cli.sh
  local/setup/lambda-image.sh
fi
