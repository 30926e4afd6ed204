//! The jobs over glommio.

use ::glommio::channels::shared_channel;
use ::glommio::io::OpenOptions;
use ::glommio::net::TcpListener;
use ::glommio::{LocalExecutorBuilder, Placement};
use futures_lite::{AsyncReadExt, AsyncWriteExt};

use crate::jobs::{self, AppendFile, FRAME, Measured};

pub(crate) fn ingest(bytes: u64) -> Measured {
    jobs::ingest(bytes, |address| {
        let executor = LocalExecutorBuilder::new(Placement::Unbound).make().expect("an executor");
        executor.run(async move {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            address.send(listener.local_addr().expect("bound")).expect("the client waits");
            let mut stream = listener.accept().await.expect("the client connects");
            let mut buffer = vec![0; FRAME];
            for _ in 0..bytes / FRAME as u64 {
                stream.read_exact(&mut buffer).await.expect("the client sends");
            }
        });
    })
}

pub(crate) fn egress(bytes: u64) -> Measured {
    jobs::egress(bytes, |address| {
        let executor = LocalExecutorBuilder::new(Placement::Unbound).make().expect("an executor");
        executor.run(async move {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            address.send(listener.local_addr().expect("bound")).expect("the client waits");
            let mut stream = listener.accept().await.expect("the client connects");
            let buffer = vec![7; FRAME];
            for _ in 0..bytes / FRAME as u64 {
                stream.write_all(&buffer).await.expect("the client reads");
            }
        });
    })
}

pub(crate) fn append(file: &AppendFile, count: u64) -> Measured {
    let path = file.path();
    jobs::measure(|| {
        let executor = LocalExecutorBuilder::new(Placement::Unbound).make().expect("an executor");
        executor.run(async move {
            let file = OpenOptions::new().write(true).dma_open(&path).await.expect("the file is there");
            for number in 0..count {
                let mut buffer = file.alloc_dma_buffer(FRAME);
                buffer.as_bytes_mut().fill(7);
                let written = file.write_at(buffer, number * FRAME as u64).await.expect("the disk writes");
                assert_eq!(written, FRAME);
                file.fdatasync().await.expect("the disk syncs");
            }
            file.close().await.expect("the file closes");
        });
    })
}

pub(crate) fn cross_core(trips: u64) -> Measured {
    jobs::measure(|| {
        let (asks, asked) = shared_channel::new_bounded::<u64>(64);
        let (answers, answered) = shared_channel::new_bounded::<u64>(64);
        let first = LocalExecutorBuilder::new(Placement::Fixed(0)).spawn(move || async move {
            let (asks, answered) = (asks.connect().await, answered.connect().await);
            for number in 0..trips {
                asks.send(number).await.expect("the other executor waits");
                assert_eq!(answered.recv().await, Some(number + 1));
            }
        });
        let second = LocalExecutorBuilder::new(Placement::Fixed(1)).spawn(move || async move {
            let (asked, answers) = (asked.connect().await, answers.connect().await);
            while let Some(number) = asked.recv().await {
                if answers.send(number + 1).await.is_err() {
                    break;
                }
            }
        });
        first.expect("a thread").join().expect("the first executor works");
        second.expect("a thread").join().expect("the second executor works");
    })
}
