#!/bin/sh
# Makes sure that an image of Lambda's Node 24 runtime is there, for `sam local invoke`: the one that LAMBDA_IMAGE names, or
# Amazon's where it can be pulled, or one built from Debian's and npm's packages. local/sam/lambda-image.ts looks for them in
# the same order. Without one `npm run test:sam` reports itself as skipped, so what stands in the way is said, and is no failure.
set -eu
cd "$(dirname "$0")/../.."

case "$(uname -m)" in
  x86_64 | amd64) architecture=x86_64 ;;
  *) architecture=arm64 ;;
esac
official=public.ecr.aws/lambda/nodejs:24-$architecture
# The name says what it is: Lambda's own runtime interface client on Debian, not Amazon's image. SAM takes it by --invoke-image.
built=book-reviews-local/lambda-nodejs:24

has() { docker image inspect "$1" >/dev/null 2>&1; }
without() {
  echo "set-up: no image of Lambda's runtime, the tests of sam local invoke will be skipped: $1" >&2
  exit 0
}
if [ -n "${LAMBDA_IMAGE:-}" ]; then
  has "$LAMBDA_IMAGE" || docker pull "$LAMBDA_IMAGE" >&2
  exit 0
fi
if has "$built" || has "$official"; then exit 0; fi
if docker pull -q "$official" >/dev/null 2>&1; then exit 0; fi

if [ "$(id -u)" != "0" ] || ! command -v apt-get >/dev/null 2>&1; then
  without "$official cannot be pulled, and to build one takes root on a Debian system. LAMBDA_IMAGE may name another."
fi
echo "set-up: $official cannot be pulled; building $built from Debian and npm packages (two minutes or more)" >&2
if ! command -v debootstrap >/dev/null 2>&1; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap; } >&2
fi

work=$(mktemp -d)
log=$(mktemp)
trap 'rm -rf "$work"' EXIT
run() {
  if "$@" >>"$log" 2>&1; then return; fi
  tail -5 "$log" >&2
  without "$1 failed; the whole log is $log"
}
# Bookworm's C library is about as old as that of Lambda's own images.
bootstrap() { run debootstrap --variant=minbase --cache-dir="$work/packages" ${2:+--include="$2"} bookworm "$1"; }
mkdir "$work/packages"

# Native code is compiled in a separate root: against the C library that it will run with, and without a
# compiler on this machine.
builder=$work/builder
bootstrap "$builder" g++,make,cmake,libnode-dev,xz-utils
mkdir "$builder/ric"
run npm install --prefix "$builder/ric" --ignore-scripts --no-save --no-package-lock aws-lambda-ric@4.0.2
# The package's own install script calls node-gyp, which downloads headers. The client uses Node-API only, whose headers are
# the same in every Node since 18, so Debian's do, and one call of the compiler.
cat >"$builder/ric/compile.sh" <<'COMPILE'
set -eu
cd /ric/node_modules/aws-lambda-ric
scripts/preinstall.sh
g++ -std=c++17 -O2 -fPIC -shared -DNAPI_CPP_EXCEPTIONS -DNODE_GYP_MODULE_NAME=rapid-client -DBUILDING_NODE_EXTENSION \
  -I/usr/include/node -I../node-addon-api -Ideps/artifacts/include src/native/rapid-client.cc \
  deps/artifacts/lib/libaws-lambda-runtime.a deps/artifacts/lib/libcurl.a -pthread -o rapid-client.node
COMPILE
run chroot "$builder" sh /ric/compile.sh

root=$work/root
bootstrap "$root" ""
runtime=$root/var/runtime/node_modules
mkdir -p "$root/var/lang/bin" "$root/var/task" "$runtime/aws-lambda-ric" "$runtime/@aws"
cp "$(readlink -f node_modules/.bin/node)" "$root/var/lang/bin/node"
(cd "$builder/ric/node_modules/aws-lambda-ric" && cp index.mjs rapid-client.node package.json LICENSE NOTICE "$runtime/aws-lambda-ric")
cp -R "$builder/ric/node_modules/@aws/lambda-invoke-store" "$runtime/@aws"
cat >"$root/var/runtime/bootstrap" <<'BOOTSTRAP'
#!/bin/sh
exec /var/lang/bin/node /var/runtime/node_modules/aws-lambda-ric/index.mjs "$_HANDLER"
BOOTSTRAP
chmod 755 "$root/var/runtime/bootstrap"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*

tar -C "$root" -c . | docker import --change 'WORKDIR /var/task' --change 'ENV LAMBDA_TASK_ROOT=/var/task' \
  --change 'ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin' \
  --change 'LABEL book-reviews-local.origin="Debian bookworm, Node 24 and aws-lambda-ric from npm; not by Amazon"' - "$built" >/dev/null
rm -f "$log"
# SAM adds its emulator in another image next to this one, and keeps using that as long as it is there.
docker image rm "${built%:*}:rapid-$architecture" >/dev/null 2>&1 || true
