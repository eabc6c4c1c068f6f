#!/bin/sh
# A restore drill on synthetic records, from nothing to the comparison: does a backup that was taken
# while an import ran bring back the same history and the same tables?
#
#   deploy/drill.sh [--records N] [--program goodstanding] [FOLDER]
#
# FOLDER must be new or empty and is left for a look; without it a folder is made and removed.
# Exit 0 passed, 1 failed, 2 could not be held.
set -eu

records=10000
program=goodstanding
folder=
could_not() { echo "drill: $*" >&2; exit 2; }
failed() { echo "drill: FAILED: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
    case $1 in
    --records) [ $# -gt 1 ] || could_not '--records needs a number'; records=$2; shift 2 ;;
    --program) [ $# -gt 1 ] || could_not '--program needs a path'; program=$2; shift 2 ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) could_not "\`$1\` is not an option; see --help" ;;
    *) [ -z "$folder" ] || could_not 'one folder only'; folder=$1; shift ;;
    esac
done
case $records in
'' | *[!0-9]*) could_not "--records takes a number, not \`$records\`" ;;
esac
[ "$records" -ge 100 ] || could_not 'give at least 100 records: the import has to last for a backup'
command -v "$program" >/dev/null || could_not "\`$program\` is not a program that can be run"
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
else
    mkdir -p "$folder" || could_not "\`$folder\` cannot be made"
    [ -z "$(ls -A "$folder")" ] || could_not "\`$folder\` is not empty"
fi
cd "$folder"

say() { echo "== $*"; }
# The number behind a key of a result in JSON.
number() { sed -n "s/^ *\"$1\": *\([0-9][0-9]*\).*/\1/p" "$2" | head -n 1; }
size() { sed -n 2p "$1/log/checkpoint"; }
root() { sed -n 3p "$1/log/checkpoint"; }
equal() { cmp -s "$1" "$2" || failed "$3"; say "equal: $3"; }

say "a registry of $records synthetic records"
"$program" synth --records "$records" --dir registry --json >synth.json
"$program" rebuild --dump early.txt --dir registry --json >early.json
early=$(number entries early.json)

say 'a backup while an import runs'
"$program" synth --records $((records * 2)) --out more.jsonl
"$program" import --profile demo-procurement-exclusions more.jsonl --rows-per-batch 20 \
    --dir registry --json >import.json 2>import.err &
import=$!
until [ "$(size registry)" -gt "$early" ]; do
    kill -0 $import 2>/dev/null || could_not "the import ended at once: $(cat import.err)"
    sleep 0.05
done
"$program" backup --out truth --keys-out keys --dir registry --json >backup.json
kill -0 $import 2>/dev/null && running=yes || running=no
wait $import || failed "the import: $(cat import.err)"
backed=$(number size backup.json)
say "the backup holds $backed entries, the registry went on to $(size registry); import running after it: $running"
[ "$backed" -gt "$early" ] && [ "$backed" -lt "$(size registry)" ] ||
    could_not 'the backup was not taken in the middle of the import; give more records'
"$program" restore --check truth >/dev/null
"$program" restore --check keys >/dev/null

say 'what has to come back'
"$program" rebuild --at "$backed" --dump backed.txt --dir registry >/dev/null
"$program" rebuild --dump last.txt --dir registry >/dev/null
cp -R registry/log published
cp published/checkpoint kept
"$program" verify registry >/dev/null || failed 'the registry does not verify'

say 'the registry is lost'
rm -rf registry

say 'restored alone, as if nothing had been signed later'
"$program" restore --from truth --keys keys --nothing-later --dir alone >/dev/null
"$program" verify alone >/dev/null || failed 'the restored registry does not verify'
[ "$(size alone)" = "$backed" ] || failed "it has $(size alone) entries, not $backed"
grep -q "$(root alone)" truth/checkpoint || failed 'its root is not the one that was backed up'
"$program" rebuild --dump alone.txt --dir alone >/dev/null
equal alone.txt backed.txt 'read tables after the restore, and as they were at the backup'

say 'restored with the published log'
"$program" restore --from truth --keys keys --log published --dir restored --json >restore.json
"$program" verify restored --since kept >/dev/null || failed 'it does not continue the log that was published'
"$program" doctor --dir restored >doctor.txt || failed "doctor: $(cat doctor.txt)"

say 'the list is read again: what the backup did not have comes back'
"$program" import --profile demo-procurement-exclusions more.jsonl --dir restored --json >again.json
rows=$(number rows again.json)
there=$(($(number accepted again.json) + $(number unchanged again.json)))
[ "$there" -eq $((records * 2)) ] && [ "$rows" -eq "$there" ] ||
    failed "$there of $rows rows are there"
"$program" verify restored --since kept >/dev/null || failed 'it does not verify after the import'

say 'the tables as they were at earlier positions'
"$program" rebuild --at "$early" --dump early-again.txt --dir restored >/dev/null
equal early.txt early-again.txt "read tables at position $early, taken then, and built anew today"
"$program" rebuild --at "$backed" --dump backed-again.txt --dir restored >/dev/null
equal backed.txt backed-again.txt "read tables at position $backed, and built anew after the loss"
if cmp -s early.txt last.txt; then failed 'the tables did not change between the two'; fi
say 'passed'
