//! Connectors as operators see them: what each can do here, and what of its quota is used.

mod quota;
mod view;

pub(crate) use quota::QuotaMeter;
pub use view::{ActionView, ConnectorView, QuotaView};
