//! A few Kafka requests spoken byte by byte, so that a test can bend any of them.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A raw connection to a Kafka listener.
pub struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects; reads give up after 30 s instead of hanging a test.
    pub fn connect(address: SocketAddr) -> Wire {
        let stream = TcpStream::connect(address).expect("the broker accepts connections");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
        stream.set_write_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
        Wire { stream }
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends one request with its length in front.
    pub fn send(&mut self, request: &[u8]) -> io::Result<()> {
        let mut frame = u32::try_from(request.len()).expect("test requests are short").to_be_bytes().to_vec();
        frame.extend_from_slice(request);
        self.send_raw(&frame)
    }

    /// One reply, without its length; an error of kind `UnexpectedEof` or `ConnectionReset` if the broker closed.
    pub fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut reply =
            vec![0; usize::try_from(u32::from_be_bytes(length)).expect("usize has 32 bits or more")];
        self.stream.read_exact(&mut reply)?;
        Ok(reply)
    }

    /// Sends a request and takes its reply.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.send(request)?;
        self.receive()
    }

    /// Whether the broker has closed the connection (waits for it, at most the read timeout).
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

/// A request header of version 1 and the body behind it.
pub fn request(api: i16, version: i16, correlation: i32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&api.to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&correlation.to_be_bytes());
    put_text(&mut bytes, "wire");
    bytes.extend_from_slice(body);
    bytes
}

/// Appends a string with its 16-bit length.
pub fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&i16::try_from(text.len()).expect("test names are short").to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Produce version 3 of one record set to one partition.
pub fn produce(topic: &str, partition: i32, acks: i16, records: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend_from_slice(&(-1i16).to_be_bytes());
    body.extend_from_slice(&acks.to_be_bytes());
    body.extend_from_slice(&30_000i32.to_be_bytes());
    body.extend_from_slice(&1i32.to_be_bytes());
    put_text(&mut body, topic);
    body.extend_from_slice(&1i32.to_be_bytes());
    body.extend_from_slice(&partition.to_be_bytes());
    body.extend_from_slice(&i32::try_from(records.len()).expect("test batches are short").to_be_bytes());
    body.extend_from_slice(records);
    request(0, 3, 1, &body)
}

/// The error code and base offset in the reply to [`produce`].
pub fn produced(topic: &str, reply: &[u8]) -> (i16, i64) {
    // correlation, topics, name, partitions, index
    let at = 4 + 4 + 2 + topic.len() + 4 + 4;
    (
        i16::from_be_bytes(reply[at..at + 2].try_into().expect("two bytes")),
        i64::from_be_bytes(reply[at + 2..at + 10].try_into().expect("eight bytes")),
    )
}

/// Fetch version 4 of one partition.
pub fn fetch(topic: &str, partition: i32, offset: i64, wait_ms: i32, bytes_max: i32) -> Vec<u8> {
    let mut body = Vec::new();
    for number in [-1i32, wait_ms, 1, bytes_max] {
        body.extend_from_slice(&number.to_be_bytes());
    }
    body.push(0);
    body.extend_from_slice(&1i32.to_be_bytes());
    put_text(&mut body, topic);
    body.extend_from_slice(&1i32.to_be_bytes());
    body.extend_from_slice(&partition.to_be_bytes());
    body.extend_from_slice(&offset.to_be_bytes());
    body.extend_from_slice(&bytes_max.to_be_bytes());
    request(1, 4, 1, &body)
}

/// What the reply to [`fetch`] says of its partition: error code, high watermark, record bytes.
pub fn fetched(topic: &str, reply: &[u8]) -> (i16, i64, Vec<u8>) {
    // correlation, throttle, topics, name, partitions, index
    let at = 4 + 4 + 4 + 2 + topic.len() + 4 + 4;
    let error = i16::from_be_bytes(reply[at..at + 2].try_into().expect("two bytes"));
    let high_watermark = i64::from_be_bytes(reply[at + 2..at + 10].try_into().expect("eight bytes"));
    let aborted = i32::from_be_bytes(reply[at + 18..at + 22].try_into().expect("four bytes"));
    let at = at + 22 + 16 * usize::try_from(aborted).unwrap_or(0);
    let length = i32::from_be_bytes(reply[at..at + 4].try_into().expect("four bytes"));
    let end = at + 4 + usize::try_from(length).unwrap_or(0);
    (error, high_watermark, reply[at + 4..end].to_vec())
}

/// CreateTopics version 4 of one topic with one partition.
pub fn create_topic(topic: &str) -> Vec<u8> {
    create_topic_of(topic, 1, &[])
}

/// CreateTopics version 4 of one topic.
pub fn create_topic_of(topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Vec<u8> {
    let mut body = 1i32.to_be_bytes().to_vec();
    put_text(&mut body, topic);
    body.extend_from_slice(&partitions.to_be_bytes());
    body.extend_from_slice(&1i16.to_be_bytes());
    body.extend_from_slice(&0i32.to_be_bytes());
    body.extend_from_slice(&(configs.len() as i32).to_be_bytes());
    for (name, value) in configs {
        put_text(&mut body, name);
        put_text(&mut body, value);
    }
    body.extend_from_slice(&30_000i32.to_be_bytes());
    body.push(0);
    request(19, 4, 1, &body)
}
