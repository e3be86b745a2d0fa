//! Which partition an account belongs to. An account exists as soon as it is named, so its first write decides: from then on its keys are
//! good in the regions of that partition alone. Without this, whoever signs for a region of another partition would see the same users and roles
//! under other ARNs, which no policy of theirs names.

use serde::{Deserialize, Serialize};
use service::{AccountId, ApiError, Service, Tx, World};
use storage::{Key, Record, TableDef};

/// An account's partition, once it has written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Home {
    pub account: AccountId,
    pub partition: String,
}

impl Record for Home {
    const TABLE: TableDef = TableDef::own("account_home", &["account"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }
}

/// The partition an account is at home in, if it has written.
pub fn of(world: &World, account: AccountId) -> Option<String> {
    world.get::<Home>(&[account.as_str()]).map(|home| home.partition.clone())
}

/// Refuses a caller whose account is at home in another partition, as an unknown key is refused.
pub fn check(world: &World, account: AccountId, partition: &str, service: Service) -> Result<(), ApiError> {
    let Some(home) = world.get::<Home>(&[account.as_str()]).filter(|home| home.partition != partition) else {
        return Ok(());
    };
    let cause =
        format!("account {account} belongs to the partition {}, the request is signed for {partition}", home.partition);
    let error = match service {
        Service::Ec2 => ApiError::bad_credentials(),
        Service::Iam | Service::Sts | Service::Ssm => {
            ApiError::new("InvalidClientTokenId", "The security token included in the request is invalid.")
        }
    };
    Err(error.because(cause))
}

/// Notes the partition at the account's first write.
pub fn note(tx: &mut Tx, account: AccountId, partition: &str) {
    if tx.get::<Home>(&[account.as_str()]).is_none() {
        tx.put(Home { account, partition: partition.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_write_decides() {
        let schema = storage::Schema::new().with::<Home>();
        let mut tx = Tx::on(World::empty(schema, jiff::Timestamp::UNIX_EPOCH));
        let account = AccountId::ZERO;
        assert!(check(&tx, account, "aws-cn", Service::Iam).is_ok());
        note(&mut tx, account, "aws");
        note(&mut tx, account, "aws-cn");
        assert!(check(&tx, account, "aws", Service::Iam).is_ok());
        assert_eq!(check(&tx, account, "aws-cn", Service::Iam).unwrap_err().code, "InvalidClientTokenId");
        assert_eq!(check(&tx, account, "aws-us-gov", Service::Ec2).unwrap_err().code, "AuthFailure");
    }
}
