# shellcheck shell=bash
# What the acceptance scripts share: a directory of their own, a Kafka, the source API, and the built program.
#
#   ACCEPTANCE_PROGRAM    the program to test (default: the debug build of this repository)
#   RETAILFLOW_TEST_DATA  a directory with sales.jsonl, products.jsonl, customers.jsonl (default:
#                         ../shared/data/online-retail beside this repository, else a small set written here)

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly repository
acceptance=$repository/Tests/Acceptance
workplace=$(mktemp -d "${TMPDIR:-/tmp}/retailflow-acceptance.XXXXXX")
readonly acceptance workplace
declare -a background=() mounted=()
export RETAILFLOW_API_KEY=acceptance-key
readonly test_data=${RETAILFLOW_TEST_DATA:-$repository/../shared/data/online-retail}
# The program takes every variable of this prefix for a setting.
unset RETAILFLOW_REQUIRE_KAFKA RETAILFLOW_TEST_DATA

say() { echo "$(basename "$0"): $*"; }
fail() {
    echo "$(basename "$0"): FAILED: $*" >&2
    exit 1
}
skip() {
    say "skipped: $*"
    exit 77
}

clean_up() {
    local code=$? process path
    trap - EXIT
    if [[ $code -ne 0 && $code -ne 77 ]]; then
        for path in "$workplace"/*.log; do
            if [[ -s $path ]]; then
                echo "--- the end of $(basename "$path")"
                tail -n 15 "$path"
            fi
        done >&2
    fi
    for process in "${background[@]}"; do
        kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    for path in "${mounted[@]}"; do umount -l "$path" || true; done
    "$repository/scripts/kafka" destroy "$workplace/kafka" || true
    "$repository/scripts/postgresql" destroy "$workplace/postgresql" || true
    rm -rf "$workplace"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Sets `program`.
find_program() {
    program=${ACCEPTANCE_PROGRAM:-}
    if [[ -z $program ]]; then
        program=$(swift build --package-path "$repository" --show-bin-path)/retailflow
        if [[ ! -x $program ]]; then swift build --package-path "$repository" --product retailflow >&2; fi
    fi
    [[ -x $program ]] || fail "no program at $program"
}

# Sets KAFKA_HOME and `servers`, the bootstrap servers of a Kafka of our own; skips the script where there is none.
start_kafka() {
    KAFKA_HOME=$("$repository/scripts/kafka" home) || skip "no Kafka"
    export KAFKA_HOME
    servers=$("$repository/scripts/kafka" up "$workplace/kafka" | tail -n 1)
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for_port() { # PORT PROCESS
    local deadline=$((SECONDS + 30))
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        kill -0 "$2" 2>/dev/null || fail "the process that should listen on port $1 ended"
        ((SECONDS < deadline)) || fail "nothing listens on port $1 after 30 s"
        sleep 0.05
    done
}

# Sets `data`: real sales where they are at hand, else a few of our own with the same peculiarities.
find_data() {
    data=$test_data
    if [[ ! -e $data/sales.jsonl ]]; then
        data=$workplace/data
        "$acceptance/generate-data" "$data" --sales 500
    fi
}

# Starts the source API, with our key, on a directory of data; sets `api_port` unless it is set.
start_api() { # DIR [OPTION…]
    local directory=$1
    shift
    echo "$RETAILFLOW_API_KEY" >"$workplace/api.key"
    api_port=${api_port:-$(free_port)}
    "$program" simulate --data "$directory" --port "$api_port" --key-file "$workplace/api.key" "$@" \
        >"$workplace/api.log" 2>&1 </dev/null &
    background+=("$!")
    wait_for_port "$api_port" "$!"
}

# The program, configured for this script: its own warehouse, API and Kafka. More settings through `settings`.
declare -a settings=()
retailflow() {
    (
        cd "$repository"
        exec "$program" --set "api.base_url=http://127.0.0.1:${api_port:-1}" \
            --set "kafka.bootstrap_servers=${servers:-127.0.0.1:1}" --set "warehouse.url=sqlite:$workplace/warehouse" \
            "${settings[@]}" "$@" </dev/null
    )
}

# Runs a step that must succeed; its output is shown only when it does not.
step() {
    local started=$SECONDS
    if ! retailflow "$@" >"$workplace/step.out" 2>"$workplace/step.log"; then
        cat "$workplace/step.out" >&2
        fail "retailflow $* (see its end below)"
    fi
    say "retailflow $* ($((SECONDS - started)) s)"
}
