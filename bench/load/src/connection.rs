//! One client: the handshake, then frames in and, now and then, out.

use crate::clock::now_ns;
use crate::frame::{self, Part, Reader, masked, opcode};
use crate::number::Number;
use crate::payload::{Check, Verdict};
use crate::stream::Stream;
use nix::libc::{linger, timespec};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn, connect, recvmsg,
    setsockopt, socket, sockopt,
};
use std::io::{self, ErrorKind, IoSliceMut, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// What a browser says too, because servers keep it.
const BROWSER_HEADERS: &str = "Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

const ETHERNET_SEGMENT_BYTES: u32 = 1400;

/// How a client is made.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Where it connects to, on this machine.
    pub port: u16,
    /// Which crowd it belongs to.
    pub group: u8,
    /// `SO_RCVBUF`; segments are then those of an Ethernet, not of loopback.
    pub receive_bytes: Option<usize>,
    /// Whether the kernel notes when data arrived.
    pub stamped: bool,
    /// Whether it speaks TLS; it is then never stamped.
    pub tls: bool,
    /// The first message, if it has something to say.
    pub hello: Option<String>,
}

/// Something that a client has learnt.
#[derive(Debug)]
pub enum News {
    /// The server's first message.
    Greeted,
    /// A payload of the benchmark.
    Payload {
        /// Its number.
        sequence: u64,
        /// When it was sent.
        sent_ns: u64,
        /// When it was here.
        got_ns: u64,
        /// Whether its bytes are right.
        is_intact: bool,
    },
    /// The answer to a ping, and the time that it carried.
    Pong(u64),
    /// A message of another kind.
    Other,
    /// Bytes that no server may send.
    Malformed,
}

#[derive(Debug)]
enum Phase {
    Connecting { request: String },
    Upgrading { response: Vec<u8> },
    Open,
}

/// A client's side of a connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    /// Which crowd it belongs to.
    pub group: u8,
    /// The number of the next payload.
    pub next: u64,
    phase: Phase,
    reader: Reader,
    opcode: u8,
    check: Check,
    number: Number,
    control: Vec<u8>,
    out: Vec<u8>,
    /// The first message.
    hello: Option<Vec<u8>>,
}

