//! Asking a node's admin listener.

use anyhow::{Context, Result, anyhow, bail};
use ringlog_node::overview::Overview;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A node that does not answer within this hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer that is read: 10,000 topics take about 2 MiB.
const ANSWER_BYTES_MAX: u64 = 256 << 20;

/// The node at this moment.
pub(super) fn overview(admin: &str) -> Result<Overview> {
    let answer = get(admin, "/overview")?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(|| not_admin(admin))?;
    let status = head.split_ascii_whitespace().nth(1).unwrap_or_default();
    if !head.starts_with("HTTP/1.") || status == "404" {
        bail!(not_admin(admin));
    }
    if status != "200" {
        bail!("{admin} answers with status {status}: {}", body.trim());
    }
    serde_json::from_str(body).with_context(|| not_admin(admin))
}

fn get(admin: &str, path: &str) -> Result<String> {
    let addresses =
        admin.to_socket_addrs().with_context(|| format!("{admin:?} is not an address (HOST:PORT)"))?;
    let mut last = anyhow!("{admin:?} has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(mut stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                // HTTP/1.0: the answer ends with the connection, and is in one piece.
                write!(stream, "GET {path} HTTP/1.0\r\nHost: {admin}\r\n\r\n")?;
                let mut answer = String::new();
                let read = stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer);
                read.with_context(|| not_admin(admin))?;
                return Ok(answer);
            }
            Err(error) => {
                last = anyhow!(
                    "cannot connect to {address}: {error}. Is a node running? --admin HOST:PORT names its admin listener"
                );
            }
        }
    }
    Err(last)
}

fn not_admin(admin: &str) -> String {
    format!("{admin} does not answer as the admin listener of a node (by default port 9644)")
}
