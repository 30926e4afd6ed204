import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The Java client as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM. */
public class Member {
    public static void main(String[] arguments) throws Exception {
        String strategy = arguments[3];
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[0]);
        properties.put("group.id", arguments[2]);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        if (strategy.equals("consumer")) {
            properties.put("group.protocol", "consumer");
        } else {
            properties.put("session.timeout.ms", "6000");
            properties.put("heartbeat.interval.ms", "500");
            String name = strategy.equals("cooperative-sticky") ? "CooperativeStickyAssignor" : "RangeAssignor";
            properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + name);
        }
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join(20_000);
            } catch (InterruptedException ignored) {
            }
        }));
        try (consumer) {
            consumer.subscribe(List.of(arguments[1]), new ConsumerRebalanceListener() {
                public void onPartitionsRevoked(Collection<TopicPartition> lost) {
                    System.out.println("assigned " + (consumer.assignment().size() - lost.size()));
                }

                public void onPartitionsAssigned(Collection<TopicPartition> gained) {
                    System.out.println("assigned " + consumer.assignment().size());
                }
            });
            while (true) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
                for (ConsumerRecord<String, String> record : records) System.out.println("read " + record.value());
                try {
                    if (!records.isEmpty()) consumer.commitSync();
                } catch (org.apache.kafka.clients.consumer.CommitFailedException
                        | org.apache.kafka.common.errors.RebalanceInProgressException again) {
                    System.out.println("commit failed");
                }
            }
        } catch (WakeupException end) {
            System.out.println("left");
        }
    }
}
