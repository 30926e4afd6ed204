#!/usr/bin/env bash
# Apache Kafka from Maven artifacts, as the peer that Ringlog is compared with.
#
#   kafka.sh libs                  fetch the jars (once)
#   kafka.sh start PORT DATA [KEY=VALUE...]   format DATA if new, start a broker, wait until it answers
#   kafka.sh stop DATA             end that broker by its own process id
#   kafka.sh tool NAME ARGS...     run one of Kafka's command-line tools (topics, get-offsets, ...)
#   kafka.sh classpath             print the class path
#
# KAFKA_VERSION picks another release, PEER_LIBS another folder for the jars, HEAP the JVM's memory.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${KAFKA_VERSION:-4.3.1}
libs=${PEER_LIBS:-$here/libs-$version}

fetch_libs() {
  [ -f "$libs/.complete" ] && return
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$libs" -Dkafka.version="$version" -DincludeScope=runtime >&2
  touch "$libs/.complete"
}

main_class() {
  case $1 in
    server) echo kafka.Kafka ;;
    storage) first_of org.apache.kafka.tools.StorageTool kafka.tools.StorageTool ;;
    topics) echo org.apache.kafka.tools.TopicCommand ;;
    configs) first_of org.apache.kafka.tools.ConfigCommand kafka.admin.ConfigCommand ;;
    get-offsets) echo org.apache.kafka.tools.GetOffsetShell ;;
    consumer-groups) echo org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    console-producer) echo org.apache.kafka.tools.ConsoleProducer ;;
    console-consumer) echo org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    producer-perf-test) echo org.apache.kafka.tools.ProducerPerformance ;;
    consumer-perf-test) echo org.apache.kafka.tools.ConsumerPerformance ;;
    broker-api-versions) echo org.apache.kafka.tools.BrokerApiVersionsCommand ;;
    delete-records) echo org.apache.kafka.tools.DeleteRecordsCommand ;;
    log-dirs) echo org.apache.kafka.tools.LogDirsCommand ;;
    dump-log) first_of org.apache.kafka.tools.DumpLogSegments kafka.tools.DumpLogSegments ;;
    *) echo "$1" ;;
  esac
}

# Some tools moved between packages from one release to the next: the first that a jar holds.
first_of() {
  for class in "$@"; do
    for jar in "$libs"/kafka*.jar; do
      if unzip -l "$jar" "${class//.//}.class" >/dev/null 2>&1; then
        echo "$class"
        return
      fi
    done
  done
  echo "no jar in $libs holds any of: $*" >&2
  return 1
}

run_java() {
  local class
  class=$(main_class "$1")
  shift
  # shellcheck disable=SC2086 # HEAP is several words on purpose.
  exec java ${HEAP:--Xmx512m} -Dlog4j2.configurationFile="file:$here/log4j2.properties" \
    -Dkafka.logs.dir="${TMPDIR:-/tmp}" -cp "$libs/*" "$class" "$@"
}

start() {
  local port=$1 data=$2
  shift 2
  mkdir -p "$data"
  data=$(cd "$data" && pwd)
  sed "s#@CONTROLLER_PORT@#$((port + 1))#g; s#@DATA@#$data/logs#g; s#@PORT@#$port#g" \
    "$here/server.properties" >"$data/server.properties"
  printf '%s\n' "$@" >>"$data/server.properties"
  [ -f "$data/logs/meta.properties" ] ||
    (run_java storage format --ignore-formatted -t MkU3OEVBNTcwNTJENDM2Qg -c "$data/server.properties") >"$data/format.txt"
  (
    HEAP=${HEAP:--Xms1g -Xmx1g -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35}
    run_java server "$data/server.properties"
  ) >"$data/server.txt" 2>&1 &
  echo $! >"$data/server.pid"
  # The broker's port opens before it answers, so ask for what it answers.
  for _ in $(seq 60); do
    if (HEAP=-Xmx64m run_java broker-api-versions --bootstrap-server "127.0.0.1:$port") >/dev/null 2>&1; then
      echo "kafka $version on 127.0.0.1:$port pid $(cat "$data/server.pid")"
      return
    fi
    kill -0 "$(cat "$data/server.pid")" 2>/dev/null || break
  done
  echo "Kafka did not start; the end of $data/server.txt:" >&2
  tail -20 "$data/server.txt" >&2
  return 1
}

command=${1:?see the head of this file for the commands}
shift
case $command in
  libs) fetch_libs && echo "$libs" ;;
  classpath) fetch_libs && echo "$libs/*" ;;
  start) fetch_libs && start "$@" ;;
  stop) kill "$(cat "$1/server.pid")" ;;
  tool) fetch_libs && run_java "$@" ;;
  *)
    echo "unknown command $command" >&2
    exit 2
    ;;
esac
