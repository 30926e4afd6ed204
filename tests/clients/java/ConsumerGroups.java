import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Java consumers in groups of the newer protocol, and in groups that change their protocol: `BOOTSTRAP SCENARIO`. */
public class ConsumerGroups {
    static final int PARTITIONS = 6;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final String bootstrap;
    final String scenario;
    final String group;
    final String topic;
    final Admin admin;
    /** Every record read by anybody, with how often. */
    final Map<String, Integer> seen = new ConcurrentHashMap<>();
    /** Who reads a partition now. */
    final Map<TopicPartition, String> readers = new ConcurrentHashMap<>();
    final List<String> faults = new ArrayList<>();
    final List<Reader> started = new ArrayList<>();
    int produced;

    ConsumerGroups(String bootstrap, String scenario) {
        this.bootstrap = bootstrap;
        this.scenario = scenario;
        group = "java-" + scenario;
        topic = "java-" + scenario;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    public static void main(String[] arguments) throws Exception {
        ConsumerGroups run = new ConsumerGroups(arguments[0], arguments[1]);
        try {
            switch (arguments[1]) {
                case "grow-and-shrink" -> run.growAndShrink();
                case "new-partitions" -> run.newPartitions();
                case "range" -> run.range();
                case "pattern" -> run.pattern();
                case "upgrade-and-downgrade" -> run.upgradeAndDowngrade();
                case "classic-into-newer" -> run.classicIntoNewer();
                case "static-members" -> run.staticMembers();
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        } finally {
            for (Reader reader : run.started) reader.stop();
            run.admin.close();
        }
        synchronized (run.faults) {
            if (!run.faults.isEmpty()) throw new AssertionError(String.join("; ", run.faults));
        }
        System.out.println("ok");
        System.exit(0);
    }

    void growAndShrink() throws Exception {
        create(topic, PARTITIONS);
        produce(topic, 2000);
        Reader first = start("first", newer(), null);
        await("the first has all", () -> first.assigned().size() == PARTITIONS);
        awaitAllRead();
        Reader second = start("second", newer(), null);
        Reader third = start("third", newer(), null);
        await("three share", () -> sizes(first, second, third).equals(List.of(2, 2, 2)));
        produce(topic, 2000);
        awaitAllRead();
        expectState("CONSUMER", "STABLE", 3);
        second.stop();
        await("two share", () -> sizes(first, third).equals(List.of(3, 3)));
        produce(topic, 800);
        awaitAllRead();
        first.stop();
        third.stop();
        // Positions were committed: a new member begins where the others ended.
        int before = seen.values().stream().mapToInt(Integer::intValue).sum();
        Reader fourth = start("fourth", newer(), null);
        await("the fourth has all", () -> fourth.assigned().size() == PARTITIONS);
        produce(topic, 10);
        awaitAllRead();
        int more = seen.values().stream().mapToInt(Integer::intValue).sum() - before;
        require(more == 10, "read " + more + " records again or anew instead of 10");
    }

    void newPartitions() throws Exception {
        create(topic, PARTITIONS);
        Reader first = start("first", newer(), null);
        Reader second = start("second", newer(), null);
        await("two share", () -> sizes(first, second).equals(List.of(3, 3)));
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(PARTITIONS + 2))).all().get();
        await("new partitions are read", () -> sizes(first, second).equals(List.of(4, 4)));
        produce(topic, 800);
        awaitAllRead();
    }

    void range() throws Exception {
        create(topic, 4);
        create(topic + "-2", 4);
        Properties properties = newer();
        properties.put("group.remote.assignor", "range");
        Reader first = start("first", properties, List.of(topic, topic + "-2"));
        Reader second = start("second", properties, List.of(topic, topic + "-2"));
        await("both have ranges of both topics", () -> sizes(first, second).equals(List.of(4, 4)));
        for (Reader reader : List.of(first, second)) {
            Map<String, Set<Integer>> byTopic = reader.assigned().stream().collect(Collectors.groupingBy(
                    TopicPartition::topic, Collectors.mapping(TopicPartition::partition, Collectors.toSet())));
            require(byTopic.get(topic).equals(byTopic.get(topic + "-2")), "ranges differ: " + byTopic);
        }
        require(describe().partitionAssignor().equals("range"), "the assignor is " + describe().partitionAssignor());
    }

    void pattern() throws Exception {
        create(topic + "-a1", 2);
        create(topic + "-b", 1);
        create(topic + "-other", 1);
        produce(topic + "-a1", 100);
        produce(topic + "-b", 100);
        Reader reader = new Reader("reader", newer());
        reader.pattern = new SubscriptionPattern(topic + "-(a\\d+|b)");
        reader.begin();
        await("topics that match are read", () -> reader.assigned().size() == 3);
        awaitAllRead();
        create(topic + "-a22", 2);
        produce(topic + "-a22", 100);
        await("a new topic that matches is read", () -> reader.assigned().size() == 5);
        awaitAllRead();
    }

    void upgradeAndDowngrade() throws Exception {
        create(topic, PARTITIONS);
        produce(topic, 600);
        Reader old = start("old", classic(), null);
        await("the classic member has all", () -> old.assigned().size() == PARTITIONS);
        expectState("CLASSIC", "STABLE", 1);
        Reader newer = start("newer", newer(), null);
        await("both share", () -> sizes(old, newer).equals(List.of(3, 3)));
        expectState("CONSUMER", "STABLE", 2);
        produce(topic, 600);
        awaitAllRead();
        Reader another = start("another", classic(), null);
        await("three share", () -> sizes(old, newer, another).equals(List.of(2, 2, 2)));
        produce(topic, 600);
        awaitAllRead();
        newer.stop();
        await("the classic members share", () -> sizes(old, another).equals(List.of(3, 3)));
        expectState("CLASSIC", "STABLE", 2);
        produce(topic, 600);
        awaitAllRead();
    }

