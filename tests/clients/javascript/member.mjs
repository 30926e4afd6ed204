// kafkajs as a member of a group: prints what it is given and what it reads, commits, leaves at SIGTERM.
import kafkajs from "kafkajs";

const { Kafka, logLevel } = kafkajs;
const [bootstrap, topic, groupId] = process.argv.slice(2);
const client = new Kafka({ clientId: "member", brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 50 } });
const consumer = client.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, retry: { retries: 50 } });
consumer.on(consumer.events.GROUP_JOIN, (event) => {
  console.log(`assigned ${(event.payload.memberAssignment[topic] ?? []).length}`);
});
process.on("SIGTERM", async () => {
  await consumer.disconnect();
  console.log("left");
  process.exit(0);
});
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({ autoCommitThreshold: 1, eachMessage: async ({ message }) => console.log(`read ${message.value}`) });
