//! Thread-per-core reactor: tasks, timers, files, sockets and mailboxes over io_uring, epoll or a simulator.
#![allow(unsafe_code)]
