//! What the current thread holds on the heap, so that "no more than it was fed" can be asserted.

#![allow(unsafe_code, reason = "an allocator is unsafe to implement")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator with the books kept for each thread.
struct Counting;

fn on_taken(bytes: usize) {
    HELD.set(HELD.get().wrapping_add(bytes));
    LARGEST.set(LARGEST.get().max(bytes));
}

fn on_given_back(bytes: usize) {
    HELD.set(HELD.get().wrapping_sub(bytes));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        on_taken(layout.size());
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        on_given_back(layout.size());
        // SAFETY: as above; `pointer` came from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        on_given_back(layout.size());
        on_taken(size);
        // SAFETY: as above; `pointer` came from the system's allocator.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Bytes that this thread took and has not given back. It wraps where a thread frees what another
/// took, so only differences mean something.
pub fn held() -> usize {
    HELD.get()
}

/// The largest single allocation of this thread since this was last asked.
pub fn take_largest() -> usize {
    LARGEST.replace(0)
}
