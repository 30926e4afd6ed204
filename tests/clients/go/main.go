// franz-go: produce and wait for each acknowledgement, then consume directly from given offsets.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	small          = 40
	firstTimestamp = 1_700_000_000_000
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: suite BOOTSTRAP TOPIC CODEC SIZE")
		os.Exit(2)
	}
	size, err := strconv.Atoi(os.Args[4])
	if err == nil {
		err = run(os.Args[1], os.Args[2], os.Args[3], size)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bootstrap, topic, codec string, size int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := produce(ctx, bootstrap, topic, codec, size); err != nil {
		return err
	}
	if err := consume(ctx, bootstrap, topic, size, 0, small+1); err != nil {
		return err
	}
	return consume(ctx, bootstrap, topic, size, 20, 1)
}

func produce(ctx context.Context, bootstrap, topic, codec string, size int) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ProducerBatchCompression(codecOf(codec)),
		kgo.ProducerBatchMaxBytes(int32(size+1_000_000)),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(20*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	var all []*kgo.Record
	for number := 0; number <= small; number++ {
		all = append(all, record(topic, number, size))
	}
	for number, result := range client.ProduceSync(ctx, all...) {
		if result.Err != nil {
			return fmt.Errorf("record %d: %w", number, result.Err)
		}
		if result.Record.Offset != int64(number) {
			return fmt.Errorf("record %d was acknowledged with offset %d", number, result.Record.Offset)
		}
	}
	return nil
}

func consume(ctx context.Context, bootstrap, topic string, size, from, count int) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.FetchMaxPartitionBytes(int32(size+1_000_000)),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(int64(from))}}),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	number := from
	for number < from+count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("at record %d: %w", number, err)
		}
		for _, found := range fetches.Records() {
			if number < from+count {
				if err := compare(found, record(topic, number, size), number); err != nil {
					return err
				}
				number++
			}
		}
	}
	return nil
}

func compare(found, wanted *kgo.Record, number int) error {
	same := found.Offset == int64(number) &&
		equal(found.Key, wanted.Key) && equal(found.Value, wanted.Value) &&
		found.Timestamp.UnixMilli() == wanted.Timestamp.UnixMilli() &&
		len(found.Headers) == len(wanted.Headers)
	for at := 0; same && at < len(wanted.Headers); at++ {
		same = found.Headers[at].Key == wanted.Headers[at].Key &&
			bytes.Equal(found.Headers[at].Value, wanted.Headers[at].Value)
	}
	if !same {
		return fmt.Errorf("record %d differs: offset %d, key %q, %d bytes of value, %d headers, at %v",
			number, found.Offset, found.Key, len(found.Value), len(found.Headers), found.Timestamp)
	}
	return nil
}

// equal tells nothing from empty, as Kafka does.
func equal(a, b []byte) bool {
	return (a == nil) == (b == nil) && bytes.Equal(a, b)
}

func record(topic string, number, size int) *kgo.Record {
	made := &kgo.Record{Topic: topic, Partition: 0, Timestamp: time.UnixMilli(int64(firstTimestamp + 1000*number))}
	if number == small {
		made.Key = []byte("large")
		made.Value = make([]byte, size)
		for at := range made.Value {
			made.Value[at] = byte(at % 251)
		}
		return made
	}
	if number%3 != 0 {
		made.Key = []byte(fmt.Sprintf("key-%d", number))
	}
	switch number {
	case 1:
		made.Value = []byte{}
	case 2:
		made.Value = nil
	default:
		made.Value = []byte(fmt.Sprintf("value-%d-%s", number, strings.Repeat("x", 37*number%500)))
	}
	made.Headers = []kgo.RecordHeader{
		{Key: "index", Value: []byte(strconv.Itoa(number))},
		{Key: "empty", Value: []byte{}},
	}
	return made
}

func codecOf(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
}
