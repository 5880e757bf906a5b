#!/bin/sh
# Makes sure that a Docker engine answers. On Debian and Ubuntu as root it installs and starts one; elsewhere it says what to do.
set -eu

answers() { docker info >/dev/null 2>&1; }
if answers; then exit 0; fi

if [ "$(uname -s)" != "Linux" ]; then
  echo "set-up: no Docker engine answers. Install and start Docker Desktop (or Colima, or OrbStack), then run this again." >&2
  exit 1
fi
if [ "$(id -u)" != "0" ]; then
  echo "set-up: no Docker engine answers. Start it ('sudo systemctl start docker'; to install it on Debian or Ubuntu:" >&2
  echo "set-up: 'sudo apt-get install docker.io iptables'), and let this user reach it ('sudo usermod -aG docker $(id -un)', then log in again)." >&2
  exit 1
fi
if ! command -v dockerd >/dev/null 2>&1; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "set-up: no Docker engine, and this is not a Debian system. Install Docker with this system's packages, then run this again." >&2
    exit 1
  fi
  echo "set-up: installing the Docker engine (docker.io, iptables)" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io iptables >&2
fi

echo "set-up: starting the Docker engine" >&2
if [ -d /run/systemd/system ]; then
  systemctl start docker
else
  # Without an init system the engine is started as the init script would: a service of the machine, in a session of its
  # own, so that Ctrl-C in this terminal does not reach it. Published ports go through the kernel alone: the engine's proxy
  # would copy each byte once more.
  setsid dockerd --userland-proxy=false >/var/log/dockerd.log 2>&1 </dev/null &
fi
tries=0
until answers; do
  tries=$((tries + 1))
  if [ "$tries" -gt 60 ]; then
    echo "set-up: the Docker engine did not answer within 60 s; its log is /var/log/dockerd.log or 'journalctl -u docker'." >&2
    exit 1
  fi
  sleep 1
done
