#!/bin/sh
# A stand-in for a real installer: installs a client that only writes down what it would do. Everything goes below
# BOOTSTRAP_PREFIX, so this can run anywhere, by anybody.
set -eu
: "${BOOTSTRAP_PREFIX:?run this by examples/bootstrap.ts --installer ... --prefix DIRECTORY}"
client=$BOOTSTRAP_PREFIX/opt/demo/bin/demo-client
state=$BOOTSTRAP_PREFIX/var/lib/demo

echo "Installing demo-client ${BOOTSTRAP_VERSION:-1.0.0} below $BOOTSTRAP_PREFIX"
mkdir -p "${client%/*}" "$state"
cat > "$client" <<'CLIENT'
#!/bin/sh
# demo-client CONFIG_DIRECTORY STATE_DIRECTORY: "converges" what first-boot.json lists.
set -eu
name=$(sed -n "s/^node_name *'\(.*\)'\$/\1/p" "$1/client.rb")
items=$(sed -n 's/^ *"\(.*\)",\{0,1\}$/\1/p' "$1/first-boot.json")
: > "$2/converged"
for item in $items; do
  echo "Converging $item"
  echo "$name $item" >> "$2/converged"
done
echo "Node $name has converged on $(uname -s) $(uname -m)"
CLIENT
chmod 755 "$client"
"$client" "$BOOTSTRAP_CONFIG_DIRECTORY" "$state"
