//! GetFlowLogsIntegrationTemplate: what makes a flow log in a bucket readable by Athena, as a template of CloudFormation that is left in a bucket. The
//! [`super::template`] is our own. Where AWS documents no text for a refusal, the text is ours.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-athena.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::template::{self, Integration};
use super::{FLOW_LOGS, held};
use crate::kind;
use crate::refused::{invalid, invalid_value, missing};
use crate::s3_file::{self, S3File};

const DESTINATION: &str = "ConfigDeliveryS3DestinationArn";
const SERVICES: &str = "IntegrateServices";
const RESULTS: &str = "IntegrationResultS3DestinationArn";
const FIRST: &str = "PartitionStartDate";
const LAST: &str = "PartitionEndDate";

/// What stands in a URL's path as it is.
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The operation. AWS's reference calls it reading, but it leaves a file.
pub fn operation() -> Operation {
    let row = Operation::write(Service::Ec2, "GetFlowLogsIntegrationTemplate", integrate);
    FLOW_LOGS.on_one(row, &[DESTINATION, SERVICES])
}

/// Flow logs of transit gateways are refused by AWS, and are not made here.
fn integrate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let arn = input.text(DESTINATION).unwrap_or_default();
    let (bucket, path) = s3_file::place(arn).ok_or_else(|| invalid_value(arn, DESTINATION))?;
    let asked = input.list(&format!("{SERVICES}.AthenaIntegrations"));
    if asked.is_empty() {
        return Err(missing("IntegrateService.AthenaIntegration"));
    }
    let asked = asked.into_iter().map(|one| integration(cx, &Document::from(one)));
    let integrations = asked.collect::<Result<Vec<_>, _>>()?;
    let id = input.text(FLOW_LOGS.id).unwrap_or_default();
    let flow_log = held(tx, cx, id).ok_or_else(|| kind::FLOW_LOG.not_found(&[id]))?;
    let logs = flow_log.document.text("LogDestination").and_then(s3_file::place).ok_or_else(|| {
        invalid(format!("Value ({id}) for parameter FlowLogId is invalid. The flow log does not publish to Amazon S3."))
    })?;
    let body = template::of(cx, &flow_log, logs, &integrations);
    let name = format!("VPCFlowLogsIntegrationTemplate_{id}_{}.yml", cx.now.strftime("%a %b %d %H:%M:%S UTC %Y"));
    let key = if path.is_empty() { name } else { format!("{path}/{name}") };
    let host = format!("{bucket}.s3.{}.{}", cx.region_name(), cx.region.dns_suffix);
    let url = format!("https://{host}/{}", utf8_percent_encode(&key, IN_URL));
    // JSON is YAML, too.
    tx.put(S3File::json(cx, bucket, key, &body));
    Ok(Document::from(json!({"Result": url})))
}

/// What is asked for one table.
fn integration(cx: &Cx, asked: &Document) -> Result<Integration, ApiError> {
    let arn = asked.text(RESULTS).unwrap_or_default();
    let (bucket, path) = s3_file::place(arn).ok_or_else(|| invalid_value(arn, RESULTS))?;
    let frequency = asked.text("PartitionLoadFrequency").unwrap_or_default();
    let date = |member: &str| asked.text(member).and_then(|text| text.parse::<Timestamp>().ok());
    let (first, last) = (date(FIRST), date(LAST));
    let wrong = |time: Timestamp, why: &str| invalid(format!("{} {why}", invalid_value(time, LAST).message));
    if frequency == "none" {
        first.ok_or_else(|| missing(FIRST))?;
        let last = last.ok_or_else(|| missing(LAST))?;
        if last > cx.now {
            return Err(wrong(last, "It is not in the past."));
        }
    }
    if let Some((_, last)) = first.zip(last).filter(|(first, last)| last <= first) {
        return Err(wrong(last, "It is not after the start."));
    }
    Ok(Integration { bucket: bucket.to_owned(), path: path.to_owned(), frequency: frequency.to_owned(), first, last })
}
