//! Sockets of Unix systems.

use crate::core::acknowledgement::Acknowledgement;
use crate::core::error::{Error, is_out_of_descriptors};
use socket2::{Domain, Socket as RawSocket, Type};
use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice, Read};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A duplicate of a connected stream socket, not yet registered with a reactor.
#[derive(Debug)]
pub struct Adopted(RawSocket);

impl Adopted {
    /// The number of the duplicate.
    pub(crate) fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// See [`acknowledgement`].
    pub(crate) fn acknowledgement(&self, window: Option<u32>) -> Acknowledgement {
        acknowledgement(&self.0, window)
    }

    /// How much the peer's system has room for, where it is known.
    pub(crate) fn window(&self) -> Option<u32> {
        window(&self.0)
    }
}

/// Duplicates `fd`. The original stays with its owner, which keeps it open but must neither
/// read nor write any more.
///
/// # Errors
/// [`Error::NotAdoptable`] if it is not a connected TCP or Unix stream socket;
/// [`Error::Descriptors`] if there is none left for the duplicate.
pub fn adopt(fd: i32) -> Result<Adopted, Error> {
    let refuse = |reason: String| Error::NotAdoptable { fd, reason };
    if fd < 0 {
        return Err(refuse("it is negative".to_owned()));
    }
    // SAFETY: the caller holds `fd` open during this call; it is borrowed for the `fcntl` of
    // the next line only, and owned by nobody here.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let owned = borrowed.try_clone_to_owned().map_err(|error| {
        if is_out_of_descriptors(&error) {
            Error::Descriptors(error)
        } else {
            refuse(error.to_string())
        }
    })?;
    let socket = RawSocket::from(owned);
    let kind = socket.r#type().map_err(|error| refuse(error.to_string()))?;
    if kind != Type::STREAM {
        return Err(refuse("it is not a stream socket".to_owned()));
    }
    let address = socket.peer_addr().map_err(|error| refuse(error.to_string()))?;
    if ![Domain::IPV4, Domain::IPV6, Domain::UNIX].contains(&address.domain()) {
        return Err(refuse(format!("its family is {:?}", address.family())));
    }
    socket.set_nonblocking(true).map_err(|error| refuse(error.to_string()))?;
    Ok(Adopted(socket))
}

/// A socket on its I/O thread. Room for writing is not watched before a write has found none: a
/// new socket always has some, and its thread would be woken for nothing.
#[derive(Debug)]
pub struct Socket {
    socket: Arc<RawSocket>,
    registration: RefCell<Option<Registration>>,
    /// There are bytes of which the reactor does not tell any more.
    has_unread: Cell<bool>,
    /// The peer has reset the connection, and some of what it sent before waits to be read.
    is_reset: Cell<bool>,
}

#[derive(Debug)]
struct Registration {
    fd: AsyncFd<Arc<RawSocket>>,
    watches_room: bool,
}

impl Registration {
    /// Registers with the reactor of the runtime that has been entered.
    fn new(socket: Arc<RawSocket>, watches_room: bool) -> io::Result<Self> {
        let interest = match watches_room {
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::READABLE,
        };
        // SAFETY: `socket` owns an open descriptor, and nothing replaces or closes it while
        // the `AsyncFd` owns a share of it: it is reached by shared reference only.
        let fd = unsafe { AsyncFd::register_with_interest(socket, interest) }?;
        Ok(Self { fd, watches_room })
    }
}

/// The same socket for other threads, which write to it and wait for nothing.
#[derive(Clone, Debug)]
pub struct Writer(Arc<RawSocket>);

impl Writer {
    /// Writes what the kernel takes at once.
    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        send_now(&self.0, slices)
    }
}

impl Socket {
    /// Registers with the reactor of the runtime that has been entered.
    pub fn new(adopted: Adopted) -> io::Result<Self> {
        let socket = Arc::new(adopted.0);
        let registration = Registration::new(socket.clone(), false)?;
        let registration = RefCell::new(Some(registration));
        let (has_unread, is_reset) = Default::default();
        Ok(Self { socket, registration, has_unread, is_reset })
    }

    /// Watches for room as well, from a write on that has found none.
    fn watch_room(&self) -> io::Result<()> {
        let mut registration = self.registration.borrow_mut();
        // A reactor takes a descriptor once.
        *registration = None;
        *registration = Some(Registration::new(self.socket.clone(), true)?);
        Ok(())
    }