impl Connection {
    /// Begins to connect.
    ///
    /// # Errors
    /// Those of the system calls; a connection under way is none.
    pub fn open(kind: &Kind) -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let fd = socket(AddressFamily::Inet, SockType::Stream, flags, None)?;
        if let Some(bytes) = kind.receive_bytes {
            setsockopt(&fd, sockopt::RcvBuf, &bytes)?;
            // With segments of 64 KiB, as on loopback, the kernel would hold megabytes for each
            // client on the server's side.
            setsockopt(&fd, sockopt::TcpMaxSeg, &ETHERNET_SEGMENT_BYTES)?;
        }
        if kind.stamped {
            setsockopt(&fd, sockopt::ReceiveTimestampns, &true)?;
        }
        // Leaving with a reset keeps thousands of ports out of TIME_WAIT.
        setsockopt(&fd, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 })?;
        let address = SockaddrIn::new(127, 0, 0, 1, kind.port);
        match connect(fd.as_raw_fd(), &address) {
            Ok(()) | Err(nix::errno::Errno::EINPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let stream = TcpStream::from(fd);
        stream.set_nodelay(true)?;
        let request = format!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\n{BROWSER_HEADERS}\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: vite-hmr\r\n\r\n",
            kind.port
        );
        let hello = kind.hello.as_ref().map(|text| masked(opcode::TEXT, text.as_bytes()));
        Ok(Self {
            stream: Stream::new(stream, kind.tls),
            group: kind.group,
            next: 0,
            phase: Phase::Connecting { request },
            reader: Reader::default(),
            opcode: 0,
            check: Check::new(0),
            number: Number::begin(0),
            control: Vec::new(),
            out: Vec::new(),
            hello,
        })
    }

    /// The socket, to wait for.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.stream.tcp().as_fd()
    }

    /// Whether it waits until the kernel takes something.
    pub fn wants_to_write(&self) -> bool {
        matches!(self.phase, Phase::Connecting { .. })
            || !self.out.is_empty()
            || self.stream.wants_to_write()
    }

    /// Sends a frame, now or when the kernel takes it.
    ///
    /// # Errors
    /// The connection's end.
    pub fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        self.out.extend_from_slice(frames);
        self.on_writable()
    }

    /// Writes what is to be written.
    ///
    /// # Errors
    /// The connection's end.
    pub fn on_writable(&mut self) -> io::Result<()> {
        if let Phase::Connecting { request } = &self.phase {
            if let Some(error) = self.stream.tcp().take_error()? {
                return Err(error);
            }
            self.out = request.as_bytes().to_vec();
            self.phase = Phase::Upgrading { response: Vec::new() };
        }
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.stream.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            flushed => flushed,
        }
    }

    /// Reads once, or over TLS until nothing is left. `wall_offset_ns` asks for the kernel's time of arrival.
    ///
    /// # Errors
    /// The connection's end, an orderly one included.
    pub fn on_readable(
        &mut self,
        buffer: &mut [u8],
        wall_offset_ns: Option<u64>,
        tell: &mut impl FnMut(&mut u64, News),
    ) -> io::Result<()> {
        loop {
            let read = match wall_offset_ns {
                Some(offset) => self.read_stamped(buffer, offset),
                None => self.stream.read(buffer).map(|count| (count, now_ns())),
            };
            match read {
                Ok((0, _)) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok((count, got_ns)) => self.receive(&buffer[..count], got_ns, tell)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.flush(),
                Err(error) => return Err(error),
            }
            if !self.stream.is_buffered() {
                return Ok(());
            }
        }
    }

    fn read_stamped(&self, buffer: &mut [u8], wall_offset_ns: u64) -> io::Result<(usize, u64)> {
        let mut control = nix::cmsg_space!(timespec);
        let mut slices = [IoSliceMut::new(buffer)];
        let fd = self.stream.tcp().as_raw_fd();
        let message = recvmsg::<()>(fd, &mut slices, Some(&mut control), MsgFlags::empty())?;
        let stamp = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(at) => {
                Some(at.tv_sec() as u64 * 1_000_000_000 + at.tv_nsec() as u64 - wall_offset_ns)
            }
            _ => None,
        });
        Ok((message.bytes, stamp.unwrap_or_else(now_ns)))
    }

    fn receive(
        &mut self,
        data: &[u8],
        got_ns: u64,
        tell: &mut impl FnMut(&mut u64, News),
    ) -> io::Result<()> {
        let Phase::Upgrading { response } = &mut self.phase else {
            return self.receive_frames(data, got_ns, tell);
        };
        response.extend_from_slice(data);
        let Some(end) = response.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            return Ok(());
        };
        if !response.starts_with(b"HTTP/1.1 101") {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        let rest = response.split_off(end + 4);
        self.phase = Phase::Open;
        if let Some(hello) = self.hello.take() {
            self.send(&hello)?;
        }
        self.receive_frames(&rest, got_ns, tell)
    }

    fn receive_frames(
        &mut self,
        data: &[u8],
        got_ns: u64,
        tell: &mut impl FnMut(&mut u64, News),
    ) -> io::Result<()> {
        let mut at = 0;
        loop {
            match self.reader.next(data, &mut at) {
                Ok(None) => return Ok(()),
                Ok(Some(Part::Begin { opcode, length })) => {
                    self.opcode = opcode;
                    self.check = Check::new(length);
                    self.number = Number::begin(length);
                    self.control.clear();
                }
                Ok(Some(Part::Piece(range))) if self.opcode == opcode::TEXT => {
                    let payload = self.number.skip(&data[range]);
                    if let Some(length) = self.number.payload_length() {
                        self.check = Check::new(length);
                    }
                    payload.iter().for_each(|part| self.check.feed(part));
                }
                Ok(Some(Part::Piece(range))) => self.control.extend_from_slice(&data[range]),
                Ok(Some(Part::End)) => self.on_frame(got_ns, tell)?,
                Err(frame::Malformed) => {
                    tell(&mut self.next, News::Malformed);
                    return Err(ErrorKind::InvalidData.into());
                }
            }
        }
    }

    fn on_frame(&mut self, got_ns: u64, tell: &mut impl FnMut(&mut u64, News)) -> io::Result<()> {
        let news = match self.opcode {
            opcode::TEXT => match self.check.verdict() {
                Verdict::Connected => News::Greeted,
                Verdict::Payload { sequence, at_ns: sent_ns, is_intact } => {
                    News::Payload { sequence, sent_ns, got_ns, is_intact }
                }
                Verdict::Other => News::Other,
            },
            opcode::PING => return self.send(&masked(opcode::PONG, &self.control.clone())),
            opcode::PONG => {
                let sent = self.control.first_chunk().map_or(0, |time| u64::from_be_bytes(*time));
                News::Pong(sent)
            }
            opcode::CLOSE => return Err(ErrorKind::UnexpectedEof.into()),
            _ => News::Other,
        };
        tell(&mut self.next, news);
        Ok(())
    }
}
