//! The clients of an endpoint. No client can connect to Rolecall, so that there are none to list or to end.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeClientVpnConnections.html>

use serde_json::json;
use service::Service;
use service::prelude::*;

use super::endpoint::ENDPOINTS;
use super::named;
use crate::family::{answers, describe};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.on_one(Operation::read(Service::Ec2, "DescribeClientVpnConnections", list), answers::DESCRIBING),
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "TerminateClientVpnConnections", terminate),
            &["ConnectionId", "Username"],
        ),
    ]
}

fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let page = describe::choose(&endpoint.id, input, &["connection-id", "username"], std::iter::empty())?;
    Ok(Document::from(json!({"Connections": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateClientVpnConnections.html>
fn terminate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    named(cx, tx, input)?;
    match (input.text("ConnectionId"), input.text("Username")) {
        (Some(id), None) => {
            let message = format!("Connection {id} does not exist");
            Err(ApiError::new("InvalidClientVpnConnection.IdNotFound", message))
        }
        (None, Some(name)) => {
            let message = format!("User {name} has no connections");
            Err(ApiError::new("InvalidClientVpnConnection.UserNotFound", message))
        }
        (None, None) => Err(crate::refused::missing("ConnectionId")),
        (Some(_), Some(_)) => {
            let message = "ConnectionId and Username cannot be specified together.";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}