    void classicIntoNewer() throws Exception {
        create(topic, PARTITIONS);
        Reader first = start("first", newer(), null);
        await("the first has all", () -> first.assigned().size() == PARTITIONS);
        Properties eager = classic();
        eager.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
        Reader second = start("second", eager, null);
        await("both share", () -> sizes(first, second).equals(List.of(3, 3)));
        produce(topic, 600);
        awaitAllRead();
        second.stop();
        await("the first has all again", () -> first.assigned().size() == PARTITIONS);
        expectState("CONSUMER", "STABLE", 1);
    }

    void staticMembers() throws Exception {
        create(topic, PARTITIONS);
        Properties named = newer();
        named.put("group.instance.id", "i-1");
        Reader first = start("first", newer(), null);
        Reader fixed = start("fixed", named, null);
        await("both share", () -> sizes(first, fixed).equals(List.of(3, 3)));
        Set<TopicPartition> had = fixed.assigned();
        int epoch = describe().groupEpoch().orElse(-1);
        fixed.stop();
        Thread.sleep(7000);
        require(first.assigned().size() == 3, "the partitions of a static member that is away moved");
        Reader back = start("back", named, null);
        await("the static member has what it had", () -> back.assigned().equals(had));
        require(describe().groupEpoch().orElse(-1) == epoch, "the return of a static member caused a rebalance");
        produce(topic, 300);
        awaitAllRead();
    }

    Properties newer() {
        Properties properties = common();
        properties.put("group.protocol", "consumer");
        return properties;
    }

    Properties classic() {
        Properties properties = common();
        properties.put("group.protocol", "classic");
        properties.put("heartbeat.interval.ms", "500");
        properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        return properties;
    }

    Properties common() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", group);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("metadata.max.age.ms", "2000");
        return properties;
    }

    Reader start(String name, Properties properties, List<String> topics) {
        Reader reader = new Reader(name, properties);
        reader.topics = topics == null ? List.of(topic) : topics;
        reader.begin();
        return reader;
    }

    static List<Integer> sizes(Reader... readers) {
        return java.util.Arrays.stream(readers).map(reader -> reader.assigned().size()).toList();
    }

    void create(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }

    void produce(String name, int count) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int number = 0; number < count; number++) {
                byte[] key = String.valueOf(number).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(name, key, key));
            }
        }
        produced += count;
    }

    void awaitAllRead() throws Exception {
        await("all " + produced + " records are read", () -> seen.size() == produced);
    }

    ConsumerGroupDescription describe() throws Exception {
        return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
    }

    void expectState(String type, String state, int members) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            ConsumerGroupDescription description = describe();
            String found = description.type() + " " + description.groupState() + " " + description.members().size();
            if (found.equalsIgnoreCase(type + " " + state + " " + members)) return;
            require(System.nanoTime() < deadline, "the group is " + found);
            Thread.sleep(200);
        }
    }

    void await(String what, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                String held = started.stream().map(reader -> reader.name + reader.assigned()).toList().toString();
                throw new AssertionError("never came: " + what + "; read " + seen.size() + " of " + produced + "; " + held
                        + "; " + faults);
            }
            Thread.sleep(50);
        }
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) throw new AssertionError(otherwise);
    }

    /** A consumer in a thread of its own that commits what it has read. */
    class Reader implements ConsumerRebalanceListener {
        final String name;
        final KafkaConsumer<byte[], byte[]> consumer;
        final Set<TopicPartition> assigned = ConcurrentHashMap.newKeySet();
        final Thread thread = new Thread(this::run);
        List<String> topics;
        SubscriptionPattern pattern;
        volatile boolean stopping;

        Reader(String name, Properties properties) {
            this.name = name;
            consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void begin() {
            started.add(this);
            thread.start();
        }

        void run() {
            try (consumer) {
                if (pattern != null) consumer.subscribe(pattern, this);
                else consumer.subscribe(topics, this);
                while (!stopping) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                        seen.merge(record.topic() + "-" + record.partition() + "@" + record.offset(), 1, Integer::sum);
                    }
                    if (!assigned.isEmpty()) commit();
                }
            } catch (Exception failure) {
                fault(name + ": " + failure);
            }
        }

        void commit() {
            try {
                consumer.commitSync();
            } catch (org.apache.kafka.common.errors.RebalanceInProgressException
                    | org.apache.kafka.clients.consumer.CommitFailedException retried) {
                // The next poll brings the member to its new generation; the next commit counts.
            }
        }

        Set<TopicPartition> assigned() {
            return new HashSet<>(assigned);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            assigned.addAll(partitions);
            for (TopicPartition partition : partitions) {
                String other = readers.put(partition, name);
                if (other != null) fault(partition + " is read by " + other + " and by " + name);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) commit();
            partitions.forEach(partition -> readers.remove(partition, name));
            assigned.removeAll(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            fault(name + " lost " + partitions);
            partitions.forEach(partition -> readers.remove(partition, name));
            assigned.removeAll(partitions);
        }

        void fault(String what) {
            synchronized (faults) {
                faults.add(what);
            }
        }

        void stop() throws InterruptedException {
            stopping = true;
            thread.join();
        }
    }
}
