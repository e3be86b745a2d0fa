//! When an access key or a role was used last. The server writes it lazily, never on the path of a read.

use super::*;

/// The last use of a key (`AKIA…`) or a role (`AROA…`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LastUsed {
    pub id: String,
    pub at: Timestamp,
    /// `ec2`
    pub service: String,
    pub region: String,
}

impl Record for LastUsed {
    const TABLE: TableDef = TableDef::own("iam_last_used", &["id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.id])
    }
}
