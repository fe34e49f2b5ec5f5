//! Why a client left.

/// The reason why a client left.
///
/// The first failure counts: a client that did not read and then did not answer the close frame
/// left because it did not read. Without a failure, the first step of the closing counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The client sent a close frame.
    ClientClosed,
    /// The stream ended or failed, and the client had sent no close frame.
    ConnectionLost,
    /// The caller closed the connection with a close frame.
    ServerClosed,
    /// The caller ended the connection without a close frame.
    Terminated,
    /// The server was closed.
    ServerShutdown,
    /// Failure: nothing came for two keepalive periods, in spite of a ping.
    KeepaliveTimeout,
    /// Failure: the close handshake took longer than `close_timeout`.
    CloseTimeout,
    /// Failure: the outbox was over its high-water mark, and the connection was closed with 1013.
    Overflow,
    /// Failure: the client broke RFC 6455.
    ProtocolError,
}

impl DisconnectReason {
    /// Whether it is a failure, which outranks the steps of an orderly closing.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::KeepaliveTimeout | Self::CloseTimeout | Self::Overflow | Self::ProtocolError
        )
    }

    /// The reason after `next` has happened too.
    pub(crate) fn then(known: Option<Self>, next: Self) -> Self {
        match (known, next) {
            // A close frame may be read after a write has failed.
            (Some(Self::ConnectionLost), Self::ClientClosed) => next,
            (Some(known), next) if known.is_failure() || !next.is_failure() => known,
            _ => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DisconnectReason::*;
    use super::*;

    fn reason(steps: &[DisconnectReason]) -> Option<DisconnectReason> {
        steps.iter().fold(None, |known, next| Some(DisconnectReason::then(known, *next)))
    }

    #[test]
    fn the_first_failure_counts_and_otherwise_the_first_step() {
        assert_eq!(reason(&[ClientClosed, ConnectionLost]), Some(ClientClosed));
        assert_eq!(reason(&[ConnectionLost, ClientClosed]), Some(ClientClosed));
        assert_eq!(reason(&[ConnectionLost, ServerClosed]), Some(ConnectionLost));
        assert_eq!(reason(&[ServerClosed, ClientClosed]), Some(ServerClosed));
        assert_eq!(reason(&[ServerClosed, CloseTimeout]), Some(CloseTimeout));
        assert_eq!(reason(&[ServerClosed, Overflow, CloseTimeout]), Some(Overflow));
        assert_eq!(reason(&[ProtocolError, ServerShutdown]), Some(ProtocolError));
    }
}
