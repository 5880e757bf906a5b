# Sourced by the scripts that install Python programs. Each program gets a virtual environment in the user's cache.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/book-reviews-local

without() {
  echo "set-up: no $1, the tests that need it will be skipped: $2" >&2
}
# Debian has ensurepip in a separate package.
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
