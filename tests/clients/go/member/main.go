// franz-go as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	bootstrap, topic, group := os.Args[1], os.Args[2], os.Args[3]
	stop, done := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer done()
	var lock sync.Mutex
	assigned := 0
	change := func(by int) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			lock.Lock()
			defer lock.Unlock()
			assigned += by * len(partitions[topic])
			fmt.Println("assigned", assigned)
		}
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.SessionTimeout(6*time.Second),
		kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.OnPartitionsAssigned(change(1)),
		kgo.OnPartitionsRevoked(change(-1)),
		kgo.OnPartitionsLost(change(-1)),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for stop.Err() == nil {
		poll, end := context.WithTimeout(stop, 200*time.Millisecond)
		fetches := client.PollFetches(poll)
		end()
		fetches.EachRecord(func(record *kgo.Record) { fmt.Println("read", string(record.Value)) })
		if fetches.NumRecords() > 0 {
			if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
				fmt.Println("commit failed:", err)
			}
		}
	}
	client.LeaveGroup()
	client.Close()
	fmt.Println("left")
}
