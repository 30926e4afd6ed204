//! Our codec against the classes of the Java client, for every API and version.
//!
//! Needs Java and the client's archives: `cargo xtask messages` finds them through Maven, names them in
//! `RINGLOG_KAFKA_CLASSPATH` and runs this test.

use ringlog_kafka::testing::Source;
use ringlog_kafka::{ApiKey, Encode, Request, Response, Writer};
use std::io::{BufWriter, Read, Write};
use std::process::{Child, Command, Stdio};

struct Echo {
    process: Child,
}

impl Echo {
    fn start() -> Echo {
        let classpath = std::env::var("RINGLOG_KAFKA_CLASSPATH").expect("the classpath of the Java client");
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/java/Echo.java");
        let process = Command::new("java")
            .args(["-cp", &classpath, program])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java starts");
        Echo { process }
    }

    fn send(&mut self, bytes: &[u8]) {
        let mut input = BufWriter::new(self.process.stdin.as_mut().expect("it is piped"));
        input.write_all(bytes).expect("Java reads on");
    }

    fn receive(&mut self) -> Vec<u8> {
        let output = self.process.stdout.as_mut().expect("it is piped");
        let mut length = [0; 4];
        output.read_exact(&mut length).expect("Java understood what we wrote; else see its message above");
        let length = usize::try_from(i32::from_be_bytes(length)).expect("a length is positive");
        let mut bytes = vec![0; length];
        output.read_exact(&mut bytes).expect("Java writes all of it");
        bytes
    }

    fn check(
        &mut self,
        api: ApiKey,
        is_request: bool,
        version: i16,
        message: &(impl Encode + std::fmt::Debug),
    ) {
        let mut writer = Writer::new();
        message.encode(&mut writer, version);
        let encoded = writer.finish().expect("generators make only what the version can express");
        let bytes = encoded.into_bytes(|_| unreachable!("generators make no external bodies"));
        let mut frame = api.code().to_be_bytes().to_vec();
        frame.push(u8::from(is_request));
        frame.extend(version.to_be_bytes());
        frame.extend(i32::try_from(bytes.len()).expect("it is small").to_be_bytes());
        frame.extend(&bytes);
        self.send(&frame);
        assert_eq!(self.receive(), bytes, "{api} {version} {message:?}");
    }
}

/// Reproducible random bytes (xorshift).
fn random_bytes(state: &mut u64, length: usize) -> Vec<u8> {
    let next = |state: &mut u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 32) as u8
    };
    (0..length).map(|_| next(state)).collect()
}

#[test]
#[ignore = "needs Java and the archives of its client; `cargo xtask messages` runs it"]
fn the_java_client_reads_and_writes_the_same_bytes() {
    let mut echo = Echo::start();
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut compared = 0;
    for round in 0..40 {
        let random = random_bytes(&mut state, round * 20);
        for (api, versions) in ApiKey::implemented() {
            for version in versions.first..=versions.last {
                let request =
                    Request::generate(api, version, &mut Source::new(&random)).expect("implemented");
                echo.check(api, true, version, &request);
                let response =
                    Response::generate(api, version, &mut Source::new(&random)).expect("implemented");
                echo.check(api, false, version, &response);
                compared += 2;
            }
        }
    }
    echo.send(&(-1i16).to_be_bytes());
    assert!(echo.process.wait().expect("it ends").success());
    println!("{compared} messages are the same to the Java client");
}
