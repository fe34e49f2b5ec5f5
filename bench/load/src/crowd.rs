//! All clients, on one thread: it does what it is told, reads, and gives account.

use crate::clock::{cpu_ns, now_ns, wall_offset_ns};
use crate::connection::{Connection, Kind, News};
use crate::frame::{masked, opcode};
use crate::order::Order;
use crate::payload::MAX_PIECE_BYTES;
use crate::pinger::Pinger;
use crate::tally::Tally;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

const STDIN: u64 = u64::MAX;
const EVENTS_AT_ONCE: usize = 1024;
const CONNECT_WITHIN_NS: u64 = 60_000_000_000;
const MILLISECOND_NS: u64 = 1_000_000;
/// The group that is in the tally.
const WATCHED: u8 = 0;

/// What the answer to the last order waits for.
enum Task {
    Connect { kind: Kind, left: usize, at_once: usize, begun_ns: u64, under_way: usize },
    Collect { deadline_ns: u64 },
    Talk { begun_ns: u64 },
    Ping(Pinger),
}

/// How a group reads when it does not read as the kernel offers.
struct Pace {
    bytes: usize,
    every_ns: u64,
    due_ns: u64,
}

/// The clients and what they are doing.
pub struct Crowd {
    epoll: Epoll,
    clients: Vec<Option<Connection>>,
    buffer: Vec<u8>,
    tally: Tally,
    begun_cpu_ns: u64,
    task: Option<Task>,
    paces: BTreeMap<u8, Pace>,
    is_asleep: bool,
    wall_offset_ns: Option<u64>,
    strangers: u64,
}

