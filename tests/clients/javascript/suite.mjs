// kafkajs: produces the records; another client reads them back, since kafkajs consumes only as a group member.
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import Lz4 from "kafkajs-lz4";

const { Kafka, CompressionTypes, CompressionCodecs, Partitioners, logLevel } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = snappy;
CompressionCodecs[CompressionTypes.LZ4] = new Lz4().codec;

const SMALL = 40;
const FIRST_TIMESTAMP = 1_700_000_000_000;
const [bootstrap, topic, codec, sizeText] = process.argv.slice(2);
const size = Number(sizeText);
const codecs = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4,
};

function record(number) {
  if (number === SMALL) {
    const large = Buffer.alloc(size);
    for (let at = 0; at < size; at++) large[at] = at % 251;
    return { partition: 0, key: "large", value: large, timestamp: String(FIRST_TIMESTAMP + 1000 * number) };
  }
  let value = `value-${number}-${"x".repeat((37 * number) % 500)}`;
  if (number === 1) value = "";
  if (number === 2) value = null;
  return {
    partition: 0, key: number % 3 === 0 ? null : `key-${number}`, value,
    headers: { index: String(number), empty: "" }, timestamp: String(FIRST_TIMESTAMP + 1000 * number),
  };
}

const client = new Kafka({ clientId: "suite", brokers: [bootstrap], logLevel: logLevel.ERROR });
const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const small = Array.from({ length: SMALL }, (_, number) => record(number));
let next = 0;
for (const messages of [small, [record(SMALL)]]) {
  const [reply] = await producer.send({ topic, acks: -1, compression: codecs[codec], messages });
  if (reply.errorCode !== 0 || Number(reply.baseOffset) !== next) {
    throw new Error(`acknowledged ${JSON.stringify(reply)}, the base offset should be ${next}`);
  }
  next += messages.length;
}
await producer.disconnect();
