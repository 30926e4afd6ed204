import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/**
 * Writes a history of keys under all codecs to a compacted topic, waits until the broker has compacted it, and prints what is
 * left of it: `Compaction BOOTSTRAP TOPIC keep|drop`. With `drop` the topic's tombstones must leave as well.
 */
public class Compaction {
    static final int RECORDS = 4000;
    static final int KEYS = 150;
    static final int FILLER_BYTES = 2_500_000;
    static final long PATIENCE_MS = 180_000;

    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0], topic = arguments[1];
        boolean drop = arguments[2].equals("drop");
        create(bootstrap, topic, drop);
        Random random = new Random(41);
        for (String codec : new String[] {"none", "gzip", "snappy", "lz4", "zstd"}) {
            try (Producer<String, String> producer = producer(bootstrap, codec)) {
                for (int number = 0; number < RECORDS / 5; number++) {
                    String value = random.nextInt(8) == 0 ? null : letters(random, random.nextInt(600));
                    long timestamp = 1_700_000_000_000L + random.nextInt(1_000_000);
                    String key = "key-" + random.nextInt(KEYS);
                    producer.send(new ProducerRecord<>(topic, 0, timestamp, key, value));
                }
            }
        }
        int fillers = 0;
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (true) {
            // Segments are compacted once newer ones have taken their place at the end.
            if (fillers == 0 || drop) {
                fillers = fill(bootstrap, topic, random, fillers);
            }
            Thread.sleep(3000);
            List<ConsumerRecord<String, String>> left = read(bootstrap, topic);
            if (isDone(left, drop)) {
                for (ConsumerRecord<String, String> record : left) {
                    System.out.println(record.offset() + " " + record.timestamp() + " " + record.key() + " " + record.value());
                }
                return;
            }
            if (System.currentTimeMillis() > deadline) {
                throw new IllegalStateException("after " + PATIENCE_MS + " ms " + left.size() + " records are left, not compacted");
            }
        }
    }

    static void create(String bootstrap, String topic, boolean drop) throws Exception {
        Map<String, String> configs = new HashMap<>();
        configs.put("cleanup.policy", "compact");
        configs.put("segment.bytes", "1048576");
        configs.put("min.cleanable.dirty.ratio", "0.01");
        configs.put("delete.retention.ms", drop ? "100" : "86400000");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs))).all().get();
        }
    }

    static Producer<String, String> producer(String bootstrap, String codec) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", codec);
        properties.put("linger.ms", 5);
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    static int fill(String bootstrap, String topic, Random random, int fillers) {
        try (Producer<String, String> producer = producer(bootstrap, "none")) {
            for (int bytes = 0; bytes < FILLER_BYTES; bytes += 10_000) {
                producer.send(new ProducerRecord<>(topic, 0, "filler-" + fillers++, letters(random, 10_000)));
            }
        }
        return fillers;
    }

    static String letters(Random random, int count) {
        StringBuilder letters = new StringBuilder();
        for (int index = 0; index < count; index++) {
            letters.append((char) ('a' + random.nextInt(26)));
        }
        return letters.toString();
    }

    /** What is left of the history, without what was written to fill segments. */
    static List<ConsumerRecord<String, String>> read(String bootstrap, String topic) {
        List<ConsumerRecord<String, String>> left = new ArrayList<>();
        Map<String, Object> properties = Map.of("bootstrap.servers", bootstrap);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.offset() < RECORDS) {
                        left.add(record);
                    }
                }
            }
        }
        return left;
    }

    static boolean isDone(List<ConsumerRecord<String, String>> left, boolean drop) {
        Set<String> keys = new HashSet<>();
        for (ConsumerRecord<String, String> record : left) {
            if (!keys.add(record.key()) || (drop && record.value() == null)) {
                return false;
            }
        }
        return true;
    }
}
