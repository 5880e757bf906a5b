#!/bin/sh
# Entry point of the MySQL image built from Debian packages. It keeps to what the official image promises and the project
# uses: MYSQL_ROOT_PASSWORD, MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD count at the first start, and the container's
# arguments go to mysqld.
set -eu

if [ "${1:-mysqld}" != "mysqld" ] && [ "${1#-}" = "$1" ]; then exec "$@"; fi
if [ "${1:-}" = "mysqld" ]; then shift; fi

quoted() { printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g"; }
data=/var/lib/mysql
if [ ! -d "$data/mysql" ]; then
  chown mysql:mysql "$data"
  init=$(mktemp)
  {
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(quoted "${MYSQL_ROOT_PASSWORD:?}")';"
    echo "CREATE USER 'root'@'%' IDENTIFIED BY '$(quoted "$MYSQL_ROOT_PASSWORD")';"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    if [ -n "${MYSQL_DATABASE:-}" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;"; fi
    if [ -n "${MYSQL_USER:-}" ]; then
      echo "CREATE USER '$(quoted "$MYSQL_USER")'@'%' IDENTIFIED BY '$(quoted "${MYSQL_PASSWORD:?}")';"
      if [ -n "${MYSQL_DATABASE:-}" ]; then echo "GRANT ALL ON \`$MYSQL_DATABASE\`.* TO '$(quoted "$MYSQL_USER")'@'%';"; fi
    fi
  } >"$init"
  chown mysql:mysql "$init"
  mysqld --initialize-insecure --user=mysql --datadir="$data" --init-file="$init"
  rm -f "$init"
fi
exec mysqld --user=mysql --datadir="$data" "$@"
