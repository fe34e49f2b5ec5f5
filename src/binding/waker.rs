//! The wake-up of JavaScript.

use napi::bindgen_prelude::{Env, Function, Result, Status, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use std::sync::{Arc, PoisonError, RwLock};

type Pump = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// The function that wakes JavaScript. Clones share it, so that it can be released for all of them.
#[derive(Clone)]
pub struct Waker(Arc<RwLock<Option<Pump>>>);

impl Waker {
    pub fn new(pump: Function<'_, (), Unknown<'static>>) -> Result<Self> {
        let pump =
            pump.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Arc::new(RwLock::new(Some(pump)))))
    }

    pub fn wake(&self) {
        if let Some(pump) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            // It fails while the environment goes down, and has no more use for events.
            pump.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Whether a coming event keeps the process alive.
    #[expect(deprecated, reason = "napi offers no other way to reference a weak function again")]
    pub fn hold(&self, env: &Env, is_held: bool) -> Result<()> {
        match &mut *self.0.write().unwrap_or_else(PoisonError::into_inner) {
            Some(pump) if is_held => pump.refer(env),
            Some(pump) => pump.unref(env),
            None => Ok(()),
        }
    }

    pub fn release(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}