impl Crowd {
    /// A crowd of nobody.
    ///
    /// # Errors
    /// Those of the system calls.
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(io::stdin(), EpollEvent::new(EpollFlags::EPOLLIN, STDIN))?;
        Ok(Self {
            epoll,
            clients: Vec::new(),
            buffer: vec![0; MAX_PIECE_BYTES],
            tally: Tally::default(),
            begun_cpu_ns: 0,
            task: None,
            paces: BTreeMap::new(),
            is_asleep: false,
            wall_offset_ns: None,
            strangers: 0,
        })
    }

    /// Serves until the driver hangs up.
    ///
    /// # Errors
    /// Those of the system calls, and orders that make no sense.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = vec![EpollEvent::empty(); EVENTS_AT_ONCE];
        loop {
            if self.is_asleep {
                if !self.hear()? {
                    return Ok(());
                }
                continue;
            }
            let count = self.epoll.wait(&mut events, self.timeout())?;
            for event in &events[..count] {
                match event.data() {
                    STDIN if !self.hear()? => return Ok(()),
                    STDIN => {}
                    place => self.serve(place as usize, event.events()),
                }
            }
            self.read_slowly();
            self.go_on()?;
        }
    }

    fn timeout(&self) -> EpollTimeout {
        match self.task {
            Some(Task::Ping(_)) => EpollTimeout::from(1u8),
            _ if !self.paces.is_empty() => EpollTimeout::from(1u8),
            Some(_) => EpollTimeout::from(20u8),
            None => EpollTimeout::NONE,
        }
    }

    /// Takes one order. False when there will be no more.
    fn hear(&mut self) -> io::Result<bool> {
        let mut line = String::new();
        // The driver waits for each answer, so there is never a second line to miss.
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(false);
        }
        self.obey(serde_json::from_str(&line)?)?;
        Ok(true)
    }

    fn obey(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Connect {
                port,
                count,
                at_once,
                group,
                receive_bytes,
                stamped,
                tls,
                hello,
                is_again,
            } => {
                let begun_ns = now_ns();
                if is_again {
                    self.clients.clear();
                }
                let kind = Kind { port, group, receive_bytes, stamped, tls, hello };
                let task = Task::Connect { kind, left: count, at_once, begun_ns, under_way: 0 };
                self.task = Some(task);
                Ok(())
            }
            Order::Expect { first, count, asleep } => {
                let watched = self.clients.iter_mut().flatten().filter(|one| one.group == WATCHED);
                let receivers = watched.map(|client| client.next = first).count();
                self.tally = Tally::expect(first, count, receivers);
                self.begun_cpu_ns = cpu_ns();
                self.is_asleep = asleep;
                self.wall_offset_ns = asleep.then(wall_offset_ns);
                answer(&json!({ "receivers": receivers }))
            }
            Order::Collect { within_ms } => {
                self.is_asleep = false;
                let deadline_ns = now_ns() + within_ms * MILLISECOND_NS;
                self.task = Some(Task::Collect { deadline_ns });
                Ok(())
            }
            Order::Read { group, bytes, every_ms } => {
                self.paces.remove(&group);
                if let Some(bytes) = bytes {
                    let pace = Pace { bytes, every_ns: every_ms * MILLISECOND_NS, due_ns: 0 };
                    self.paces.insert(group, pace);
                }
                (0..self.clients.len()).for_each(|place| self.watch(place));
                answer(&json!({}))
            }
            Order::Talk { text, count } => {
                let frame = masked(opcode::TEXT, text.as_bytes());
                let frames = frame.repeat(count);
                self.task = Some(Task::Talk { begun_ns: now_ns() });
                (0..self.clients.len()).for_each(|place| self.send(place, &frames));
                Ok(())
            }
            Order::Ping { every_ms, for_ms } => {
                self.task = Some(Task::Ping(Pinger::new(self.clients.len(), every_ms, for_ms)));
                Ok(())
            }
            Order::Drop => {
                self.clients.clear();
                self.paces.clear();
                answer(&json!({}))
            }
        }
    }

    /// Tells the kernel what a client waits for.
    fn watch(&mut self, place: usize) {
        let Some(Some(client)) = self.clients.get(place) else { return };
        let mut interest = EpollFlags::empty();
        interest.set(EpollFlags::EPOLLIN, !self.paces.contains_key(&client.group));
        interest.set(EpollFlags::EPOLLOUT, client.wants_to_write());
        let mut event = EpollEvent::new(interest, place as u64);
        if self.epoll.modify(client.fd(), &mut event).is_err() {
            self.lose(place);
        }
    }

    fn send(&mut self, place: usize, frames: &[u8]) {
        let Some(Some(client)) = self.clients.get_mut(place) else { return };
        match client.send(frames) {
            Ok(()) if client.wants_to_write() => self.watch(place),
            Ok(()) => {}
            Err(_) => self.lose(place),
        }
    }

    fn serve(&mut self, place: usize, flags: EpollFlags) {
        if flags.contains(EpollFlags::EPOLLOUT) {
            let Some(Some(client)) = self.clients.get_mut(place) else { return };
            match client.on_writable() {
                Ok(()) if client.wants_to_write() => {}
                Ok(()) => self.watch(place),
                Err(_) => return self.lose(place),
            }
        }
        if flags.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR) {
            self.read(place, MAX_PIECE_BYTES);
        }
    }

    fn read(&mut self, place: usize, most: usize) {
        let Self { clients, tally, task, strangers, .. } = self;
        let Some(Some(client)) = clients.get_mut(place) else { return };
        let is_watched = client.group == WATCHED;
        let mut tell = |next: &mut u64, news| match (news, &mut *task) {
            (News::Payload { sequence, sent_ns, got_ns, is_intact }, _) if is_watched => {
                tally.on_payload(next, sequence, sent_ns, got_ns);
                tally.faults_mut().damaged += u64::from(!is_intact);
            }
            (News::Greeted, Some(Task::Connect { under_way, .. })) => *under_way -= 1,
            (News::Pong(sent_ns), Some(Task::Ping(pinger))) => pinger.on_pong(sent_ns),
            (News::Malformed, _) => tally.faults_mut().damaged += 1,
            (_, _) if is_watched => tally.faults_mut().strange += 1,
            (_, _) => *strangers += 1,
        };
        let read = client.on_readable(&mut self.buffer[..most], self.wall_offset_ns, &mut tell);
        match read {
            Ok(()) if client.wants_to_write() => self.watch(place),
            Ok(()) => {}
            Err(_) => self.lose(place),
        }
    }

    fn lose(&mut self, place: usize) {
        if self.clients[place].take().is_some_and(|client| client.group == WATCHED) {
            self.tally.faults_mut().ended += 1;
        }
    }

    fn read_slowly(&mut self) {
        let now = now_ns();
        let groups: Vec<_> = self.paces.keys().copied().collect();
        for group in groups {
            let Some(pace) = self.paces.get_mut(&group) else { continue };
            if pace.bytes == 0 || now < pace.due_ns {
                continue;
            }
            pace.due_ns = now + pace.every_ns;
            let bytes = pace.bytes.min(MAX_PIECE_BYTES);
            for place in 0..self.clients.len() {
                if self.clients[place].as_ref().is_some_and(|client| client.group == group) {
                    self.read(place, bytes);
                }
            }
        }
    }

    /// Goes on with the order under way and answers it when it is carried out.
    fn go_on(&mut self) -> io::Result<()> {
        let now = now_ns();
        match self.task.take() {
            Some(Task::Connect { kind, left: 0, begun_ns, under_way: 0, .. }) => {
                answer(&json!({ "ns": now - begun_ns, "begunNs": begun_ns, "port": kind.port }))
            }
            Some(Task::Connect { begun_ns, left, under_way, .. })
                if now - begun_ns > CONNECT_WITHIN_NS =>
            {
                answer(&json!({ "error": format!("{} were not greeted", left + under_way) }))
            }
            Some(Task::Connect { kind, mut left, at_once, begun_ns, mut under_way }) => {
                while left > 0 && under_way < at_once {
                    self.connect(&kind)?;
                    left -= 1;
                    under_way += 1;
                }
                self.task = Some(Task::Connect { kind, left, at_once, begun_ns, under_way });
                Ok(())
            }
            Some(Task::Collect { deadline_ns })
                if self.tally.is_complete() || now >= deadline_ns =>
            {
                self.wall_offset_ns = None;
                answer(&self.account())
            }
            Some(Task::Talk { begun_ns }) if !self.is_writing() => {
                answer(&json!({ "ns": now - begun_ns, "begunNs": begun_ns }))
            }
            Some(Task::Ping(pinger)) if pinger.is_over() => answer(&json!(pinger.report())),
            Some(Task::Ping(mut pinger)) => {
                while let Some(place) = pinger.next_due() {
                    self.send(place, &masked(opcode::PING, &now_ns().to_be_bytes()));
                }
                self.task = Some(Task::Ping(pinger));
                Ok(())
            }
            waiting => {
                self.task = waiting;
                Ok(())
            }
        }
    }

    fn is_writing(&self) -> bool {
        self.clients.iter().flatten().any(Connection::wants_to_write)
    }

    fn connect(&mut self, kind: &Kind) -> io::Result<()> {
        let client = Connection::open(kind)?;
        let event = EpollEvent::new(EpollFlags::EPOLLOUT, self.clients.len() as u64);
        self.epoll.add(client.fd(), event)?;
        self.clients.push(Some(client));
        Ok(())
    }

    fn account(&self) -> Value {
        let mut account = json!(self.tally.report());
        account["cpuNs"] = json!(cpu_ns() - self.begun_cpu_ns);
        account["aside"] = json!(self.strangers);
        account
    }
}

fn answer(value: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{value}")?;
    stdout.flush()
}
