//! The raw limit: a ready frame, and one `write` of it for each client.

use crate::clock::now_ns;
use crate::frame::{header, opcode};
use crate::payload;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use serde::Deserialize;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the driver says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Send {
    /// The number of the first broadcast.
    pub first: u64,
    /// How many.
    pub count: usize,
    /// Bytes of a payload.
    pub size: usize,
    /// Milliseconds to sleep after each.
    pub gap_ms: u64,
    /// Whether nothing is sent, to know what the rest costs.
    #[serde(default)]
    pub dry: bool,
}

/// A thread's share of the clients.
#[derive(Debug, Default)]
struct Share {
    clients: Vec<TcpStream>,
}

impl Share {
    /// Writes a frame to everyone; what the kernel does not take at once follows when it does.
    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        let mut late = Vec::new();
        let mut gone = Vec::new();
        for (place, mut client) in self.clients.iter().enumerate() {
            match client.write(frame) {
                Ok(count) if count == frame.len() => {}
                Ok(count) => late.push((place, count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => late.push((place, 0)),
                Err(_gone) => gone.push(place),
            }
        }
        // From the end, so that places stay right; those who are late are never gone.
        if !gone.is_empty() && late.is_empty() {
            gone.into_iter().rev().for_each(|place| drop(self.clients.swap_remove(place)));
        }
        if late.is_empty() { Ok(()) } else { self.finish(frame, late) }
    }

    fn finish(&self, frame: &[u8], mut late: Vec<(usize, usize)>) -> io::Result<()> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        for (index, (place, _)) in late.iter().enumerate() {
            let event = EpollEvent::new(EpollFlags::EPOLLOUT, index as u64);
            epoll.add(&self.clients[*place], event)?;
        }
        let mut left = late.len();
        let mut events = [EpollEvent::empty(); 256];
        while left > 0 {
            let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
            for event in &events[..count] {
                let (place, written) = &mut late[event.data() as usize];
                let mut client = &self.clients[*place];
                match client.write(&frame[*written..]) {
                    Ok(count) => *written += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(_gone) => *written = frame.len(),
                }
                if *written == frame.len() {
                    left -= 1;
                    epoll.delete(client)?;
                }
            }
        }
        Ok(())
    }
}

/// The clients, dealt out to threads; the caller is one of them.
struct Writers {
    shares: Vec<Arc<Mutex<Share>>>,
    frames: Vec<Sender<Arc<Vec<u8>>>>,
    done: Receiver<()>,
}

impl Writers {
    fn start(threads: usize) -> Self {
        let shares: Vec<_> = (0..threads).map(|_| Arc::new(Mutex::new(Share::default()))).collect();
        let (report, done) = channel();
        let frames = shares[1..].iter().map(|share| {
            let (frames, inbox) = channel::<Arc<Vec<u8>>>();
            let (share, report) = (share.clone(), report.clone());
            thread::spawn(move || {
                for frame in inbox {
                    share.lock().expect("no writer panics").write(&frame).expect("epoll works");
                    report.send(()).expect("the main thread waits");
                }
            });
            frames
        });
        let frames = frames.collect();
        Self { shares, frames, done }
    }

    fn broadcast(&self, frame: Vec<u8>) -> io::Result<()> {
        let frame = Arc::new(frame);
        for frames in &self.frames {
            frames.send(frame.clone()).expect("writers live as long as the process");
        }
        self.shares[0].lock().expect("no writer panics").write(&frame)?;
        self.frames.iter().for_each(|_| self.done.recv().expect("writers answer"));
        Ok(())
    }
}

/// Serves clients with so many threads until the driver hangs up.
///
/// # Errors
/// Those of the system calls, and orders that make no sense.
pub fn serve(threads: usize) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{{\"port\":{}}}", listener.local_addr()?.port());
    let writers = Writers::start(threads);
    let shares = writers.shares.clone();
    thread::spawn(move || {
        for (count, client) in listener.incoming().flatten().enumerate() {
            let share = &shares[count % shares.len()];
            // A client that leaves during the handshake is no client.
            let _ = greet(client, share);
        }
    });
    for line in io::stdin().lock().lines() {
        let order: Send = serde_json::from_str(&line?)?;
        let wall_ns = send(&writers, &order)?;
        println!("{}", serde_json::json!({ "wallNs": wall_ns, "freeNs": wall_ns }));
    }
    Ok(())
}

fn send(writers: &Writers, order: &Send) -> io::Result<Vec<u64>> {
    let mut wall_ns = Vec::with_capacity(order.count);
    for place in 0..order.count as u64 {
        let mut frame = header(opcode::TEXT, order.size);
        let header_bytes = frame.len();
        frame.extend(payload::write(order.first + place, 0, order.size));
        let begun_ns = now_ns();
        payload::stamp(&mut frame[header_bytes..], begun_ns);
        if !order.dry {
            writers.broadcast(frame)?;
        }
        wall_ns.push(now_ns() - begun_ns);
        if order.gap_ms > 0 {
            thread::sleep(Duration::from_millis(order.gap_ms));
        }
    }
    Ok(wall_ns)
}

/// Lets a client in. The clients here do not check the key, so it is not computed.
fn greet(mut client: TcpStream, share: &Mutex<Share>) -> io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 2048];
    while !request.ends_with(b"\r\n\r\n") {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..count]);
    }
    client.set_nodelay(true)?;
    client.set_nonblocking(true)?;
    let greeting = br#"{"type":"connected"}"#;
    let mut answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: -\r\n\
        Sec-WebSocket-Protocol: vite-hmr\r\n\r\n"
        .to_vec();
    answer.extend(header(opcode::TEXT, greeting.len()));
    answer.extend_from_slice(greeting);
    // In the share first: a client that has been greeted expects the next broadcast.
    let mut share = share.lock().expect("no writer panics");
    client.write_all(&answer)?;
    share.clients.push(client);
    Ok(())
}
