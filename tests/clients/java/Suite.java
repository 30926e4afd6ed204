import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Java client: produce with callbacks, then assign, seek and poll. Needs nothing but kafka-clients. */
public class Suite {
    static final int SMALL = 40;
    static final long FIRST_TIMESTAMP = 1_700_000_000_000L;

    final String bootstrap;
    final String codec;
    final int size;
    final TopicPartition partition;

    Suite(String[] arguments) {
        bootstrap = arguments[0];
        partition = new TopicPartition(arguments[1], 0);
        codec = arguments[2];
        size = Integer.parseInt(arguments[3]);
    }

    public static void main(String[] arguments) throws Exception {
        Suite suite = new Suite(arguments);
        suite.produce();
        suite.consume();
    }

    void produce() throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("compression.type", codec);
        properties.put("acks", "all");
        properties.put("linger.ms", "20");
        properties.put("max.request.size", String.valueOf(size + 1_000_000));
        properties.put("buffer.memory", String.valueOf(64 << 20));
        List<Long> acknowledged = new ArrayList<>();
        List<Exception> failures = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int number = 0; number <= SMALL; number++) {
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                        partition.topic(), 0, timestamp(number), key(number), value(number), headers(number));
                producer.send(record, (metadata, failure) -> {
                    if (failure != null) failures.add(failure);
                    else acknowledged.add(metadata.offset());
                });
            }
            producer.flush();
        }
        if (!failures.isEmpty()) throw failures.get(0);
        List<Long> wanted = new ArrayList<>();
        for (long number = 0; number <= SMALL; number++) wanted.add(number);
        require("acknowledged offsets", acknowledged, wanted);
    }

    void consume() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("enable.auto.commit", "false");
        properties.put("max.partition.fetch.bytes", String.valueOf(size + 1_000_000));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            int number = 0;
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (number <= SMALL && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(5))) check(number++, record);
            }
            require("number of records", number, SMALL + 1);
            consumer.seek(partition, 20);
            // Short polls, since the oldest clients let one that a seek interrupts wait out its time.
            Iterator<ConsumerRecord<byte[], byte[]>> again = consumer.poll(Duration.ZERO).iterator();
            while (!again.hasNext() && System.nanoTime() < deadline) {
                again = consumer.poll(Duration.ofSeconds(1)).iterator();
            }
            require("a record after the seek", again.hasNext(), true);
            check(20, again.next());
            require("beginning", consumer.beginningOffsets(List.of(partition)).get(partition), 0L);
            require("end", consumer.endOffsets(List.of(partition)).get(partition), SMALL + 1L);
            long found = consumer.offsetsForTimes(Map.of(partition, timestamp(7))).get(partition).offset();
            require("offset of record 7's timestamp", found, 7L);
        }
    }

    void check(int number, ConsumerRecord<byte[], byte[]> record) {
        String name = "record " + number + ": ";
        require(name + "offset", record.offset(), (long) number);
        requireBytes(name + "key", record.key(), key(number));
        requireBytes(name + "value", record.value(), value(number));
        require(name + "timestamp", record.timestamp(), timestamp(number));
        List<Header> wanted = headers(number);
        Header[] have = record.headers().toArray();
        require(name + "number of headers", have.length, wanted.size());
        for (int i = 0; i < have.length; i++) {
            require(name + "header name", have[i].key(), wanted.get(i).key());
            requireBytes(name + "header value", have[i].value(), wanted.get(i).value());
        }
    }

    byte[] key(int number) {
        if (number == SMALL) return bytes("large");
        return number % 3 == 0 ? null : bytes("key-" + number);
    }

    byte[] value(int number) {
        if (number == SMALL) {
            byte[] large = new byte[size];
            for (int at = 0; at < size; at++) large[at] = (byte) (at % 251);
            return large;
        }
        if (number == 1) return new byte[0];
        return number == 2 ? null : bytes("value-" + number + "-" + "x".repeat(37 * number % 500));
    }

    List<Header> headers(int number) {
        if (number == SMALL) return List.of();
        return List.of(new RecordHeader("index", bytes("" + number)), new RecordHeader("empty", new byte[0]));
    }

    long timestamp(int number) {
        return FIRST_TIMESTAMP + 1000L * number;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void require(String what, Object have, Object want) {
        if (!Objects.equals(have, want)) throw new IllegalStateException(what + " is " + have + ", should be " + want);
    }

    static void requireBytes(String what, byte[] have, byte[] want) {
        if (!Arrays.equals(have, want)) throw new IllegalStateException(what + " differs");
    }
}
