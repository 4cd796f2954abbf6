#!/bin/sh
# Makes the secrets that compose.yaml mounts, each random, and only those that are missing:
#
#   compose/secrets.sh [FOLDER]      default: secrets
#
# The files can be read by everyone because containers read them under users of their own; the folder keeps people out.
set -eu
folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

keep() { # NAME CONTENT
    [ ! -e "$folder/$1" ] || return 0
    printf '%s\n' "$2" >"$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "$folder/$1 made"
}

keep postgres_password "$(random)"
keep wiredesk_database_url "postgresql://wiredesk:$(cat "$folder/postgres_password")@postgres:5432/wiredesk"
keep wiredesk_redis_url "redis://:$(random)@valkey:6379/0"
valkey_password=$(sed -n 's|^redis://:\(.*\)@.*|\1|p' "$folder/wiredesk_redis_url")
keep wiredesk_parser_redis_url "redis://parser:$(random)@valkey:6379/0"
parser_password=$(sed -n 's|^redis://parser:\(.*\)@.*|\1|p' "$folder/wiredesk_parser_redis_url")
# The parser reads hostile bytes: its jobs, and none of what tells Valkey itself what to do.
# INFO is for RQ, which asks for the server's version.
parser_acl="user parser on >$parser_password resetchannels ~rq:* +@all -@admin -@dangerous -@scripting -@pubsub +info"
keep valkey_acl "user default on >$valkey_password ~* &* +@all
user health on nopass -@all +ping
$parser_acl"
# From before the parser had a user of its own.
grep -q '^user parser ' "$folder/valkey_acl" || {
    acl=$(cat "$folder/valkey_acl")
    rm -f "$folder/valkey_acl"
    keep valkey_acl "$acl
$parser_acl"
}
keep wiredesk_dashboard_password "$(random)"
