//! What is compared. Later cases read what earlier ones have written.

pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Flags of `ringlog bench`.
    pub(crate) arguments: &'static str,
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "produce-1",
        arguments: "produce --topic produce-1 --partitions 1 --producers 4 --batch-bytes 64KiB --record-size 1024",
    },
    Case {
        name: "produce-16",
        arguments: "produce --topic produce-16 --partitions 16 --producers 4 --batch-bytes 64KiB --record-size 1024",
    },
    Case {
        name: "small-500",
        arguments: "produce --topic small-500 --partitions 16 --producers 500 --batch-bytes 1 --in-flight 1 --record-size 1024",
    },
    Case {
        name: "rate-5000",
        arguments: "produce --topic rate-5000 --partitions 4 --producers 16 --batch-bytes 1 --rate 5000 --record-size 1024",
    },
    Case {
        name: "partitions-1000",
        arguments: "produce --topic many --partitions 1000 --producers 8 --batch-bytes 4KiB --in-flight 16 --record-size 1024",
    },
    Case {
        name: "tail-1",
        arguments: "mixed --topic tail-1 --partitions 4 --producers 1 --rate 20000 --linger 1ms --record-size 1024",
    },
    Case {
        name: "tail-8",
        arguments: "fanout --topic tail-8 --partitions 4 --producers 1 --groups 8 --rate 20000 --linger 1ms --record-size 1024",
    },
    Case { name: "read-16", arguments: "consume --topic produce-16 --consumers 2" },
];
