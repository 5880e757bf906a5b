#!/bin/sh
# Makes sure that a MySQL server image is there: the one that MYSQL_IMAGE names, or the official mysql:8.4 where it can be
# pulled, or one built from Debian's MySQL packages. local/database/image.ts looks for them in the same order.
set -eu

official=mysql:8.4
# The name says what it is: Debian's own MySQL server, not the official image.
built=book-reviews-local/debian-mysql:9.7
here=$(cd "$(dirname "$0")" && pwd)

has() { docker image inspect "$1" >/dev/null 2>&1; }
if [ -n "${MYSQL_IMAGE:-}" ]; then
  has "$MYSQL_IMAGE" || docker pull "$MYSQL_IMAGE" >&2
  exit 0
fi
if has "$official" || has "$built"; then exit 0; fi
if docker pull -q "$official" >/dev/null 2>&1; then exit 0; fi

echo "set-up: $official cannot be pulled; building $built from Debian packages (about a minute)" >&2
if [ "$(id -u)" != "0" ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "set-up: that takes root on a Debian system. Elsewhere set MYSQL_IMAGE to a MySQL 8.0 or later image that can be pulled." >&2
  exit 1
fi
if ! command -v debootstrap >/dev/null 2>&1; then
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >&2
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Debian carries the MySQL server in sid only.
if ! debootstrap --variant=minbase --include=mysql-server-core,mysql-client-core sid "$root" >"$root.log" 2>&1; then
  tail -5 "$root.log" >&2
  echo "set-up: debootstrap failed; the whole log is $root.log" >&2
  exit 1
fi
rm -f "$root.log"
chroot "$root" groupadd --system mysql
chroot "$root" useradd --system --gid mysql --home-dir /var/lib/mysql --shell /usr/sbin/nologin mysql
install -m 755 "$here/mysql-entrypoint.sh" "$root/usr/local/bin/mysql-entrypoint.sh"
for directory in /var/lib/mysql /var/lib/mysql-files /run/mysqld; do
  mkdir -p "$root$directory"
  chroot "$root" chown mysql:mysql "$directory"
done
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
tar -C "$root" -c . | docker import \
  --change 'ENTRYPOINT ["/usr/local/bin/mysql-entrypoint.sh"]' --change 'CMD ["mysqld"]' --change 'EXPOSE 3306' - "$built" >/dev/null
