//! Commands that ask a node: connecting, and errors in the words of somebody at a terminal.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use ringlog_client::{Client, ClientError, ClientOptions};
use ringlog_native::ErrorCode;
use ringlog_reactor::{Options, Reactor};
use std::net::{SocketAddr, ToSocketAddrs};
use std::rc::Rc;

#[derive(Args, Clone)]
pub(crate) struct NativeArguments {
    /// A node's native listener
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9192", env = "RINGLOG_NATIVE")]
    native: String,
}

impl NativeArguments {
    /// The node at this address.
    pub(crate) fn at(native: &str) -> NativeArguments {
        NativeArguments { native: native.to_owned() }
    }

    /// Connects and runs `command` on a reactor of this thread.
    pub(crate) fn run<F, T>(&self, command: impl FnOnce(Client) -> F + 'static) -> Result<T>
    where
        F: Future<Output = Result<T>> + 'static,
        T: 'static,
    {
        let addresses = resolve(&self.native)?;
        let shown = self.native.clone();
        reactor(move |reactor| async move {
            let options = ClientOptions {
                name: concat!("ringlog/", env!("CARGO_PKG_VERSION")).to_owned(),
                resolve: Rc::new(|host, port| (host, port).to_socket_addrs().ok()?.next()),
                ..ClientOptions::default()
            };
            let client = Client::connect(&reactor, &addresses, options)
                .await
                .map_err(|error| unreachable_node(&shown, &error))?;
            command(client).await
        })
    }
}

/// Runs a short command on a reactor of this thread.
pub(crate) fn reactor<F, T>(command: impl FnOnce(Reactor) -> F) -> Result<T>
where
    F: Future<Output = Result<T>> + 'static,
    T: 'static,
{
    let options = Options { name: "ringlog".to_owned(), registered_bytes: 0, ..Options::default() };
    ringlog_reactor::run(options, command).context("cannot start a reactor on this thread")?
}

/// An address to connect or listen to, from what a person writes.
pub(crate) fn resolve(text: &str) -> Result<Vec<SocketAddr>> {
    let addresses: Vec<_> =
        text.to_socket_addrs().with_context(|| format!("{text:?} is not an address (HOST:PORT)"))?.collect();
    if addresses.is_empty() {
        bail!("{text:?} has no address");
    }
    Ok(addresses)
}

fn unreachable_node(shown: &str, error: &ClientError) -> anyhow::Error {
    match error {
        ClientError::Connect { .. } => anyhow!(
            "{error}. Is a node running? `ringlog dev` starts one here, --native HOST:PORT names another"
        ),
        ClientError::Lost { .. } | ClientError::Protocol { .. } => anyhow!(
            "{shown} does not answer as a native listener of Ringlog ({error}). The native port is not the Kafka port"
        ),
        error => anyhow!("{shown}: {error}"),
    }
}

/// Adds what to do about it.
pub(crate) fn explained(error: ClientError) -> anyhow::Error {
    let advice = match &error {
        ClientError::UnknownTopic(topic) => {
            format!(". `ringlog topic create {topic}` creates it, `ringlog topic list` lists what there is")
        }
        error => advice(error.code()).to_owned(),
    };
    anyhow!("{error}{advice}")
}

fn advice(code: Option<ErrorCode>) -> &'static str {
    match code {
        Some(ErrorCode::StorageError) => {
            ". The node's disk is full or has failed; its log says which. Deleting topics or records frees space"
        }
        Some(ErrorCode::MessageTooLarge) => ". The topic's max.message.bytes is the bound",
        Some(ErrorCode::CoordinatorNotAvailable | ErrorCode::RequestTimedOut) => {
            ". The node may not reach its controller now"
        }
        _ => "",
    }
}