    fn watches_room(&self) -> bool {
        self.registration.borrow().as_ref().is_some_and(|it| it.watches_room)
    }

    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let registration = self.registration.borrow();
        let Some(Registration { fd, .. }) = registration.as_ref() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        while self.has_unread.get() {
            match (&*self.socket).read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.has_unread.set(false);
                }
                result => return Poll::Ready(result),
            }
        }
        loop {
            let mut guard = ready!(fd.poll_read_ready(cx))?;
            match guard.try_io(|socket| {
                let mut socket: &RawSocket = socket.get_ref();
                socket.read(buffer)
            }) {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(result) => return Poll::Ready(result),
                Err(_would_block) => {}
            }
        }
    }

    /// The end of the stream, when nothing before it waits to be read. Bytes that wait are left there.
    pub(crate) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let registration = self.registration.borrow();
        let Some(Registration { fd, .. }) = registration.as_ref() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        loop {
            let mut guard = ready!(fd.poll_read_ready(cx))?;
            match self.socket.peek(&mut [MaybeUninit::uninit()]) {
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(_) => {
                    self.has_unread.set(true);
                    guard.clear_ready();
                    if self.socket.take_error()?.is_some() {
                        self.is_reset.set(true);
                        cx.waker().wake_by_ref();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => guard.clear_ready(),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    pub(crate) fn is_reset(&self) -> bool {
        self.is_reset.get()
    }

    /// Writes when the kernel takes something.
    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.watches_room() {
            match self.try_write(slices) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.watch_room()?;
                    // The new registration wakes nobody yet, for reading neither.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                result => return Poll::Ready(result),
            }
        }
        let registration = self.registration.borrow();
        let Some(Registration { fd, .. }) = registration.as_ref() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        loop {
            let mut guard = ready!(fd.poll_write_ready(cx))?;
            match guard.try_io(|socket| send(socket.get_ref(), slices)) {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(result) => return Poll::Ready(result),
                Err(_would_block) => {}
            }
        }
    }

    /// Writes what the kernel takes at once.
    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        send_now(&self.socket, slices)
    }

    /// For other writers.
    pub(crate) fn writer(&self) -> Writer {
        Writer(self.socket.clone())
    }

    pub(crate) fn shutdown(&self, how: Shutdown) {
        // The peer may be gone already, which is what a shutdown is for.
        let _ = self.socket.shutdown(how);
    }

    /// See [`acknowledgement`].
    pub(crate) fn acknowledgement(&self, window: Option<u32>) -> Acknowledgement {
        acknowledgement(&self.socket, window)
    }

    /// How much the peer's system has room for, where it is known.
    pub(crate) fn window(&self) -> Option<u32> {
        window(&self.socket)
    }
}

/// TCP's knowledge of the bytes written; `window` is what [`window`] was when the peer was heard last.
/// Asked on Linux only. A Unix socket says nothing: its peer is on this machine, and does not vanish.
fn acknowledgement(socket: &RawSocket, window: Option<u32>) -> Acknowledgement {
    #[cfg(target_os = "linux")]
    if let Some(info) = tcp_info(socket) {
        return Acknowledgement::from_tcp_info(&info, window);
    }
    let _ = (socket, window);
    Acknowledgement::Unknown
}

/// How much the peer's system has room for, where it is known.
fn window(socket: &RawSocket) -> Option<u32> {
    #[cfg(target_os = "linux")]
    if let Some(info) = tcp_info(socket) {
        return crate::core::acknowledgement::window(&info);
    }
    let _ = socket;
    None
}

/// The kernel's `struct tcp_info`, as far as this kernel has it.
#[cfg(target_os = "linux")]
fn tcp_info(socket: &RawSocket) -> Option<Vec<u8>> {
    use crate::core::acknowledgement::TCP_INFO_BYTES;
    let mut info = vec![0_u8; TCP_INFO_BYTES];
    let mut length = TCP_INFO_BYTES as libc::socklen_t;
    // SAFETY: `socket` holds the descriptor open during the call, and the kernel writes at most
    // `length` bytes into `info`, which has as many and outlives the call.
    let failed = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &mut length,
        )
    };
    info.truncate(length as usize);
    (failed == 0).then_some(info)
}

fn send_now(socket: &RawSocket, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    loop {
        match send(socket, slices) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// One slice, the common case, takes the cheaper system call.
fn send(socket: &RawSocket, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [slice] => socket.send(slice),
        slices => socket.send_vectored(slices),
    }
}
